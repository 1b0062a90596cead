"""Room for the write-ahead log: it is as long as it was asked to be, and nothing depends on it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kit.journals import SITE, crashed, journal, line, row
from tests.kit.turns import Turns

from cordboard.journal import room
from cordboard.journal.opening import open_journal
from cordboard.journal.room import make_room
from cordboard.journal.sqlite import Terms

SIZE = (3 << 20) + 3


@pytest.fixture(autouse=True)
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever disk there is for tests has enough room."""
    monkeypatch.setattr(room, "_SHARE", 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.db-wal"
    path.write_bytes(b"what is there")
    return path


def test_zeros_follow_what_is_there(file: Path) -> None:
    make_room(file, SIZE)
    assert file.read_bytes() == b"what is there" + bytes(SIZE - 13)
    make_room(file, 100)
    assert file.stat().st_size == SIZE


def test_not_where_there_is_none(tmp_path: Path) -> None:
    make_room(tmp_path / "none", SIZE)
    assert list(tmp_path.iterdir()) == []


def test_not_on_a_disk_that_is_nearly_full(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_SHARE", 1 << 40)
    make_room(file, SIZE)
    assert file.read_bytes() == b"what is there"


def test_what_fails_leaves_the_file_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    make_room(file, SIZE)
    assert file.read_bytes() == b"what is there"


def test_a_journal_with_room_is_a_journal(tmp_path: Path) -> None:
    path, turns = tmp_path / "a.db", Turns()
    opened = open_journal(path, SITE, Terms(wal_bytes=SIZE))
    opened.start(turns.soon, turns.wake)
    for number in range(5):
        last = opened.append([line(str(number))], [row(b"1", b"%d" % number)])
        turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
    assert path.with_name("a.db-wal").stat().st_size == SIZE
    copy = crashed(path, tmp_path / "copy")
    opened.close()
    with journal(copy) as (again, _):
        assert [one.kind for _, one in again.lines()] == ["0", "1", "2", "3", "4"]
        assert list(again.rows("calls")) == [(b"1", b"4")]
