"""Every order, answered and carried out; whole consult transfers as the board orders them."""

import pytest

from cordboard.calls.model import MonitorKind, Reason
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
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRinging,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    RecordingSeen,
)
from cordboard.switches.virtual.exchange import Exchange, LineView, PhoneView
from cordboard.switches.virtual.persons import Answer, Cannot, Dial, Dtmf, Hangup, Hold, Unplug
from cordboard.switches.virtual.phones import Behaviour, LineState, OnRing


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(["5000", "5005", "5001"], ["0900"])


def obey(exchange: Exchange, *orders: AnyOrder) -> list[AnyReport]:
    return exchange.carry_out(orders, now=0)


def heard(exchange: Exchange) -> dict[str, tuple[str, ...]]:
    return {number: exchange.phone(number).hears for number in exchange.numbers}


def talking(exchange: Exchange) -> None:
    """5000 (leg x1) has called 5005 (leg b)."""
    exchange.act("5000", Dial(to="5005"))
    obey(exchange, RingLeg(1, ringback=("x1",)), DialLeg(2, "b", "5005", "5000", "c"))
    exchange.act("5005", Answer())
    obey(exchange, JoinLegs(3, "m", mixed=("x1", "b")))


def test_a_call_from_the_first_digit_to_the_last_word(exchange: Exchange) -> None:
    assert exchange.act("5000", Dial(to="5005")) == [LegOffered("x1", "5000", "5005")]
    assert heard(exchange) == {"5000": ("silence",), "5005": (), "5001": (), "0900": ()}
    assert obey(exchange, RingLeg(1, ringback=("x1",)), DialLeg(2, "b", "5005", "5000", "c")) == [
        OrderDone(1),
        OrderDone(2),
        LegRinging("b"),
    ]
    assert exchange.hears("x1") == ["ringback"]
    assert exchange.phone("5005") == PhoneView("5005", LineState.RINGING, (LineView(0, LineState.RINGING, "5000"),), ())
    assert exchange.act("5005", Answer()) == [LegAnswered("b")]
    assert obey(exchange, JoinLegs(3, "m", mixed=("x1", "b"))) == [OrderDone(3)]
    assert exchange.phone("5000") == PhoneView(
        "5000", LineState.TALKING, (LineView(0, LineState.TALKING, "5005"),), ("5005",)
    )
    assert exchange.hears("b") == ["5000"]
    assert exchange.act("5000", Hangup()) == [LegEnded("x1")]
    assert obey(exchange, DropLeg(4, "b")) == [OrderDone(4), LegEnded("b")]
    assert exchange.phone("5005") == PhoneView("5005", LineState.IDLE, (), ())
    assert exchange.hears("b") == []


def test_a_two_step_transfer_moves_the_agent_s_one_leg(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, HoldLeg(4, music=("x1",), quiet=("b",)))
    assert heard(exchange) == {"5000": ("music",), "5005": ("silence",), "5001": (), "0900": ()}
    assert exchange.phone("5005").state is LineState.HELD
    obey(exchange, RingLeg(5, ringback=("b",)), DialLeg(6, "t", "5001", "5005", "k"))
    assert exchange.phone("5005").state is LineState.DIALING
    exchange.act("5001", Answer())
    obey(exchange, JoinLegs(7, "n", mixed=("b", "t")))
    assert heard(exchange) == {"5000": ("music",), "5005": ("5001",), "5001": ("5005",), "0900": ()}
    done = obey(exchange, JoinLegs(8, "m", mixed=("x1", "t")), DropLeg(9, "b"))
    assert done == [OrderDone(8), OrderDone(9), LegEnded("b")]
    assert heard(exchange) == {"5000": ("5001",), "5005": (), "5001": ("5000",), "0900": ()}


def test_a_placement_names_all_places_at_once(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(4, "t", "5001", "5005", "k", auto_answer=True))
    obey(exchange, DialLeg(5, "u", "0900", "5005", "k", auto_answer=True))
    obey(exchange, JoinLegs(6, "n", mixed=("t",), music=("x1",), ringback=("u",), quiet=("b",)))
    assert [exchange.hears(leg) for leg in ("t", "x1", "u", "b")] == [["silence"], ["music"], ["ringback"], ["silence"]]


