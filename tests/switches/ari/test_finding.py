import pytest
from tests.kit.asterisk_dry import Dry, row
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import MonitorKind, Recording
from cordboard.calls.orders import (
    AnswerLeg,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    RingLeg,
    SpyLeg,
    StartRecording,
)
from cordboard.calls.records import MUSIC, RINGBACK, Tape
from cordboard.calls.reports import AnyReport, LegOffered, LegRinging, LegSeen, OrderDone, SwitchDown, SwitchSnapshot
from cordboard.switches.ari.coaching import BRIDGE_NAME
from cordboard.switches.ari.driver import Driver, DriverSettings
from cordboard.switches.ari.tracker import AnswerMode


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up("a", "b")
    made.do(JoinLegs(1, "mix", mixed=("a", "b")))
    made.forget()
    return made


def seen(reports: list[AnyReport]) -> dict[str, LegSeen]:
    snapshot = next(report for report in reports if isinstance(report, SwitchSnapshot))
    return {leg.leg: leg for leg in snapshot.legs}


def test_everything_is_as_it_was(dry: Dry) -> None:
    dry.do(HoldLeg(2, music=("a",)), MuteLeg(3, "b", True))
    dry.dial("c", "5002")
    dry.cut()
    assert dry.heard[-1] == SwitchDown()
    assert seen(dry.mend()) == {
        "a": LegSeen("a", "5000", True, False, "music"),
        "b": LegSeen("b", "5001", True, False, "mix", muted=True),
        "c": LegSeen("c", "5002", False, True, ""),
    }


def test_what_became_of_legs_meanwhile_is_found(dry: Dry) -> None:
    dry.dial("c", "5002")
    dry.cut()
    dry.likeness.pick_up(dry.channel("c"))
    dry.likeness.hang_up(dry.channel("a"))
    assert seen(dry.mend()) == {
        "b": LegSeen("b", "5001", True, False, "mix"),
        "c": LegSeen("c", "5002", True, False, ""),
    }


def test_a_leg_that_was_made_but_not_rung_is_rung(dry: Dry) -> None:
    dry.begin(DialLeg(5, "c", "5002", "0123", "call"))
    dry.step()
    dry.cut()
    assert LegRinging("c") in dry.mend()


def test_a_leg_that_was_not_made_is_none(dry: Dry) -> None:
    dry.begin(DialLeg(5, "c", "5002", "0123", "call"))
    dry.cut()
    assert "c" not in seen(dry.mend())


def test_legs_that_were_being_moved_are_where_they_are(dry: Dry) -> None:
    dry.begin(HoldLeg(2, music=("a",), quiet=("b",)))
    dry.step()
    dry.cut()
    found = seen(dry.mend())
    assert (found["a"].place, found["b"].place) == ("mix", ""), "the first is the one that is to be quiet"
    assert dry.do(HoldLeg(3, music=("a", "b"))) == [OrderDone(3)]
    assert (dry.hears("a"), dry.hears("b")) == (["music"], ["music"])


def test_tones_that_are_in_doubt_end_with_the_next_placement(dry: Dry) -> None:
    dry.begin(RingLeg(2, ringback=("a",)))
    dry.step()
    dry.step()
    dry.cut()
    dry.mend()
    dry.do(JoinLegs(3, "mix", mixed=("a",)))
    assert dry.hears("a") == ["5001"]


def test_who_was_being_muted_is(dry: Dry) -> None:
    dry.begin(MuteLeg(2, "a", True), MuteLeg(3, "b", True))
    dry.cut()
    dry.likeness.hang_up(dry.channel("b"))
    assert seen(dry.mend())["a"].muted
    assert dry.channel("a").muted


def test_channels_of_a_former_run_are_told_like_all_others(dry: Dry) -> None:
    dry.driver = Dry().driver
    assert seen(dry.mend()) == {
        "a": LegSeen("a", "5000", True, False, "mix", None),
        "b": LegSeen("b", "5001", True, False, "mix", None),
    }
    dry.cut()
    assert seen(dry.mend())["a"].muted is False


def test_what_a_former_run_let_somebody_hear_ends(dry: Dry) -> None:
    """Asterisk does not tell of it."""
    dry.do(HoldLeg(2, music=("a",), quiet=("b",)))
    assert dry.hears("a") == ["music"]
    channel = dry.channel("a")
    dry.driver = Dry().driver
    assert seen(dry.mend())["a"].place == ""
    dry.pump()
    assert not channel.music


def test_a_channel_in_a_state_that_nobody_knows_is_being_called(dry: Dry) -> None:
    stranger = dry.likeness.channels["x"] = Channel("x~1", "PJSIP/5002-0000000a", "5002", "Busy")
    assert stranger.id == "x~1"
    dry.cut()
    assert seen(dry.mend())["x"] == LegSeen("x", "5002", False, False, "", None)


def test_who_dialled_just_now_is_offered_and_not_in_the_snapshot(dry: Dry) -> None:
    dry.cut()
    dry.likeness.serving = True
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    reports = dry.mend(channel.id)
    assert channel.id not in seen(reports)
    assert LegOffered(channel.id, "5003", "5000") in reports


