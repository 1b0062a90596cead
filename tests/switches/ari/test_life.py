from typing import Any

import pytest
from tests.kit.asterisk_dry import Dry

from cordboard.calls.model import Reason
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, JoinLegs
from cordboard.calls.reports import LegAnswered, LegEnded, LegOffered, LegRinging, OrderDone, OrderFailed
from cordboard.switches.ari.tracker import AnswerMode

OUTSIDE = "0441234"


@pytest.fixture
def dry() -> Dry:
    return Dry()


def variables(dry: Dry, leg: str) -> dict[str, Any]:
    """What the telephone of a new leg was told."""
    dry.begin(DialLeg(1, leg, "5000", "0123", "call", leg == "auto"))
    (_, request) = dry.driver.outbox.requests[-1]
    assert request.body is not None
    found: dict[str, Any] = request.body["variables"]
    return found


# -- dialling --------------------------------------------------------------------------------------------------------


def test_a_channel_is_made_first_and_rung_when_it_is_there(dry: Dry) -> None:
    assert dry.dial("a", "5000") == [OrderDone(1001), LegRinging("a")]
    assert dry.asked == ["POST channels/create", "POST channels/a/dial"]
    dry.likeness.pick_up(dry.channel("a"))
    assert dry.pump() == [LegAnswered("a")]


def test_the_telephone_shows_the_caller_and_leaves_transfers_to_us(dry: Dry) -> None:
    told = variables(dry, "a")
    assert (told["CONNECTEDLINE(num,i)"], told["PJSIP_TRANSFER_HANDLING()"]) == ("0123", "ari-only")
    assert not any("Call-Info" in name for name in told)


def test_who_dials_by_client_goes_off_hook_by_itself(dry: Dry) -> None:
    assert "PJSIP_HEADER(add,Call-Info)" in variables(dry, "auto")
    dry.pump()
    assert LegAnswered("auto") in dry.heard


@pytest.mark.parametrize(
    ("on_ring", "reason"), [("busy", Reason.BUSY), ("reject", Reason.REJECTED), ("unreachable", Reason.UNREACHABLE)]
)
def test_why_nobody_answers_is_told(dry: Dry, on_ring: str, reason: Reason) -> None:
    dry.likeness.phones["5000"].on_ring = on_ring
    assert dry.dial("a", "5000") == [OrderDone(1001), LegEnded("a", reason)]
    assert dry.likeness.channels == {}


def test_a_telephone_that_is_unplugged_while_it_is_called(dry: Dry) -> None:
    dry.begin(DialLeg(1, "a", "5000", "0123", "call"))
    dry.step()
    dry.likeness.phones["5000"].plugged = False
    assert dry.pump() == [OrderDone(1), LegEnded("a", Reason.UNREACHABLE)]


@pytest.mark.parametrize(("leg", "why"), [("", "a leg needs a name"), ("a", "leg 'a' exists already")])
def test_legs_have_names_of_their_own(dry: Dry, leg: str, why: str) -> None:
    dry.up("a")
    assert dry.do(DialLeg(1, leg, "5001", "", "call")) == [OrderFailed(1, why)]


def test_a_number_that_leads_nowhere_is_invalid(dry: Dry) -> None:
    assert dry.dial("a", "99999") == [OrderDone(1001), LegEnded("a", Reason.INVALID_NUMBER)]


def test_a_channel_of_that_name_from_a_former_run_is_in_the_way(dry: Dry) -> None:
    dry.up("a")
    dry.driver._tracker.remove(dry.line("a"))
    (failed,) = dry.dial("a", "5000")
    assert failed == OrderFailed(1002, "POST channels/create: 409 Channel with given unique ID already exists")
    assert "a" not in dry.driver._tracker.lines


def test_a_channel_that_can_t_be_rung_is_hung_up(dry: Dry) -> None:
    dry.fail(0, 500)
    assert dry.dial("a", "5000") == [OrderFailed(1001, "POST channels/a/dial: 500 it was told to fail")]
    assert (dry.likeness.channels, dry.driver._tracker.lines) == ({}, {})


def test_a_leg_that_is_gone_before_the_answer_is_not_missed(dry: Dry) -> None:
    dry.begin(DialLeg(1, "a", "5000", "0123", "call"))
    dry.step()
    dry.step()
    dry.likeness.hang_up(dry.channel("a"), 20)
    reports = dry.pump()
    assert reports == [OrderDone(1), LegEnded("a", Reason.UNREACHABLE)]


