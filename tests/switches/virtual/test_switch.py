"""The switch on a loop whose turns and time the test makes, so that nothing waits."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cordboard.calls.orders import DialLeg, DropLeg, MuteLeg, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegRinging,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.phones import Behaviour, OnRing
from cordboard.switches.virtual.switch import VirtualSwitch


class Handle:
    def __init__(self, callback: Callable[[], None], when: float) -> None:
        self.callback, self.when, self.cancelled = callback, when, False

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """As much of an event loop as the switch uses."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.soon: list[Handle] = []
        self.later: list[Handle] = []

    def time(self) -> float:
        return self.now

    def call_soon(self, callback: Callable[[], None]) -> Handle:
        self.soon.append(Handle(callback, self.now))
        return self.soon[-1]

    def call_later(self, delay: float, callback: Callable[[], None]) -> Handle:
        self.later.append(Handle(callback, self.now + delay))
        return self.later[-1]

    @property
    def alarms(self) -> list[float]:
        return [handle.when for handle in self.later if not handle.cancelled]

    def turn(self) -> None:
        handles, self.soon = self.soon, []
        for handle in handles:
            if not handle.cancelled:
                handle.callback()

    def advance(self, seconds: float) -> None:
        self.now += seconds
        due = [handle for handle in self.later if handle.when <= self.now]
        self.later = [handle for handle in self.later if handle.when > self.now]
        for handle in due:
            if not handle.cancelled:
                handle.callback()
        self.turn()


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that must not wait."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    made = Loop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


@pytest.fixture
def heard() -> list[AnyReport]:
    return []


@pytest.fixture
def switch(loop: Loop, heard: list[AnyReport]) -> VirtualSwitch:
    made = VirtualSwitch(Exchange(["10", "20"]), clock=loop.time)
    run(made.start(heard.append))
    loop.turn()
    assert heard == [SwitchSnapshot()]
    heard.clear()
    return made


DIAL = DialLeg(1, "a", "10", "20", "c")


def test_reports_come_on_the_next_turn_in_one_go(switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]) -> None:
    switch.submit([DIAL])
    switch.submit([DropLeg(2, "a")])
    assert heard == []
    assert len(loop.soon) == 1
    loop.turn()
    assert heard == [OrderDone(1), LegRinging("a"), OrderDone(2), LegEnded("a")]
    assert loop.soon == []


def test_orders_given_while_hearing_are_reported_after_all_that_waited(loop: Loop) -> None:
    switch = VirtualSwitch(Exchange(["10"]), clock=loop.time)
    heard: list[AnyReport] = []

    def hear(report: AnyReport) -> None:
        heard.append(report)
        if isinstance(report, LegRinging):
            switch.submit([DropLeg(2, "a")])

    run(switch.start(hear))
    switch.submit([DIAL])
    loop.turn()
    assert heard == [SwitchSnapshot(), OrderDone(1), LegRinging("a"), OrderDone(2), LegEnded("a")]
    assert loop.soon == []


def test_a_turn_has_a_limit_so_that_others_get_theirs(
    switch: VirtualSwitch, loop: Loop, heard: list[AnyReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cordboard.switches.virtual.switch._REPORTS_PER_TURN_MAX", 1)
    switch.submit([DIAL])
    loop.turn()
    assert heard == [OrderDone(1)]
    loop.turn()
    assert heard == [OrderDone(1), LegRinging("a")]


def test_a_board_that_stumbles_over_a_report_gets_the_others(loop: Loop) -> None:
    switch = VirtualSwitch(Exchange(["10"]), clock=loop.time)
    heard: list[AnyReport] = []

    def hear(report: AnyReport) -> None:
        if isinstance(report, OrderDone):
            raise ValueError(report)
        heard.append(report)

    run(switch.start(hear))
    switch.submit([DIAL])
    with pytest.raises(ValueError, match="OrderDone"):
        loop.turn()
    loop.turn()
    assert heard == [SwitchSnapshot(), LegRinging("a")]


def test_what_is_ordered_before_the_board_has_heard_that_the_link_is_back_is_not_carried_out(
    switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]
) -> None:
    switch.tell(switch.link.cut())
    switch.tell(switch.link.mend())
    switch.submit([DIAL])
    loop.turn()
    assert heard == [SwitchDown(), SwitchSnapshot(), OrderFailed(1, "the link to the switch broke")]
    assert switch.link.exchange.snapshot() == SwitchSnapshot()
    switch.submit([DIAL])
    loop.turn()
    assert heard[3:] == [OrderDone(1), LegRinging("a")]


def test_the_exchange_is_woken_when_something_is_due(switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]) -> None:
    switch.link.exchange.set_behaviour("10", Behaviour(OnRing.ANSWER, after_ms=2000))
    switch.submit([DIAL])
    loop.turn()
    assert loop.alarms == [1002.0]
    loop.advance(2)
    assert heard == [OrderDone(1), LegRinging("a"), LegAnswered("a")]
    assert loop.alarms == []


def test_an_alarm_that_is_early_is_set_again(switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]) -> None:
    switch.link.add(Fault(Misdeed.DELAY, delay_ms=1000))
    switch.submit([DIAL])
    (alarm,) = loop.later
    loop.now += 0.999
    alarm.callback()
    assert (heard, loop.later[-1].when) == ([], 1001.0)
    loop.advance(1)
    assert heard == [OrderDone(1), LegRinging("a")]