def test_a_placement_with_an_unknown_leg_changes_nothing(exchange: Exchange) -> None:
    talking(exchange)
    before = exchange.snapshot()
    for order in (
        JoinLegs(7, "n", mixed=("x1", "gone")),
        JoinLegs(7, "n", mixed=("x1",), music=("gone",)),
        HoldLeg(7, music=("x1",), quiet=("gone",)),
        RingLeg(7, ringback=("x1", "gone")),
    ):
        assert obey(exchange, order) == [OrderFailed(7, "there is no leg 'gone'")]
        assert exchange.snapshot() == before


@pytest.mark.parametrize("mix", ["", "music", "quiet", "ringback"])
def test_a_mix_needs_a_name_of_its_own(mix: str, exchange: Exchange) -> None:
    talking(exchange)
    assert obey(exchange, JoinLegs(7, mix, mixed=("x1",))) == [OrderFailed(7, f"{mix!r} can't be the name of a mix")]
    assert exchange.hears("x1") == ["5005"]


def test_being_mixed_holds_the_phone_s_other_line(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(4, "t", "5000", "5001", "k"))
    assert obey(exchange, AnswerLeg(5, "t")) == [OrderDone(5), LegHeld("x1"), LegAnswered("t")]
    assert obey(exchange, JoinLegs(6, "m", mixed=("x1", "b"))) == [OrderDone(6), LegHeld("t")]
    assert exchange.phone("5000").hears == ("5005",)
    assert [line.state for line in exchange.phone("5000").lines] == [LineState.TALKING, LineState.HELD]


@pytest.mark.parametrize(
    ("order", "detail"),
    [
        (DialLeg(7, "b", "5001", "5000", "c"), "leg 'b' exists already"),
        (DialLeg(7, "", "5001", "5000", "c"), "a leg needs a name"),
        (AnswerLeg(7, "gone"), "there is no leg 'gone'"),
        (AnswerLeg(7, "b"), "leg 'b' does not ring"),
        (AnswerLeg(7, "x1"), "leg 'x1' does not ring"),
        (SendDigits(7, "gone", "1"), "there is no leg 'gone'"),
        (SendDigits(7, "r", "1"), "leg 'r' is not answered"),
        (MuteLeg(7, "gone", True), "there is no leg 'gone'"),
    ],
)
def test_orders_that_can_t_be_carried_out(order: AnyOrder, detail: str, exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(5, "r", "5001", "5000", "c"))
    before = exchange.snapshot()
    assert obey(exchange, order) == [OrderFailed(7, detail)]
    assert exchange.snapshot() == before


def test_a_leg_that_is_not_there_has_ended(exchange: Exchange) -> None:
    assert obey(exchange, DropLeg(7, "gone")) == [OrderDone(7), LegEnded("gone")]


def test_a_number_without_a_phone_ends_the_leg(exchange: Exchange) -> None:
    assert obey(exchange, DialLeg(1, "a", "77", "5000", "c")) == [OrderDone(1), LegEnded("a", Reason.INVALID_NUMBER)]


def test_a_phone_has_so_many_lines_and_no_more() -> None:
    exchange = Exchange(["1"], lines_max=2)
    obey(exchange, DialLeg(1, "a", "1", "9", "c"), DialLeg(2, "b", "1", "9", "c"))
    assert obey(exchange, DialLeg(3, "c", "1", "9", "c")) == [OrderDone(3), LegEnded("c", Reason.BUSY)]


def test_a_dropped_leg_ends_with_the_order_s_reason(exchange: Exchange) -> None:
    obey(exchange, DialLeg(1, "a", "5000", "5005", "c"))
    assert obey(exchange, DropLeg(2, "a", Reason.NO_ANSWER)) == [OrderDone(2), LegEnded("a", Reason.NO_ANSWER)]


