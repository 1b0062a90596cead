"""What every switch must do (``calls.ports.Switch``), whatever it is made of.

A switch's own test module subclasses ``SwitchContract`` and gives it a ``rig`` fixture: a started switch with three
phones that ring when they are called. Legs are dialled by orders only, so that a real switch can pass as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec
import pytest

from cordboard.calls.model import LegId, MonitorKind, Number, OrderId, Reason
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    PauseRecording,
    ResumeRecording,
    RingLeg,
    SendDigits,
    SpyLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.ports import Switch
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    LegSeen,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    RecordingSeen,
    SwitchDown,
    SwitchSnapshot,
)


class Rig(Protocol):
    """A started switch, what it has reported since then, and hands to move its phones."""

    heard: list[AnyReport]
    numbers: tuple[Number, Number, Number]
    nowhere: Number
    """A number that no phone has."""

    @property
    def switch(self) -> Switch: ...

    async def settle(self) -> None:
        """Until all that was ordered and done has been reported."""

    async def dial(self, number: Number, to: Number) -> None: ...

    async def answer(self, number: Number) -> None: ...

    async def hang_up(self, number: Number) -> None: ...

    async def restart(self) -> None:
        """Stop the switch and start it again; what it reports is still kept in ``heard``."""

    async def hears(self, number: Number) -> list[str]:
        """Whom the person at a phone hears, by number, or which tone."""


class SwitchContract:
    """Playbooks; each begins with a switch that has no legs."""

    orders = 0

    async def hear(self, rig: Rig, heard: Mapping[Number, list[str]]) -> None:
        """At these telephones this is heard. Where voices take their time this is waited for."""
        assert {number: sorted(await rig.hears(number)) for number in heard} == {
            number: sorted(names) for number, names in heard.items()
        }

    async def submit(self, rig: Rig, *orders: AnyOrder) -> list[AnyReport]:
        before = len(rig.heard)
        rig.switch.submit(orders)
        assert len(rig.heard) == before, "hear was called from inside submit"
        await rig.settle()
        return rig.heard[before:]

    def number(self) -> OrderId:
        self.orders += 1
        return self.orders

    async def up(self, rig: Rig, leg: LegId, number: Number) -> None:
        """A leg that was dialled and answered."""
        await self.submit(rig, DialLeg(self.number(), leg, number, rig.numbers[0], "call"))
        await rig.answer(number)
        await rig.settle()
        assert LegAnswered(leg) in rig.heard

    async def talking(self, rig: Rig, *legs: LegId) -> None:
        for leg, number in zip(legs, rig.numbers, strict=False):
            await self.up(rig, leg, number)
        await self.submit(rig, JoinLegs(self.number(), "mix", mixed=legs))

    async def test_it_reports_what_is_there_when_it_starts(self, rig: Rig) -> None:
        assert rig.heard == [SwitchSnapshot()], rig.heard

    async def test_a_dialled_phone_rings_and_answers(self, rig: Rig) -> None:
        reports = await self.submit(rig, DialLeg(1, "leg-a", rig.numbers[0], rig.numbers[1], "call"))
        assert set(reports) == {OrderDone(1), LegRinging("leg-a")}
        await rig.answer(rig.numbers[0])
        await rig.settle()
        assert rig.heard[-1] == LegAnswered("leg-a")

    async def test_a_leg_s_end_is_the_last_that_is_told_of_it(self, rig: Rig) -> None:
        await self.up(rig, "leg-a", rig.numbers[0])
        reports = await self.submit(rig, DropLeg(7, "leg-a", Reason.NO_ANSWER), MuteLeg(8, "leg-a", True))
        assert OrderDone(7) in reports
        assert [report.order for report in reports if isinstance(report, OrderFailed)] == [8]
        assert legs_told(rig.heard) == {
            "leg-a": [LegRinging("leg-a"), LegAnswered("leg-a"), LegEnded("leg-a", Reason.NO_ANSWER)]
        }

    async def test_a_number_that_nobody_has_ends_the_leg(self, rig: Rig) -> None:
        reports = await self.submit(rig, DialLeg(1, "leg-a", rig.nowhere, rig.numbers[0], "call"))
        assert set(reports) == {OrderDone(1), LegEnded("leg-a", Reason.INVALID_NUMBER)}

    async def test_a_person_dials_and_hangs_up(self, rig: Rig) -> None:
        await rig.dial(rig.numbers[0], rig.numbers[1])
        await rig.settle()
        offered = rig.heard[-1]
        assert isinstance(offered, LegOffered)
        assert (offered.number, offered.dialled) == rig.numbers[:2]
        await rig.hang_up(rig.numbers[0])
        await rig.settle()
        assert rig.heard[1:] == [offered, LegEnded(offered.leg)], rig.heard

    async def test_who_dialled_is_answered_by_being_mixed(self, rig: Rig) -> None:
        await rig.dial(rig.numbers[0], rig.numbers[1])
        await rig.settle()
        offered = rig.heard[-1]
        assert isinstance(offered, LegOffered)
        await self.submit(rig, RingLeg(self.number(), ringback=(offered.leg,)))
        await self.hear(rig, {rig.numbers[0]: ["ringback"]})
        await self.up(rig, "leg-b", rig.numbers[1])
        assert OrderDone(9) in await self.submit(rig, JoinLegs(9, "mix", mixed=(offered.leg, "leg-b")))
        await self.hear(rig, {rig.numbers[0]: [rig.numbers[1]], rig.numbers[1]: [rig.numbers[0]]})

    async def test_every_order_is_answered_once(self, rig: Rig) -> None:
        first, second, _ = rig.numbers
        orders: tuple[AnyOrder, ...] = (
            DialLeg(1, "leg-a", first, second, "call", auto_answer=True),
            DialLeg(2, "leg-b", second, first, "call"),
            AnswerLeg(3, "leg-b"),
            JoinLegs(4, "mix", mixed=("leg-a", "leg-b")),
            MuteLeg(5, "leg-a", True),
            SpyLeg(15, "leg-a", "mix", "leg-b", MonitorKind.COACH),
            SendDigits(6, "leg-b", "1"),
            HoldLeg(7, music=("leg-a",), quiet=("leg-b",)),
            RingLeg(8, ringback=("leg-a",)),
            StartRecording(11, "rec", "mix", "call", first),
            PauseRecording(12, "rec"),
            ResumeRecording(13, "rec"),
            StopRecording(14, "rec"),
            DropLeg(9, "leg-a"),
            DropLeg(10, "leg-b"),
        )
        await self.submit(rig, *orders)
        answers = [report.order for report in rig.heard if isinstance(report, OrderDone | OrderFailed)]
        assert sorted(answers) == sorted(order.order for order in orders)

    @pytest.mark.parametrize(
        "order",
        [
            AnswerLeg(1, "gone"),
            JoinLegs(1, "mix", mixed=("gone",)),
            HoldLeg(1, music=("gone",)),
            HoldLeg(1, quiet=("gone",)),
            RingLeg(1, ringback=("gone",)),
            SendDigits(1, "gone", "1"),
            MuteLeg(1, "gone", True),
            SpyLeg(1, "gone", "mix", "", MonitorKind.LISTEN_IN),
            PauseRecording(1, "gone"),
            ResumeRecording(1, "gone"),
        ],
        ids=lambda order: type(order).__name__,
    )
    async def test_an_order_for_what_is_not_there_fails(self, order: AnyOrder, rig: Rig) -> None:
        (report,) = await self.submit(rig, order)
        assert isinstance(report, OrderFailed)
        assert report.order == 1

    async def test_a_leg_that_is_not_there_has_ended(self, rig: Rig) -> None:
        """Whoever wants a leg to end asks until it has: it must be told so, too, if the leg never came to be."""
        assert await self.submit(rig, DropLeg(1, "gone")) == [OrderDone(1), LegEnded("gone")]

    async def test_a_placement_is_done_whole_or_not_at_all(self, rig: Rig) -> None:
        first, second, _ = rig.numbers
        await self.talking(rig, "leg-a", "leg-b")
        (report,) = await self.submit(rig, HoldLeg(99, music=("leg-a",), quiet=("gone",)))
        assert isinstance(report, OrderFailed)
        await self.hear(rig, {first: [second], second: [first]})

    async def test_a_leg_that_joins_another_mix_leaves_its_own(self, rig: Rig) -> None:
        first, second, third = rig.numbers
        await self.talking(rig, "leg-a", "leg-b", "leg-c")
        await self.hear(rig, {first: [second, third], second: [first, third], third: [first, second]})
        await self.submit(rig, JoinLegs(99, "other", mixed=("leg-c",), music=("leg-a",)))
        await self.hear(rig, {first: ["music"], second: ["silence"], third: ["silence"]})
        await self.submit(rig, JoinLegs(100, "other", mixed=("leg-a",)))
        await self.hear(rig, {first: [third], second: ["silence"], third: [first]})

    async def test_a_mix_that_all_have_left_can_be_made_again_at_once(self, rig: Rig) -> None:
        first, second, _ = rig.numbers
        await self.talking(rig, "leg-a", "leg-b")
        for number, mix in enumerate(("other", "mix") * 3, 100):
            there = JoinLegs(number, mix, mixed=("leg-a", "leg-b"))
            assert await self.submit(rig, there) == [OrderDone(number)]
        await self.hear(rig, {first: [second], second: [first]})

    async def test_a_muted_leg_hears_and_is_not_heard(self, rig: Rig) -> None:
        first, second, _ = rig.numbers
        await self.talking(rig, "leg-a", "leg-b")
        await self.submit(rig, MuteLeg(99, "leg-a", True))
        await self.hear(rig, {first: [second], second: ["silence"]})
        await self.submit(rig, MuteLeg(100, "leg-a", False))
        await self.hear(rig, {second: [first]})

    async def test_a_supervisor_hears_all_and_is_heard_by_whom_it_is_to_be(self, rig: Rig) -> None:
        agent, customer, supervisor = rig.numbers
        await self.talking(rig, "leg-a", "leg-b")
        await self.up(rig, "leg-c", supervisor)
        for kind, with_agent, with_customer in (
            (MonitorKind.LISTEN_IN, [], []),
            (MonitorKind.COACH, [supervisor], []),
            (MonitorKind.BARGE_IN, [supervisor], [supervisor]),
            (MonitorKind.LISTEN_IN, [], []),
        ):
            order = self.number()
            assert await self.submit(rig, SpyLeg(order, "leg-c", "mix", "leg-a", kind)) == [OrderDone(order)]
            hearing = {agent: [customer, *with_agent], customer: [agent, *with_customer]}
            await self.hear(rig, {**hearing, supervisor: [agent, customer]})
        await self.submit(rig, SpyLeg(self.number(), "leg-c", "mix", "leg-a", MonitorKind.PROMPT))
        await self.hear(rig, {agent: [customer, supervisor], customer: [agent], supervisor: ["silence"]})
        await self.submit(rig, SpyLeg(self.number(), "leg-c", "mix", "", MonitorKind.COACH))
        await self.hear(rig, {agent: [customer], customer: [agent]})

    async def test_a_snapshot_shows_every_leg_and_its_place(self, rig: Rig) -> None:
        await self.talking(rig, "leg-a", "leg-b")
        await self.submit(rig, HoldLeg(99, music=("leg-a",)), MuteLeg(98, "leg-b", True))
        await self.submit(rig, DialLeg(100, "leg-c", rig.numbers[2], rig.numbers[0], "call"))
        before = len(rig.heard)
        await rig.restart()
        await rig.settle()
        snapshots = [report for report in rig.heard[before:] if not isinstance(report, SwitchDown)]
        assert len(snapshots) == 1
        assert isinstance(snapshots[0], SwitchSnapshot)
        assert set(snapshots[0].legs) == {
            LegSeen("leg-a", rig.numbers[0], True, False, "music"),
            LegSeen("leg-b", rig.numbers[1], True, False, "mix", muted=True),
            LegSeen("leg-c", rig.numbers[2], False, True, ""),
        }

    async def test_a_recording_ends_once_and_that_is_the_last_of_it(self, rig: Rig) -> None:
        first = rig.numbers[0]
        await self.talking(rig, "leg-a", "leg-b")
        began = await self.submit(rig, StartRecording(90, "rec", "mix", "call", first))
        assert began == [OrderDone(90)], began
        twice = (PauseRecording(91, "rec"), PauseRecording(92, "rec"))
        reports = await self.submit(rig, *twice, ResumeRecording(93, "rec"))
        assert reports == [OrderDone(91), OrderDone(92), OrderDone(93)]
        assert await self.submit(rig, StopRecording(94, "rec")) == [OrderDone(94), RecordingEnded("rec")]
        assert await self.submit(rig, StopRecording(95, "rec")) == [OrderDone(95)], "it is over: that is what is wanted"

    async def test_a_recording_outlives_who_is_in_the_mix(self, rig: Rig) -> None:
        first = rig.numbers[0]
        await self.talking(rig, "leg-a")
        await self.submit(rig, StartRecording(90, "rec", "mix", "call", first), HoldLeg(91, music=("leg-a",)))
        reports = await self.submit(rig, StopRecording(92, "rec"))
        assert reports == [OrderDone(92), RecordingEnded("rec")], reports

    async def test_two_recordings_can_t_have_one_name(self, rig: Rig) -> None:
        order = StartRecording(90, "rec", "mix", "call", rig.numbers[0])
        await self.submit(rig, order)
        (report,) = await self.submit(rig, msgspec.structs.replace(order, order=91, mix="other"))
        assert isinstance(report, OrderFailed)

    async def test_a_snapshot_shows_the_recordings_that_go_on(self, rig: Rig) -> None:
        """A switch may end them when it is let go of; then it does not show them."""
        order = StartRecording(90, "rec", "mix", "call", rig.numbers[0])
        await self.submit(rig, order, PauseRecording(91, "rec"))
        before = len(rig.heard)
        await rig.restart()
        await rig.settle()
        shown = [report.recordings for report in rig.heard[before:] if isinstance(report, SwitchSnapshot)]
        assert shown in ([()], [(RecordingSeen("rec", paused=True),)]), shown
        reports = await self.submit(rig, StopRecording(92, "rec"))
        assert (RecordingEnded("rec") in reports) is bool(shown[0])


def legs_told(heard: list[AnyReport]) -> dict[LegId, list[AnyReport]]:
    """What was told of each leg, in order."""
    told: dict[LegId, list[AnyReport]] = {}
    for report in heard:
        if not isinstance(report, OrderDone | OrderFailed | RecordingEnded | SwitchDown | SwitchSnapshot):
            told.setdefault(report.leg, []).append(report)
    return told
