"""What becomes of a command: refused, tried at once, or tried when legs are placed for it.

Deliberately absent: what may be asked (``permits``), what is then done (``operations``), the frame of an input
(``board``).
"""

from __future__ import annotations

from typing import Any

from cordboard.calls import placing, waiting
from cordboard.calls.commands import (
    AnyCallCommand,
    AnyCommand,
    AnyFreeCommand,
    CallCommand,
    CancelMonitoring,
    Dial,
    Invite,
    Monitor,
    MuteMonitored,
    PickUp,
    SwapCalls,
    UnmuteMonitored,
    UnPark,
)
from cordboard.calls.model import Call, CallId, Refusal, RefusalKind
from cordboard.calls.objections import why_not
from cordboard.calls.operations import dialing, inviting, supervising, taking
from cordboard.calls.operations.handler import Handler
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.permits import HANDING_ON, is_pinned
from cordboard.calls.records import WORDS
from cordboard.calls.step import Step

_FAMILIES: dict[type[AnyFreeCommand], Any] = {
    Dial: dialing,
    Invite: inviting,
    **dict.fromkeys((Monitor, CancelMonitoring, MuteMonitored, UnmuteMonitored), supervising),
    **dict.fromkeys((UnPark, PickUp), taking),
}
"""Modules with ``check`` and ``apply`` for commands that are asked of no call of the asker's."""

_LINK_IS_DOWN = Refusal(RefusalKind.SWITCH_UNAVAILABLE, "the link to the switch is down: try again later")


def ask(step: Step, command: AnyCommand) -> Refusal | None:
    """Why not, or None: then it is tried."""
    if not isinstance(command, CallCommand):
        return _ask_of_no_call(step, command)
    ledger = step.ledger
    call = ledger.visible(command.call, command.asker)
    if call is None:
        return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.call}")
    return begin_on(step, call, command)


def begin_on(step: Step, call: Call, command: AnyCallCommand) -> Refusal | None:
    """The same, of a call that is known."""
    handler = HANDLERS[type(command)]
    refusal = objection(step, call, command, handler)
    if refusal is not None:
        return refusal
    if handler.begin is not None:
        handler.begin(step, call, command)
    elif not (handler.placed and _place_first(step, call, command, handler)):
        handler.apply(step, call, command)
    return None


def _ask_of_no_call(step: Step, command: AnyFreeCommand) -> Refusal | None:
    """Of a telephone, a room, or somebody else's call."""
    if not step.ledger.switch and not isinstance(command, CancelMonitoring):
        return _LINK_IS_DOWN
    family = _FAMILIES[type(command)]
    refusal: Refusal | None = family.check(step, command)
    if refusal is None:
        family.apply(step, command)
    return refusal


def objection(step: Step, call: Call, command: AnyCallCommand, handler: Handler) -> Refusal | None:
    """What stands against it now, if anything."""
    operation = handler.operation
    if not step.ledger.switch and handler.needs_switch:
        return _LINK_IS_DOWN
    if isinstance(command, SwapCalls) and command.other is not None and _is_unknown(step, command.other, command):
        return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.other}")
    if not step.permissions.allows(call, operation):
        why = why_not(step.ledger, call, operation)
        pinned = operation in HANDING_ON and is_pinned(step.ledger, call)
        kind = RefusalKind.FORBIDDEN if pinned else RefusalKind.NOT_PERMITTED_NOW
        return Refusal(kind, f"{operation.value} is not possible while {why}")
    return handler.check(step, call, command)


def _is_unknown(step: Step, call_id: CallId, command: AnyCallCommand) -> bool:
    return step.ledger.visible(call_id, command.asker) is None


def _place_first(step: Step, call: Call, command: AnyCallCommand, handler: Handler) -> bool:
    """Rehearse; if legs would have to be placed, order that and wait. Whether there is something to wait for."""
    legs = step.ledger.legs
    found, ends = step.rehearse(
        lambda: handler.apply(step, call, command), lambda: (placing.changes(step), call.leg not in legs)
    )
    found = {leg_id: place for leg_id, place in found.items() if place and leg_id in legs}
    if not found:
        return False
    leaving = (call.leg,) if ends and legs[call.leg].place not in WORDS else ()
    waiting.begin(step, call, command, handler.operation, found, leaving)
    return True
