"""One server writes to a journal, and what it had written is known even if the end of the file is gone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cordboard.journal.failures import DamagedError, InaccessibleError, InUseError
from cordboard.journal.lock import Lock, beside, noted


def test_files_beside_a_journal_have_its_name(tmp_path: Path) -> None:
    assert beside(tmp_path / "a.db", "lock") == tmp_path / "a.db-lock"


def test_a_second_one_is_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    lock = Lock(path)
    with pytest.raises(InUseError, match="another process is writing to it"):
        Lock(path)
    lock.check("id", 0)
    lock.note(1)
    with pytest.raises(InUseError, match=f"process {os.getpid()} is writing to it"):
        Lock(path)
    lock.release()
    Lock(path).release()


def test_a_journal_that_ends_too_early_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    lock = Lock(path)
    lock.check("id", 7)
    lock.note(12)
    lock.release()
    lock = Lock(path)
    with pytest.raises(DamagedError, match=r"it ends with 11, but was written up to 12: was a\.db-wal lost"):
        lock.check("id", 11)
    lock.check("another journal", 3)
    lock.check("id", 12)
    lock.release()
    assert oct(beside(path, "lock").stat().st_mode)[-3:] == "600"


def test_whoever_reads_is_told_how_far_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert noted(path, "id") == 0
    lock = Lock(path)
    lock.check("id", 0)
    lock.note(5)
    assert (noted(path, "id"), noted(path, "another")) == (5, 0)
    lock.release()


def test_whoever_begins_a_new_journal_is_told_how_far_the_one_before_was_written(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "a.db")
    assert lock.written() == 0
    lock.check("id", 0)
    lock.note(5)
    assert lock.written() == 5
    lock.release()


def test_a_lock_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    with pytest.raises(InaccessibleError, match=r"nowhere/a.db-lock: No such file or directory"):
        Lock(tmp_path / "nowhere" / "a.db")


@pytest.mark.parametrize("text", ["", "x", "1 id \xff", "a b c d"])
def test_nonsense_in_it_is_no_reason_to_stop(tmp_path: Path, text: str) -> None:
    beside(tmp_path / "a.db", "lock").write_text(text, encoding="latin-1")
    lock = Lock(tmp_path / "a.db")
    lock.check("id", 0)
    lock.release()


def test_a_note_that_finds_no_space_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.db"
    lock = Lock(path)
    lock.check("id", 7)
    lock.note(7)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        lock.note(8)
    assert noted(path, "id") == 7
    lock.release()
