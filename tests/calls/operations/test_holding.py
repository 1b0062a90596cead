"""Hold, retrieve, swap; and the hold key of the phone (call-semantics #39, #40, #42, #44, #54)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.commands import SwapCalls
from cordboard.calls.model import Refusal, RefusalKind
from cordboard.calls.operations.holding import HANDLERS
from cordboard.calls.permits import Permissions
from cordboard.calls.records import Rules
from cordboard.calls.reports import LegRetrieved
from cordboard.calls.step import Step

TWO = (*CONSULTING, "5005 InitiateTransfer A to=5900", "phone 5900 answer")
"""Consult B is Held, consult C talks."""


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


# -- hold and retrieve --------------------------------------------------------------------------------------------


def test_whoever_is_held_hears_music_until_retrieved() -> None:
    play = Play(*TALKING)
    assert short(play.told("5005 Hold A")) == ["5005 A StatusChange Held"]
    assert (play.scene.hears("5000"), play.scene.hears("5005")) == (["music"], ["silence"])
    assert short(play.told("5005 Retrieve A")) == ["5005 A StatusChange Established"]
    assert (play.scene.hears("5000"), play.scene.hears("5005")) == (["5005"], ["5000"])


@pytest.mark.parametrize(
    ("lines", "line"),
    [((*TALKING, "5005 Hold A"), "5005 Hold A"), (TALKING, "5005 Retrieve A"), (CONSULTING, "5005 Retrieve A")],
    ids=["held already", "not held", "a consult is there"],
)
def test_what_makes_no_sense_is_refused_and_not_told(lines: tuple[str, ...], line: str) -> None:
    """#38, #39, #40"""
    play = Play(*lines)
    (answer,) = play.do(line)
    assert answer.startswith("answer refused, not permitted now")


# -- swap ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["A", "B", "A other=B", "B other=A"])
def test_swapping_retrieves_the_held_call_and_then_holds_the_other(letter: str) -> None:
    """In the printed order, on whichever call it is asked."""
    play = Play(*CONSULTING)
    told = short(play.told(f"5005 SwapCalls {letter}"))
    assert told == ["5005 A StatusChange Established", "5005 B StatusChange Held"]
    assert play.scene.hears("5005") == ["5000"]
    assert short(play.told(f"5005 SwapCalls {letter}")) == [
        "5005 B StatusChange Established",
        "5005 A StatusChange Held",
    ]


def test_swapping_with_a_consult_that_rings_only_brings_the_caller_back() -> None:
    """#42: one event; the consult goes on dialling."""
    play = Play(*TARGET_RINGS)
    assert short(play.told("5005 SwapCalls A")) == ["5005 A StatusChange Established"]
    assert play.states("5005") == ["Established", "Dialing"]
    assert play.scene.hears("5005") == ["5000"]


def test_swapping_back_holds_the_caller_again() -> None:
    play = Play(*TARGET_RINGS, "5005 SwapCalls B")
    assert short(play.told("5005 SwapCalls B")) == ["5005 A StatusChange Held"]
    assert play.scene.hears("5005") == ["ringback"]
    play = Play(*TARGET_RINGS, "5005 SwapCalls B")
    assert short(play.told("5005 SwapCalls A")) == ["5005 A StatusChange Held"]


def test_when_both_are_held_the_one_that_was_asked_is_retrieved() -> None:
    play = Play(*CONSULTING, "5005 Hold B")
    assert short(play.told("5005 SwapCalls B")) == ["5005 B StatusChange Established"]


def test_a_call_of_the_same_agent_that_is_not_related_is_refused() -> None:
    play = Play(*CONSULTING, "phone 5900 dial to=5005")
    letter = play.told("5900 AttachUserData C data=a:1")[0].split()[1]
    assert play.do(f"5005 SwapCalls A other={letter}") == [
        f"answer refused, not permitted now: calls {play.call('5005', 0).id} and {play.call('5900').id} are not related"
    ]


def test_a_call_of_somebody_else_is_unknown() -> None:
    """#44"""
    (answer,) = Play(*CONSULTING).do("5005 SwapCalls A other=Z")
    assert answer == "answer refused, unknown call: there is no call Z"


def test_a_call_that_ended_between_the_order_and_its_answer_is_unknown() -> None:
    """The check is made again when the switch has done it."""
    play = Play(*CONSULTING)
    step = Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, 100.0)
    call = play.call("5005", 0)
    refusal = HANDLERS[SwapCalls].check(step, call, SwapCalls(asker="5005", call=call.id, other="gone"))
    assert refusal == Refusal(RefusalKind.UNKNOWN_CALL, "there is no call gone")


def test_of_several_consults_the_one_that_is_not_held_is_meant() -> None:
    play = Play(*TWO)
    assert short(play.told("5005 SwapCalls A")) == ["5005 A StatusChange Established", "5005 C StatusChange Held"]


def test_several_that_could_be_meant_must_be_named() -> None:
    play = Play(*TWO, "5005 Hold C")
    (answer,) = play.do("5005 SwapCalls A")
    assert answer.startswith("answer refused, not permitted now: it has several consult calls")
    assert short(play.told("5005 SwapCalls B other=A")) == ["5005 B StatusChange Established"]


def test_a_swap_with_a_named_consult_leaves_no_other_talking() -> None:
    """One leg is heard in one call: C talked, and is held too."""
    play = Play(*TWO)
    play.do("5005 SwapCalls A other=B")
    assert play.states("5005").count("Established") == 1
    assert play.states("5005")[2] == "Held"


# -- the hold key -------------------------------------------------------------------------------------------------


def test_the_hold_key_does_the_same_as_the_operation() -> None:
    play = Play(*TALKING)
    assert short(play.told("phone 5005 hold")) == ["5005 A StatusChange Held"]
    assert play.scene.hears("5000") == ["music"]
    assert short(play.told("phone 5005 retrieve")) == ["5005 A StatusChange Established"]
    assert play.scene.hears("5000") == ["5005"]


def test_the_hold_key_holds_the_call_that_is_heard_only() -> None:
    play = Play(*CONSULTING)
    assert short(play.told("phone 5005 hold")) == ["5005 B StatusChange Held"]
    assert play.scene.hears("5001") == ["music"]


def test_the_retrieve_key_brings_back_the_call_that_was_begun_last() -> None:
    play = Play(*CONSULTING, "phone 5005 hold")
    assert short(play.told("phone 5005 retrieve")) == ["5005 B StatusChange Established"]


@pytest.mark.parametrize("lines", [TALKING, TARGET_RINGS, TALKING[:1]], ids=["talking", "dialling", "ringing"])
def test_the_retrieve_key_changes_nothing_where_nothing_is_to_be_retrieved(lines: tuple[str, ...]) -> None:
    play = Play(*lines)
    before = play.states("5005")
    play.hear(LegRetrieved(play.leg("5005").id))
    assert play.states("5005") == before
