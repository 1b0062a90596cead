"""Transfers: completed in the second step or blind, by API or by the phone's key (call-semantics #23, #45 to #69)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play
from tests.kit.people import PUBLIC

from cordboard.calls.commands import SingleStepTransfer
from cordboard.calls.operations.transferring import leg_transferred
from cordboard.calls.permits import Permissions
from cordboard.calls.records import Leg, Rules
from cordboard.calls.reports import LegsTransferred
from cordboard.calls.step import Step


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


# -- the second step ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["A", "B", "A consult=B", "B consult=B"])
def test_it_is_completed_on_either_call(letter: str) -> None:
    """#45"""
    play = Play(*CONSULTING)
    told = short(play.told(f"5005 CompleteTransfer {letter}"))
    assert told[:2] == ["5005 A StatusChange Released", "5005 B StatusChange Released"]
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["5001"], ["5000"])


def test_it_may_be_completed_while_the_target_rings() -> None:
    """#23"""
    play = Play(*TARGET_RINGS)
    told = short(play.told("5005 CompleteTransfer B"))
    assert told[:2] == ["5005 A StatusChange Released", "5005 B StatusChange Released"]
    assert (play.scene.hears("5000"), play.scene.hears("5005")) == (["ringback"], [])


def test_a_consult_for_a_conference_is_not_transferred_before_the_answer() -> None:
    play = Play(*TALKING, "5005 InitiateConference A to=5001")
    assert play.do("5005 CompleteTransfer B")[0].startswith("answer refused, not permitted now")


def test_a_wrong_consult_is_refused() -> None:
    play = Play(*CONSULTING)
    (answer,) = play.do("5005 CompleteTransfer A consult=Z")
    assert answer == f"answer refused, not permitted now: Z is no consult call of call {play.call('5005', 0).id}"


def test_of_two_completions_at_once_one_is_refused() -> None:
    """#31"""
    play = Play(*CONSULTING, "hold reports", "5005 CompleteTransfer B")
    assert play.do("5005 CompleteTransfer A")[0].startswith("answer refused, not permitted now")


# -- in one step --------------------------------------------------------------------------------------------------


def test_the_transferor_leaves_at_once_and_the_customer_hears_ringing() -> None:
    """#51: user data goes to the target."""
    play = Play(*TALKING, "5005 AttachUserData A data=a:1,b:1")
    told = play.told("5005 SingleStepTransfer A to=5001 data=b:2")
    assert short(told)[0] == "5005 A StatusChange Released"
    assert "data=a:1,b:2" in told[0]
    assert (play.scene.hears("5000"), play.scene.hears("5005")) == (["ringback"], [])
    assert play.call("5001").user_data == play.call("5000").user_data == {"a": "1", "b": "2"}
    assert play.conversation("5000").hops == 1


def test_from_hold_too() -> None:
    """#54: music stops, ringing starts."""
    play = Play(*TALKING, "5005 Hold A", "5005 SingleStepTransfer A to=5001")
    assert play.scene.hears("5000") == ["ringback"]


@pytest.mark.parametrize("to", ["9999", "5005", "5000"])
def test_a_bad_destination_is_refused(to: str) -> None:
    """#48"""
    play = Play(*TALKING)
    (answer,) = play.do(f"5005 SingleStepTransfer A to={to}")
    assert answer.startswith("answer refused, bad destination")


def test_a_second_one_meanwhile_is_refused_and_its_target_never_rings() -> None:
    """#34"""
    play = Play(*TALKING, "hold reports", "5005 SingleStepTransfer A to=5001")
    assert play.do("5005 SingleStepTransfer A to=5900")[0].startswith("answer refused, not permitted now")
    play.do("release reports")
    assert (play.states("5001"), play.states("5900")) == (["Ringing"], [])


def test_one_who_leaves_a_conference_so_is_replaced_and_the_others_talk_on() -> None:
    """#69"""
    play = Play(*CONFERENCE, "5005 SingleStepTransfer A to=5900")
    assert play.scene.hears("5000") == ["5001"]
    assert play.conversation("5000").recall is None
    play.do("phone 5900 reject")
    assert play.scene.hears("5000") == ["5001"]


def test_a_ring_of_transfers_ends() -> None:
    """#50: treated as a target that did not answer; whoever transferred is called back."""
    play = Play(*TALKING, hops_max=1)
    for line in ("5005 SingleStepTransfer A to=5001", "phone 5001 answer"):
        play.do(line)
    told = play.told("5001 SingleStepTransfer A to=5900")
    assert play.scene.hears("5900") == []
    assert play.states("5001") == ["Ringing"]
    assert any("reason=TransferRecall" in line for line in told)


