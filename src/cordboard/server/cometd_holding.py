"""Connects that are held over HTTP: when they are answered. A few moments of a processor each, as there are so many.

Nearly all are held equally long, so those whose time is over next are the oldest: one timer does for all of them. What
gets ready in the same turn is released together. Deliberately absent: what a release is (``cometd_direct``).
"""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

_log = structlog.get_logger()


class Held(Protocol):
    """A connect that waits."""

    def release(self) -> None:
        """There is a reason to answer, or nobody left to answer."""


class Holding:
    """All that are held by one server. ``usual_s`` is how long most of them are."""

    def __init__(self, usual_s: float) -> None:
        self._usual_s = usual_s
        self._until: dict[Held, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timers: dict[Held, asyncio.TimerHandle] = {}
        self._ready: dict[Held, None] = {}

    def __len__(self) -> int:
        return len(self._until) + len(self._timers)

    def add(self, held: Held, hold_s: float) -> None:
        """Hold it, for so long at most."""
        loop = asyncio.get_running_loop()
        if hold_s != self._usual_s:
            self._timers[held] = loop.call_later(hold_s, self.wake, held)
            return
        self._until[held] = loop.time() + hold_s
        if self._timer is None:
            self._timer = loop.call_later(hold_s, self._look)

    def wake(self, held: Held) -> None:
        """Release it when this turn is over."""
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._release)
        self._ready[held] = None

    def _look(self) -> None:
        """Release those whose time is over, and come back when that of the next one is."""
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for held, until in self._until.items():
            if until > now:
                self._timer = loop.call_at(until, self._look)
                return
            self.wake(held)

    def _release(self) -> None:
        ready, self._ready = self._ready, {}
        for held in ready:
            self._until.pop(held, None)
            timer = self._timers.pop(held, None)
            if timer is not None:
                timer.cancel()
            try:
                held.release()
            except Exception:  # noqa: BLE001  # the others are to be answered all the same
                _log.exception("an answer failed")
