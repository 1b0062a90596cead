import pytest
from tests.kit.asterisk_dry import Dry

from cordboard.calls.model import MonitorKind, Recording
from cordboard.calls.orders import AnyOrder, DropLeg, HoldLeg, JoinLegs, RingLeg, SpyLeg, StartRecording, StopRecording
from cordboard.calls.records import Tape
from cordboard.calls.reports import LegEnded, OrderDone, OrderFailed, RecordingEnded
from cordboard.switches.ari.tracker import AnswerMode

A, B, C = "a", "b", "c"


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up(A, B, C)
    return made


def join(*legs: str, order: int = 1, mix: str = "mix") -> JoinLegs:
    return JoinLegs(order, mix, mixed=legs)


def test_a_mix_is_made_when_it_is_needed_and_goes_with_the_last(dry: Dry) -> None:
    assert dry.do(join(A, B)) == [OrderDone(1)]
    assert dry.asked == ["POST bridges/mix~1", "POST bridges/mix~1/addChannel"]
    assert (dry.hears(A), dry.hears(B)) == (["5001"], ["5000"])
    dry.do(join(C, order=2))
    assert dry.asked == ["POST bridges/mix~1/addChannel"]
    dry.do(HoldLeg(3, music=(A, B), quiet=(C,)))
    assert dry.asked[-1] == "DELETE bridges/mix~1"
    assert [dry.hears(leg) for leg in (A, B, C)] == [["music"], ["music"], ["silence"]]


def test_music_and_ringing_stop_before_a_leg_joins(dry: Dry) -> None:
    dry.do(HoldLeg(1, music=(A,)), RingLeg(2, ringback=(B,)))
    assert (dry.hears(A), dry.hears(B)) == (["music"], ["ringback"])
    dry.do(join(A, B))
    assert dry.asked == [
        "POST bridges/mix~1",
        "DELETE channels/a/moh",
        "DELETE channels/b/ring",
        "POST bridges/mix~1/addChannel",
    ]


def test_who_is_there_already_is_not_moved(dry: Dry) -> None:
    dry.do(join(A, B))
    assert dry.do(join(A, B, order=2), HoldLeg(3, music=())) == [OrderDone(2), OrderDone(3)]
    assert dry.asked == []


def test_a_move_to_another_mix_is_one_request(dry: Dry) -> None:
    dry.do(join(A, B), join(C, order=2, mix="other"))
    dry.do(join(B, order=3, mix="other"))
    assert dry.asked == ["POST bridges/other~2/addChannel"]
    assert (dry.hears(A), dry.hears(B)) == (["silence"], ["5002"])