def test_who_dialled_hears_the_busy_tone_for_a_while(exchange: Exchange) -> None:
    exchange.act("5000", Dial(to="5005"))
    assert obey(exchange, DropLeg(1, "x1", Reason.BUSY)) == [OrderDone(1), LegEnded("x1", Reason.BUSY)]
    assert exchange.phone("5000") == PhoneView(
        "5000", LineState.DIALING, (LineView(0, LineState.DIALING, "5005"),), ("busy",)
    )
    assert exchange.snapshot().legs == ()
    assert exchange.next_deadline() == 3.0
    assert exchange.tick(3.0) == []
    assert exchange.phone("5000").lines == ()


def test_who_has_talked_hears_no_busy_tone(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DropLeg(4, "x1", Reason.BUSY))
    assert exchange.phone("5000").lines == ()


def test_digits_are_heard(exchange: Exchange) -> None:
    talking(exchange)
    assert obey(exchange, SendDigits(4, "b", "12"), SendDigits(5, "b", "#")) == [OrderDone(4), OrderDone(5)]
    assert exchange.phone("5005").lines == (LineView(0, LineState.TALKING, "5000", "12#"),)


def test_a_muted_leg_is_not_heard(exchange: Exchange) -> None:
    talking(exchange)
    assert obey(exchange, MuteLeg(4, "b", True)) == [OrderDone(4)]
    assert (exchange.hears("x1"), exchange.hears("b")) == (["silence"], ["5000"])
    obey(exchange, MuteLeg(5, "b", False))
    assert exchange.hears("x1") == ["5005"]


def test_a_held_line_is_heard_if_no_other_is(exchange: Exchange) -> None:
    talking(exchange)
    exchange.act("5000", Hold())
    assert (exchange.phone("5000").hears, exchange.hears("b")) == (("silence",), ["silence"])


def test_an_action_that_fails_reports_nothing(exchange: Exchange) -> None:
    assert isinstance(exchange.act("5000", Hangup()), Cannot)
    with pytest.raises(KeyError):
        exchange.act("77", Hangup())


def test_a_phone_that_has_not_reacted_yet_shows_nothing(exchange: Exchange) -> None:
    exchange.set_behaviour("5000", Behaviour(OnRing.RING, 200))
    assert exchange.behaviour("5000") == Behaviour(OnRing.RING, 200)
    assert obey(exchange, DialLeg(1, "a", "5000", "5005", "c")) == [OrderDone(1)]
    assert exchange.phone("5000") == PhoneView("5000", LineState.IDLE, (), ())
    assert exchange.tick(0.2) == [LegRinging("a")]
    assert exchange.phone("5000").state is LineState.RINGING


def test_reset_ends_everything_and_restores_the_phones(exchange: Exchange) -> None:
    talking(exchange)
    exchange.act("0900", Dial(to="5001"))
    obey(exchange, DropLeg(4, "x2", Reason.BUSY))
    exchange.set_behaviour("5001", Behaviour(OnRing.BUSY))
    exchange.act("5001", Unplug())
    assert exchange.reset() == [LegEnded("x1"), LegEnded("b")]
    assert heard(exchange) == {"5000": (), "5005": (), "5001": (), "0900": ()}
    assert exchange.behaviour("5001") == Behaviour()
    assert exchange.next_deadline() is None
    assert obey(exchange, DialLeg(5, "b", "5001", "5000", "c")) == [OrderDone(5), LegRinging("b")]


def test_numbers_of_both_kinds_have_phones(exchange: Exchange) -> None:
    assert exchange.numbers == ("5000", "5005", "5001", "0900")
    assert exchange.has_phone("0900")
    assert not exchange.has_phone("77")


def test_digits_pressed_reach_the_others(exchange: Exchange) -> None:
    talking(exchange)
    exchange.act("5000", Dtmf(digits="5"))
    assert exchange.phone("5005").lines[0].digits == "5"


# -- recordings ---------------------------------------------------------------------------------------------------


