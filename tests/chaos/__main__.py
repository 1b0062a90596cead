"""``make chaos``: run after run, each with a seed of its own that repeats it."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.acceptance.npm_packages import HERE
from tests.chaos import records
from tests.chaos.checker import judge
from tests.chaos.nemesis import HARMS
from tests.chaos.run import Plan, kinds, report, run

from bench import npm


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.judge is not None:
        wrong = judge(records.load(asked.judge)).wrong
        print("\n".join(wrong) or "nothing is wrong")
        return 1 if wrong else 0
    node = npm.node()
    npm.install(HERE)
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="cordboard-chaos-"))
    bad = 0
    for number in range(asked.runs):
        seed = asked.seed + number if asked.seed is not None else random.randrange(1_000_000)
        plan = Plan(seed, asked.seconds, asked.nemeses, asked.lanes, journal=not asked.without_journal)
        outcome = run(plan, node, folder / f"seed-{seed}")
        print(report(plan, outcome), flush=True)
        bad += bool(outcome.verdict.wrong)
    return 1 if bad else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Lets people transfer and confer while a nemesis kills, pauses and cuts off the server, and proves"
        " from what clients and telephones heard that nothing was lost and nothing done twice.",
        epilog="The seed repeats what people and nemesis choose to do; when exactly it meets the server is up to the"
        " machine, so a failure may need a few runs. Exit code 1: something was wrong.",
    )
    parser.add_argument("--runs", type=int, default=10, metavar="N", help="how many runs; default: 10")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long each takes; default: 60")
    parser.add_argument("--seed", type=int, metavar="N", help="of the first run; the next has the next number")
    parser.add_argument("--lanes", type=int, choices=(1, 2, 3), default=3, help="of three people each; default: 3")
    parser.add_argument(
        "--nemeses",
        type=_kinds,
        default=tuple(HARMS),
        metavar="NAMES",
        help=f"which harms, with commas between them; default: all: {', '.join(HARMS)}",
    )
    parser.add_argument(
        "--without-journal",
        action="store_true",
        help="let servers write nothing down: a run with kill-server must then find what is lost",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where logs and records go; default: a new folder")
    parser.add_argument("--judge", type=Path, metavar="FILE", help="only judge the record of an earlier run")
    return parser


def _kinds(names: str) -> tuple[str, ...]:
    try:
        return kinds(names, list(HARMS))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
