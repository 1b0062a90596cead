"""The thread that writes: what waits goes together, trouble keeps what waits, damage ends it."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from tests.kit.journals import SITE, line, row
from tests.kit.turns import Turns

from cordboard.journal import writer as module
from cordboard.journal.checking import look
from cordboard.journal.failures import Cause, Trouble
from cordboard.journal.folding import Fold, Keep
from cordboard.journal.format import Entry
from cordboard.journal.lock import Lock
from cordboard.journal.opening import connect_writing, open_journal
from cordboard.journal.writer import Batch, Ours, Tell, Writer

KEEP = Keep(days=1e6, bytes_max=1 << 40)
ENTRY: Entry = ((line(size=500),), (row(b"1"),))


class Scene:
    """A writer on a new journal, and what it told."""

    def __init__(self, path: Path) -> None:
        open_journal(path, SITE).close()
        self.path = path
        self.lock = Lock(path)
        self.lock.check(look(path).journal, 0)
        self.connection = connect_writing(path)
        self.turns = Turns()
        self.told: list[tuple[object, ...]] = []
        told = Tell(self._told("durable"), self._told("folded"), self._told("trouble"))
        self.writer = Writer(Ours(path, self.connection, self.lock, 0, connect_writing), KEEP, 0.0, told)

    def _told(self, what: str):  # type: ignore[no-untyped-def]
        return lambda *details: self.turns.wake(self.told.append, (what, *details))

    def until(self, *expected: tuple[object, ...]) -> None:
        """Until exactly this was told since last time."""
        self.turns.until(lambda: len(self.told) >= len(expected))
        assert self.told == list(expected)
        self.told.clear()

    def commits(self) -> list[tuple[int, int]]:
        """What is in ``log``, as another connection sees it."""
        with sqlite3.connect(self.path) as other:
            return other.execute("SELECT first, last FROM log ORDER BY last").fetchall()

    def stop(self) -> int:
        written = self.writer.stop()
        self.connection.close()
        self.lock.release()
        return written


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "a.db")


def batch(first: int, last: int, fold: Fold | None = None) -> Batch:
    return Batch(first, last, 1.0, [ENTRY] * (last - first + 1), fold)


def test_what_waits_is_one_commit(scene: Scene) -> None:
    scene.writer.write(batch(1, 2))
    scene.writer.write(batch(3, 3))
    scene.writer.start()
    scene.until(("durable", 3))
    assert scene.commits() == [(1, 3)]
    scene.writer.write(batch(4, 4))
    scene.until(("durable", 4))
    assert scene.stop() == 4


def test_a_pile_is_written_in_pieces_and_nothing_is_folded_ahead(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMITS_AT_ONCE", 2)
    for first in (1, 2, 3):
        scene.writer.write(batch(first, first, Fold(3, 1.0, {("calls", b"1"): b"v"}) if first == 3 else None))
    scene.writer.start()
    scene.until(("durable", 2), ("durable", 3), ("folded", 3, 1))
    assert scene.commits() == [(1, 2), (3, 3)]
    scene.stop()


def test_a_fold_goes_on_while_nobody_writes(scene: Scene) -> None:
    rows = {("calls", b"%d" % number): b"v" for number in range(1_000)}
    scene.writer.start()
    scene.writer.write(batch(1, 1, Fold(1, 1.0, rows)))
    scene.until(("durable", 1), ("folded", 1, 1))
    assert scene.connection.execute("SELECT count(*) FROM state").fetchone() == (1_000,)
    scene.stop()


def test_a_fold_alone_is_written_at_the_end(scene: Scene) -> None:
    scene.writer.start()
    scene.writer.write(batch(1, 1))
    scene.writer.write(Batch(2, 1, 1.0, [], Fold(1, 1.0, {("calls", b"1"): b"v"})))
    assert scene.stop() == 1
    assert look(scene.path).folded == 1


def fill(scene: Scene) -> None:
    """No page can be added any more."""
    pages = scene.connection.execute("PRAGMA page_count").fetchone()[0]
    scene.connection.execute(f"PRAGMA max_page_count = {pages}")


def test_without_space_entries_wait_and_are_written_when_there_is_some(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()
    fill(scene)
    big = Batch(1, 1, 1.0, [((line(size=50_000),), ())], Fold(1, 1.0, {("calls", b"1"): b"v"}))
    monkeypatch.setattr(scene.writer._is_stopping, "wait", lambda _timeout: tried.wait() and False)
    scene.writer.start()
    scene.writer.write(big)
    scene.until(("trouble", f"{scene.path}: no space left on the disk"))
    assert scene.commits() == []
    scene.writer.write(batch(2, 2))
    scene.connection.execute("PRAGMA max_page_count = 1000000")
    tried.set()
    scene.until(("trouble", ""), ("durable", 1), ("durable", 2), ("folded", 1, 1))
    assert scene.commits() == [(1, 1), (2, 2)]
    scene.stop()


def test_the_end_does_not_wait_for_space(scene: Scene) -> None:
    fill(scene)
    scene.writer.start()
    scene.writer.write(Batch(1, 1, 1.0, [((line(size=50_000),), ())], None))
    scene.until(("trouble", f"{scene.path}: no space left on the disk"))
    assert scene.stop() == 0
    assert scene.commits() == []


class Failing:
    """A connection whose statements fail after they were carried out, or before."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        error: sqlite3.Error,
        *,
        times: int = 1,
        carries_out: bool = False,
        statement: str = "INSERT INTO log",
    ) -> None:
        self._statement = statement
        self._connection = connection
        self._error = error
        self._carries_out = carries_out
        self._times = times

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, statement: str, values: object = ()) -> sqlite3.Cursor:
        if statement.startswith(self._statement) and self._times:
            self._times -= 1
            if self._carries_out:
                self._connection.execute(statement, values)  # type: ignore[arg-type]
            raise self._error
        return self._connection.execute(statement, values)  # type: ignore[arg-type]


