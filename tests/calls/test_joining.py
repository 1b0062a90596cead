"""Two conversations become one (call-semantics #21 to #23, #45, #60, #68, decision 8; gws-v2 §6, Q1)."""

from __future__ import annotations

import pytest
from tests.calls.play import COMPLETED_EARLY, CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.joining import best_consult
from cordboard.calls.model import Operation, Reason
from cordboard.calls.reports import LegsTransferred
from cordboard.calls.step import replace


def short(lines: list[str]) -> list[str]:
    """Who is told what of which call, without the rest."""
    return [" ".join(line.split()[:4]) for line in lines]


# -- transfers ----------------------------------------------------------------------------------------------------


def test_a_transfer_releases_the_parent_then_the_consult_and_joins_those_who_stay() -> None:
    play = Play(*CONSULTING)
    told = play.told("5005 CompleteTransfer B")
    assert short(told) == [
        "5005 A StatusChange Released",
        "5005 B StatusChange Released",
        "5001 B StatusChange Released",
        "5001 A StatusChange Established",
        "5000 A ParticipantsUpdated Established",
    ]
    assert (play.scene.hears("5000"), play.scene.hears("5001"), play.scene.hears("5005")) == (["5001"], ["5000"], [])


def test_the_consults_keys_win_at_completion() -> None:
    """decision 8, also for keys attached to the consult after the answer."""
    play = Play(*CONSULTING, "5005 AttachUserData A data=a:parent,b:parent", "5005 AttachUserData B data=b:consult")
    play.do("5005 CompleteTransfer B")
    assert play.call("5000").user_data == play.call("5001").user_data == {"a": "parent", "b": "consult"}


def test_a_transfer_before_the_answer_expects_somebody() -> None:
    play = Play(*COMPLETED_EARLY)
    recall = play.conversation("5000").recall
    assert recall is not None
    assert recall.transferor == "5005"
    assert play.scene.hears("5000") == ["ringback"]
    assert play.states("5001") == ["Ringing"]


def test_a_transfer_to_somebody_who_answered_expects_nobody() -> None:
    play = Play(*CONSULTING, "5005 CompleteTransfer B")
    assert play.conversation("5000").recall is None


def test_transfers_are_counted_with_the_caller() -> None:
    play = Play(*CONSULTING, "5005 CompleteTransfer B")
    assert play.conversation("5000").hops == 1
    for line in ("5001 InitiateTransfer A to=5900", "phone 5900 answer", "5001 CompleteTransfer A"):
        play.do(line)
    assert play.conversation("5000").hops == 2


def test_hops_of_the_one_who_was_consulted_count_too() -> None:
    """The greater number is carried on."""
    play = Play(*CONSULTING)
    target, conversations = play.conversation("5000"), play.ledger.conversations
    consulted = play.conversation("5001")
    conversations[consulted.id] = replace(consulted, hops=7)
    play.do("5005 CompleteTransfer B")
    assert conversations[target.id].hops == 8


def test_an_agent_lost_amid_a_consult_has_completed_the_transfer() -> None:
    play = Play(*CONSULTING)
    told = play.told("phone 5005 unplug")
    assert short(told)[:2] == ["5005 A StatusChange Released", "5005 B StatusChange Released"]
    assert all("reason=AgentLost" in line for line in told[:2])
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["5001"], ["5000"])


# -- conferences --------------------------------------------------------------------------------------------------


def test_a_conference_releases_the_consult_and_brings_its_party() -> None:
    play = Play(*CONSULTING)
    told = play.told("5005 CompleteConference B")
    assert short(told)[0] == "5005 B StatusChange Released"
    assert short(told)[-2:] == ["5000 A ParticipantsUpdated Established", "5005 A ParticipantsUpdated Established"]
    assert play.call("5005").participants == ("5001", "5000")
    assert sorted(play.scene.hears("5005")) == ["5000", "5001"]
    assert sorted(play.scene.hears("5000")) == ["5001", "5005"]


def test_whoever_makes_a_conference_owns_it_and_the_first_owner_stays_it() -> None:
    play = Play(*CONFERENCE)
    assert play.conversation("5005").owner == "5005"
    play.do("5000 SingleStepConference A to=5900")
    assert play.conversation("5005").owner == "5005"


def test_a_conference_whose_owner_left_gets_the_next_who_asks_somebody_in() -> None:
    play = Play(*CONFERENCE, "5005 Hangup A", "5000 SingleStepConference A to=5900")
    assert play.conversation("5000").owner == "5000"


