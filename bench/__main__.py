"""The command line of the benchmarks: `python -m bench` runs all of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec

from bench import asterisk, audience, board, fanout, journal, operations, peers, uapi

_ALL = ("board", "operations", "fanout", "asterisk", "uapi", "journal")
_EPILOG = "What is measured and how to read it: docs/benchmarks.md."


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    chosen = {asked.which} if asked.which != "all" else set(_ALL) - set(asked.without)
    reports: dict[str, msgspec.Struct] = {}
    if "board" in chosen:
        reports["board"] = board.run(asked.count)
    if "operations" in chosen:
        reports["operations"] = operations.run(asked.seconds or 3.0, asked.rounds, asked.desks)
    if "fanout" in chosen:
        reports["fanout"] = fanout.run(_asked_of_fanout(asked))
    if "asterisk" in chosen:
        reports["asterisk"] = asterisk.run(asterisk.Asked(asked.transfers, asked.hold, asked.calls))
    if "uapi" in chosen:
        reports["uapi"] = uapi.run(asked.count)
    if "journal" in chosen:
        reports["journal"] = journal.run(asked.seconds or 1.0, asked.rounds, asked.commits)
    if not asked.json:
        print("\n\n".join(map(str, reports.values())))
    else:
        print(msgspec.json.format(msgspec.json.encode(reports)).decode())
    return 0


def _asked_of_fanout(asked: argparse.Namespace) -> fanout.Asked:
    return fanout.Asked(
        clients=asked.clients,
        seconds=asked.seconds or 2.0,
        rounds=asked.rounds,
        rate=asked.rate,
        transports=tuple(asked.transport or audience.TRANSPORTS),
        others=tuple(peer for peer in asked.peer or peers.NAMES if peer != "none"),
        crowd=asked.crowd,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, epilog=_EPILOG)
    parser.add_argument("which", nargs="?", default="all", choices=("all", *_ALL))
    parser.add_argument("--without", action="append", default=[], choices=_ALL, help="leave one out of all")
    parser.add_argument(
        "--seconds", type=float, help="length of each measurement (operations: 3, fanout: 2, journal: 1)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often they take turns (operations, fanout, journal)")
    parser.add_argument("--desks", type=int, default=8, help="agents who transfer at the same time (operations)")
    parser.add_argument("--count", type=int, default=2_000, help="how many transfers are played (board, uapi)")
    parser.add_argument("--commits", type=int, default=1_000_000, help="commits behind a start (journal)")
    parser.add_argument("--clients", type=int, default=1_000, help="clients of each server (fanout)")
    parser.add_argument("--rate", type=float, default=1_000, help="messages a second beside full speed (fanout)")
    parser.add_argument("--transport", action="append", choices=audience.TRANSPORTS, help="only this one (fanout)")
    parser.add_argument("--peer", action="append", choices=(*peers.NAMES, "none"), help="only this one (fanout)")
    parser.add_argument("--crowd", type=int, default=10_000, help="clients of ours alone; 0 for none (fanout)")
    parser.add_argument("--transfers", type=int, default=300, help="transfers of either kind (asterisk)")
    parser.add_argument("--hold", type=float, default=60.0, help="how long a rate is to be held; 0 for none (asterisk)")
    parser.add_argument(
        "--calls", type=float, default=0.0, help="the rate, in calls a second; 0 looks for it (asterisk)"
    )
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
    return parser


if __name__ == "__main__":
    sys.exit(main())
