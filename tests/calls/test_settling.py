"""What becomes of those who stay (call-semantics I2, I3, #1, #24, #52, decisions 1 and 6)."""

from __future__ import annotations

import pytest
from tests.calls.play import COMPLETED_EARLY, CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.model import Reason
from cordboard.calls.orders import DialLeg
from cordboard.calls.permits import Permissions
from cordboard.calls.records import Recall, Rules
from cordboard.calls.segments import Came, Way
from cordboard.calls.settling import expect_back, recall_due, ring, settle, wait_in_lot
from cordboard.calls.step import Step, replace

CAME = Came(Way.CALLED, "5005")
TWO_CONSULTS = (*CONSULTING, "5005 InitiateTransfer A to=5900")
BLIND = (*TALKING, "5005 SingleStepTransfer A to=5001")


def step_on(play: Play) -> Step:
    permissions = Permissions(play.ledger, False)
    return Step(play.ledger, permissions, Rules(), play.scene.directory, play.scene.now, play.scene.roster)


def recall_of(play: Play) -> Recall | None:
    return play.conversation("5000").recall


# -- no transfer is under way -------------------------------------------------------------------------------------


def test_the_last_one_present_is_released_with_the_reason() -> None:
    play = Play("5005 behaves busy")
    assert play.told("phone 5000 dial to=5005")[-1].startswith(
        "5000 A StatusChange Released Internal [5005] reason=Busy"
    )


def test_those_who_only_ring_stop_when_nobody_is_left() -> None:
    play = Play(*TALKING[:1])
    assert [line[:28] for line in play.told("phone 5000 hangup")] == [
        "5000 A StatusChange Released",
        "5005 A StatusChange Released",
    ]
    assert play.scene.hears("5005") == []


def test_two_who_are_left_go_on_and_are_told_who_is_there() -> None:
    """#62, #63"""
    play = Play(*CONFERENCE)
    told = play.told("5005 Hangup A")
    assert play.states("5000") == play.states("5001") == ["Established"]
    assert any(line.startswith("5000 A ParticipantsUpdated Established Internal [5001]") for line in told)


def test_a_conversation_that_nobody_is_in_any_more_is_settled() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    settle(step, "a conversation that is over")
    assert (step.events, step.orders) == ([], [])


# -- a consult fails ----------------------------------------------------------------------------------------------


def test_a_consult_that_fails_leaves_its_parent_held() -> None:
    play = Play("5001 behaves busy", *TALKING)
    play.do("5005 InitiateTransfer A to=5001")
    assert play.states("5005") == ["Held"]
    assert play.scene.hears("5000") == ["music"]


def test_a_tenant_may_want_the_caller_back_at_once() -> None:
    play = Play("5001 behaves busy", *TALKING, retrieve_on_consult_failure=True)
    play.do("5005 InitiateTransfer A to=5001")
    assert play.states("5005") == ["Established"]
    assert play.scene.hears("5000") == ["5005"]


