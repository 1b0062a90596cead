"""Two shelves: what goes where."""

from __future__ import annotations

from pathlib import Path

import msgspec

from cordboard.calls.recordings import Recorded, message_name
from cordboard.server.shelves import Shelves

RECORDED = Recorded("A-1", "A", "C", "5002", ("5002", "5000"), 90.0, 1.5)
MESSAGE = msgspec.structs.replace(RECORDED, id=message_name("A", 2))


class OneShelf:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.seen: list[tuple[str, str]] = []
        self.waiting: list[tuple[Recorded, tuple[str, ...]]] = []

    def place(self, recording: str) -> Path:
        return Path(self.folder) / recording

    def keep(self, recorded: Recorded) -> None:
        self.seen.append(("kept", recorded.id))

    def lose(self, recorded: Recorded, why: str) -> None:
        self.seen.append((why, recorded.id))

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        self.waiting.append((recorded, parts))

    def expected(self) -> list[tuple[Recorded, tuple[str, ...]]]:
        return self.waiting


def test_messages_have_a_shelf_of_their_own() -> None:
    recordings, messages = OneShelf("r"), OneShelf("m")
    shelves = Shelves(recordings, messages)
    assert [shelves.place(one.id) for one in (RECORDED, MESSAGE)] == [Path("r/A-1"), Path("m/A-v2")]
    for one in (RECORDED, MESSAGE):
        shelves.keep(one)
        shelves.lose(one, "lost")
        shelves.expect(one, (one.id,))
    assert shelves.expected() == [(RECORDED, ("A-1",)), (MESSAGE, ("A-v2",))]
    assert messages.waiting == [(MESSAGE, ("A-v2",))]
    assert recordings.seen == [("kept", "A-1"), ("lost", "A-1")]
    assert messages.seen == [("kept", "A-v2"), ("lost", "A-v2")]