def test_a_leg_may_end_before_it_is_rung(dry: Dry) -> None:
    dry.begin(DialLeg(1, "a", "5000", "0123", "call"), DropLeg(2, "a", Reason.NO_ANSWER))
    assert set(dry.pump()) == {OrderDone(1), OrderDone(2), LegEnded("a", Reason.NO_ANSWER)}
    assert "POST channels/a/dial" not in dry.asked


def test_an_event_that_comes_again_is_no_news(dry: Dry) -> None:
    dry.up("a")
    assert dry.tell("StasisStart", "a") == []
    assert dry.tell("ChannelStateChange", "a") == []
    dry.channel("a").state = "Ringing"
    assert dry.tell("ChannelStateChange", "a") == []


def test_early_media_from_the_trunk_counts_as_ringing() -> None:
    dry = Dry(trunk="PJSIP/{number}@trunk", outside=OUTSIDE)
    dry.begin(DialLeg(1, "a", OUTSIDE, "5000", "call"))
    dry.step()
    dry.step()
    dry.likeness.said.append({"type": "Dial", "peer": dry.channel("a").shown(), "dialstatus": "PROGRESS"})
    assert dry.pump() == [OrderDone(1), LegRinging("a")]


# -- people who dial -------------------------------------------------------------------------------------------------


def test_a_telephone_that_dials_is_offered_and_ends(dry: Dry) -> None:
    channel = dry.likeness.dial("5000", "5001")
    assert channel is not None
    assert dry.pump() == [LegOffered(channel.id, "5000", "5001")]
    dry.likeness.hang_up(channel, 127)
    assert dry.pump() == [LegEnded(channel.id)]


def test_whoever_comes_by_the_trunk_is_outside() -> None:
    dry = Dry(trunk="PJSIP/{number}@trunk", outside=OUTSIDE)
    channel = dry.likeness.dial(OUTSIDE, "5001")
    assert channel is not None
    assert dry.pump() == [LegOffered(channel.id, OUTSIDE, "5001", external=True)]


def test_a_caller_that_is_sent_away_hears_why(dry: Dry) -> None:
    channel = dry.likeness.dial("5000", "9999")
    assert channel is not None
    dry.pump()
    assert dry.begin(DropLeg(1, channel.id, Reason.INVALID_NUMBER)) == []
    (_, request) = dry.driver.outbox.requests[-1]
    assert request.body == {"reason_code": "1"}
    assert set(dry.pump()) == {OrderDone(1), LegEnded(channel.id, Reason.INVALID_NUMBER)}


def test_another_channel_can_take_the_place_of_a_leg_s(dry: Dry) -> None:
    dry.up("a", "b")
    dry.do(JoinLegs(1, "mix", mixed=("a", "b")))
    other = dry.likeness.dial("5003", "5000")
    assert other is not None
    dry.likeness.said.clear()
    event = {"type": "StasisStart", "channel": other.shown(), "replace_channel": dry.channel("a").shown()}
    dry.likeness.said.append(event)
    assert dry.pump() == []
    assert dry.line("a").channel == other.id
    assert dry.line("a").name == other.name


# -- answering -------------------------------------------------------------------------------------------------------


def test_a_telephone_is_notified_that_it_is_to_answer(dry: Dry) -> None:
    dry.dial("a", "5000")
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegAnswered("a")]


def test_a_telephone_that_can_t_be_notified_does_not_answer(dry: Dry) -> None:
    dry.dial("a", "5000")
    dry.begin(AnswerLeg(1, "a"))
    ((number, _, event),) = dry.driver.outbox.notices
    assert event == "talk"
    dry.driver.outbox.notices.clear()
    dry.driver.notified(number, "it is deaf", 0.0)
    dry.flush()
    assert dry.heard[-1] == OrderFailed(1, "it is deaf")


def test_a_telephone_that_is_to_answer_and_not_wanted_any_more_is_not_called_anew(dry: Dry) -> None:
    dry.dial("a", "5000")
    dry.begin(AnswerLeg(1, "a"))
    dry.driver.notified(dry.driver.outbox.notices.pop()[0], "", dry.now)
    assert dry.do(DropLeg(2, "a", Reason.NORMAL))[1:] == [OrderDone(2), LegEnded("a")]
    assert dry.likeness.channels == {}


def test_a_telephone_that_does_not_know_the_event_is_called_anew() -> None:
    """It answers 481, and Asterisk ends the call: the leg goes on, and whoever is there may lift the receiver."""
    dry = Dry()
    dry.dial("a", "5000")
    dry.begin(AnswerLeg(1, "a"))
    dry.driver.notified(dry.driver.outbox.notices[-1][0], "", dry.now)
    dry.driver.outbox.notices.clear()
    dry.likeness.hang_up(dry.channel("a"))
    assert dry.pump()[-1] == LegAnswered("a")  # it obeys the header, as many do
    assert list(dry.likeness.channels) == ["a~1"]
    dry.likeness.hang_up(dry.channel("a"))
    assert dry.pump() == [LegEnded("a")]


