"""The switch as the desk has it: what passes is counted, and nothing passes while too much waits to be written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from cordboard.calls.orders import AnyOrder, DropLeg, HoldLeg
from cordboard.calls.ports import Hear
from cordboard.calls.records import Tape
from cordboard.calls.reports import AnyReport, LegEnded, OrderDone, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.server.tally import Switching
from cordboard.server.tether import Tether
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.switch import VirtualSwitch

UP = SwitchSnapshot(())


class FakeSwitch:
    """Says what there is whenever it is started. ``parting`` keeps it from stopping at once."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.hear: Hear | None = None
        self.parting = asyncio.Event()
        self.parting.set()

    def resume(self, tapes: Sequence[Tape]) -> None:
        self.said.append("resume")

    async def start(self, hear: Hear) -> None:
        self.said.append("start")
        self.hear = hear
        hear(UP)

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.said += orders

    def dealt_with(self, report: AnyReport) -> None:
        self.said.append(report)

    async def stop(self) -> None:
        self.said.append("stop")
        await self.parting.wait()


class Scene:
    def __init__(self) -> None:
        self.switch = FakeSwitch()
        self.tally = Switching()
        self.tether = Tether(self.switch, self.tally)
        self.heard: list[AnyReport] = []

    async def start(self) -> Scene:
        await self.tether.start(self.heard.append)
        self.heard.clear()
        self.switch.said.clear()
        return self

    def says(self, *reports: AnyReport) -> None:
        assert self.switch.hear is not None
        for report in reports:
            self.switch.hear(report)

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def scene() -> Scene:
    return await Scene().start()


async def test_what_passes_is_counted(scene: Scene) -> None:
    scene.tether.resume(())
    orders = [HoldLeg(1), DropLeg(2, "A"), DropLeg(3, "B")]
    scene.tether.submit(orders)
    reports: list[AnyReport] = [OrderDone(1), OrderFailed(2, "no"), SwitchDown()]
    scene.says(*reports)
    scene.tether.dealt_with(reports[0])
    await scene.tether.stop()
    scene.says(UP)
    assert scene.heard == reports
    assert scene.switch.said == ["resume", *orders, reports[0], "stop"]
    assert (dict(scene.tally.sent), scene.tally.failed, scene.tally.lost) == ({"HoldLeg": 1, "DropLeg": 2}, 1, 1)


async def test_it_is_let_go_of_while_too_much_waits(scene: Scene) -> None:
    with capture_logs() as logs:
        scene.tether.overfull(True)
        assert scene.heard == [SwitchDown()]
        scene.says(LegEnded("A"))  # before it has stopped
        await scene.settle()
        scene.tether.submit([DropLeg(2, "A")])  # ordered before, and written only now
        scene.tether.dealt_with(LegEnded("A"))
        assert scene.switch.said == ["stop"]
        scene.tether.overfull(False)
        await scene.settle()
    assert [line["log_level"] for line in logs] == ["error", "info"]
    assert (scene.heard, scene.switch.said) == ([SwitchDown(), UP], ["stop", "start"])
    scene.tether.submit([DropLeg(3, "A")])
    assert scene.switch.said[2:] == [DropLeg(3, "A")]
    assert (scene.tally.lost, dict(scene.tally.sent)) == (1, {"DropLeg": 1})


async def test_a_switch_that_takes_its_time_is_taken_up_when_it_has_stopped(scene: Scene) -> None:
    scene.switch.parting.clear()
    scene.tether.overfull(True)
    await scene.settle()
    scene.tether.overfull(False)
    scene.tether.overfull(True)  # there is no link to let go of
    scene.tether.overfull(False)
    await scene.settle()
    assert scene.switch.said == ["stop"]
    scene.switch.parting.set()
    await scene.settle()
    assert (scene.switch.said, scene.heard) == (["stop", "start"], [SwitchDown(), UP])


async def test_a_switch_without_a_link_is_left_alone_until_it_has_one(scene: Scene) -> None:
    scene.says(SwitchDown())
    scene.tether.overfull(True)
    await scene.settle()
    assert scene.switch.said == []
    scene.says(UP)  # not now
    await scene.settle()
    assert (scene.heard, scene.switch.said) == ([SwitchDown()], ["stop"])
    scene.tether.overfull(False)
    await scene.settle()
    assert (scene.heard, scene.switch.said) == ([SwitchDown(), UP], ["stop", "start"])
    scene.says(SwitchDown())
    scene.tether.overfull(True)
    scene.tether.overfull(False)
    await scene.settle()
    assert scene.switch.said == ["stop", "start"]


async def test_the_end_comes_while_it_is_let_go_of(scene: Scene) -> None:
    scene.switch.parting.clear()
    scene.tether.overfull(True)
    await scene.settle()
    scene.switch.parting.set()
    await scene.tether.stop()
    assert scene.switch.said == ["stop", "stop"]


async def test_of_one_that_is_embedded_only_the_link_is_cut() -> None:
    switch = VirtualSwitch(Exchange(["5000"], [], 1), lambda: 1.0)
    tether, heard = Tether(switch, Switching()), []
    await tether.start(heard.append)
    await asyncio.sleep(0)
    tether.overfull(True)
    for _ in range(3):
        await asyncio.sleep(0)
    assert switch.link.down
    tether.overfull(False)
    for _ in range(3):
        await asyncio.sleep(0)
    assert not switch.link.down
    assert [type(report) for report in heard] == [SwitchSnapshot, SwitchDown, SwitchSnapshot]
    await tether.stop()
