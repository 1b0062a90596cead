"""A journal on one machine: a file of SQLite, written by a thread of its own.

What is appended in one turn of the event loop is handed over together at its end, so all who are answered at once and
ask for more share the next commit. Deliberately absent: the file's tables (``format``), opening one (``opening``),
the thread (``writer``), an event loop: ``start`` is given what it needs of one.
"""

from __future__ import annotations

import sqlite3
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from cordboard.calls.ports import Line, Row, packed
from cordboard.journal.checking import Found, check_gap, connect_reading
from cordboard.journal.failures import Cause, Trouble, of_sqlite
from cordboard.journal.figures import Durations, Figures
from cordboard.journal.folding import Fold, Keep, Newest
from cordboard.journal.format import Entry, check_row, decode, length, numbered
from cordboard.journal.lock import Lock, beside
from cordboard.journal.writer import Batch, Ours, Tell, Writer

_COMMITS_READ = 64
"""Rows of ``log`` that are read at once; between two such readings no lock is held on the file."""

_OBJECT_BYTES = 200
"""What a line or row takes in memory besides what stands in it, about."""

TURNS_MAX = 8
"""So many turns of the loop, at most, a commit waits for those who ask at the same time."""

ENTRIES_MAX = 2_000
"""So many entries in one commit, at most: more than that is a pile that grew while nothing could be written."""

Later: TypeAlias = "Callable[..., object]"
"""``call_soon`` or ``call_soon_threadsafe`` of an event loop: a function, and what it is to be called with."""


def _ignore(_: object) -> None:
    """Nobody wants to know."""


class Opened(NamedTuple):
    """A journal that was looked at and is ours: see ``opening``."""

    path: Path
    connection: sqlite3.Connection | None
    lock: Lock
    found: Found
    connect: Callable[[Path], sqlite3.Connection]
    why: Trouble | None = None
    """Why there is no connection."""


class Terms(NamedTuple):
    """How often rows are folded, at the latest; how long lines stay; when what failed is tried again; how much may
    wait to be written; how long the write-ahead log is from the start."""

    fold_interval_s: float = 5.0
    fold_rows_max: int = 20_000
    keep: Keep = Keep(days=7.0, bytes_max=4 << 30)
    try_again_s: float = 0.5
    waiting_bytes_max: int = 64 << 20
    wal_bytes: int = 0


