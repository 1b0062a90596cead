"""DTMF digits."""

from __future__ import annotations

from cordboard.calls.commands import SendDtmf
from cordboard.calls.model import Call, Operation, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table
from cordboard.calls.orders import SendDigits
from cordboard.calls.procedures import Signalling
from cordboard.calls.step import Step

DIGITS = frozenset("0123456789*#ABCDabcd")
DIGITS_MAX = 64


def _check(_step: Step, _call: Call, command: SendDtmf) -> Refusal | None:
    if not command.digits or len(command.digits) > DIGITS_MAX or not DIGITS.issuperset(command.digits):
        return Refusal(RefusalKind.BAD_VALUE, f"digits must be 1 to {DIGITS_MAX} of 0-9, *, # and A-D")
    return None


def _send(step: Step, call: Call, command: SendDtmf) -> None:
    """Every other party hears them; one that is still being rung may be a trunk that listens already."""
    for other in step.ledger.others(call):
        leg = step.ledger.legs[other.leg]
        if leg.dialled or not leg.outgoing:
            step.order(SendDigits, Signalling(call.owner, call.id), leg.id, command.digits)


HANDLERS: Table = {SendDtmf: Handler(Operation.SEND_DTMF, _check, _send)}
