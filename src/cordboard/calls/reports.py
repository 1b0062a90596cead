"""Reports: what the switch tells the board. Past tense.

``OrderDone`` and ``OrderFailed`` answer orders; the others tell what became of legs, whether ordered or not. Reports
about one leg arrive in the order in which things happened to it. ``LegEnded`` is the last one for its leg (and comes
again if the leg is ordered to end once more). They are tagged, as orders are, so that they can be written down.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import LegId, Number, OrderId, Reason, RecordingId


class OrderDone(msgspec.Struct, frozen=True, gc=False, tag=True):
    order: OrderId


class OrderFailed(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The switch did not do it. ``detail`` is for people."""

    order: OrderId
    detail: str = ""


class LegOffered(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A phone (or a trunk) dialled ``dialled``; its leg is not answered and hears nothing yet.

    ``number`` is the phone's own number, or the caller's number if it came over a trunk (``external``).
    """

    leg: LegId
    number: Number
    dialled: str
    external: bool = False


class LegRinging(msgspec.Struct, frozen=True, gc=False, tag=True):
    leg: LegId


class LegAnswered(msgspec.Struct, frozen=True, gc=False, tag=True):
    leg: LegId


class LegHeld(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The person at the phone pressed hold (or took another line, which holds this one)."""

    leg: LegId


class LegRetrieved(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The person at the phone took the line back."""

    leg: LegId


class LegDigits(msgspec.Struct, frozen=True, gc=False, tag=True):
    leg: LegId
    digits: str


class LegTransferred(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The person at the phone asked for a blind transfer of this line to ``to``."""

    leg: LegId
    to: str


class LegsTransferred(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The person at the phone asked that the far ends of two of its lines be connected (attended transfer)."""

    leg: LegId
    other: LegId


class LegEnded(msgspec.Struct, frozen=True, gc=False, tag=True):
    leg: LegId
    reason: Reason = Reason.NORMAL


class RecordingEnded(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A recording is complete, ordered or not: the last one about it."""

    recording: RecordingId


class RecordingSeen(msgspec.Struct, frozen=True, gc=False):
    """One recording that is being made, in a snapshot."""

    recording: RecordingId
    paused: bool = False


class LegSeen(msgspec.Struct, frozen=True, gc=False):
    """One leg in a snapshot. ``place`` is a mix's id, "music", "ringback", "quiet" or "" (see ``orders.PlaceLegs``).
    ``muted`` is None if the switch can't tell: then it is ordered as it should be. ``dialled`` and ``external`` as in
    ``LegOffered``, while nothing has been done with the leg since: perhaps nobody has heard of it. ``held`` if its
    telephone holds it; a switch may report that afterwards instead."""

    leg: LegId
    number: Number
    answered: bool
    ringing: bool = False
    place: str = ""
    muted: bool | None = False
    dialled: str = ""
    external: bool = False
    held: bool = False


class SwitchDown(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The link to the switch is lost: calls go on there, but it can't be told anything and tells nothing."""


class SwitchSnapshot(msgspec.Struct, frozen=True, gc=False, tag=True):
    """The link is there (again), and these are all the legs and recordings that exist."""

    legs: tuple[LegSeen, ...] = ()
    recordings: tuple[RecordingSeen, ...] = ()


LegReport: TypeAlias = (
    LegRinging | LegAnswered | LegHeld | LegRetrieved | LegDigits | LegTransferred | LegsTransferred | LegEnded
)
"""Reports about a leg that was reported or ordered before."""

AnyReport: TypeAlias = OrderDone | OrderFailed | LegOffered | LegReport | RecordingEnded | SwitchDown | SwitchSnapshot
