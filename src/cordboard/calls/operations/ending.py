"""Calls end: by API, by the phone, or because nobody answered."""

from __future__ import annotations

from cordboard.calls import joining, monitoring
from cordboard.calls.commands import ClearCall, Decline, Hangup
from cordboard.calls.model import Call, CallState, ConversationId, Operation, Reason
from cordboard.calls.operations.handler import Handler, Table, no_objection
from cordboard.calls.records import Leg
from cordboard.calls.seating import RUNG, drop, leave
from cordboard.calls.settling import invitation_failed, release_all, send_on, settle
from cordboard.calls.step import Step


def _hang_up(step: Step, call: Call, _: Hangup) -> None:
    """Only this call ends, not others on the same leg (call-semantics #19, #20)."""
    if call.monitors is not None:
        monitoring.withdraw(step, call)
        return
    leave(step, call)
    settle(step, call.conversation)


def _clear(step: Step, call: Call, _: ClearCall) -> None:
    """The conversation ends for everybody."""
    release_all(step, step.ledger.members(call.conversation), Reason.NORMAL)


def _decline(step: Step, call: Call, _: Decline) -> None:
    """As if it had been rejected at the telephone."""
    lose(step, step.ledger.legs[call.leg], Reason.REJECTED)


def out_of_time(step: Step, conversation_id: ConversationId, when: float) -> None:
    """A call has lasted as long as it was to, whatever its parties are doing (voipnow-uapi §2.3.1)."""
    conversation = step.ledger.conversations.get(conversation_id)
    if conversation is not None and conversation.until == when:
        release_all(step, step.ledger.members(conversation_id), Reason.NORMAL)


def leg_ended(step: Step, leg: Leg, reason: Reason) -> None:
    """A leg is gone, whoever ended it. An agent lost amid a consult has completed the transfer (#21, #22)."""
    step.forget_leg(leg.id, reason, by_itself=True)
    _complete_transfers(step, leg)
    for key in leg.calls:
        call = step.ledger.calls.get(key)
        if call is not None and call.monitors is not None:
            monitoring.withdraw(step, call, reason)
        elif call is not None:
            if call.state in RUNG:
                invitation_failed(step, leg.inviter, leg.number, reason)
            elif call.state is CallState.HELD:
                send_on(step, call, reason)
            leave(step, call, reason)
            settle(step, call.conversation, reason)


def ring_timeout(step: Step, leg_id: str, when: float) -> None:
    """Nobody answered in time. If the answer came first this timer no longer counts (#7)."""
    leg = step.ledger.legs.get(leg_id)
    if leg is not None and leg.deadline == when and not leg.answered:
        lose(step, leg, Reason.NO_ANSWER)


def lose(step: Step, leg: Leg, reason: Reason) -> None:
    """Give up a leg that may still exist at the switch."""
    drop(step, leg, reason)
    leg_ended(step, leg, reason)


def _complete_transfers(step: Step, leg: Leg) -> None:
    if len(leg.calls) < 2:
        return
    ledger = step.ledger
    for key in leg.calls:
        parent = ledger.calls.get(key)
        consult = joining.best_consult(ledger, parent) if parent is not None else None
        if parent is not None and consult is not None:
            joining.transfer(step, parent, consult, Reason.AGENT_LOST)


HANDLERS: Table = {
    Hangup: Handler(Operation.HANGUP, no_objection, _hang_up),
    Decline: Handler(Operation.DECLINE, no_objection, _decline),
    ClearCall: Handler(Operation.CLEAR_CALL, no_objection, _clear),
}
