"""Supervisors beside conversations: called for them, following them, leaving them.

A supervisor's call hangs beside a conversation and is none of its members: it keeps nobody company, and whatever looks
at members need not know of it (docs/decisions/0008). ``keep_up`` runs at the end of each input that touched a
conversation and does what follows for its supervisors, so that no operation can forget them. Deliberately absent: what
a supervisor may ask (``operations.supervising``), who hears it (``placing``).
"""

from __future__ import annotations

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallKey,
    CallState,
    ConversationId,
    MonitorMode,
    MonitorScope,
    Number,
    Reason,
    UserData,
)
from cordboard.calls.records import Leg, Monitor
from cordboard.calls.seating import RUNG, dial_leg, drop, refresh, seat, seen_by
from cordboard.calls.segments import Came, Way
from cordboard.calls.step import Step, replace, without

_ANSWERED = frozenset({CallState.ESTABLISHED, CallState.HELD})


def keep_up(step: Step) -> None:
    """The conversations that this input touched may have ended, changed hands or just begun."""
    ledger = step.ledger
    for conversation_id in list(step.touched):
        for key in ledger.supervisors.get(conversation_id, ()):
            _see_to(step, ledger.calls[key])
        conversation = ledger.conversations.get(conversation_id)
        for key in conversation.members if conversation is not None else ():
            monitor = ledger.monitors.get(key[1])
            if monitor is not None and monitor.call is None:
                call_if_due(step, monitor)


def _see_to(step: Step, call: Call) -> None:
    """Whether a supervisor stays, and what the monitored agent's call shows of it."""
    ledger = step.ledger
    monitor = ledger.monitor_of(call.owner)
    assert monitor is not None  # a row is removed with its call
    target = _member(ledger, call.conversation, monitor.monitoring.target)
    if not _stays(ledger, call, monitor, target):
        withdraw(step, call)
        return
    now = monitor.monitoring
    on_call = target is not None and target.state in _ANSWERED and call.state in _ANSWERED
    if on_call is not now.on_call:
        now = replace(now, on_call=on_call, muted=False)
        step.put_monitor(replace(monitor, monitoring=now))
    if target is not None:
        _show(step, monitor, target, on_call)
    refresh(step, call.conversation)


def _show(step: Step, monitor: Monitor, target: Call, on_call: bool) -> None:
    """The agent sees that and how it is monitored; for this call the supervisor is not called again."""
    monitor = step.ledger.monitors[monitor.monitoring.target]
    shown = monitor.monitoring if on_call else None
    if target.monitored != shown:
        step.put(replace(target, monitored=shown))
    if on_call and target.key not in monitor.past:
        step.put_monitor(replace(monitor, past=monitor.past | {target.key}))


def _stays(ledger: Ledger, call: Call, monitor: Monitor, target: Call | None) -> bool:
    """Not without the conversation, nor when it has become one of its parties, nor, if it is there for the agent only,
    without the agent (call-semantics #74, #75)."""
    if call.conversation not in ledger.conversations or _member(ledger, call.conversation, call.owner) is not None:
        return False
    is_there = target is not None and target.state not in RUNG
    return is_there or monitor.monitoring.scope is MonitorScope.CALL


def _member(ledger: Ledger, conversation_id: ConversationId, number: Number) -> Call | None:
    conversation = ledger.conversations.get(conversation_id)
    for key in conversation.members if conversation is not None else ():
        if key[1] == number:
            return ledger.calls[key]
    return None


def current_call(ledger: Ledger, target: Number) -> Call | None:
    """The call in which a number talks, if it is one to be monitored: not the consult that waits beside a parent, and
    not a call in which it monitors somebody itself."""
    for key in ledger.owners.get(target, ()):
        call = ledger.calls[key]
        if call.state is CallState.ESTABLISHED and call.monitors is None and call.parent_key not in ledger.calls:
            return call
    return None


def takes_part(ledger: Ledger, call: Call, number: Number) -> bool:
    """Whether a number is a party of this call's conversation: nobody can be that and beside it."""
    return _member(ledger, call.conversation, number) is not None


def call_if_due(step: Step, monitor: Monitor) -> None:
    """Call the supervisor if the target is in a call that it is to be called for. A phone that is in use rings: the
    supervisor is not torn out of a call of its own. If it is not to ring either, the supervisor is not called."""
    ledger, supervisor = step.ledger, monitor.monitoring.supervisor
    call = current_call(ledger, monitor.monitoring.target)
    if call is None or call.key in monitor.past or takes_part(ledger, call, supervisor) or not ledger.switch:
        return
    auto_answer, diversions = supervisor not in ledger.owners, step.diversions
    if auto_answer or not (diversions.do_not_disturb(supervisor) or diversions.forward_to(supervisor)):
        call_for(step, monitor, call, auto_answer=auto_answer)