def test_bridges_and_snoopers_that_nobody_needs_are_swept(dry: Dry) -> None:
    dry.up("a2", "b2", "c")
    dry.do(SpyLeg(5, "c", "mix", "a", MonitorKind.COACH))
    dry.likeness.bridges |= {"empty~1": BRIDGE_NAME, "theirs": "another program"}
    dry.cut()
    dry.mend()
    dry.do(HoldLeg(6, music=("c",)))
    assert sorted(dry.likeness.bridges) == ["mix~1", "theirs"]
    assert not any(one.snoops for one in dry.likeness.channels.values())


def test_of_two_bridges_of_a_mix_the_fuller_one_is_it(dry: Dry) -> None:
    dry.up("x", "y", "c")
    dry.do(JoinLegs(2, "mix", mixed=("c",)))
    dry.likeness.bridges["mix~0"] = BRIDGE_NAME
    dry.channel("c").bridge = "mix~0"
    dry.cut()
    found = seen(dry.mend())
    assert (found["a"].place, found["c"].place) == ("mix", "")
    assert list(dry.likeness.bridges) == ["mix~1"]


def test_a_mix_that_is_gone_holds_nobody(dry: Dry) -> None:
    dry.cut()
    for leg in ("a", "b"):
        dry.channel(leg).bridge = ""
    dry.likeness.bridges.clear()
    assert [leg.place for leg in seen(dry.mend()).values()] == ["", ""]
    assert dry.do(JoinLegs(2, "mix", mixed=("a", "b"))) == [OrderDone(2)]
    assert dry.hears("a") == ["5001"]


@pytest.mark.parametrize("restarted", [False, True])
def test_what_rang_before_a_telephone_was_called_anew_is_swept(restarted: bool) -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    dry.fail(500)
    dry.do(AnswerLeg(1, "a"))
    assert list(dry.likeness.channels) == ["a", "a~1"]
    dry.cut()
    if restarted:
        dry.driver = Driver(DriverSettings())
    (leg,) = seen(dry.mend()).values()
    assert (leg.leg, leg.answered) == ("a", True)
    assert list(dry.likeness.channels) == ["a~1"]


def test_a_line_without_a_call_is_in_nobody_s_conversation() -> None:
    """The link broke before it was taken out."""
    dry = Dry(AnswerMode.NAILED_UP)
    dry.up("a", "b", "c")
    dry.do(JoinLegs(1, "mix", mixed=("a", "b", "c")), MuteLeg(2, "c", True))
    dry.begin(DropLeg(3, "c"))
    dry.cut()
    dry.mend()
    (nail,) = dry.likeness.lines("5002")
    assert (nail.bridge, nail.muted, dry.hears("a")) == ("", False, ["5001"])


def test_what_somebody_dialled_whom_a_former_run_did_not_hear_of_is_told(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.driver = Dry().driver
    dry.likeness.take()
    found = seen(dry.mend())[channel.id]
    assert (found.answered, found.dialled, found.external) == (False, "5000", False)
    dry.cut()
    assert seen(dry.mend())[channel.id].dialled == ""


def test_what_an_earlier_process_had_ordered_goes_on(dry: Dry) -> None:
    dry.dial("c", "5002")
    dry.likeness.pick_up(dry.channel("c"))
    dry.pump()
    dry.do(HoldLeg(2, music=("c",)))
    found = seen(dry.begin_anew(row("a", "5000", "mix"), row("b", "5001", "mix"), row("c", "5002", MUSIC, 2)))
    assert {leg.leg: leg.place for leg in found.values()} == {"a": "mix", "b": "mix", "c": MUSIC}
    found = seen(dry.begin_anew(row("c", "5002", MUSIC, 2), unanswered=[2]))
    assert (found["c"].place, dry.hears("c")) == ("", ["music"]), "it is ordered again, and is not stopped for that"


def test_a_mix_that_is_recorded_is_made_anew_with_the_next_leg(dry: Dry) -> None:
    dry.do(StartRecording(2, "rec", "mix", "call", "5000"), HoldLeg(3, music=("a", "b")))
    dry.likeness.bridges.clear()
    tape = Tape("rec", "mix", Recording.RECORDING, call="call", starter="5000")
    dry.begin_anew(row("a", "5000", MUSIC, 3), row("b", "5001", MUSIC, 3), tapes=[tape])
    assert dry.do(JoinLegs(4, "mix", mixed=("a", "b"))) == [OrderDone(4)]
    assert (list(dry.likeness.bridges), list(dry.likeness.recordings)) == (["mix~1001"], ["rec.2"])


def test_a_channel_that_an_earlier_process_may_not_have_rung_is_hung_up(dry: Dry) -> None:
    dry.begin(DialLeg(5, "c", "5002", "0123", "call"))
    dry.step()
    dry.driver.outbox.requests.clear()
    assert "c" not in seen(dry.begin_anew(row("c", "5002", "", 5, answered=False), unanswered=[5]))
    assert dry.likeness.lines("5002") == []


def test_lines_that_stay_open_are_recognised() -> None:
    dry = Dry(AnswerMode.NAILED_UP)
    dry.up("a", "b")
    dry.do(DropLeg(1, "a"), DropLeg(2, "b"))
    dry.dial("c", "5000")
    dry.do(AnswerLeg(3, "c"))
    dry.likeness.dial("5002", "*55")
    dry.likeness.take()
    found = seen(dry.begin_anew(row("c", "5000", RINGBACK, 4)))
    assert list(found) == ["c"]
    assert (found["c"].answered, found["c"].place) == (True, "")
    assert [channel.state for channel in dry.likeness.channels.values()] == ["Up", "Up", "Up"]
