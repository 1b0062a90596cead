"""An exchange that is served on a socket of this process, and switches that are linked to it. Nobody sleeps: a barrier
is an order whose answer comes after everything that was said before it, either way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from cordboard.calls.model import Number
from cordboard.calls.orders import DropLeg
from cordboard.calls.ports import Shelf
from cordboard.calls.reports import AnyReport, LegEnded, OrderDone
from cordboard.server.exchange import ExchangeHouse, Settings
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.persons import AnyAction, Cannot
from cordboard.switches.virtual.remote import RemoteSwitch

WAIT_S = 10.0
_BARRIER = 1_000_000_000
_LEG = "barrier"


async def until(condition: Callable[[], bool]) -> None:
    """Turn after turn of the loop."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event of its own
            await asyncio.sleep(0)


class ServedExchange:
    """``address`` is where it is, while it is open."""

    def __init__(self, plan: Plan, settings: Settings | None = None) -> None:
        self.plan = plan
        self.now = 1_000.0
        self.address = ""
        self._settings = settings or Settings()
        self._runner: web.AppRunner | None = None

    async def open(self, port: int = 0) -> None:
        """There it is, without calls."""
        self.house = ExchangeHouse(self._settings, lambda: self.now)
        self._runner = web.AppRunner(self.house.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        self.address = f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Gone, with its calls."""
        if self._runner is not None:
            await self.house.close()
            await self._runner.cleanup()
            self._runner = None

    def act(self, number: Number, action: AnyAction) -> None:
        """Somebody at a phone."""
        station = self.house.station
        done = station.link.act(number, action)
        assert not isinstance(done, Cannot), done
        station.tell(done)

    def hears(self, number: Number) -> list[str]:
        return list(self.house.station.link.exchange.phone(number).hears)


class Linked:
    """A switch that is linked to an exchange, and what it reported."""

    def __init__(self, exchange: ServedExchange, shelf: Shelf | None = None) -> None:
        self.switch = RemoteSwitch(exchange.address, exchange.plan, lambda: exchange.now, shelf)
        self.heard: list[AnyReport] = []
        self._barriers = 0
        self._passed = 0

    async def start(self) -> None:
        await self.switch.start(self.hear)

    def hear(self, report: AnyReport) -> None:
        match report:
            case OrderDone(order) if order > _BARRIER:
                pass
            case LegEnded(leg) if leg == _LEG:
                self._passed += 1
            case _:
                self.heard.append(report)

    async def settle(self) -> None:
        """Until all that was ordered and done has been reported. The link must be there."""
        self._barriers += 1
        wanted = self._passed + 1
        self.switch.submit([DropLeg(_BARRIER + self._barriers, _LEG)])
        await until(lambda: self._passed >= wanted)
