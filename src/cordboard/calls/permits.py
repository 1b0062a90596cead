"""THE table: what may be asked of a call, by its state and its situation. The gate and ``capabilities`` use it.

House rules: what is permitted is decided here and nowhere else; what is offered is accepted at that instant and what
is not offered is refused (call-semantics I7, decision 11). Rows are those of gws-v2 §4.1 and §4.2.
"""

from __future__ import annotations

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallKey,
    CallState,
    Monitoring,
    Operation,
    Permits,
    Purpose,
    Recording,
    Supervision,
    Taking,
    Word,
)

USER_DATA: Permits = frozenset(
    {
        Operation.ATTACH_USER_DATA,
        Operation.UPDATE_USER_DATA,
        Operation.DELETE_USER_DATA,
        Operation.DELETE_USER_DATA_PAIR,
    }
)
STARTS: Permits = frozenset(
    {
        Operation.INITIATE_TRANSFER,
        Operation.SINGLE_STEP_TRANSFER,
        Operation.INITIATE_CONFERENCE,
        Operation.SINGLE_STEP_CONFERENCE,
    }
)
NOTHING: Permits = frozenset()


class Link(Word):
    """How a call stands to a consult. A link counts only while both of its ends are alive."""

    NONE = "no consult"
    PARENT_WAITING = "has a consult for a conference that is not answered"
    PARENT_DIALING = "has a consult for a transfer that is not answered"
    PARENT_ANSWERED = "has an answered consult"
    CONSULT_WAITING = "is a consult that can't be completed yet"
    CONSULT_DIALING = "is a consult for a transfer, not answered"
    CONSULT_ANSWERED = "is an answered consult"


class Seat(Word):
    """What kind of conversation the call is in."""

    ALONE = "alone until somebody is called back"
    TWO_PARTY = "two parties"
    CONFERENCE = "member of a conference"
    CONFERENCE_OWNER = "owner of a conference"
    BESIDE = "supervisor of a conversation"
    BESIDE_CONFERENCE = "supervisor of a conference"


_SWAP = frozenset({Operation.SWAP_CALLS})
_TRANSFER = frozenset({Operation.SWAP_CALLS, Operation.COMPLETE_TRANSFER})
_BOTH = frozenset({Operation.SWAP_CALLS, Operation.COMPLETE_TRANSFER, Operation.COMPLETE_CONFERENCE})
_HANGUP = frozenset({Operation.HANGUP})
_DTMF = frozenset({Operation.SEND_DTMF})
_HOLD = frozenset({Operation.HOLD})
_RETRIEVE = frozenset({Operation.RETRIEVE})

LINKED: dict[Link, Permits] = {
    Link.NONE: NOTHING,
    Link.PARENT_WAITING: _SWAP,
    Link.PARENT_DIALING: _TRANSFER,
    Link.PARENT_ANSWERED: _BOTH,
    Link.CONSULT_WAITING: _SWAP,
    Link.CONSULT_DIALING: _TRANSFER,
    Link.CONSULT_ANSWERED: _BOTH,
}
_BESIDE = (Seat.BESIDE, Seat.BESIDE_CONFERENCE)
CONSULTS = frozenset({Link.CONSULT_WAITING, Link.CONSULT_DIALING, Link.CONSULT_ANSWERED})


def row(state: CallState, link: Link, seat: Seat, muted: bool) -> Permits:
    """One row of the table for a call that no procedure is busy with."""
    if seat in _BESIDE:
        return _supervisor_row(state, seat)
    match state:
        case CallState.DIALING:
            return USER_DATA | _HANGUP | _DTMF | LINKED[link]
        case CallState.RINGING:
            return USER_DATA | {Operation.ANSWER}
        case CallState.ESTABLISHED:
            starts = NOTHING if link in CONSULTS else _starts(seat)
            return USER_DATA | _HANGUP | _HOLD | _DTMF | starts | LINKED[link] | _conference(seat, muted)
        case CallState.HELD:
            if link in CONSULTS:
                return USER_DATA | _HANGUP | LINKED[link]
            return USER_DATA | _HANGUP | _starts(seat) | (LINKED[link] or _RETRIEVE)
        case _:
            return NOTHING


