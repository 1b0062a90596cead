"""Each kind of failure has a code of its own, and words that name the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
    assert failures.words("a.db", error) == "a.db: no space left on the disk"
    assert not failures.is_damage(error)
    trouble = failures.trouble("a.db", error)
    assert (trouble, trouble.cause) == ("a.db: no space left on the disk", failures.Cause.NO_SPACE)
    assert isinstance(failures.of_sqlite("a.db", error), failures.InaccessibleError)


def test_damage_is_told_from_what_may_pass(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_bytes(b"nonsense" * 100)
    error = sqlite_error(tmp_path / "b.db", "SELECT * FROM sqlite_master")
    assert failures.is_damage(error)
    assert failures.trouble("b.db", error).cause is failures.Cause.DAMAGED
    assert isinstance(failures.of_sqlite("b.db", error), failures.DamagedError)
    assert failures.words("b.db", error) == "b.db: file is not a database (SQLITE_NOTADB)"
    assert failures.words("b.db", sqlite3.ProgrammingError("closed")) == "b.db: closed"


def test_the_operating_systems_words_are_kept() -> None:
    assert str(failures.of_os("c.db", PermissionError(13, "Permission denied"))) == "c.db: Permission denied"
    assert str(failures.of_os("c.db", OSError("odd"))) == "c.db: odd"


def test_a_disk_that_fails_is_neither_full_nor_damaged() -> None:
    trouble = failures.trouble("c.db", sqlite3.OperationalError("disk I/O error"))
    assert (trouble, trouble.cause) == ("c.db: disk I/O error", failures.Cause.FAILING)
