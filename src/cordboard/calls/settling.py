"""What becomes of those who stay when somebody leaves: released, recalled, or left talking.

House rules: a conversation never stands with one party that waits for nobody (call-semantics I2, I3). A transfer that
nobody answered goes back to whoever made it, then to the fallback, and only then is the customer released with the
reason (decision 6).
"""

from __future__ import annotations

from cordboard.calls import accounting, lots, timers
from cordboard.calls.events import CallFailed
from cordboard.calls.model import (
    Call,
    CallKey,
    CallState,
    ConversationId,
    Number,
    Operation,
    Parked,
    Reason,
    Refusal,
    RefusalKind,
    UserData,
)
from cordboard.calls.reaching import LOOP, reach
from cordboard.calls.records import Conversation, Recall
from cordboard.calls.seating import RUNG, TAKING_PART, leave, offer, refresh
from cordboard.calls.segments import Came, Way
from cordboard.calls.step import Step, replace


def settle(step: Step, conversation_id: ConversationId, reason: Reason = Reason.NORMAL) -> None:
    """Somebody left this conversation, for this reason: see to the others."""
    members = step.ledger.members(conversation_id)
    present = [call for call in members if call.state in TAKING_PART]
    rung = [call for call in members if call.state in RUNG]
    if not present:
        if not rung or not _is_for_them(step.ledger.conversations[conversation_id]):
            release_all(step, rung, reason)
    elif len(present) > 1 or rung:
        refresh(step, conversation_id)
    elif not _recall(step, conversation_id, reason):
        release_all(step, present, reason)
        if step.rules.retrieve_on_consult_failure:
            _retrieve_parent(step, present[0])


def _is_for_them(conversation: Conversation) -> bool:
    """Whether telephones ring for it though nobody is there: to be connected, or because a room is open."""
    return bool(conversation.awaits or conversation.room)


def release_all(step: Step, calls: list[Call], reason: Reason) -> None:
    for call in calls:
        leave(step, call, reason)


def _retrieve_parent(step: Step, consult: Call) -> None:
    """The tenant's option: an agent whose consult failed is back with the caller at once (decision 1)."""
    parent = step.ledger.calls.get(consult.parent_key) if consult.parent_key is not None else None
    if parent is not None and parent.state is CallState.HELD:
        leg = step.ledger.legs[parent.leg]
        if all(step.ledger.calls[key].state is CallState.HELD for key in leg.calls):
            step.put(replace(parent, state=CallState.ESTABLISHED))


def expect(step: Step, conversation_id: ConversationId, transferor: Number) -> None:
    """A transfer is complete though its target has not answered: if it never does, ``transferor`` is called back."""
    conversation = step.ledger.conversations[conversation_id]
    step.put_conversation(replace(conversation, recall=Recall(transferor, step.rules.recall_tries)))


def send_on(step: Step, held: Call, reason: Reason) -> None:
    """The telephone of an agent who had somebody on hold is lost: that caller goes to ``hold_agent_lost``, if the
    rules name one, and keeps the music until somebody answers there (call-semantics #27)."""
    instead = step.rules.hold_agent_lost
    company = [call for call in step.ledger.others(held) if call.state in TAKING_PART]
    if instead and len(company) == 1:
        recall = Recall(held.owner, tries_left=0, failed=True, reason=reason, instead=instead)
        conversation = step.ledger.conversations[held.conversation]
        step.put_conversation(replace(conversation, recall=recall))


def wait_in_lot(step: Step, conversation_id: ConversationId, parker: Number, until: float) -> None:
    """Somebody is parked: ``parker`` is called back when the time is up, at least once (voipnow-uapi §2.4.3)."""
    tries = max(1, step.rules.recall_tries)
    recall = Recall(parker, tries, failed=True, reason=Reason.NO_ANSWER)
    _wait(step, step.ledger.conversations[conversation_id], recall, until)


def _wait(step: Step, conversation: Conversation, recall: Recall, until: float) -> None:
    step.put_conversation(replace(conversation, recall=replace(recall, until=until)))
    step.timers.append((until, timers.RECALL, conversation.id))


def expect_back(step: Step, conversation_id: ConversationId, number: Number) -> None:
    """A call was taken from this telephone while it rang: there it rings once more if whoever took it does not answer,
    so that nobody is lost."""
    conversation = step.ledger.conversations[conversation_id]
    if conversation.recall is None:
        step.put_conversation(replace(conversation, recall=Recall(number, tries_left=1)))


def arrived(step: Step, conversation_id: ConversationId) -> None:
    """Somebody answered: nobody needs to be called back any more."""
    conversation = step.ledger.conversations[conversation_id]
    if conversation.recall is not None:
        step.put_conversation(replace(conversation, recall=None))


