"""A phone rings and is answered, by API or by hand."""

from __future__ import annotations

from tests.calls.play import CONFERENCE, TALKING, TARGET_RINGS, Play
from tests.calls.solo import Solo, kinds, news

from cordboard.calls.commands import Answer, Dial
from cordboard.calls.model import CallState
from cordboard.calls.orders import AnswerLeg
from cordboard.calls.reports import LegAnswered, LegRinging


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


def test_a_phone_rings_once_however_often_it_says_so() -> None:
    solo = Solo()
    solo.ring()
    assert solo.call("5005").state is CallState.RINGING
    assert news(solo.hear(LegRinging(solo.leg_id("5005")))) == []


def test_answering_is_an_order_and_done_when_the_phone_is_off_hook() -> None:
    solo = Solo()
    solo.ring()
    outcome = solo.accept(Answer(asker="5005", call=solo.call("5005").id))
    assert (news(outcome), kinds(outcome)) == ([], ["AnswerLeg"])
    assert solo.last(AnswerLeg).leg == solo.leg_id("5005")
    assert news(solo.hear(LegAnswered(solo.leg_id("5005")))) == ["5005 Established", "5000 Established"]
    assert (solo.ledger.busy, solo.leg("5005").deadline) == ({}, 0.0)


def test_by_hand_it_is_the_same() -> None:
    play = Play(*TALKING[:1])
    assert short(play.told("phone 5005 answer")) == [
        "5005 A StatusChange Established",
        "5000 A StatusChange Established",
    ]
    assert play.scene.hears("5000") == ["5005"]


def test_another_operation_under_way_on_the_same_call_is_not_ended_by_the_answer() -> None:
    """Only the procedure that waits for the answer is done by it."""
    solo = Solo()
    solo.ring()
    call = solo.call("5005")
    solo.ledger.busy[call.key] = 99
    solo.hear(LegAnswered(call.leg))
    assert solo.ledger.busy == {call.key: 99}


def test_a_caller_who_swapped_while_the_target_rang_holds_it_when_it_answers() -> None:
    """#42: the target hears music."""
    play = Play(*TARGET_RINGS, "5005 SwapCalls B")
    told = play.told("phone 5001 answer")
    assert short(told) == ["5001 B StatusChange Established", "5005 B StatusChange Held"]
    assert play.scene.hears("5001") == ["music"]
    assert play.scene.hears("5000") == ["5005"]


def test_the_phone_of_whoever_dials_by_api_goes_off_hook_without_being_answered() -> None:
    solo = Solo()
    solo.accept(Dial(asker="5000", to="5005"))
    assert news(solo.hear(LegAnswered(solo.leg_id("5000")))) == []
    assert solo.call("5000").state is CallState.DIALING
    assert solo.leg("5000").answered


def test_one_who_waits_alone_for_the_answer_is_told_of_it() -> None:
    """A transferred customer: nothing of the call changes but who is there, and the ringing stops."""
    play = Play(*TALKING, "5005 SingleStepTransfer A to=5001")
    assert "5000 A StatusChange Established" in short(play.told("phone 5001 answer"))
    assert play.scene.hears("5000") == ["5001"]


def test_those_who_talk_already_are_told_who_came() -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900")
    told = play.told("phone 5900 answer")
    assert [line.split()[2] for line in told if not line.startswith("5900")] == ["ParticipantsUpdated"] * 3
    assert play.call("5005").participants == ("5900", "5001", "5000")


def test_a_supervisor_whose_phone_is_answered_is_beside_the_call_and_nobody_else_is_answered() -> None:
    play = Play(*TALKING, "5900 Coach 5005", "5005 SingleStepTransfer A to=5001")
    assert play.conversation("5000").recall is not None
    play.do("5900 Hangup A")
    play = Play("phone 5900 dial to=15000", "phone 15000 answer", "5900 Coach 5005", *TALKING[:1], "5005 Answer B")
    assert play.states("5900") == ["Established", "Ringing"]
    told = short(play.told("5900 Answer B"))
    assert "5900 B StatusChange Established" in told
    assert not any(line.startswith("5000") for line in told)
