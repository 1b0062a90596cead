"""The law of calls on Asterisk: board, driver and a likeness of Asterisk together, whatever happens on the wire."""

from __future__ import annotations

import os
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.kit.asterisk_scene import AsteriskScene
from tests.properties.test_law import Switchboard

from cordboard.calls.events import AnyEvent
from cordboard.calls.records import Rules
from cordboard.switches.ari.tracker import AnswerMode


class OnAsterisk(Switchboard):
    """One site, whose telephones are Asterisk's, and are made to answer in one of the three ways."""

    answer = AnswerMode.NOTIFY

    def make_scene(self, rules: Rules) -> Any:
        scene = AsteriskScene(rules, luck=Random(1), answer=self.answer)
        scene.after_input = lambda events: self.law.check_told(events)  # noqa: PLW0108 - there is no law yet
        return scene

    def check_told(self, told: list[AnyEvent]) -> None:
        """That is done after each input of the board, of which there may have been several."""

    @rule(statuses=st.lists(st.sampled_from((0, 400, 412, 500)), min_size=1, max_size=4))
    def misbehave(self, statuses: list[int]) -> None:
        self.scene.fail(*statuses)

    @rule(seed=st.integers(0, 1000))
    def otherwise(self, seed: int) -> None:
        """From now on another thing arrives first."""
        self.scene.luck = Random(seed)

    @rule(choice=st.integers(0, 40))
    def kick(self, choice: int) -> None:
        self.scene.kick(choice)

    @rule()
    def restart(self) -> None:
        self.scene.restart()


class CalledAnew(OnAsterisk):
    answer = AnswerMode.AUTO


class NailedUp(OnAsterisk):
    answer = AnswerMode.NAILED_UP


TestOnAsterisk, TestCalledAnew, TestNailedUp = OnAsterisk.TestCase, CalledAnew.TestCase, NailedUp.TestCase
for _case in (TestOnAsterisk, TestCalledAnew, TestNailedUp):
    _case.settings = settings(
        max_examples=int(os.environ.get("CORDBOARD_LAW_EXAMPLES", "60")),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
del _case
