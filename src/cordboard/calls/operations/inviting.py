"""Rooms: somebody is called into one (voipnow-uapi §2.3.3, ``conferenceInvite``).

A room is there while somebody is in it or called into it; whoever is the last stays, with music (``settling``). It
belongs to a number that is no telephone, so this is asked of no call, and is no Handler.
"""

from __future__ import annotations

from cordboard.calls.commands import Invite
from cordboard.calls.model import CallState, CallType, Number, Refusal, RefusalKind
from cordboard.calls.records import Conversation, Leg
from cordboard.calls.seating import converse, dial_leg, refresh, seat, seen_by
from cordboard.calls.segments import Came, Way
from cordboard.calls.step import Step, replace


def check(step: Step, command: Invite) -> Refusal | None:
    route = step.routes.find(command.to, command.asker)
    if route is None:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.to!r} is no number of this system")
    if command.ring_s < 0:
        return Refusal(RefusalKind.BAD_VALUE, "no telephone rings for less than no time")
    members = _members(step, command.room)
    if route.number in members:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{route.number} is in this room, or called into it")
    if len(members) >= step.rules.conference_max:
        return Refusal(RefusalKind.LIMIT_REACHED, f"a conference has {step.rules.conference_max} parties at most")
    if step.diversions.do_not_disturb(route.number) or step.diversions.forward_to(route.number):
        return Refusal(RefusalKind.IN_USE, f"the telephone of {route.number} is not to ring")
    return None


def _members(step: Step, room: str) -> list[Number]:
    return [call.owner for call in step.ledger.members(step.ledger.rooms.get(room, ""))]


def apply(step: Step, command: Invite) -> None:
    """Its telephone rings; whoever asked is shown the call at once."""
    ledger = step.ledger
    route = step.routes.find(command.to, command.asker)
    assert route is not None  # checked just before
    kind = CallType.OUTBOUND if route.external else CallType.INTERNAL
    conversation = _room(step, command, kind)
    others = ledger.members(conversation.id)
    call = seat(
        step,
        conversation,
        Leg(ledger.next_leg_id(), route.number),
        CallState.RINGING,
        participants=seen_by(step, conversation, route.number),
        user_data=others[0].user_data if others else {},
    )
    ledger.write(ledger.rooms, command.room, conversation.id)
    shown, ring_s = command.caller_id or command.asker, command.ring_s or step.rules.no_answer_timeout_s
    dial_leg(step, call.leg, shown, ring_s, Came(Way.INVITED, command.asker))
    refresh(step, conversation.id)


def _room(step: Step, command: Invite, kind: CallType) -> Conversation:
    """The conversation that goes on there, or a new one."""
    going_on = step.ledger.rooms.get(command.room)
    if going_on is not None:
        return step.ledger.conversations[going_on]
    return replace(converse(step, kind, command.asker), room=command.room, errand=command.errand)
