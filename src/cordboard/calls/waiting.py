"""What happens when orders are answered, fail, or are not answered at all.

An accepted operation ends in exactly one way: it is applied, or its owner is told that it failed (call-semantics I5).
Orders that nobody asked for are tried again; a leg that can't be placed at all is given up rather than left in silence.
"""

from __future__ import annotations

from cordboard.calls import placing, timers
from cordboard.calls.commands import AnyCallCommand
from cordboard.calls.events import CallFailed
from cordboard.calls.model import Call, LegId, Operation, OrderId, Reason, Refusal, RefusalKind
from cordboard.calls.operations.ending import lose
from cordboard.calls.placing import Changes
from cordboard.calls.procedures import Dialing, Dropping, Muting, Placing, Procedure, Signalling
from cordboard.calls.reports import LegEnded, LegReport
from cordboard.calls.seating import order_drop
from cordboard.calls.step import Step, replace


def begin(step: Step, call: Call, command: AnyCallCommand, operation: Operation, found: Changes) -> None:
    """Order the legs to where the operation needs them; every call on the agent's leg is busy until they are."""
    order, legs = placing.order_changes(step, found, pending=True)
    busy = step.ledger.legs[call.leg].calls
    step.begin(order, Procedure(operation, call.key, command, busy, legs))


def done(step: Step, order: OrderId) -> Procedure | None:
    """The switch did it. Returns the operation that was waiting for it, if one was."""
    waiting = step.ledger.waiting.get(order)
    match waiting:
        case Procedure():
            if waiting.operation is Operation.ANSWER:
                return None  # done when the phone says so
            step.end(order, waiting)
            placing.placed(step, waiting.legs, order)
            return waiting
        case Placing(legs):
            step.wait(order, None)
            placing.placed(step, legs, order)
        case Dialing() | Dropping() | Signalling() | Muting():
            step.wait(order, None)
        case None:
            pass
    return None


def failed(step: Step, order: OrderId, detail: str) -> None:
    """The switch did not do it, or did not say so in time."""
    waiting = step.ledger.waiting.get(order)
    match waiting:
        case Procedure():
            step.end(order, waiting)
            step.tell_failed(waiting, Refusal(RefusalKind.SWITCH_UNAVAILABLE, f"the switch could not do it: {detail}"))
            _give_up(step, waiting.legs, order)
        case Placing(legs):
            step.wait(order, None)
            _give_up(step, legs, order)
        case Dialing(leg_id):
            step.wait(order, None)
            leg = step.ledger.legs.get(leg_id)
            if leg is not None:
                lose(step, leg, Reason.SWITCH_ERROR)
        case Dropping():
            step.wait(order, None)
            _drop_later(step, waiting)
        case Signalling(owner, call_id):
            step.wait(order, None)
            if (call_id, owner) in step.ledger.calls:
                refusal = Refusal(RefusalKind.SWITCH_UNAVAILABLE, f"the digits were not sent: {detail}")
                step.events.append(CallFailed(owner, call_id, Operation.SEND_DTMF, refusal))
        case Muting(leg_id):
            step.wait(order, None)
            _not_muted(step, leg_id, detail)
        case None:
            pass


def _give_up(step: Step, legs: tuple[LegId, ...], order: OrderId) -> None:
    for leg in placing.misplaced(step, legs, order):
        current = step.ledger.legs.get(leg.id)
        if current is not None:
            lose(step, current, Reason.SWITCH_ERROR)


def _drop_later(step: Step, dropping: Dropping) -> None:
    """A leg that does not end is asked again, ever more slowly, until it does: no leg outlives its call (I2)."""
    if dropping.leg in step.ledger.dropping:
        pause_s = min(step.rules.drop_pause_s * dropping.tries, step.rules.drop_pause_max_s)
        step.timers.append((step.now + pause_s, timers.DROP, dropping.leg))


def drop_again(step: Step, leg_id: LegId) -> None:
    dropping = step.ledger.dropping.get(leg_id)
    if dropping is not None:
        order_drop(step, replace(dropping, tries=dropping.tries + 1))


def drop_stray(step: Step, report: LegReport) -> None:
    """A leg that nobody here knows shows signs of life, such as one that was ordered just as the link broke: it would
    ring or wait for ever (I2)."""
    if not isinstance(report, LegEnded) and report.leg not in step.ledger.dropping:
        order_drop(step, Dropping(report.leg, Reason.NORMAL))


def leg_gone(step: Step, leg_id: LegId) -> None:
    """A leg ended at the switch: nothing more needs to be ordered for that."""
    if leg_id in step.ledger.dropping:
        step.ledger.write(step.ledger.dropping, leg_id, None)


def _not_muted(step: Step, leg_id: LegId, detail: str) -> None:
    leg = step.ledger.legs.get(leg_id)
    call = placing.focus(step.ledger, leg) if leg is not None else None
    if leg is None or call is None:
        return
    operation = Operation.MUTE_CALL if leg.muted else Operation.UNMUTE_CALL
    step.put_leg(replace(leg, muted=not leg.muted))
    if call.muted is leg.muted:
        step.put(replace(call, muted=not leg.muted))
        refusal = Refusal(RefusalKind.SWITCH_UNAVAILABLE, f"the switch could not do it: {detail}")
        step.events.append(CallFailed(call.owner, call.id, operation, refusal))
