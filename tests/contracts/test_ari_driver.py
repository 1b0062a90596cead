"""The driver for Asterisk keeps the contract of all switches, on a likeness of Asterisk: no network, no telephones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
import pytest
from tests.contracts.switch_contract import Rig, SwitchContract
from tests.kit.asterisk_likeness import Likeness
from tests.kit.asterisk_scene import list_all, read
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import Number
from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear
from cordboard.calls.reports import AnyReport
from cordboard.switches.ari.driver import Driver, DriverSettings
from cordboard.switches.ari.tracker import Setup

NUMBERS = ("5000", "5001", "5002")


class DrySwitch:
    """The driver without a loop: whatever is on its way arrives when it is asked to."""

    def __init__(self, likeness: Likeness) -> None:
        self.likeness = likeness
        self.driver = Driver(DriverSettings(phones=tuple(Setup(number, f"PJSIP/{number}") for number in NUMBERS)))
        self.hear: Hear | None = None
        self.later: list[Callable[[], None]] = []

    async def start(self, hear: Hear) -> None:
        self.hear = hear
        self.likeness.serving = True
        self.driver.found(list_all(self.likeness, self.driver), (), 0.0)
        self.flush()

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.later.append(lambda: self.driver.carry_out(orders, 0.0))

    async def stop(self) -> None:
        self.likeness.serving = False
        self.driver.lost()
        self.flush()

    def flush(self) -> None:
        outbox = self.driver.outbox
        while outbox.reports:
            assert self.hear is not None
            report = outbox.reports.pop(0)
            self.hear(report)
            self.driver.heard(report)

    def pump(self) -> None:
        """Until nothing is on its way."""
        outbox, likeness = self.driver.outbox, self.likeness
        while self.later or outbox.requests or outbox.notices or likeness.said:
            for event in likeness.take():
                self.driver.hear(read(event), 0.0)
            if self.later:
                self.later.pop(0)()
            elif outbox.requests:
                number, request = outbox.requests.pop(0)
                status, body = likeness.request(request)
                self.driver.answered(number, status, msgspec.json.encode(body).decode(), 0.0)
            elif outbox.notices:
                number, channel, _ = outbox.notices.pop(0)
                self.driver.notified(number, likeness.talk(channel), 0.0)
            self.flush()


class DryRig:
    numbers = ("5000", "5001", "5002")
    nowhere = "99999"

    def __init__(self) -> None:
        self.switch = DrySwitch(Likeness({number: f"PJSIP/{number}" for number in NUMBERS}))
        self.heard: list[AnyReport] = []

    async def settle(self) -> None:
        self.switch.pump()

    async def restart(self) -> None:
        await self.switch.stop()
        await self.switch.start(self.heard.append)

    async def dial(self, number: Number, to: Number) -> None:
        self.switch.likeness.dial(number, to)

    async def answer(self, number: Number) -> None:
        self.switch.likeness.pick_up(next(one for one in self.lines(number) if one.state == "Ringing"))

    async def hang_up(self, number: Number) -> None:
        self.switch.likeness.hang_up(self.lines(number)[0])

    async def hears(self, number: Number) -> list[str]:
        return sorted(self.switch.likeness.hears(self.lines(number)[0])) or ["silence"]

    def lines(self, number: Number) -> list[Channel]:
        return self.switch.likeness.lines(number)


class TestAriDriver(SwitchContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[Rig]:
        made = DryRig()
        await made.switch.start(made.heard.append)
        yield made
        await made.switch.stop()
