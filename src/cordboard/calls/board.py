"""The board: one input at a time, each applied whole or not at all.

``ask`` takes commands, ``hear`` reports, ``tick`` the passing of time; each returns what it led to. Deliberately
absent: waiting, clocks, knowledge of any switch or API. The same inputs give the same outcomes, always.

House rules: orders go out only with the outcome that wants them; an input that meets a bug is undone, then raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import msgspec

from cordboard.calls import monitoring, placing, resuming, rows, taping, timers, voicemail, waiting
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
from cordboard.calls.events import AnyEvent
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallId,
    CallKey,
    CallView,
    Diversions,
    Number,
    Recorders,
    Refusal,
    RefusalKind,
    Routes,
)
from cordboard.calls.objections import why_not
from cordboard.calls.operations import (
    answering,
    dialing,
    ending,
    holding,
    inviting,
    linking,
    supervising,
    taking,
    transferring,
)
from cordboard.calls.operations.handler import Handler
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.orders import AnyOrder
from cordboard.calls.permits import HANDING_ON, Permissions, is_pinned
from cordboard.calls.ports import Row
from cordboard.calls.procedures import Procedure
from cordboard.calls.records import WORDS, Leg, Rules
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
from cordboard.calls.rows import Read
from cordboard.calls.step import NO_DIVERSIONS, NO_RECORDERS, Step
from cordboard.calls.waking import wake


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What one input led to. With a refusal there are no events and no orders: nothing changed."""

    refusal: Refusal | None
    events: Sequence[AnyEvent]
    orders: Sequence[AnyOrder]


_FAMILIES: dict[type[AnyFreeCommand], Any] = {
    Dial: dialing,
    Invite: inviting,
    **dict.fromkeys((Monitor, CancelMonitoring, MuteMonitored, UnmuteMonitored), supervising),
    **dict.fromkeys((UnPark, PickUp), taking),
}
"""Modules with ``check`` and ``apply`` for commands that are asked of no call of the asker's."""

NOTHING = Outcome(None, (), ())
"""What most reports of orders that are done lead to."""


