"""What becomes of a report: it is handed to those whom it concerns, and what waited for it goes on.

Deliberately absent: what follows from it (``operations``, ``waiting``, ``taping``), the frame of an input (``board``).
"""

from __future__ import annotations

from typing import assert_never

from cordboard.calls import asking, resuming, taping, voicemail, waiting
from cordboard.calls.commands import AnyCallCommand
from cordboard.calls.operations import answering, dialing, ending, holding, linking, transferring
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.procedures import Procedure
from cordboard.calls.records import Leg
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegDigits,
    LegEnded,
    LegHeld,
    LegOffered,
    LegReport,
    LegRetrieved,
    LegRinging,
    LegsTransferred,
    LegTransferred,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.calls.segments import Asked
from cordboard.calls.step import Step


def hear(step: Step, report: AnyReport) -> None:
    """Do what follows from it; what concerns nobody who is there is passed over."""
    match report:
        case OrderDone(order):
            _order_done(step, order)
        case OrderFailed(order, detail):
            waiting.failed(step, order, detail)
        case LegOffered(leg_id):
            if leg_id not in step.ledger.legs:
                dialing.leg_offered(step, report)
        case SwitchDown():
            linking.down(step)
        case SwitchSnapshot():
            _link_is_up(step, report)
        case RecordingEnded(recording):
            voicemail.over(step, recording)
            taping.ended(step, recording)
        case LegEnded(leg_id):
            waiting.leg_gone(step, leg_id)
            _hear_of_leg(step, report)
        case _:
            _hear_of_leg(step, report)


def _link_is_up(step: Step, snapshot: SwitchSnapshot) -> None:
    """What came of everything meanwhile; then what was under way before a restart is done again."""
    unanswered = list(step.ledger.waiting) if not step.ledger.switch else ()
    for news in linking.up(step, snapshot):
        hear(step, news)
    for procedure in resuming.others(step, snapshot, unanswered):
        _do_again(step, procedure)


def _do_again(step: Step, procedure: Procedure) -> None:
    call = step.ledger.visible(*procedure.call)
    refusal = asking.begin_on(step, call, procedure.command) if call is not None else None
    if refusal is not None:
        step.tell_failed(procedure, refusal)


def _hear_of_leg(step: Step, report: LegReport) -> None:
    leg = step.ledger.legs.get(report.leg)
    if leg is None:
        waiting.drop_stray(step, report)
        return
    match report:
        case LegRinging():
            answering.leg_ringing(step, leg)
        case LegAnswered():
            if not leg.answered:
                answering.leg_answered(step, leg)
                dialing.caller_is_ready(step, leg)
        case LegEnded(_, reason):
            ending.leg_ended(step, leg, reason)
        case LegHeld():
            holding.leg_held(step, leg)
        case LegRetrieved():
            holding.leg_retrieved(step, leg)
        case LegTransferred() | LegsTransferred():
            _transfer_key(step, leg, report)
        case LegDigits():
            pass  # the other parties hear them at the switch; no API tells of them (gws-v2 §3, SendDtmf)
        case _:
            assert_never(report)


def _transfer_key(step: Step, leg: Leg, report: LegTransferred | LegsTransferred) -> None:
    step.asked = Asked.KEYS
    match report:
        case LegTransferred(_, to):
            command = transferring.leg_transferred(step, leg, to)
            if command is not None:
                _do_at_once(step, command)
        case LegsTransferred(_, other_id):
            other = step.ledger.legs.get(other_id)
            if other is not None:
                transferring.legs_transferred(step, leg, other)
        case _:
            assert_never(report)


def _do_at_once(step: Step, command: AnyCallCommand) -> None:
    """A person has done it with a key. Whoever transfers so may hang up before the switch has placed anybody, and
    that is not meant for the other party (call-semantics #55)."""
    call = step.ledger.visible(command.call, command.asker)
    handler = HANDLERS[type(command)]
    if call is not None and asking.objection(step, call, command, handler) is None:
        handler.apply(step, call, command)


def _order_done(step: Step, order: int) -> None:
    procedure = waiting.done(step, order)
    if procedure is None:
        return
    call = step.ledger.visible(procedure.command.call, procedure.command.asker)
    assert call is not None  # a procedure is abandoned when its call ends
    handler = HANDLERS[type(procedure.command)]
    refusal = asking.objection(step, call, procedure.command, handler)
    if refusal is not None:
        step.tell_failed(procedure, refusal)
    else:
        handler.apply(step, call, procedure.command)
