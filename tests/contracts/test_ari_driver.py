"""The driver for Asterisk keeps the contract of all switches, on a likeness of Asterisk: no network, no telephones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from tests.contracts.switch_contract import Rig, SwitchContract
from tests.kit.asterisk_dry import Dry
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import Number
from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear
from cordboard.calls.reports import AnyReport


class DrySwitch:
    """The driver without a loop: whatever is on its way arrives when the rig settles."""

    def __init__(self) -> None:
        self.dry = Dry()
        self.orders: list[Sequence[AnyOrder]] = []

    async def start(self, hear: Hear) -> None:
        self.dry.hear = hear
        self.dry.mend()

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.orders.append(orders)

    def dealt_with(self, report: AnyReport) -> None:
        self.dry.driver.heard(report)

    async def stop(self) -> None:
        self.dry.cut()

    def pump(self) -> None:
        while self.orders:
            self.dry.begin(*self.orders.pop(0))
        self.dry.pump()


class DryRig:
    numbers = ("5000", "5001", "5002")
    nowhere = "99999"

    def __init__(self) -> None:
        self.switch = DrySwitch()
        self.heard: list[AnyReport] = []

    async def settle(self) -> None:
        self.switch.pump()

    async def restart(self) -> None:
        await self.switch.stop()
        await self.switch.start(self.heard.append)

    async def dial(self, number: Number, to: Number) -> None:
        self.switch.dry.likeness.dial(number, to)

    async def answer(self, number: Number) -> None:
        self.switch.dry.likeness.pick_up(next(one for one in self.lines(number) if one.state == "Ringing"))

    async def hang_up(self, number: Number) -> None:
        self.switch.dry.likeness.hang_up(self.lines(number)[0])

    async def hears(self, number: Number) -> list[str]:
        return sorted(self.switch.dry.likeness.hears(self.lines(number)[0])) or ["silence"]

    def lines(self, number: Number) -> list[Channel]:
        return self.switch.dry.likeness.lines(number)


class TestAriDriver(SwitchContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        made = DryRig()
        await made.switch.start(made.heard.append)
        yield made
        await made.switch.stop()
