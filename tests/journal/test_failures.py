"""Each kind of failure has a code of its own, and words that name the file."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest

from cordboard.journal import failures


def sqlite_error(path: Path, *statements: str) -> sqlite3.Error:
    with pytest.raises(sqlite3.Error) as found:  # noqa: PT012  # the last one fails
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
    return found.value


def test_every_kind_has_an_exit_code_that_no_other_command_uses() -> None:
    kinds = (failures.NewerError, failures.OtherSiteError, failures.DamagedError, failures.InaccessibleError)
    codes = [kind.exit_code for kind in (*kinds, failures.InUseError)]
    assert codes == [3, 4, 5, 6, 7]


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    error = sqlite_error(
        tmp_path / "a.db", "PRAGMA max_page_count = 2", "CREATE TABLE a (b)", "INSERT INTO a VALUES (zeroblob(9999))"
    )
    assert failures.words(Path("a.db"), error) == "a.db: no space left on the disk"
    assert not failures.is_damage(error)
    trouble = failures.trouble(Path("a.db"), error)
    assert (trouble, trouble.cause) == ("a.db: no space left on the disk", failures.Cause.NO_SPACE)
    assert isinstance(failures.of_sqlite(Path("a.db"), error), failures.InaccessibleError)


def test_damage_is_told_from_what_may_pass(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_bytes(b"nonsense" * 100)
    error = sqlite_error(tmp_path / "b.db", "SELECT * FROM sqlite_master")
    assert failures.is_damage(error)
    assert failures.trouble(Path("b.db"), error).cause is failures.Cause.DAMAGED
    assert isinstance(failures.of_sqlite(Path("b.db"), error), failures.DamagedError)
    assert failures.words(Path("b.db"), error) == "b.db: file is not a database (SQLITE_NOTADB)"
    assert failures.words("b.db", sqlite3.ProgrammingError("closed")) == "b.db: closed"


def test_the_operating_systems_words_are_kept() -> None:
    assert str(failures.of_os("c.db", PermissionError(13, "Permission denied"))) == "c.db: Permission denied"
    assert str(failures.of_os("c.db", OSError("odd"))) == "c.db: odd"


def test_a_disk_that_fails_is_neither_full_nor_damaged() -> None:
    trouble = failures.trouble(Path("c.db"), sqlite3.OperationalError("disk I/O error"))
    assert (trouble, trouble.cause) == ("c.db: disk I/O error", failures.Cause.FAILING)


def with_code(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("it can't be")
    error.sqlite_errorcode = code
    return error


class Statvfs(NamedTuple):
    f_bavail: int = 100
    f_files: int = 100
    f_favail: int = 100


@pytest.mark.parametrize(
    ("code", "disk", "is_no_space", "may_pass"),
    [
        (sqlite3.SQLITE_FULL, Statvfs(), True, True),
        (sqlite3.SQLITE_IOERR_SHMSIZE, Statvfs(), True, True),
        (sqlite3.SQLITE_IOERR_WRITE, Statvfs(), False, True),
        (sqlite3.SQLITE_IOERR_WRITE, Statvfs(f_bavail=0), True, True),
        (sqlite3.SQLITE_CANTOPEN, Statvfs(), False, False),
        (sqlite3.SQLITE_CANTOPEN, Statvfs(f_favail=0), True, True),
        (sqlite3.SQLITE_CANTOPEN, Statvfs(f_files=0, f_favail=0), False, False),
        (sqlite3.SQLITE_CANTOPEN, None, False, False),
        (sqlite3.SQLITE_READONLY, Statvfs(f_bavail=0), False, False),
        (sqlite3.SQLITE_BUSY, Statvfs(f_bavail=0), False, False),
        (sqlite3.SQLITE_CORRUPT, Statvfs(f_bavail=0), False, False),
    ],
)
def test_space_is_told_from_permission(
    code: int, disk: Statvfs | None, is_no_space: bool, may_pass: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def statvfs(_: object) -> Statvfs:
        if disk is None:
            raise OSError
        return disk

    monkeypatch.setattr(os, "statvfs", statvfs)
    error = with_code(code)
    assert failures.is_no_space(Path("a.db"), error) is is_no_space
    assert failures.may_pass(Path("a.db"), error) is may_pass
