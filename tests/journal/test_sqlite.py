"""The journal as the loop sees it: numbers at once, durability in order, rows and lines as they were appended."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.kit.journals import SITE, crashed, journal, line, row, write
from tests.kit.turns import Turns

from cordboard.calls.ports import Journal
from cordboard.journal import opening
from cordboard.journal import sqlite as module
from cordboard.journal.checking import connect_reading
from cordboard.journal.failures import Cause, DamagedError, Trouble
from cordboard.journal.folding import Keep
from cordboard.journal.opening import open_journal
from cordboard.journal.sqlite import TURNS_MAX, SqliteJournal, Terms


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cordboard.db"


def kinds(journal: Journal, after: int = 0) -> list[tuple[int, str]]:
    return [(number, line.kind) for number, line in journal.lines(after)]


def test_lines_are_there_when_they_are_durable_and_after_a_restart(path: Path) -> None:
    with journal(path) as (opened, turns):
        port: Journal = opened
        assert (port.first, port.last, port.durable, port.trouble()) == (1, 0, 0, "")
        assert port.append([line("a"), line("b")]) == 2
        assert port.append([], [row(b"1")]) == 3
        assert port.append([line("c")]) == 4
        assert (port.last, port.durable, kinds(port)) == (4, 0, [])
        turns.until(lambda: port.durable == 4)
        assert kinds(port) == [(1, "a"), (2, "b"), (4, "c")]
        assert kinds(port, after=1) == [(2, "b"), (4, "c")]
    with journal(path) as (opened, _):
        assert (opened.first, opened.last, opened.durable) == (1, 4, 4)
        assert kinds(opened, after=2) == [(4, "c")]
        assert list(opened.rows("calls")) == [(b"1", b"v")]
        assert opened.append([line("d")]) == 5


def test_many_lines_are_read_a_few_commits_at_a_time(path: Path) -> None:
    write(path, [([line(str(number))], []) for number in range(150)])
    with journal(path) as (opened, _):
        assert [kind for _, kind in kinds(opened)] == [str(number) for number in range(150)]
        lines = opened.lines()
        next(lines)
        opened.append([line("new")])  # what is not durable yet is not among the lines
        assert len(list(lines)) == 149


def commits(path: Path) -> list[tuple[int, int]]:
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT first, last FROM log ORDER BY last").fetchall()


def test_while_the_disk_is_busy_the_next_commit_collects(path: Path) -> None:
    with journal(path) as (opened, turns):
        for _ in range(4):
            opened.append([line()])
            turns.turn()
        turns.until(lambda: opened.durable == 4)
        assert commits(path) == [(1, 1), (2, 4)]


def test_among_many_a_commit_collects_as_long_as_more_comes(path: Path) -> None:
    with journal(path) as (opened, turns):

        def go_on(times: int) -> None:
            opened.append([line()])
            if times > 1:
                turns.soon(go_on, times - 1)

        go_on(3)  # each turn brings one
        turns.until(lambda: opened.durable == 3)
        assert commits(path) == [(1, 1), (2, 3)]
        go_on(3)
        turns.until(lambda: opened.durable == 6)
        assert commits(path)[2:] == [(4, 6)]
        go_on(TURNS_MAX + 5)
        turns.until(lambda: opened.durable == opened.last)
        assert [last - first + 1 for first, last in commits(path)[3:]] == [TURNS_MAX + 1, 4]


def test_a_pile_goes_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ENTRIES_MAX", 2)
    with journal(path) as (opened, turns):
        for _ in range(5):
            opened.append([line(), line()])
        turns.until(lambda: opened.durable == 10)
        assert commits(path) == [(1, 4), (5, 8), (9, 10)]
        assert opened.figures().waiting_bytes == 0
        for _ in range(5):
            opened.append([line()])
    assert commits(path)[3:] == [(11, 15)]  # at the end all of it at once


def test_those_who_wait_are_called_in_order_once_it_is_durable(path: Path) -> None:
    with journal(path) as (opened, turns):
        told: list[object] = []
        first, second = opened.append([line()]), opened.append([line()])
        opened.when_durable(second, lambda: told.append(("second", opened.durable)))
        opened.when_durable(first, lambda: opened.when_durable(second, lambda: told.append("from within")))
        opened.when_durable(first, lambda: told.append(("first", opened.durable)))
        assert told == []
        turns.until(lambda: opened.durable == second)
        assert told == [("first", first), ("second", second), "from within"]
        opened.when_durable(first, lambda: told.append("at once"))
        assert told[-1] == "at once"
        with pytest.raises(AssertionError):
            opened.when_durable(second + 1, lambda: None)


def test_one_that_fails_does_not_keep_the_others_waiting(path: Path) -> None:
    with journal(path) as (opened, turns):
        told: list[int] = []
        number = opened.append([line()])
        opened.when_durable(number, lambda: {}["nothing"])
        opened.when_durable(number, lambda: told.append(1))
        with pytest.raises(KeyError):
            turns.until(lambda: False)
        turns.until(lambda: told == [1])
        assert opened.durable == number


def test_rows_are_those_that_were_appended_last_folded_or_not(path: Path) -> None:
    terms = Terms(fold_interval_s=1e9, fold_rows_max=3)
    with journal(path, terms) as (opened, turns):
        opened.append([line()], [row(b"1", b"a"), row(b"2", b"b"), row(b"9", b"x", "legs")])
        turns.until(lambda: opened.durable == 1)  # three rows: folded
        opened.append([], [row(b"1", None), row(b"2", b"c")])
        assert list(opened.rows("calls")) == [(b"2", b"c")]
        assert list(opened.rows("legs")) == [(b"9", b"x")]
        assert list(opened.rows("nothing")) == []


def test_what_was_appended_before_the_start_is_written_by_it(path: Path) -> None:
    opened, turns = open_journal(path, SITE), Turns()
    number = opened.append([line("early")])
    opened.start(turns.soon, turns.wake)
    turns.until(lambda: opened.durable == number)
    opened.close()
    opened.close()  # once more does nothing
    with journal(path) as (opened, _):
        assert kinds(opened) == [(1, "early")]


def test_one_that_never_began_is_closed_too(path: Path) -> None:
    open_journal(path, SITE).close()
    open_journal(path, SITE).close()


def test_closing_writes_what_waits_and_tells_those_who_wait(path: Path) -> None:
    told: list[int] = []
    with journal(path) as (opened, turns):
        number = opened.append([line("late")], [row(b"1")])
        opened.when_durable(number, lambda: told.append(number))
    turns.turn()  # as the loop does once more, when nothing is left to hand over
    assert told == [1]
    assert list(path.parent.glob("*-wal")) == []  # a clean end leaves one file
    assert sqlite3.connect(path).execute("SELECT value FROM meta WHERE name = 'folded'").fetchone() == (1,)


def test_rows_are_folded_when_lines_say_that_it_is_time(path: Path, tmp_path: Path) -> None:
    with journal(path, Terms(fold_interval_s=5.0)) as (opened, turns):
        for at in (100.0, 104.0, 105.0, 106.0):
            last = opened.append([line(at=at)], [row(str(at).encode())])
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
        turns.until(lambda: not opened._folding)
        copy = crashed(path, tmp_path / "copy")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT value FROM meta WHERE name = 'folded'").fetchone() == (3,)
        assert connection.execute("SELECT key FROM state").fetchall() == [(b"100.0",), (b"104.0",), (b"105.0",)]


def test_old_lines_are_forgotten_and_the_journal_says_which_is_the_first(path: Path) -> None:
    terms = Terms(fold_interval_s=1.0, keep=Keep(days=1.0, bytes_max=1 << 30))
    with journal(path, terms) as (opened, turns):
        for at in (0.0, 1.0, 90_000.0, 90_001.0):
            last = opened.append([line(at=at)])
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
        turns.until(lambda: opened.first == 3)
        assert kinds(opened) == [(3, "ask"), (4, "ask")]
    with journal(path) as (opened, _):
        assert (opened.first, opened.last) == (3, 4)


def test_lines_that_are_all_forgotten(path: Path) -> None:
    terms = Terms(fold_rows_max=1, keep=Keep(days=0.0, bytes_max=0))
    with journal(path, terms) as (opened, turns):
        opened.append([line()], [row(b"1")])
        turns.until(lambda: opened.first == 2)
        assert kinds(opened) == []


def test_damage_in_old_lines_is_told_to_whoever_reads_them(path: Path) -> None:
    write(path, [([line(kind)], []) for kind in "abc"])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE log SET body = x'00' WHERE last = 2")
    with journal(path) as (opened, _):
        assert kinds(opened, after=2) == [(3, "c")]
        with pytest.raises(DamagedError, match="written as 2 to 2"):
            kinds(opened)


def test_a_file_that_cannot_be_read_any_more_says_so(path: Path) -> None:
    with journal(path) as (opened, turns):
        opened.append([line()])
        turns.until(lambda: opened.durable == 1)
        with sqlite3.connect(path) as connection:
            connection.execute("DROP TABLE state")
        with pytest.raises(Exception, match="no such table"):
            opened.rows("calls")


def test_trouble_is_told_when_it_begins_and_when_it_ends(path: Path) -> None:
    opened, turns, told = open_journal(path, SITE), Turns(), []
    opened.start(turns.soon, turns.wake, told.append)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened._connection.execute("PRAGMA busy_timeout = 1")
    number = opened.append([line()])
    turns.until(lambda: bool(told))
    assert told == [opened.trouble()]
    assert "database is locked" in opened.trouble()
    other.execute("ROLLBACK")
    turns.until(lambda: opened.durable == number)
    assert (told[1:], opened.trouble()) == ([""], "")
    other.close()
    opened.close()


def test_figures(path: Path) -> None:
    write(path, [([line("a")], [row(b"1")])])
    with journal(path) as (opened, turns):
        began = opened.figures()
        assert (began.appended, began.durable, began.unfolded, began.waiting_bytes) == (0, 0, 0, 0)
        opened.append([line("b", size=1_000), line("c")], [row(b"1", None), row(b"2")])
        turns.turn()
        waiting = opened.figures()
        assert (waiting.appended, waiting.durable, waiting.unfolded) == (2, 0, 2)
        assert waiting.waiting_bytes == 1_001 + 4 * 200
        turns.until(lambda: opened.durable == opened.last)
        after = opened.figures()
        assert (after.appended, after.durable, after.waiting_bytes) == (2, 2, 0)
        assert after.file_bytes == sum(file.stat().st_size for file in (path, path.with_name("cordboard.db-wal")))
        assert sum(after.commits.counts) == 1


def test_when_too_much_waits_that_is_said_until_all_is_written(path: Path) -> None:
    opened, turns, told, overfull = open_journal(path, SITE, Terms(waiting_bytes_max=5_000)), Turns(), [], []
    opened.start(turns.soon, turns.wake, told.append, overfull.append)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened._connection.execute("PRAGMA busy_timeout = 60000")  # a disk that hangs, and says nothing
    opened.append([line(size=4_000)])
    turns.turn()
    assert (opened.trouble(), overfull) == ("", [])
    for _ in range(2):
        opened.append([line(size=1_000)])
        turns.turn()
    assert (told, overfull) == ([opened.trouble()], [True])
    assert str(opened.trouble()) == f"{path}: more than 5000 bytes wait to be written"
    assert isinstance(told[0], Trouble)
    assert told[0].cause is Cause.TOO_MUCH
    other.execute("ROLLBACK")
    turns.until(lambda: opened.durable == opened.last)
    assert (opened.trouble(), told[1:], overfull) == ("", [""], [True, False])
    other.close()
    opened.close()


def test_what_the_writer_says_goes_before_what_is_too_much(path: Path) -> None:
    opened, turns, told, overfull = open_journal(path, SITE, Terms(waiting_bytes_max=1)), Turns(), [], []
    opened.start(turns.soon, turns.wake, told.append, overfull.append)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened._connection.execute("PRAGMA busy_timeout = 1")
    opened.append([line()])
    turns.until(lambda: len(told) == 2)
    assert [trouble.cause for trouble in told] == [Cause.TOO_MUCH, Cause.FAILING]
    other.execute("ROLLBACK")
    turns.until(lambda: not opened.trouble())
    assert told[-1] == ""
    assert overfull == [True, False]
    other.close()
    opened.close()


def test_a_loop_that_is_closed_is_told_nothing(path: Path) -> None:
    def closed(*_: object) -> None:
        raise RuntimeError("Event loop is closed")

    opened = open_journal(path, SITE)
    opened.append([line("last words")])
    opened.start(Turns().soon, closed)
    opened.close()
    with journal(path) as (again, _):
        assert kinds(again) == [(1, "last words")]


def test_a_journal_of_another_loop_can_be_waited_for(path: Path) -> None:
    """Nothing of ``SqliteJournal`` asks for asyncio; this is what a server gives it."""
    import asyncio

    async def serve() -> int:
        loop = asyncio.get_running_loop()
        opened = open_journal(path, SITE)
        opened.start(loop.call_soon, loop.call_soon_threadsafe)
        done = loop.create_future()
        opened.when_durable(opened.append([line()]), lambda: done.set_result(opened.durable))
        try:
            return await asyncio.wait_for(done, 10)
        finally:
            opened.close()

    assert asyncio.run(serve()) == 1
    assert isinstance(SqliteJournal, type)


def test_what_was_read_while_the_writer_began_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line("a")], [])])
    with journal(path) as (opened, _):
        before, after = connect_reading(path), connect_reading(path, is_ours=True)
        readers = iter([before, after, after, after])
        monkeypatch.setattr(opened, "_reading", lambda: next(readers))
        assert opened._read("SELECT last FROM log") == [(1,)]
        assert len(list(readers)) == 0
        before.close()
        after.close()


def test_a_journal_without_space_is_read_as_one_in_nobodys_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [([line("a")], [])])

    def full(*_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(opening, "migrate", full)
        open_journal(path, SITE).close()  # never started
        opened, turns, told = open_journal(path, SITE, Terms(try_again_s=0.0)), Turns(), []
        assert kinds(opened) == [(1, "a")]
        opened.start(turns.soon, turns.wake, told.append)
        assert kinds(opened) == [(1, "a")]
        assert told == [opened.trouble()] == [f"{path}: no space left on the disk"]
    opened.append([line("b")])
    turns.until(lambda: opened.durable == 2)
    assert kinds(opened) == [(1, "a"), (2, "b")]
    assert told[1:] == [""]
    opened.close()


def test_that_too_much_waits_is_not_said_of_a_disk_that_is_known_to_fail(path: Path) -> None:
    opened, turns, told, overfull = open_journal(path, SITE, Terms(waiting_bytes_max=5_000)), Turns(), [], []
    opened.start(turns.soon, turns.wake, told.append, overfull.append)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    opened._connection.execute("PRAGMA busy_timeout = 1")
    opened.append([line()])
    turns.until(lambda: bool(told))
    opened.append([line(size=5_000)])
    turns.turn()
    assert (overfull, [trouble.cause for trouble in told]) == ([True], [Cause.FAILING])
    other.execute("ROLLBACK")
    turns.until(lambda: not opened.trouble())
    assert overfull == [True, False]
    other.close()
    opened.close()
