"""A phone rings and is answered, by API or by hand."""

from __future__ import annotations

from cordboard.calls import lots, voicemail
from cordboard.calls.commands import Answer
from cordboard.calls.events import Change
from cordboard.calls.model import Call, CallState, Operation
from cordboard.calls.operations.handler import Handler, Table, no_objection
from cordboard.calls.orders import AnswerLeg
from cordboard.calls.placing import is_heard
from cordboard.calls.procedures import Procedure
from cordboard.calls.records import Leg
from cordboard.calls.seating import refresh
from cordboard.calls.settling import arrived
from cordboard.calls.step import Step, replace


def _order_answer(step: Step, call: Call, command: Answer) -> None:
    """Done when the phone says that it is off hook, not when the switch took the order: ``leg_answered`` ends it."""
    order = step.order(AnswerLeg, None, call.leg)
    step.begin(order, Procedure(Operation.ANSWER, call.key, command, (call.key,)))


def leg_ringing(step: Step, leg: Leg) -> None:
    for key in leg.calls:
        call = step.ledger.calls[key]
        if call.state is CallState.OFFERED:
            step.put(replace(call, state=CallState.RINGING))


def leg_answered(step: Step, leg: Leg) -> None:
    """A phone that we rang is off hook: its calls, and those of whoever dialled it, are Established."""
    _end_answering(step, leg)
    step.put_leg(replace(leg, answered=True, deadline=0.0, inviter=None))
    leg_ringing(step, leg)
    for key in leg.calls:
        call = step.ledger.calls[key]
        if call.monitors is not None:
            step.put(replace(call, state=CallState.ESTABLISHED))
        elif call.state is CallState.RINGING and not call.connects_to:
            _establish(step, call)


def _end_answering(step: Step, leg: Leg) -> None:
    for key in leg.calls:
        order = step.ledger.busy.get(key)
        procedure = step.ledger.waiting.get(order) if order is not None else None
        if order is not None and isinstance(procedure, Procedure) and procedure.operation is Operation.ANSWER:
            step.end(order, procedure)


def _establish(step: Step, call: Call) -> None:
    ledger = step.ledger
    arrived(step, call.conversation)
    step.put(replace(call, state=CallState.ESTABLISHED))
    waiting = [other for other in ledger.others(call) if other.state is CallState.ESTABLISHED]
    for other in ledger.others(call):
        if other.state is CallState.DIALING:
            state = CallState.ESTABLISHED if is_heard(ledger, other.key) else CallState.HELD
            step.put(replace(other, state=state))
    lots.leave(step, call.conversation)
    voicemail.look(step, call.conversation)
    refresh(step, call.conversation)
    for other in waiting:
        if ledger.calls[other.key] == other and len(waiting) == 1:
            step.tell(other, Change.STATUS)


HANDLERS: Table = {Answer: Handler(Operation.ANSWER, no_objection, _order_answer, begin=_order_answer)}
