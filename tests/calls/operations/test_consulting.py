"""The first step of a two-step transfer or conference (call-semantics #4, #28, #50, decisions 2, 3 and 8)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.commands import InitiateTransfer
from cordboard.calls.model import CallType, Purpose


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


@pytest.mark.parametrize(
    ("operation", "purpose"),
    [("InitiateTransfer", Purpose.TRANSFER), ("InitiateConference", Purpose.CONFERENCE)],
)
def test_the_parent_is_held_first_then_the_consult_appears(operation: str, purpose: Purpose) -> None:
    play = Play(*TALKING)
    told = play.told(f"5005 {operation} A to=5001")
    assert short(told) == ["5005 A StatusChange Held", "5005 B StatusChange Dialing", "5001 B StatusChange Ringing"]
    consult = play.call("5005")
    assert (consult.type, consult.purpose, consult.parent) == (CallType.CONSULT, purpose, play.call("5005", 0).id)
    assert (consult.participants, consult.dnis) == (("5001",), "5001")
    assert consult.leg == play.call("5005", 0).leg, "an agent has one ear"


def test_at_the_other_end_it_is_an_ordinary_call() -> None:
    target = Play(*TARGET_RINGS).call("5001")
    assert (target.type, target.parent, target.purpose) == (CallType.CONSULT, None, None)


def test_the_consult_inherits_the_parents_data_and_that_of_the_request() -> None:
    play = Play(*TALKING, "5005 AttachUserData A data=a:1,b:1", "5005 InitiateTransfer A to=5001 data=b:2,c:2")
    assert play.call("5005").user_data == play.call("5001").user_data == {"a": "1", "b": "2", "c": "2"}
    assert play.call("5005", 0).user_data == {"a": "1", "b": "1"}


def test_a_location_is_kept_with_the_consult() -> None:
    play = Play(*TALKING)
    call = play.call("5005").id
    play.scene.ask(InitiateTransfer(asker="5005", call=call, to="5001", location="elsewhere"))
    play.scene.run()
    assert play.call("5005").location == "elsewhere"


def test_a_call_that_is_held_already_is_not_told_so_again() -> None:
    play = Play(*TALKING, "5005 Hold A")
    assert short(play.told("5005 InitiateTransfer A to=5001"))[0] == "5005 B StatusChange Dialing"


@pytest.mark.parametrize("to", ["9999", "5005", "5000"])
def test_a_bad_destination_is_refused_before_anything_is_held(to: str) -> None:
    """#4, #48"""
    play = Play(*TALKING)
    (answer,) = play.do(f"5005 InitiateTransfer A to={to}")
    assert answer.startswith("answer refused, bad destination")
    assert play.states("5005") == ["Established"]


# -- several consults ---------------------------------------------------------------------------------------------


def test_a_consult_that_talks_is_held_for_the_next() -> None:
    """#28"""
    play = Play(*CONSULTING)
    told = short(play.told("5005 InitiateTransfer A to=5900"))
    assert told[:2] == ["5005 B StatusChange Held", "5005 C StatusChange Dialing"]
    assert play.states("5005") == ["Held", "Held", "Dialing"]
    assert play.scene.hears("5001") == ["music"]


def test_a_consult_that_rings_goes_on_ringing_beside_the_next_and_is_held_when_it_answers() -> None:
    """#28; the agent hears the consult that is answered first only if it is with no other."""
    play = Play(*TARGET_RINGS, "5005 InitiateTransfer A to=5900", "phone 5900 answer")
    assert play.states("5005") == ["Held", "Dialing", "Established"]
    play.do("phone 5001 answer")
    assert play.states("5005") == ["Held", "Held", "Established"]
    assert play.scene.hears("5001") == ["music"]


def test_there_is_a_limit_to_consults() -> None:
    play = Play(*TARGET_RINGS, consults_max=1)
    (answer,) = play.do("5005 InitiateConference A to=5900")
    assert answer == "answer refused, limit reached: no more consult calls: the limit is 1"
    assert Play(*TARGET_RINGS, consults_max=2).do("5005 InitiateConference A to=5900")[0] == "answer accepted"


# -- rings of transfers -------------------------------------------------------------------------------------------


def test_a_caller_who_has_been_transferred_too_often_is_not_consulted_about_any_more() -> None:
    """#50: told like a consult that failed; the target never rings."""
    play = Play(*CONSULTING, "5005 CompleteTransfer B", hops_max=1)
    told = play.told("5001 InitiateTransfer A to=5900")
    assert short(told) == [
        "5001 A StatusChange Held",
        "5001 C StatusChange Dialing",
        "5001 C StatusChange Released",
        "5001 A StatusChange Held",
    ]
    assert "reason=LoopDetected" in told[2]
    assert play.states("5001") == ["Held"]
    assert play.scene.hears("5900") == []


@pytest.mark.parametrize("operation", ["InitiateTransfer", "InitiateConference"])
def test_what_the_request_adds_to_the_data_has_a_limit(operation: str) -> None:
    play = Play(*TALKING, "5005 AttachUserData A data=a:1", user_data_bytes_max=20)
    assert play.do(f"5005 {operation} A to=5001 data=b:23456789")[0].startswith("answer refused, limit reached")
    assert play.states("5005") == ["Established"]
    assert play.do(f"5005 {operation} A to=5001")[0] == "answer accepted"


def test_where_the_target_is_goes_to_the_switch() -> None:
    play = Play(*TALKING)
    assert "DialLeg 5001 for 5005 location=L" in play.ordered("5005 InitiateTransfer A to=5001 location=L")
