"""Parking: the other party waits, with music, in a slot of a lot, and whoever parked it is free.

How it is got out again: ``taking``; what happens when its time is up: ``settling``.
"""

from __future__ import annotations

from cordboard.calls import lots
from cordboard.calls.commands import Park
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


HANDLERS: Table = {Park: Handler(Operation.PARK, _check, _park, placed=True)}
