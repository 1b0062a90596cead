"""Why something is not permitted: the words."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, Play
from tests.calls.situations import SITUATIONS
from tests.kit.people import PUBLIC

from cordboard.calls.model import Operation, Taking
from cordboard.calls.objections import why_not, why_not_taken
from cordboard.calls.permits import is_tape_busy


def test_why_something_is_not_permitted() -> None:
    play = Play("phone 5000 dial to=5002", "5002 Answer A")
    ours, theirs = play.call("5002"), play.call("5000")
    assert why_not(play.ledger, ours, Operation.RETRIEVE) == "the call is Established"
    assert why_not(play.ledger, ours, Operation.STOP_RECORDING) == "recording is Stopped"
    assert why_not(play.ledger, theirs, Operation.START_RECORDING) == "recording is not available to you"
    play = Play(*SITUATIONS["recording begins"])
    ours = play.call("5002")
    assert is_tape_busy(play.ledger, ours)
    assert why_not(play.ledger, ours, Operation.START_RECORDING) == "another operation on it is under way"
    assert why_not(play.ledger, ours, Operation.RETRIEVE) == "the call is Established"
    play = Play(*SITUATIONS["hold under way"])
    assert why_not(play.ledger, play.call("5005"), Operation.RETRIEVE) == "another operation on it is under way"


def test_why_somebody_can_not_be_left_somewhere() -> None:
    play = Play(*CONFERENCE)
    why = why_not(play.ledger, play.call("5005"), Operation.PARK)
    assert why == "there is not exactly one other party who has answered"
    play = Play(*CONSULTING)
    assert why_not(play.ledger, play.call("5005"), Operation.PARK).endswith("is a consult call")


def test_why_somebody_can_not_be_handed_on() -> None:
    play = Play(f"5005 Dial to={PUBLIC} pinned=yes", f"phone {PUBLIC} answer")
    why = why_not(play.ledger, play.call("5005"), Operation.SINGLE_STEP_TRANSFER)
    assert why == "it is with a number outside that may not be handed on"


@pytest.mark.parametrize(
    ("lines", "number", "taking", "why"),
    [
        (SITUATIONS["parked, somebody is called"], "5000", Taking.UN_PARK, "somebody is being called for it"),
        (TALKING, "5000", Taking.UN_PARK, "it is not parked"),
        (TALKING, "5005", Taking.PICK_UP, "it does not ring"),
        (SITUATIONS["answer under way"], "5005", Taking.PICK_UP, "it is just being answered"),
        (("5000 Dial to=5001 also=5005",), "5005", Taking.PICK_UP, "it rings to be connected"),
        (("500 Invite to=5001 room=500",), "5001", Taking.PICK_UP, "nobody else is there"),
    ],
)
def test_why_a_call_can_not_be_taken(lines: tuple[str, ...], number: str, taking: Taking, why: str) -> None:
    play = Play(*lines)
    assert why_not_taken(play.ledger, play.call(number), taking) == why
