"""The board: one input at a time, each applied whole or not at all.

``ask`` takes commands, ``hear`` reports, ``tick`` the passing of time; each returns what it led to. Deliberately
absent: waiting, clocks, knowledge of any switch or API; what becomes of commands (``asking``) and of reports
(``hearing``). The same inputs give the same outcomes, always.

House rules: orders go out only with the outcome that wants them; an input that meets a bug is undone, then raised.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cordboard.calls import accounting, asking, hearing, monitoring, placing, rows, taping, timers, voicemail
from cordboard.calls.commands import (
    AnyCommand,
)
from cordboard.calls.events import AnyEvent
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    CallId,
    CallKey,
    CallView,
    Diversions,
    Number,
    Recorders,
    Refusal,
    Routes,
)
from cordboard.calls.orders import AnyOrder
from cordboard.calls.permits import Permissions
from cordboard.calls.ports import Row
from cordboard.calls.records import Rules
from cordboard.calls.reports import (
    AnyReport,
    OrderDone,
)
from cordboard.calls.rows import Read
from cordboard.calls.segments import AnyRecord
from cordboard.calls.step import NO_DIVERSIONS, NO_RECORDERS, Step
from cordboard.calls.waking import wake


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What one input led to. With a refusal there are no events and no orders: nothing changed."""

    refusal: Refusal | None
    events: Sequence[AnyEvent]
    orders: Sequence[AnyOrder]


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
            refusal = asking.ask(step, command)
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
            hearing.hear(step, report)
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

    @property
    def links(self) -> int:
        """How often the link was lost or came back. Orders that were decided before must not leave after: the board has
        given them up, and the snapshot can't tell of what comes of them (call-semantics I9)."""
        return self._ledger.links

    # -- what outlives the process ---------------------------------------------------------------------------------

    def take_rows(self) -> list[Row]:
        """The rows of state that the last input changed; to be called once after each input that was not refused."""
        return rows.take(self._ledger, self._names)

    def take_records(self) -> Sequence[AnyRecord]:
        """Call detail records that the last input has completed; to be called once after each that was not refused."""
        records, self._step.records = self._step.records, []
        return records

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
        if self._ledger.tapes:
            taping.reconcile(step)
        if step.watching:
            step.tell_watched()
        if step.seen or step.over or step.failures:
            accounting.keep_up(step)
        ledger = self._ledger
        if step.orders:
            when = step.now + self._rules.order_timeout_s
            for order in step.orders:
                ledger.set_order_timer(when, order.order)
        for timer in step.timers:
            ledger.set_timer(*timer)
        ledger.commit()
        return Outcome(None, step.events, step.orders)