class SqliteJournal:
    """Implements ``calls.ports.Journal``. What is appended before ``start`` waits for it."""

    def __init__(self, opened: Opened, terms: Terms) -> None:
        self._path, self._connection, self._lock, found, self._connect, self._why = opened
        self._terms = terms
        self._first = found.first
        self._last = self._handed = self._written = self._durable = self._began = found.last
        self._at = 0.0
        self._folded_at: float | None = None
        self._folded = self._folded_through = found.folded
        self._newest: Newest = found.newest
        self._folding: deque[Newest] = deque()
        self._entries: list[Entry] = []
        self._weighed = 0
        """So many of them are in ``_waiting_bytes``."""
        self._is_scheduled = self._is_crowded = False
        self._seen = self._turns = 0
        self._waiting: deque[tuple[int, Callable[[], None]]] = deque()
        self._unwritten: deque[tuple[int, int]] = deque()
        """What waits, in pieces: their last number, and how many bytes, about."""
        self._waiting_bytes = 0
        self._commits = Durations()
        self._is_overfull = False
        self._trouble = self._writers_trouble = self._why or ""
        self._on_trouble: Callable[[str], None] = _ignore
        self._on_overfull: Callable[[bool], None] = _ignore
        self._soon: Later | None = None
        self._reader: sqlite3.Connection | None = None
        self._is_readers_file_in_use = False
        self._is_closed = False

    def start(
        self,
        soon: Later,
        wake: Later,
        on_trouble: Callable[[str], None] = _ignore,
        on_overfull: Callable[[bool], None] = _ignore,
    ) -> None:
        """Begin to write. ``soon`` calls in this turn of the loop or the next one, ``wake`` does so from other threads;
        ``on_trouble`` is told what ``trouble`` says, whenever that changes, ``on_overfull`` whether so much waits that
        nothing more should come; it ends when all is written."""

        def tell(function: Callable[..., None]) -> Callable[..., None]:
            return lambda *arguments: self._tell(wake, function, *arguments)

        told = Tell(tell(self._is_written), tell(self._is_folded), tell(self._has_trouble))
        self._on_trouble, self._on_overfull = on_trouble, on_overfull
        ours = Ours(self._path, self._connection, self._lock, self._written, self._connect, self._why)
        self._writer = Writer(ours, self._terms.keep, self._terms.try_again_s, told, self._commits)
        self._writer.start()
        self._soon = soon
        if self._why is not None:
            on_trouble(self._why)
        if self._entries:
            self._schedule()

    def append(self, lines: Sequence[Line], rows: Sequence[Row] = ()) -> int:
        if not self._is_scheduled:
            self._schedule()
        entry = (tuple(lines), tuple(rows))
        self._entries.append(entry)
        self._last += len(entry[0]) or 1
        if lines:
            self._at = lines[-1].at
        for row in rows:
            self._newest[row.table, row.key] = row.value
        return self._last

    def when_durable(self, number: int, then: Callable[[], None]) -> None:
        assert number <= self._last, "nobody waits for what was not appended"
        waiting = self._waiting
        if number <= self._durable:
            then()
        elif not waiting or waiting[-1][0] <= number:
            waiting.append((number, then))
        else:
            insort(waiting, (number, then), key=itemgetter(0))

    @property
    def first(self) -> int:
        return self._first

    @property
    def last(self) -> int:
        return self._last

    @property
    def durable(self) -> int:
        return self._durable

    def trouble(self) -> str:
        return self._trouble

    def figures(self) -> Figures:
        """How it is doing, in numbers."""
        files = (self._path, beside(self._path, "wal"))
        file_bytes = sum(file.stat().st_size for file in files if file.exists())
        return Figures(
            self._last - self._began,
            self._durable - self._began,
            self._last - self._folded_through,
            self._waiting_bytes,
            file_bytes,
            self._commits,
        )

    def lines(self, after: int = 0) -> Iterator[tuple[int, Line]]:
        """Raises DamagedError on reaching a commit that is not what was written."""
        durable = self._durable
        while after < durable:
            commits = self._read(
                "SELECT last, first, body, crc FROM log WHERE last > ? ORDER BY last LIMIT ?", after, _COMMITS_READ
            )
            if not commits:
                return
            for last, first, body, crc in commits:
                entries = decode(self._path, last, first, body, crc)
                check_gap(self._path, self._reading(), after, first)
                for number, line in numbered(first, entries):
                    if after < number <= durable:
                        yield number, line
                after = last

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        # What is not folded yet is newer, and what is appended while we read is not there: nothing else runs then.
        found: dict[bytes, Any] = {}
        for row in self._read("SELECT name, key, value, crc FROM state WHERE name = ?", table):
            check_row(self._path, *row)
            found[row[1]] = row[2]
        for rows in (*self._folding, self._newest):
            found.update({key: value for (name, key), value in rows.items() if name == table})
        values = ((key, packed(value)) for key, value in found.items())
        return iter(sorted((key, value) for key, value in values if value is not None))

    def close(self) -> None:
        """Also folds, so that the next start has little to do."""
        if self._is_closed:
            return
        self._is_closed = True
        written = self._written
        if self._soon is not None:
            self._hand_over(is_last=True)
            written = self._writer.stop()
        if self._reader is not None:
            self._reader.close()
        if self._soon is not None:
            self._writer.close()
        elif self._connection is not None:
            self._connection.close()
        self._lock.release()
        self._is_written(written)

    # -- the writer ------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if self._soon is not None:
            self._is_scheduled = True
            self._soon(self._turn)

    def _turn(self) -> None:
        """While the disk is busy the next commit collects. Where many ask at the same time it goes on to collect as
        long as each turn of the loop brings more: a commit costs far more than a turn."""
        self._is_scheduled = False
        self._weigh()
        if not self._entries or self._handed > self._written:
            return
        if self._is_crowded and self._last != self._seen and self._turns < TURNS_MAX:
            self._seen, self._turns = self._last, self._turns + 1
            self._schedule()
            return
        self._turns, self._is_crowded = 0, len(self._entries) > 1
        self._hand_over()

    def _hand_over(self, *, is_last: bool = False) -> None:
        """A pile that grew while nothing could be written goes in pieces, unless it is the last that goes."""
        self._weigh()
        fold = self._fold(is_last=is_last)
        entries, self._entries = self._entries, []
        first, self._handed = self._handed + 1, self._last
        if len(entries) > ENTRIES_MAX and not is_last:
            entries, self._entries = entries[:ENTRIES_MAX], entries[ENTRIES_MAX:]
            self._handed = first + sum(map(length, entries)) - 1
        self._weighed = len(self._entries)
        self._writer.write(Batch(first, self._handed, self._at, entries, fold))

    def _weigh(self) -> None:
        """What waits takes room, and there must be an end to it."""
        entries = self._entries
        if self._weighed == len(entries):
            return
        size = sum(_bytes_of(entry) for entry in entries[self._weighed :])
        self._weighed = len(entries)
        self._unwritten.append((self._last, size))
        self._waiting_bytes += size
        if self._waiting_bytes > self._terms.waiting_bytes_max and not self._is_overfull:
            self._is_overfull = True
            self._look_for_trouble()
            self._on_overfull(True)

    def _fold(self, *, is_last: bool) -> Fold | None:
        """The rows that were written since the last fold, if it is time for one. Time is what lines say it is."""
        if self._folded_at is None:
            self._folded_at = self._at
        is_due = self._at - self._folded_at >= self._terms.fold_interval_s
        is_due = is_due or (is_last and self._folded < self._last)
        if not (is_due or len(self._newest) >= self._terms.fold_rows_max):
            return None
        self._folded_at, self._folded = self._at, self._last
        fold = Fold(self._last, self._at, self._newest)
        self._folding.append(self._newest)
        self._newest = {}
        return fold

    def _tell(self, wake: Later, function: Callable[..., None], *arguments: int | str) -> None:
        """Called in the writer's thread."""
        try:
            wake(function, *arguments)
        except RuntimeError:
            pass  # the loop is closed: nobody is left who could be told

    def _is_written(self, last: int) -> None:
        self._written = max(self._written, last)
        self._take_off()
        waiting = self._waiting
        try:
            while waiting and waiting[0][0] <= self._written:
                self._durable, then = waiting.popleft()
                then()
        except BaseException:
            assert self._soon is not None
            self._soon(self._is_written, self._written)  # the others are called all the same
            raise
        self._durable = self._written
        if self._entries and not self._is_scheduled:
            self._schedule()
        if self._is_overfull and not self._unwritten:
            self._is_overfull = False
            self._look_for_trouble()
            self._on_overfull(False)

    def _take_off(self) -> None:
        """What is written does not wait any more."""
        unwritten = self._unwritten
        while unwritten and unwritten[0][0] <= self._written:
            self._waiting_bytes -= unwritten.popleft()[1]

    def _is_folded(self, through: int, first: int) -> None:
        self._folding.popleft()
        self._folded_through = max(self._folded_through, through)
        self._first = first

    def _has_trouble(self, why: str) -> None:
        self._writers_trouble = why
        self._look_for_trouble()

    def _look_for_trouble(self) -> None:
        why = self._writers_trouble
        if self._is_overfull and not why:
            why = Trouble(
                f"{self._path}: more than {self._terms.waiting_bytes_max} bytes wait to be written", Cause.TOO_MUCH
            )
        if why != self._trouble:
            self._trouble = why
            self._on_trouble(why)

    # -- reading ---------------------------------------------------------------------------------------------------

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            while True:
                reader = self._reading()
                found = reader.execute(statement, values).fetchall()
                if reader is self._reading():
                    return found
        except sqlite3.Error as error:
            raise of_sqlite(self._path, error) from None

    def _reading(self) -> sqlite3.Connection:
        """As long as there is no space to write, the file can't be read as one that is written to, but as one that is
        in nobody's use. That ends when the writer begins."""
        is_in_use = self._writer.is_connected if self._soon is not None else self._connection is not None
        if self._reader is not None and is_in_use is not self._is_readers_file_in_use:
            self._reader.close()
            self._reader = None
        if self._reader is None:
            self._reader = connect_reading(self._path, is_ours=is_in_use)
            self._is_readers_file_in_use = is_in_use
        return self._reader


def _bytes_of(entry: Entry) -> int:
    """What is in rows is in the board's memory, too."""
    lines, rows = entry
    return _OBJECT_BYTES * (len(lines) + len(rows)) + sum([len(line.body) for line in lines])
