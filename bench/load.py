"""The load on one server: its desks, rounds of work, and what the server did in each.

Deliberately absent: what a desk does (``desks``), where servers come from (``servers``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from bench import measuring
from bench.desks import Desk
from bench.lines import LineError
from bench.measuring import Window

WARM_UP_S = 0.5
_STUCK_S = 10.0


class Load:
    """All desks of one server, which is the process ``pid``."""

    def __init__(self, pid: int, opened: Sequence[Desk]) -> None:
        self.desks = tuple(opened)
        self._pid = pid
        self._stopping = True
        self._interval_s = 0.0
        self._starts: dict[Desk, float] = {}
        self._working = 0
        self._idle = asyncio.Event()
        self._failure: Exception | None = None
        for desk in self.desks:
            desk.finished, desk.failed = self._finished, self._fail
            for line in desk.lines:
                line.failure = self._fail

    def _finished(self, desk: Desk) -> None:
        if self._stopping or not self._interval_s:
            self._go_on(desk)
            return
        start = self._starts[desk] = self._starts[desk] + self._interval_s
        asyncio.get_running_loop().call_at(start, self._go_on, desk)

    def _go_on(self, desk: Desk) -> None:
        if not self._stopping:
            desk.begin()
            return
        self._working -= 1
        if not self._working:
            self._idle.set()

    def _fail(self, error: Exception) -> None:
        self._failure = self._failure or error
        self._idle.set()

    async def round(self, seconds: float, per_s: float = 0.0) -> Window:
        """Let all desks work for so long; measured after a warm-up. They finish what they have begun.

        Each desk begins its next transfer at once, or with ``per_s`` so that all make so many per second together.
        """
        self._interval_s = len(self.desks) / per_s if per_s else 0.0
        self.begin()
        await asyncio.sleep(WARM_UP_S)
        before, began, cpu_before = self._counts(), time.perf_counter(), measuring.cpu_s(self._pid)
        await asyncio.sleep(seconds)
        cpu, wall, after = measuring.cpu_s(self._pid) - cpu_before, time.perf_counter() - began, self._counts()
        await self.finish()
        transfers, frames, size = (late - early for late, early in zip(after, before, strict=True))
        if not transfers:
            raise LineError("not one transfer was completed")
        return Window(transfers, wall, cpu, frames, size)

    def begin(self) -> None:
        """All desks begin; each goes on until ``finish``."""
        self._stopping = False
        self._idle.clear()
        self._working = len(self.desks)
        now = asyncio.get_running_loop().time()
        for desk in self.desks:
            self._starts[desk] = now
            desk.begin()

    async def finish(self) -> None:
        """Wait until every desk has finished its transfer. Raises what went wrong since ``begin``."""
        self._stopping = True
        try:
            await asyncio.wait_for(self._idle.wait(), _STUCK_S)
        except TimeoutError:
            steps = ", ".join(str(desk.step + 1) for desk in self.desks if desk.step < len(desk.requests))
            raise LineError(f"transfers hang in step {steps}") from None
        if self._failure is not None:
            raise self._failure

    def _counts(self) -> tuple[int, int, int]:
        desktops = [desktop for desk in self.desks for desktop in desk.desktops]
        return (
            sum(desk.transfers for desk in self.desks),
            sum(desktop.frames for desktop in desktops),
            sum(desktop.bytes for desktop in desktops),
        )

    def close(self) -> None:
        for desk in self.desks:
            for line in desk.lines:
                line.close()
