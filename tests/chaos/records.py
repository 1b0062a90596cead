"""What is known of a run afterwards: what clients asked and heard, what phones heard, what was done to them all.

Values that are written as JSON lines, so that a run can be judged again. Instants are seconds since the run began.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec


class Began(msgspec.Struct, frozen=True, tag=True):
    """The first line. ``lanes`` are the numbers that have to do with each other; ``sessions_survive`` says whether a
    client may be told to handshake again."""

    seed: int
    nemeses: tuple[str, ...]
    lanes: tuple[tuple[str, ...], ...]
    sessions_survive: bool = True


class Heard(msgspec.Struct, frozen=True, tag=True):
    """One notification, as a client handed it to its subscriber. ``sequence`` is its replayId; ``error`` is the text of
    an ErrorMessage, else "". ``call`` is a call's id."""

    at: float
    user: str
    desktop: str
    sequence: int
    call: str
    state: str
    change: str
    kind: str
    error: str
    data: msgspec.Raw


class Handshook(msgspec.Struct, frozen=True, tag=True):
    """A client got a session."""

    at: float
    user: str
    desktop: str
    client_id: str


class Asked(msgspec.Struct, frozen=True, tag=True):
    """An operation on a call that got an answer, after so many ``tries`` with one Idempotency-Key."""

    at: float
    answered_at: float
    user: str
    call: str
    operation: str
    key: str
    status: int
    code: int
    tries: int


class Acted(msgspec.Struct, frozen=True, tag=True):
    """Somebody at a telephone did something, as the lab calls it, or tried to."""

    at: float
    number: str
    what: str


class Phone(msgspec.Struct, frozen=True, tag=True):
    """A phone changed, as the exchange sees it."""

    at: float
    number: str
    state: str
    hears: tuple[str, ...]


class Trouble(msgspec.Struct, frozen=True, tag=True):
    """What the nemesis did, from when to when."""

    at: float
    until: float
    what: str


class Told(msgspec.Struct, frozen=True, tag=True):
    """A story went through."""

    at: float
    until: float
    lane: int
    story: str


class Failed(msgspec.Struct, frozen=True, tag=True):
    """Something that the driver itself saw to be wrong."""

    at: float
    what: str


class Detail(msgspec.Struct, frozen=True, tag=True):
    """One call detail record, as the journal has it in the end."""

    record: msgspec.Raw


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The last line: what is left when all have hung up. ``calls`` are those that the API still shows, by number."""

    at: float
    phones: tuple[Phone, ...]
    calls: dict[str, int]


AnyLine: TypeAlias = Began | Heard | Handshook | Asked | Acted | Phone | Trouble | Told | Failed | Detail | Ended

RECOVERY_S = 5.0
"""So long after a trouble nothing is expected of it yet."""

_T = TypeVar("_T", bound=AnyLine)


def of(lines: Iterable[AnyLine], kind: type[_T]) -> list[_T]:
    """The lines of one kind."""
    return [line for line in lines if isinstance(line, kind)]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyLine).decode


def save(lines: Iterable[AnyLine], path: Path) -> None:
    path.write_bytes(b"".join(_encode(line) + b"\n" for line in lines))


def load(path: Path) -> list[AnyLine]:
    return [_decode(line) for line in path.read_bytes().splitlines()]
