"""Calls begin: by API (the caller's own phone first, then the destination) or by a phone that dials.

By API a call may have several sources: all of them ring, and the first that is answered is connected (voipnow-uapi
§2.3.1). So is one outside, whose telephone can't be made to go off hook.
"""

from __future__ import annotations

from cordboard.calls import accounting
from cordboard.calls.commands import Dial
from cordboard.calls.model import Call, CallState, CallType, Number, Reason, Refusal, RefusalKind
from cordboard.calls.reaching import Target, reach
from cordboard.calls.records import Conversation, Leg
from cordboard.calls.reports import LegOffered
from cordboard.calls.seating import converse, dial_leg, drop, last_until, leave, offer, seat
from cordboard.calls.segments import Came, Way
from cordboard.calls.settling import ring
from cordboard.calls.step import Step, replace
from cordboard.calls.user_data import check_added


def check(step: Step, command: Dial) -> Refusal | None:
    route = step.routes.find(command.to, command.asker)
    if route is None:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.to!r} is no number of this system")
    sources = (command.asker, *command.also)
    if route.number in sources:
        return Refusal(RefusalKind.BAD_DESTINATION, "a phone can't call itself")
    if min(command.ring_s, command.lasts_s) < 0:
        return Refusal(RefusalKind.BAD_VALUE, "no call rings or lasts for less than no time")
    if len(set(sources)) < len(sources) or any(step.routes.find(one, command.asker) is None for one in command.also):
        return Refusal(RefusalKind.BAD_VALUE, "the sources of a call are numbers of this system, each of them once")
    if len(sources) > step.rules.sources_max:
        return Refusal(RefusalKind.LIMIT_REACHED, f"a call has {step.rules.sources_max} sources at most")
    if _rings(step, command) and not _ringing(step, command):
        return Refusal(RefusalKind.IN_USE, "the telephones of all sources are not to ring")
    return check_added(step.rules, {}, command.user_data)


def _rings(step: Step, command: Dial) -> bool:
    """Whether the sources ring until one is answered, rather than that the asker's phone is made to go off hook."""
    own = step.routes.find(command.asker, command.asker)
    return command.rings or bool(command.also) or (own is not None and own.external)


def _ringing(step: Step, command: Dial) -> list[Number]:
    """The sources whose telephones may ring. A call that nobody made to them is not forwarded."""
    diversions = step.diversions
    sources = (command.asker, *command.also)
    return [one for one in sources if not (diversions.do_not_disturb(one) or diversions.forward_to(one))]


def apply(step: Step, command: Dial) -> None:
    """The asker's phone is made to go off hook, or those of all sources ring; the destination is rung next."""
    route = step.routes.find(command.to, command.asker)
    assert route is not None  # checked just before
    kind = CallType.OUTBOUND if route.external else CallType.INTERNAL
    conversation = replace(
        converse(step, kind, route.number),
        shown_as=command.caller_id,
        pinned=route.number if command.pinned and route.external else "",
        errand=command.errand,
    )
    conversation = last_until(step, conversation, step.now + command.lasts_s if command.lasts_s else 0.0)
    if _rings(step, command):
        _ring_sources(step, command, replace(conversation, awaits=route.number))
    else:
        _go_off_hook(step, command, conversation, route.number)


def _ring_sources(step: Step, command: Dial, conversation: Conversation) -> None:
    """Whoever answers first is called from there on; the others stop ringing (``caller_is_ready``)."""
    ring_s = command.ring_s or step.rules.no_answer_timeout_s
    for number in _ringing(step, command):
        conversation = step.ledger.conversations.get(conversation.id, conversation)
        call = seat(
            step,
            conversation,
            Leg(step.ledger.next_leg_id(), number),
            CallState.RINGING,  # whoever asked is shown the call at once
            participants=(conversation.awaits,),
            user_data=command.user_data,
            location=command.location,
            connects_to=conversation.awaits,
        )
        shown, came = command.announced_as or conversation.awaits, Came(Way.SOURCE, command.asker)
        dial_leg(step, call.leg, shown, ring_s, came, conversation.awaits)


