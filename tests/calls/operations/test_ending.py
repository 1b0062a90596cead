"""Calls end: by API, by the phone, or because nobody answered (call-semantics #1, #2, #13, #19 to #22, #27, #67)."""

from __future__ import annotations

from tests.calls.play import CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.operations.ending import out_of_time, ring_timeout
from cordboard.calls.permits import Permissions
from cordboard.calls.records import Rules
from cordboard.calls.step import Step


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


# -- by API -------------------------------------------------------------------------------------------------------


def test_both_parties_of_a_call_are_released_once() -> None:
    play = Play(*TALKING)
    assert short(play.told("5005 Hangup A")) == ["5005 A StatusChange Released", "5000 A StatusChange Released"]
    assert (play.ledger.calls, play.ledger.legs, play.ledger.dropping) == ({}, {}, {})


def test_hanging_up_a_consult_ends_only_the_consult() -> None:
    """#19: it is a cancel, not a completion."""
    play = Play(*TARGET_RINGS)
    told = play.told("5005 Hangup B")
    assert short(told) == ["5005 B StatusChange Released", "5001 B StatusChange Released", "5005 A StatusChange Held"]
    assert play.scene.hears("5000") == ["music"]
    assert play.do("5005 Retrieve A")[0] == "answer accepted"


def test_hanging_up_the_parent_leaves_the_consult() -> None:
    """#20"""
    play = Play(*CONSULTING)
    told = play.told("5005 Hangup A")
    assert short(told) == [
        "5005 A StatusChange Released",
        "5000 A StatusChange Released",
        "5005 B StatusChange Established",
    ]
    assert play.scene.hears("5001") == ["5005"]


def test_clearing_ends_the_conversation_for_everybody() -> None:
    play = Play(*CONFERENCE, clear_from_ringing=True)
    told = play.told("5000 ClearCall A")
    assert sorted(short(told)) == [f"{number} A StatusChange Released" for number in ("5000", "5001", "5005")]
    assert play.ledger.calls == {}


def test_whoever_is_rung_can_clear_where_that_is_offered() -> None:
    play = Play(*TALKING[:1], clear_from_ringing=True)
    assert play.do("5005 ClearCall A")[0] == "answer accepted"
    assert play.ledger.calls == {}


def test_whoever_it_rings_at_can_decline() -> None:
    """As by the key of the telephone."""
    play = Play(*TALKING[:1])
    told = play.told("5005 Decline A")
    assert short(told) == ["5005 A StatusChange Released", "5000 A StatusChange Released"]
    assert all("reason=Rejected" in line for line in told)
    assert (play.ledger.calls, play.ledger.legs, play.ledger.dropping) == ({}, {}, {})


def test_a_call_that_is_to_last_so_long_ends_then_whatever_its_parties_do() -> None:
    """voipnow-uapi §2.3.1"""
    play = Play("5000 Dial to=5005 lasts_s=90", "phone 5005 answer", "wait 80")
    play.do("5005 InitiateTransfer A to=5001")
    assert play.told("wait 9") == []
    assert short(play.told("wait 1"))[:2] == ["5000 A StatusChange Released", "5005 A StatusChange Released"]
    assert play.states("5001") == ["Ringing"]
    play.do("phone 5005 hangup")
    assert play.ledger.calls == {}


def test_a_limit_that_is_no_longer_that_of_a_call_ends_nothing() -> None:
    play = Play("5000 Dial to=5005 lasts_s=90")
    step = Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, play.scene.now)
    out_of_time(step, play.call("5000").conversation, 1.0)
    out_of_time(step, "gone", 190.0)
    assert step.events == []
    assert play.told("5000 Hangup A") != []
    assert play.told("wait 90") == []


# -- by the phone -------------------------------------------------------------------------------------------------


