"""What can't be used is found out before anything is written, and told with its reason."""

from __future__ import annotations

import os
import sqlite3
import struct
from pathlib import Path

import pytest
from tests.kit.journals import SITE, crashed, files, journal, line, row, write

from cordboard.journal.checking import check_gap, check_site, check_size, connect_reading, look, reading
from cordboard.journal.failures import DamagedError, InaccessibleError, JournalError, NewerError, OtherSiteError
from cordboard.journal.format import APPLICATION_ID, VERSION
from cordboard.journal.lock import beside
from cordboard.journal.sqlite import Terms


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with five commits of several pages each, of which three are folded."""
    path = tmp_path / "a.db"
    write(path, [([line(size=9_000)], [row(b"%d" % number)]) for number in range(3)])
    return path


def killed(path: Path, tmp_path: Path, entries: int = 2) -> Path:
    """The same one after a crash: with a write-ahead log."""
    with journal(path, Terms(fold_interval_s=1e9)) as (opened, turns):
        for _ in range(entries):
            last = opened.append([line(size=9_000)], [row(b"0", b"new"), row(b"1", None)])
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]
        return crashed(path, tmp_path / "crashed")


def change(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def refused(path: Path, kind: type[JournalError], match: str) -> None:
    """Looking at it fails, and changes nothing."""
    before = files(path)
    with pytest.raises(kind, match=match):
        look(path)
    assert files(path) == before


def test_what_it_says_of_itself_and_what_is_not_folded(path: Path, tmp_path: Path) -> None:
    found = look(path)
    assert (found.site, found.version, found.folded, found.newest) == (SITE, VERSION, 3, {})
    assert (found.first, found.last) == (1, 3)
    copy = killed(path, tmp_path)
    before = files(copy)
    again = look(copy)
    assert (again.journal, again.folded, again.last) == (found.journal, 3, 5)
    assert again.newest == {("calls", b"0"): b"new", ("calls", b"1"): None}
    assert files(copy) == before


def test_a_journal_of_another_site_is_refused(path: Path) -> None:
    check_site(path, look(path), SITE)
    with pytest.raises(OtherSiteError, match="of the calls of site 'here', and this is 'there'"):
        check_site(path, look(path), "there")


def test_a_journal_of_a_later_version_is_refused(path: Path) -> None:
    change(path, f"PRAGMA user_version = {VERSION + 1}")
    versions = rf"\(format {VERSION + 1}; this one knows {VERSION}\)"
    refused(path, NewerError, f"written by a later version of cordboard {versions}")


@pytest.mark.parametrize("name", ["journal", "site", "folded"])
def test_one_that_does_not_say_whose_it_is(path: Path, name: str) -> None:
    change(path, f"DELETE FROM meta WHERE name = '{name}'")
    refused(path, DamagedError, "does not say whose it is")


def test_a_value_of_another_type(path: Path) -> None:
    change(path, "UPDATE meta SET value = 'three' WHERE name = 'folded'")
    refused(path, DamagedError, "of another type")


def test_tables_that_are_missing(path: Path) -> None:
    change(path, "DROP TABLE state")
    refused(path, InaccessibleError, "no such table: state")


def test_a_row_that_is_not_what_was_written(path: Path) -> None:
    change(path, "UPDATE state SET value = x'00' WHERE key = x'31'")
    refused(path, DamagedError, r"a row of calls \(b'1'\) is not what was written")


def test_a_fold_may_end_within_a_commit(tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    write(path, [([line()] * 5, [row(b"1", b"new")])])
    change(path, "UPDATE meta SET value = 3 WHERE name = 'folded'")
    found = look(path)
    assert (found.folded, found.last, found.newest) == (3, 5, {("calls", b"1"): b"new"})


def test_commits_that_are_missing_behind_the_fold(path: Path, tmp_path: Path) -> None:
    copy = killed(path, tmp_path)
    change(copy, "DELETE FROM log WHERE last = 4")
    refused(copy, DamagedError, "4 to 4 are missing")


def test_a_commit_behind_the_fold_that_is_not_what_was_written(path: Path, tmp_path: Path) -> None:
    copy = killed(path, tmp_path)
    change(copy, "UPDATE log SET body = zeroblob(9) WHERE last = 5")
    refused(copy, DamagedError, "what was written as 5 to 5")


def test_a_fold_of_what_is_not_there(path: Path) -> None:
    change(path, "UPDATE meta SET value = 7 WHERE name = 'folded'")
    refused(path, DamagedError, "written up to 7, but the end is missing")
    change(path, "DELETE FROM log")
    assert look(path).last == 7  # they may have been forgotten


def test_rows_that_are_not_found(path: Path) -> None:
    """A leaf that says that it has a row less: what is left of it has the right checksums."""
    content = bytearray(path.read_bytes())
    pages = [at for at in range(0, len(content), 4_096) if content[at] == 10 and b"calls" in content[at : at + 4_096]]
    content[pages[0] + 4] -= 1
    path.write_bytes(content)
    refused(path, DamagedError, "state|Tree|Fragmentation|page")


def test_gaps_are_told_from_what_was_forgotten(path: Path) -> None:
    change(path, "DELETE FROM log WHERE last = 2")
    with reading(path) as connection:
        check_gap(path, connection, 0, 1)
        check_gap(path, connection, 0, 3)
        with pytest.raises(DamagedError, match="2 to 2 are missing"):
            check_gap(path, connection, 1, 3)


def test_old_commits_are_not_looked_at(path: Path) -> None:
    change(path, "UPDATE log SET body = zeroblob(9) WHERE last = 2")
    assert look(path).last == 3


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "it is empty"),
        (b"SQLite format 3\0", "not a journal, or its beginning is damaged"),
        (b"[server]\n" * 100, "not a journal, or its beginning is damaged"),
    ],
)
def test_files_that_are_no_journals(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    refused(path, DamagedError, match)


def test_another_database(tmp_path: Path) -> None:
    change(tmp_path / "a.db", "CREATE TABLE songs (title)")
    refused(tmp_path / "a.db", DamagedError, "a database, but not a journal of cordboard")


def test_a_beginning_that_cannot_be(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[16:18] = b"\0\0"
    path.write_bytes(content)
    refused(path, DamagedError, "its beginning is damaged")


@pytest.mark.parametrize("gone", [1, 4_096, 9_000])
def test_a_file_that_was_cut_off(path: Path, gone: int) -> None:
    os.truncate(path, path.stat().st_size - gone)
    refused(path, DamagedError, r"truncated: \d+ of \d+ pages are missing at its end")


def test_pages_that_are_still_in_the_write_ahead_log_are_not_missing(path: Path, tmp_path: Path) -> None:
    before = path.stat().st_size
    copy = killed(path, tmp_path)
    assert before == copy.stat().st_size < path.stat().st_size
    assert look(copy).last == 5
    os.truncate(copy, 8_192)  # much of this is not in the log
    refused(copy, DamagedError, "truncated: ")


def test_an_end_of_the_write_ahead_log_that_was_not_written_is_as_if_it_had_not_been_begun(
    path: Path, tmp_path: Path
) -> None:
    copy = killed(path, tmp_path)
    wal = beside(copy, "wal")
    for cut in (1, 10_000):
        os.truncate(wal, wal.stat().st_size - cut)
        assert look(copy).last == 4
    os.truncate(wal, 10)
    assert look(copy).last == 3


def test_what_is_left_in_the_write_ahead_log_from_before_does_not_count(path: Path, tmp_path: Path) -> None:
    copy = killed(path, tmp_path)
    wal = beside(copy, "wal")
    content = bytearray(wal.read_bytes())
    second_frame = 32 + 24 + 4_096
    content[second_frame + 8 : second_frame + 16] = b"othersal"
    wal.write_bytes(content)
    check_size(copy)
    assert look(copy).last == 3


def test_large_pages(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA page_size = 65536")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE a (b)")
    connection.close()
    assert struct.unpack(">H", path.read_bytes()[16:18]) == (1,)
    check_size(path)
    os.truncate(path, 65_536)
    with pytest.raises(DamagedError, match="1 of 2 pages"):
        check_size(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InaccessibleError, match="Is a directory"):
        look(tmp_path)
    refused(tmp_path / "nowhere.db", InaccessibleError, "No such file")


def test_damaged_pages_are_told_as_damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4_096 : 4_096 * 4] = bytes([0xFF]) * 4_096 * 3
    path.write_bytes(content)
    refused(path, DamagedError, "malformed")


def test_a_connection_for_reading_writes_nothing(path: Path) -> None:
    with pytest.raises(JournalError, match="attempt to write a readonly database"), reading(path) as connection:
        connection.execute("DELETE FROM log")
    odd = path.with_name("a?b #c%.db")
    path.rename(odd)
    connect_reading(odd).close()
