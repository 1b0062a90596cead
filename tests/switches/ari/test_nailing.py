import pytest
from tests.kit.asterisk_dry import Dry, row
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import Reason
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, HoldLeg, JoinLegs, MuteLeg
from cordboard.calls.reports import LegAnswered, LegEnded, LegOffered, LegRinging, OrderDone, SwitchSnapshot
from cordboard.switches.ari.tracker import AnswerMode


@pytest.fixture
def dry() -> Dry:
    return Dry(AnswerMode.NAILED_UP)


@pytest.fixture
def laid(dry: Dry) -> Dry:
    """The line of 5000 is laid."""
    assert dry.likeness.dial("5000", "*55") is not None
    assert dry.pump() == []
    assert nail(dry).state == "Up"
    dry.forget()
    return dry


def nail(dry: Dry, number: str = "5000") -> Channel:
    (channel,) = dry.likeness.lines(number)
    return channel


def test_a_second_line_of_the_same_telephone_is_refused(laid: Dry) -> None:
    laid.likeness.dial("5000", "*55")
    laid.pump()
    assert len(laid.likeness.lines("5000")) == 1


def test_only_that_number_lays_a_line(dry: Dry) -> None:
    channel = dry.likeness.dial("5000", "5001")
    assert channel is not None
    assert dry.pump() == [LegOffered(channel.id, "5000", "5001")]


def test_telephones_of_other_kinds_dial_it_as_any_number() -> None:
    dry = Dry()
    channel = dry.likeness.dial("5000", "*55")
    assert channel is not None
    assert dry.pump() == [LegOffered(channel.id, "5000", "*55")]


def test_a_call_rings_on_the_line_and_is_answered_by_connecting_it(laid: Dry) -> None:
    assert laid.dial("a", "5000") == [OrderDone(1001), LegRinging("a")]
    assert laid.hears("a") == ["ringback"]
    assert laid.do(AnswerLeg(1, "a")) == [LegAnswered("a"), OrderDone(1)]
    assert laid.hears("a") == ["ringback"], "until it is placed"
    assert laid.asked == []
    laid.do(HoldLeg(2, quiet=("a",)))
    assert (laid.asked, laid.hears("a")) == ([f"DELETE channels/{nail(laid).id}/ring"], ["silence"])


def test_a_line_in_use_is_busy(laid: Dry) -> None:
    laid.dial("a", "5000")
    assert laid.dial("b", "5000") == [OrderDone(1002), LegEnded("b", Reason.BUSY)]


def test_who_calls_by_client_is_there_at_once(laid: Dry) -> None:
    assert laid.dial("a", "5000", auto_answer=True) == [OrderDone(1001), LegAnswered("a")]


def test_the_line_stays_when_the_leg_ends(laid: Dry) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.dial("b", "5001", auto_answer=True)
    laid.do(JoinLegs(1, "mix", mixed=("a", "b")), MuteLeg(2, "a", True))
    assert nail(laid).muted
    assert laid.do(DropLeg(3, "a", Reason.NORMAL)) == [OrderDone(3), LegEnded("a")]
    assert (nail(laid).bridge, nail(laid).muted) == ("", False)
    assert laid.dial("c", "5000")[-1] == LegRinging("c")


def test_a_leg_that_is_dropped_while_it_rings_leaves_a_silent_line(laid: Dry) -> None:
    laid.dial("a", "5000")
    assert laid.do(DropLeg(1, "a", Reason.NO_ANSWER)) == [OrderDone(1), LegEnded("a", Reason.NO_ANSWER)]
    assert not nail(laid).tone


def test_music_ends_with_the_leg(laid: Dry) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.do(HoldLeg(1, music=("a",)))
    laid.do(DropLeg(2, "a"))
    assert laid.likeness.hears(nail(laid)) == set()


def test_the_first_call_lays_the_line(dry: Dry) -> None:
    dry.dial("a", "5000")
    dry.likeness.pick_up(dry.channel("a"))
    dry.pump()
    dry.do(DropLeg(1, "a"))
    assert nail(dry).state == "Up"
    assert dry.dial("b", "5000")[-1] == LegRinging("b")


def test_a_call_that_is_not_answered_lays_none(dry: Dry) -> None:
    dry.dial("a", "5000")
    dry.do(DropLeg(1, "a"))
    assert dry.likeness.lines("5000") == []


def test_who_hangs_up_has_no_line_any_more(laid: Dry) -> None:
    laid.likeness.hang_up(nail(laid))
    assert laid.pump() == []
    assert laid.dial("a", "5000") == [OrderDone(1001), LegRinging("a")]
    assert laid.channel("a").state == "Ringing"


def test_a_leg_ends_with_the_line_it_is_on(laid: Dry) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.likeness.hang_up(nail(laid))
    assert laid.pump() == [LegEnded("a")]