@pytest.mark.parametrize(
    ("lines", "last", "states"),
    [
        ((*TARGET_RINGS, "phone 5000 hangup"), "phone 5001 reject", []),
        ((*TARGET_RINGS, "5005 SwapCalls B"), "phone 5001 reject", ["Established"]),
        ((*CONSULTING, "5005 InitiateTransfer A to=5900"), "phone 5001 hangup", ["Held", "Dialing"]),
        (
            (*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer"),
            "phone 5001 hangup",
            ["Held", "Established"],
        ),
        (TALKING, "phone 5000 hangup", []),
    ],
    ids=["the caller is gone", "the caller is back", "another consult rings", "another consult talks", "no consult"],
)
def test_the_caller_comes_back_only_if_it_waits_and_the_agent_is_free(
    lines: tuple[str, ...], last: str, states: list[str]
) -> None:
    play = Play(*lines, retrieve_on_consult_failure=True)
    play.do(last)
    assert play.states("5005") == states


# -- a transfer fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [BLIND, COMPLETED_EARLY], ids=["single-step", "completed early"])
def test_a_transfer_that_nobody_answered_yet_is_remembered(lines: tuple[str, ...]) -> None:
    play = Play(*lines)
    assert recall_of(play) == Recall("5005", tries_left=2)
    play.do("phone 5001 answer")
    assert recall_of(play) is None


@pytest.mark.parametrize("lines", [BLIND, COMPLETED_EARLY], ids=["single-step", "completed early"])
def test_whoever_made_a_transfer_that_fails_is_called_back(lines: tuple[str, ...]) -> None:
    """#24, #52: user data kept, the caller hears ringing."""
    play = Play(*lines, "5000 AttachUserData A data=k:v")
    told = play.told("phone 5001 reject")
    assert any(line.startswith("5005") and "Ringing" in line and "reason=TransferRecall" in line for line in told)
    assert play.call("5005").user_data == {"k": "v"}
    assert play.scene.hears("5000") == ["ringback"]
    recall = recall_of(play)
    assert recall is not None
    assert (recall.failed, recall.tries_left, recall.reason.value) == (True, 1, "Rejected")


def test_a_recall_that_is_answered_is_an_ordinary_call() -> None:
    play = Play(*BLIND, "phone 5001 reject", "phone 5005 answer")
    assert recall_of(play) is None
    assert (play.scene.hears("5000"), play.scene.hears("5005")) == (["5005"], ["5000"])


def test_between_two_recalls_the_caller_hears_music() -> None:
    play = Play(*BLIND, "phone 5001 reject", "phone 5005 reject")
    recall = recall_of(play)
    assert recall is not None
    assert recall.until == play.scene.now + 10
    assert play.scene.hears("5000") == ["music"]
    play.do("wait 10")
    assert play.states("5005") == ["Ringing"]
    assert recall_of(play) == replace(recall, until=0.0, tries_left=0)


def test_when_all_recalls_failed_the_caller_is_released_with_the_first_reason() -> None:
    play = Play("5001 behaves busy", *TALKING, "5005 behaves reject", "5005 SingleStepTransfer A to=5001")
    (told,) = (line for line in play.told("wait 10") if line.startswith("5000"))
    assert told.startswith("5000 A StatusChange Released")
    assert "reason=Busy" in told
    assert play.ledger.calls == {}


def test_without_recalls_the_fallback_is_tried_at_once() -> None:
    play = Play(*BLIND, recall_tries=0, transfer_fallback="5900")
    play.do("phone 5001 reject")
    assert (play.states("5005"), play.states("5900")) == ([], ["Ringing"])
    assert recall_of(play) == Recall("5005", 0, failed=True, fell_back=True, reason=Reason.REJECTED)


@pytest.mark.parametrize("fallback", ["", "9999", "5000"], ids=["none", "unknown", "the caller itself"])
def test_without_recalls_and_a_fallback_that_helps_the_caller_is_released(fallback: str) -> None:
    play = Play(*BLIND, recall_tries=0, transfer_fallback=fallback)
    told = play.told("phone 5001 reject")
    assert any(line.startswith("5000 A StatusChange Released") and "reason=Rejected" in line for line in told)
    assert play.ledger.calls == {}


def test_the_fallback_is_tried_once() -> None:
    play = Play(*BLIND, recall_tries=0, transfer_fallback="5900")
    play.do("phone 5001 reject")
    told = play.told("phone 5900 reject")
    assert any(line.startswith("5000 A StatusChange Released") and "reason=Rejected" in line for line in told)
    assert play.ledger.calls == {}


def test_the_fallback_that_answers_has_the_caller() -> None:
    play = Play(*BLIND, recall_tries=0, transfer_fallback="5900")
    play.do("phone 5001 reject")
    play.do("phone 5900 answer")
    assert (play.scene.hears("5000"), recall_of(play)) == (["5900"], None)


def test_a_caller_who_gives_up_while_waiting_ends_everything() -> None:
    play = Play(*BLIND, "phone 5001 reject", "phone 5005 reject", "phone 5000 hangup")
    assert (play.ledger.calls, play.ledger.conversations) == ({}, {})
    assert play.told("wait 30") == []


def test_a_stale_pause_calls_nobody() -> None:
    """The instant is that of the timer that counts; others are over, as is a conversation without a recall."""
    play = Play(*BLIND, "phone 5001 reject", "phone 5005 reject")
    conversation = play.conversation("5000")
    step = step_on(play)
    recall_due(step, conversation.id, 1.0)
    recall_due(step, "a conversation that is over", 1.0)
    step.put_conversation(replace(conversation, recall=None))
    recall_due(step, conversation.id, play.scene.now + 10)
    assert step.orders == []


# -- one more party does not come ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "why"), [("busy", "Busy"), ("reject", "Rejected"), ("unreachable", "Unreachable")]
)
def test_whoever_invited_a_party_that_does_not_come_is_told(behaviour: str, why: str) -> None:
    play = Play(f"5001 behaves {behaviour}", *TALKING)
    told = play.told("5005 SingleStepConference A to=5001")
    assert f"5005 A SingleStepConference failed, bad destination: 5001 did not come: {why}" in told
    assert play.scene.hears("5000") == ["5005"]


def test_nobody_is_told_if_whoever_invited_is_gone() -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900", "5005 Hangup A")
    assert not any("failed" in line for line in play.told("phone 5900 reject"))


# -- somebody is wanted, but their telephone may not ring ---------------------------------------------------------


def test_the_telephone_that_calls_are_forwarded_to_rings() -> None:
    play = Play(*TALKING, "5001 forwards to=5900")
    step = step_on(play)
    conversation = play.conversation("5005")
    ring(step, conversation.id, "5001", "5005", ring_s=9.0, user_data={"k": "v"}, came=CAME)
    (order,) = step.orders
    assert isinstance(order, DialLeg)
    assert (order.number, order.caller) == ("5900", "5005")
    assert play.conversation("5005").hops == 1
    assert [call.user_data for call in step.ledger.members(conversation.id)] == [{"k": "v"}] * 3


