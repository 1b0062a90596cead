"""What an earlier process had ordered, and what the next one makes of it."""

import msgspec
import pytest
from tests.kit.asterisk_dry import Dry, row
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import LegId, MonitorKind, Recording
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, HoldLeg, JoinLegs, RingLeg, SpyLeg, StartRecording
from cordboard.calls.records import MUSIC, QUIET, RINGBACK, Leg, Place, Spying, Tape
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegRinging,
    LegSeen,
    OrderDone,
    RecordingSeen,
    SwitchSnapshot,
)
from cordboard.switches.ari.tracker import AnswerMode


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up("a", "b", "c")
    made.do(JoinLegs(1, "first", mixed=("a", "b")))
    made.forget()
    return made


@pytest.fixture
def laid() -> Dry:
    """The line of 5000 is laid."""
    made = Dry(AnswerMode.NAILED_UP)
    made.likeness.dial("5000", "*55")
    made.pump()
    return made


def seen(reports: list[AnyReport]) -> SwitchSnapshot:
    (snapshot,) = [report for report in reports if isinstance(report, SwitchSnapshot)]
    return snapshot


def places(reports: list[AnyReport]) -> dict[LegId, Place]:
    return {leg.leg: leg.place for leg in seen(reports).legs}


def nail(dry: Dry, number: str = "5000") -> Channel:
    (channel,) = dry.likeness.lines(number)
    return channel


# -- bridges ---------------------------------------------------------------------------------------------------------


def test_a_bridge_that_was_handed_on_is_that_of_the_mix_in_which_its_legs_are(dry: Dry) -> None:
    dry.do(JoinLegs(2, "second", mixed=("a", "c"), leaving=("b",)), DropLeg(3, "b"))
    assert list(dry.likeness.bridges) == ["first~1"]
    reports = dry.begin_anew(row("a", "5000", "second", 2), row("c", "5002", "second", 2))
    assert places(reports) == {"a": "second", "c": "second"}
    assert (dry.hears("a"), dry.hears("c")) == (["5002"], ["5000"])
    assert not [request for request in dry.asked if "bridges" in request]


def test_so_it_is_while_one_is_still_to_be_brought_there(dry: Dry) -> None:
    reports = dry.begin_anew(
        row("a", "5000", "second", 2), row("b", "5001", "", 2), row("c", "5002", "second", 2), unanswered=[2]
    )
    assert places(reports) == {"a": "second", "b": "second", "c": ""}
    assert dry.do(JoinLegs(3, "second", mixed=("c",))) == [OrderDone(3)]
    assert dry.hears("c") == ["5000", "5001"]


def test_a_mix_that_has_a_bridge_of_its_own_keeps_it(dry: Dry) -> None:
    dry.do(JoinLegs(2, "second", mixed=("c",)))
    reports = dry.begin_anew(row("a", "5000", "second", 3), row("b", "5001", "", 3), row("c", "5002", "second", 2))
    assert places(reports) == {"a": "first", "b": "first", "c": "second"}


def test_legs_that_were_meant_to_part_are_where_they_were(dry: Dry) -> None:
    reports = dry.begin_anew(row("a", "5000", "second", 2), row("b", "5001", "third", 2), row("c", "5002", ""))
    assert (places(reports)["a"], places(reports)["b"]) == ("first", "first")


def test_what_is_recorded_tells_which_mix_it_is(dry: Dry) -> None:
    dry.do(JoinLegs(2, "second", mixed=("a", "c"), leaving=("b",)), DropLeg(3, "b"))
    dry.do(StartRecording(4, "rec", "second", "call", "5000"))
    tape = Tape("rec", "second", Recording.RECORDING, call="call", starter="5000", parties=("5000",))
    legs = (row("a", "5000", MUSIC, 5), row("c", "5002", MUSIC, 5))
    reports = dry.begin_anew(*legs, tapes=[tape], unanswered=[5])
    assert places(reports) == {"a": "second", "c": "second"}
    assert seen(reports).recordings == (RecordingSeen("rec"),)
    dry.do(HoldLeg(6, music=("a", "c")))
    dry.do(JoinLegs(7, "second", mixed=("a", "c")))
    assert list(dry.likeness.recordings) == ["rec.2"]