def _supervisor_row(state: CallState, seat: Seat) -> Permits:
    """A supervisor's own call (gws-v2 §4.2). Of a conference it may send parties away (gws-v2 §3). Only the phone's
    hold key makes such a call Held; what it did can be undone."""
    match state:
        case CallState.RINGING:
            return USER_DATA | {Operation.ANSWER}
        case CallState.DIALING:
            return USER_DATA | _HANGUP
        case CallState.HELD:
            return USER_DATA | _HANGUP | _RETRIEVE
        case CallState.ESTABLISHED:
            return USER_DATA | _HANGUP | ({Operation.REMOVE_PARTICIPANT} if seat is Seat.BESIDE_CONFERENCE else NOTHING)
        case _:
            return NOTHING


def _starts(seat: Seat) -> Permits:
    """Whoever is alone can't leave by a transfer: there is nobody to hand over."""
    return STARTS - {Operation.SINGLE_STEP_TRANSFER} if seat is Seat.ALONE else STARTS


def _conference(seat: Seat, muted: bool) -> Permits:
    if seat in (Seat.TWO_PARTY, Seat.ALONE):
        return frozenset({Operation.UNMUTE_CALL}) if muted else NOTHING
    mute = Operation.UNMUTE_CALL if muted else Operation.MUTE_CALL
    return frozenset({mute, Operation.REMOVE_PARTICIPANT} if seat is Seat.CONFERENCE_OWNER else {mute})


def busy_row(state: CallState) -> Permits:
    """What a call still accepts while an operation on it waits for the switch (call-semantics #29, #31)."""
    if state is CallState.RINGING or state in (CallState.OFFERED, CallState.RELEASED):
        return USER_DATA if state is CallState.RINGING else NOTHING
    return USER_DATA | _HANGUP


def may_clear(state: CallState, clear_from_ringing: bool) -> Permits:
    """ClearCall is offered by release 8.5.202 only, there from Ringing on (call-semantics decision 11)."""
    if clear_from_ringing and state in (CallState.RINGING, CallState.ESTABLISHED, CallState.HELD):
        return frozenset({Operation.CLEAR_CALL})
    return NOTHING


RECORDING: dict[Recording | None, Permits] = {
    None: NOTHING,
    Recording.STOPPED: frozenset({Operation.START_RECORDING}),
    Recording.RECORDING: frozenset({Operation.PAUSE_RECORDING, Operation.STOP_RECORDING}),
    Recording.PAUSED: frozenset({Operation.RESUME_RECORDING, Operation.STOP_RECORDING}),
}
"""What an Established call offers besides, by what its owner sees of the recording (rows 3r, 3p, 3q)."""
RECORDINGS = NOTHING.union(*RECORDING.values())


def _build(
    clear_from_ringing: bool, recording: Recording | None = None
) -> dict[tuple[CallState, Link, Seat, bool], Permits]:
    record = RECORDING[recording]
    return {
        (state, link, seat, muted): row(state, link, seat, muted)
        | may_clear(state, clear_from_ringing and seat not in _BESIDE)
        | (record if state is CallState.ESTABLISHED and seat not in _BESIDE else NOTHING)
        for state in CallState
        for link in Link
        for seat in Seat
        for muted in (False, True)
    }


TABLE = _build(clear_from_ringing=False)
TABLE_CLEAR = _build(clear_from_ringing=True)
RECORDABLE = {recording: _build(False, recording) for recording in Recording}
RECORDABLE_CLEAR = {recording: _build(True, recording) for recording in Recording}
"""The same tables for those who may record."""
BUSY: dict[CallState, Permits] = {state: busy_row(state) for state in CallState}
_PLAIN: dict[CallState, Permits] = {state: TABLE[state, Link.NONE, Seat.TWO_PARTY, False] for state in CallState}
_PLAIN_CLEAR: dict[CallState, Permits] = {
    state: TABLE_CLEAR[state, Link.NONE, Seat.TWO_PARTY, False] for state in CallState
}


HANDING_ON: Permits = frozenset(
    {
        Operation.INITIATE_TRANSFER,
        Operation.COMPLETE_TRANSFER,
        Operation.SINGLE_STEP_TRANSFER,
        Operation.TO_VOICEMAIL,
    }
)
"""What nobody may do with a party who is pinned to a call (voipnow-uapi §2.3.1, ``allowPublicTransfer``)."""