def _go_off_hook(step: Step, command: Dial, conversation: Conversation, to: Number) -> None:
    ring_s = command.ring_s or step.rules.no_answer_timeout_s
    conversation = replace(conversation, shown_as=conversation.shown_as or command.asker)
    leg = Leg(step.ledger.next_leg_id(), command.asker)
    call = seat(
        step,
        conversation,
        leg,
        CallState.DIALING,
        participants=(to,),
        user_data=command.user_data,
        location=command.location,
    )
    offer(step, call.conversation, to, command.asker, ring_s=0.0, user_data=command.user_data)
    came = Came(Way.DIALLED, command.asker)
    dial_leg(step, leg.id, command.announced_as or to, ring_s, came, to, auto_answer=True)


def caller_is_ready(step: Step, leg: Leg) -> None:
    """The phone of somebody who dials by API is off hook: ring those who were to be dialled."""
    ledger = step.ledger
    for key in leg.calls:
        call = ledger.calls[key]
        if call.connects_to:
            _connect(step, call)
        elif call.state is CallState.DIALING:
            shown = ledger.conversations[call.conversation].shown_as
            for other in ledger.others(call):
                if not ledger.legs[other.leg].dialled:
                    _ring(step, other, shown, call)


def _connect(step: Step, call: Call) -> None:
    """The first source that is answered: the others stop ringing, and the destination is rung."""
    conversation, to = step.ledger.conversations[call.conversation], call.connects_to
    step.put_conversation(replace(conversation, awaits="", shown_as=conversation.shown_as or call.owner))
    for other in step.ledger.others(call):
        leave(step, other)
    shown, ring_s = conversation.shown_as or call.owner, step.rules.no_answer_timeout_s
    data, location, came = call.user_data, call.location, Came(Way.CALLED, call.owner)
    ring(step, call.conversation, to, shown, ring_s=ring_s, user_data=data, came=came, location=location)
    found = step.ledger.calls.get(call.key)
    if found is not None:  # somebody is called for it
        step.put(replace(found, state=CallState.ESTABLISHED, connects_to=""))


def _ring(step: Step, target: Call, shown: str, caller: Call) -> None:
    """Where the calls of the target go is asked only now, when a telephone is really going to ring."""
    ring_s, came = step.rules.no_answer_timeout_s, Came(Way.CALLED, caller.owner)
    if reach(step, target.conversation, target.owner) == Target(target.owner):
        dial_leg(step, target.leg, shown, ring_s, came, location=caller.location)
        return
    leave(step, target)
    ring(step, target.conversation, target.owner, shown, ring_s=ring_s, user_data=target.user_data, came=came)


def leg_offered(step: Step, report: LegOffered) -> None:
    """A phone or a trunk dials."""
    leg = Leg(report.leg, report.number, outgoing=False, dialled=True)
    route = step.routes.find(report.dialled, report.number)
    if route is None or route.number == report.number:
        reason = Reason.BUSY if route is not None else Reason.INVALID_NUMBER
        accounting.turned_away(step, leg, report.dialled, reason)
        drop(step, leg, reason)
        return
    kind = CallType.INBOUND if report.external else CallType.OUTBOUND if route.external else CallType.INTERNAL
    conversation = converse(step, kind, route.number, ani=report.number if report.external else "")
    call = seat(step, conversation, leg, CallState.DIALING, participants=(route.number,))
    leg = step.ledger.legs[leg.id]
    accounting.begin(step, leg, Came(Way.DIALLED, report.number), route.number)
    ring_s, came = step.rules.no_answer_timeout_s, Came(Way.CALLED, report.number)
    ring(step, call.conversation, route.number, report.number, ring_s=ring_s, user_data={}, came=came)
