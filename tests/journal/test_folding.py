"""Folding in pieces: wherever it stops, the newest values win; and old lines go when they may."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from cordboard.journal.folding import PIECE, Fold, Folding, Keep, first_number
from cordboard.journal.format import FIRST_VERSION, row_crc

FOREVER = Keep(days=1e6, bytes_max=1 << 40)


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in FIRST_VERSION:
        connection.execute(statement)
    connection.execute("INSERT INTO meta VALUES ('folded', 0)")
    yield connection
    connection.close()


def state(connection: sqlite3.Connection) -> dict[bytes, bytes]:
    rows = connection.execute("SELECT name, key, value, crc FROM state").fetchall()
    assert all(row_crc(*row[:3]) == row[3] for row in rows)
    return {row[1]: row[2] for row in rows}


def folded(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE name = 'folded'").fetchone()[0])


def log(connection: sqlite3.Connection, count: int, size: int = 1) -> None:
    """One commit of two lines for each second."""
    rows = [(2 * number, 2 * number - 1, float(number), bytes(size), 0) for number in range(1, count + 1)]
    connection.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?)", rows)


def test_rows_are_written_in_pieces_and_the_mark_moves_with_the_last_one(connection: sqlite3.Connection) -> None:
    keys = [f"{number:04}".encode() for number in range(2 * PIECE + 1)]
    folding = Folding(Fold(9, 1.0, {("calls", key): b"v" for key in keys}), FOREVER)
    assert folding.through == 9
    for piece in (1, 2):
        folding.step(connection)
        folding.step(connection)  # as after a transaction that was undone
        assert (len(state(connection)), folded(connection), folding.folded) == (piece * PIECE, 0, 0)
        assert folding.go_on()
    folding.step(connection)
    assert folding.go_on()
    assert (len(state(connection)), folded(connection), folding.folded) == (2 * PIECE + 1, 9, 9)
    folding.step(connection)
    assert not folding.go_on()  # there was nothing to forget


def test_rows_that_are_gone_are_removed(connection: sqlite3.Connection) -> None:
    Folding(Fold(1, 1.0, {("calls", b"1"): b"a", ("calls", b"2"): b"b"}), FOREVER).step(connection)
    newest = {("calls", b"1"): None, ("calls", b"2"): b"c", ("legs", b"2"): None}
    Folding(Fold(2, 2.0, newest), FOREVER).step(connection)
    assert state(connection) == {b"2": b"c"}
    Folding(Fold(3, 2.0, {("calls", b"2"): None}), FOREVER).step(connection)
    assert state(connection) == {}


def test_a_fold_without_rows_moves_the_mark(connection: sqlite3.Connection) -> None:
    folding = Folding(Fold(5, 1.0, {}), FOREVER)
    folding.step(connection)
    assert folding.go_on()
    assert folded(connection) == 5


def forget(connection: sqlite3.Connection, fold: Fold, keep: Keep) -> int:
    """Fold and forget to the end; how many steps that took."""
    folding, steps = Folding(fold, keep), 1
    folding.step(connection)
    while folding.go_on():
        folding.step(connection)
        steps += 1
    return steps


def test_lines_older_than_their_days_go_and_only_those_that_are_folded(connection: sqlite3.Connection) -> None:
    log(connection, 10)
    day = Keep(days=1.0, bytes_max=1 << 40)
    forget(connection, Fold(20, 86_400.0 + 4.0, {}), day)
    assert first_number(connection, 20) == 7  # the commits of seconds 1 to 3 are older than a day
    forget(connection, Fold(10, 1e9, {}), day)
    assert first_number(connection, 20) == 11
    forget(connection, Fold(20, 1e9, {}), day)
    assert first_number(connection, 20) == 21


def test_many_old_lines_go_in_pieces(connection: sqlite3.Connection) -> None:
    log(connection, 2 * PIECE + 1)
    assert forget(connection, Fold(4 * PIECE + 2, 1e9, {}), Keep(days=1.0, bytes_max=1 << 40)) == 4
    assert connection.execute("SELECT count(*) FROM log").fetchone() == (0,)


def test_a_file_that_is_too_large_loses_its_oldest_lines(connection: sqlite3.Connection) -> None:
    log(connection, 3 * PIECE, size=4_000)
    forget(connection, Fold(6 * PIECE, 1.0, {}), Keep(days=1e6, bytes_max=4_096 * 2 * PIECE))
    first = first_number(connection, 6 * PIECE)
    assert first == 4 * PIECE + 1  # two pieces of three had to go
    forget(connection, Fold(6 * PIECE, 1.0, {}), Keep(days=1e6, bytes_max=4_096 * 2 * PIECE))
    assert first_number(connection, 6 * PIECE) == first