def test_a_commit_that_was_made_although_it_failed_is_not_made_twice(scene: Scene) -> None:
    scene.writer._connection = Failing(  # type: ignore[assignment]
        scene.connection, sqlite3.OperationalError("disk I/O error"), carries_out=True, times=1
    )
    scene.writer.start()
    scene.writer.write(batch(1, 1))
    scene.until(("trouble", f"{scene.path}: disk I/O error"), ("trouble", ""), ("durable", 1))
    assert scene.commits() == [(1, 1)]
    scene.stop()


def test_a_transaction_that_breaks_off_leaves_nothing(scene: Scene) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    scene.writer._connection = Failing(scene.connection, error, statement="UPDATE meta")  # type: ignore[assignment]
    scene.writer.start()
    scene.writer.write(batch(1, 1, Fold(1, 1.0, {("calls", b"1"): b"v"})))
    trouble = ("trouble", f"{scene.path}: disk I/O error")
    scene.until(trouble, ("trouble", ""), ("durable", 1), ("folded", 1, 1))
    assert scene.commits() == [(1, 1)]
    scene.stop()


def test_the_same_trouble_is_told_once(scene: Scene) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    scene.writer._connection = Failing(scene.connection, error, carries_out=False, times=3)  # type: ignore[assignment]
    scene.writer.start()
    scene.writer.write(batch(1, 1))
    scene.until(("trouble", f"{scene.path}: disk I/O error"), ("trouble", ""), ("durable", 1))
    scene.stop()


def test_nothing_is_written_any_more_to_a_journal_that_is_damaged(scene: Scene) -> None:
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    error.sqlite_errorname = "SQLITE_CORRUPT"
    scene.writer._connection = Failing(scene.connection, error, carries_out=False, times=1)  # type: ignore[assignment]
    scene.writer.start()
    scene.writer.write(batch(1, 1))
    scene.until(("trouble", f"{scene.path}: database disk image is malformed (SQLITE_CORRUPT)"))
    scene.writer.write(batch(2, 2))
    assert scene.stop() == 0
    assert scene.commits() == []


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_file_that_is_taken_away_is_noticed_by_the_next_fold(scene: Scene, is_replaced: bool) -> None:
    scene.writer.start()
    scene.path.rename(scene.path.with_name("elsewhere.db"))
    if is_replaced:
        scene.path.write_bytes(b"")
    scene.writer.write(batch(1, 1, Fold(1, 1.0, {("calls", b"1"): b"v"})))
    scene.until(("trouble", f"{scene.path}: it was removed or replaced while it was written to"))
    assert scene.stop() == 0


def test_a_bug_is_told_as_trouble(scene: Scene) -> None:
    scene.writer.start()
    scene.writer.write(Batch(1, 1, 1.0, [object()], None))  # type: ignore[list-item]
    scene.turns.until(lambda: bool(scene.told))
    assert str(scene.told[0][1]).startswith(f"{scene.path}: the writer failed: TypeError")
    assert scene.stop() == 0


class Full:
    """What ``connect`` is on a disk that has no space so often."""

    def __init__(self, times: int, code: int = sqlite3.SQLITE_FULL) -> None:
        self._times = times
        self._code = code

    def __call__(self, path: Path) -> sqlite3.Connection:
        self._times -= 1
        if self._times < 0:
            return connect_writing(path)
        error = sqlite3.OperationalError("it can't be")
        error.sqlite_errorcode = self._code
        raise error


def late(scene: Scene, times: int, code: int = sqlite3.SQLITE_FULL) -> Writer:
    """The writer of a journal that had no space for a connection at the start."""
    scene.connection.close()
    told = Tell(scene._told("durable"), scene._told("folded"), scene._told("trouble"))
    why = Trouble(f"{scene.path}: no space left on the disk", Cause.NO_SPACE)
    scene.writer = Writer(Ours(scene.path, None, scene.lock, 0, Full(times, code), why), KEEP, 0.0, told)
    return scene.writer


def test_it_begins_as_soon_as_there_is_space_to_begin(scene: Scene) -> None:
    writer = late(scene, times=3)
    assert not writer.is_connected
    writer.write(batch(1, 1))
    writer.start()
    scene.until(("trouble", ""), ("durable", 1))
    assert writer.is_connected
    assert scene.commits() == [(1, 1)]
    scene.stop()
    writer.close()


def test_that_it_can_write_is_told_though_there_is_nothing_to_write(scene: Scene) -> None:
    writer = late(scene, times=1)
    writer.start()
    scene.until(("trouble", ""))
    scene.stop()
    writer.close()


def test_the_end_does_not_wait_for_space_to_begin(scene: Scene) -> None:
    writer = late(scene, times=1_000_000_000)
    writer.start()
    assert scene.stop() == 0
    writer.close()


def test_what_is_damaged_when_it_begins_is_left_alone(scene: Scene) -> None:
    writer = late(scene, times=1, code=sqlite3.SQLITE_CORRUPT)
    writer.start()
    scene.until(("trouble", f"{scene.path}: it can't be"))
    assert scene.stop() == 0
    writer.close()
