"""What goes wrong with a journal, in words for whoever runs the server, each kind with an exit code of its own.

Deliberately absent: how it is found out (``checking``, ``lock``, ``opening``).
"""

from __future__ import annotations

import os
import sqlite3
from enum import Enum
from pathlib import Path


class JournalError(Exception):
    """A journal can't be used; the message says which, why, and what to do."""

    exit_code = 6


class NewerError(JournalError):
    """It was written by a later version."""

    exit_code = 3


class OtherSiteError(JournalError):
    """It tells of the calls of another site."""

    exit_code = 4


class DamagedError(JournalError):
    """What stands in it is not what was written, or not all of it."""

    exit_code = 5


class InaccessibleError(JournalError):
    """It can't be read or written: no permission, no space, no such folder."""

    exit_code = 6


class InUseError(JournalError):
    """Another server writes to it."""

    exit_code = 7


class Cause(Enum):
    """Why nothing can be written, as one of few words."""

    NO_SPACE = "no_space"
    FAILING = "failing"
    DAMAGED = "damaged"
    GONE = "gone"
    HANGING = "hanging"
    """Nothing is said to be wrong, and nothing gets written."""
    TOO_MUCH = "too_much"
    """It may be written, but so slowly that too much waits."""
    BUG = "bug"


class Trouble(str):
    """Why nothing can be written now, for people; ``cause`` is for whoever counts."""

    cause: Cause

    def __new__(cls, why: str, cause: Cause) -> Trouble:
        trouble = super().__new__(cls, why)
        trouble.cause = cause
        return trouble


_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_BASIC = 0xFF
"""The lower byte of SQLite's extended codes is what kind it is."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether trying again can't help, and writing more could make it worse."""
    return (getattr(error, "sqlite_errorcode", 0) & _BASIC) in _DAMAGED


_NO_SPACE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})
_MAY_PASS = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_PERHAPS_NO_SPACE = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})


def trouble(path: Path, error: sqlite3.Error) -> Trouble:
    """What keeps the writer from writing."""
    if is_damage(error):
        return Trouble(words(path, error), Cause.DAMAGED)
    return Trouble(words(path, error), Cause.NO_SPACE if is_no_space(path, error) else Cause.FAILING)


def may_pass(path: Path, error: sqlite3.Error) -> bool:
    """Whether it is the disk's fault and not the file's, or that of who may do what: then waiting can help."""
    return (getattr(error, "sqlite_errorcode", 0) & _BASIC) in _MAY_PASS or is_no_space(path, error)


def is_no_space(path: Path, error: sqlite3.Error) -> bool:
    """SQLite does not always know: a file that can't be made or made larger may be the first to find out."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _NO_SPACE:
        return True
    return (code & _BASIC) in _PERHAPS_NO_SPACE and _is_full(path.parent)


def _is_full(folder: Path) -> bool:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_bavail == 0 or (disk.f_files > 0 and disk.f_favail == 0)


def words(path: Path, error: sqlite3.Error) -> str:
    """Why SQLite could not do something with this file."""
    if is_no_space(path, error):
        return f"{path}: no space left on the disk"
    name = getattr(error, "sqlite_errorname", "")
    return f"{path}: {error}" + (f" ({name})" if name else "")


def of_sqlite(path: Path, error: sqlite3.Error) -> JournalError:
    """The same as an exception."""
    kind = DamagedError if is_damage(error) else InaccessibleError
    return kind(words(path, error))


def of_os(path: Path, error: OSError) -> JournalError:
    """The operating system refuses."""
    return InaccessibleError(f"{path}: {error.strerror or error}")
