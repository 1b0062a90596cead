"""Stories of the acceptance tests, told on the virtual switch there, by telephones here: nobody is told anything else.

Absent are those in which the lab does what telephones can't be made to do, and those that are not about voices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.acceptance import test_calls, test_recording, test_supervision, test_transfer_and_conference
from tests.live.stage import LiveStage

HANDLING = (
    test_calls.test_dial_with_data_and_hang_up,
    test_calls.test_dial_a_busy_number,
    test_calls.test_user_data_are_told_to_both,
    test_calls.test_hold_retrieve_and_digits,
    test_calls.test_swap_and_give_the_consult_up,
    test_calls.test_extended_numbers,
    test_calls.test_what_is_refused_is_told_to_nobody,
)
HANDING_OVER = (
    test_transfer_and_conference.test_two_step_transfer_by_the_one_who_dialled,
    test_transfer_and_conference.test_conference,
    test_transfer_and_conference.test_a_conference_is_muted_and_goes_on_without_its_owner,
)
SUPERVISING = (
    test_supervision.test_from_listening_to_barging_in_and_back,
    test_supervision.test_the_next_call_is_waited_for,
)
RECORDING = (
    test_recording.test_a_call_ends_while_it_is_recorded_and_whose_recording_that_is,
    test_recording.test_a_long_recording_is_as_long_as_it_ran,
)


def name(story: Callable[..., None]) -> str:
    return story.__name__.removeprefix("test_")


@pytest.mark.parametrize("story", HANDLING + HANDING_OVER + RECORDING, ids=name)
def test_it_is_the_same(stage: LiveStage, story: Callable[[Any], None]) -> None:
    stage.floor.bring("5008")
    story(stage)


@pytest.fixture
def supervisor(stage: LiveStage) -> Iterator[None]:
    stage.floor.bring(test_supervision.SUPERVISOR, test_supervision.COLLEAGUE)
    yield
    stage.agents[test_supervision.SUPERVISOR].post("/me", operationName="EndContactCenterSession")


@pytest.mark.usefixtures("supervisor")
@pytest.mark.parametrize("story", SUPERVISING, ids=name)
def test_supervising_is_the_same(stage: LiveStage, story: Callable[[Any], None]) -> None:
    story(stage)


@pytest.mark.usefixtures("supervisor")
@pytest.mark.parametrize("scope", ["Agent", "Call"])
def test_a_monitored_agent_hands_the_call_over(stage: LiveStage, scope: str) -> None:
    test_supervision.test_a_monitored_agent_hands_the_call_over(stage, scope)


@pytest.mark.parametrize(
    "data", [{}, {"TransferReason": "Escalation", "TransferAgent": "WillardC"}], ids=["bare", "data"]
)
def test_single_step_transfer(stage: LiveStage, data: dict[str, str]) -> None:
    vector = "single_step_transfer_2" if data else "single_step_transfer_1"
    test_transfer_and_conference.test_single_step_transfer(stage, vector, data)