def test_the_alarm_moves_with_what_is_due_first(switch: VirtualSwitch, loop: Loop) -> None:
    switch.link.exchange.set_behaviour("10", Behaviour(OnRing.ANSWER, after_ms=2000))
    switch.link.exchange.set_behaviour("20", Behaviour(OnRing.ANSWER, after_ms=500))
    switch.submit([DIAL])
    switch.submit([DialLeg(2, "b", "20", "10", "c")])
    assert loop.alarms == [1000.5]
    switch.submit([DropLeg(3, "b")])
    assert loop.alarms == [1002.0]
    switch.submit([DropLeg(4, "a")])
    assert loop.alarms == []


def test_after_stop_nothing_is_heard(switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]) -> None:
    switch.link.exchange.set_behaviour("10", Behaviour(OnRing.ANSWER, after_ms=500))
    switch.submit([DIAL])
    run(switch.stop())
    switch.submit([MuteLeg(2, "a", True)])
    switch.tell([LegRinging("a")])
    loop.advance(1)
    assert heard == []
    assert loop.alarms == []


def test_started_again_it_reports_the_legs_that_are_there(
    switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]
) -> None:
    switch.submit([DIAL])
    run(switch.stop())
    run(switch.start(heard.append))
    loop.turn()
    assert heard == [switch.link.exchange.snapshot()]
    assert [leg.leg for leg in switch.link.exchange.snapshot().legs] == ["a"]


def test_before_start_there_is_no_link(loop: Loop) -> None:
    switch = VirtualSwitch(Exchange(["10"]), clock=loop.time)
    switch.submit([DIAL])
    assert (loop.soon, switch.link.exchange.snapshot().legs) == ([], ())
    run(switch.stop())


def test_a_switch_that_is_down_says_so(switch: VirtualSwitch, loop: Loop, heard: list[AnyReport]) -> None:
    switch.link.cut()
    switch.submit([DIAL])
    loop.turn()
    assert heard == [OrderFailed(1, "the link to the switch is down")]


# -- recordings, on a real loop -----------------------------------------------------------------------------------


class Shelf:
    """A folder, and what was said of the files in it; ``refuses`` to name a place."""

    def __init__(self, folder: Path, refuses: bool = False) -> None:
        self._folder = folder
        self._refuses = refuses
        self.kept: list[Recorded] = []
        self.lost: list[tuple[str, str]] = []

    def place(self, recording: str) -> Path:
        if self._refuses:
            raise OSError("no room")
        return self._folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        self.kept.append(recorded)

    def lose(self, recorded: Recorded, why: str) -> None:
        self.lost.append((recorded.id, why))


START = StartRecording(1, "m-1", "m", "c", "10")


def recorder(clock: Callable[[], float], shelf: Shelf | None) -> VirtualSwitch:
    return VirtualSwitch(Exchange(["10", "20"]), clock, shelf)


async def test_a_recording_is_written_while_the_loop_goes_on(tmp_path: Path) -> None:
    times = iter((100.0, 103.5, 200.0))
    shelf, heard = Shelf(tmp_path), list[AnyReport]()
    switch = recorder(lambda: next(times), shelf)
    await switch.start(heard.append)
    switch.submit([START])
    switch.submit([StopRecording(2, "m-1")])
    assert shelf.kept == [], "nobody waited for the file"
    await switch._scribe.finish()
    await asyncio.sleep(0)
    assert shelf.kept == [Recorded("m-1", "m", "c", "10", ("10",), 100.0, 3.5)]
    assert (tmp_path / "m-1.wav").stat().st_size == 44 + 2 * 28_000
    assert heard[1:] == [OrderDone(1), OrderDone(2), RecordingEnded("m-1")]
    await switch.stop()


async def test_what_is_being_recorded_when_the_switch_stops_is_kept(tmp_path: Path) -> None:
    times, shelf = iter((100.0, 101.0)), Shelf(tmp_path)
    switch = recorder(lambda: next(times), shelf)
    await switch.start(list[AnyReport]().append)
    switch.submit([START])
    await switch.stop()
    assert [(one.id, one.seconds) for one in shelf.kept] == [("m-1", 1.0)]
    assert (tmp_path / "m-1.wav").is_file()
    again: list[AnyReport] = []
    await switch.start(again.append)
    await asyncio.sleep(0)
    assert again == [SwitchSnapshot()]
    times = iter((102.0,))
    await switch.stop()


async def test_a_file_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "nowhere")
    switch = recorder(lambda: 100.0, shelf)
    await switch.start(list[AnyReport]().append)
    switch.submit([START])
    await switch.stop()
    assert shelf.kept == []
    assert [name for name, _ in shelf.lost] == ["m-1"]
    assert "No such file" in shelf.lost[0][1]


async def test_a_shelf_without_room_does_not_stop_the_switch(tmp_path: Path) -> None:
    shelf, heard = Shelf(tmp_path, refuses=True), list[AnyReport]()
    switch = recorder(lambda: 100.0, shelf)
    await switch.start(heard.append)
    switch.submit([START, StopRecording(2, "m-1")])
    await asyncio.sleep(0)
    assert RecordingEnded("m-1") in heard
    assert shelf.lost == [("m-1", "no room")]
    await switch.stop()


async def test_without_a_shelf_recordings_are_not_kept() -> None:
    switch, heard = recorder(lambda: 100.0, None), list[AnyReport]()
    await switch.start(heard.append)
    switch.submit([START, StopRecording(2, "m-1")])
    await asyncio.sleep(0)
    assert RecordingEnded("m-1") in heard
    assert switch.link.exchange.take_recordings() == []
    await switch.stop()
