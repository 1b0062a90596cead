import pytest
from tests.kit.asterisk_dry import Dry, row

from cordboard.calls.model import MonitorKind, Reason
from cordboard.calls.orders import (
    AnswerLeg,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    RingLeg,
    SendDigits,
    SpyLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.reports import (
    LegAnswered,
    LegDigits,
    LegEnded,
    LegHeld,
    LegRetrieved,
    LegRinging,
    LegTransferred,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.ari.tracker import AnswerMode


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up("a", "b")
    return made


def test_orders_of_all_kinds_are_carried_out(dry: Dry) -> None:
    dry.dial("c", "5002")
    reports = dry.do(
        AnswerLeg(1, "c"),
        JoinLegs(2, "mix", mixed=("a", "b")),
        HoldLeg(3, music=("a",)),
        RingLeg(4, ringback=("a",)),
        StartRecording(5, "rec", "mix", "call", "5000"),
        StopRecording(6, "rec"),
        DropLeg(7, "a", Reason.BUSY),
    )
    assert {report.order for report in reports if isinstance(report, OrderDone)} == set(range(1, 8))
    assert {LegAnswered("c"), RecordingEnded("rec"), LegEnded("a", Reason.BUSY)} <= set(reports)


def test_digits_are_sent_to_who_talks(dry: Dry) -> None:
    assert dry.do(SendDigits(1, "a", "12#")) == [OrderDone(1)]
    assert dry.channel("a").digits == "12#"
    dry.dial("c", "5002")
    assert dry.do(SendDigits(2, "c", "1")) == [OrderFailed(2, "leg 'c' is not answered")]
    assert dry.do(SendDigits(3, "gone", "1")) == [OrderFailed(3, "there is no leg 'gone'")]


def test_a_microphone_is_turned_off_and_on(dry: Dry) -> None:
    assert dry.do(MuteLeg(1, "a", True)) == [OrderDone(1)]
    assert dry.channel("a").muted
    assert dry.do(MuteLeg(2, "a", False)) == [OrderDone(2)]
    assert not dry.channel("a").muted


def test_who_could_not_be_muted_is_not(dry: Dry) -> None:
    dry.fail(500)
    (failed,) = dry.do(MuteLeg(1, "a", True))
    assert isinstance(failed, OrderFailed)
    assert not dry.line("a").muted


def test_a_failure_that_is_overtaken_undoes_nothing(dry: Dry) -> None:
    dry.fail(500)
    dry.begin(MuteLeg(1, "a", True), MuteLeg(2, "a", False), MuteLeg(3, "a", True))
    dry.pump()
    assert dry.line("a").muted
    dry.fail(500)
    dry.begin(MuteLeg(4, "a", False), MuteLeg(5, "a", True))
    dry.pump()
    assert dry.line("a").muted


def test_who_is_not_there_is_not_muted(dry: Dry) -> None:
    assert dry.do(MuteLeg(1, "gone", True)) == [OrderFailed(1, "there is no leg 'gone'")]
    assert dry.begin(DropLeg(2, "a"), MuteLeg(3, "a", True)) == [OrderFailed(3, "there is no leg 'a'")]


# -- what Asterisk tells ---------------------------------------------------------------------------------------------


def test_a_leg_s_life_is_told(dry: Dry) -> None:
    assert dry.dial("c", "5002")[1:] == [LegRinging("c")]
    channel = dry.channel("c")
    dry.likeness.pick_up(channel)
    dry.likeness.hold(channel)
    dry.likeness.press(channel, "7")
    dry.likeness.retrieve(channel)
    dry.likeness.hang_up(channel)
    assert dry.pump() == [LegAnswered("c"), LegHeld("c"), LegDigits("c", "7"), LegRetrieved("c"), LegEnded("c")]


def test_events_of_a_channel_that_come_before_the_answer_to_its_making_are_understood(dry: Dry) -> None:
    """So it is when requests go over HTTP."""
    dry.begin(DialLeg(9, "c", "5002", "0123", "call"))
    (number, request) = dry.driver.outbox.requests.pop(0)
    dry.likeness.request(request)
    dry.pump()
    dry.driver.answered(number, 200, "", 0.0)
    dry.flush()
    assert dry.heard == [OrderDone(9), LegRinging("c")]


def test_what_says_nothing_of_our_legs_is_no_news(dry: Dry) -> None:
    stranger = dry.likeness.dial("5003", "5000")
    assert stranger is not None
    dry.likeness.said.clear()
    dry.likeness.pick_up(stranger)
    dry.likeness.hold(stranger)
    dry.likeness.press(stranger, "1")
    dry.likeness.hang_up(stranger)
    dry.likeness.said.append({"type": "ChannelEnteredBridge", "bridge": {"id": "x"}})
    dry.likeness.said.append({"type": "BridgeCreated", "bridge": {"id": "x"}})
    dry.likeness.said.append({"type": "ChannelDestroyed", "channel": stranger.shown()})
    dry.likeness.said.append({"type": "StasisEnd", "channel": dry.channel("a").shown()})
    assert dry.pump() == [], "the leg of a telephone that we called ends with its channel"


def test_where_channels_are_is_known_by_what_is_told(dry: Dry) -> None:
    dry.do(JoinLegs(1, "mix", mixed=("a",)))
    assert dry.line("a").bridge == "mix~1"
    dry.do(HoldLeg(2, quiet=("a",)))
    assert dry.line("a").bridge == ""


def test_a_hang_up_without_a_cause_is_a_normal_one(dry: Dry) -> None:
    channel = dry.likeness.dial("5003", "5000")
    assert channel is not None
    dry.pump()
    dry.tell("ChannelHangupRequest", channel.id)
    dry.likeness.hang_up(channel)
    assert dry.pump() == [LegEnded(channel.id)]


# -- the link --------------------------------------------------------------------------------------------------------


def test_without_a_link_nothing_is_answered(dry: Dry) -> None:
    dry.begin(MuteLeg(1, "a", True))
    (number, _) = dry.driver.outbox.requests[0]
    dry.cut()
    assert dry.heard == [SwitchDown()]
    dry.driver.answered(number, 204, "", 0.0)
    dry.flush()
    assert dry.heard == [SwitchDown()]
    assert isinstance(dry.mend()[0], SwitchSnapshot)


def test_nothing_is_due(dry: Dry) -> None:
    assert dry.driver.next_deadline() is None
    dry.driver.tick(1.0)
    assert dry.driver.outbox.reports == []


def test_recordings_are_handed_over_once(dry: Dry) -> None:
    dry.do(JoinLegs(1, "mix", mixed=("a",)), StartRecording(2, "rec", "mix", "call", "5000"))
    assert dry.driver.recordings == ("rec",)
    dry.do(StopRecording(3, "rec"))
    assert [complete.parts for complete in dry.driver.take_recordings()] == [("rec",)]
    assert dry.driver.take_recordings() == []


def test_a_snooper_is_no_leg(dry: Dry) -> None:
    dry.do(JoinLegs(1, "mix", mixed=("a",)))
    assert dry.do(SpyLeg(2, "b", "mix", "a", MonitorKind.COACH)) == [OrderDone(2)]
    snooper = next(one for one in dry.likeness.channels.values() if one.snoops)
    dry.likeness.said.append({"type": "ChannelDestroyed", "channel": snooper.shown(), "cause": 16})
    dry.likeness.said.append({"type": "StasisEnd", "channel": snooper.shown()})
    assert dry.pump() == []


def test_a_channel_in_the_place_of_another_is_the_same_leg(dry: Dry) -> None:
    other = dry.likeness.dial("5003", "5000")
    assert other is not None
    dry.likeness.said.clear()
    event = {"type": "StasisStart", "channel": other.shown(), "replace_channel": dry.channel("a").shown()}
    dry.likeness.said += [event, event]
    assert dry.pump() == []
    assert dry.line("a").channel == other.id


def test_a_transfer_key_is_answered_when_the_board_has_heard_of_it(dry: Dry) -> None:
    dry.likeness.refer(dry.channel("a"), "5002")
    assert dry.pump() == [LegTransferred("a", "5002")]
    assert dry.channel("a").progress == ["channel_declined"]


def test_who_was_being_muted_when_the_link_broke_is(dry: Dry) -> None:
    dry.begin(MuteLeg(1, "a", True), MuteLeg(2, "b", True))
    dry.cut()
    dry.likeness.hang_up(dry.channel("b"))
    dry.mend()
    assert dry.channel("a").muted


def test_legs_that_were_being_moved_are_in_doubt(dry: Dry) -> None:
    dry.begin(HoldLeg(1, music=("a",)))
    dry.cut()
    assert (dry.line("a").place, dry.line("b").place) == ("", "")


def test_a_laid_line_that_is_told_of_again_is_no_news() -> None:
    dry = Dry(AnswerMode.NAILED_UP)
    nail = dry.likeness.dial("5000", "*55")
    assert nail is not None
    dry.pump()
    dry.likeness.said.append({"type": "StasisStart", "channel": nail.shown()})
    assert dry.pump() == []
    dry.likeness.hang_up(nail)
    assert dry.pump() == []


def test_what_an_earlier_process_ordered_is_looked_for(dry: Dry) -> None:
    dry.dial("c", "5000")
    dry.now = 3.0
    (snapshot,) = [
        one for one in dry.begin_anew(row("c", "5000", "", answered=False)) if isinstance(one, SwitchSnapshot)
    ]
    assert [leg.leg for leg in snapshot.legs] == ["a", "b", "c"]
    assert dry.driver._tracker._bridges == 4000