class Board:
    """All calls of one site.

    ``id_prefix`` (26 upper-case alphanumerics) and ``conn_prefix`` (8 lower-case hex) begin every id that it makes;
    they must differ from those of any board whose calls a client or the switch may still know. ``diversions`` are asked
    whenever a telephone is going to ring, ``recorders`` who may record.
    """

    def __init__(
        self,
        rules: Rules,
        routes: Routes,
        id_prefix: str,
        conn_prefix: str,
        diversions: Diversions = NO_DIVERSIONS,
        recorders: Recorders = NO_RECORDERS,
    ) -> None:
        self._rules = rules
        self._routes = routes
        self._ledger = Ledger(id_prefix, conn_prefix)
        self._names = rows.names_of(self._ledger)
        self._permissions = Permissions(self._ledger, rules.clear_from_ringing)
        self._step = Step(self._ledger, self._permissions, rules, routes, 0.0, diversions, recorders)

    # -- inputs ----------------------------------------------------------------------------------------------------

    def ask(self, command: AnyCommand, now: float) -> Outcome:
        """A client wants something. Accepted (no refusal) means that it will be tried, not that it is done."""
        step = self._begin(now)
        try:
            refusal = self._ask(step, command)
            return self._finish(step) if refusal is None else Outcome(refusal, (), ())
        except BaseException:
            self._ledger.undo()
            raise

    def hear(self, report: AnyReport, now: float) -> Outcome:
        """The switch reports. What concerns legs and orders that are over is not news."""
        if type(report) is OrderDone and self._ledger.is_routine(report.order):
            return NOTHING
        step = self._begin(now)
        try:
            self._hear(step, report)
            return self._finish(step)
        except BaseException:
            self._ledger.undo()
            raise

    def tick(self, now: float) -> Outcome:
        """Time passed: the first thing that is due by now happens. To be called while ``next_deadline`` is past."""
        step = self._begin(now)
        timer = self._ledger.due(now)
        try:
            if timer is not None:
                wake(step, *timer)
            return self._finish(step)
        except BaseException:
            self._ledger.undo()
            raise

    # -- looking ---------------------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When ``tick`` should be called next; None if nothing waits."""
        return self._ledger.next_timer()

    def call(self, call_id: CallId, owner: Number) -> CallView | None:
        call = self._ledger.visible(call_id, owner)
        return None if call is None else CallView(call, self._permissions.of(call))

    def calls_of(self, owner: Number) -> list[CallView]:
        return [CallView(call, self._permissions.of(call)) for call in self._ledger.calls_of(owner)]

    def is_busy(self, key: CallKey) -> bool:
        """Whether an operation on this call, or on the recording of its conversation, waits for the switch."""
        ledger = self._ledger
        call = ledger.calls.get(key)
        recording = ledger.taped.get(call.conversation) if call is not None else None
        return key in ledger.busy or (recording is not None and bool(ledger.tapes[recording].order))

    def is_linked(self) -> bool:
        return bool(self._ledger.switch)

    # -- what outlives the process ---------------------------------------------------------------------------------

    def take_rows(self) -> list[Row]:
        """The rows of state that the last input changed; to be called once after each input that was not refused."""
        return rows.take(self._ledger, self._names)

    def all_rows(self) -> list[Row]:
        """All rows of state."""
        return rows.everything(self._ledger)

    def restore(self, read: Read, now: float) -> None:
        """Be the board that wrote these rows. The link to the switch is down until it says what there is. Nothing is
        due for as long as an order may take; then what is under way fails as if the link had been lost."""
        ledger = self._ledger
        rows.fill(ledger, read)
        self.grant_time(now)
        ledger.set_timer(0.0, timers.AFRESH, None)

    def grant_time(self, now: float) -> None:
        """Orders reach the switch only now, through no fault of its own: nothing is due for as long as one may take."""
        self._ledger.wait_until(now + self._rules.order_timeout_s)

    @property
    def ledger(self) -> Ledger:
        """For inspection by tests and tools; nobody else writes to it."""
        return self._ledger

    # -- commands --------------------------------------------------------------------------------------------------

    def _ask(self, step: Step, command: AnyCommand) -> Refusal | None:
        if not isinstance(command, CallCommand):
            return self._ask_of_no_call(step, command)
        ledger = self._ledger
        call = ledger.visible(command.call, command.asker)
        if call is None:
            return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.call}")
        return self._begin_on(step, call, command)

    def _begin_on(self, step: Step, call: Call, command: AnyCallCommand) -> Refusal | None:
        handler = HANDLERS[type(command)]
        refusal = self._objection(step, call, command, handler)
        if refusal is not None:
            return refusal
        if handler.begin is not None:
            handler.begin(step, call, command)
        elif not (handler.placed and self._place_first(step, call, command, handler)):
            handler.apply(step, call, command)
        return None

    def _ask_of_no_call(self, step: Step, command: AnyFreeCommand) -> Refusal | None:
        """Of a telephone, a room, or somebody else's call."""
        if not self._ledger.switch and not isinstance(command, CancelMonitoring):
            return _link_is_down()
        family = _FAMILIES[type(command)]
        refusal: Refusal | None = family.check(step, command)
        if refusal is None:
            family.apply(step, command)
        return refusal

    def _objection(self, step: Step, call: Call, command: AnyCallCommand, handler: Handler) -> Refusal | None:
        operation = handler.operation
        if not self._ledger.switch and handler.needs_switch:
            return _link_is_down()
        if isinstance(command, SwapCalls) and command.other is not None and self._is_unknown(command.other, command):
            return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.other}")
        if not self._permissions.allows(call, operation):
            why = why_not(self._ledger, call, operation)
            pinned = operation in HANDING_ON and is_pinned(self._ledger, call)
            kind = RefusalKind.FORBIDDEN if pinned else RefusalKind.NOT_PERMITTED_NOW
            return Refusal(kind, f"{operation.value} is not possible while {why}")
        return handler.check(step, call, command)

    def _is_unknown(self, call_id: CallId, command: AnyCallCommand) -> bool:
        return self._ledger.visible(call_id, command.asker) is None

    def _place_first(self, step: Step, call: Call, command: AnyCallCommand, handler: Handler) -> bool:
        """Rehearse; if legs would have to be placed, order that and wait. Whether there is something to wait for."""
        legs = self._ledger.legs
        found, ends = step.rehearse(
            lambda: handler.apply(step, call, command), lambda: (placing.changes(step), call.leg not in legs)
        )
        found = {leg_id: place for leg_id, place in found.items() if place and leg_id in legs}
        if not found:
            return False
        leaving = (call.leg,) if ends and legs[call.leg].place not in WORDS else ()
        waiting.begin(step, call, command, handler.operation, found, leaving)
        return True

    # -- reports ---------------------------------------------------------------------------------------------------

    def _hear(self, step: Step, report: AnyReport) -> None:
        match report:
            case OrderDone(order):
                self._order_done(step, order)
            case OrderFailed(order, detail):
                waiting.failed(step, order, detail)
            case LegOffered(leg_id):
                if leg_id not in self._ledger.legs:
                    dialing.leg_offered(step, report)
            case SwitchDown():
                linking.down(step)
            case SwitchSnapshot():
                self._link_is_up(step, report)
            case RecordingEnded(recording):
                voicemail.over(step, recording)
                taping.ended(step, recording)
            case LegEnded(leg_id):
                waiting.leg_gone(step, leg_id)
                self._hear_of_leg(step, report)
            case _:
                self._hear_of_leg(step, report)

    def _link_is_up(self, step: Step, snapshot: SwitchSnapshot) -> None:
        """What came of everything meanwhile; then what was under way before a restart is done again."""
        unanswered = list(self._ledger.waiting) if not self._ledger.switch else ()
        for news in linking.up(step, snapshot):
            self._hear(step, news)
        for procedure in resuming.others(step, snapshot, unanswered):
            self._do_again(step, procedure)

    def _do_again(self, step: Step, procedure: Procedure) -> None:
        call = self._ledger.visible(*procedure.call)
        refusal = self._begin_on(step, call, procedure.command) if call is not None else None
        if refusal is not None:
            step.tell_failed(procedure, refusal)

    def _hear_of_leg(self, step: Step, report: LegReport) -> None:
        leg = self._ledger.legs.get(report.leg)
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
                self._transfer_key(step, leg, report)
            case LegDigits():
                pass  # the other parties hear them at the switch; no API tells of them (gws-v2 §3, SendDtmf)
            case _:
                assert_never(report)

    def _transfer_key(self, step: Step, leg: Leg, report: LegTransferred | LegsTransferred) -> None:
        match report:
            case LegTransferred(_, to):
                command = transferring.leg_transferred(step, leg, to)
                if command is not None:
                    self._do_at_once(step, command)
            case LegsTransferred(_, other_id):
                other = self._ledger.legs.get(other_id)
                if other is not None:
                    transferring.legs_transferred(step, leg, other)
            case _:
                assert_never(report)

    def _do_at_once(self, step: Step, command: AnyCallCommand) -> None:
        """A person has done it with a key. Whoever transfers so may hang up before the switch has placed anybody, and
        that is not meant for the other party (call-semantics #55)."""
        call = self._ledger.visible(command.call, command.asker)
        handler = HANDLERS[type(command)]
        if call is not None and self._objection(step, call, command, handler) is None:
            handler.apply(step, call, command)

    def _order_done(self, step: Step, order: int) -> None:
        procedure = waiting.done(step, order)
        if procedure is None:
            return
        call = self._ledger.visible(procedure.command.call, procedure.command.asker)
        assert call is not None  # a procedure is abandoned when its call ends
        handler = HANDLERS[type(procedure.command)]
        refusal = self._objection(step, call, procedure.command, handler)
        if refusal is not None:
            step.tell_failed(procedure, refusal)
        else:
            handler.apply(step, call, procedure.command)

    # -- the frame of each input -----------------------------------------------------------------------------------

    def _begin(self, now: float) -> Step:
        self._step.renew(now)
        return self._step

    def _finish(self, step: Step) -> Outcome:
        if self._ledger.messages:
            voicemail.reconcile(step)
        if step.touched and self._ledger.monitors:
            monitoring.keep_up(step)
        if step.touched and self._ledger.switch:
            placing.reconcile(step)
        if self._ledger.taped:
            taping.reconcile(step)
        if step.watching:
            step.tell_watched()
        ledger = self._ledger
        if step.orders:
            when = step.now + self._rules.order_timeout_s
            for order in step.orders:
                ledger.set_order_timer(when, order.order)
        for timer in step.timers:
            ledger.set_timer(*timer)
        ledger.commit()
        return Outcome(None, step.events, step.orders)


def _link_is_down() -> Refusal:
    return Refusal(RefusalKind.SWITCH_UNAVAILABLE, "the link to the switch is down: try again later")