def test_a_further_consult_on_the_same_leg_is_held_when_the_controller_joins_the_conference() -> None:
    """One leg is heard in one call."""
    play = Play(*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer")
    assert play.states("5005") == ["Held", "Held", "Established"]
    play.do("5005 CompleteConference B")
    assert play.states("5005") == ["Established", "Held"]
    assert sorted(play.scene.hears("5005")) == ["5000", "5001"]
    assert play.scene.hears("5900") == ["music"]


# -- somebody is in both, on two lines ----------------------------------------------------------------------------


def in_both(*answers: str) -> Play:
    """5005 talks to 5000 and to 5001; 5000 is asked into the conversation with 5001 too, on a second line."""
    second = ("5005 InitiateTransfer A to=5001", "phone 5001 answer", "5001 SingleStepConference B to=5000")
    return Play(*TALKING, *second, *answers)


def test_whoever_rings_in_one_and_talks_in_the_other_stops_ringing() -> None:
    play = in_both()
    assert play.states("5000") == ["Established", "Ringing"]
    play.do("5005 CompleteTransfer B")
    assert play.states("5000") == ["Established"]
    assert play.scene.hears("5000") == ["5001"]


def test_whoever_talks_in_both_keeps_the_line_that_was_consulted() -> None:
    play = in_both("phone 5000 answer")
    play.do("5005 CompleteTransfer B")
    assert play.states("5000") == ["Established"]
    assert play.scene.hears("5000") == ["5001"]
    assert play.scene.hears("5001") == ["5000"]


def test_whoever_is_at_both_ends_of_a_transfer_goes_back_to_whoever_made_it() -> None:
    """5000 is on two lines with 5005, who connects them: it would talk to itself."""
    play = Play(*TALKING, "phone 5005 dial to=5000 line=1", "phone 5000 answer line=1")
    play.hear(LegsTransferred(play.leg("5005", 0).id, play.leg("5005", 1).id))
    assert play.states("5000") == ["Established"]
    assert play.states("5005") == ["Ringing"]
    assert play.call("5005").reason is Reason.TRANSFER_RECALL
    assert play.scene.hears("5000") == ["ringback"]


# -- which consult a lost agent would have completed --------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "index"),
    [
        (TALKING, None),
        (TARGET_RINGS, 1),
        (CONSULTING, 1),
        ((*CONSULTING, "5005 InitiateTransfer A to=5900"), 1),
        ((*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer"), 2),
        ((*TARGET_RINGS, "5005 InitiateTransfer A to=5900"), 1),
    ],
    ids=["none", "rings", "talks", "held before ringing", "talks before held", "the first that rings"],
)
def test_the_best_consult(lines: tuple[str, ...], index: int | None) -> None:
    play = Play(*lines)
    expected = None if index is None else play.call("5005", index)
    assert best_consult(play.ledger, play.call("5005", 0)) == expected


def test_supervisors_of_the_consult_come_along() -> None:
    play = Play("5900 Coach 5001", *CONSULTING)
    play.do("5005 CompleteTransfer B")
    assert play.call("5900").conversation == play.call("5000").conversation
    assert play.scene.hears("5001") == ["5000", "5900"]


@pytest.mark.parametrize("complete", ["CompleteTransfer", "CompleteConference"])
def test_data_that_have_no_room_do_not_keep_two_calls_apart(complete: str) -> None:
    """Where there is not room for all the consult's are kept (call-semantics decision 8)."""
    play = Play(*CONSULTING, "5005 AttachUserData A data=a:1234567", user_data_bytes_max=20)
    play.do("5005 AttachUserData B data=b:1234567")
    assert play.do(f"5005 {complete} B")[0] == "answer accepted"
    assert play.call("5001").user_data == play.call("5000").user_data == {"b": "1234567"}


def test_whoever_is_told_that_it_is_alone_is_told_when_somebody_is_called_back() -> None:
    """I7: new user data are told before the recall, which brings back what a call of two may do."""
    play = Play(*CONSULTING, "5001 SingleStepTransfer B to=5000 data=k:v")
    told = [line for line in play.told("5005 CompleteTransfer A") if line.startswith("5000 A")]
    assert [line.split()[2] for line in told] == ["AttachedDataChanged", "StatusChange"]
    assert Operation.SINGLE_STEP_TRANSFER in play.permits("5000")
