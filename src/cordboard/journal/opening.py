"""Opening a journal: a new one is made, another one is looked at, brought up to date and taken over.

A journal that can't be used is left as it was; the exception says why (``failures``). A new one appears complete or not
at all. Deliberately absent: what is looked at (``checking``).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from cordboard.journal.checking import Found, check_site, look
from cordboard.journal.failures import DamagedError, Trouble, may_pass, of_os, of_sqlite, trouble
from cordboard.journal.format import APPLICATION_ID, MIGRATIONS, VERSION
from cordboard.journal.lock import Lock, beside
from cordboard.journal.room import make_room
from cordboard.journal.sqlite import Opened, SqliteJournal, Terms

_WAL_PAGES = 4_000
"""When the write-ahead log is put into the database; larger is rarer."""
WAL_BYTES = (_WAL_PAGES + 100) * 4_120
"""So long it gets, about, before it begins anew."""
_WAL_BYTES_KEPT = 67_108_864
"""What is left of a write-ahead log that grew while somebody read."""


def open_journal(path: Path, site: str, terms: Terms | None = None, behind: int = 0) -> SqliteJournal:
    """The journal of a site, which nobody else writes to until it is closed. Raises JournalError.

    A new one gives numbers greater than ``behind``, and than any that the one before it at this place is known to have
    given: a client may still come with those, and must not be believed (bayeux §4). One that can be read and not
    written, as there is no space, is in trouble from the start, and gets over it.
    """
    lock = Lock(path)
    try:
        if not path.exists():
            _make(path, site, max(behind, lock.written()))
        found = look(path)
        check_site(path, found, site)
        lock.check(found.journal, found.last)
        connection, why = _connect_if_possible(path, found)
        if terms is not None and terms.wal_bytes and why is None:
            make_room(beside(path, "wal"), terms.wal_bytes)
        lock.note(found.last)
    except BaseException:
        lock.release()
        raise
    return SqliteJournal(Opened(path, connection, lock, found, connect_writing, why), terms or Terms())


def _make(path: Path, site: str, behind: int) -> None:
    """A new journal, for the eyes of its owner only: it has what people say to each other in it."""
    wal, new = beside(path, "wal"), beside(path, "new")
    if wal.exists() and wal.stat().st_size:
        raise DamagedError(f"{path}: it is missing, but {wal.name} is there; bring it back, or move that away, too")
    try:
        new.unlink(missing_ok=True)
        os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(new, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection, 0)
            meta = {"journal": os.urandom(8).hex(), "site": site, "folded": behind, "opened": 0}
            connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
        finally:
            connection.close()
        _sync(new)
        new.rename(path)
        _sync(path.parent)
    except (OSError, sqlite3.Error) as error:
        for left in (new, beside(new, "wal"), beside(new, "shm")):
            left.unlink(missing_ok=True)
        raise (of_os(path, error) if isinstance(error, OSError) else of_sqlite(path, error)) from None


def _connect_if_possible(path: Path, found: Found) -> tuple[sqlite3.Connection | None, Trouble | None]:
    """A journal of an earlier version has to be brought up to date before anything is made of it."""
    try:
        return connect_writing(path, found.version), None
    except sqlite3.Error as error:
        if found.version == VERSION and may_pass(path, error):
            return None, trouble(path, error)
        raise of_sqlite(path, error) from None


def connect_writing(path: Path, version: int = VERSION) -> sqlite3.Connection:
    """The connection that the writer has, on a journal that has this version so far."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES_KEPT}")
        connection.execute("PRAGMA cell_size_check = ON")
        migrate(connection, version)
        # A disk that is full or read-only says so here, before anybody is served; and whoever reads sees that it is in
        # use. It has to be a change: SQLite does not write a row that is as it was.
        connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'opened'")
    except BaseException:
        connection.close()
        raise
    return connection


def _sync(path: Path) -> None:
    """What is in this file or folder survives a power failure."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def migrate(connection: sqlite3.Connection, version: int, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring a journal of an earlier version up to date: in one transaction, all of it or nothing."""
    if version == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
