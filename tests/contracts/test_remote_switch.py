"""The switch whose exchange is a process of its own keeps the contract of all switches, over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.contracts.switch_contract import Rig, SwitchContract
from tests.kit.exchange_served import Linked, ServedExchange

from cordboard.calls.model import Number
from cordboard.calls.reports import AnyReport
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.persons import Answer, Dial, Hangup
from cordboard.switches.virtual.remote import RemoteSwitch


class RemoteRig:
    numbers = ("10", "20", "30")
    nowhere = "99"

    def __init__(self) -> None:
        self.exchange = ServedExchange(Plan(self.numbers))

    async def open(self) -> None:
        await self.exchange.open()
        self.linked = Linked(self.exchange)
        await self.linked.start()

    async def close(self) -> None:
        await self.linked.switch.stop()
        await self.exchange.close()

    @property
    def switch(self) -> RemoteSwitch:
        return self.linked.switch

    @property
    def heard(self) -> list[AnyReport]:
        return self.linked.heard

    @heard.setter
    def heard(self, heard: list[AnyReport]) -> None:
        self.linked.heard = heard

    async def settle(self) -> None:
        await self.linked.settle()

    async def restart(self) -> None:
        await self.switch.stop()
        await self.linked.start()

    async def dial(self, number: Number, to: Number) -> None:
        self.exchange.act(number, Dial(to=to))

    async def answer(self, number: Number) -> None:
        self.exchange.act(number, Answer())

    async def hang_up(self, number: Number) -> None:
        self.exchange.act(number, Hangup())

    async def hears(self, number: Number) -> list[str]:
        return sorted(self.exchange.hears(number))


class TestRemoteSwitch(SwitchContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        made = RemoteRig()
        await made.open()
        yield made
        await made.close()
