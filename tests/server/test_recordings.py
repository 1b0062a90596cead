"""The archive: files in a folder, what is found of them after a restart, and what goes when there are too many."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit import people

from cordboard.calls.recordings import Kept, MailboxChanged, Recorded
from cordboard.server.clock import Clock
from cordboard.server.config import Recordings
from cordboard.server.keeping import CannotKeepError
from cordboard.server.recordings import Archive

DIRECTORY = people.directory()
RECORDED = Recorded("A-1", "A", "C", "5002", ("5002", "5000"), 90.0, 1.5)


class FixedClock(Clock, frozen=True):
    def now(self) -> float:
        return 100.0

    def wall(self) -> float:
        return 1_700_000_000.0


Tell = Callable[[MailboxChanged], object]


def archive(path: Path | None = None, tell: Tell | None = None, **settings: int) -> Archive:
    made = Archive(Recordings(path=str(path) if path else "", **settings), DIRECTORY, FixedClock(), tell)
    made.open()
    return made


def put(shelf: Archive, recording: str = "A-1", began: float = 90.0, size: int = 10) -> None:
    shelf.place(recording).write_bytes(b"." * size)
    shelf.keep(msgspec.structs.replace(RECORDED, id=recording, began=began))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_kept_of_a_recording(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    with capture_logs() as logs:
        put(shelf)
    kept = Kept("A-1", "A", "C", people.RECORDER.id, "3", "5002", ("5002", "5000"), 1_699_999_990.0, 1.5, 10)
    assert (shelf.find("A-1"), list(shelf.all())) == (kept, [kept])
    assert shelf.find("A-2") is None
    assert names(tmp_path) == ["A-1.json", "A-1.wav"]
    assert shelf.place("A-1").read_bytes() == b"." * 10
    assert [line["event"] for line in logs] == ["recording kept"]


def test_what_is_handed_over_twice_is_kept_once(tmp_path: Path) -> None:
    told: list[MailboxChanged] = []
    shelf = archive(tmp_path, told.append)
    with capture_logs() as logs:
        put(shelf, "A-v1")
        shelf.mark("A-v1", heard=True)
        put(shelf, "A-v1")
    assert [(kept.id, kept.heard) for kept in shelf.all()] == [("A-v1", True)]
    assert ([line["event"] for line in logs], shelf._bytes) == (["recording kept"], 10)
    assert len(told) == 2, "it is there, and it is heard"


def test_it_is_there_after_a_restart_the_latest_first(tmp_path: Path) -> None:
    shelf = archive(tmp_path / "new" / "folder")
    put(shelf, "A-2", began=80.0)
    put(shelf, "A-1", began=90.0)
    put(shelf, "B-1", began=70.0)
    shelf.close()
    again = archive(tmp_path / "new" / "folder")
    assert [kept.id for kept in again.all()] == ["A-1", "A-2", "B-1"]
    assert again.find("A-2") == shelf.find("A-2")


def test_the_folder_is_nobody_else_s(tmp_path: Path) -> None:
    archive(tmp_path / "recordings")
    assert (tmp_path / "recordings").stat().st_mode & 0o077 == 0


def test_what_is_no_recording_is_left_alone(tmp_path: Path) -> None:
    put(archive(tmp_path))
    (tmp_path / "B-1.json").write_text("{}")
    (tmp_path / "C-1.json").write_bytes((tmp_path / "A-1.json").read_bytes())
    (tmp_path / "C-1.wav").touch()
    (tmp_path / "A-1.wav").rename(tmp_path / "D-1.wav")
    with capture_logs() as logs:
        assert list(archive(tmp_path).all()) == []
    assert [(line["event"], Path(line["file"]).name) for line in logs] == [("not a recording", "B-1.json")]
    assert names(tmp_path) == ["A-1.json", "B-1.json", "C-1.json", "C-1.wav", "D-1.wav"]


def test_a_folder_that_can_not_be_had_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotKeepError, match="file"):
        archive(tmp_path / "file")


def test_without_a_path_they_are_gone_with_the_archive() -> None:
    shelf = archive()
    shelf.close()
    put(shelf)
    folder = shelf.place("A-1").parent
    assert names(folder) == ["A-1.json", "A-1.wav"]
    assert folder.stat().st_mode & 0o077 == 0
    shelf.close()
    assert not folder.exists()


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    shelf = archive(tmp_path, kept_max=2)
    for recording in ("A-1", "A-2", "A-3"):
        put(shelf, recording)
    assert [kept.id for kept in shelf.all()] == ["A-3", "A-2"]
    assert names(tmp_path) == ["A-2.json", "A-2.wav", "A-3.json", "A-3.wav"]
    assert shelf.find("A-1") is None


def test_the_oldest_go_when_they_take_too_much_room(tmp_path: Path) -> None:
    shelf = archive(tmp_path, kept_bytes_max=1_024)
    put(shelf, "A-1", size=512)
    put(shelf, "A-2", size=512)
    assert len(shelf.all()) == 2
    put(shelf, "A-3", size=1)
    assert [kept.id for kept in shelf.all()] == ["A-3", "A-2"]
    put(shelf, "A-4", size=1_025)
    assert (list(shelf.all()), names(tmp_path)) == ([], [])


def test_limits_that_have_become_lower_count_at_the_start(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    put(shelf, "A-1", began=70.0)
    put(shelf, "A-2", began=80.0)
    assert [kept.id for kept in archive(tmp_path, kept_max=1).all()] == ["A-2"]
    assert names(tmp_path) == ["A-2.json", "A-2.wav"]


def test_a_file_that_is_not_there_is_lost_and_that_is_logged(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    with capture_logs() as logs:
        shelf.keep(RECORDED)
    assert (list(shelf.all()), names(tmp_path)) == ([], [])
    assert [(line["event"], line["log_level"], line["recording"]) for line in logs] == [
        ("a recording is lost", "error", "A-1")
    ]


def test_one_of_somebody_unheard_of_belongs_to_nobody(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    shelf.place("A-1").touch()
    shelf.keep(msgspec.structs.replace(RECORDED, starter="0900"))
    (kept,) = shelf.all()
    assert (kept.owner, kept.tenant, kept.bytes) == ("", "", 0)


def test_what_is_marked_as_heard_is_so_after_a_restart(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    put(shelf)
    shelf.mark("A-1", True)
    found = archive(tmp_path).find("A-1")
    assert found is not None
    assert found.heard
    shelf.mark("A-1", False)
    assert shelf.find("A-1") == msgspec.structs.replace(found, heard=False)


def test_what_is_deleted_is_gone(tmp_path: Path) -> None:
    shelf = archive(tmp_path, kept_bytes_max=1_024)
    put(shelf)
    put(shelf, "A-2", size=1_020)
    assert [kept.id for kept in shelf.all()] == ["A-2"]
    shelf.delete("A-2")
    assert (list(shelf.all()), names(tmp_path)) == ([], [])
    put(shelf, "A-3", size=1_020)
    assert [kept.id for kept in shelf.all()] == ["A-3"]


def test_what_becomes_of_messages_is_told(tmp_path: Path) -> None:
    told: list[MailboxChanged] = []
    shelf = archive(tmp_path, told.append, kept_max=2)
    put(shelf, "A-v1", began=80.0)
    put(shelf, "A-v2", began=81.0)
    for _ in range(2):
        shelf.mark("A-v1", True)
    put(shelf, "A-v3", began=82.0)
    shelf.delete("A-v2")
    assert [(one.change.value, one.message.id, one.message.heard, one.new, one.heard) for one in told] == [
        ("NewMessage", "A-v1", False, 1, 0),
        ("NewMessage", "A-v2", False, 2, 0),
        ("MessageMarked", "A-v1", True, 1, 1),
        ("NewMessage", "A-v3", False, 2, 1),
        ("MessageDeleted", "A-v1", True, 2, 0),
        ("MessageDeleted", "A-v2", False, 1, 0),
    ]


def test_how_many_wait_for_whom(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    for name in ("A-v1", "A-v2", "A-v3"):
        put(shelf, name)
    shelf.mark("A-v2", True)
    assert shelf.counts() == {"5002": (2, 1)}


# -- those that the switch still has -----------------------------------------------------------------------------------


def test_what_is_to_be_fetched_is_known_to_the_next_process(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    for recording in ("A-1", "A-2", "A-3"):
        shelf.expect(msgspec.structs.replace(RECORDED, id=recording), (recording, f"{recording}.2"))
    put(shelf, "A-2")
    with capture_logs():
        shelf.lose(msgspec.structs.replace(RECORDED, id="A-3"), "lost")
    assert archive(tmp_path).expected() == [(RECORDED, ("A-1", "A-1.2"))]


def test_what_was_kept_at_the_last_moment_is_not_fetched_again(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    put(shelf)
    shelf.expect(RECORDED, ("A-1",))
    assert (archive(tmp_path).expected(), list(tmp_path.glob("*.expected"))) == ([], [])
    shelf.expect(RECORDED, ("A-1",))
    put(shelf)
    assert list(tmp_path.glob("*.expected")) == []


def test_notes_that_can_t_be_written_or_read_stop_nothing(tmp_path: Path) -> None:
    shelf = archive(tmp_path)
    (tmp_path / "A-1.expected").mkdir()
    (tmp_path / "A-2.expected").write_bytes(b"nothing")
    with capture_logs() as logs:
        shelf.expect(RECORDED, ("A-1",))
        assert shelf.expected() == []
    assert [log["event"] for log in logs] == [
        "a recording may be lost if this process is killed",
        "not a recording that is expected",
        "not a recording that is expected",
    ]
    assert Archive(Recordings(), DIRECTORY, FixedClock()).expected() == []
