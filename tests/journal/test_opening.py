"""A journal is made, taken over or refused; what is refused is as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from tests.kit.journals import SITE, crashed, files, journal, line, row, write
from tests.kit.turns import Turns

from cordboard.journal import opening
from cordboard.journal.checking import look
from cordboard.journal.failures import (
    DamagedError,
    InaccessibleError,
    InUseError,
    JournalError,
    NewerError,
    OtherSiteError,
)
from cordboard.journal.format import VERSION
from cordboard.journal.lock import beside
from cordboard.journal.opening import migrate, open_journal
from cordboard.journal.reading import Reading
from cordboard.journal.sqlite import Terms


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def test_a_new_one_is_made_for_its_owner_only(path: Path) -> None:
    opened = open_journal(path, SITE)
    modes = {file.name: oct(file.stat().st_mode)[-3:] for file in path.parent.iterdir()}
    assert modes == dict.fromkeys(("a.db", "a.db-lock", "a.db-wal", "a.db-shm"), "600")
    opened.close()
    assert sorted(file.name for file in path.parent.iterdir()) == ["a.db", "a.db-lock"]


def test_a_new_one_gives_numbers_that_nobody_was_given_before(path: Path) -> None:
    """A client may come with a number of the journal that was here before, and must not be believed."""
    first = open_journal(path, SITE, behind=1_000)
    assert (first.first, first.last, first.durable) == (1_001, 1_000, 1_000)
    first.close()
    again = open_journal(path, SITE, behind=5_000)
    assert again.last == 1_000, "it is not new"
    again.close()
    with journal(path) as (opened, turns):
        opened.append([line("a"), line("b")], [row(b"1")])
        turns.until(lambda: opened.durable == 1_002)
        assert [number for number, _ in opened.lines()] == [1_001, 1_002]
    with Reading(path) as reading:
        assert [number for number, _ in reading.lines()] == [1_001, 1_002]
        assert list(reading.flaws(lambda _: None)) == []
    for file in path.parent.glob("a.db*"):
        if not file.name.endswith("-lock"):
            file.unlink()
    after = open_journal(path, SITE, behind=1_001)
    assert after.last == 1_002, "the clock went back, but the file beside it tells"
    after.close()


def test_what_a_start_that_was_killed_left_behind_is_no_trouble(path: Path) -> None:
    beside(path, "new").write_bytes(b"half of it")
    open_journal(path, SITE).close()
    assert not beside(path, "new").exists()


def test_one_that_was_killed_is_taken_over(path: Path, tmp_path: Path) -> None:
    with journal(path) as (opened, turns):
        opened.append([line("a")], [row(b"1")])
        turns.until(lambda: opened.durable == 1)
        copy = crashed(path, tmp_path / "crashed")
    with journal(copy) as (again, _):
        assert [(number, kept.kind) for number, kept in again.lines()] == [(1, "a")]
        assert list(again.rows("calls")) == [(b"1", b"v")]


def test_a_second_server_is_refused(path: Path) -> None:
    with journal(path), pytest.raises(InUseError, match="is writing to it; a journal has one server"):
        open_journal(path, SITE)
    open_journal(path, SITE).close()


def refused(path: Path, kind: type[JournalError], match: str) -> None:
    before = files(path)
    with pytest.raises(kind, match=match):
        open_journal(path, SITE)
    assert files(path) == before
    with pytest.raises(kind):  # the lock was let go of
        open_journal(path, SITE)


def test_what_cannot_be_used_is_left_as_it_was(path: Path) -> None:
    write(path, [([line()], [row(b"1")])])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = 'there' WHERE name = 'site'")
    refused(path, OtherSiteError, "site 'there'")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    refused(path, NewerError, "format 99")


def test_an_end_that_is_lost_is_noticed(path: Path, tmp_path: Path) -> None:
    with journal(path) as (opened, turns):
        for _ in range(2):
            last = opened.append([line()])
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
        copy = crashed(path, tmp_path / "crashed")
    wal = beside(copy, "wal")
    os.truncate(wal, wal.stat().st_size - 100)
    refused(copy, DamagedError, "it ends with 1, but was written up to 2")
    beside(copy, "lock").unlink()  # as the message says
    open_journal(copy, SITE).close()


def test_a_write_ahead_log_without_its_journal_is_not_made_part_of_a_new_one(path: Path, tmp_path: Path) -> None:
    with journal(path) as (opened, turns):
        opened.append([line()])
        turns.until(lambda: opened.durable == 1)
        copy = crashed(path, tmp_path / "crashed")
    copy.unlink()
    refused(copy, DamagedError, r"it is missing, but a\.db-wal is there")
    beside(copy, "wal").write_bytes(b"")
    open_journal(copy, SITE).close()


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InaccessibleError, match="No such file or directory"):
        open_journal(tmp_path / "nowhere" / "a.db", SITE)


def test_no_space_for_a_new_one_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opening, "_sync", full)
    with pytest.raises(InaccessibleError, match=r"a\.db: No space left on device"):
        open_journal(path, SITE)
    assert [file.name for file in path.parent.iterdir()] == ["a.db-lock"]


def test_sqlite_without_space_for_a_new_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MIGRATIONS", (("CREATE TABLE meta (broken",),))
    monkeypatch.setattr(opening.migrate, "__defaults__", (opening.MIGRATIONS,))
    with pytest.raises(InaccessibleError, match=r"a\.db: incomplete input"):
        open_journal(path, SITE)
    assert [file.name for file in path.parent.iterdir()] == ["a.db-lock"]


def test_one_that_cannot_be_written_to_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line()], [])])
    locked = sqlite3.connect(path, isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **more: real(*a, timeout=0, **more))
    with pytest.raises(InaccessibleError, match="database is locked"):
        open_journal(path, SITE)
    locked.execute("ROLLBACK")
    locked.close()
    open_journal(path, SITE).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
def test_whoever_may_not_is_told_so() -> None:
    folder = Path(tempfile.mkdtemp(prefix="cordboard-"))
    path = folder / "a.db"
    write(path, [([line()], [])])
    try:
        os.seteuid(65_534)
        with pytest.raises(InaccessibleError, match=r"a\.db-lock: Permission denied"):
            open_journal(path, SITE)
        os.seteuid(0)
        folder.chmod(0o777)
        beside(path, "lock").unlink()
        os.seteuid(65_534)
        with pytest.raises(InaccessibleError, match=r"a\.db: Permission denied"):
            open_journal(path, SITE)
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


def test_migrations_are_all_made_or_none(path: Path) -> None:
    write(path, [([line()], [])])
    connection = sqlite3.connect(path, isolation_level=None)
    later = (*opening.MIGRATIONS, ("ALTER TABLE log ADD COLUMN more",), ("CREATE TABLE other (a)", "broken"))
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, VERSION, later)
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert len(connection.execute("SELECT * FROM log").fetchone()) == 5
    migrate(connection, VERSION, later[:-1])
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION + 1,)
    assert len(connection.execute("SELECT * FROM log").fetchone()) == 6
    migrate(connection, VERSION + 1, later[:-1])
    connection.close()
    with pytest.raises(NewerError):
        look(path)


def no_space(path: Path, monkeypatch: pytest.MonkeyPatch, code: int = sqlite3.SQLITE_IOERR_SHMSIZE) -> None:
    """From now on nothing can be opened for writing, until the patch is undone."""

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr(opening, "migrate", full)


def test_one_for_which_there_is_no_space_is_read_and_written_when_there_is_some(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, [([line("a")], [row(b"1")]), ([line("b")], [])])
    with monkeypatch.context() as patch:
        no_space(path, patch)
        opened, turns, told = open_journal(path, SITE, Terms(try_again_s=0.0)), Turns(), []
        assert opened.trouble() == f"{path}: no space left on the disk"
        assert [kept.kind for _, kept in opened.lines()] == ["a", "b"]
        assert list(opened.rows("calls")) == [(b"1", b"v")]
        number = opened.append([line("c")], [row(b"1", b"w")])
        opened.start(turns.soon, turns.wake, told.append)
        assert told == [opened.trouble()]
        turns.turn()
        assert (opened.durable, [kept.kind for _, kept in opened.lines()]) == (2, ["a", "b"])
        assert list(opened.rows("calls")) == [(b"1", b"w")]
    turns.until(lambda: opened.durable == number)
    assert (opened.trouble(), told[1:]) == ("", [""])
    assert [kept.kind for _, kept in opened.lines()] == ["a", "b", "c"]
    opened.close()
    with journal(path) as (again, _):
        assert list(again.rows("calls")) == [(b"1", b"w")]


def test_one_that_never_gets_space_is_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line()], [row(b"1")])])
    before = path.read_bytes()
    no_space(path, monkeypatch)
    opened, turns = open_journal(path, SITE), Turns()
    opened.start(turns.soon, turns.wake)
    opened.append([line()])
    turns.turn()
    opened.close()
    open_journal(path, SITE).close()
    assert path.read_bytes() == before


def test_what_waiting_does_not_help_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line()], [])])
    with monkeypatch.context() as patch:
        no_space(path, patch, sqlite3.SQLITE_READONLY)
        with pytest.raises(InaccessibleError, match="disk I/O error"):
            open_journal(path, SITE)
    open_journal(path, SITE).close()


def test_one_of_an_earlier_version_waits_for_nobody(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line()], [])])
    no_space(path, monkeypatch)
    monkeypatch.setattr(opening, "VERSION", opening.VERSION + 1)
    with pytest.raises(InaccessibleError, match="no space left on the disk"):
        open_journal(path, SITE)


def test_a_journal_gets_room_if_it_is_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Path, int]] = []
    monkeypatch.setattr(opening, "make_room", lambda *asked: made.append(asked))
    open_journal(path, SITE).close()
    assert made == []
    open_journal(path, SITE, Terms(wal_bytes=7)).close()
    assert made == [(beside(path, "wal"), 7)]