_UNSEATED = frozenset({CallState.OFFERED, CallState.RINGING, CallState.DIALING})


class Permissions:
    """Reads a call's situation from the ledger and looks it up. ``touched`` collects the cells that were read."""

    __slots__ = ("_ledger", "_plain", "_recordable", "_table", "touched")

    def __init__(self, ledger: Ledger, clear_from_ringing: bool) -> None:
        self._ledger = ledger
        self._table = TABLE_CLEAR if clear_from_ringing else TABLE
        self._recordable = RECORDABLE_CLEAR if clear_from_ringing else RECORDABLE
        self._plain = _PLAIN_CLEAR if clear_from_ringing else _PLAIN
        self.touched: set[tuple[CallState, Link, Seat, bool]] | None = None

    def of(self, call: Call) -> Permits:
        """What may be asked of this call now."""
        state = call.state
        if state is CallState.RELEASED:
            return NOTHING
        ledger, key = self._ledger, call.key
        if ledger.busy and key in ledger.busy:
            return BUSY[state]
        plain = call.parent is None and key not in ledger.consults and call.monitors is None
        plain = plain and not call.muted and call.recording is None and self.touched is None
        # Most calls, most of the time; whether it is a conference matters to parties that talk only.
        if plain:
            if state in _UNSEATED:
                return self._plain[state]
            conversation = ledger.conversations[call.conversation]
            if len(conversation.members) == 2 and not conversation.pinned:
                return self._plain[state]
        cell = (state, link_of(ledger, call), seat_of(ledger, call), call.muted)
        if self.touched is not None:
            self.touched.add(cell)
        permits = self._table_for(call)[cell]
        return permits - HANDING_ON if is_pinned(ledger, call) else permits

    def allows(self, call: Call, operation: Operation) -> bool:
        """Whether this may be asked now: whatever is listed, and what no list names."""
        if operation in UNLISTED:
            return operation in unlisted(self._ledger, call)
        return operation in self.of(call)

    def _table_for(self, call: Call) -> dict[tuple[CallState, Link, Seat, bool], Permits]:
        """While the switch works on a recording nothing can be asked of it."""
        if call.recording is None or is_tape_busy(self._ledger, call):
            return self._table
        return self._recordable[call.recording]


def is_pinned(ledger: Ledger, call: Call) -> bool:
    """Whether somebody would be handed on by a transfer of this call who may not be."""
    parent = ledger.calls.get(call.parent_key) if call.parent_key is not None else None
    return _is_with_pinned(ledger, call) or (parent is not None and _is_with_pinned(ledger, parent))


def _is_with_pinned(ledger: Ledger, call: Call) -> bool:
    conversation = ledger.conversations[call.conversation]
    pinned = conversation.pinned
    return pinned not in ("", call.owner) and any(key[1] == pinned for key in conversation.members)


def is_tape_busy(ledger: Ledger, call: Call) -> bool:
    """Whether an operation on the recording of this call's conversation is under way."""
    recording = ledger.taped.get(call.conversation)
    return recording is not None and ledger.tapes[recording].order != 0


def seat_of(ledger: Ledger, call: Call) -> Seat:
    """A conference has three parties that take part; one that is merely being rung does not make it one."""
    conversation, calls, own = ledger.conversations[call.conversation], ledger.calls, call.owner
    others = 0
    for key in conversation.members:
        if key[1] != own and calls[key].state in _TAKING_PART:
            others += 1
    if call.monitors is not None:
        return Seat.BESIDE_CONFERENCE if others > 2 else Seat.BESIDE
    if others < 2:
        return Seat.TWO_PARTY if len(conversation.members) > 1 else Seat.ALONE
    return Seat.CONFERENCE_OWNER if conversation.owner == call.owner else Seat.CONFERENCE


_TAKING_PART = frozenset({CallState.ESTABLISHED, CallState.HELD, CallState.DIALING})
ANSWERED = frozenset({CallState.ESTABLISHED, CallState.HELD})


def link_of(ledger: Ledger, call: Call) -> Link:
    consults = ledger.consults.get(call.key)
    if consults:
        return _parent_link(ledger, call, consults)
    parent = ledger.calls.get(call.parent_key) if call.parent_key is not None else None
    if parent is None or not can_be_joined(ledger, parent, call):
        return Link.NONE if parent is None else Link.CONSULT_WAITING
    if call.state in ANSWERED:
        return Link.CONSULT_ANSWERED
    return Link.CONSULT_DIALING if call.purpose is Purpose.TRANSFER else Link.CONSULT_WAITING


