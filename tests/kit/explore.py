"""Walk the explorer's casts by hand, as deep as time allows: ``make explore DEPTH=9 EXPLORE_FLAGS='--cast transfer'``.

Prints how it is getting on, a table at the end, and a transcript if the law is broken (exit status 1).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import TextIO

import msgspec
from tests.kit.explorer import Counterexample, Walk
from tests.kit.explorer_casts import CASTS
from tests.kit.explorer_inputs import Cast

PROGRESS_S = 2.0


class Printer:
    """Says every few seconds how far a walk has come."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._began = self._said = time.monotonic()

    def __call__(self, walk: Walk) -> None:
        now = time.monotonic()
        if now - self._said >= PROGRESS_S:
            self._said = now
            rate = walk.states / (now - self._began)
            print(
                f"  depth {len(walk.levels)}: {walk.states} states, {walk.transitions} transitions, "
                f"{walk.frontier} at the rim, {rate:.0f} states/s",
                file=self._out,
                flush=True,
            )

    def summary(self, walk: Walk) -> None:
        seconds = time.monotonic() - self._began
        print("  depth    states  transitions", file=self._out)
        for level in walk.levels:
            print(f"  {level.depth:5} {level.states:9} {level.transitions:12}", file=self._out)
        rate = walk.states / max(seconds, 0.001)
        print(
            f"  in all {walk.states:7} {walk.transitions:12}   {walk.rests} ends, {len(walk.cells)} cells of the "
            f"table, {seconds:.1f} s, {rate:.0f} states/s",
            file=self._out,
            flush=True,
        )


def explore(cast: Cast, depth: int, out: TextIO) -> bool:
    """Walk one cast. Whether the law holds."""
    print(f"{cast.name}, to depth {depth}, {cast.faults} faults", file=out, flush=True)
    printer = Printer(out)
    walk = Walk(cast, printer)
    try:
        walk.go(depth)
    except Counterexample as found:
        print(f"\nTHE LAW IS BROKEN. This story shows it:\n\n{found}\n", file=out)
        return False
    finally:
        printer.summary(walk)
    return True


def main(arguments: Sequence[str] | None = None, out: TextIO = sys.stdout) -> int:
    options = _parser().parse_args(arguments)
    if options.list:
        for cast in CASTS.values():
            print(f"{cast.name:40} depth {cast.depth}, {cast.faults} faults, {len(cast.numbers)} people", file=out)
        return 0
    exact = CASTS.get(options.cast)
    chosen = [exact] if exact is not None else [cast for cast in CASTS.values() if options.cast in cast.name]
    if not chosen:
        print(f"no cast has {options.cast!r} in its name; --list names them", file=out)
        return 2
    broken = [cast for cast in chosen if not explore(_changed(cast, options), options.depth or cast.depth, out)]
    return 1 if broken else 0


def _changed(cast: Cast, options: argparse.Namespace) -> Cast:
    faults = cast.faults if options.faults is None else options.faults
    return msgspec.structs.replace(cast, faults=faults, story=tuple(options.story or cast.story))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make explore",
        description="Walk every interleaving of a few people, breadth first, and check the law after each input.",
    )
    parser.add_argument("--depth", type=int, help="so many inputs after the story (default: what the tests walk)")
    parser.add_argument("--cast", default="", help="only this cast, or those with this in their name")
    parser.add_argument("--faults", type=int, help="so many orders may fail on the way")
    parser.add_argument(
        "--story", action="append", metavar="LINE", help="begin with this instead; once for each line of a transcript"
    )
    parser.add_argument("--list", action="store_true", help="name the casts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
