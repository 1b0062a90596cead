"""The extensions ``ack``, ``timesync`` (bayeux §1.7) and ``replay`` (§4): what a client sent, and what to send back.

Deliberately absent: what is kept to be replayed (``replay``), the keeping of unacknowledged messages (``session``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from cordboard.bayeux.messages import Message, TimeSync

# Larger clock values than these are no milliseconds of this age; refusing them keeps the arithmetic in 64 bits.
_MILLISECONDS_MAX = 2**52
_ACCURATE_MS = 25

NEW_ONLY = -1
ALL_RETAINED = -2
"""What stands for a number in a subscription with replay: new messages only, or everything that is still there."""


class Stamp(msgspec.Struct, frozen=True):
    """What a timesync request said, and when it arrived (milliseconds of the epoch)."""

    tc: int
    lag: int
    offset: int
    arrived_ms: int


def wants_ack(message: Message) -> bool:
    """Whether a handshake asks for acknowledged delivery, in the older form (true) or the newer (an object)."""
    ack = message.ext.ack if message.ext else None
    return ack is True or (isinstance(ack, dict) and ack.get("enabled") is True)


def acknowledged(message: Message) -> int | None:
    """The batch number that a connect acknowledges, if any."""
    ack = message.ext.ack if message.ext else None
    return ack if type(ack) is int else None


def wants_replay(message: Message) -> bool:
    """Whether a handshake asks for numbered messages that can be had again."""
    return message.ext is not None and message.ext.replay is True


def replay_from(message: Message, name: str) -> Any:
    """After which number a subscription to ``name`` wants messages again; anything that a client may write."""
    asked = message.ext.replay if message.ext else None
    return asked.get(name, NEW_ONLY) if isinstance(asked, dict) else NEW_ONLY


def read_timesync(message: Message, arrived_ms: int) -> Stamp | None:
    """The timesync request of a message; None if there is none that makes sense."""
    request = message.ext.timesync if message.ext else None
    if not isinstance(request, dict):
        return None
    tc, lag, offset = (_milliseconds(request.get(name, 0)) for name in ("tc", "l", "o"))
    if tc is None or lag is None or offset is None:
        return None
    return Stamp(tc, lag, offset, arrived_ms)


def answer_timesync(stamp: Stamp, now_ms: int) -> TimeSync | msgspec.UnsetType:
    """The reply to a stamp; unset when the client's clock is known well enough already, as CometD does."""
    accuracy = stamp.tc + stamp.offset + stamp.lag - stamp.arrived_ms
    if stamp.lag and abs(accuracy) < _ACCURATE_MS:
        return msgspec.UNSET
    return TimeSync(tc=stamp.tc, ts=stamp.arrived_ms, p=now_ms - stamp.arrived_ms, a=accuracy)


def _milliseconds(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MILLISECONDS_MAX:
        return None
    return int(value)
