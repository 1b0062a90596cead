"""Two conversations become one: the heart of transfer and conference.

``parent`` and ``consult`` are both calls of the controller. The parent's conversation goes on; the parties of the
consult's join it (gws-v2 §6, Q1). Where keys of user data collide the consult's win (call-semantics decision 8).
"""

from __future__ import annotations

from cordboard.calls import accounting, lots, monitoring
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, ConversationId, Reason, UserData
from cordboard.calls.permits import can_be_joined
from cordboard.calls.seating import RUNG, TAKING_PART, hold_heard, last_until, leave, move, refresh
from cordboard.calls.segments import TransferKind
from cordboard.calls.settling import expect, settle
from cordboard.calls.step import Step, replace, without
from cordboard.calls.user_data import merged

_PREFERENCE = {CallState.ESTABLISHED: 0, CallState.HELD: 1, CallState.DIALING: 2}


def transfer(step: Step, parent: Call, consult: Call, reason: Reason = Reason.NORMAL) -> None:
    """The controller leaves both; the parties left on either side are connected. Parent Released first, as printed."""
    data = merged(step.rules, parent.user_data, consult.user_data)
    accounting.join(step, TransferKind.TWO_STEP, parent, consult, reason)
    leave(step, replace(parent, user_data=data), reason)
    leave(step, replace(consult, user_data=data), reason)
    _bring(step, consult.conversation, parent.conversation, data)
    _count_hop(step, parent.conversation)
    present = [call for call in step.ledger.members(parent.conversation) if call.state in TAKING_PART]
    if len(present) < 2:
        expect(step, parent.conversation, parent.owner)
    members = step.ledger.members(parent.conversation)
    told = len(step.events)
    refresh(step, parent.conversation, data)
    if len(members) == 1:
        if len(step.events) > told:  # it was told what it may do alone, and somebody is going to be called (I7)
            step.watch(members[0].key)
        settle(step, parent.conversation, reason)


def conference(step: Step, parent: Call, consult: Call) -> None:
    """The controller stays and owns the conference. Consult Released first, then the parent's participants."""
    data = merged(step.rules, parent.user_data, consult.user_data)
    accounting.join(step, TransferKind.CONFERENCE, parent, consult, Reason.NORMAL)
    leave(step, replace(consult, user_data=data))
    hold_heard(step, parent.leg, but=parent.key)
    own(step, parent.conversation, parent)
    _bring(step, consult.conversation, parent.conversation, data)
    refresh(step, parent.conversation, data, {parent.key: CallState.ESTABLISHED})


def own(step: Step, conversation_id: ConversationId, owner: Call) -> None:
    """Whoever makes a conference of a conversation owns it; the first owner stays it."""
    conversation = step.ledger.conversations[conversation_id]
    if not conversation.owner or conversation.owner in conversation.past:
        step.put_conversation(replace(conversation, owner=owner.owner))


def _bring(step: Step, source: ConversationId, target: ConversationId, data: UserData) -> None:
    """Bring everybody over. Somebody may be in both, on two lines: one of them ends, rather one that only rings."""
    hops, until = step.ledger.conversations[source].hops, step.ledger.conversations[source].until
    for call in step.ledger.members(source):
        row = step.ledger.conversations[target]
        twin = next((other for other in step.ledger.members(target) if other.owner == call.owner), None)
        if twin is not None and twin.state not in RUNG and call.state in RUNG:
            leave(step, call)
            continue
        if twin is not None:
            leave(step, twin)
            row = replace(row, members=without(row.members, twin.key), past=row.past | {twin.owner})
        move(step, call, row, data)
    monitoring.follow(step, source, target, data)
    lots.leave(step, target)
    conversation = last_until(step, step.ledger.conversations[target], until)
    step.put_conversation(replace(conversation, hops=max(hops, conversation.hops)))


def _count_hop(step: Step, conversation_id: ConversationId) -> None:
    """Transfers are counted with the caller, so that a ring of transfers ends (call-semantics #50)."""
    conversation = step.ledger.conversations[conversation_id]
    step.put_conversation(replace(conversation, hops=conversation.hops + 1))


def best_consult(ledger: Ledger, parent: Call) -> Call | None:
    """The consult that a lost agent would have completed: the one talked to, else a held one, else a ringing one."""
    consults = [ledger.calls[key] for key in ledger.consults.get(parent.key, ())]
    joinable = [consult for consult in consults if can_be_joined(ledger, parent, consult)]
    return min(joinable, key=lambda consult: _PREFERENCE[consult.state], default=None)
