"""What the ledger keeps beside calls: conversations, legs, and the rules (limits and timers) of one board.

Frozen values, replaced whole. Clients never see them.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import (
    CallId,
    CallKey,
    CallType,
    ConversationId,
    Errand,
    LegId,
    Monitoring,
    MonitorKind,
    Number,
    OrderId,
    Reason,
    Recording,
    RecordingId,
)

Place: TypeAlias = str
"""Where a leg is: the id of a mix, or one of the words below."""

NOWHERE: Place = ""
"""Not placed: the leg is not answered, or what it hears is unknown because an order failed."""
QUIET: Place = "quiet"
MUSIC: Place = "music"
RINGBACK: Place = "ringback"
WORDS = frozenset({NOWHERE, QUIET, MUSIC, RINGBACK})
"""Places that are no mixes."""


class Rules(msgspec.Struct, frozen=True):
    """Every timer and limit of the law of calls, in seconds or pieces (call-semantics §3, 10: none is hidden)."""

    no_answer_timeout_s: float = 60.0
    consult_no_answer_timeout_s: float = 15.0
    order_timeout_s: float = 5.0
    recall_tries: int = 2
    recall_interval_s: float = 10.0
    consults_max: int = 4
    conference_max: int = 8
    hops_max: int = 20
    placing_tries: int = 4
    placing_pause_s: float = 0.2
    drop_pause_s: float = 0.2
    drop_pause_max_s: float = 30.0
    retrieve_on_consult_failure: bool = False
    transfer_fallback: str = ""
    hold_agent_lost: str = ""
    user_data_bytes_max: int = 65_536
    clear_from_ringing: bool = False
    sources_max: int = 8
    recording_max_s: float = 14_400.0
    park_first: int = 701
    park_slots: int = 20
    park_timeout_s: float = 180.0
    voicemail_max_s: float = 180.0


class Recall(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who is called back if a transfer that nobody answered yet fails (call-semantics decision 6).

    ``failed`` once it has, for ``reason``: with that the caller is released if all else fails too. ``until`` is the
    instant of the next try while the caller waits with music, else 0. ``fell_back`` once the fallback is being rung.
    ``instead`` is where a caller goes whose agent's telephone was lost: nobody is called back then, and music plays on.
    """

    transferor: Number
    tries_left: int
    failed: bool = False
    fell_back: bool = False
    reason: Reason = Reason.NORMAL
    until: float = 0.0
    instead: str = ""


class Conversation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Calls that belong together. ``members`` in the order in which they joined.

    ``past`` are the numbers whose call under this id is over: they never see this id again (call-semantics I6).
    ``hops`` counts the transfers its caller has been through. ``shown_as`` is what the caller wants to be shown as.
    ``takes`` counts the recordings that were asked for, ``recorded_as`` is the latest that was begun. ``awaits`` is who
    is called once one of the members, which all ring, is answered. ``until`` is the instant at which it ends for
    everybody, 0 if there is none. ``room`` is where it is, if it is in one: whoever is left stays. ``pinned`` is the
    member who may not be handed on, if there is one. ``thread`` is that of its segments, "" if it bears its own id.
    """

    id: ConversationId
    conn_id: str
    type: CallType
    dnis: str = ""
    members: tuple[CallKey, ...] = ()
    past: frozenset[Number] = frozenset()
    owner: Number = ""
    ani: str = ""
    shown_as: str = ""
    recall: Recall | None = None
    hops: int = 0
    takes: int = 0
    recorded_as: RecordingId = ""
    awaits: Number = ""
    until: float = 0.0
    room: str = ""
    pinned: Number = ""
    errand: Errand | None = None
    thread: str = ""


class Spying(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who hears the leg of a supervisor: ``target`` is the monitored agent's leg, "" if that is not there."""

    kind: MonitorKind
    target: LegId


class Leg(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One device's connection at the switch. Several calls of one number can share it; it is heard in one of them.

    ``place`` is where it was last ordered to be, by order ``order``; ``pending`` while a procedure waits for that
    order; ``failures`` counts how often in a row it failed. ``spying`` is how a supervisor's leg was ordered there.
    ``dialled`` is whether the switch has been told of an ``outgoing`` leg. ``deadline`` is when ringing is given up, 0
    if it is not ringing. ``inviter`` is the call whose owner asked for one more party and is told if it does not
    come.
    """

    id: LegId
    number: Number
    calls: tuple[CallKey, ...] = ()
    place: Place = NOWHERE
    order: OrderId = 0
    pending: bool = False
    answered: bool = False
    outgoing: bool = True
    dialled: bool = False
    muted: bool = False
    failures: int = 0
    deadline: float = 0.0
    inviter: CallKey | None = None
    spying: Spying | None = None


class Tape(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A recording at the switch, or one that may be there.

    ``state`` is what clients are told; ``order`` the one of an operation that is under way, else 0. ``ending``: no
    conversation has it any more, and it is stopped again until the switch says that it is; ``tries`` counts how often
    in a row the switch did not do what nobody but us asked for. ``until`` is the instant at which it is as long as it
    may be, 0 if it has not begun. ``call`` and ``starter`` say on whose behalf it is made, ``began`` since when, and
    ``parties`` are the numbers that were in the mix meanwhile, in the order in which they came.
    """

    id: RecordingId
    conversation: ConversationId
    state: Recording = Recording.STOPPED
    order: OrderId = 0
    ending: bool = False
    tries: int = 0
    until: float = 0.0
    call: CallId = ""
    starter: Number = ""
    began: float = 0.0
    parties: tuple[Number, ...] = ()


class Remembered(msgspec.Struct, frozen=True):
    """What an earlier process had at the switch, for drivers that keep nothing themselves. The legs ``dialing`` were
    just going to ring. Nobody has answered the ``unanswered`` orders: where their legs are is not sure."""

    tapes: tuple[Tape, ...] = ()
    legs: tuple[Leg, ...] = ()
    dialing: frozenset[LegId] = frozenset()
    unanswered: frozenset[OrderId] = frozenset()


class Monitor(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One row of monitoring: what is known of it outside, and the supervisor's call, if there is one now.

    ``past`` are the target's calls that it has been about: a supervisor who hung up is not called for them again.
    ``ring_s`` and ``shown`` are how the supervisor's telephone is called, 0 and "" for the usual.
    """

    monitoring: Monitoring
    call: CallKey | None = None
    past: frozenset[CallKey] = frozenset()
    ring_s: float = 0.0
    shown: Number = ""
