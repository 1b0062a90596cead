"""The driver for Asterisk keeps the contract of all switches, with real telephones on the line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
import pytest_asyncio
from tests.contracts.switch_contract import Rig, SwitchContract
from tests.live.phones import WITHIN_S, Phones, needed

from cordboard.calls.model import Number, OrderId
from cordboard.calls.orders import AnyOrder
from cordboard.calls.reports import AnyReport, OrderDone, OrderFailed
from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.client import AriSettings
from cordboard.switches.ari.driver import DriverSettings
from cordboard.switches.ari.switch import AriSwitch
from cordboard.switches.ari.tracker import Setup
from tools.asterisk import Asterisk

_QUIET_S = 0.15
_DEAF_S = 2.0
_LEFT_S = 2.0


class _Awaited(AriSwitch):
    """Knows which orders are not answered yet."""

    unanswered: set[OrderId]

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.unanswered = self.unanswered | {order.order for order in orders}
        super().submit(orders)


class AriRig:
    numbers = ("5000", "5001", "5002")
    nowhere = "99999"

    def __init__(self, asterisk: Asterisk, phones: Phones) -> None:
        self._phones = phones
        self.heard: list[AnyReport] = []
        self._news = asyncio.Event()
        self._told = time.monotonic()
        self.switch = _Awaited(
            AriSettings(asterisk.ari_url, asterisk.user, asterisk.password, "cordboard"),
            DriverSettings(phones=tuple(Setup(number, f"PJSIP/{number}") for number in self.numbers)),
            time.monotonic,
            AmiSettings("127.0.0.1", asterisk.ami_port, asterisk.user, asterisk.password),
        )
        self.switch.unanswered = set()

    def hear(self, report: AnyReport) -> None:
        if isinstance(report, OrderDone | OrderFailed):
            self.switch.unanswered.discard(report.order)
        self._news.set()
        self._told = time.monotonic()
        self.heard.append(report)

    async def settle(self) -> None:
        """Until every order is answered and nothing was told for a while."""
        begun = time.monotonic()
        self._news.set()
        while self._news.is_set() or (self.switch.unanswered and time.monotonic() < begun + WITHIN_S):
            self._news.clear()
            await asyncio.sleep(_QUIET_S)

    async def restart(self) -> None:
        await self.switch.stop()
        await self.switch.start(self.hear)

    async def dial(self, number: Number, to: Number) -> None:
        await self._phones.phones[number].call(to)

    async def answer(self, number: Number) -> None:
        await self._phones.phones[number].until_ringing()
        self._news.clear()
        await self._phones.phones[number].answer()
        await asyncio.wait_for(self._news.wait(), WITHIN_S)

    async def hang_up(self, number: Number) -> None:
        await self._phones.phones[number].hang_up()

    async def hears(self, number: Number) -> list[str]:
        return sorted(self._phones.phones[number].hears()) or ["silence"]

    async def until_hears(self, number: Number, wanted: list[str]) -> None:
        """Steadily, since anything was told. Telephones that answered within two seconds of each other can be deaf for
        as long (see stage.py), so silence must last."""
        names = frozenset(wanted) - {"silence"}
        since = self._told if names else self._told + _DEAF_S
        await self._phones.phones[number].until_hears(names, since=since)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(asterisk: Asterisk) -> AsyncIterator[Phones]:
    """The same for all of these tests: they take longer to start than most tests."""
    needed()
    async with Phones(registrar=f"127.0.0.1:{asterisk.sip_port}") as phones:
        await phones.add(*AriRig.numbers)
        yield phones


@pytest.mark.asyncio(loop_scope="module")
class TestAriSwitch(SwitchContract):
    async def hear(self, rig: Rig, heard: Mapping[Number, list[str]]) -> None:
        assert isinstance(rig, AriRig)
        await asyncio.gather(*(rig.until_hears(number, names) for number, names in heard.items()))

    @pytest_asyncio.fixture(loop_scope="module")
    async def rig(self, asterisk: Asterisk, phones: Phones) -> AsyncIterator[Rig]:
        made = AriRig(asterisk, phones)
        await made.switch.start(made.hear)
        await made.settle()
        for left in (asterisk.base / "spool" / "recording").iterdir():
            left.unlink()  # all of these tests call theirs by one name
        made.heard[1:] = []  # what the last test left is gone by now
        yield made
        await made.switch.stop()
        for phone in phones.phones.values():
            for line in [line.line for line in phone.lines.values() if line.state != "ended"]:
                await phone.hang_up(line)
            await phone.until_idle()
        deadline = time.monotonic() + _LEFT_S
        while "PJSIP/" in (left := asterisk.cli("core show channels concise")):
            assert time.monotonic() < deadline, left
            await asyncio.sleep(0.1)
