"""The command line of the benchmarks: `python -m bench` runs all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec

from bench import board, operations

_EPILOG = "What is measured and how to read it: docs/benchmarks.md."


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    reports: dict[str, board.Report | operations.Report] = {}
    if asked.which in ("all", "board"):
        reports["board"] = board.run(asked.count)
    if asked.which in ("all", "operations"):
        reports["operations"] = operations.run(asked.seconds, asked.rounds, asked.desks)
    if not asked.json:
        print("\n\n".join(map(str, reports.values())))
    else:
        print(msgspec.json.format(msgspec.json.encode(reports)).decode())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=_EPILOG)
    parser.add_argument("which", nargs="?", default="all", choices=("all", "operations", "board"))
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement in a round (operations)")
    parser.add_argument("--rounds", type=int, default=3, help="how often product and floor alternate (operations)")
    parser.add_argument("--desks", type=int, default=8, help="agents who transfer at the same time (operations)")
    parser.add_argument("--count", type=int, default=2_000, help="how many transfers are played (board)")
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
