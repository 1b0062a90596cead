"""The first step of a two-step transfer or conference: hold the call, call somebody else beside it.

The consult is heard on the same leg as its parent: an agent has one ear. Several consults of one parent are possible
(call-semantics #28).
"""

from __future__ import annotations

from typing import TypeAlias

from cordboard.calls.commands import InitiateConference, InitiateTransfer
from cordboard.calls.model import Call, CallState, CallType, Operation, Purpose, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table
from cordboard.calls.reaching import check_destination, too_many_hops
from cordboard.calls.seating import converse, hold_heard, seat
from cordboard.calls.segments import Came, Way
from cordboard.calls.settling import ring
from cordboard.calls.step import Step
from cordboard.calls.user_data import check_added

Initiate: TypeAlias = InitiateTransfer | InitiateConference


def _check(step: Step, call: Call, command: Initiate) -> Refusal | None:
    if len(step.ledger.consults.get(call.key, ())) >= step.rules.consults_max:
        return Refusal(RefusalKind.LIMIT_REACHED, f"no more consult calls: the limit is {step.rules.consults_max}")
    refusal = check_destination(step, call, command.to)
    return refusal or check_added(step.rules, call.user_data, command.user_data)


def _initiate(step: Step, call: Call, command: Initiate) -> None:
    leg = step.ledger.legs[call.leg]
    hold_heard(step, leg.id)
    route = step.routes.find(command.to, call.owner)
    assert route is not None  # checked just before
    purpose = Purpose.TRANSFER if isinstance(command, InitiateTransfer) else Purpose.CONFERENCE
    parent = step.ledger.calls[call.key]
    of = step.ledger.conversations[call.conversation]
    data = {**parent.user_data, **command.user_data}
    consult = seat(
        step,
        converse(step, CallType.CONSULT, route.number, of=of),
        leg,
        CallState.DIALING,
        participants=(route.number,),
        user_data=data,
        parent=parent,
        purpose=purpose,
        location=command.location,
    )
    _ring_target(step, consult, route.number)


def _ring_target(step: Step, consult: Call, number: str) -> None:
    ring(
        step,
        consult.conversation,
        number,
        consult.owner,
        ring_s=step.rules.consult_no_answer_timeout_s,
        user_data=consult.user_data,
        came=Came(Way.CONSULTED, consult.owner),
        loops=too_many_hops(step, consult.conversation),
        location=consult.location,
    )


HANDLERS: Table = {
    InitiateTransfer: Handler(Operation.INITIATE_TRANSFER, _check, _initiate, placed=True),
    InitiateConference: Handler(Operation.INITIATE_CONFERENCE, _check, _initiate, placed=True),
}
