"""What is under way: operations that wait for the switch, and orders whose failure must not be lost.

One order, one entry; the entry's key is the order's number. A procedure marks its calls busy, ends exactly once
(finished, failed or abandoned when one of its calls ends) and never outlives them (call-semantics I5).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.commands import AnyCallCommand
from cordboard.calls.model import CallId, CallKey, LegId, Number, Operation, Reason, RecordingId


class Procedure(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """An accepted operation that waits for one order; ``command`` is done once that is.

    ``busy`` are the calls that refuse other operations meanwhile, ``legs`` those that the order places.
    """

    operation: Operation
    call: CallKey
    command: AnyCallCommand
    busy: tuple[CallKey, ...]
    legs: tuple[LegId, ...] = ()


class Placing(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """Legs were ordered to where they belong."""

    legs: tuple[LegId, ...]


class Dialing(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """A telephone was ordered to ring; the rest is what its order said."""

    leg: LegId
    caller: Number = ""
    auto_answer: bool = False
    location: str = ""


class Dropping(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    leg: LegId
    reason: Reason
    tries: int = 1


class Signalling(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """Digits were sent for a call; its owner is told if they could not be."""

    owner: Number
    call: CallId


class Muting(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """A leg's microphone was ordered off (``muted``) or on; it follows the call that the leg is heard in."""

    leg: LegId
    muted: bool


class Taping(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """A recording was ordered to begin, pause, go on or end; ``call`` and ``operation`` are set if a client waits."""

    recording: RecordingId
    call: CallKey | None = None
    operation: Operation | None = None


class Messaging(msgspec.Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """The recording of a message for a mailbox was ordered to begin."""

    recording: RecordingId


Waiting: TypeAlias = Procedure | Placing | Dialing | Dropping | Signalling | Muting | Taping | Messaging
