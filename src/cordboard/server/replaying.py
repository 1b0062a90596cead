"""``cordboard replay``: has the inputs of a journal done again on a board, and prints what comes of them.

Where something else comes of an input than came of it then, that is said: other orders, or other rows than those that
are in its entry. What there was at the start of a run is its first line.

Deliberately absent: the text (``transcript``), the file (``cordboard.journal``).
"""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cordboard.agents import rows as device_rows
from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.roster import Roster
from cordboard.calls.board import Board, Outcome
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import Refusal
from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Line, Row, packed
from cordboard.calls.rows import BOARDS_TABLES
from cordboard.journal.failures import JournalError, NewerError
from cordboard.journal.format import Entry
from cordboard.journal.reading import Reading
from cordboard.people.directory import Directory
from cordboard.server import lines
from cordboard.server.transcript import DIVIDER, Names, heading, input_text, outcome_lines

EXIT_DIFFERS = 1

_started = msgspec.msgpack.Decoder(lines.Started).decode
_asked = msgspec.msgpack.Decoder(lines.Asked).decode
_heard = msgspec.msgpack.Decoder(lines.Heard).decode
_ticked = msgspec.msgpack.Decoder(lines.Ticked).decode
_agent = msgspec.msgpack.Decoder(AnyAgentCommand).decode

_CODES = """\
Exit codes: 0: the same came of every input; 1: something else did, which is marked with !!; 2: mistakes in the command
line; 3: written by another version; 5: damaged; 6: it can't be read. The journal is never changed.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's place on the command line."""
    what = "have everything in a journal done again, and print it as a transcript"
    replay = commands.add_parser(
        "replay",
        help=what,
        description=f"{what[0].upper()}{what[1:]}: each input, and below a divider what was told and ordered.",
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replay.add_argument("file", type=Path, metavar="JOURNAL", help="the journal, such as cordboard.db")


def run(asked: argparse.Namespace) -> int:
    """Do what is asked; the exit code."""
    replay = Replay()
    try:
        with Reading(asked.file) as reading:
            for text in replay.play(reading.entries()):
                sys.stdout.write(f"{text}\n")
    except msgspec.DecodeError as error:
        sys.stdout.flush()
        why = f"line {replay.number} is of a version of cordboard that wrote other things: {error}"
        sys.stderr.write(f"cordboard: {asked.file}: {why}\n")
        return NewerError.exit_code
    except JournalError as error:
        sys.stdout.flush()
        sys.stderr.write(f"cordboard: {error}\n")
        return error.exit_code
    sys.stdout.flush()
    return EXIT_DIFFERS if replay.differences else 0


class Replay:
    """One journal being played. ``differences`` counts inputs of which something else came; ``number`` is that of the
    line that was looked at last."""

    def __init__(self) -> None:
        self.differences = 0
        self.number = 0
        self._board: Board | None = None
        self._roster: Roster | None = None
        self._names = Names()
        self._rows: deque[Row] | None = None
        """The board's rows in the entry, but for those of inputs that were done; None if nobody can tell any more."""
        self._kinds: dict[str, Callable[[bytes, float], Iterator[str]]] = {
            lines.ASK: self._ask,
            lines.HEAR: self._hear,
            lines.TICK: self._tick,
            lines.AGENT: self._command_agent,
        }

    def play(self, entries: Iterable[tuple[int, Entry]]) -> Iterator[str]:
        """The transcript, line by line, of entries and the numbers that they begin with."""
        skipped = 0
        for first, entry in entries:
            self._rows = deque(row for row in entry[1] if row.table in BOARDS_TABLES)
            for self.number, line in enumerate(entry[0], first):
                if line.kind == lines.START:
                    yield from (_skipped(skipped),) if skipped else ()
                    yield from (heading(self.number, line.at, line.kind), *self._start(line), "")
                    skipped = 0
                elif line.kind in self._kinds and self._board is None:
                    skipped += 1
                elif line.kind in self._kinds:
                    played = self._kinds[line.kind](line.body, line.at)
                    yield from (heading(self.number, line.at, line.kind), *played, "")
            if self._rows and self._board is not None:
                yield from (self._differs("then more had changed"), "")
        if skipped:
            yield _skipped(skipped)

    def _start(self, line: Line) -> Iterator[str]:
        started = _started(line.body)
        directory = Directory.of(started.site.directory)
        self._roster = roster = Roster(directory, started.site.agent_states)
        self._board = board = Board(started.site.rules, directory, "", "", roster, directory)
        read = _reader(started.rows)
        roster.restore(read(device_rows.TABLE))
        board.restore(read, line.at)
        board.take_rows()
        self._rows = None
        self._names.learn(board)
        yield f"start of cordboard {started.version} with {len(board.ledger.calls)} calls"

    def _ask(self, body: bytes, at: float) -> Iterator[str]:
        asked = _asked(body)
        yield input_text(asked.command, self._names)
        yield from self._follow(self._there.ask(asked.command, at), asked.orders)

    def _hear(self, body: bytes, at: float) -> Iterator[str]:
        heard = _heard(body)
        self._names.learn(self._there)
        yield input_text(heard.report, self._names)
        yield from self._follow(self._there.hear(heard.report, at), heard.orders)

    def _tick(self, body: bytes, at: float) -> Iterator[str]:
        ticked = _ticked(body)
        yield "something is due"
        yield from self._follow(self._there.tick(at), ticked.orders)

    def _command_agent(self, body: bytes, at: float) -> Iterator[str]:
        command = _agent(body)
        yield input_text(command, self._names)
        yield DIVIDER
        assert self._roster is not None
        answer = self._roster.ask(command, at)
        if isinstance(answer, Refusal):
            yield self._differs(f"refused: {answer.detail}")
            return
        for event in answer:
            yield f"told {event.device.number} device {event.device.agent.operation}"

    @property
    def _there(self) -> Board:
        assert self._board is not None
        return self._board

    def _follow(self, outcome: Outcome, orders: Sequence[AnyOrder]) -> Iterator[str]:
        board = self._there
        self._names.learn(board)
        yield DIVIDER
        yield from outcome_lines(outcome, self._names)
        for event in outcome.events:
            if isinstance(event, MonitoringChanged) and self._roster is not None:
                self._roster.monitoring_changed(event)
        is_as_then = self._take(board.take_rows())
        if outcome.refusal is not None:
            yield self._differs("then it was accepted")
        elif list(outcome.orders) != list(orders):
            then = "; ".join(input_text(order, self._names) for order in orders)
            yield self._differs(f"then was ordered: {then or 'nothing'}")
        elif not is_as_then:
            yield self._differs("then another state came of it")

    def _take(self, rows: Sequence[Row]) -> bool:
        """Whether these are the next rows of the entry."""
        left = self._rows
        if left is None:
            return True
        then = [left.popleft() for _ in rows if left]
        return then == [Row(row.table, row.key, packed(row.value)) for row in rows]

    def _differs(self, how: str) -> str:
        self.differences += 1
        self._rows = None
        return f"!! {how}"


def _skipped(inputs: int) -> str:
    return f"# {inputs} inputs of a run whose beginning is no longer there"


def _reader(rows: Sequence[Row]) -> Callable[[str], list[tuple[bytes, Any]]]:
    tables: dict[str, list[tuple[bytes, Any]]] = {}
    for row in rows:
        tables.setdefault(row.table, []).append((row.key, row.value))
    return lambda table: tables.get(table, [])
