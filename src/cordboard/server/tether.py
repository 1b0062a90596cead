"""The tether: the switch as the desk has it. What passes is counted.

Deliberately absent: what is said and what comes of it (``calls``), how (``switches``).
"""

from __future__ import annotations

from collections.abc import Sequence

from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear, Switch
from cordboard.calls.records import Tape
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown
from cordboard.server.tally import Switching


class Tether:
    """Implements ``calls.ports.Switch``."""

    def __init__(self, switch: Switch, tally: Switching) -> None:
        self._switch = switch
        self._tally = tally

    def resume(self, tapes: Sequence[Tape]) -> None:
        self._switch.resume(tapes)

    async def start(self, hear: Hear) -> None:
        tally = self._tally

        def counted(report: AnyReport) -> None:
            if type(report) is OrderFailed:
                tally.failed += 1
            elif type(report) is SwitchDown:
                tally.lost += 1
            hear(report)

        await self._switch.start(counted)

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        sent = self._tally.sent
        for order in orders:
            sent[type(order).__name__] += 1
        self._switch.submit(orders)

    def dealt_with(self, report: AnyReport) -> None:
        self._switch.dealt_with(report)

    async def stop(self) -> None:
        await self._switch.stop()
