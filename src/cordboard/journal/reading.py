"""Reading a journal for people and tools: also one that a server is writing to, which is not kept waiting.

Not for the process that writes: closing the file that ``check_size`` looks at would let go of SQLite's locks there.
Deliberately absent: what is printed (``server.journals``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from cordboard.calls.ports import Line
from cordboard.journal.checking import check_gap, check_size, connect_reading
from cordboard.journal.failures import DamagedError, InaccessibleError, NewerError, of_sqlite
from cordboard.journal.format import VERSION, Entry, check_row, decode, length, numbered
from cordboard.journal.lock import noted

_COMMITS_READ = 64
"""Commits that are read at once; between two such readings the server may tidy up the file."""
_INSTRUCTIONS = 200_000
"""Steps of SQLite after which somebody is told that it goes on: some milliseconds."""
_FLAWS_MAX = 20


class Commit(NamedTuple):
    """One row of ``log``."""

    first: int
    last: int
    entries: list[Entry]


class Reading:
    """A journal that is open for reading; a context. Raises JournalError, also while it is read."""

    def __init__(self, path: Path) -> None:
        check_size(path)
        self._path = path
        try:
            self._connection = connect_reading(path)
            version = self._one("PRAGMA user_version")
            if version > VERSION:
                raise NewerError(
                    f"{path}: written by a later version of cordboard (format {version}; this one knows {VERSION})"
                )
            if version < VERSION:
                raise InaccessibleError(f"{path}: of format {version}; a server brings it to {VERSION} when it starts")
            self._meta = dict(self._connection.execute("SELECT name, value FROM meta"))
        except sqlite3.Error as error:
            raise of_sqlite(path, error) from None

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._connection.close()
        if isinstance(error, sqlite3.Error):
            raise of_sqlite(self._path, error) from None

    @property
    def site(self) -> str:
        return str(self._meta.get("site", ""))

    @property
    def journal(self) -> str:
        """Its id."""
        return str(self._meta.get("journal", ""))

    def folded(self) -> int:
        """The line that ``state`` is up to."""
        return int(self._one("SELECT value FROM meta WHERE name = 'folded'") or 0)

    def last(self) -> int:
        """The number that was given last."""
        return max(int(self._one("SELECT max(last) FROM log") or 0), self.folded())

    def commits(self, after: int = 0) -> Iterator[Commit]:
        """From the one on that has the first line behind ``after``."""
        while True:
            found = self._connection.execute(
                "SELECT last, first, body, crc FROM log WHERE last > ? ORDER BY last LIMIT ?", (after, _COMMITS_READ)
            ).fetchall()
            for last, first, body, crc in found:
                entries = decode(self._path, last, first, body, crc)
                check_gap(self._path, self._connection, after, first)
                yield Commit(first, last, entries)
                after = last
            if len(found) < _COMMITS_READ:
                return

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """All entries, with the numbers that they begin with."""
        for commit in self.commits():
            first = commit.first
            for entry in commit.entries:
                yield first, entry
                first += length(entry)

    def lines(self, after: int = 0) -> Iterator[tuple[int, Line]]:
        """All lines behind ``after``, with their numbers."""
        for commit in self.commits(after):
            for number, line in numbered(commit.first, commit.entries):
                if number > after:
                    yield number, line

    def rows(self) -> Iterator[tuple[str, bytes, bytes]]:
        """All rows as they are now, by table and key."""
        with self._one_moment():
            newest: dict[tuple[str, bytes], bytes | None] = {}
            for name, key, value, crc in self._connection.execute("SELECT name, key, value, crc FROM state"):
                check_row(self._path, name, key, value, crc)
                newest[name, key] = value
            for commit in self.commits(self.folded()):
                for _, rows in commit.entries:
                    newest.update({(row.table, row.key): row.value for row in rows})
        for (name, key), value in sorted(newest.items()):
            if value is not None:
                yield name, key, value

    # -- verifying -------------------------------------------------------------------------------------------------

    def flaws(self, progress: Callable[[str], None]) -> Iterator[str]:
        """Read everything, and say what is wrong with it. ``progress`` is told how far it is."""
        written = noted(self._path, self.journal)
        with self._one_moment():
            if self.last() < written:
                yield f"it ends with {self.last()}, but was written up to {written}"
            yield from self._flaws_of_pages(progress)
            yield from self._flaws_of_log(progress)
            yield from self._flaws_of_state(progress)

    def _flaws_of_pages(self, progress: Callable[[str], None]) -> Iterator[str]:
        def goes_on() -> int:
            progress("pages")
            return 0

        self._connection.set_progress_handler(goes_on, _INSTRUCTIONS)
        try:
            found = [row[0] for row in self._connection.execute(f"PRAGMA integrity_check({_FLAWS_MAX})")]
        finally:
            self._connection.set_progress_handler(None, 0)
        yield from (flaw for flaw in found if flaw != "ok")

    def _flaws_of_log(self, progress: Callable[[str], None]) -> Iterator[str]:
        before, end = 0, self.last()
        for count, (last, first, body, crc) in enumerate(
            self._connection.execute("SELECT last, first, body, crc FROM log ORDER BY last")
        ):
            if count % _COMMITS_READ == 0:
                progress(f"line {first} of {end}")
            if before and first != before + 1:
                yield f"the lines {before + 1} to {first - 1} are missing"
            before = last
            try:
                decode(self._path, last, first, body, crc)
            except DamagedError:
                yield f"what was written as {first} to {last} is not what stands there now"

    def _flaws_of_state(self, progress: Callable[[str], None]) -> Iterator[str]:
        for count, (name, key, value, crc) in enumerate(
            self._connection.execute("SELECT name, key, value, crc FROM state")
        ):
            if count % _COMMITS_READ == 0:
                progress(f"row {count + 1}")
            try:
                check_row(self._path, name, key, value, crc)
            except DamagedError:
                yield f"a row of {name} ({key!r}) is not what was written"

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """Everything that is read in here is of one moment, whatever a server writes meanwhile."""
        with self._connection:
            self._connection.execute("BEGIN")
            yield

    def _one(self, statement: str) -> int:
        found = self._connection.execute(statement).fetchone()
        return found[0] if found else 0
