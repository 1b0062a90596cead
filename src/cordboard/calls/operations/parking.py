"""Leaving somebody somewhere: parked, with music, in a slot of a lot; or with a mailbox. Whoever does it is free.

How whoever is parked is got out again: ``taking``; what happens when its time is up: ``settling``.
"""

from __future__ import annotations

from cordboard.calls import accounting, lots, voicemail
from cordboard.calls.commands import Park, TransferToVoicemail
from cordboard.calls.model import Call, Operation, Parked, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table
from cordboard.calls.permits import ANSWERED
from cordboard.calls.seating import converse, leave, move
from cordboard.calls.segments import TransferKind
from cordboard.calls.settling import settle, wait_in_lot
from cordboard.calls.step import Step, replace


def _check(step: Step, call: Call, command: Park) -> Refusal | None:
    if command.for_s < 0:
        return Refusal(RefusalKind.BAD_VALUE, "nobody is parked for less than no time")
    if _whom(step, call, command) is None:
        return Refusal(RefusalKind.UNKNOWN_PARTICIPANT, f"{command.whom!r} is nobody who could be parked")
    if lots.free_slot(step, command.lot) is None:
        return Refusal(RefusalKind.LIMIT_REACHED, f"the parking lot is full: it has {step.rules.park_slots} slots")
    return None


def _whom(step: Step, call: Call, command: Park) -> Call | None:
    """Who is to be parked: the only other party, or of several the one that is named, if it has answered."""
    others = step.ledger.others(call)
    if len(others) == 1 and command.whom in ("", others[0].owner):
        return others[0]
    answered = (other for other in others if other.state in ANSWERED)
    return next((other for other in answered if other.owner == command.whom), None)


def _park(step: Step, call: Call, command: Park) -> None:
    """The conversation goes on with the one who waits, so its id stays (voipnow-uapi §4); of a conference it goes on
    with the others, and who waits begins another one."""
    other = _whom(step, call, command)
    slot = lots.free_slot(step, command.lot)
    assert other is not None  # checked just before
    assert slot is not None
    accounting.parked(step, call, other, slot)
    until = step.now + (command.for_s or step.rules.park_timeout_s)
    if len(step.ledger.others(call)) == 1:
        leave(step, call)
    else:
        other = replace(_take_out(step, other), participants=(call.owner,))
    wait_in_lot(step, other.conversation, call.owner, until)
    lots.enter(step, other, Parked(command.lot, slot, call.owner, until))


def _take_out(step: Step, party: Call) -> Call:
    """A party of a conference is alone in a conversation of its own."""
    conversation = step.ledger.conversations[party.conversation]
    alone = converse(step, conversation.type, conversation.dnis, conversation.ani, conversation)
    moved = move(step, party, alone, party.user_data)
    settle(step, party.conversation)
    return moved


def _check_mailbox(step: Step, call: Call, command: TransferToVoicemail) -> Refusal | None:
    route = step.routes.find(command.mailbox, call.owner)
    if route is None or route.external:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.mailbox!r} has no mailbox here")
    return None


def _to_voicemail(step: Step, call: Call, command: TransferToVoicemail) -> None:
    (other,) = step.ledger.others(call)
    route = step.routes.find(command.mailbox, call.owner)
    assert route is not None  # checked just before
    accounting.done(step, accounting.handing(step, TransferKind.VOICEMAIL, call, route.number))
    leave(step, call)
    voicemail.begin(step, other, route.number)


HANDLERS: Table = {
    Park: Handler(Operation.PARK, _check, _park, placed=True),
    TransferToVoicemail: Handler(Operation.TO_VOICEMAIL, _check_mailbox, _to_voicemail, placed=True),
}