def test_new_bridges_have_names_that_no_earlier_process_gave(dry: Dry) -> None:
    dry.do(JoinLegs(2, "second", mixed=("a", "c"), leaving=("b",)), DropLeg(3, "b"))
    dry.begin_anew(row("a", "5000", "second", 2), row("c", "5002", "second", 2))
    assert dry.do(JoinLegs(4, "first", mixed=("c",))) == [OrderDone(4)]
    assert sorted(dry.likeness.bridges) == ["first~1", "first~1001"]


# -- what is heard outside of bridges --------------------------------------------------------------------------------


def test_music_and_ringing_go_on(dry: Dry) -> None:
    dry.do(HoldLeg(2, music=("a",), quiet=("b",)), RingLeg(3, ringback=("c",)))
    dry.forget()
    reports = dry.begin_anew(row("a", "5000", MUSIC, 2), row("b", "5001", QUIET, 2), row("c", "5002", RINGBACK, 3))
    assert places(reports) == {"a": MUSIC, "b": QUIET, "c": RINGBACK}
    assert dry.asked == []
    dry.do(JoinLegs(4, "first", mixed=("a", "b", "c")))
    assert dry.hears("a") == ["5001", "5002"]


def test_what_nobody_has_answered_is_in_doubt_and_does_not_stop_meanwhile(dry: Dry) -> None:
    dry.do(HoldLeg(2, music=("a",)), RingLeg(3, ringback=("c",)))
    dry.forget()
    legs = (row("a", "5000", MUSIC, 2), row("b", "5001", QUIET, 2), row("c", "5002", RINGBACK, 3))
    reports = dry.begin_anew(*legs, unanswered=[2, 3])
    assert places(reports) == {"a": "", "b": "first", "c": ""}
    assert [one for one in dry.asked if "5001" not in one and "channels/b" not in one] == []
    dry.do(HoldLeg(4, music=("a",)), RingLeg(5, ringback=("c",)))
    assert not any("DELETE channels/a/moh" in one or "DELETE channels/c/ring" in one for one in dry.asked)
    assert (dry.hears("a"), dry.hears("c")) == (["music"], ["ringback"])


