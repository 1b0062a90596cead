"""Who is in a conversation: taking a seat, being rung, moving to another conversation, leaving.

Mechanics only: whether somebody may, and what it leads to for those who stay, is decided by the operations and by
``settling``.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordboard.calls import accounting, lots, taping, timers
from cordboard.calls.events import Change
from cordboard.calls.model import (
    Call,
    CallId,
    CallKey,
    CallState,
    CallType,
    ConversationId,
    LegId,
    MonitorKind,
    Number,
    Purpose,
    Reason,
    Recording,
    UserData,
)
from cordboard.calls.orders import DialLeg, DropLeg
from cordboard.calls.procedures import Dialing, Dropping
from cordboard.calls.records import Conversation, Leg
from cordboard.calls.segments import Came
from cordboard.calls.step import Step, replace, without

TAKING_PART = frozenset({CallState.ESTABLISHED, CallState.HELD, CallState.DIALING})
RUNG = frozenset({CallState.RINGING, CallState.OFFERED})


def converse(step: Step, kind: CallType, dnis: str, ani: str = "", of: Conversation | None = None) -> Conversation:
    """A new conversation, perhaps one that comes ``of`` another; it is entered with its first member."""
    conversation_id, conn_id = step.ledger.next_call_id()
    hops, thread = (of.hops, accounting.thread_of(of)) if of is not None else (0, "")
    return Conversation(conversation_id, conn_id, kind, dnis, ani=ani, hops=hops, thread=thread)


def last_until(step: Step, conversation: Conversation, until: float) -> Conversation:
    """It ends for everybody at that instant, or earlier if that was said before; 0: nothing is said."""
    if not until or 0 < conversation.until <= until:
        return conversation
    step.timers.append((until, timers.LIMIT, conversation.id))
    return replace(conversation, until=until)


def seat(
    step: Step,
    conversation: Conversation,
    leg: Leg,
    state: CallState,
    *,
    participants: tuple[Number, ...] = (),
    user_data: UserData | None = None,
    parent: Call | None = None,
    purpose: Purpose | None = None,
    reason: Reason = Reason.NORMAL,
    muted: bool = False,
    location: str = "",
    monitors: MonitorKind | None = None,
    connects_to: Number = "",
) -> Call:
    """The owner of ``leg`` joins a conversation with it, or sits down beside it as a supervisor (``monitors``). Its id
    is the conversation's, unless that number has already left it: a Released id never comes back (call-semantics
    I6)."""
    owner = leg.number
    call_id, conn_id = fresh_id(step, conversation, owner)
    recording = taping.seen_by(step, conversation, owner) if monitors is None else None
    call = Call(
        id=call_id,
        owner=owner,
        conversation=conversation.id,
        leg=leg.id,
        state=state,
        type=conversation.type,
        conn_id=conn_id,
        dnis=conversation.dnis,
        began=step.now,
        participants=participants,
        user_data=user_data or {},
        ani=conversation.ani,
        parent=parent.id if parent is not None else None,
        purpose=purpose,
        muted=muted,
        reason=reason,
        location=location,
        recording=recording,
        recorded_as=conversation.recorded_as if recording is not None else "",
        monitors=monitors,
        connects_to=connects_to,
        errand=conversation.errand,
    )
    if monitors is None:
        step.put_conversation(replace(conversation, members=(*conversation.members, call.key)))
    else:
        beside = step.ledger.supervisors
        step.ledger.write(beside, conversation.id, (*beside.get(conversation.id, ()), call.key))
    step.put_leg(replace(leg, calls=(*leg.calls, call.key)))
    step.put(call)
    return call


def fresh_id(step: Step, conversation: Conversation, owner: Number) -> tuple[CallId, str]:
    """The id under which ``owner`` sees this conversation, and the connection id that goes with it. Somebody who is
    beside it as a supervisor sees it already: for a moment both calls exist (see ``monitoring``)."""
    ledger = step.ledger
    if owner in conversation.past or (ledger.monitors and (conversation.id, owner) in ledger.calls):
        return step.ledger.next_call_id()
    return conversation.id, conversation.conn_id


def offer(
    step: Step,
    conversation_id: ConversationId,
    number: Number,
    caller: Number,
    *,
    ring_s: float,
    user_data: UserData,
    came: Came | None = None,
    wanted: Number = "",
    inviter: CallKey | None = None,
    reason: Reason = Reason.NORMAL,
    location: str = "",
) -> Call:
    """A phone is going to ring for this conversation; if nothing is said of how it ``came`` to that, only once
    ``dial_leg`` is called."""
    conversation = step.ledger.conversations[conversation_id]
    participants = seen_by(step, conversation, number)
    leg = Leg(step.ledger.next_leg_id(), number, inviter=inviter)
    call = seat(
        step, conversation, leg, CallState.OFFERED, participants=participants, user_data=user_data, reason=reason
    )
    if came is not None:
        dial_leg(step, call.leg, caller, ring_s, came, wanted, location=location)
    return call


def dial_leg(
    step: Step,
    leg_id: LegId,
    caller: Number,
    ring_s: float,
    came: Came,
    wanted: Number = "",
    *,
    auto_answer: bool = False,
    location: str = "",
) -> None:
    """Tell the switch to ring, and give up after ``ring_s`` seconds."""
    leg = step.ledger.legs[leg_id]
    deadline = step.now + ring_s
    step.put_leg(replace(leg, dialled=True, deadline=deadline))
    step.timers.append((deadline, timers.RING, leg_id))
    accounting.begin(step, leg, came, wanted)
    order_dial(step, leg, Dialing(leg_id, caller, auto_answer, location))


def order_dial(step: Step, leg: Leg, dialing: Dialing) -> None:
    """The telephone rings for the leg's first call."""
    call_id, how = leg.calls[0][0], (dialing.auto_answer, dialing.location)
    step.order(DialLeg, dialing, leg.id, leg.number, dialing.caller, call_id, *how)


