"""Where the switch puts what it has recorded: messages for mailboxes go to a shelf of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cordboard.calls.model import RecordingId
from cordboard.calls.ports import Shelf
from cordboard.calls.recordings import Recorded, is_message


class Shelves:
    """Two shelves as one; implements ``calls.ports.Shelf``."""

    def __init__(self, recordings: Shelf, messages: Shelf) -> None:
        self._recordings = recordings
        self._messages = messages

    def place(self, recording: RecordingId) -> Path:
        return self._of(recording).place(recording)

    def keep(self, recorded: Recorded) -> None:
        self._of(recorded.id).keep(recorded)

    def lose(self, recorded: Recorded, why: str) -> None:
        self._of(recorded.id).lose(recorded, why)

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        self._of(recorded.id).expect(recorded, parts)

    def expected(self) -> Sequence[tuple[Recorded, tuple[str, ...]]]:
        return [*self._recordings.expected(), *self._messages.expected()]

    def _of(self, recording: RecordingId) -> Shelf:
        return self._messages if is_message(recording) else self._recordings
