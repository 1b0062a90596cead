"""What is in a journal can be read while a server writes to it; all that is wrong with it is found."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from tests.kit.journals import SITE, crashed, files, journal, line, row, write

from cordboard.journal import reading as module
from cordboard.journal.failures import DamagedError, InaccessibleError, JournalError, NewerError
from cordboard.journal.format import VERSION
from cordboard.journal.lock import beside
from cordboard.journal.reading import Reading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


def change(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def flaws(path: Path) -> list[str]:
    before = files(path)
    with Reading(path) as reading:
        found = list(reading.flaws(lambda _: None))
    assert files(path) == before
    return found


def test_all_that_was_appended_can_be_read(path: Path) -> None:
    write(path, [([line("a"), line("b")], [row(b"1")]), ([], [row(b"2", b"x", "legs")]), ([line("c")], [])])
    before = files(path)
    with Reading(path) as reading:
        assert (reading.site, len(reading.journal), reading.folded(), reading.last()) == (SITE, 16, 4, 4)
        assert [(number, one.kind) for number, one in reading.lines()] == [(1, "a"), (2, "b"), (4, "c")]
        assert [number for number, _ in reading.lines(after=1)] == [2, 4]
        assert [commit.last for commit in reading.commits()] == [2, 3, 4]
        assert list(reading.rows()) == [("calls", b"1", b"v"), ("legs", b"2", b"x")]
    assert files(path) == before


def test_one_that_is_in_use_is_read_as_well(path: Path, tmp_path: Path) -> None:
    write(path, [([line("a")], [row(b"1"), row(b"2")])])
    with journal(path) as (opened, turns):
        opened.append([line("b")], [row(b"1", None), row(b"3")])
        turns.until(lambda: opened.durable == 2)
        with Reading(crashed(path, tmp_path / "copy")) as reading:
            assert [one.kind for _, one in reading.lines()] == ["a", "b"]
            assert [key for _, key, _ in reading.rows()] == [b"2", b"3"]
            assert (reading.folded(), reading.last()) == (1, 2)


def test_many_commits_are_read_a_few_at_a_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COMMITS_READ", 2)
    write(path, [([line(str(number))], []) for number in range(4)])
    with Reading(path) as reading:
        assert [one.kind for _, one in reading.lines()] == ["0", "1", "2", "3"]


def test_entries_come_with_the_numbers_that_they_begin_with(path: Path) -> None:
    with journal(path) as (opened, turns):
        opened.append([line("a"), line("b")], [row(b"1")])
        opened.append([], [row(b"2")])
        opened.append([line("c")])
        turns.until(lambda: opened.durable == 4)
    with Reading(path) as reading:
        found = [(first, [one.kind for one in lines], len(rows)) for first, (lines, rows) in reading.entries()]
    assert found == [(1, ["a", "b"], 1), (3, [], 1), (4, ["c"], 0)]


def test_what_cannot_be_read_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(InaccessibleError, match="No such file"):
        Reading(path)
    write(path, [([line()], [])])
    change(path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(NewerError, match=f"format {VERSION + 1}"):
        Reading(path)
    change(path, "PRAGMA user_version = 0")
    with pytest.raises(InaccessibleError, match=f"brings it to {VERSION}"):
        Reading(path)
    change(path, f"PRAGMA user_version = {VERSION}", "DROP TABLE meta")
    with pytest.raises(JournalError, match="no such table: meta"):
        Reading(path)


def test_tables_that_are_missing_are_told_as_ours(path: Path) -> None:
    write(path, [([line()], [])])
    change(path, "DROP TABLE log")
    with pytest.raises(JournalError, match="no such table: log"), Reading(path) as reading:
        reading.last()
    with pytest.raises(KeyError), Reading(path):  # what is not SQLite's is left as it is
        raise KeyError


def test_a_sound_journal_has_no_flaws_and_tells_how_far_it_is(path: Path) -> None:
    write(path, [([line()], [row(b"%d" % number)]) for number in range(3)])
    assert flaws(path) == []
    told: list[str] = []
    with Reading(path) as reading:
        assert list(reading.flaws(told.append)) == []
    assert told[-2:] == ["line 1 of 3", "row 1"]


def test_long_work_on_pages_tells_that_it_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_INSTRUCTIONS", 10)
    write(path, [([line()], [row(b"1")])])
    told: list[str] = []
    with Reading(path) as reading:
        list(reading.flaws(told.append))
    assert "pages" in told


def test_every_flaw_is_told(path: Path) -> None:
    write(path, [([line()], [row(b"%d" % number)]) for number in range(5)])
    change(
        path,
        "DELETE FROM log WHERE last = 2",
        "UPDATE log SET body = x'00' WHERE last = 4",
        "UPDATE state SET value = x'00' WHERE key = x'33'",
    )
    assert flaws(path) == [
        "the lines 2 to 2 are missing",
        "what was written as 4 to 4 is not what stands there now",
        "a row of calls (b'3') is not what was written",
    ]
    with pytest.raises(DamagedError), Reading(path) as reading:
        list(reading.lines())
    with pytest.raises(DamagedError), Reading(path) as reading:
        list(reading.rows())


def test_an_end_that_is_missing_is_told(path: Path, tmp_path: Path) -> None:
    with journal(path) as (opened, turns):
        for _ in range(2):
            last = opened.append([line()])
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
        copy = crashed(path, tmp_path / "copy")
    os.truncate(beside(copy, "wal"), beside(copy, "wal").stat().st_size - 1)
    assert flaws(copy) == ["it ends with 1, but was written up to 2"]


def test_pages_that_make_no_sense_are_told(path: Path) -> None:
    write(path, [([line(size=9_000)], [row(b"%d" % number)]) for number in range(3)])
    content = bytearray(path.read_bytes())
    content[-4_096:] = bytes(4_096)
    path.write_bytes(content)
    found = flaws(path)
    assert found
    assert all("what was written" in flaw or "page" in flaw.lower() for flaw in found)
