"""What is under way: operations that wait for the switch, and orders whose failure must not be lost.

One order, one entry; the entry's key is the order's number. A procedure marks its calls busy, ends exactly once
(finished, failed or abandoned when one of its calls ends) and never outlives them (call-semantics I5).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import CallId, CallKey, LegId, Number, Operation, Reason, UserData


class Procedure(msgspec.Struct, frozen=True, gc=False):
    """An accepted operation that waits for one order. ``busy`` are the calls that refuse other operations meanwhile.

    ``silent`` procedures were not asked for by a client: nobody is told if they fail.
    """

    operation: Operation
    call: CallKey
    since: float
    busy: tuple[CallKey, ...] = ()
    other: CallKey | None = None
    to: Number = ""
    external: bool = False
    user_data: UserData = {}
    location: str = ""
    silent: bool = False
    legs: tuple[LegId, ...] = ()


class Placing(msgspec.Struct, frozen=True, gc=False):
    """Legs were ordered to where they belong; tried again if that fails, ``tries`` so far."""

    legs: tuple[LegId, ...]
    since: float
    tries: int = 1


class Dialing(msgspec.Struct, frozen=True, gc=False):
    leg: LegId
    since: float


class Dropping(msgspec.Struct, frozen=True, gc=False):
    leg: LegId
    since: float
    reason: Reason
    tries: int = 1


class Signalling(msgspec.Struct, frozen=True, gc=False):
    """Digits were sent for a call; its owner is told if they could not be."""

    operation: Operation
    owner: Number
    call: CallId
    since: float


class Muting(msgspec.Struct, frozen=True, gc=False):
    """A leg's microphone follows the call it is heard in; no client waits for it."""

    leg: LegId
    since: float


Waiting: TypeAlias = Procedure | Placing | Dialing | Dropping | Signalling | Muting