def _parent_link(ledger: Ledger, call: Call, consults: tuple[CallKey, ...]) -> Link:
    link = Link.PARENT_WAITING
    for key in consults:
        consult = ledger.calls[key]
        if not can_be_joined(ledger, call, consult):
            continue
        if consult.state in ANSWERED:
            return Link.PARENT_ANSWERED
        if consult.purpose is Purpose.TRANSFER:
            link = Link.PARENT_DIALING
    return link


def can_be_joined(ledger: Ledger, parent: Call, consult: Call) -> bool:
    """Whether the parties left on either side would make a conversation: not if one side is empty, as whoever waits
    there for a recall is alone, nor if there are only telephones that ring."""
    return _company(ledger, parent) * _company(ledger, consult) > 1


def _company(ledger: Ledger, call: Call) -> int:
    """0 for a call that is alone, 1 with telephones that only ring (or are just going to), 2 with somebody."""
    own, calls, company = call.owner, ledger.calls, int(call.state is CallState.DIALING)
    for key in ledger.conversations[call.conversation].members:
        if key[1] != own:
            if calls[key].state in _TAKING_PART:
                return 2
            company = 1
    return company


LEAVING: Permits = frozenset({Operation.PARK, Operation.TO_VOICEMAIL})
UNLISTED: Permits = LEAVING | {Operation.DECLINE}
"""Operations that are in no list of capabilities, because the interface that has such lists does not know them
(gws-v2 §4.1); another does, and has no lists."""


def unlisted(ledger: Ledger, call: Call) -> Permits:
    """THE table for what no list names. To leave somebody somewhere there must be one party to be left, and a consult
    is not the place for it, just as it offers no single-step transfer; of a conference somebody may be parked. Whoever
    holds can't talk to a mailbox. Whoever it rings at may decline."""
    if call.state is CallState.RINGING:
        return _DECLINE if call.key not in ledger.busy else NOTHING
    if call.state not in ANSWERED or call.monitors is not None or call.key in ledger.busy:
        return NOTHING
    members = ledger.conversations[call.conversation].members
    answered = sum(ledger.calls[key].state in ANSWERED for key in members)
    if answered < min(len(members), 3) or len(members) < 2 or link_of(ledger, call) in CONSULTS:
        return NOTHING
    if len(members) > 2:
        return _PARK
    talks = all(ledger.calls[key].state is CallState.ESTABLISHED for key in members if key != call.key)
    return LEAVING if talks and not is_pinned(ledger, call) else _PARK


def takings(ledger: Ledger, call: Call) -> frozenset[Taking]:
    """THE table for what others may ask of somebody's call: one of them at a time (call-semantics #76)."""
    if call.parked is not None:
        return _UN_PARK if len(ledger.conversations[call.conversation].members) == 1 else _LEAVE_IT
    rings = call.state is CallState.RINGING and call.monitors is None and not call.connects_to
    rings = rings and len(ledger.conversations[call.conversation].members) > 1
    if rings and call.key not in ledger.busy:
        return _PICK_UP
    return _LEAVE_IT


_PARK, _DECLINE = frozenset({Operation.PARK}), frozenset({Operation.DECLINE})
_UN_PARK, _PICK_UP, _LEAVE_IT = frozenset({Taking.UN_PARK}), frozenset({Taking.PICK_UP}), frozenset[Taking]()


def supervision(monitoring: Monitoring | None) -> frozenset[Supervision]:
    """THE table for what a supervisor may ask, by what it monitors now (gws-v2 §4.3). To begin again while monitoring
    is to go on in another way. Whose calls may be monitored at all is not known here."""
    if monitoring is None:
        return _BEGIN
    if not monitoring.on_call:
        return _BEGIN | {Supervision.CANCEL}
    return _BEGIN | {Supervision.CANCEL, Supervision.UNMUTE if monitoring.muted else Supervision.MUTE}


_BEGIN = frozenset({Supervision.LISTEN_IN, Supervision.COACH, Supervision.BARGE_IN})
