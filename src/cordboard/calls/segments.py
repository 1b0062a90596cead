"""Call detail records: a segment for each leg, and one record for each transfer, conference or parking. Values only.

All that came of one another share a **thread**: a call, its consults, what transfers, conferences and parking made of
them. Its id is that of the conversation that it began with. Segments of legs that are still there are rows of the
ledger; what is complete leaves ``calls`` (docs/cdr.md). Deliberately absent: how they are made (``accounting``).
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import CallId, CallType, ConversationId, LegId, Number, Reason, RecordingId, Word

ThreadId: TypeAlias = str

VIEWS_MAX = 64
"""So many calls of one leg are told of; of more, which have to have been consults, the latest are."""


class Way(Word):
    """How a leg came into its conversation."""

    DIALLED = "Dialled"
    CALLED = "Called"
    SOURCE = "Source"
    CONSULTED = "Consulted"
    TRANSFERRED = "Transferred"
    INVITED = "Invited"
    RECALLED = "Recalled"
    FELL_BACK = "FellBack"
    UN_PARKED = "UnParked"
    PICKED_UP = "PickedUp"
    MONITORS = "Monitors"


class TransferKind(Word):
    """How somebody was handed on, or asked in."""

    TWO_STEP = "TwoStepTransfer"
    SINGLE_STEP = "SingleStepTransfer"
    CONFERENCE = "TwoStepConference"
    SINGLE_STEP_CONFERENCE = "SingleStepConference"
    PARK = "Park"
    VOICEMAIL = "TransferToVoicemail"


class Asked(Word):
    """By what a transfer was asked for: a command, keys of a telephone, or that a telephone amid a consult was lost."""

    COMMAND = "Command"
    KEYS = "Telephone"
    LOSS = "TelephoneLost"


class Result(Word):
    """What came of it. ABANDONED: somebody left before it was known."""

    COMPLETED = "Completed"
    FAILED = "Failed"
    ABANDONED = "Abandoned"


class Phase(Word):
    """What the seconds of a leg are counted as."""

    RING = "ring"
    TALK = "talk"
    HOLD = "hold"


class Transfer(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag="transfer", omit_defaults=True):
    """``by`` handed somebody on, on ``call`` (and ``consult``): ``whom`` was to get ``to``, and got ``reached``.

    ``result`` is None as long as it is open. ``detail`` says why it failed, ``joined`` is the thread that became part
    of ``thread`` by it, "" if there was but one.
    """

    thread: ThreadId
    kind: TransferKind
    by: Number
    call: CallId
    began: float
    asked: Asked = Asked.COMMAND
    consult: CallId = ""
    whom: tuple[Number, ...] = ()
    to: Number = ""
    reached: Number = ""
    ended: float = 0.0
    result: Result | None = None
    reason: Reason = Reason.NORMAL
    detail: str = ""
    joined: ThreadId = ""


class Came(msgspec.Struct, frozen=True, gc=False):
    """Why a telephone rings: ``by`` whom, and what it is to complete if it is answered."""

    way: Way
    by: Number = ""
    handing: tuple[Transfer, ...] = ()


class View(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One call that a leg carried, by the id that clients saw; ``peers`` are all who were shown in it, in the order in
    which they came."""

    call: CallId
    conversation: ConversationId
    type: CallType
    began: float
    parent: CallId = ""
    peers: tuple[Number, ...] = ()
    ended: float = 0.0
    reason: Reason = Reason.NORMAL


class Segment(msgspec.Struct, frozen=True, gc=False, tag_field="record", tag="segment", omit_defaults=True):
    """One leg, from the moment at which its telephone dialled or was to ring, to its end.

    ``wanted`` is who was dialled, if that is not ``number``: the call was forwarded, or this number dialled it.
    ``answered`` is when it first was connected. Each second is one of ``ring_s``, ``talk_s`` or ``hold_s``; ``phase``
    counts since ``since``. ``by_itself`` if its telephone ended it. ``handing`` is what it may yet complete.
    """

    leg: LegId
    thread: ThreadId
    number: Number
    way: Way
    began: float
    by: Number = ""
    wanted: Number = ""
    type: CallType = CallType.INTERNAL
    answered: float = 0.0
    ended: float = 0.0
    ring_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    reason: Reason = Reason.NORMAL
    by_itself: bool = False
    views: tuple[View, ...] = ()
    left_out: int = 0
    recordings: tuple[RecordingId, ...] = ()
    phase: Phase = Phase.RING
    since: float = 0.0
    handing: tuple[Transfer, ...] = ()


AnyRecord: TypeAlias = Segment | Transfer
"""What is complete, and never changes any more; but its thread may yet become part of another."""
