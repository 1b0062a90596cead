"""The law of calls on Asterisk: board, driver and a likeness of Asterisk together, whatever happens on the wire."""

from __future__ import annotations

import os
import re
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.kit.asterisk_scene import AsteriskScene
from tests.properties.test_law import Switchboard

from cordboard.calls.events import AnyEvent
from cordboard.calls.model import MonitorKind, MonitorMode, MonitorScope
from cordboard.calls.records import Rules
from cordboard.switches.ari.tracker import AnswerMode
from cordboard.switches.virtual.persons import Hangup

_MEDDLING = (
    r"POST bridges/.*/(addChannel|record) |POST channels/create |POST channels/[^ ]*/(moh|ring|answer|dial) "
    r"|DELETE channels/[^/ ]* "
)


class OnAsterisk(Switchboard):
    """One site, whose telephones are Asterisk's, and are made to answer in one of the three ways."""

    answer = AnswerMode.NOTIFY
    meddling = re.compile(_MEDDLING)
    """Requests that somebody could hear; what stops music and ringing where there is none is not among them."""

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

    @rule()
    def die_at_rest(self) -> None:
        """Nobody who talks or waits notices that the process was killed, and recordings go on as if it had not been."""
        self.come_to_rest()
        scene = self.scene
        heard, recorded = scene.all_hear(), scene.being_recorded()
        scene.log.clear()
        scene.die()
        scene.run()
        if not scene.board.ledger.monitors:  # supervisors are placed anew: who hears them is not to be found out
            meddled = [line for line in scene.log if self.meddling.match(line)]
            assert not meddled, f"a restart is heard: {meddled}"
        assert scene.all_hear() == heard
        assert scene.being_recorded() == recorded


class CalledAnew(OnAsterisk):
    answer = AnswerMode.AUTO


class NailedUp(OnAsterisk):
    answer = AnswerMode.NAILED_UP
    meddling = re.compile(_MEDDLING.replace("|ring", ""))  # what rings in an ear is asked for again, to be sure


def test_a_supervisor_on_a_line_that_stays_open_is_heard_after_a_lost_link() -> None:
    """The line is in the bridge yet, for the call before, in which nobody heard him."""
    board = NailedUp()
    board.begin(consult=False, tries=0, clear=False, retrieve=False, story="monitored consult")
    board.scene.act("5005", Hangup(line=0))
    board.scene.run()
    board.monitor(
        kind=MonitorKind.BARGE_IN, mode=MonitorMode.NEXT_CALL, number="5900", scope=MonitorScope.AGENT, whom="5000"
    )
    board.cut_or_mend(down=True)
    board.come_to_rest()
    board.teardown()


TestOnAsterisk, TestCalledAnew, TestNailedUp = OnAsterisk.TestCase, CalledAnew.TestCase, NailedUp.TestCase
for _case in (TestOnAsterisk, TestCalledAnew, TestNailedUp):
    _case.settings = settings(
        max_examples=int(os.environ.get("CORDBOARD_LAW_EXAMPLES", "60")),
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
del _case
