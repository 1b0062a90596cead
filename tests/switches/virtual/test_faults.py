import pytest

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
    StartRecording,
    StopRecording,
)
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegSeen,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import FAULTS_MAX, ORDER_NAMES, Fault, Link, Misdeed
from cordboard.switches.virtual.persons import Answer, Cannot, Hangup, Hold
from cordboard.switches.virtual.phones import Behaviour, OnRing

DIAL = DialLeg(1, "a", "10", "20", "c")
FAILED = "the lab lets this order fail"


@pytest.fixture
def link() -> Link:
    return Link(Exchange(["10", "20"]))


def answered(link: Link, leg: str = "a", number: str = "10") -> None:
    link.submit([DialLeg(0, leg, number, "30", "c", auto_answer=True)], now=0)


def submit(link: Link, *orders: AnyOrder, now: float = 0) -> list[AnyReport]:
    return link.submit(orders, now)


def test_without_faults_orders_are_carried_out(link: Link) -> None:
    assert submit(link, DIAL, AnswerLeg(2, "a")) == [OrderDone(1), LegRinging("a"), OrderDone(2), LegAnswered("a")]


def test_an_order_fails_and_is_not_done(link: Link) -> None:
    link.add(Fault(Misdeed.FAIL))
    assert submit(link, DIAL) == [OrderFailed(1, FAILED)]
    assert link.exchange.snapshot().legs == ()
    assert submit(link, DIAL) == [OrderDone(1), LegRinging("a")]


def test_a_dropped_order_is_neither_done_nor_answered(link: Link) -> None:
    link.add(Fault(Misdeed.DROP))
    assert submit(link, DIAL) == []
    assert link.exchange.snapshot().legs == ()


def test_a_fault_meets_the_class_that_it_names_as_often_as_it_says(link: Link) -> None:
    link.add(Fault(Misdeed.FAIL, match="MuteLeg", count=2))
    answered(link)
    reports = submit(link, *(MuteLeg(number, "a", True) for number in (1, 2, 3)))
    assert reports == [OrderFailed(1, FAILED), OrderFailed(2, FAILED), OrderDone(3)]
    assert link.faults == ()


def test_the_first_fault_that_fits_is_used_up_first(link: Link) -> None:
    answered(link)
    link.add(Fault(Misdeed.DROP, match="HoldLeg"))
    link.add(Fault(Misdeed.FAIL, count=2))
    assert submit(link, MuteLeg(1, "a", True), HoldLeg(2, music=("a",))) == [OrderFailed(1, FAILED)]
    assert link.faults == (Fault(Misdeed.FAIL),)


def test_a_late_order_is_done_and_answered_later(link: Link) -> None:
    link.add(Fault(Misdeed.DELAY, delay_ms=300))
    assert submit(link, DIAL, now=5) == []
    assert link.next_deadline() == 5.3
    assert link.tick(5.2) == []
    assert link.exchange.snapshot().legs == ()
    assert link.tick(5.3) == [OrderDone(1), LegRinging("a")]
    assert link.next_deadline() is None


def test_later_orders_of_the_same_legs_stay_behind_a_late_one(link: Link) -> None:
    answered(link)
    answered(link, "b", "20")
    link.add(Fault(Misdeed.DELAY, match="RingLeg", delay_ms=100))
    orders: list[AnyOrder] = [
        RingLeg(1, ringback=("a",)),
        MuteLeg(2, "b", True),
        JoinLegs(3, "m", mixed=("a", "b")),
        SendDigits(4, "b", "1"),
        DropLeg(5, "a"),
    ]
    assert submit(link, *orders) == [OrderDone(2)]
    assert link.tick(0.1) == [OrderDone(1), OrderDone(3), OrderDone(4), OrderDone(5), LegEnded("a")]


def test_two_late_orders_of_a_leg_keep_their_order(link: Link) -> None:
    answered(link)
    link.add(Fault(Misdeed.DELAY, delay_ms=500))
    link.add(Fault(Misdeed.DELAY, delay_ms=100))
    submit(link, MuteLeg(1, "a", True), MuteLeg(2, "a", False))
    assert link.next_deadline() == 0.5
    assert link.tick(1) == [OrderDone(1), OrderDone(2)]


