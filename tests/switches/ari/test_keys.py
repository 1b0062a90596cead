import pytest
from tests.kit.asterisk_dry import Dry

from cordboard.calls.orders import JoinLegs
from cordboard.calls.reports import (
    LegDigits,
    LegEnded,
    LegHeld,
    LegRetrieved,
    LegsTransferred,
    LegTransferred,
    OrderDone,
    OrderFailed,
)
from cordboard.switches.ari.keys import RESUME_TIMEOUT_S
from cordboard.switches.ari.tracker import AnswerMode

JOIN = JoinLegs(1, "mix", mixed=("a",))


@pytest.fixture
def dry() -> Dry:
    made = Dry()
    made.up("a", "b")
    return made


def held(dry: Dry) -> Dry:
    dry.likeness.hold(dry.channel("a"))
    dry.pump()
    dry.forget()
    return dry


def deaf(dry: Dry) -> None:
    """Notices to telephones get lost."""
    dry.driver.outbox.notices.clear()


def test_hold_is_told_once(dry: Dry) -> None:
    dry.likeness.hold(dry.channel("a"))
    assert dry.pump() == [LegHeld("a")]
    assert dry.tell("ChannelHold", "a") == []
    dry.likeness.retrieve(dry.channel("a"))
    assert dry.pump() == [LegRetrieved("a")]
    assert dry.tell("ChannelUnhold", "a") == []


def test_a_telephone_that_takes_the_line_back_as_it_was_asked_to_is_no_news(dry: Dry) -> None:
    held(dry)
    assert dry.do(JOIN) == [OrderDone(1)]


def test_the_order_waits_for_the_telephone(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    deaf(dry)
    assert dry.pump() == []
    dry.likeness.retrieve(dry.channel("a"))
    assert dry.pump() == [OrderDone(1)]
    assert dry.driver.next_deadline() is None


def test_a_telephone_that_keeps_the_line_makes_the_order_fail_in_time(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    deaf(dry)
    dry.pump()
    assert dry.driver.next_deadline() == RESUME_TIMEOUT_S
    dry.driver.tick(RESUME_TIMEOUT_S - 0.1)
    dry.flush()
    assert dry.heard == []
    dry.driver.tick(RESUME_TIMEOUT_S)
    dry.flush()
    assert dry.heard == [OrderFailed(1, "the telephone of 5000 keeps the call on hold")]
    dry.likeness.retrieve(dry.channel("a"))
    assert dry.pump() == [LegRetrieved("a")], "that is the owner's doing now"


def test_a_telephone_that_can_t_be_asked_says_so(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    ((number, _, _),) = dry.driver.outbox.notices
    deaf(dry)
    dry.driver.notified(number, "it is deaf", 0.0)
    assert dry.pump() == [OrderFailed(1, "it is deaf")]


def test_what_is_said_of_a_notice_too_late_changes_nothing(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    ((number, _, _),) = dry.driver.outbox.notices
    deaf(dry)
    dry.driver.tick(RESUME_TIMEOUT_S)
    dry.driver.notified(number, "it is deaf", 0.0)
    assert dry.pump() == [OrderFailed(1, "the telephone of 5000 keeps the call on hold")]


def test_telephones_that_can_t_be_notified_hold_until_their_owner_takes_it_back() -> None:
    dry = Dry(AnswerMode.AUTO)
    dry.up("a")
    (failed,) = held(dry).do(JOIN)
    assert failed == OrderFailed(1, "the telephone of 5000 holds the call: it has to be taken back there")


def test_a_leg_that_ends_takes_nothing_back(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    deaf(dry)
    dry.pump()
    dry.likeness.hang_up(dry.channel("a"))
    assert dry.pump() == [OrderFailed(1, "leg 'a' ended"), LegEnded("a")]


def test_nothing_is_waited_for_without_a_link(dry: Dry) -> None:
    held(dry)
    dry.begin(JOIN)
    dry.cut()
    assert dry.driver.next_deadline() is None


# -- transfer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["5002", "sip:5002@127.0.0.1", "sips:5002@host;x=y", "5002;user=phone"])
def test_a_transfer_is_told_with_the_number_and_declined_if_nothing_comes_of_it(dry: Dry, asked: str) -> None:
    channel = dry.channel("a")
    dry.likeness.refer(channel, asked)
    assert dry.pump() == [LegTransferred("a", "5002")]
    assert channel.progress == ["channel_declined"]


def test_an_attended_transfer_names_both_lines(dry: Dry) -> None:
    channel = dry.channel("a")
    dry.likeness.refer(channel, "", other=dry.channel("b"))
    assert dry.pump() == [LegsTransferred("a", "b")]
    assert channel.progress == ["channel_declined"]


@pytest.mark.parametrize("other", ["a", ""])
def test_a_transfer_to_what_is_not_ours_is_declined(dry: Dry, other: str) -> None:
    channel = dry.channel("a")
    referred = {"requested_destination": {"protocol_id": "x", "destination": "5002"}}
    if other:
        referred["destination_channel"] = channel.shown()
    dry.tell("ChannelTransfer", refer_to=referred, referred_by={"source_channel": channel.shown()})
    assert (dry.heard, channel.progress) == ([], ["channel_declined"])


def test_a_transfer_by_a_line_that_is_no_leg_is_declined(dry: Dry) -> None:
    stranger = dry.likeness.dial("5003", "5000")
    assert stranger is not None
    dry.likeness.said.clear()
    dry.likeness.refer(stranger, "5001")
    assert dry.pump() == []
    assert stranger.progress == ["channel_declined"]


def test_our_own_progress_is_no_news(dry: Dry) -> None:
    source = {"source_channel": dry.channel("a").shown()}
    referred = {"requested_destination": {"destination": "5002"}}
    assert dry.tell("ChannelTransfer", state="channel_declined", refer_to=referred, referred_by=source) == []


# -- digits ----------------------------------------------------------------------------------------------------------


def test_digits_are_told_one_by_one(dry: Dry) -> None:
    dry.likeness.press(dry.channel("a"), "1#")
    assert dry.pump() == [LegDigits("a", "1"), LegDigits("a", "#")]


def test_what_was_pressed_while_there_was_no_link_is_told(dry: Dry) -> None:
    held(dry)
    dry.cut()
    dry.likeness.retrieve(dry.channel("a"))
    dry.likeness.hold(dry.channel("b"))
    dry.forget()
    assert dry.mend()[1:] == [LegRetrieved("a"), LegHeld("b")]


def test_a_transfer_of_a_leg_that_is_gone_by_then_needs_no_answer(dry: Dry) -> None:
    dry.driver.heard(LegTransferred("gone", "5002"))
    assert dry.driver.outbox.requests == []
