"""Ports: what the rooms on either side of ``calls`` offer or need, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import CallId, CallView, Number, RecordingId, Refusal
from cordboard.calls.orders import AnyOrder
from cordboard.calls.recordings import Kept, Recorded
from cordboard.calls.reports import AnyReport


class Desk(Protocol):
    """What front ends use. Plain functions: they return before anything else happens."""

    def now(self) -> float:
        """The instant that ``Call.began`` is measured against, in seconds."""

    def ask(self, command: AnyCommand) -> Refusal | None:
        """Ask the board; None means accepted (not: done)."""

    def call(self, call_id: CallId, owner: Number) -> CallView | None:
        """The call that ``owner`` sees under this id, if there is one that is not over."""

    def calls_of(self, owner: Number) -> list[CallView]:
        """All calls of a number, oldest first."""

    def is_linked(self) -> bool:
        """Whether the link to the switch is there."""


Hear = Callable[[AnyReport], None]


class Switch(Protocol):
    """A switch driver. ``submit`` returns at once and never calls ``hear`` from inside.

    Each order submitted is answered by one OrderDone or OrderFailed before its deadline, unless the link breaks.
    """

    async def start(self, hear: Hear) -> None:
        """Connect, and report SwitchSnapshot once ready; report through ``hear`` until ``stop``."""

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """Take orders over, in this order."""

    async def stop(self) -> None:
        """Let go of the switch; its calls go on unless it is embedded."""


class Shelf(Protocol):
    """Where a switch driver puts recordings: it writes the file, then says that it is complete."""

    def place(self, recording: RecordingId) -> Path:
        """The WAV file to write."""

    def keep(self, recorded: Recorded) -> None:
        """The file is complete."""

    def lose(self, recorded: Recorded, why: str) -> None:
        """The file could not be written."""


class Archive(Protocol):
    """What front ends see of the recordings that are kept."""

    def all(self) -> Sequence[Kept]:
        """The latest first."""

    def find(self, recording: RecordingId) -> Kept | None: ...

    def place(self, recording: RecordingId) -> Path:
        """Its WAV file."""


class Mailboxes(Archive, Protocol):
    """What front ends see of the messages that were left for people, and do with them."""

    def mark(self, recording: RecordingId, heard: bool) -> None:
        """Whether it was heard. Raises OSError if that can't be noted."""

    def delete(self, recording: RecordingId) -> None: ...
