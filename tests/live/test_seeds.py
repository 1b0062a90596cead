"""5000 calls 5005, who consults 5001 and hands over: the story of tests/acceptance, told by telephones.

All three are told the same as on the virtual switch, member by member.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.acceptance import test_two_step_transfer as two_steps
from tests.live.stage import LiveStage

STORIES = (
    two_steps.test_completed_while_the_colleagues_phone_rings,
    two_steps.test_completed_after_the_colleague_answered,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
def test_a_two_step_transfer(stage: LiveStage, story: Callable[[Any], None]) -> None:
    story(stage)
