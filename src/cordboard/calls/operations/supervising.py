"""Supervisors listen in, coach, barge in, and mute whom they monitor. What follows from it is done by ``monitoring``.

These are asked of the supervisor's own device, not of a call, so they are no Handlers. Nothing is placed first: the
supervisor's phone is called, and who hears it in a running call changes at the next look (see ``placing``).
"""

from __future__ import annotations

from typing import assert_never

from cordboard.calls import monitoring, permits
from cordboard.calls.commands import AnySupervisorCommand, CancelMonitoring, Monitor, MuteMonitored, UnmuteMonitored
from cordboard.calls.model import (
    CallKey,
    CallState,
    Monitoring,
    MonitorKind,
    MonitorScope,
    Refusal,
    RefusalKind,
    Supervision,
)
from cordboard.calls.operations.handler import not_now
from cordboard.calls.records import Monitor as Row
from cordboard.calls.step import Step, replace

BEGIN: dict[MonitorKind, Supervision] = {
    MonitorKind.LISTEN_IN: Supervision.LISTEN_IN,
    MonitorKind.COACH: Supervision.COACH,
    MonitorKind.PROMPT: Supervision.COACH,
    MonitorKind.BARGE_IN: Supervision.BARGE_IN,
}


def operation_of(command: AnySupervisorCommand) -> Supervision:
    match command:
        case Monitor(kind=kind):
            return BEGIN[kind]
        case CancelMonitoring():
            return Supervision.CANCEL
        case MuteMonitored():
            return Supervision.MUTE
        case UnmuteMonitored():
            return Supervision.UNMUTE
        case _:
            assert_never(command)


def check(step: Step, command: AnySupervisorCommand) -> Refusal | None:
    row = step.ledger.monitor_of(command.asker)
    operation = operation_of(command)
    if operation not in permits.supervision(row.monitoring if row is not None else None):
        return not_now(f"{operation.value} is not possible while {_situation(row)}")
    if isinstance(command, Monitor):
        return _check_target(step, command)
    if row is not None and command.target not in ("", row.monitoring.target):
        return not_now(f"{command.target} is not monitored")
    return None


def _situation(row: Row | None) -> str:
    if row is None:
        return "nobody is monitored"
    if not row.monitoring.on_call:
        return "the monitored agent is in no call with the supervisor"
    return "the monitored agent is muted" if row.monitoring.muted else "the monitored agent is not muted"


def _check_target(step: Step, command: Monitor) -> Refusal | None:
    """Whoever is beside a call already may go on in another way whatever its state (docs/decisions/0008)."""
    ledger = step.ledger
    if command.target == command.asker:
        return not_now("nobody monitors the own device")
    other = ledger.monitors.get(command.target)
    if other is not None and other.monitoring.supervisor != command.asker:
        return Refusal(RefusalKind.IN_USE, f"{command.target} is monitored by another supervisor")
    if other is not None and other.call is not None:
        return None
    call = monitoring.current_call(ledger, command.target)
    if call is not None and monitoring.takes_part(ledger, call, command.asker):
        return not_now("the supervisor takes part in that call already")
    held = (ledger.calls[key].state is CallState.HELD for key in ledger.owners.get(command.target, ()))
    if call is None and any(held):
        return not_now(f"the call of {command.target} is Held")
    return None


def apply(step: Step, command: AnySupervisorCommand) -> None:
    row = step.ledger.monitor_of(command.asker)
    if isinstance(command, Monitor):
        _monitor(step, command, row)
        return
    assert row is not None  # checked just before
    match command:
        case CancelMonitoring():
            monitoring.cancel(step, row)
        case MuteMonitored() | UnmuteMonitored():
            muted = isinstance(command, MuteMonitored)
            step.put_monitor(replace(row, monitoring=replace(row.monitoring, muted=muted)))
            _look_again(step, row)
        case _:
            assert_never(command)


def _monitor(step: Step, command: Monitor, row: Row | None) -> None:
    """A supervisor who monitors somebody else leaves that."""
    if row is not None and row.monitoring.target != command.target:
        monitoring.cancel(step, row)
        row = None
    if row is None:
        row = Row(Monitoring(command.asker, command.target, command.kind, command.scope, command.mode))
    # There is nobody else to prompt, and to stay would be to sit in silence.
    scope = MonitorScope.AGENT if command.kind is MonitorKind.PROMPT else command.scope
    changed = replace(row.monitoring, kind=command.kind, scope=scope, mode=command.mode)
    past = row.past if row.call is not None else frozenset[CallKey]()
    row = replace(row, monitoring=changed, past=past, ring_s=command.ring_s, shown=command.caller_id)
    step.put_monitor(row)
    if row.call is None:
        call = monitoring.current_call(step.ledger, command.target)
        if call is not None:
            monitoring.call_for(step, row, call, auto_answer=True)
    else:
        step.put(replace(step.ledger.calls[row.call], monitors=command.kind))


def _look_again(step: Step, row: Row) -> None:
    """The agent's call and who hears it follow when the input ends."""
    assert row.call is not None  # muting is permitted on a call only
    step.touched[step.ledger.calls[row.call].conversation] = None
