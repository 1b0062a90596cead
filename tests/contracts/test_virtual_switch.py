"""The embedded switch keeps the contract of all switches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.contracts.switch_contract import Rig, SwitchContract

from cordboard.calls.model import Number
from cordboard.calls.reports import AnyReport
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.persons import Answer, AnyAction, Cannot, Dial, Hangup
from cordboard.switches.virtual.switch import VirtualSwitch


class VirtualRig:
    numbers = ("10", "20", "30")
    nowhere = "99"

    def __init__(self) -> None:
        self.switch = VirtualSwitch(Exchange(self.numbers), clock=lambda: 0.0)
        self.heard: list[AnyReport] = []

    async def settle(self) -> None:
        await asyncio.sleep(0)  # what is to be told is told on the next turn

    async def restart(self) -> None:
        await self.switch.stop()
        await self.switch.start(self.heard.append)

    async def dial(self, number: Number, to: Number) -> None:
        self._act(number, Dial(to=to))

    async def answer(self, number: Number) -> None:
        self._act(number, Answer())

    async def hang_up(self, number: Number) -> None:
        self._act(number, Hangup())

    async def hears(self, number: Number) -> list[str]:
        return sorted(self.switch.link.exchange.phone(number).hears)

    def _act(self, number: Number, action: AnyAction) -> None:
        done = self.switch.link.act(number, action)
        assert not isinstance(done, Cannot)
        self.switch.tell(done)


class TestVirtualSwitch(SwitchContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        made = VirtualRig()
        await made.switch.start(made.heard.append)
        await made.settle()
        yield made
        await made.switch.stop()