def ring(
    step: Step,
    conversation_id: ConversationId,
    number: Number,
    caller: Number,
    *,
    ring_s: float,
    user_data: UserData,
    came: Came,
    inviter: CallKey | None = None,
    reason: Reason = Reason.NORMAL,
    loops: bool = False,
    location: str = "",
) -> None:
    """Somebody is wanted in this conversation: the telephone that its calls go to rings. If none may (or if this call
    ``loops``) that is as if the telephone had been busy: whatever follows from it follows now (decision 0007).

    ``user_data`` is what everybody in the conversation sees from now on, ``location`` a hint about ``number`` only.
    """
    target = LOOP if loops else reach(step, conversation_id, number)
    if target.reason is not Reason.NORMAL:
        accounting.in_vain(step, came, target.reason)
        invitation_failed(step, inviter, number, target.reason)
        settle(step, conversation_id, target.reason)
        refresh(step, conversation_id, user_data)  # only now: who is told of the data is told what may be asked now
        return
    if target.forwards:
        conversation = step.ledger.conversations[conversation_id]
        step.put_conversation(replace(conversation, hops=conversation.hops + target.forwards))
    offer(
        step,
        conversation_id,
        target.number,
        caller,
        ring_s=ring_s,
        user_data=user_data,
        came=came,
        wanted=number,
        inviter=inviter,
        reason=reason,
        location="" if target.forwards else location,
    )
    refresh(step, conversation_id, user_data)


def invitation_failed(step: Step, inviter_key: CallKey | None, number: Number, reason: Reason) -> None:
    """A further party did not come: whoever invited it is told, as nothing else would change for them (I5)."""
    inviter = step.ledger.calls.get(inviter_key) if inviter_key is not None else None
    if inviter is not None:
        refusal = Refusal(RefusalKind.BAD_DESTINATION, f"{number} did not come: {reason.value or 'it hung up'}")
        step.events.append(CallFailed(inviter.owner, inviter.id, Operation.SINGLE_STEP_CONFERENCE, refusal))


def _recall(step: Step, conversation_id: ConversationId, reason: Reason) -> bool:
    """The last one present waits for nobody now. Whether it stays: somebody is going to be called, or it leaves a
    message."""
    conversation = step.ledger.conversations[conversation_id]
    recall = conversation.recall
    if recall is None:
        return conversation_id in step.ledger.messages or _stay_in_room(step, conversation)
    parked = step.ledger.calls[conversation.members[0]].parked
    if parked is not None:
        return _stay_in_lot(step, conversation, recall, parked)
    if not recall.failed:
        recall = replace(recall, failed=True, reason=reason)
        return _next_try(step, replace(conversation, recall=recall), recall)
    if recall.tries_left > 0:
        _wait(step, conversation, recall, step.now + step.rules.recall_interval_s)
        return True
    return _fall_back(step, conversation, recall)


def _stay_in_room(step: Step, conversation: Conversation) -> bool:
    """Whoever is the last in a room waits for others, with music."""
    if conversation.room:
        step.show_later(conversation.members[0])  # alone it may do less
        refresh(step, conversation.id)
    return bool(conversation.room)


def _stay_in_lot(step: Step, conversation: Conversation, recall: Recall, parked: Parked) -> bool:
    """Nobody came for whoever is parked: it waits until its time is up, which may have been meanwhile."""
    if parked.until > step.now:
        step.show_later(conversation.members[0])  # alone it may do less
        _wait(step, conversation, recall, parked.until)
        return True
    lots.leave(step, conversation.id)
    return _next_try(step, replace(conversation, recall=recall), recall)


def recall_due(step: Step, conversation_id: ConversationId, when: float) -> None:
    """The pause between two recalls is over, or the time in a parking lot."""
    conversation = step.ledger.conversations.get(conversation_id)
    if conversation is not None and conversation.recall is not None and conversation.recall.until == when:
        recall = replace(conversation.recall, until=0.0)
        conversation = replace(conversation, recall=recall)
        if len(conversation.members) > 1:  # somebody is being called: if that is in vain, ``settle`` goes on from here
            step.put_conversation(conversation)
            return
        lots.leave(step, conversation_id)
        _next_try(step, conversation, recall)


def _next_try(step: Step, conversation: Conversation, recall: Recall) -> bool:
    if recall.tries_left <= 0:
        return _fall_back(step, conversation, recall)
    recall = replace(recall, tries_left=recall.tries_left - 1)
    _call_instead(step, replace(conversation, recall=recall), recall.transferor, Reason.TRANSFER_RECALL)
    return True


def _fall_back(step: Step, conversation: Conversation, recall: Recall) -> bool:
    dialled = recall.instead or step.rules.transfer_fallback
    route = step.routes.find(dialled, recall.transferor) if dialled and not recall.fell_back else None
    waiting = step.ledger.members(conversation.id)
    if route is None or route.number == waiting[0].owner:
        step.put_conversation(replace(conversation, recall=None))
        release_all(step, waiting, recall.reason)
        return True
    recall = replace(recall, fell_back=True, tries_left=0)
    why = Reason.AGENT_LOST if recall.instead else Reason.TRANSFER_RECALL
    _call_instead(step, replace(conversation, recall=recall), route.number, why)
    return True


def _call_instead(step: Step, conversation: Conversation, number: Number, reason: Reason) -> None:
    step.put_conversation(conversation)
    waiting = step.ledger.calls[conversation.members[0]]
    way = Way.FELL_BACK if conversation.recall is not None and conversation.recall.fell_back else Way.RECALLED
    ring(
        step,
        conversation.id,
        number,
        waiting.owner,
        ring_s=step.rules.no_answer_timeout_s,
        user_data=waiting.user_data,
        came=Came(way, waiting.owner),
        reason=reason,
    )
