"""The desks: where everything meets the board and the roster, one input at a time.

Plain functions that never wait: the event loop is the lock (no input is looked at before the last one is dealt with).
What an input leads to is written down first (``book``). Then people are told what happened, and orders that follow from
it go to the switch; a client's own command goes to the switch first, as whoever asked for a transfer waits for it.
Deliberately absent: rules (``calls``), routes (``gws``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import structlog

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.model import DeviceState
from cordboard.agents.roster import Roster
from cordboard.calls.board import NOTHING, Board, Outcome
from cordboard.calls.commands import AnyCommand, CallCommand
from cordboard.calls.events import AnyEvent, CallFailed, MonitoringChanged
from cordboard.calls.model import CallId, CallKey, CallView, Number, Refusal, RefusalKind
from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Line, Row, Switch
from cordboard.calls.reports import AnyReport, LegsTransferred, LegTransferred, OrderFailed, SwitchSnapshot
from cordboard.calls.segments import AnyRecord
from cordboard.gws.notifications import Told
from cordboard.server.book import Book
from cordboard.server.lines import agent_line, asked_line, heard_line, ticked_line
from cordboard.server.post import Post

_log = structlog.get_logger()

NOT_WRITABLE = Refusal(
    RefusalKind.SWITCH_UNAVAILABLE, "nothing can be written down at present, so nothing is done; the log tells why"
)
_LOOK_AGAIN_S = 1.0
"""While the journal can't be written, what is due is looked at so often."""

Witness: TypeAlias = "Callable[[Sequence[AnyEvent], float], None]"
"""Is told of all events, with the instant, before anybody can ask about them."""

Accounts: TypeAlias = "Callable[[Sequence[AnyRecord]], None]"
"""Is given call detail records, as soon as they are complete."""