def leave(step: Step, call: Call, reason: Reason = Reason.NORMAL) -> None:
    """One view of a conversation is over, and its leg unless that carries other calls. ``settle`` comes next."""
    _vacate(step, call, reason)
    leg = step.ledger.legs.get(call.leg)
    if leg is None:
        return
    calls = without(leg.calls, call.key)
    if calls:
        leg = replace(leg, calls=calls)
        step.put_leg(leg)
        step.touch_leg(leg)
    else:
        drop(step, leg, reason)


def _vacate(step: Step, call: Call, reason: Reason) -> None:
    ledger = step.ledger
    for key in ledger.consults.get(call.key, ()):
        step.watch(key)
    if call.parent_key is not None:
        step.watch(call.parent_key)
    if call.parked is not None:
        lots.free(step, call.parked)
    conversation = ledger.conversations[call.conversation]
    members = without(conversation.members, call.key)
    step.put_conversation(replace(conversation, members=members, past=conversation.past | {call.owner}))
    if conversation.room and not members:
        ledger.write(ledger.rooms, conversation.room, None)
    recording = call.recording and Recording.STOPPED
    cleared = {"recording": recording, "parked": None, "mailbox": "", "connects_to": ""}
    step.remove(replace(call, state=CallState.RELEASED, reason=reason, **cleared))


def move(step: Step, call: Call, target: Conversation, user_data: UserData) -> Call:
    """A party changes to another conversation with its leg: its old view is Released, a new one appears
    (gws-v2 §6, Q1). Consults that it had begun from the old view belong to the new one."""
    ledger = step.ledger
    consults = ledger.consults.get(call.key, ())
    _vacate(step, call, Reason.NORMAL)
    leg = ledger.legs[call.leg]
    leg = replace(leg, calls=without(leg.calls, call.key))
    moved = seat(
        step,
        target,
        leg,
        call.state,
        participants=seen_by(step, target, call.owner),
        user_data=user_data,
        muted=call.muted,
    )
    for key in consults:
        consult = replace(ledger.calls[key], parent=moved.id)
        ledger.write(ledger.calls, key, consult)
        ledger.write(ledger.consults, moved.key, (*ledger.consults.get(moved.key, ()), key))
        step.tell(consult, Change.STATUS)
    return moved


def hold_heard(step: Step, leg_id: LegId, but: CallKey | None = None) -> None:
    """The call that this leg is heard in is held, unless it is ``but``: one leg is heard in one call."""
    for key in step.ledger.legs[leg_id].calls:
        call = step.ledger.calls[key]
        if call.state is CallState.ESTABLISHED and key != but:
            step.put(replace(call, state=CallState.HELD))


def drop(step: Step, leg: Leg, reason: Reason, tries: int = 1) -> None:
    """End a leg. Its row is gone at once: what the switch still says of it is not news."""
    step.forget_leg(leg.id, reason, by_itself=False)
    if leg.dialled or not leg.outgoing:
        order_drop(step, Dropping(leg.id, reason, tries))


def order_drop(step: Step, dropping: Dropping) -> None:
    step.ledger.write(step.ledger.dropping, dropping.leg, dropping)
    step.order(DropLeg, dropping, dropping.leg, dropping.reason)


def refresh(
    step: Step,
    conversation_id: ConversationId,
    user_data: UserData | None = None,
    states: Mapping[CallKey, CallState] | None = None,
) -> None:
    """Who takes part has changed: each member's participants, and with them its data and state if given, so that
    each owner is told once."""
    ledger = step.ledger
    conversation = ledger.conversations.get(conversation_id)
    if conversation is None:
        return
    if step.rehearsing:  # what somebody hears depends on states alone
        for key, state in (states or {}).items():
            step.put(replace(ledger.calls[key], state=state))
        return
    for key in (*conversation.members, *ledger.supervisors.get(conversation_id, ())):
        call = ledger.calls[key]
        participants = seen_by(step, ledger.conversations[conversation_id], call.owner) or call.participants
        state = states.get(key, call.state) if states else call.state
        data = call.user_data if user_data is None else user_data
        if participants != call.participants or state is not call.state or data != call.user_data:
            step.put(replace(call, participants=participants, state=state, user_data=data))


def seen_by(step: Step, conversation: Conversation, owner: Number) -> tuple[Number, ...]:
    """The other parties, the latest first. Somebody who is only being rung counts while there is nobody else; a
    supervisor counts while everybody hears it (docs/decisions/0008)."""
    if conversation.awaits:
        return (conversation.awaits,)
    calls = step.ledger.calls
    present: list[Number] = []
    rung: list[Number] = []
    for key in reversed(conversation.members):
        if key[1] != owner:
            (rung if calls[key].state in RUNG else present).append(key[1])
    supervisors = step.ledger.supervisors.get(conversation.id)
    if supervisors:
        barging = [key[1] for key in reversed(supervisors) if key[1] != owner and _barges_in(calls[key])]
        return (*barging, *(present or rung))
    if conversation.room and not present and not rung:
        return (conversation.dnis,)
    return tuple(present or rung)


def _barges_in(call: Call) -> bool:
    return call.monitors is MonitorKind.BARGE_IN and call.state is CallState.ESTABLISHED
