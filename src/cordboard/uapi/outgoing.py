"""Messages on their way out, as the journal keeps them: each is a line of the entry that it tells of, and counted.

Whoever sends them notes how far it has taken them over, and takes the rest after a crash. Deliberately absent: sending,
and where messages wait (``server.webhooks``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from cordboard.calls.ports import Line, Row
from cordboard.uapi.subscriptions import Message

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

WEBHOOK = "webhook"
"""The kind of line that one message is."""
TABLE = "webhooks"

_encode = msgspec.msgpack.Encoder().encode


class Counted(msgspec.Struct, frozen=True, array_like=True):
    """A message, and which one it is."""

    count: int
    message: Message


_counted = msgspec.msgpack.Decoder(Counted).decode
_count = msgspec.msgpack.Decoder(int).decode


def lines(messages: Sequence[Message], before: int, now: float) -> list[Line]:
    """So many came ``before`` these."""
    return [Line(WEBHOOK, now, _encode(Counted(count, one))) for count, one in enumerate(messages, before + 1)]


def count_row(count: int) -> Row:
    """So many there have been."""
    return Row(TABLE, b"", _encode(count))


def read_count(read: Read) -> int:
    return max((_count(value) for _, value in read(TABLE)), default=0)


def after(count: int, numbered: Iterable[tuple[int, Line]]) -> Iterator[Message]:
    """The messages of these lines that are later than this one."""
    for _, line in numbered:
        if line.kind == WEBHOOK:
            counted = _counted(line.body)
            if counted.count > count:
                yield counted.message
