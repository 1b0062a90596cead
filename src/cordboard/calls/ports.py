"""Ports: what the rooms on either side of ``calls`` offer or need, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import CallId, CallView, Number, RecordingId, Refusal
from cordboard.calls.orders import AnyOrder
from cordboard.calls.recordings import Kept, Recorded
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport

_pack = msgspec.msgpack.Encoder().encode


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

    def resume(self, remembered: Remembered) -> None:
        """What an earlier process ordered, and what may go on; to be called before ``start``."""

    async def start(self, hear: Hear) -> None:
        """Connect, and report SwitchSnapshot once ready; report through ``hear`` until ``stop``."""

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """Take orders over, in this order."""

    def dealt_with(self, report: AnyReport) -> None:
        """All that this report led to has been submitted, or nothing came of it. Called for the transfers that
        telephones ask for: somebody waits at the key. ``hear`` may return long before, as long as nothing is durable.
        """

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

    def expect(self, recorded: Recorded, parts: tuple[str, ...]) -> None:
        """It is complete and still has to be fetched; the switch has it in parts of these names. Noted, so that
        ``expected`` tells of it until it is kept or lost, in the next process, too."""

    def expected(self) -> Sequence[tuple[Recorded, tuple[str, ...]]]: ...


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


class Line(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One record of the journal, which gives it its number: each one greater than the one before, never twice."""

    kind: str
    """What it is, in one word."""
    at: float
    """Seconds since 1970."""
    body: bytes
    """MessagePack."""


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The newest value of one row of state; None removes it.

    It is MessagePack; or, as long as it has not been written down, what becomes that by ``packed``: then nothing in it
    may ever change, as nobody says when that will be.
    """

    table: str
    key: bytes
    value: Any


def packed(value: Any) -> bytes | None:
    """The value of a row as MessagePack."""
    return value if value is None or type(value) is bytes else _pack(value)


class Journal(Protocol):
    """What is written down before anybody hears of it. Plain functions for one thread; none waits for a disk, but
    ``lines`` and ``rows``, which read, and ``close``."""

    def append(self, lines: Sequence[Line], rows: Sequence[Row] = ()) -> int:
        """One entry: all of it will be there, or nothing. Gives the number of its last line; an entry of rows only
        has a number, too, which no line has."""

    def when_durable(self, number: int, then: Callable[[], None]) -> None:
        """Call ``then`` when everything up to ``number`` is sure to be there after a crash: at once if it is so
        already, otherwise later, in the order of the numbers (and of the calls, for the same one)."""

    @property
    def first(self) -> int:
        """The oldest number that ``lines`` still gives; those before it are forgotten."""

    @property
    def last(self) -> int:
        """The number that was given last. Before the first it is one that nobody was ever given, such as 0."""

    @property
    def durable(self) -> int:
        """Up to where everything is durable, as far as ``when_durable`` has told."""

    def trouble(self) -> str:
        """Why nothing can be written now (then what is appended waits); "" if all is well."""

    def lines(self, after: int = 0) -> Iterator[tuple[int, Line]]:
        """Lines that are durable, with their numbers, from the first one behind ``after``."""

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        """All rows of a table, by key. Meant for the start: read a table before anything is appended to it."""

    def close(self) -> None:
        """Write what waits, if it can be written, and let go."""
