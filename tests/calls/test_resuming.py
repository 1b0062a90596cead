"""A restart amid an operation: it is done again, or was done, or its owner is told that it was not."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, RECORDABLE, RECORDED, TALKING, Play

from cordboard.calls.model import Recording
from cordboard.calls.orders import DialLeg
from cordboard.calls.reports import LegRinging
from cordboard.calls.resuming import remembered
from cordboard.switches.virtual.persons import Hangup

UNSENT, UNHEARD = "server dies before ordering", "hold reports"


def killed(how: str, line: str, *before: str) -> Play:
    """The process is killed amid this operation: before its orders leave, or before their answers are heard."""
    play = Play(*before)
    play.do(how)
    play.do(line)
    if how == UNHEARD:
        play.do("release reports")
        play.do("server dies")
    return play


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_hold_is_finished(how: str) -> None:
    play = killed(how, "5005 Hold A", *TALKING)
    assert (play.states("5005"), play.scene.hears("5000")) == (["Held"], ["music"])
    assert play.ledger.busy == play.ledger.waiting == {}


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_transfer_is_finished(how: str) -> None:
    play = killed(how, "5005 CompleteTransfer B", *CONSULTING)
    assert (play.states("5005"), play.scene.hears("5000")) == ([], ["5001"])


def test_a_telephone_that_was_to_ring_rings() -> None:
    play = Play(*TALKING, "fault drop DialLeg", "5005 SingleStepTransfer A to=5001")
    assert play.scene.hears("5001") == []
    play.do("server dies")
    play.do("phone 5001 answer")
    assert play.scene.hears("5000") == ["5001"]
    dials = [order for order in play.scene.orders if isinstance(order, DialLeg) and order.number == "5001"]
    assert [(order.leg, order.caller) for order in dials] == [(dials[0].leg, "5000")] * 2


@pytest.mark.parametrize("line", ["5000 Dial to=5001 also=5005", "500 Invite to=5005 room=500"])
def test_a_telephone_that_is_shown_as_ringing_before_it_does_rings(line: str) -> None:
    play = killed(UNSENT, line)
    assert play.states("5005") == ["Ringing"]
    play.do("phone 5005 answer")
    assert play.states("5005") == ["Established"]


def test_a_telephone_that_rings_is_not_rung_again() -> None:
    play = killed(UNHEARD, "5005 SingleStepTransfer A to=5001", *TALKING)
    assert play.states("5001") == ["Ringing"]
    assert len([order for order in play.scene.orders if isinstance(order, DialLeg)]) == 2


def test_a_telephone_that_has_rung_and_is_gone_is_not_rung_again() -> None:
    play = Play(*TALKING, "fault drop DialLeg", "5005 SingleStepTransfer A to=5001")
    play.hear(LegRinging(play.ledger.waiting[play.scene.orders[-1].order].leg))  # type: ignore[union-attr]
    assert play.states("5001") == ["Ringing"]
    assert any("SwitchLost" in line for line in play.told("server dies") if line.startswith("5001"))


def test_a_telephone_that_is_no_longer_wanted_does_not_ring() -> None:
    play = Play(*TALKING, "fault drop DialLeg", "5005 InitiateTransfer A to=5001", "5005 Hangup B")
    play.do("server dies")
    assert (play.states("5001"), play.scene.hears("5001")) == ([], [])


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_an_answer_is_finished(how: str) -> None:
    play = killed(how, "5005 Answer A", "phone 5000 dial to=5005")
    assert (play.states("5005"), play.scene.hears("5000")) == (["Established"], ["5005"])


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_recording_is_begun(how: str) -> None:
    play = killed(how, "5002 StartRecording A", *RECORDABLE)
    assert play.call("5002").recording is Recording.RECORDING
    assert len(play.scene.exchange.snapshot().recordings) == 1


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_recording_is_paused(how: str) -> None:
    play = killed(how, "5002 PauseRecording A", *RECORDED)
    assert play.call("5002").recording is Recording.PAUSED
    assert play.scene.exchange.snapshot().recordings[0].paused


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_recording_is_stopped(how: str) -> None:
    play = killed(how, "5002 StopRecording A", *RECORDED)
    assert play.call("5002").recording is Recording.STOPPED
    assert play.scene.exchange.snapshot().recordings == ()
    assert play.ledger.tapes == {}


def test_a_recording_that_ended_meanwhile_can_t_be_paused() -> None:
    play = Play(*RECORDED, "fault drop PauseRecording")
    play.do("5002 PauseRecording A")
    play.scene.link.cut()
    play.scene.exchange.stop_recordings(play.scene.now)
    told = [line for line in play.do("server dies") if "told" in line]
    told += play.do("switch up")
    assert any("PauseCallRecording failed" in line and "has ended" in line for line in told)
    assert play.call("5002").recording is Recording.STOPPED


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_message_is_recorded(how: str) -> None:
    play = killed(how, "5005 TransferToVoicemail A mailbox=5001", *TALKING)
    assert play.call("5000").mailbox == "5001"
    assert len(play.scene.exchange.snapshot().recordings) == 1


def test_whoever_left_meanwhile_is_not_recorded() -> None:
    play = Play(*TALKING, "fault drop StartRecording", "5005 TransferToVoicemail A mailbox=5001")
    play.scene.link.cut()
    play.do("phone 5000 hangup")
    play.do("server dies")
    play.do("switch up")
    assert (play.ledger.tapes, play.ledger.messages, play.scene.exchange.snapshot().recordings) == ({}, {}, ())


def test_digits_are_not_sent_twice_and_whoever_sent_them_is_told() -> None:
    play = Play(*TALKING, "fault drop SendDigits", "5005 SendDtmf A digits=12")
    told = play.told("server dies")
    assert told == [
        "5005 A SendDtmf failed, switch unavailable: the server was started anew: it may not have been done"
    ]


def test_digits_of_a_call_that_is_over_are_forgotten() -> None:
    play = Play(*TALKING, "fault drop SendDigits", "5005 SendDtmf A digits=12")
    play.do("phone 5000 hangup")
    assert play.told("server dies") == []


def test_what_can_no_longer_be_done_is_told() -> None:
    """5000 hung up while the process was dead."""
    play = Play(*TALKING, "5005 InitiateTransfer A to=5001", "phone 5001 answer", "hold reports")
    play.do("5005 SwapCalls B")
    play.scene.link.cut()
    play.scene.act("5000", Hangup())
    play.do("server dies")
    play.do("release reports")
    told = play.told("switch up")
    assert any("SwapCalls failed" in line for line in told)


@pytest.mark.parametrize("how", [UNSENT, UNHEARD])
def test_a_microphone_is_muted(how: str) -> None:
    play = killed(how, "5005 MuteCall A", *CONSULTING, "5005 CompleteConference B")
    assert play.call("5005").muted
    assert play.scene.exchange.is_muted(play.call("5005").leg)


def test_calls_whose_legs_are_gone_are_released_once() -> None:
    play = Play(*CONSULTING)
    play.scene.link.cut()
    play.scene.exchange.reset()
    play.do("server dies")
    told = play.told("switch up")
    released = [line for line in told if "Released" in line]
    assert len(released) == len(set(released)) == 4
    assert all("SwitchLost" in line for line in released)
    assert (play.ledger.calls, play.ledger.legs, play.ledger.dropping) == ({}, {}, {})


def test_without_a_word_from_the_switch_what_was_under_way_fails_like_when_the_link_is_lost() -> None:
    play = Play(*TALKING, "hold reports")
    play.do("5005 Hold A")
    play.scene.link.cut()
    play.do("server dies")
    play.do("release reports")
    assert play.told("wait 4.9") == []
    told = play.told("wait 0.1")
    assert told == ["5005 A Hold failed, switch unavailable: the link to the switch was lost"]
    assert play.ledger.busy == {}


def test_what_is_due_waits_for_the_switch() -> None:
    """5001 was answered while the process was dead, and nobody is told of a ringing that took too long."""
    play = Play(*TALKING, "5005 SingleStepTransfer A to=5001")
    play.scene.link.cut()
    play.do("phone 5001 answer")
    play.scene.now += 300.0
    play.do("server dies")
    assert play.told("wait 1") == []
    play.do("switch up")
    assert play.scene.hears("5000") == ["5001"]
    assert play.told("wait 100") == []


def test_what_is_due_happens_when_the_switch_has_spoken() -> None:
    play = Play(*TALKING, "5005 Park A")
    play.scene.link.cut()
    play.scene.now += 300.0
    play.do("server dies")
    play.do("switch up")
    play.do("wait 0")
    assert play.states("5005") == ["Ringing"]


def test_whoever_has_sent_somebody_to_a_mailbox_is_not_in_the_message() -> None:
    play = killed(UNSENT, "5005 TransferToVoicemail A mailbox=5001", *TALKING)
    play.do("wait 3")
    assert "kept A-v1 by 5001: 3 s of 5001 5000" in play.do("phone 5000 hangup")


def test_what_a_driver_is_told_that_has_forgotten_it() -> None:
    ledger = Play(*TALKING, "fault drop DialLeg", "5005 SingleStepTransfer A to=5001").ledger
    told = remembered(ledger)
    (dialing,) = told.dialing
    assert ledger.legs[dialing].number == "5001"
    assert (told.legs, told.unanswered) == (tuple(ledger.legs.values()), frozenset(ledger.waiting))