def test_what_is_due_happens_in_the_order_of_its_time(link: Link) -> None:
    link.exchange.set_behaviour("10", Behaviour(OnRing.ANSWER, after_ms=200))
    submit(link, DIAL)
    link.add(Fault(Misdeed.DELAY, delay_ms=100))
    submit(link, MuteLeg(2, "a", True))
    assert link.next_deadline() == 0.1
    assert link.tick(0.5) == [OrderDone(2), LegAnswered("a")]


def test_while_the_link_is_down_orders_fail_and_nothing_is_told(link: Link) -> None:
    answered(link)
    link.exchange.set_behaviour("20", Behaviour(OnRing.ANSWER, after_ms=100))
    submit(link, DialLeg(1, "b", "20", "10", "c"))
    assert link.cut() == [SwitchDown()]
    assert link.cut() == []
    assert submit(link, MuteLeg(2, "a", True)) == [OrderFailed(2, "the link to the switch is down")]
    assert link.act("10", Hangup()) == []
    assert link.tick(1) == []
    assert link.mend() == [SwitchSnapshot((LegSeen("b", "20", answered=True),))]
    assert link.mend() == []
    assert submit(link, MuteLeg(3, "b", True)) == [OrderDone(3)]


def test_orders_on_their_way_fail_when_the_link_goes_down(link: Link) -> None:
    link.add(Fault(Misdeed.DELAY, count=2, delay_ms=300))
    submit(link, DIAL, DialLeg(2, "b", "20", "10", "c"))
    detail = "the link to the switch went down"
    assert link.cut() == [OrderFailed(1, detail), OrderFailed(2, detail), SwitchDown()]
    assert link.next_deadline() is None


def test_people_act_through_the_link(link: Link) -> None:
    submit(link, DIAL)
    assert link.act("10", Answer()) == [LegAnswered("a")]
    assert isinstance(link.act("20", Hold()), Cannot)


def test_reset_forgets_faults_calls_and_orders_on_their_way(link: Link) -> None:
    answered(link)
    link.add(Fault(Misdeed.DELAY, delay_ms=300))
    link.add(Fault(Misdeed.FAIL))
    submit(link, MuteLeg(1, "a", True))
    assert link.reset() == [OrderFailed(1, "the lab was reset"), LegEnded("a")]
    assert (link.faults, link.next_deadline()) == ((), None)


def test_reset_brings_the_link_back(link: Link) -> None:
    answered(link)
    link.cut()
    assert link.reset() == [SwitchSnapshot()]
    assert not link.down


def test_there_is_a_limit_to_faults(link: Link) -> None:
    assert all(link.add(Fault(Misdeed.FAIL)) for _ in range(FAULTS_MAX))
    assert not link.add(Fault(Misdeed.FAIL))
    assert len(link.faults) == FAULTS_MAX


def test_every_order_can_be_named() -> None:
    assert set(ORDER_NAMES) == {
        "DialLeg",
        "AnswerLeg",
        "DropLeg",
        "JoinLegs",
        "HoldLeg",
        "RingLeg",
        "SendDigits",
        "MuteLeg",
        "StartRecording",
        "PauseRecording",
        "ResumeRecording",
        "StopRecording",
        "SpyLeg",
    }


def test_orders_of_one_recording_keep_their_order_too(link: Link) -> None:
    link.add(Fault(Misdeed.DELAY, match="StartRecording", delay_ms=100))
    orders: list[AnyOrder] = [
        StartRecording(1, "m-1", "m", "c", "10"),
        PauseRecording(2, "m-1"),
        StopRecording(3, "m-2"),
        ResumeRecording(4, "m-1"),
        StopRecording(5, "m-1"),
    ]
    assert submit(link, *orders) == [OrderDone(3)]
    assert link.tick(0.1) == [OrderDone(1), OrderDone(2), OrderDone(4), OrderDone(5), RecordingEnded("m-1")]
