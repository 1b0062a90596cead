"""Leaving somebody somewhere: parked, with music, in a slot of a lot; or with a mailbox. Whoever does it is free.

How whoever is parked is got out again: ``taking``; what happens when its time is up: ``settling``.
"""

from __future__ import annotations

from cordboard.calls import lots, voicemail
from cordboard.calls.commands import Park, TransferToVoicemail
from cordboard.calls.model import Call, Operation, Parked, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table
from cordboard.calls.seating import leave
from cordboard.calls.settling import wait_in_lot
from cordboard.calls.step import Step


def _check(step: Step, _call: Call, command: Park) -> Refusal | None:
    if command.for_s < 0:
        return Refusal(RefusalKind.BAD_VALUE, "nobody is parked for less than no time")
    if lots.free_slot(step, command.lot) is None:
        return Refusal(RefusalKind.LIMIT_REACHED, f"the parking lot is full: it has {step.rules.park_slots} slots")
    return None


def _park(step: Step, call: Call, command: Park) -> None:
    """The conversation goes on with the one who waits, so its id stays (voipnow-uapi §4)."""
    (other,) = step.ledger.others(call)
    slot = lots.free_slot(step, command.lot)
    assert slot is not None  # checked just before
    until = step.now + (command.for_s or step.rules.park_timeout_s)
    leave(step, call)
    wait_in_lot(step, call.conversation, call.owner, until)
    lots.enter(step, other, Parked(command.lot, slot, call.owner, until))


def _check_mailbox(step: Step, call: Call, command: TransferToVoicemail) -> Refusal | None:
    route = step.routes.find(command.mailbox, call.owner)
    if route is None or route.external:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.mailbox!r} has no mailbox here")
    return None


def _to_voicemail(step: Step, call: Call, command: TransferToVoicemail) -> None:
    (other,) = step.ledger.others(call)
    route = step.routes.find(command.mailbox, call.owner)
    assert route is not None  # checked just before
    leave(step, call)
    voicemail.begin(step, other, route.number)


HANDLERS: Table = {
    Park: Handler(Operation.PARK, _check, _park, placed=True),
    TransferToVoicemail: Handler(Operation.TO_VOICEMAIL, _check_mailbox, _to_voicemail, placed=True),
}
