"""Durable commits a second through the journal, beside bare SQLite; and how long a start takes after a long life.

Commands in flight are tasks of an event loop: each appends an entry, waits until it is durable and goes on. The floor
is what anybody could do with SQLite from Python: one thread that does nothing else writes as many rows as there are
commands in flight into one transaction, the same bytes with the same settings, and begins again. Both take turns on the
same disk.
Deliberately absent: what the journal adds to an operation (``operations``).
"""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import uvloop

from bench import measuring
from bench.measuring import Machine
from bench.recording import play, record
from cordboard import __version__
from cordboard.calls.ports import Line, Row
from cordboard.calls.records import Rules
from cordboard.journal.format import Entry, commit_crc, encode, row_crc
from cordboard.journal.opening import open_journal
from cordboard.journal.sqlite import SqliteJournal
from cordboard.people.directory import Directory
from cordboard.server import config_journal
from cordboard.server.lines import Site, started_line

IN_FLIGHT = (1, 32, 256)
AIM_RATIO = 0.8
AIM_START_S = 3.0
_SITE = "bench"
_PLACE = Site(Rules(), Directory((), (), ()).written(), {})
"""What a start writes down besides rows; a few users more make no difference."""
_NOW = 1e9
_UNFOLDED = 5_000
"""Commits since rows were folded last: five seconds of a thousand a second."""


class Commits(msgspec.Struct, frozen=True):
    """Durable commits a second with so many commands in flight, medians; ``ratio`` is that of neighbours."""

    in_flight: int
    per_s: float
    floor_per_s: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"{self.in_flight:>4} in flight: {self.per_s:>9,.0f} commits/s, floor {self.floor_per_s:>9,.0f}: ratio"
            f" {self.ratio:.2f} (aim: at least {AIM_RATIO}; {_met(self.ratio >= AIM_RATIO)})"
        )


class Start(msgspec.Struct, frozen=True):
    """A start with calls in progress and commits behind them, in seconds: until the journal is open, until the board
    goes on where the last one was, until the first line, which says so, is durable."""

    calls: int
    commits: int
    rows: int
    mib: float
    opened_s: float
    restored_s: float
    written_s: float

    @property
    def seconds(self) -> float:
        return self.opened_s + self.restored_s + self.written_s

    def __str__(self) -> str:
        return (
            f"start with {self.calls:,} calls in progress and {self.commits:,} commits behind them"
            f" ({self.mib:,.0f} MiB): {self.seconds:.2f} s (aim: below {AIM_START_S:g};"
            f" {_met(self.seconds < AIM_START_S)})\n"
            f"  opened and checked: {self.opened_s:.2f} s, board filled from {self.rows:,} rows:"
            f" {self.restored_s:.2f} s, first line durable: {self.written_s:.2f} s"
        )


class Report(msgspec.Struct, frozen=True):
    """What ``journal`` found."""

    machine: Machine
    entry_bytes: int
    commits: tuple[Commits, ...]
    start: Start

    def __str__(self) -> str:
        head = ("journal: durable commits, beside bare SQLite on the same disk", str(self.machine), "")
        return "\n".join((*head, f"entries of {self.entry_bytes} bytes", *map(str, self.commits), str(self.start)))


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


def run(seconds: float, rounds: int, commits: int, calls: int = 10_000) -> Report:
    """Measure in a temporary folder of the working directory's disk: /tmp is in memory on some machines."""
    with tempfile.TemporaryDirectory(prefix="bench-journal-", dir=Path.cwd()) as folder:
        found = [_commits(Path(folder), count, seconds, rounds) for count in IN_FLIGHT]
        start = start_up(Path(folder) / "start.db", calls, commits)
    return Report(measuring.machine(), len(encode([entry(1)])), tuple(found), start)


def entry(number: int) -> Entry:
    """What an input leads to, about: itself, a notification, three rows."""
    lines = (Line("ask", 1e9, os.urandom(150) * 2), Line("told", 1e9, os.urandom(150) * 6))
    rows = [Row(table, b"%d" % (number % 1_000), os.urandom(125) * 2) for table in ("calls", "conversations", "legs")]
    return lines, tuple(rows)


class _Pair(NamedTuple):
    ours: float
    floor: float