def test_a_person_who_rejects_just_then_has_rejected() -> None:
    dry = Dry()
    dry.dial("a", "5000")
    dry.begin(AnswerLeg(1, "a"))
    dry.driver.outbox.notices.clear()
    dry.likeness.hang_up(dry.channel("a"), cause=21)
    assert dry.pump()[-1] == LegEnded("a", Reason.REJECTED)


def test_in_the_mode_auto_it_is_called_anew_and_the_leg_stays() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegAnswered("a")]
    assert dry.asked == ["DELETE channels/a", "POST channels/create", "POST channels/a~1/dial"]
    assert list(dry.likeness.channels) == ["a~1"]
    dry.likeness.hang_up(dry.channel("a"))
    assert dry.pump() == [LegEnded("a")]


def test_a_telephone_that_can_t_be_called_anew_is_lost() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    dry.fail(0, 500)
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegEnded("a", Reason.UNREACHABLE)]


def test_so_is_one_that_can_t_be_rung_anew() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    dry.fail(0, 0, 500)
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegEnded("a", Reason.SWITCH_ERROR)]
    assert dry.likeness.channels == {}


def test_it_stops_ringing_even_if_that_fails_at_first() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.dial("a", "5000")
    dry.fail(500)
    assert dry.do(AnswerLeg(1, "a")) == [OrderDone(1), LegAnswered("a")]
    assert list(dry.likeness.channels) == ["a", "a~1"]
    dry.wait(1.0)
    assert list(dry.likeness.channels) == ["a~1"]


def test_what_can_t_be_answered_is_said() -> None:
    dry = Dry(trunk="PJSIP/{number}@trunk", outside=OUTSIDE)
    assert dry.do(AnswerLeg(1, "gone")) == [OrderFailed(1, "there is no leg 'gone'")]
    dry.up("a")
    assert dry.do(AnswerLeg(2, "a")) == [OrderFailed(2, "leg 'a' does not ring")]
    dry.dial("b", OUTSIDE)
    why = f"{OUTSIDE} is not a telephone of ours: it can't be made to answer"
    assert dry.do(AnswerLeg(3, "b")) == [OrderFailed(3, why)]


# -- the end ---------------------------------------------------------------------------------------------------------


def test_a_leg_that_is_not_there_has_ended(dry: Dry) -> None:
    assert dry.do(DropLeg(1, "gone")) == [OrderDone(1), LegEnded("gone")]


def test_whoever_talked_and_hangs_up_ends_it_normally(dry: Dry) -> None:
    dry.up("a")
    dry.likeness.hang_up(dry.channel("a"), 17)
    assert dry.pump() == [LegEnded("a")]


def test_a_telephone_that_asked_for_a_transfer_hears_that_it_is_done_before_it_is_dropped(dry: Dry) -> None:
    dry.up("a")
    channel = dry.channel("a")
    dry.hear = lambda report: dry.begin(DropLeg(1, "a")) if "Transferred" in type(report).__name__ else None
    dry.likeness.refer(channel, "5001")
    dry.pump()
    assert channel.progress == ["channel_answered"]
    assert LegEnded("a") not in dry.heard, "it may need a moment to be told"
    assert dry.wait(0.5) == [OrderDone(1), LegEnded("a")]


def test_nobody_hears_it_meanwhile_and_it_may_hang_up_by_itself(dry: Dry) -> None:
    dry.up("a", "b")
    dry.do(JoinLegs(5, "mix", mixed=("a", "b")))
    channel = dry.channel("a")
    dry.hear = lambda report: dry.begin(DropLeg(1, "a")) if "Transferred" in type(report).__name__ else None
    dry.likeness.refer(channel, "5001")
    dry.pump()
    assert dry.hears("b") == ["silence"]
    dry.likeness.hang_up(channel)
    assert dry.pump() == [LegEnded("a")]
    assert dry.wait(0.5) == [OrderDone(1)]


# -- nailed-up lines -------------------------------------------------------------------------------------------------


def test_a_call_to_a_line_that_is_laid_needs_no_channel() -> None:
    dry = Dry(AnswerMode.NAILED_UP)
    nail = dry.likeness.dial("5000", "*55")
    assert nail is not None
    dry.pump()
    dry.dial("a", "5000")
    assert dry.do(AnswerLeg(1, "a")) == [LegAnswered("a"), OrderDone(1)]
    assert dry.do(DropLeg(2, "a")) == [OrderDone(2), LegEnded("a")]
    assert list(dry.likeness.channels) == [nail.id]
