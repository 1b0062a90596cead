"""Races: who is first decides, and what comes too late or twice is no news (call-semantics #7, I2, I6)."""

from __future__ import annotations

import pytest
from tests.calls.solo import CALLER_LEG, Solo, news

from cordboard.calls.board import Outcome
from cordboard.calls.commands import Hangup
from cordboard.calls.model import CallState, Reason
from cordboard.calls.orders import DropLeg
from cordboard.calls.reports import (
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    LegRinging,
)

S = CallState
TARGET_LEG = "c0-1"


def is_nothing(outcome: Outcome) -> bool:
    return (outcome.refusal, list(outcome.events), list(outcome.orders)) == (None, [], [])


@pytest.fixture
def solo() -> Solo:
    return Solo()


def test_if_the_timer_is_first_the_late_answer_is_dropped(solo: Solo) -> None:
    """#7"""
    solo.consult()
    leg = solo.leg_id("5001")
    told = solo.wait(15.0)
    assert news(told) == ["5001 Released", "5005 Released", "5005 Held"]
    assert solo.last(DropLeg).leg == leg
    assert is_nothing(solo.hear(LegAnswered(leg)))
    assert "5001" not in solo.ledger.owners


def test_if_the_answer_is_first_the_timer_no_longer_counts(solo: Solo) -> None:
    """#7, in the same instant."""
    solo.consult()
    solo.now += 15.0
    assert news(solo.hear(LegAnswered(solo.leg_id("5001")))) == ["5001 Established", "5005 Established"]
    solo.obey()
    assert solo.wait(0.0) == []
    assert solo.call("5001").state is S.ESTABLISHED


def test_a_phone_that_rings_again_has_a_deadline_of_its_own(solo: Solo) -> None:
    """The timer of an earlier try does not end a later one: the leg is another one."""
    solo.consult()
    solo.hear(LegEnded(solo.leg_id("5001"), Reason.REJECTED))
    solo.wait(14.0)
    solo.accept(Hangup(asker="5000", call=solo.call("5000").id))
    solo.obey()
    solo.hear(LegOffered("again", "5000", "5005"))
    assert solo.wait(1.0) == []
    assert solo.call("5005").state is S.OFFERED


def test_a_phone_that_answers_without_ringing_has_rung(solo: Solo) -> None:
    """Its owner sees Ringing before Established, whatever the switch left out."""
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    assert news(solo.hear(LegAnswered(TARGET_LEG))) == ["5005 Ringing", "5005 Established", "5000 Established"]


def test_a_leg_that_ended_twice_ended_once(solo: Solo) -> None:
    solo.talk()
    assert news(solo.hear(LegEnded(TARGET_LEG))) == ["5005 Released", "5000 Released"]
    assert is_nothing(solo.hear(LegEnded(TARGET_LEG)))


def test_a_leg_that_is_offered_twice_is_offered_once(solo: Solo) -> None:
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    assert is_nothing(solo.hear(LegOffered(CALLER_LEG, "5000", "5005")))
    assert len(solo.ledger.calls) == 2


@pytest.mark.parametrize("kind", [LegRinging, LegAnswered, LegHeld, LegRetrieved])
def test_a_leg_that_is_being_dropped_may_say_what_it_likes(solo: Solo, kind: type[LegRinging]) -> None:
    solo.talk()
    solo.hear(LegEnded(CALLER_LEG))
    assert is_nothing(solo.hear(kind(TARGET_LEG)))