def _commits(folder: Path, in_flight: int, seconds: float, rounds: int) -> Commits:
    entries = [entry(number) for number in range(in_flight)]
    pairs: list[_Pair] = []
    for number in range(rounds):
        files = [folder / f"{name}-{in_flight}-{number}.db" for name in ("ours", "floor")]
        pairs.append(_Pair(ours(files[0], entries, seconds), floor(files[1], entries, seconds)))
        for file in folder.iterdir():
            file.unlink()
    return Commits(
        in_flight=in_flight,
        per_s=statistics.median(pair.ours for pair in pairs),
        floor_per_s=statistics.median(pair.floor for pair in pairs),
        ratio=statistics.median(pair.ours / pair.floor for pair in pairs),
    )


def ours(file: Path, entries: list[Entry], seconds: float) -> float:
    """Commits a second through the journal, a task for each of these entries."""
    return uvloop.run(_ours(file, entries, seconds))


async def _ours(file: Path, entries: list[Entry], seconds: float) -> float:
    loop = asyncio.get_running_loop()
    journal = open_journal(file, _SITE, config_journal.Journal().terms())
    journal.start(loop.call_soon, loop.call_soon_threadsafe)
    done = 0

    async def one(lines: tuple[Line, ...], rows: tuple[Row, ...]) -> None:
        nonlocal done
        while time.perf_counter() < end:
            durable = loop.create_future()
            journal.when_durable(journal.append(lines, rows), partial(durable.set_result, None))
            await durable
            done += 1

    began = time.perf_counter()
    end = began + seconds
    await asyncio.gather(*(one(*each) for each in entries))
    spent = time.perf_counter() - began
    journal.close()
    return done / spent


def floor(file: Path, entries: list[Entry], seconds: float) -> float:
    """Commits a second of bare SQLite: a row for each of these entries, and one transaction for all of them."""
    bodies = [encode([each]) for each in entries]
    connection = sqlite3.connect(file, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE log (number INTEGER PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL)")
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO log (at, body) VALUES (?, ?)", [(1e9, body) for body in bodies])
        connection.execute("COMMIT")
        done += len(bodies)
    connection.close()
    return done / spent


# -- starting ----------------------------------------------------------------------------------------------------------


def start_up(file: Path, calls: int, commits: int) -> Start:
    """How long it takes until a board goes on where a process that was killed has left it."""
    recording = record(calls, 0)
    before = recording.board()
    play(before, recording.setup)
    rows = before.all_rows()
    make_old(file, rows, commits)
    gc.collect()
    began = time.perf_counter()
    journal = open_journal(file, _SITE, config_journal.Journal().terms())
    opened = time.perf_counter()
    board = recording.board()
    board.restore(journal.rows, _NOW)
    restored = time.perf_counter()
    _write_first(journal, started_line(__version__, board.all_rows(), _PLACE, _NOW))
    ended = time.perf_counter()
    journal.close()
    if len(board.ledger.calls) != len(before.ledger.calls):
        raise RuntimeError(f"{len(board.ledger.calls)} calls are there after the start")
    mib = file.stat().st_size / 1_048_576
    return Start(calls, commits, len(rows), mib, opened - began, restored - opened, ended - restored)


def _write_first(journal: SqliteJournal, line: Line) -> None:
    """A server's first line has all that there was in it; nothing leaves before that is durable."""

    async def write() -> None:
        loop = asyncio.get_running_loop()
        durable = loop.create_future()
        journal.start(loop.call_soon, loop.call_soon_threadsafe)
        journal.when_durable(journal.append([line]), partial(durable.set_result, None))
        await durable

    uvloop.run(write())


def make_old(file: Path, rows: Sequence[Row], commits: int) -> None:
    """A journal with these rows and so many commits, the last of which are not folded."""
    open_journal(file, _SITE).close()
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    state = ((row.table, row.key, row.value) for row in rows if row.value is not None)
    connection.executemany("INSERT INTO state VALUES (?, ?, ?, ?)", ((*row, row_crc(*row)) for row in state))
    connection.executemany(
        "INSERT INTO log (last, first, at, body, crc) VALUES (?, ?, ?, ?, ?)", _old_commits(rows, commits)
    )
    connection.execute("UPDATE meta SET value = ? WHERE name = 'folded'", (max(0, commits - _UNFOLDED),))
    connection.execute("COMMIT")
    connection.close()


def _old_commits(rows: Sequence[Row], commits: int) -> Iterator[tuple[int, int, float, bytes, int]]:
    """The last ones say again what is so, as others could not be read by a board."""
    line = Line("ask", _NOW, os.urandom(100))
    old = encode([((line,), ())])
    for number in range(1, commits + 1):
        is_folded = number <= commits - _UNFOLDED
        body = old if is_folded else encode([((line,), (rows[number % len(rows)],))])
        yield number, number, _NOW, body, commit_crc(number, body)
