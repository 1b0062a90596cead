"""Transfers: the second step of a two-step one, and the single-step (blind) one, by API or by the phone's key."""

from __future__ import annotations

from cordboard.calls import accounting, joining
from cordboard.calls.commands import CompleteTransfer, SingleStepTransfer
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, Number, Operation, Refusal
from cordboard.calls.operations.handler import Handler, Table
from cordboard.calls.pairing import Pair, pair_up
from cordboard.calls.permits import is_pinned
from cordboard.calls.reaching import check_destination, too_many_hops
from cordboard.calls.records import Leg
from cordboard.calls.seating import TAKING_PART, leave
from cordboard.calls.segments import Came, TransferKind, Way
from cordboard.calls.settling import expect, ring
from cordboard.calls.step import Step, replace
from cordboard.calls.user_data import check_added


def _check_complete(step: Step, call: Call, command: CompleteTransfer) -> Refusal | None:
    pair = _pair(step.ledger, call, command)
    return pair if isinstance(pair, Refusal) else None


def _complete(step: Step, call: Call, command: CompleteTransfer) -> None:
    pair = _pair(step.ledger, call, command)
    assert not isinstance(pair, Refusal)  # checked just before
    joining.transfer(step, pair.parent, pair.consult)


def _pair(ledger: Ledger, call: Call, command: CompleteTransfer) -> Pair | Refusal:
    return pair_up(ledger, call, command.consult, Operation.COMPLETE_TRANSFER)


def _check_single_step(step: Step, call: Call, command: SingleStepTransfer) -> Refusal | None:
    refusal = check_destination(step, call, command.to)
    return refusal or check_added(step.rules, call.user_data, command.user_data)


def _single_step(step: Step, call: Call, command: SingleStepTransfer) -> None:
    """The transferor leaves at once; the customer hears ringing, then the target (call-semantics #51)."""
    route = step.routes.find(command.to, call.owner)
    assert route is not None  # checked just before
    data = {**call.user_data, **command.user_data}
    others = step.ledger.others(call)
    loops = too_many_hops(step, call.conversation)
    handing = accounting.handing(step, TransferKind.SINGLE_STEP, call, route.number)
    leave(step, replace(call, user_data=data))
    conversation = step.ledger.conversations[call.conversation]
    step.put_conversation(replace(conversation, hops=conversation.hops + 1))
    if sum(other.state in TAKING_PART for other in others) < 2:
        expect(step, conversation.id, call.owner)
    ring(
        step,
        conversation.id,
        route.number,
        others[0].owner,
        ring_s=step.rules.no_answer_timeout_s,
        user_data=data,
        came=Came(Way.TRANSFERRED, call.owner, (handing,)),
        loops=loops,
        location=command.location,
    )


def leg_transferred(step: Step, leg: Leg, to: str) -> SingleStepTransfer | CompleteTransfer | None:
    """The person at the phone asked for a blind transfer: the same operation, on the call heard on that line.

    To somebody who is being consulted on it, by API, it completes that transfer: the phone has one line for both (#56).
    """
    calls = [step.ledger.calls[key] for key in leg.calls]
    calls.sort(key=lambda call: call.state is not CallState.ESTABLISHED)
    route = step.routes.find(to, leg.number)
    for call in calls:
        if call.parent_key is not None and route is not None and _talks_with(step.ledger, call, route.number):
            return CompleteTransfer(asker=leg.number, call=call.id)
    return SingleStepTransfer(asker=leg.number, call=calls[0].id, to=to) if calls else None


def _talks_with(ledger: Ledger, call: Call, number: Number) -> bool:
    return any(other.owner == number for other in ledger.others(call))


def legs_transferred(step: Step, leg: Leg, other: Leg) -> None:
    """The person at the phone connected the far ends of two lines. What was held first is the parent."""
    if leg.number != other.number or not leg.calls or not other.calls:
        return
    one, two = step.ledger.calls[leg.calls[0]], step.ledger.calls[other.calls[0]]
    parent, consult = (one, two) if one.state is CallState.HELD else (two, one)
    pinned = is_pinned(step.ledger, parent) or is_pinned(step.ledger, consult)
    if parent.conversation == consult.conversation or pinned:
        return
    if parent.monitors is None and consult.monitors is None:
        joining.transfer(step, parent, consult)


HANDLERS: Table = {
    CompleteTransfer: Handler(Operation.COMPLETE_TRANSFER, _check_complete, _complete, placed=True),
    SingleStepTransfer: Handler(Operation.SINGLE_STEP_TRANSFER, _check_single_step, _single_step, placed=True),
}
