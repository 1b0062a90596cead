"""The switch as the desk has it: what passes is counted, and passes."""

from __future__ import annotations

from collections.abc import Sequence

from cordboard.calls.orders import AnyOrder, DropLeg, HoldLeg
from cordboard.calls.ports import Hear
from cordboard.calls.records import Tape
from cordboard.calls.reports import AnyReport, OrderDone, OrderFailed, SwitchDown
from cordboard.server.tally import Switching
from cordboard.server.tether import Tether


class FakeSwitch:
    def __init__(self) -> None:
        self.said: list[object] = []
        self.hear: Hear | None = None

    def resume(self, tapes: Sequence[Tape]) -> None:
        self.said.append("resume")

    async def start(self, hear: Hear) -> None:
        self.hear = hear

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        self.said += orders

    def dealt_with(self, report: AnyReport) -> None:
        self.said.append(report)

    async def stop(self) -> None:
        self.said.append("stop")


async def test_what_passes_is_counted() -> None:
    switch, tally, heard = FakeSwitch(), Switching(), []
    tether = Tether(switch, tally)
    tether.resume(())
    await tether.start(heard.append)
    orders = [HoldLeg(1), DropLeg(2, "A"), DropLeg(3, "B")]
    tether.submit(orders)
    assert switch.hear is not None
    reports: list[AnyReport] = [OrderDone(1), OrderFailed(2, "no"), SwitchDown()]
    for report in reports:
        switch.hear(report)
    tether.dealt_with(reports[0])
    await tether.stop()
    assert heard == reports
    assert switch.said == ["resume", *orders, reports[0], "stop"]
    assert (dict(tally.sent), tally.failed, tally.lost) == ({"HoldLeg": 1, "DropLeg": 2}, 1, 1)
