"""What happens when orders are answered, fail, or are not answered at all.

An accepted operation ends in exactly one way: it is applied, or its owner is told that it failed (call-semantics I5).
Orders that nobody asked for are tried again; a leg that can't be placed at all is given up rather than left in silence.
"""

from __future__ import annotations

from typing import assert_never

from cordboard.calls import monitoring, placing, taping, timers, voicemail
from cordboard.calls.commands import AnyCallCommand, MuteCall, UnmuteCall
from cordboard.calls.events import CallFailed
from cordboard.calls.model import Call, CallKey, LegId, Operation, OrderId, Reason, Refusal, RefusalKind, Supervision
from cordboard.calls.operations.ending import lose
from cordboard.calls.orders import MuteLeg
from cordboard.calls.placing import Changes
from cordboard.calls.procedures import Dialing, Dropping, Messaging, Muting, Placing, Procedure, Signalling, Taping
from cordboard.calls.reports import LegEnded, LegReport
from cordboard.calls.seating import order_drop
from cordboard.calls.step import Step, replace


def begin(
    step: Step, call: Call, command: AnyCallCommand, operation: Operation, found: Changes, leaving: tuple[LegId, ...]
) -> None:
    """Order the legs to where the operation needs them; every call on the agent's leg is busy until they are."""
    order, legs = placing.order_changes(step, found, pending=True, leaving=leaving)
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
        case Dialing() | Dropping() | Signalling() | Muting() | Messaging():
            step.wait(order, None)
        case Taping():
            taping.done(step, order, waiting)
        case None:
            pass
        case _:
            assert_never(waiting)
    return None


def failed(step: Step, order: OrderId, detail: str) -> None:
    """The switch did not do it, or did not say so in time."""
    waiting = step.ledger.waiting.get(order)
    match waiting:
        case Procedure():
            step.end(order, waiting)
            _operation_failed(step, waiting, detail)
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
        case Signalling():
            step.wait(order, None)
            _tell_of(step, (waiting.call, waiting.owner), Operation.SEND_DTMF, detail)
        case Muting(leg_id, muted):
            step.wait(order, None)
            _not_muted(step, leg_id, muted, detail)
        case Taping() | Messaging():
            _not_recorded(step, order, waiting, detail)
        case None:
            pass
        case _:
            assert_never(waiting)


def _not_recorded(step: Step, order: OrderId, waiting: Taping | Messaging, detail: str) -> None:
    if isinstance(waiting, Taping):
        taping.failed(step, order, waiting, detail)
    else:  # whoever wanted to leave a message would talk to nobody (I3)
        step.wait(order, None)
        voicemail.over(step, waiting.recording, Reason.SWITCH_ERROR)


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


def _operation_failed(step: Step, procedure: Procedure, detail: str) -> None:
    if isinstance(procedure.command, MuteCall | UnmuteCall):  # the microphone is as it was
        leg = step.ledger.legs[step.ledger.calls[procedure.call].leg]
        step.put_leg(replace(leg, muted=isinstance(procedure.command, UnmuteCall)))
    step.tell_failed(procedure, _switch_error(detail))


def _tell_of(step: Step, key: CallKey, operation: Operation | Supervision, detail: str) -> None:
    if key in step.ledger.calls:
        step.events.append(CallFailed(key[1], key[0], operation, _switch_error(detail)))


def _switch_error(detail: str) -> Refusal:
    return Refusal(RefusalKind.SWITCH_UNAVAILABLE, f"the switch could not do it: {detail}")


def _not_muted(step: Step, leg_id: LegId, muted: bool, detail: str) -> None:
    """The microphone is as it was before, or as a later order has made it.

    To be sure of the former it is ordered once more: an order before this one may have failed as well.
    """
    leg = step.ledger.legs.get(leg_id)
    call = placing.focus(step.ledger, leg) if leg is not None else None
    if leg is None or leg.muted is not muted:
        return
    step.put_leg(replace(leg, muted=not muted))
    step.order(MuteLeg, None, leg_id, not muted)
    if call is None:
        return
    if muted and call.monitored is not None and call.monitored.muted:
        supervisor = monitoring.muting_failed(step, call)
        _tell_of(step, supervisor, Supervision.MUTE, detail)
        call = step.ledger.calls[call.key]
    if call.muted is muted:
        step.put(replace(call, muted=not muted))
        _tell_of(step, call.key, Operation.MUTE_CALL if muted else Operation.UNMUTE_CALL, detail)
