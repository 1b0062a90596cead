"""Which consult a completion is about, on whichever call of the pair it is posted (call-semantics #45, #46)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, TALKING, TARGET_RINGS, Play
from tests.calls.situations import SITUATIONS

from cordboard.calls.model import Call, CallState, Operation, Refusal, RefusalKind
from cordboard.calls.pairing import Pair, can_complete, pair_up

TRANSFER, CONFERENCE = Operation.COMPLETE_TRANSFER, Operation.COMPLETE_CONFERENCE
FOR_CONFERENCE = (*TALKING, "5005 InitiateConference A to=5001")
TWO = (*CONSULTING, "5005 InitiateTransfer A to=5900")
"""The first consult is answered and Held, the second rings."""


def consults(play: Play, number: str = "5005") -> list[Call]:
    return [view.call for view in play.scene.calls(number)]


def why(refusal: Pair | Refusal) -> str:
    assert isinstance(refusal, Refusal)
    assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW
    return refusal.detail


@pytest.mark.parametrize("posted_on", [0, 1], ids=["parent", "consult"])
@pytest.mark.parametrize("named", [None, 0, 1], ids=["not named", "parent named", "consult named"])
def test_the_only_pair_is_found_from_either_call_with_or_without_a_name(posted_on: int, named: int | None) -> None:
    """Naming the parent while posting on it names no consult; every other way succeeds (#45)."""
    play = Play(*CONSULTING)
    calls = consults(play)
    name = calls[named].id if named is not None else None
    found = pair_up(play.ledger, calls[posted_on], name, TRANSFER)
    if (posted_on, named) == (0, 0):
        assert why(found) == f"{name} is no consult call of call {name}"
    else:
        assert found == Pair(parent=calls[0], consult=calls[1])


@pytest.mark.parametrize(
    ("lines", "operation", "complete"),
    [
        (TARGET_RINGS, TRANSFER, True),
        (TARGET_RINGS, CONFERENCE, False),
        (FOR_CONFERENCE, TRANSFER, False),
        (FOR_CONFERENCE, CONFERENCE, False),
        (CONSULTING, TRANSFER, True),
        (CONSULTING, CONFERENCE, True),
        ((*FOR_CONFERENCE, "phone 5001 answer"), TRANSFER, True),
        ((*FOR_CONFERENCE, "phone 5001 answer"), CONFERENCE, True),
        ((*CONSULTING, "5005 SwapCalls B"), TRANSFER, True),
        ((*CONSULTING, "5005 SwapCalls B"), CONFERENCE, True),
    ],
)
def test_only_a_transfer_begun_as_one_is_completed_before_the_answer(
    lines: tuple[str, ...], operation: Operation, complete: bool
) -> None:
    """call-semantics decision 4, #61."""
    play = Play(*lines)
    parent, consult = consults(play)
    assert can_complete(play.ledger, Pair(parent, consult), operation) is complete
    found = pair_up(play.ledger, consult, None, operation)
    if complete:
        assert found == Pair(parent, consult)
    else:
        assert why(found) == "not answered yet"


def test_two_telephones_that_only_ring_are_not_joined() -> None:
    play = Play(*SITUATIONS["recalled while consulting"])
    parent, consult = consults(play, "5000")
    assert not can_complete(play.ledger, Pair(parent, consult), TRANSFER)


@pytest.mark.parametrize("named", [None, "unheard of"])
def test_without_a_consult_there_is_no_pair(named: str | None) -> None:
    play = Play(*TALKING)
    call = play.call("5005")
    expected = "it has no consult call" if named is None else f"unheard of is no consult call of call {call.id}"
    assert why(pair_up(play.ledger, call, named, TRANSFER)) == expected


def test_a_consult_whose_parent_is_over_has_no_pair() -> None:
    play = Play(*CONSULTING, "phone 5000 hangup")
    assert why(pair_up(play.ledger, play.call("5005"), None, TRANSFER)) == "it has no consult call"


def test_of_several_consults_the_one_that_is_not_held_is_meant() -> None:
    play = Play(*TWO)
    parent, _, second = consults(play)
    assert pair_up(play.ledger, parent, None, TRANSFER) == Pair(parent, second)


def test_of_several_consults_only_one_that_can_be_completed_is_meant() -> None:
    play = Play(*TWO)
    parent, first, _ = consults(play)
    assert pair_up(play.ledger, parent, None, CONFERENCE) == Pair(parent, first)


def test_several_consults_that_could_all_be_meant_must_be_named() -> None:
    play = Play(*TARGET_RINGS, "5005 InitiateTransfer A to=5900")
    parent, first, second = consults(play)
    assert why(pair_up(play.ledger, parent, None, TRANSFER)).startswith("it has several consult calls: name one")
    for consult in (first, second):
        assert pair_up(play.ledger, parent, consult.id, TRANSFER) == Pair(parent, consult)
        assert pair_up(play.ledger, consult, None, TRANSFER) == Pair(parent, consult)


def test_several_consults_that_are_all_on_hold_must_be_named() -> None:
    play = Play(*TWO, "phone 5900 answer", "5005 Hold C")
    parent, first, second = consults(play)
    assert first.state is second.state is CallState.HELD
    assert why(pair_up(play.ledger, parent, None, TRANSFER)).startswith("it has several consult calls: name one")
    assert pair_up(play.ledger, parent, first.id, TRANSFER) == Pair(parent, first)


def test_a_consult_that_consults_in_turn_is_the_parent_of_whatever_it_names() -> None:
    """5001 was consulted, and consults 5900 from that call: for 5001 it is the parent."""
    play = Play(*CONSULTING, "5001 InitiateTransfer B to=5900")
    parent, consult = consults(play, "5001")
    assert pair_up(play.ledger, parent, consult.id, TRANSFER) == Pair(parent, consult)
    assert pair_up(play.ledger, consult, parent.id, TRANSFER) == Pair(parent, consult)
