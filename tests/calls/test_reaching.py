"""Destinations are checked before anything is touched (call-semantics #4, #48, #50)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.calls.play import CONFERENCE, TALKING, TARGET_RINGS, Play

from cordboard.calls.permits import Permissions
from cordboard.calls.reaching import check_destination, too_many_hops
from cordboard.calls.records import Rules
from cordboard.calls.step import Step, replace


def step_on(play: Play, **rules: Any) -> Step:
    return Step(play.ledger, Permissions(play.ledger, False), Rules(**rules), play.scene.directory, 100.0)


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