def test_a_phone_that_hangs_up_ends_its_call_and_tells_why_if_there_is_a_reason() -> None:
    play = Play(*TALKING[:1])
    told = play.told("phone 5005 reject")
    assert short(told) == ["5005 A StatusChange Released", "5000 A StatusChange Released"]
    assert all("reason=Rejected" in line for line in told)


def test_a_member_who_leaves_a_conference_leaves_alone() -> None:
    """#67: also one that holds; its music never was in the mix."""
    play = Play(*CONFERENCE, "5000 Hold A")
    told = play.told("phone 5000 hangup")
    assert short(told)[0] == "5000 A StatusChange Released"
    assert play.scene.hears("5001") == ["5005"]


def test_an_agent_lost_amid_a_consult_has_completed_the_transfer() -> None:
    """#21"""
    play = Play(*CONSULTING, "phone 5005 unplug")
    assert play.states("5005") == []
    assert play.scene.hears("5000") == ["5001"]


def test_an_agent_lost_while_the_target_rings_has_completed_it_early() -> None:
    """#22"""
    play = Play(*TARGET_RINGS, "phone 5005 unplug")
    assert (play.scene.hears("5000"), play.states("5001")) == (["ringback"], ["Ringing"])
    assert play.conversation("5000").recall is not None


def test_an_agent_lost_with_a_call_on_hold_releases_it() -> None:
    """#27"""
    play = Play(*TALKING, "5005 Hold A")
    assert "5000 A StatusChange Released" in short(play.told("phone 5005 unplug"))
    assert play.ledger.calls == {}


def test_an_agent_lost_with_several_consults_has_completed_the_one_it_talked_to_and_the_other_ends() -> None:
    play = Play(*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer", "phone 5005 unplug")
    assert play.scene.hears("5000") == ["5900"]
    assert (play.states("5001"), play.scene.hears("5001")) == ([], [])


def test_an_agent_lost_with_a_consult_whose_caller_is_gone_has_nothing_to_complete() -> None:
    play = Play(*CONSULTING, "phone 5000 hangup", "phone 5005 unplug")
    assert play.ledger.calls == {}


# -- because nobody answered --------------------------------------------------------------------------------------


def test_a_consult_that_nobody_answers_is_given_up_in_time() -> None:
    """#2"""
    play = Play(*TARGET_RINGS)
    assert play.told("wait 14.9") == []
    told = play.told("wait 0.2")
    assert short(told) == ["5001 B StatusChange Released", "5005 B StatusChange Released", "5005 A StatusChange Held"]
    assert "reason=NoAnswer" in told[0]
    assert play.scene.hears("5001") == []


def test_a_call_that_was_answered_is_not_given_up() -> None:
    assert Play(*TALKING).told("wait 120") == []


def test_a_timer_that_does_not_count_any_more_ends_nothing() -> None:
    play = Play(*TARGET_RINGS)
    step = Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, 100.0)
    leg = play.leg("5001")
    ring_timeout(step, "gone", leg.deadline)
    ring_timeout(step, leg.id, leg.deadline - 1.0)
    assert (step.events, step.orders) == ([], [])


# -- supervisors --------------------------------------------------------------------------------------------------


def test_a_supervisor_who_hangs_up_leaves_the_others_talking() -> None:
    for line in ("5900 Hangup A", "phone 5900 hangup"):
        play = Play(*TALKING, "5900 BargeIn 5005")
        assert short(play.told(line))[0] == "5900 A StatusChange Released"
        assert (play.states("5900"), play.scene.hears("5000")) == ([], ["5005"])


def test_a_supervisor_who_leaves_does_not_end_the_wait_for_a_recall() -> None:
    lines = ("5001 behaves busy", *TALKING, "5005 behaves busy", "5900 Coach 5005", "5005 SingleStepTransfer A to=5001")
    play = Play(*lines)
    recall = play.conversation("5000").recall
    play.do("5900 Hangup A")
    assert play.conversation("5000").recall == recall
    assert recall is not None
    assert recall.until > 0
