"""What the doctor found, as lines for people and as JSON for programs. Dry."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec


class Verdict(Enum):
    """UNSEEN: it could not be found out from here, or not now."""

    OK = "ok"
    UNSEEN = "unseen"
    WARNING = "warning"
    PROBLEM = "problem"


class Finding(msgspec.Struct, frozen=True):
    """One line: what was looked at, what was found, and what to change where, unless all is well."""

    check: str
    verdict: Verdict
    found: str
    change: str = ""


class Report(msgspec.Struct, frozen=True):
    """A whole visit. ``tried`` is what was done at Asterisk beyond asking."""

    findings: tuple[Finding, ...]
    tried: tuple[str, ...] = ()

    @property
    def has_problems(self) -> bool:
        return any(finding.verdict is Verdict.PROBLEM for finding in self.findings)


_CHECK_WIDTH = 12
_VERDICT_WIDTH = 7


def ok(check: str, found: str) -> Finding:
    return Finding(check, Verdict.OK, found)


def unseen(check: str, why: str, change: str = "") -> Finding:
    return Finding(check, Verdict.UNSEEN, why, change)


def warning(check: str, found: str, change: str) -> Finding:
    return Finding(check, Verdict.WARNING, found, change)


def problem(check: str, found: str, change: str) -> Finding:
    return Finding(check, Verdict.PROBLEM, found, change)


def as_line(finding: Finding) -> str:
    """One line, whatever Asterisk put into it."""
    change = f"; change: {finding.change}" if finding.change else ""
    text = " ".join(f"{finding.found}{change}".split())
    return f"{finding.verdict.value:<{_VERDICT_WIDTH}}  {finding.check:<{_CHECK_WIDTH}}  {text}"


def as_summary(report: Report) -> str:
    """What was tried, and how many findings there are of each kind."""
    tried = f"tried: {'; '.join(report.tried)}\n" if report.tried else ""
    counts = {verdict: sum(one.verdict is verdict for one in report.findings) for verdict in Verdict}
    return tried + ", ".join(f"{count} {verdict.value}" for verdict, count in counts.items() if count)


def as_json(report: Report) -> str:
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def listed(names: Sequence[str], at_most: int = 5) -> str:
    """The first of them, and how many more there are."""
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more} more" if more > 0 else "")
