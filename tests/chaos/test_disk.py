"""The disk of a run: full and free again; the last page of a journal is found and spoilt."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.chaos.disk import Disk, last_frame
from tests.kit.outside import cannot_run


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    made.close()


def write(disk: Disk, rows: int) -> sqlite3.Connection:
    """A journal as one that was killed leaves it: nothing of its log is in the database yet."""
    connection = sqlite3.connect(disk.journal, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma wal_autocheckpoint = 0")
    connection.execute("create table if not exists t (x)")
    for number in range(rows):
        connection.execute("insert into t values (?)", (f"{number}" * 1_000,))
    return connection


def test_a_disk_that_is_full_takes_nothing_until_it_is_free_again(disk: Disk) -> None:
    if not disk.can_fill:
        cannot_run("no small disk may be mounted here")
    connection = write(disk, 1)
    disk.fill()
    with pytest.raises(sqlite3.Error):
        connection.execute("insert into t values (?)", ("x" * 1_000_000,))
    disk.free()
    connection.execute("insert into t values (?)", ("x" * 1_000_000,))
    connection.close()


def test_the_page_that_was_written_last_is_spoilt_and_a_copy_brings_it_back(disk: Disk, tmp_path: Path) -> None:
    connection = write(disk, 3)
    disk.copy(tmp_path / "copy")
    connection.close()
    disk.restore(tmp_path / "copy")
    before = disk.contents()
    assert disk.damage_the_last_page() == "cordboard.db-wal"
    after = disk.contents()
    old, new = before["cordboard.db-wal"], after["cordboard.db-wal"]
    changed = [at for at in range(len(old)) if old[at] != new[at]]
    assert len(old) == len(new)
    frame = last_frame(before["cordboard.db-wal"])
    assert frame is not None
    assert (changed[0], len(changed)) == frame
    reading = sqlite3.connect(disk.journal)
    assert reading.execute("select count(*) from t").fetchone() == (2,), "the last commit is gone"
    reading.close()
    disk.restore(tmp_path / "copy")
    assert disk.contents() == before


def test_without_a_log_it_is_the_last_page_of_the_database(disk: Disk) -> None:
    write(disk, 3).close()
    before = disk.contents()
    assert disk.damage_the_last_page() == "cordboard.db"
    after = disk.contents()
    assert before["cordboard.db"][:-4_096] == after["cordboard.db"][:-4_096]
    assert before["cordboard.db"][-4_096:] != after["cordboard.db"][-4_096:]


def test_a_log_of_an_earlier_round_is_no_log() -> None:
    assert last_frame(b"") is None
    header = b"\x37\x7f\x06\x82" + b"\0" * 4 + (16).to_bytes(4, "big") + b"\0" * 4 + b"SALTSALT" + b"\0" * 8
    old = b"\0" * 8 + b"OLDSALTS" + b"\0" * 8 + b"." * 16
    assert last_frame(header + old) is None
    new = b"\0" * 8 + b"SALTSALT" + b"\0" * 8 + b"." * 16
    assert last_frame(header + new + new + old) == (32 + 40 + 24, 16)


def test_whoever_writes_while_it_is_held_up_waits(disk: Disk) -> None:
    write(disk, 1).close()
    with disk.held_up():
        impatient = sqlite3.connect(disk.journal, isolation_level=None, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            impatient.execute("insert into t values ('x')")
    impatient.execute("insert into t values ('x')")
    impatient.close()