def test_a_mix_is_recorded_without_its_pauses(exchange: Exchange) -> None:
    talking(exchange)
    assert exchange.carry_out([StartRecording(4, "m-1", "m", "c", "5005")], now=10) == [OrderDone(4)]
    assert exchange.snapshot().recordings == (RecordingSeen("m-1"),)
    assert exchange.carry_out([PauseRecording(5, "m-1")], now=14) == [OrderDone(5)]
    obey(exchange, DialLeg(6, "d", "5001", "5005", "c", auto_answer=True), JoinLegs(7, "m", mixed=("d",)))
    assert exchange.carry_out([ResumeRecording(8, "m-1")], now=20) == [OrderDone(8)]
    assert exchange.carry_out([StopRecording(9, "m-1")], now=21.5) == [OrderDone(9), RecordingEnded("m-1")]
    assert exchange.take_recordings() == [Recorded("m-1", "m", "c", "5005", ("5005", "5000", "5001"), 10, 5.5)]
    assert exchange.take_recordings() == []


def test_an_order_for_a_recording_can_fail(exchange: Exchange) -> None:
    start = StartRecording(1, "m-1", "m", "c", "5005")
    assert obey(exchange, start, start)[1] == OrderFailed(1, "recording 'm-1' exists already")
    assert obey(exchange, PauseRecording(2, "m-2")) == [OrderFailed(2, "there is no recording 'm-2'")]
    assert obey(exchange, ResumeRecording(3, "m-2")) == [OrderFailed(3, "there is no recording 'm-2'")]
    assert obey(exchange, StopRecording(4, "m-2")) == [OrderDone(4)]


def test_recordings_are_ended_for_whoever_lets_go(exchange: Exchange) -> None:
    exchange.carry_out([StartRecording(1, "m-1", "m", "c", "5005")], now=10)
    exchange.stop_recordings(now=12)
    assert [(one.id, one.seconds) for one in exchange.take_recordings()] == [("m-1", 2)]
    assert exchange.snapshot().recordings == ()


def test_a_reset_leaves_recordings_to_who_ordered_them(exchange: Exchange) -> None:
    """Only the orders say when: the board hears that the calls are over, and stops what was recorded of them."""
    talking(exchange)
    exchange.carry_out([StartRecording(4, "m-1", "m", "c", "5005")], now=10)
    exchange.reset()
    assert exchange.snapshot().recordings == (RecordingSeen("m-1"),)
    assert exchange.carry_out([StopRecording(5, "m-1")], now=11) == [OrderDone(5), RecordingEnded("m-1")]


def test_a_supervisor_joins_a_mix_in_a_role(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(4, "s", "5001", "5005", "c", auto_answer=True))
    assert obey(exchange, SpyLeg(5, "s", "m", "b", MonitorKind.COACH)) == [OrderDone(5)]
    assert heard(exchange) == {"5000": ("5005",), "5005": ("5000", "5001"), "5001": ("5000", "5005"), "0900": ()}
    obey(exchange, SpyLeg(6, "s", "m", "", MonitorKind.COACH))
    assert heard(exchange)["5005"] == ("5000",)


@pytest.mark.parametrize(
    ("order", "detail"),
    [
        (SpyLeg(9, "gone", "m", "b", MonitorKind.COACH), "there is no leg 'gone'"),
        (SpyLeg(9, "s", "m", "gone", MonitorKind.COACH), "there is no leg 'gone'"),
        (SpyLeg(9, "s", "music", "b", MonitorKind.COACH), "'music' can't be the name of a mix"),
        (SpyLeg(9, "s", "m", "b", MonitorKind.COACH), "leg 's' is not answered"),
    ],
)
def test_roles_that_can_t_be_taken(order: SpyLeg, detail: str, exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(4, "s", "5001", "5005", "c"))
    assert obey(exchange, order) == [OrderFailed(9, detail)]
    assert heard(exchange)["5005"] == ("5000",)


def test_a_recording_that_begins_does_not_name_a_silent_supervisor(exchange: Exchange) -> None:
    talking(exchange)
    obey(exchange, DialLeg(4, "s", "5001", "5005", "c", auto_answer=True))
    obey(exchange, SpyLeg(5, "s", "m", "b", MonitorKind.LISTEN_IN))
    obey(exchange, StartRecording(6, "r", "m", "c", "5005"), StopRecording(7, "r"))
    (recorded,) = exchange.take_recordings()
    assert recorded.parties == ("5005", "5000")
