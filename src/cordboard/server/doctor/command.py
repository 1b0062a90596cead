"""``cordboard doctor``: prints each finding as soon as there is one, and ends with 1 if something is to be changed."""

from __future__ import annotations

import asyncio
import sys
import time

from cordboard.server.config import Config
from cordboard.server.doctor import findings
from cordboard.server.doctor.findings import Finding, Report
from cordboard.server.doctor.rounds import Rounds

TIMEOUT_S = 5.0
"""How long Asterisk may take for one answer, unless the command line says otherwise."""
EXIT_PROBLEMS = 1
EXIT_INTERRUPTED = 130
_ERASE_LINE = "\r\x1b[K"


def run(config: Config, *, timeout_s: float = TIMEOUT_S, as_json: bool = False) -> int:
    """Look at the Asterisk of the configuration. The exit code."""
    if config.switch.kind != "asterisk":
        report = Report((findings.ok("switch", f"is {config.switch.kind}: there is no Asterisk to look at"),))
        tell_line(report.findings[0], quiet=as_json)
    else:
        rounds = Rounds(config, time.time, timeout_s, lambda finding: tell_line(finding, quiet=as_json), _begin)
        try:
            report = asyncio.run(rounds.make())
        except KeyboardInterrupt:  # what was tried has been taken away by now
            return EXIT_INTERRUPTED
    _erase()
    _print(findings.as_json(report) if as_json else findings.as_summary(report))
    return EXIT_PROBLEMS if report.has_problems else 0


def tell_line(finding: Finding, *, quiet: bool) -> None:
    """Print it, unless all is printed at the end."""
    _erase()
    if not quiet:
        _print(findings.as_line(finding))


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _begin(check: str) -> None:
    """What takes a while is shown to whoever watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"{_ERASE_LINE}looking at: {check} …")
        sys.stderr.flush()


def _erase() -> None:
    if sys.stderr.isatty():
        sys.stderr.write(_ERASE_LINE)
        sys.stderr.flush()
