"""The thread that writes: whatever waits goes into one transaction, and then all of it is told to be durable at once.

While there is no space, or the disk fails, nothing is lost: what could not be written stays and is tried again, and
those who ask hear why. A journal that turns out to be damaged is not written to any more.
Deliberately absent: who waits for what (``sqlite``), an event loop: what is to be told goes to functions.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import NamedTuple

from cordboard.journal.failures import Cause, Trouble, is_damage, trouble
from cordboard.journal.figures import Durations
from cordboard.journal.folding import Fold, Folding, Keep, first_number
from cordboard.journal.format import Entry, commit_crc, encode
from cordboard.journal.lock import Lock

COMMITS_AT_ONCE = 4_000
"""Numbers in one transaction, about: more than that is a pile that grew while nothing could be written."""


class Batch(NamedTuple):
    """What was appended since the loop handed over last."""

    first: int
    last: int
    at: float
    entries: list[Entry]
    fold: Fold | None


class Ours(NamedTuple):
    """The journal as it was opened: nobody else writes to it; up to where it was written. Without a ``connection``
    there was no space for one (``why``): ``connect`` makes it."""

    path: Path
    connection: sqlite3.Connection | None
    lock: Lock
    written: int
    connect: Callable[[Path], sqlite3.Connection]
    why: Trouble | None = None


class Tell(NamedTuple):
    """Who is told by the thread; they must not run there."""

    durable: Callable[[int], None]
    folded: Callable[[int, int], None]
    """Up to where, and the oldest line that is kept."""
    trouble: Callable[[str], None]
    """Why nothing can be written, a ``Trouble``; "" when it can be again."""


class _GoneError(Exception):
    """The file is not there any more."""


class Writer:
    """Owns the connection from ``start`` on until ``stop`` returns."""

    def __init__(
        self, ours: Ours, keep: Keep, try_again_s: float, tell: Tell, commits: Durations | None = None
    ) -> None:
        self._path, connection, self._lock, self._written, self._connect, why = ours
        self.is_connected = connection is not None
        """Whether it may have written anything; said before it does."""
        if connection is not None:
            self._connection = connection
        self._file = self._path.stat().st_ino
        self._keep = keep
        self._try_again_s = try_again_s
        self._tell = tell
        self._commits = commits or Durations()
        self._queue: SimpleQueue[Batch | None] = SimpleQueue()
        self._waiting: deque[Batch] = deque()
        self._folds: deque[Folding] = deque()
        self._trouble: str = why or ""
        self._is_stopping = threading.Event()
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def write(self, batch: Batch) -> None:
        self._queue.put(batch)

    def stop(self) -> int:
        """Returns when all is written that can be: up to where that is."""
        self._is_stopping.set()
        self._queue.put(None)
        self._thread.join()
        return self._written

    def close(self) -> None:
        """To be called when it has stopped."""
        if self.is_connected:
            self._connection.close()

    # -- in the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while self._open() and self._write_what_waits() and (self._take() or self._waiting or self._folds):
                pass
        except Exception as error:  # noqa: BLE001  # nobody else hears of it; nothing is told to be durable any more
            self._tell.trouble(Trouble(f"{self._path}: the writer failed: {error!r}", Cause.BUG))

    def _open(self) -> bool:
        """As soon as there is space for what SQLite needs to write. False: somebody wants to stop."""
        while not self.is_connected:
            try:
                self._connection = self._connect(self._path)
                self.is_connected = True
            except sqlite3.Error as error:
                if not self._is_worth_trying(trouble(self._path, error), is_for_good=is_damage(error)):
                    return False
        return True

    def _take(self) -> bool:
        """Take all there is to write; wait for it if there is nothing else to do. False: no more will come."""
        is_idle = not (self._waiting or self._folds or self._is_ending)
        try:
            while (batch := self._queue.get(block=is_idle)) is not None:
                self._add(batch)
                is_idle = False
            self._is_ending = True
        except Empty:
            pass
        return not self._is_ending

    def _add(self, batch: Batch) -> None:
        if batch.entries:
            self._waiting.append(batch)
        if batch.fold is not None:
            self._folds.append(Folding(batch.fold, self._keep))

    def _write_what_waits(self) -> bool:
        """One transaction, as often as it takes. False: it can't be done and somebody wants to stop, or never again."""
        batch = self._together()
        while True:
            began = perf_counter()
            try:
                self._commit(batch)
            except _GoneError as error:
                return self._is_worth_trying(Trouble(str(error), Cause.GONE), is_for_good=True)
            except sqlite3.Error as error:
                if not self._is_worth_trying(trouble(self._path, error), is_for_good=is_damage(error)):
                    return False
            else:
                if batch is not None:
                    self._commits.add(perf_counter() - began)
                self._is_written(batch)
                return True

    def _together(self) -> Batch | None:
        """The oldest of what waits as one batch."""
        waiting = self._waiting
        if not waiting:
            return None
        first = batch = waiting.popleft()
        entries = first.entries
        while waiting and waiting[0].last - first.first < COMMITS_AT_ONCE:
            batch = waiting.popleft()
            entries += batch.entries
        return Batch(first.first, batch.last, batch.at, entries, None)

    def _commit(self, batch: Batch | None) -> None:
        """One statement where that is enough: each one is a turn that other threads may take."""
        connection = self._connection
        folding = self._due(batch)
        if folding is None:
            self._insert(batch)
            return
        self._check_file()
        connection.execute("BEGIN")
        try:
            self._insert(batch)
            folding.step(connection)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _due(self, batch: Batch | None) -> Folding | None:
        """A fold whose entries are all in the log, or will be with this batch: ``state`` is never ahead of the log."""
        written = self._written if batch is None else batch.last
        return self._folds[0] if self._folds and self._folds[0].through <= written else None

    def _insert(self, batch: Batch | None) -> None:
        if batch is None or (self._trouble and self._has(batch.last)):
            return  # a commit may have been made although it was said to have failed
        body = encode(batch.entries)
        self._connection.execute(
            "INSERT INTO log (last, first, at, body, crc) VALUES (?, ?, ?, ?, ?)",
            (batch.last, batch.first, batch.at, body, commit_crc(batch.last, body)),
        )

    def _has(self, last: int) -> bool:
        return self._connection.execute("SELECT 1 FROM log WHERE last = ?", (last,)).fetchone() is not None

    def _check_file(self) -> None:
        """What is written to a file that was removed is gone when the process ends."""
        try:
            is_there = self._path.stat().st_ino == self._file
        except OSError:
            is_there = False
        if not is_there:
            raise _GoneError(f"{self._path}: it was removed or replaced while it was written to")

    def _is_written(self, batch: Batch | None) -> None:
        folding = self._due(batch)
        if self._trouble:
            self._trouble = ""
            self._tell.trouble("")
        if batch is not None:
            self._written = batch.last
            self._lock.note(batch.last)
            self._tell.durable(batch.last)
        if folding is not None:
            self._go_on_folding(folding)

    def _go_on_folding(self, folding: Folding) -> None:
        if folding.go_on() and not (self._is_ending and folding.folded):
            return
        self._folds.popleft()
        self._tell.folded(folding.folded, first_number(self._connection, folding.folded))

    def _is_worth_trying(self, why: Trouble, *, is_for_good: bool) -> bool:
        if why != self._trouble:
            self._trouble = why
            self._tell.trouble(why)
        if is_for_good:
            self._is_stopping.wait()
            return False
        return not self._is_stopping.wait(self._try_again_s)
