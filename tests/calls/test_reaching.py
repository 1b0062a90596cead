"""Destinations are checked before anything is touched (call-semantics #4, #48, #50)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.calls.play import CONFERENCE, TALKING, TARGET_RINGS, Play

from cordboard.calls.model import Reason
from cordboard.calls.permits import Permissions
from cordboard.calls.reaching import LOOP, Target, check_destination, reach, too_many_hops
from cordboard.calls.records import Rules
from cordboard.calls.step import Step, replace


def step_on(play: Play, **rules: Any) -> Step:
    permissions = Permissions(play.ledger, False)
    return Step(play.ledger, permissions, Rules(**rules), play.scene.directory, 100.0, play.scene.roster)


@pytest.mark.parametrize("dialled", ["5001", "15000", "0003*5001", "3235742879"])
def test_known_numbers_that_are_not_there_yet_can_be_reached(dialled: str) -> None:
    play = Play(*TALKING)
    assert check_destination(step_on(play), play.call("5005"), dialled) is None


@pytest.mark.parametrize(
    ("dialled", "why"),
    [
        ("9999", "'9999' is no number of this system"),
        ("", "'' is no number of this system"),
        ("5005", "the destination is the caller's own number"),
        ("0003*5005", "the destination is the caller's own number"),
        ("5000", "5000 is a party of this call already"),
    ],
)
def test_others_are_refused_with_the_reason(dialled: str, why: str) -> None:
    play = Play(*TALKING)
    refusal = check_destination(step_on(play), play.call("5005"), dialled)
    assert refusal is not None
    assert (refusal.kind.value, refusal.detail) == ("bad destination", why)


def test_whoever_is_being_rung_is_a_party_too() -> None:
    play = Play(*TALKING, "5005 SingleStepConference A to=5001")
    assert check_destination(step_on(play), play.call("5005"), "5001") is not None


def test_the_parties_of_another_conversation_of_the_same_agent_can_be_reached() -> None:
    play = Play(*TARGET_RINGS)
    assert check_destination(step_on(play), play.call("5005", 0), "5001") is None


def test_every_member_of_a_conference_is_a_party() -> None:
    play = Play(*CONFERENCE)
    refused = [
        number
        for number in ("5000", "5001", "5005", "5900")
        if check_destination(step_on(play), play.call("5005"), number)
    ]
    assert refused == ["5000", "5001", "5005"]


@pytest.mark.parametrize(("hops", "too_many"), [(0, False), (2, False), (3, True), (4, True)])
def test_the_transfer_beyond_the_limit_is_one_too_many(hops: int, too_many: bool) -> None:
    play = Play(*TALKING)
    step = step_on(play, hops_max=3)
    step.put_conversation(replace(play.conversation("5005"), hops=hops))
    assert too_many_hops(step, play.call("5005").conversation) is too_many


# -- whose telephone rings ----------------------------------------------------------------------------------------


def test_a_telephone_for_which_nothing_is_set_rings() -> None:
    play = Play(*TALKING)
    assert reach(step_on(play), play.call("5005").conversation, "5001") == Target("5001")


def test_whoever_is_not_to_be_disturbed_is_busy() -> None:
    play = Play(*TALKING, "5001 do-not-disturb on")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == Target("5001", reason=Reason.BUSY)


def test_forwards_are_followed_and_counted() -> None:
    play = Play(*TALKING, "5001 forwards to=5900", "5900 forwards to=3235742879")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == Target("3235742879", 2)


def test_calls_that_are_forwarded_disturb_nobody_but_those_whom_they_reach() -> None:
    play = Play(*TALKING, "5001 forwards to=5900", "5001 do-not-disturb on")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == Target("5900", 1)
    play.do("5900 do-not-disturb on")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == Target("5900", 1, Reason.BUSY)


@pytest.mark.parametrize(("hops", "found"), [(0, Target("15000", 2)), (1, Target("15000", 2)), (2, LOOP), (3, LOOP)])
def test_forwards_and_transfers_are_hops_of_one_count(hops: int, found: Target) -> None:
    play = Play(*TALKING, "5001 forwards to=5900", "5900 forwards to=15000")
    step = step_on(play, hops_max=3)
    step.put_conversation(replace(play.conversation("5005"), hops=hops))
    assert reach(step, play.call("5005").conversation, "5001") == found


def test_a_ring_of_forwards_is_a_loop() -> None:
    play = Play(*TALKING, "5001 forwards to=5900", "5900 forwards to=5001")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == LOOP


@pytest.mark.parametrize("to", ["5000", "5005"])
def test_a_forward_does_not_lead_back_to_those_who_are_there(to: str) -> None:
    play = Play(*TALKING, f"5001 forwards to={to}")
    assert reach(step_on(play), play.call("5005").conversation, "5001") == LOOP


def test_a_forward_does_not_lead_back_to_whoever_waits_on_hold() -> None:
    play = Play(*TARGET_RINGS, "5900 forwards to=5000")
    assert reach(step_on(play), play.call("5005", 1).conversation, "5900") == LOOP