class CallDesk:
    """Implements ``calls.ports.Desk`` and hears the switch; wakes the board when something is due.

    A bug in the law of calls stops the one input that meets it: it is undone, logged with its traceback, and a client
    is told that nothing happened.
    """

    def __init__(
        self,
        board: Board,
        switch: Switch,
        post: Post,
        clock: Callable[[], float],
        roster: Roster,
        witnesses: Sequence[Witness] = (),
        book: Book | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._accounts = accounts
        self._book = book or Book()
        self._book.recovered.append(self._recovered)
        self._witnesses = witnesses
        self._waiting: dict[CallKey, list[asyncio.Future[Refusal | None]]] = {}
        self._board = board
        self._switch = switch
        self._post = post
        self._roster = roster
        self._clock = clock
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline: float | None = None
        self.linked = asyncio.Event()
        """Set once the switch has said for the first time what there is."""

    def now(self) -> float:
        return self._clock()

    def ask(self, command: AnyCommand) -> Refusal | None:
        if self._book.trouble():
            return NOT_WRITABLE
        now = self._clock()
        try:
            outcome = self._board.ask(command, now)
        except Exception:  # noqa: BLE001  # see the class
            _log.exception("the board failed", command=repr(command))
            return Refusal(RefusalKind.SWITCH_UNAVAILABLE, "an internal error; nothing has changed")
        if outcome.refusal is not None:
            return outcome.refusal
        with self._book:
            if self._book.keeps:
                rows = self._board.take_rows()
                self._book.add((asked_line(command, outcome.orders, now),), rows)
            self._order(outcome)
            self._note(outcome)
            self._post.later(self._told(outcome.events))
        return None

    async def carry_out(self, command: AnyCommand) -> Refusal | None:
        """Ask, and wait until it is done or has failed: that takes as long as the switch may take for an order."""
        refusal = self.ask(command)
        key = (command.call, command.asker) if isinstance(command, CallCommand) else None
        if refusal is not None or key is None or not self._board.is_busy(key):
            return refusal
        waiting: asyncio.Future[Refusal | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(waiting)
        return await waiting

    def call(self, call_id: CallId, owner: Number) -> CallView | None:
        return self._board.call(call_id, owner)

    def calls_of(self, owner: Number) -> list[CallView]:
        return self._board.calls_of(owner)

    def is_linked(self) -> bool:
        return self._board.is_linked()

    async def start(self) -> None:
        """Begin to hear the switch. What an earlier run left is due, too."""
        await self._switch.start(self.hear)
        self._set_alarm(self._board.next_deadline())

    async def stop(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        await self._switch.stop()

    def hear(self, report: AnyReport) -> None:
        """What the switch reports."""
        now = self._clock()
        try:
            outcome = self._board.hear(report, now)
        except Exception:  # noqa: BLE001  # see the class
            _log.exception("the board failed", report=repr(report))
            self._deal_with(report)
            return
        if outcome is NOTHING and not self._waiting:
            self._pass_over(report, now)
            return
        if type(report) is SwitchSnapshot:
            self.linked.set()
        with self._book:
            if self._book.keeps:
                rows = self._board.take_rows()
                self._write((heard_line(report, outcome.orders, now),), rows, outcome)
            self._note(outcome)
            if outcome.events:
                self._post.at_once(self._told(outcome.events))
            self._order(outcome)
            self._deal_with(report)

    def _pass_over(self, report: AnyReport, now: float) -> None:
        """Most answers of the switch: nobody is told, nothing is ordered, and nothing is due any earlier."""
        if self._book.keeps:
            self._book.hold((heard_line(report, (), now),), self._board.take_rows())

    def _deal_with(self, report: AnyReport) -> None:
        """Whoever asked for a transfer at a telephone waits there. Its answer follows the orders, if there are any."""
        if isinstance(report, LegTransferred | LegsTransferred):
            self._book.add(effect=lambda _: self._switch.dealt_with(report))

    def _write(self, lines: Sequence[Line], rows: Sequence[Row], outcome: Outcome) -> None:
        """Most answers of the switch lead to nothing: they go with whatever comes next."""
        if outcome.events or outcome.orders:
            self._book.add(lines, rows)
        else:
            self._book.hold(lines, rows)

    def _note(self, outcome: Outcome) -> None:
        """Those who look on are told, and so are those who wait."""
        records = self._board.take_records()
        if records and self._accounts is not None:
            self._accounts(records)
        if outcome.events:
            for witness in self._witnesses:
                witness(outcome.events, self._clock())
        if self._waiting:
            failed = {(event.call, event.owner): event for event in outcome.events if isinstance(event, CallFailed)}
            for key in [key for key in self._waiting if key in failed or not self._board.is_busy(key)]:
                for waiting in self._waiting.pop(key):
                    if not waiting.done():
                        waiting.set_result(failed[key].refusal if key in failed else None)

    def _told(self, events: Iterable[AnyEvent]) -> list[Told]:
        """What people are told: whom somebody monitors is told with the device, which the roster keeps."""
        roster = self._roster
        told: list[Told] = [roster.monitoring_changed(e) if isinstance(e, MonitoringChanged) else e for e in events]
        if self._book.keeps and (rows := roster.take_rows()):
            self._book.add((), rows)
        return told

    def _order(self, outcome: Outcome) -> None:
        if outcome.orders:
            links = self._board.links
            self._book.add(effect=lambda _: self._submit(outcome.orders, links))
        deadline = self._board.next_deadline()
        if deadline is not None and (self._deadline is None or deadline < self._deadline):
            self._set_alarm(deadline)

    def _submit(self, orders: Sequence[AnyOrder], links: int) -> None:
        """They waited until they were written down, and the link may have broken and come back meanwhile."""
        if links == self._board.links:
            self._switch.submit(orders)
        else:
            asyncio.get_running_loop().call_soon(self._give_up, orders)

    def _give_up(self, orders: Sequence[AnyOrder]) -> None:
        for order in orders:
            self.hear(OrderFailed(order.order, "the link to the switch broke"))

    def _set_alarm(self, deadline: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._deadline = None, deadline
        if deadline is not None:
            # Only distances are common to our clock and the loop's.
            wait_s = max(0.0, deadline - self._clock())
            self._alarm = asyncio.get_running_loop().call_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._alarm, self._deadline = None, float("-inf")  # nobody sets an alarm while we are at it
        now = self._clock()
        if self._book.trouble():  # orders that are late because of us are not to fail for that
            self._set_alarm(now + _LOOK_AGAIN_S)
            return
        while (deadline := self._board.next_deadline()) is not None and deadline <= now:
            try:
                outcome = self._board.tick(now)
            except Exception:  # noqa: BLE001  # see the class
                _log.exception("the board failed", tick=True)
            else:
                self._ticked(outcome, now)
        self._set_alarm(deadline)

    def _ticked(self, outcome: Outcome, now: float) -> None:
        with self._book:
            if self._book.keeps:
                rows = self._board.take_rows()
                self._write((ticked_line(outcome.orders, now),), rows, outcome)
            self._note(outcome)
            self._post.at_once(self._told(outcome.events))
            self._order(outcome)

    def _recovered(self) -> None:
        """The journal can be written again: what was ordered meanwhile reaches the switch only now."""
        self._board.grant_time(self._clock())


class AgentsDesk:
    """Implements ``agents.ports.AgentDesk``."""

    def __init__(self, roster: Roster, post: Post, clock: Callable[[], float], book: Book | None = None) -> None:
        self._roster = roster
        self._post = post
        self._clock = clock
        self._book = book or Book()

    def ask(self, command: AnyAgentCommand) -> Refusal | None:
        if self._book.trouble():
            return NOT_WRITABLE
        now = self._clock()
        answer = self._roster.ask(command, now)
        if isinstance(answer, Refusal):
            return answer
        with self._book:
            if self._book.keeps:
                self._book.add((agent_line(command, now),), self._roster.take_rows())
            self._post.later(answer)
        return None

    def device(self, number: Number) -> DeviceState:
        return self._roster.device(number)
