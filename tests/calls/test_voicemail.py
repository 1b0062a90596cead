"""Messages for mailboxes: begun, ended by whatever ends them, and none that nobody records (I3)."""

from __future__ import annotations

from tests.calls.play import TALKING, Play

from cordboard.calls import voicemail
from cordboard.calls.model import Reason
from cordboard.calls.reports import RecordingEnded
from cordboard.calls.step import Step

LEAVES = (*TALKING, "5005 TransferToVoicemail A mailbox=5001")


def step_on(play: Play) -> Step:
    play.board._step.renew(play.scene.now)
    return play.board._step


def test_whoever_is_sent_to_a_mailbox_is_recorded_and_hears_its_tone() -> None:
    play = Play(*LEAVES)
    call = play.call("5000")
    assert (call.mailbox, call.participants, call.recording) == ("5001", ("5001",), None)
    assert play.ledger.messages == {call.conversation: f"{call.conversation}-v1"}
    assert (play.scene.hears("5000"), play.states("5005")) == (["voicemail"], [])


def test_the_message_is_kept_when_its_speaker_hangs_up() -> None:
    play = Play(*LEAVES, "wait 9")
    play.do("phone 5000 hangup")
    assert (play.ledger.messages, play.ledger.tapes, play.ledger.calls) == ({}, {}, {})


def test_it_is_as_long_as_one_may_be() -> None:
    play = Play(*LEAVES, voicemail_max_s=20.0)
    play.do("wait 19")
    assert play.states("5000") == ["Established"]
    play.do("wait 1")
    assert play.states("5000") == []


def test_an_earlier_message_s_limit_is_not_the_next_one_s() -> None:
    play = Play(*LEAVES, "wait 30", "phone 5000 hangup")
    step = step_on(play)
    voicemail.over(step, "0-v1")
    assert step.events == []


def test_on_hold_it_goes_on() -> None:
    play = Play(*LEAVES, "5000 Hold A", "wait 5")
    assert len(play.ledger.messages) == 1
    play.do("5000 Retrieve A")
    assert play.scene.hears("5000") == ["voicemail"]


def test_whoever_joins_ends_it() -> None:
    play = Play(*LEAVES, "5000 SingleStepConference A to=5900", "phone 5900 answer")
    assert (play.ledger.messages, play.call("5000").mailbox) == ({}, "")
    assert play.scene.hears("5000") == ["5900"]


def test_a_consult_that_is_joined_to_it_ends_it() -> None:
    play = Play(*LEAVES, "5000 SingleStepConference A to=5900", "5000 InitiateTransfer A to=15000")
    play.do("phone 15000 answer")
    assert len(play.ledger.messages) == 1
    play.do("5000 CompleteTransfer B")
    assert play.ledger.messages == {}


def test_a_recording_that_ends_by_itself_releases_the_speaker() -> None:
    play = Play(*LEAVES)
    play.hear(RecordingEnded(next(iter(play.ledger.tapes))))
    assert (play.states("5000"), play.ledger.tapes) == ([], {})


def test_what_the_switch_does_not_record_is_no_message() -> None:
    play = Play(*TALKING, "fault fail StartRecording")
    told = play.told("5005 TransferToVoicemail A mailbox=5001")
    assert any("Released" in line and f"reason={Reason.SWITCH_ERROR.value}" in line for line in told)
    assert (play.states("5000"), play.ledger.messages) == ([], {})


def test_over_a_link_that_breaks_it_goes_on_if_it_does_at_the_switch() -> None:
    play = Play(*LEAVES, "switch down", "switch up")
    assert (play.states("5000"), len(play.ledger.messages)) == (["Established"], 1)
    play.do("switch down")
    play.scene.exchange.stop_recordings(play.scene.now)
    told = play.told("switch up")
    assert any("Released" in line and f"reason={Reason.SWITCH_LOST.value}" in line for line in told)
    assert (play.states("5000"), play.ledger.messages) == ([], {})


def test_what_nobody_leaves_a_message_in_is_not_looked_at() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    voicemail.look(step, play.call("5000").conversation)
    step.touched[play.call("5000").conversation] = None
    voicemail.reconcile(step)
    voicemail.compare(step)
    assert (step.events, step.orders) == ([], [])
