"""Stories told by telephones on Asterisk, several at once: in each lane one after the other, with people of its own.

Those of the acceptance tests are the very same as on the virtual switch: nobody is told anything else. Absent are those
of them in which the lab does what telephones can't be made to do, that are not about voices, or count samples.

``CORDBOARD_STORY=swap`` tells those only whose names have this in them.
"""

from __future__ import annotations

import inspect
import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from tests.acceptance import (
    test_calls,
    test_recording,
    test_supervision,
    test_transfer_and_conference,
    test_two_step_transfer,
)
from tests.acceptance.desktops import Drivers
from tests.live.floor import Floor
from tests.live.stage import LiveStage, tell
from tests.live.stories import conferences, consulting, dialling_and_answering, recordings, second_make

Story = Callable[[Any], None]


def supervised(story: Callable[..., None], **how: str) -> Story:
    """Monitoring does not end with the calls; it ends with the supervisor's session."""

    def told(stage: LiveStage) -> None:
        stage.bring(test_supervision.SUPERVISOR, test_supervision.COLLEAGUE)
        try:
            story(stage, **how)
        finally:
            stage.agents[test_supervision.SUPERVISOR].post("/me", operationName="EndContactCenterSession")

    told.__name__ = " ".join([story.__name__, *how.values()])
    return told


def swap_and_give_the_consult_up(stage: LiveStage) -> None:
    stage.bring("5008")
    test_calls.test_swap_and_give_the_consult_up(stage)


def single_step_transfer(stage: LiveStage) -> None:
    test_transfer_and_conference.test_single_step_transfer(stage, "single_step_transfer_1", {})


def single_step_transfer_with_data(stage: LiveStage) -> None:
    data = {"TransferReason": "Escalation", "TransferAgent": "WillardC"}
    test_transfer_and_conference.test_single_step_transfer(stage, "single_step_transfer_2", data)


def of(module: ModuleType) -> list[Story]:
    """Its stories, in their order."""
    return [found for name, found in inspect.getmembers(module, inspect.isfunction) if name.startswith("test_")]


LANES: tuple[list[Story], ...] = (
    # 5003, 5004, 15003, 15004, 15007 to 15009, and the trunk
    [*of(dialling_and_answering), *of(consulting)],
    # 5006 to 5008, and extended numbers
    [
        test_calls.test_dial_with_data_and_hang_up,
        test_calls.test_dial_a_busy_number,
        test_calls.test_user_data_are_told_to_both,
        test_calls.test_hold_retrieve_and_digits,
        swap_and_give_the_consult_up,
        test_calls.test_extended_numbers,
        test_calls.test_what_is_refused_is_told_to_nobody,
        *of(conferences),
    ],
    # 15000 to 15002, 15005, 15006
    [
        single_step_transfer,
        single_step_transfer_with_data,
        test_transfer_and_conference.test_two_step_transfer_by_the_one_who_dialled,
        test_transfer_and_conference.test_conference,
        test_transfer_and_conference.test_a_conference_is_muted_and_goes_on_without_its_owner,
        *of(second_make),
    ],
    # 5000 to 5002, 5005, 5900
    [
        test_two_step_transfer.test_completed_while_the_colleagues_phone_rings,
        test_two_step_transfer.test_completed_after_the_colleague_answered,
        supervised(test_supervision.test_from_listening_to_barging_in_and_back),
        supervised(test_supervision.test_the_next_call_is_waited_for),
        supervised(test_supervision.test_a_monitored_agent_hands_the_call_over, scope="Agent"),
        supervised(test_supervision.test_a_monitored_agent_hands_the_call_over, scope="Call"),
        test_recording.test_a_call_ends_while_it_is_recorded_and_whose_recording_that_is,
        *of(recordings),
    ],
)


def test_all_are_told_as_they_should_be(floor: Floor, drivers: Drivers, subtests: pytest.Subtests) -> None:
    chosen = os.environ.get("CORDBOARD_STORY", "")
    lanes = [[story for story in lane if chosen in story.__name__] for lane in LANES]
    with ExitStack() as stack, ThreadPoolExecutor(len(lanes)) as pool:
        floors = [floor, *(stack.enter_context(closing(floor.beside())) for _ in lanes[1:])]
        outcomes = list(pool.map(lambda floor, lane: [*map(partial(tell, floor, drivers), lane)], floors, lanes))
    for story, error in zip(itertools.chain(*lanes), itertools.chain(*outcomes), strict=True):
        with subtests.test(story.__name__.removeprefix("test_")):
            if error is not None:
                raise error
    assert not floor.left()


def test_a_story_is_told_again_when_a_telephone_s_process_crashes(floor: Floor, drivers: Drivers) -> None:
    tries = []

    def story(stage: LiveStage) -> None:
        stage.bring("15006")
        tries.append(stage)
        if len(tries) == 1:
            floor.run(floor.phones.phones["15006"].crash())
        stage.phone("15006").set(refuse=486)
        stage.phone("15006").set(refuse=0)

    assert tell(floor, drivers, story) is None
    assert len(tries) == 2