def test_whoever_called_hears_ringing_on(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.do(RingLeg(2, ringback=(channel.id,)))
    leg = Leg(channel.id, "5003", place=RINGBACK, order=2, outgoing=False)
    assert places(dry.begin_anew(leg))[channel.id] == RINGBACK
    assert dry.hears(channel.id) == ["ringback"]


# -- lines that stay open --------------------------------------------------------------------------------------------


def test_a_call_on_a_line_that_stays_open_goes_on(laid: Dry) -> None:
    laid.dial("x", "5000", auto_answer=True)
    laid.dial("y", "5001", auto_answer=True)
    laid.do(JoinLegs(1, "mix", mixed=("x", "y")))
    reports = laid.begin_anew(row("x", "5000", "mix"), row("y", "5001", "mix"))
    assert seen(reports).legs == (
        LegSeen("x", "5000", True, False, "mix", None),
        LegSeen("y", "5001", True, False, "mix", None),
    )
    assert laid.hears("x") == ["5001"]
    assert laid.do(DropLeg(2, "x")) == [OrderDone(2), LegEnded("x")]
    assert (nail(laid).state, laid.dial("z", "5000")[-1]) == ("Up", LegRinging("z"))


def test_the_first_call_on_a_line_keeps_it_open_over_a_restart(laid: Dry) -> None:
    laid.dial("y", "5001")
    laid.likeness.pick_up(laid.channel("y"))
    laid.pump()
    laid.begin_anew(row("y", "5001", QUIET))
    laid.do(DropLeg(1, "y"))
    assert nail(laid, "5001").state == "Up"


def test_a_call_rings_on_in_its_owner_s_ear_and_is_answered(laid: Dry) -> None:
    laid.dial("x", "5000")
    reports = laid.begin_anew(row("x", "5000", "", answered=False))
    assert seen(reports).legs == (LegSeen("x", "5000", False, True, "", None),)
    assert laid.hears("x") == ["ringback"]
    assert laid.do(AnswerLeg(1, "x")) == [LegAnswered("x"), OrderDone(1)]
    reports = laid.begin_anew(row("x", "5000", RINGBACK, 2))
    assert places(reports) == {"x": ""}, "that ringing was not ordered by the board, so it is in doubt"


def test_one_that_was_just_going_to_ring_is_ordered_again(laid: Dry) -> None:
    laid.begin(DialLeg(1, "x", "5000", "0123", "call"))
    reports = laid.begin_anew(row("x", "5000", "", 1, answered=False), unanswered=[1])
    assert seen(reports).legs == ()
    assert laid.dial("x", "5000")[-1] == LegRinging("x")


def test_a_line_without_a_call_waits_for_the_next(laid: Dry) -> None:
    nail(laid).music = True
    assert seen(laid.begin_anew()).legs == ()
    assert laid.likeness.hears(nail(laid)) == set()
    assert laid.dial("x", "5000")[-1] == LegRinging("x")


def test_a_second_line_without_a_call_is_ended_as_any_stranger(laid: Dry) -> None:
    laid.likeness.dial("5000", "5001")
    laid.pump()
    stray = laid.likeness.lines("5000")[1]
    stray.state = "Up"
    assert [leg.leg for leg in seen(laid.begin_anew()).legs] == [stray.id]


def test_who_dialled_to_have_a_line_laid_while_the_process_died_has_it() -> None:
    dry = Dry(AnswerMode.NAILED_UP)
    dry.likeness.dial("5000", "*55")
    dry.likeness.take()
    assert seen(dry.begin_anew()).legs == ()
    assert nail(dry).state == "Up"


# -- telephones ------------------------------------------------------------------------------------------------------


def test_a_channel_that_was_not_rung_yet_is_made_anew(dry: Dry) -> None:
    dry.begin(DialLeg(5, "d", "5003", "0123", "call"))
    dry.step()
    dry.driver.outbox.requests.clear()
    reports = dry.begin_anew(row("d", "5003", "", 5, answered=False), unanswered=[5])
    assert "d" not in places(reports)
    assert LegRinging("d") in dry.dial("d", "5003")
    assert [channel.id for channel in dry.likeness.lines("5003")] == ["d~0"]


def test_a_telephone_is_called_anew_under_a_new_name_and_shown_who_calls() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    dry.channel("a").connected = "0123"
    dry.begin_anew(row("a", "5000", "", answered=False))
    dry.do(AnswerLeg(1, "a"))
    assert (dry.channel("a").id, dry.line("a").caller) == ("a~1", "0123")
    dry.begin_anew(row("a", "5000", "", answered=False))
    assert dry.line("a").redialled == 1


# -- what telephones and supervisors do ------------------------------------------------------------------------------


def test_what_a_telephone_holds_is_in_the_snapshot_and_not_told_besides(dry: Dry) -> None:
    dry.likeness.hold(dry.channel("a"))
    reports = dry.begin_anew(row("a", "5000", "first"), row("b", "5001", "first"))
    assert [leg.leg for leg in seen(reports).legs if leg.held] == ["a"]
    assert not any(isinstance(report, LegHeld) for report in reports)


@pytest.mark.parametrize("kind", [MonitorKind.LISTEN_IN, MonitorKind.BARGE_IN])
def test_whether_a_supervisor_is_heard_is_not_taken_for_granted(dry: Dry, kind: MonitorKind) -> None:
    """It had just been ordered otherwise when the process died."""
    was = MonitorKind.BARGE_IN if kind is MonitorKind.LISTEN_IN else MonitorKind.LISTEN_IN
    dry.do(SpyLeg(2, "c", "first", "", was))
    spies = msgspec.structs.replace(row("c", "5002", "first", 3), spying=Spying(kind, ""))
    dry.begin_anew(row("a", "5000", "first"), row("b", "5001", "first"), spies, unanswered=[3])
    dry.do(SpyLeg(4, "c", "first", "", kind))
    assert ("5002" in dry.hears("a")) is (kind is MonitorKind.BARGE_IN)
