"""Calls begin: by API (the caller's own phone first, then the destination) or by a phone that dials."""

from __future__ import annotations

from cordboard.calls.commands import Dial
from cordboard.calls.model import Call, CallState, CallType, Reason, Refusal, RefusalKind
from cordboard.calls.reaching import Target, reach
from cordboard.calls.records import Leg
from cordboard.calls.reports import LegOffered
from cordboard.calls.seating import converse, dial_leg, drop, leave, offer, seat
from cordboard.calls.settling import ring
from cordboard.calls.step import Step, replace
from cordboard.calls.user_data import check_added


def check(step: Step, command: Dial) -> Refusal | None:
    route = step.routes.find(command.to, command.asker)
    if route is None:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.to!r} is no number of this system")
    if route.number == command.asker:
        return Refusal(RefusalKind.BAD_DESTINATION, "a phone can't call itself")
    return check_added(step.rules, {}, command.user_data)


def dial(step: Step, command: Dial) -> None:
    """The asker's phone is made to go off hook; the destination is rung once it has."""
    route = step.routes.find(command.to, command.asker)
    assert route is not None  # checked just before
    kind = CallType.OUTBOUND if route.external else CallType.INTERNAL
    conversation = replace(converse(step, kind, route.number), shown_as=command.caller_id or command.asker)
    leg = Leg(step.ledger.next_leg_id(), command.asker)
    call = seat(
        step,
        conversation,
        leg,
        CallState.DIALING,
        participants=(route.number,),
        user_data=command.user_data,
        location=command.location,
    )
    offer(step, call.conversation, route.number, command.asker, ring_s=0.0, user_data=command.user_data, later=True)
    dial_leg(step, leg.id, route.number, step.rules.no_answer_timeout_s, auto_answer=True)


def caller_is_ready(step: Step, leg: Leg) -> None:
    """The phone of somebody who dials by API is off hook: ring those who were to be dialled."""
    ledger = step.ledger
    for key in leg.calls:
        call = ledger.calls[key]
        if call.state is CallState.DIALING:
            shown = ledger.conversations[call.conversation].shown_as
            for other in ledger.others(call):
                if not ledger.legs[other.leg].dialled:
                    _ring(step, other, shown, call.location)


def _ring(step: Step, target: Call, shown: str, location: str) -> None:
    """Where the calls of the target go is asked only now, when a telephone is really going to ring."""
    ring_s = step.rules.no_answer_timeout_s
    if reach(step, target.conversation, target.owner) == Target(target.owner):
        dial_leg(step, target.leg, shown, ring_s, location=location)
        return
    leave(step, target)
    ring(step, target.conversation, target.owner, shown, ring_s=ring_s, user_data=target.user_data)


def leg_offered(step: Step, report: LegOffered) -> None:
    """A phone or a trunk dials."""
    leg = Leg(report.leg, report.number, outgoing=False, dialled=True)
    route = step.routes.find(report.dialled, report.number)
    if route is None:
        drop(step, leg, Reason.INVALID_NUMBER)
        return
    if route.number == report.number:
        drop(step, leg, Reason.BUSY)
        return
    kind = CallType.INBOUND if report.external else CallType.OUTBOUND if route.external else CallType.INTERNAL
    conversation = converse(step, kind, route.number, ani=report.number if report.external else "")
    call = seat(step, conversation, leg, CallState.DIALING, participants=(route.number,))
    ring(step, call.conversation, route.number, report.number, ring_s=step.rules.no_answer_timeout_s, user_data={})