def test_a_loop_is_settled_without_asking_anybody() -> None:
    play = Play(*TALKING[:1])
    step = step_on(play)
    ring(step, play.conversation("5005").id, "5001", "5000", ring_s=9.0, user_data={}, came=CAME, loops=True)
    assert step.orders == []
    assert play.states("5000") == ["Dialing"]


def test_whoever_invited_somebody_who_is_not_to_be_disturbed_is_told_and_talks_on() -> None:
    play = Play(*TALKING, "5001 do-not-disturb on")
    told = play.told("5005 SingleStepConference A to=5001")
    assert told == ["5005 A SingleStepConference failed, bad destination: 5001 did not come: Busy"]
    assert play.states("5005") == play.states("5000") == ["Established"]


def test_a_transferor_is_told_the_data_of_a_transfer_that_came_back_at_once() -> None:
    play = Play(*TALKING, "5001 do-not-disturb on", "5005 SingleStepTransfer A to=5001 data=k:v")
    assert [call.user_data for call in play.ledger.calls.values()] == [{"k": "v"}] * 2
    assert play.states("5005") == ["Ringing"]


def test_a_recall_to_somebody_who_is_not_to_be_disturbed_is_a_try_that_failed() -> None:
    """docs/decisions/0007"""
    play = Play(*TALKING, "5001 do-not-disturb on", "5005 do-not-disturb on", "5005 SingleStepTransfer A to=5001")
    assert recall_of(play) == Recall("5005", 1, True, False, Reason.BUSY, play.scene.now + 10.0)
    assert play.scene.hears("5000") == ["music"]
    assert [line[:28] for line in play.told("wait 10")] == ["5000 A StatusChange Released"]


# -- an agent is lost with somebody on hold (#27) -----------------------------------------------------------------


def test_a_caller_on_hold_whose_agent_is_lost_goes_on_with_music_if_the_rules_say_where() -> None:
    play = Play(*TALKING, "5005 Hold A", hold_agent_lost="5900")
    told = play.told("phone 5005 unplug")
    assert "5900 A StatusChange Ringing Internal [5000] reason=AgentLost" in told[-1]
    assert play.scene.hears("5000") == ["music"]
    play.do("phone 5900 answer")
    assert play.scene.hears("5000") == ["5900"]
    assert recall_of(play) is None


@pytest.mark.parametrize("instead", ["", "5000", "9999"])
def test_without_anywhere_to_go_the_caller_is_released(instead: str) -> None:
    play = Play(*TALKING, "5005 Hold A", hold_agent_lost=instead)
    play.do("phone 5005 unplug")
    assert play.ledger.calls == {}


def test_those_who_have_company_are_not_sent_on() -> None:
    play = Play(*CONFERENCE, "5005 Hold A", hold_agent_lost="5900")
    play.do("phone 5005 unplug")
    assert play.scene.hears("5000") == ["5001"]
    assert recall_of(play) is None


# -- parked -------------------------------------------------------------------------------------------------------

PARKED = (*TALKING, "5005 Park A for_s=30")
IN_USE = ("phone 15000 dial to=15001", "phone 15001 answer")


def test_whoever_is_parked_waits_for_a_recall_that_comes_when_the_time_is_up() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    wait_in_lot(step, play.call("5000").conversation, "5005", 140.0)
    assert recall_of(play) == Recall("5005", 2, failed=True, reason=Reason.NO_ANSWER, until=140.0)
    assert step.timers == [(140.0, "recall", play.call("5000").conversation)]


def test_a_recall_from_the_lot_that_nobody_answers_is_tried_again() -> None:
    play = Play(*PARKED, "wait 30")
    assert (play.call("5000").parked, play.ledger.slots, play.states("5005")) == (None, {}, ["Ringing"])
    play.do("wait 60")
    assert recall_of(play) == Recall("5005", 1, True, False, Reason.NO_ANSWER, play.scene.now + 10.0)


def test_a_telephone_that_rang_in_vain_leaves_the_party_in_its_slot() -> None:
    play = Play(*PARKED, *IN_USE, "15000 UnPark 5000 A ring_s=20", "wait 20")
    assert recall_of(play) == Recall("5005", 2, True, False, Reason.NO_ANSWER, play.scene.now + 10.0)
    assert play.call("5000").parked is not None
    play.do("wait 10")
    assert play.states("5005") == ["Ringing"]


def test_if_the_time_is_up_meanwhile_the_parker_is_called_then() -> None:
    play = Play(*PARKED, *IN_USE, "15000 UnPark 5000 A ring_s=40", "wait 30")
    assert (play.states("5005"), play.states("15000")) == ([], ["Established", "Ringing"])
    play.do("wait 10")
    assert (play.states("5005"), play.states("15000")) == (["Ringing"], ["Established"])


def test_a_call_that_was_taken_comes_back_once() -> None:
    play = Play(*TALKING[:1])
    step = step_on(play)
    expect_back(step, play.call("5000").conversation, "5005")
    assert recall_of(play) == Recall("5005", 1)
    expect_back(step, play.call("5000").conversation, "5001")
    assert recall_of(play) == Recall("5005", 1)
