"""Looking at a journal before anything is written to it: what is found wrong here has changed nothing.

A start reads only what it needs, so it finds damage there, not in old lines; ``verify`` reads all.
Deliberately absent: taking the journal over (``opening``).
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cordboard.journal.failures import DamagedError, NewerError, OtherSiteError, of_os, of_sqlite
from cordboard.journal.folding import Newest, first_number
from cordboard.journal.format import APPLICATION_ID, VERSION, check_row, decode
from cordboard.journal.lock import beside

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_LARGEST_PAGE = 65_536
_WAL_HEADER = struct.Struct(">8xI4x8s8x")
_WAL_FRAME = struct.Struct(">II8s8x")


class Found(NamedTuple):
    """What a journal says of itself, and what was not folded when it was last written to."""

    journal: str
    site: str
    version: int
    folded: int
    first: int
    last: int
    newest: Newest


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing. Errors of SQLite come out as ours."""
    try:
        with closing(connect_reading(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise of_sqlite(path, error) from None


def connect_reading(path: Path, *, is_ours: bool = False) -> sqlite3.Connection:
    """Unless it is ours, a journal without a write-ahead log is in nobody's use, as ``opening`` writes to it at once;
    then SQLite need not make one to read it."""
    wal = beside(path, "wal")
    how = "mode=ro" if is_ours or (wal.exists() and wal.stat().st_size) else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def look(path: Path) -> Found:
    """What is there; NewerError, DamagedError or InaccessibleError if it can't be used."""
    check_size(path)
    with reading(path) as connection:
        return _look(path, connection)


def _look(path: Path, connection: sqlite3.Connection) -> Found:
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise NewerError(
                f"{path}: written by a later version of cordboard (format {version}; this one knows {VERSION})"
            )
        meta = dict(connection.execute("SELECT name, value FROM meta"))
        if not {"journal", "site", "folded"} <= meta.keys():
            raise DamagedError(f"{path}: damaged: it does not say whose it is")
        folded = int(meta["folded"])
        for table in ("meta", "state"):
            flaw = connection.execute(f"PRAGMA quick_check({table})").fetchone()[0]
            if flaw != "ok":  # a row that is not found has no checksum that could be wrong
                raise DamagedError(f"{path}: damaged: {flaw}")
        for row in connection.execute("SELECT name, key, value, crc FROM state"):
            check_row(path, *row)
        newest, last = _tail(path, connection, folded)
        for commit in connection.execute("SELECT last, first, body, crc FROM log ORDER BY last LIMIT 1"):
            decode(path, *commit)
        first = first_number(connection, last)
        return Found(str(meta["journal"]), str(meta["site"]), version, folded, first, last, newest)
    except (TypeError, ValueError):
        raise DamagedError(f"{path}: damaged: a value is of another type than the one that was written") from None


def check_site(path: Path, found: Found, site: str) -> None:
    """Raises OtherSiteError."""
    if found.site != site:
        raise OtherSiteError(
            f"{path}: it tells of the calls of site {found.site!r}, and this is {site!r}; name another path, or say "
            f"site = {found.site!r} in [journal] if they are one"
        )


def _tail(path: Path, connection: sqlite3.Connection, folded: int) -> tuple[Newest, int]:
    """The newest values of rows since the last fold, and the last number."""
    newest: Newest = {}
    last = folded
    commits = connection.execute("SELECT last, first, body, crc FROM log WHERE last > ? ORDER BY last", (folded,))
    for number, first, body, crc in commits:
        if first > last + 1:  # smaller if it was folded up to a line within that commit
            raise DamagedError(f"{path}: damaged: {last + 1} to {first - 1} are missing")
        for _, rows in decode(path, number, first, body, crc):
            newest.update({(row.table, row.key): row.value for row in rows})
        last = number
    if last == folded and has_commits(connection, 0) and not has_commits(connection, folded - 1):
        raise DamagedError(f"{path}: damaged: it was written up to {folded}, but the end is missing")
    return newest, last


def has_commits(connection: sqlite3.Connection, after: int) -> bool:
    return connection.execute("SELECT 1 FROM log WHERE last > ?", (after,)).fetchone() is not None


def check_gap(path: object, connection: sqlite3.Connection, after: int, first: int) -> None:
    """The first commit that was found behind ``after`` begins here: DamagedError if some are missing between. If
    nothing is left of what came before, they were forgotten, perhaps a moment ago."""
    if first > after + 1 and connection.execute("SELECT 1 FROM log WHERE last <= ?", (after,)).fetchone():
        raise DamagedError(f"{path}: damaged: {after + 1} to {first - 1} are missing")


# -- the file as bytes -------------------------------------------------------------------------------------------------


def check_size(path: Path) -> None:
    """Whether it is a journal at all, and whether its end is there. SQLite would make an empty one a new one."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
            size = file.seek(0, 2)
        pages, frames = _pages_in_wal(beside(path, "wal"))
    except OSError as error:
        raise of_os(path, error) from None
    if not header:
        raise DamagedError(f"{path}: it is empty; move it away to begin a new journal")
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise DamagedError(f"{path}: it is not a journal, or its beginning is damaged")
    if int.from_bytes(header[68:72]) != APPLICATION_ID:
        raise DamagedError(f"{path}: it is a database, but not a journal of cordboard")
    page_bytes = int.from_bytes(header[16:18])
    page_bytes = _LARGEST_PAGE if page_bytes == 1 else page_bytes
    pages = pages or int.from_bytes(header[28:32])
    if page_bytes < 512:
        raise DamagedError(f"{path}: its beginning is damaged")
    there = size // page_bytes
    missing = pages - there - sum(there < page <= pages for page in frames)
    if missing > 0:
        raise DamagedError(
            f"{path}: truncated: {missing} of {pages} pages are missing at its end. Bring back a copy of it, "
            f"or move it and {path.name}-wal away to begin a new one without the calls that were in progress"
        )


def _pages_in_wal(path: Path) -> tuple[int, frozenset[int]]:
    """How many pages the database has after the last commit in its write-ahead log, and which of them are in there."""
    pages, found, uncommitted = 0, set[int](), set[int]()
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return 0, frozenset()
    with file:
        header = file.read(_WAL_HEADER.size)
        if len(header) < _WAL_HEADER.size:
            return 0, frozenset()
        page_bytes, salt = _WAL_HEADER.unpack(header)
        while len(frame := file.read(_WAL_FRAME.size)) == _WAL_FRAME.size:
            page, commit, own_salt = _WAL_FRAME.unpack(frame)
            if own_salt != salt:
                break  # left over from before the log was begun again
            if len(file.read(page_bytes)) < page_bytes:
                break
            uncommitted.add(page)
            if commit:
                pages = commit
                found |= uncommitted
                uncommitted.clear()
    return pages, frozenset(found)
