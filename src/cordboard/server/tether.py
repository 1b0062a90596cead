"""The tether: the switch as the desk has it. What passes is counted, and the switch is let go of while too much waits
to be written: it goes on without us, and says what there is when it is taken up again (call-semantics I9).

Deliberately absent: what is said and what comes of it (``calls``), how (``switches``), what is too much (``journal``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear, Switch
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.server.tally import Switching
from cordboard.switches.virtual.switch import VirtualSwitch

_log = structlog.get_logger()


class Tether:
    """Implements ``calls.ports.Switch``."""

    def __init__(self, switch: Switch, tally: Switching) -> None:
        self._switch = switch
        self._tally = tally
        self._hear: Hear | None = None
        self._is_linked = False
        self._is_overfull = False
        self._is_away = False
        """Whether the switch is let go of, as far as the desk knows; ``_is_apart``: whether it really is."""
        self._is_apart = False
        self._moving: asyncio.Task[None] | None = None

    # -- the port --------------------------------------------------------------------------------------------------

    def resume(self, remembered: Remembered) -> None:
        self._switch.resume(remembered)

    async def start(self, hear: Hear) -> None:
        self._hear = hear
        await self._switch.start(self._heard)

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """What was ordered before the switch was let go of, and could not be written until now, is too late."""
        if self._is_away:
            return
        sent = self._tally.sent
        for order in orders:
            sent[type(order).__name__] += 1
        self._switch.submit(orders)

    def dealt_with(self, report: AnyReport) -> None:
        if not self._is_away:
            self._switch.dealt_with(report)

    async def stop(self) -> None:
        self._hear = None
        if self._moving is not None:
            self._moving.cancel()
            await asyncio.gather(self._moving, return_exceptions=True)
        await self._switch.stop()

    def _heard(self, report: AnyReport) -> None:
        if self._hear is None or self._is_away:
            return
        kind = type(report)
        if kind is OrderFailed:
            self._tally.failed += 1
        elif kind is SwitchDown:
            self._tally.lost += 1
            self._is_linked = False
        elif kind is SwitchSnapshot:
            if self._is_overfull:
                self._let_go()
                return
            self._is_linked = True
        self._hear(report)

    # -- letting go ------------------------------------------------------------------------------------------------

    def overfull(self, is_overfull: bool) -> None:
        """So much waits to be written that nothing more may come; or all is written. A switch to which there is no
        link is left alone: it may be another server's by now (call-semantics #85)."""
        self._is_overfull = is_overfull
        if is_overfull and self._is_linked:
            self._let_go()
        elif not is_overfull and self._is_away:
            _log.info("all is written: the switch is taken up again")
            self._is_away = False
            self._move()

    def _let_go(self) -> None:
        _log.error("too much waits to be written: the switch is let go of, and its calls go on without this server")
        was_linked, self._is_linked, self._is_away = self._is_linked, False, True
        self._move()
        if was_linked and self._hear is not None:
            self._tally.lost += 1
            self._hear(SwitchDown())

    def _move(self) -> None:
        if self._moving is None or self._moving.done():
            self._moving = asyncio.ensure_future(self._follow())

    async def _follow(self) -> None:
        """The switch is where the desk was told that it is, as soon as that can be."""
        while self._is_apart is not self._is_away:
            self._is_apart = self._is_away
            await (self._part() if self._is_apart else self._meet())

    async def _part(self) -> None:
        """One that is embedded can't be stopped, as its calls would end: only the link to it is cut."""
        switch = self._switch
        if isinstance(switch, VirtualSwitch):
            switch.tell(switch.link.cut())
        else:
            await switch.stop()

    async def _meet(self) -> None:
        switch = self._switch
        if isinstance(switch, VirtualSwitch):
            switch.tell(switch.link.mend())
        else:
            await switch.start(self._heard)
