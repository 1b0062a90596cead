"""The scribe: files, and who is told that they are there."""

from __future__ import annotations

from pathlib import Path

from cordboard.calls.recordings import Recorded
from cordboard.switches.virtual.scribe import Scribe

RECORDED = Recorded("m-1", "m", "c", "10", ("10",), 100.0, 3.5)


class Shelf:
    def __init__(self, folder: Path, *, refuses: bool = False) -> None:
        self.kept: list[Recorded] = []
        self.lost: list[str] = []
        self._folder, self._refuses = folder, refuses

    def place(self, recording: str) -> Path:
        if self._refuses:
            raise OSError("no room")
        return self._folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        self.kept.append(recorded)

    def lose(self, recorded: Recorded, why: str) -> None:
        self.lost.append(why)


async def test_a_recording_is_written_and_kept(tmp_path: Path) -> None:
    shelf, told = Shelf(tmp_path), list[str]()
    scribe = Scribe(shelf)
    scribe.save(RECORDED, lambda: told.append("there"))
    assert (shelf.kept, told) == ([], []), "nobody waits for a disk"
    await scribe.finish()
    assert (shelf.kept, told) == ([RECORDED], ["there"])
    assert (tmp_path / "m-1.wav").stat().st_size == 44 + 2 * 28_000
    await scribe.finish()


async def test_what_can_not_be_written_is_lost_and_told(tmp_path: Path) -> None:
    shelf, told = Shelf(tmp_path / "nowhere"), list[str]()
    scribe = Scribe(shelf)
    scribe.save(RECORDED, lambda: told.append("gone"))
    await scribe.finish()
    assert (shelf.kept, told) == ([], ["gone"])
    assert "No such file" in shelf.lost[0]


async def test_a_shelf_without_room(tmp_path: Path) -> None:
    shelf, told = Shelf(tmp_path, refuses=True), list[str]()
    Scribe(shelf).save(RECORDED, lambda: told.append("gone"))
    assert (shelf.lost, told) == (["no room"], ["gone"])


async def test_without_a_shelf_there_is_nothing_to_do() -> None:
    told = list[str]()
    scribe = Scribe(None)
    scribe.save(RECORDED, lambda: told.append("gone"))
    scribe.save(RECORDED)
    assert told == ["gone"]
    await scribe.finish()