# -- by the keys of the phone -------------------------------------------------------------------------------------


def test_the_transfer_key_is_the_same_operation() -> None:
    play = Play(*TALKING)
    told = short(play.told("phone 5005 transfer to=5001"))
    assert told[0] == "5005 A StatusChange Released"
    assert play.scene.hears("5000") == ["ringback"]


def test_the_transfer_key_means_the_call_that_is_heard() -> None:
    play = Play(*CONSULTING, "5005 SwapCalls A")
    step = Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, 100.0)
    heard = play.call("5005", 0)
    assert leg_transferred(step, play.leg("5005"), "5900") == SingleStepTransfer(asker="5005", call=heard.id, to="5900")
    play.do("5005 SwapCalls A")
    heard = play.call("5005", 1)
    assert leg_transferred(step, play.leg("5005"), "5900") == SingleStepTransfer(asker="5005", call=heard.id, to="5900")
    assert leg_transferred(step, Leg("empty", "5005"), "5900") is None


@pytest.mark.parametrize("before", [CONSULTING, TARGET_RINGS], ids=["answered", "ringing"])
def test_a_blind_transfer_by_key_to_the_one_consulted_completes_the_transfer(before: tuple[str, ...]) -> None:
    """#56: a consult begun by API has no second line at the phone."""
    play = Play(*before)
    told = short(play.told("phone 5005 transfer to=5001"))
    assert told[:2] == ["5005 A StatusChange Released", "5005 B StatusChange Released"]
    assert len(play.states("5001")) == 1


def two_lines() -> Play:
    """5005 talks to 5001 on its second line, and holds 5000 on the first."""
    return Play(*TALKING, "phone 5005 dial to=5001 line=1", "phone 5001 answer")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_far_ends_of_two_lines_are_connected_whichever_is_named_first(order: tuple[int, int]) -> None:
    """#56"""
    play = two_lines()
    legs = [play.leg("5005", index).id for index in order]
    play.hear(LegsTransferred(legs[0], legs[1]))
    assert play.states("5005") == []
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["5001"], ["5000"])


def test_the_far_ends_are_not_connected_if_one_may_not_be_handed_on() -> None:
    play = Play(f"5005 Dial to={PUBLIC} pinned=yes", f"phone {PUBLIC} answer", "phone 5005 dial to=5001 line=1")
    play.do("phone 5001 answer")
    play.hear(LegsTransferred(play.leg("5005", 0).id, play.leg("5005", 1).id))
    assert play.states("5005") == ["Held", "Established"]


def test_calls_that_become_one_end_when_the_first_of_them_was_to() -> None:
    play = Play(*TALKING, "5001 Dial to=5005 lasts_s=40", "phone 5005 answer")
    play.hear(LegsTransferred(play.leg("5005", 0).id, play.leg("5005", 1).id))
    assert play.scene.hears("5000") == ["5001"]
    play.do("wait 1")
    assert play.told("wait 38") == []
    assert [line.split()[3] for line in play.told("wait 1")] == ["Released", "Released"]


def test_lines_of_different_phones_are_not_connected() -> None:
    play = two_lines()
    play.hear(LegsTransferred(play.leg("5005", 0).id, play.leg("5001").id))
    assert play.states("5005") == ["Held", "Established"]


def test_a_line_without_a_call_is_not_connected() -> None:
    play = two_lines()
    play.ledger.legs["empty"] = Leg("empty", "5005")
    play.hear(LegsTransferred(play.leg("5005", 0).id, "empty"))
    del play.ledger.legs["empty"]
    assert play.states("5005") == ["Held", "Established"]


def test_two_calls_of_one_line_are_not_two_lines() -> None:
    play = Play(*CONSULTING)
    leg = play.leg("5005").id
    play.hear(LegsTransferred(leg, leg))
    assert play.states("5005") == ["Held", "Established"]


def test_a_supervisors_line_is_not_connected_with_another() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005", "phone 5900 dial to=15000", "phone 15000 answer")
    play.hear(LegsTransferred(play.leg("5900", 0).id, play.leg("5900", 1).id))
    assert play.states("5900") == ["Held", "Established"]


def test_what_the_request_adds_to_the_data_has_a_limit() -> None:
    play = Play(*TALKING, user_data_bytes_max=20)
    assert play.do("5005 SingleStepTransfer A to=5001 data=b:23456789abcdef")[0].startswith("answer refused, limit")
    assert play.states("5005") == ["Established"]


def test_where_the_target_is_goes_to_the_switch() -> None:
    play = Play(*TALKING)
    assert "DialLeg 5001 for 5000 location=L" in play.ordered("5005 SingleStepTransfer A to=5001 location=L")