def test_who_dialled_is_answered_by_being_connected(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.do(RingLeg(1, ringback=(channel.id,)))
    assert channel.state == "Ring"
    dry.do(join(A, channel.id, order=2))
    assert f"POST channels/{channel.id}/answer" in dry.asked
    assert channel.state == "Up"


def test_who_could_not_be_answered_is_with_the_next_order(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.fail(0, 500)
    (failed,) = dry.do(join(A, channel.id))
    assert isinstance(failed, OrderFailed)
    assert channel.state == "Ring"
    assert dry.do(join(A, channel.id, order=2)) == [OrderDone(2)]
    assert channel.state == "Up"
    dry.do(HoldLeg(3, music=(channel.id,)), join(channel.id, order=4))
    assert f"POST channels/{channel.id}/answer" not in dry.asked


def test_who_was_to_be_answered_as_the_link_was_lost_is_when_it_is_back(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.begin(join(A, channel.id))
    dry.cut()
    dry.mend()
    assert channel.state == "Ring"
    dry.do(join(A, channel.id, order=2))
    assert (channel.state, dry.hears(channel.id)) == ("Up", ["5000"])


def test_music_answers_too(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.do(HoldLeg(1, music=(channel.id,)))
    assert (channel.state, dry.hears(channel.id)) == ("Up", ["music"])


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (join(A, "gone"), "there is no leg 'gone'"),
        (HoldLeg(1, quiet=("gone",)), "there is no leg 'gone'"),
        (join(A, mix="music"), "'music' can't be the name of a mix"),
        (join(A, mix=""), "'' can't be the name of a mix"),
        (SpyLeg(1, A, "mix", "gone", MonitorKind.COACH), "there is no leg 'gone'"),
    ],
)
def test_what_can_t_be_is_said_and_nothing_changes(dry: Dry, order: AnyOrder, why: str) -> None:
    assert dry.do(order) == [OrderFailed(1, why)]
    assert dry.asked == []


def test_a_leg_that_is_being_dropped_is_not_there(dry: Dry) -> None:
    assert dry.begin(DropLeg(1, A), join(A, B, order=2)) == [OrderFailed(2, "there is no leg 'a'")]


def test_who_does_not_talk_yet_can_t_spy(dry: Dry) -> None:
    dry.dial("d", "5003")
    assert dry.do(SpyLeg(1, "d", "mix", "", MonitorKind.LISTEN_IN)) == [OrderFailed(1, "leg 'd' is not answered")]


def test_a_supervisor_is_heard_by_nobody_by_all_or_by_the_target(dry: Dry) -> None:
    dry.do(join(A, B))
    for order, kind, hearers in (
        (2, MonitorKind.LISTEN_IN, []),
        (3, MonitorKind.COACH, [A]),
        (4, MonitorKind.COACH, [A]),
        (5, MonitorKind.BARGE_IN, [A, B]),
    ):
        assert dry.do(SpyLeg(order, C, "mix", A, kind)) == [OrderDone(order)]
        assert [leg for leg in (A, B) if "5002" in dry.hears(leg)] == hearers
        assert dry.hears(C) == ["5000", "5001"]
    dry.do(SpyLeg(6, C, "mix", A, MonitorKind.PROMPT))
    assert ("5002" in dry.hears(A), "5002" in dry.hears(B), dry.hears(C)) == (True, False, ["silence"])


def test_a_coach_that_is_placed_leaves_its_snooper_and_both_mixes(dry: Dry) -> None:
    dry.do(join(A), SpyLeg(2, C, "mix", A, MonitorKind.COACH))
    dry.do(HoldLeg(3, music=(A,)))
    dry.do(HoldLeg(4, music=(C,)))
    assert dry.asked[-1] == "DELETE bridges/mix~1"
    assert (dry.likeness.bridges, dry.hears(C)) == ({}, ["music"])


# -- bridges that stay ----------------------------------------------------------------------------------------------


def consulting(dry: Dry) -> None:
    """A waits with music while B, the agent, asks C."""
    dry.do(HoldLeg(1, music=(A,)), join(B, C, order=2, mix="consult"))


def complete(leaving: str = B, order: int = 3) -> JoinLegs:
    return JoinLegs(order, "mix", mixed=(A, C), leaving=(leaving,))


def test_whoever_is_handed_over_comes_to_where_the_target_is(dry: Dry) -> None:
    consulting(dry)
    assert dry.do(complete()) == [OrderDone(3)]
    assert dry.asked == ["DELETE channels/a/moh", "POST bridges/consult~1/addChannel"]
    dry.do(DropLeg(4, B))
    assert dry.asked == ["DELETE channels/b"]
    assert (dry.hears(A), dry.hears(C)) == (["5002"], ["5000"])
    dry.do(DropLeg(5, A), DropLeg(6, C))
    assert (dry.asked[-1], dry.likeness.bridges) == ("DELETE bridges/consult~1", {})


def test_whoever_leaves_for_music_meanwhile_does_not_matter(dry: Dry) -> None:
    consulting(dry)
    dry.do(JoinLegs(3, "mix", mixed=(A, B), music=(C,)))
    assert "POST bridges/mix~2" not in dry.asked
    assert [dry.hears(leg) for leg in (A, B, C)] == [["5001"], ["5000"], ["music"]]


def test_a_bridge_stays_with_those_who_stay_in_it(dry: Dry) -> None:
    consulting(dry)
    dry.do(complete(leaving="somebody else"))
    assert (dry.asked[0], dry.hears(B), dry.hears(C)) == ("POST bridges/mix~2", ["silence"], ["5000"])


def test_a_bridge_that_is_recorded_stays(dry: Dry) -> None:
    consulting(dry)
    dry.do(StartRecording(7, "rec", "consult", "call", "5001"))
    dry.do(complete())
    assert dry.asked[0] == "POST bridges/mix~2"


def test_whoever_has_a_bridge_needs_no_other(dry: Dry) -> None:
    dry.do(join(A, B), join(C, order=2, mix="consult"))
    dry.do(complete())
    assert dry.asked == ["POST bridges/mix~1/addChannel", "DELETE bridges/consult~2"]


def test_a_supervisor_who_only_listens_is_let_in(dry: Dry) -> None:
    """It is not heard where it is: it can't stay there as it is."""
    dry.do(HoldLeg(1, music=(A,)), SpyLeg(2, C, "consult", "", MonitorKind.LISTEN_IN))
    dry.do(complete())
    assert (dry.hears(A), dry.hears(C)) == (["5002"], ["5000"])


def test_if_nobody_can_be_handed_over_the_others_go_on_talking(dry: Dry) -> None:
    consulting(dry)
    dry.fail(0, 500)
    (report,) = dry.do(complete())
    assert report == OrderFailed(3, "POST bridges/consult~1/addChannel: 500 it was told to fail")
    assert (dry.hears(B), dry.hears(C)) == (["5002"], ["5001"])
    assert dry.do(join(B, C, order=4, mix="consult"), HoldLeg(5, music=(A,))) == [OrderDone(4), OrderDone(5)]
    assert "POST bridges/consult~1/addChannel" not in dry.asked
    assert [dry.hears(leg) for leg in (A, B, C)] == [["music"], ["5002"], ["5001"]]
    assert list(dry.likeness.bridges) == ["consult~1"]


def test_if_the_others_were_never_brought_together_nobody_is_handed_over(dry: Dry) -> None:
    dry.do(HoldLeg(1, music=(A,)))
    dry.fail(500)
    dry.begin(join(B, C, order=2, mix="consult"), complete())
    assert {type(report) for report in dry.pump()} == {OrderFailed}
    assert dry.do(join(B, C, order=4, mix="consult"), HoldLeg(5, music=(A,))) == [OrderDone(4), OrderDone(5)]
    assert [dry.hears(leg) for leg in (A, B, C)] == [["music"], ["5002"], ["5001"]]


# -- failures --------------------------------------------------------------------------------------------------------


def test_a_mix_that_can_t_be_made_is_asked_for_again(dry: Dry) -> None:
    dry.fail(500)
    (report,) = dry.do(join(A, B))
    assert report == OrderFailed(1, "POST bridges/mix~1: 500 it was told to fail")
    assert dry.do(join(A, B, order=2)) == [OrderDone(2)]
    assert (dry.hears(A), list(dry.likeness.bridges)) == (["5001"], ["mix~2"])


def test_a_recording_of_a_mix_that_could_not_be_made_is_none(dry: Dry) -> None:
    dry.fail(500)
    dry.begin(StartRecording(1, "rec", "mix", "call", "5000"))
    dry.begin(join(A, order=2))
    reports = dry.pump()
    assert {type(report) for report in reports} == {OrderFailed}
    assert dry.do(join(A, order=3), StopRecording(4, "rec")) == [OrderDone(4), OrderDone(3)]
    assert dry.likeness.recordings == {}


def test_what_failed_is_in_doubt_and_brought_in_order_by_what_comes_next(dry: Dry) -> None:
    dry.do(join(A, B), HoldLeg(2, music=(C,)))
    dry.fail(0, 500)  # the music stops, but it can't be added
    (report,) = dry.do(join(C, order=3))
    assert isinstance(report, OrderFailed)
    assert dry.hears(C) == ["silence"]
    assert dry.do(HoldLeg(4, music=(C,))) == [OrderDone(4)]
    assert dry.hears(C) == ["music"]
    assert "POST bridges/mix~1/removeChannel" in dry.asked, "it might have been there"


def test_orders_that_build_on_one_that_fails_do_so_too(dry: Dry) -> None:
    dry.do(join(A, B))
    dry.fail(500)
    assert dry.begin(HoldLeg(2, music=(A,)), join(A, order=3), join(A, B, order=4)) == []
    failed = [report.order for report in dry.pump() if isinstance(report, OrderFailed)]
    assert failed == [2, 3, 4]
    assert dry.do(join(A, B, order=5)) == [OrderDone(5)]
    assert dry.hears(B) == ["5000"]


def test_an_order_that_takes_several_over_waits_for_all_of_them(dry: Dry) -> None:
    dry.begin(HoldLeg(1, music=(A,)), HoldLeg(2, music=(B,)), HoldLeg(3, music=(A, B)))
    assert dry.pump() == [OrderDone(1), OrderDone(2), OrderDone(3)]


def test_a_leg_that_ends_meanwhile_needs_no_place(dry: Dry) -> None:
    dry.do(join(A, B))
    dry.begin(HoldLeg(2, music=(A, B)))
    dry.likeness.hang_up(dry.channel(A))
    reports = dry.pump()
    assert [report for report in reports if isinstance(report, OrderFailed)] != []
    assert dry.do(HoldLeg(3, music=(B,))) == [OrderDone(3)]
    assert dry.hears(B) == ["music"]


def test_a_failed_supervisor_leaves_nothing_behind(dry: Dry) -> None:
    dry.do(join(A, B))
    dry.fail(0, 0, 500)  # its bridge is there, and it is in it, but there is no snooper
    (report,) = dry.do(SpyLeg(2, C, "mix", A, MonitorKind.COACH))
    assert isinstance(report, OrderFailed)
    assert list(dry.likeness.bridges) == ["mix~1"]
    assert dry.do(SpyLeg(3, C, "mix", A, MonitorKind.COACH)) == [OrderDone(3)]
    assert dry.hears(C) == ["5000", "5001"]


# -- telephones that hold --------------------------------------------------------------------------------------------


def test_a_telephone_that_holds_is_asked_to_take_the_line_back(dry: Dry) -> None:
    dry.likeness.hold(dry.channel(A))
    dry.pump()
    assert dry.do(join(A, B))[-1] == OrderDone(1)
    assert not dry.channel(A).held


def test_so_is_a_supervisor_s(dry: Dry) -> None:
    dry.likeness.hold(dry.channel(C))
    dry.pump()
    assert dry.do(join(A, B), SpyLeg(2, C, "mix", A, MonitorKind.LISTEN_IN))[-1] == OrderDone(2)
    assert not dry.channel(C).held


def test_a_recording_keeps_a_mix_that_nobody_is_in(dry: Dry) -> None:
    dry.do(join(A), StartRecording(2, "rec", "mix", "call", "5000"))
    dry.do(HoldLeg(3, music=(A,)))
    assert list(dry.likeness.bridges) == ["mix~1"]
    assert dry.do(StopRecording(4, "rec")) == [OrderDone(4), RecordingEnded("rec")]
    assert dry.likeness.bridges == {}


def test_a_channel_that_stays_when_its_leg_ends_hears_nothing() -> None:
    dry = Dry(AnswerMode.NAILED_UP)
    dry.up(A)
    dry.do(join(A))
    (channel,) = dry.likeness.channels.values()
    assert dry.do(DropLeg(2, A)) == [OrderDone(2), LegEnded(A)]
    assert (channel.state, dry.likeness.hears(channel), dry.likeness.bridges) == ("Up", set(), {})


def test_a_mix_without_a_bridge_leaves_none_behind(dry: Dry) -> None:
    dry.do(StartRecording(1, "rec", "gone", "call", "5000"))
    dry.likeness.bridges.clear()
    dry.begin_anew(tapes=[Tape("rec", "gone", Recording.RECORDING, call="call", starter="5000")])
    dry.forget()
    assert dry.do(StopRecording(2, "rec"))[0] == OrderDone(2)
    assert not any("DELETE bridges" in request for request in dry.asked)
