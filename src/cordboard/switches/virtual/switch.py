"""The embedded switch: the imitation exchange on the event loop.

Only the waiting lives here: reports are handed over on the next turn of the loop, and the exchange is woken when
something is due. What happens is decided by ``exchange`` and ``faults``; recordings are written by ``scribe``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear, Shelf
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import Link
from cordboard.switches.virtual.scribe import Scribe

_REPORTS_PER_TURN_MAX = 256


class VirtualSwitch:
    """A ``calls.ports.Switch`` without wires. ``clock`` gives the instant in seconds; the lab must use the same one.

    Recordings go to ``shelf``; without one they are not kept.
    """

    def __init__(self, exchange: Exchange, clock: Callable[[], float], shelf: Shelf | None = None) -> None:
        self.link = Link(exchange)
        self._clock = clock
        self._scribe = Scribe(shelf)
        self._hear: Hear | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[AnyReport] = deque()
        self._delivery: asyncio.Handle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._deadline: float | None = None
        # False from the moment the link breaks until the board hears the snapshot: what it orders in between it orders
        # without knowing, and the snapshot would not tell of it (call-semantics I9).
        self._told_all = True

    def resume(self, remembered: Remembered) -> None:
        """The exchange was gone with the process that ordered them."""

    async def start(self, hear: Hear) -> None:
        """Report the legs that exist; from now on everything is reported to ``hear``."""
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self.tell([self.link.exchange.snapshot()])

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """Carry them out. What is reported is heard later, never from inside this. Ignored unless started."""
        if self._loop is None:
            return
        if self._told_all:
            self.tell(self.link.submit(orders, self._clock()))
        else:
            self.tell([OrderFailed(order.order, "the link to the switch broke") for order in orders])

    def dealt_with(self, report: AnyReport) -> None:
        """Telephones here are not told what comes of the transfers that they ask for."""

    def tell(self, reports: Sequence[AnyReport]) -> None:
        """Pass reports on, in order; to be called after everything that was done with the link, even without any."""
        if self._loop is None:
            return
        self._waiting += reports
        self._told_all = self._told_all and not any(isinstance(report, SwitchDown) for report in reports)
        self._schedule()
        self._save_recordings()
        if self.link.next_deadline() != self._deadline:
            self._set_alarm(self._loop)

    async def stop(self) -> None:
        """Report nothing more. The exchange stays as it is, as it ends with the process; recordings end here."""
        for handle in (self._delivery, self._alarm):
            if handle is not None:
                handle.cancel()
        self._delivery = self._alarm = self._deadline = self._hear = self._loop = None
        self._waiting.clear()
        self.link.exchange.stop_recordings(self._clock())
        self._save_recordings()
        await self._scribe.finish()

    def _save_recordings(self) -> None:
        for recorded in self.link.exchange.take_recordings():
            self._scribe.save(recorded)

    def _schedule(self) -> None:
        if self._waiting and self._delivery is None and self._loop is not None:
            self._delivery = self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """What waits, and what that causes, in one turn of the loop: a turn costs more than a report. Within a limit,
        so that others get theirs."""
        waiting, hear = self._waiting, self._hear
        assert hear is not None
        try:
            for _ in range(_REPORTS_PER_TURN_MAX):
                if not waiting:
                    break
                report = waiting.popleft()
                if isinstance(report, SwitchSnapshot):
                    self._told_all = not any(isinstance(later, SwitchDown) for later in waiting)
                hear(report)
        finally:  # if the board stumbles over one report, it still gets the others
            self._delivery = None
            self._schedule()

    def _set_alarm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._deadline = self.link.next_deadline()
        # The exchange runs on our clock, not on the loop's: only the distance is common to both.
        wait_s = None if self._deadline is None else max(0.0, self._deadline - self._clock())
        self._alarm = None if wait_s is None else loop.call_later(wait_s, self._wake)

    def _wake(self) -> None:
        self._alarm = self._deadline = None
        self.tell(self.link.tick(self._clock()))