def test_lines_are_no_legs_after_the_link_was_lost(laid: Dry) -> None:
    laid.cut()
    assert laid.mend() == [SwitchSnapshot()]
    assert laid.dial("a", "5000")[-1] == LegRinging("a")


def test_lines_that_are_gone_by_then_are_forgotten(laid: Dry) -> None:
    laid.cut()
    laid.likeness.restart()
    laid.mend()
    assert laid.dial("a", "5000")[-1] == LegRinging("a")
    assert laid.channel("a").id == "a"


def test_a_line_that_is_told_of_again_is_no_news(laid: Dry) -> None:
    laid.likeness.said.append({"type": "StasisStart", "channel": nail(laid).shown()})
    assert laid.pump() == []


def test_a_telephone_without_a_line_is_called_anew_to_answer(dry: Dry) -> None:
    dry.dial("a", "5000")
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegAnswered("a")]
    assert dry.channel("a").id == "a~1"


def test_a_call_that_rings_is_not_answered_by_a_lost_link_and_rings_on(laid: Dry) -> None:
    laid.begin(DialLeg(1, "a", "5000", "0123", "call"))
    laid.cut()
    (snapshot,) = laid.mend()
    assert isinstance(snapshot, SwitchSnapshot)
    assert [(leg.answered, leg.ringing) for leg in snapshot.legs] == [(False, True)]
    assert laid.hears("a") == ["ringback"]


def test_what_rang_when_the_link_was_lost_does_not_ring_for_nobody(laid: Dry) -> None:
    laid.dial("a", "5000")
    laid.begin(DropLeg(1, "a"))
    laid.cut()
    laid.mend()
    assert not nail(laid).tone


def test_who_talks_when_the_link_is_lost_is_left_alone(laid: Dry) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.dial("b", "5001", auto_answer=True)
    laid.do(JoinLegs(1, "mix", mixed=("a", "b")))
    laid.cut()
    laid.mend()
    assert (laid.asked[-1:], laid.hears("a")) == (["POST bridges/mix~1/addChannel"], ["5001"])


@pytest.mark.parametrize("failing", [(500,), (0, 500)])
def test_a_line_that_can_t_be_cleared_is_taken_down(laid: Dry, failing: tuple[int, ...]) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.do(HoldLeg(1, music=("a",)), MuteLeg(2, "a", True))
    laid.fail(*failing)
    assert laid.do(DropLeg(3, "a")) == [OrderDone(3), LegEnded("a")]
    assert laid.likeness.lines("5000") == []
    laid.dial("b", "5000")
    assert laid.channel("b").state == "Ringing"


def test_so_is_one_on_which_nothing_can_be_announced(laid: Dry) -> None:
    laid.fail(500)
    assert laid.dial("a", "5000") == [OrderDone(1001), LegRinging("a"), LegEnded("a")]
    assert laid.likeness.lines("5000") == []


def test_it_is_hung_up_even_if_that_fails_at_first(laid: Dry) -> None:
    laid.fail(500, 500)
    laid.dial("a", "5000")
    assert laid.wait(1.0) == [LegEnded("a")]


def test_one_that_can_t_be_answered_is_none(dry: Dry) -> None:
    dry.fail(500)
    dry.likeness.dial("5000", "*55")
    dry.pump()
    assert (dry.likeness.lines("5000"), dry.driver._nailing.has("179525.0")) == ([], False)


@pytest.mark.parametrize("order", [HoldLeg(2, quiet=("a",)), JoinLegs(2, "other", mixed=("a",))])
def test_a_line_is_silent_even_if_what_was_under_way_fails(laid: Dry, order: HoldLeg | JoinLegs) -> None:
    laid.dial("a", "5000", auto_answer=True)
    laid.do(HoldLeg(1, music=("a",)))
    laid.begin(order, DropLeg(3, "a"))
    laid.fail(500)
    laid.pump()
    assert (laid.likeness.hears(nail(laid)), nail(laid).bridge, laid.likeness.bridges) == (set(), "", {})


@pytest.mark.parametrize("answered", [True, False])
def test_a_line_that_an_earlier_process_laid_goes_on_with_its_call(laid: Dry, answered: bool) -> None:
    laid.dial("a", "5000")
    reports = laid.begin_anew(row("a", "5000", "", answered=answered))
    (snapshot,) = [one for one in reports if isinstance(one, SwitchSnapshot)]
    assert [(leg.leg, leg.answered, leg.ringing) for leg in snapshot.legs] == [("a", answered, not answered)]
    assert laid.do(DropLeg(1, "a")) == [OrderDone(1), LegEnded("a")]
    assert laid.begin_anew() == [SwitchSnapshot()]
    assert laid.dial("b", "5000")[-1] == LegRinging("b")
