"""The law of calls over the link to an exchange of its own process, whatever breaks at whichever frame."""

from __future__ import annotations

import os
from random import Random
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.kit.link_scene import LinkScene
from tests.properties.test_law import Switchboard, numbers, then

from cordboard.calls.events import AnyEvent
from cordboard.calls.records import Rules

arriving = st.sampled_from((0, 0, 1, 2, 99))
"""So many of the frames that are under way still arrive."""
HARMS = (*("break", "break", "out of reach", "die") * 3, "kill the exchange")
"""The last one leaves no calls to harm."""


class OverTheLink(Switchboard):
    """One site."""

    def make_scene(self, rules: Rules) -> Any:
        scene = LinkScene(rules, Random(1))
        scene.after_input = lambda events: self.law.check_told(events)  # noqa: PLW0108 - there is no law yet
        return scene

    def check_told(self, told: list[AnyEvent]) -> None:
        """That is done after each input of the board, of which there may have been several."""

    @rule(seed=st.integers(0, 1000))
    def otherwise(self, seed: int) -> None:
        """From now on another thing comes first."""
        self.scene.luck = Random(seed)

    @rule(
        data=st.data(),
        to=numbers,
        is_slow=st.booleans(),
        steps=st.integers(0, 6),
        harm=st.sampled_from(HARMS),
        to_exchange=arriving,
        to_server=arriving,
        count=then,
    )
    def harm_in_the_middle(
        self,
        data: st.DataObject,
        to: str,
        is_slow: bool,
        steps: int,
        harm: str,
        to_exchange: int,
        to_server: int,
        count: int,
    ) -> None:
        """Somebody asks for something, and so many steps later something breaks. While the disk is slow orders wait
        until what they belong to is durable."""
        self.scene.be_slow(is_slow)
        if self._calls():
            self.command(data, to, 0)
        self.deliver(steps)
        match harm:
            case "break":
                self.scene.lose(to_exchange, to_server)
            case "out of reach":
                self.scene.lose(to_exchange, to_server)
                self.scene.reachable = False
            case "die":
                self.scene.die(to_exchange)
            case _:
                self.scene.kill_exchange(to_server)
        self.deliver(count)

    @rule()
    def the_exchange_can_be_reached(self) -> None:
        self.scene.reachable = True


TestOverTheLink = OverTheLink.TestCase
TestOverTheLink.settings = settings(
    max_examples=int(os.environ.get("CORDBOARD_LAW_EXAMPLES", "80")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