def call_for(step: Step, monitor: Monitor, call: Call, *, auto_answer: bool) -> None:
    """The supervisor's phone is called for this call of the target."""
    ledger, now = step.ledger, monitor.monitoring
    conversation = ledger.conversations[call.conversation]
    own = seat(
        step,
        conversation,
        Leg(ledger.next_leg_id(), now.supervisor),
        CallState.DIALING if auto_answer else CallState.OFFERED,
        participants=seen_by(step, conversation, now.supervisor),
        user_data=call.user_data,
        monitors=now.kind,
    )
    ring_s = monitor.ring_s or step.rules.no_answer_timeout_s
    came = Came(Way.MONITORS, now.target)
    dial_leg(step, own.leg, monitor.shown or now.target, ring_s, came, auto_answer=auto_answer)
    past = frozenset(key for key in monitor.past if key in ledger.calls)
    step.put_monitor(replace(monitor, call=own.key, past=past | {call.key}))


def withdraw(step: Step, call: Call, reason: Reason = Reason.NORMAL, *, over: bool = False) -> None:
    """A supervisor leaves; with that the monitoring is over if it is ``over`` or was for one call only."""
    ledger = step.ledger
    _rise(step, call, reason)
    leg = ledger.legs.get(call.leg)
    if leg is not None:
        drop(step, leg, reason)
    monitor = ledger.monitor_of(call.owner)
    assert monitor is not None  # a row is removed with its call
    _hide(step, monitor.monitoring.target)
    refresh(step, call.conversation)
    if over or monitor.monitoring.mode is MonitorMode.NEXT_CALL:
        step.remove_monitor(monitor)
        return
    monitor = replace(monitor, call=None, monitoring=replace(monitor.monitoring, on_call=False, muted=False))
    step.put_monitor(monitor)
    call_if_due(step, monitor)


def cancel(step: Step, monitor: Monitor) -> None:
    """The monitoring is over, and with it the supervisor's call."""
    if monitor.call is None:
        step.remove_monitor(monitor)
    else:
        withdraw(step, step.ledger.calls[monitor.call], over=True)


def follow(step: Step, source: ConversationId, target: ConversationId, user_data: UserData) -> None:
    """The parties of ``source`` have moved to ``target``: so do its supervisors, with a new view, as they have."""
    ledger = step.ledger
    for key in ledger.supervisors.get(source, ()):
        call, monitor = ledger.calls[key], ledger.monitor_of(key[1])
        assert monitor is not None  # a row is removed with its call
        _rise(step, call, Reason.NORMAL)
        conversation = ledger.conversations[target]
        moved = seat(
            step,
            conversation,
            replace(ledger.legs[call.leg], calls=()),
            call.state,
            participants=seen_by(step, conversation, call.owner),
            user_data=user_data,
            monitors=call.monitors,
        )
        step.put_monitor(replace(monitor, call=moved.key))


def muting_failed(step: Step, call: Call) -> CallKey:
    """The monitored agent could not be muted: it is shown as it is. The call of the supervisor, who is to be told."""
    monitor = step.ledger.monitors[call.owner]
    assert monitor.call is not None  # muting ends with the supervisor's call
    now = replace(monitor.monitoring, muted=False)
    step.put_monitor(replace(monitor, monitoring=now))
    step.put(replace(call, monitored=now))
    return monitor.call


def _rise(step: Step, call: Call, reason: Reason) -> None:
    """The supervisor's view is over; it never sees this id again (call-semantics I6)."""
    ledger = step.ledger
    ledger.write(
        ledger.supervisors, call.conversation, without(ledger.supervisors[call.conversation], call.key) or None
    )
    conversation = ledger.conversations.get(call.conversation)
    if conversation is not None:
        step.put_conversation(replace(conversation, past=conversation.past | {call.owner}))
    step.remove(replace(call, state=CallState.RELEASED, reason=reason))


def _hide(step: Step, target: Number) -> None:
    for key in step.ledger.owners.get(target, ()):
        call = step.ledger.calls[key]
        if call.monitored is not None:
            step.put(replace(call, monitored=None))
