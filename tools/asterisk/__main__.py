"""The command line: `python -m tools.asterisk bring` and `run`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from tools.asterisk.bringing import CannotBringError
from tools.asterisk.ports import Ports
from tools.asterisk.running import Asterisk, CannotStartError

from tools.asterisk import bringing, configuring


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.do(options))
    except (CannotBringError, CannotStartError, OSError) as error:
        print(f"asterisk: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.asterisk", description="An Asterisk in a folder.")
    commands = parser.add_subparsers(required=True)
    bring = commands.add_parser("bring", help="find an Asterisk, or bring Debian's; prints its version")
    bring.add_argument("--pin", action="store_true", help="bring it anew and record the checksums of what came")
    bring.set_defaults(do=_bring)
    run = commands.add_parser("run", help="start one, and end it on Ctrl-C or with the command that follows `--`")
    run.add_argument("--config", type=Path, default=configuring.EXAMPLE, help="the configuration; default: %(default)s")
    run.add_argument("--base", type=Path, help="its folder; default: a temporary one")
    run.add_argument("--address", default="127.0.0.1", help="where phones reach it; default: %(default)s")
    usual = Ports()
    run.add_argument("--sip", type=int, default=usual.sip, help="port for phones; default: %(default)s")
    run.add_argument("--http", type=int, default=usual.http, help="port for ARI; default: %(default)s")
    run.add_argument("--ami", type=int, default=usual.ami, help="port for AMI; default: %(default)s")
    run.add_argument("--trunk", type=int, default=usual.trunk, help="port of the trunk's peer; default: %(default)s")
    run.add_argument("--rtp", type=_range, default=(usual.rtp_first, usual.rtp_last), help="ports for voices: FROM-TO")
    run.add_argument("command", nargs="*", help="what to run beside it, after `--`")
    run.set_defaults(do=_run)
    return parser


def _range(text: str) -> tuple[int, int]:
    first, last = text.split("-")
    return int(first), int(last)


def _bring(options: argparse.Namespace) -> int:
    program = bringing.bring(pin=options.pin)
    print(f"{program.version}: {' '.join(program.command)}")
    return 0


def _run(options: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    ports = Ports(options.sip, options.http, options.ami, options.trunk, *options.rtp)
    base = options.base.absolute() if options.base else None
    asterisk = Asterisk.start(base, ports=ports, example=options.config, address=options.address)
    try:
        print(f"{asterisk.version} listens for phones on {options.address}:{ports.sip}, ARI is {asterisk.ari_url}")
        print(f"its log is {asterisk.log}", flush=True)
        return _beside(asterisk, options.command)
    except KeyboardInterrupt:
        return 0
    finally:
        asterisk.stop()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _beside(asterisk: Asterisk, command: list[str]) -> int:
    """Until the command ends, or Asterisk does."""
    process = subprocess.Popen(command, env=os.environ) if command else None
    try:
        while asterisk.alive and (process is None or process.poll() is None):
            time.sleep(0.1)
        if not asterisk.alive:
            print(f"asterisk: it ended; its last words:\n{asterisk.log_text()[-2000:]}", file=sys.stderr)
        return process.returncode if process and process.returncode is not None else 1
    finally:
        if process and process.poll() is None:
            process.terminate()
            process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
