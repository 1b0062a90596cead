"""Orders that leave late, as what led to them had to be written down first: the link may not be the same any more.

On both switches, for each story: its last line is played while nothing becomes durable.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.asterisk_scene import AsteriskScene
from tests.kit.law import Law
from tests.kit.scene import Scene
from tests.properties.test_law import STORIES, play

from cordboard.calls.board import Board
from cordboard.calls.records import Rules

TALES = sorted(set(STORIES) - {"nothing"})
RULES = Rules(conference_max=4, park_slots=2)
SCENES = {"virtual": lambda: Scene(RULES), "Asterisk": lambda: AsteriskScene(RULES)}


def told_late(switch: str, story: str) -> tuple[Any, Law]:
    """Nothing that was ordered for the last line has left."""
    scene: Any = SCENES[switch]()
    law = Law(scene)
    *before, last = STORIES[story]
    for line in before:
        play(scene, line)
        scene.run()
    scene.be_slow(True)
    play(scene, last)
    scene.run()
    return scene, law


def come_to_rest(scene: Any, law: Law) -> None:
    scene.be_slow(False)
    scene.run()
    scene.wait(scene.rules.order_timeout_s + 3)
    law.check_events(scene.news())
    law.check_at_rest()


@pytest.mark.parametrize("switch", SCENES)
@pytest.mark.parametrize("story", TALES)
def test_orders_may_leave_late(story: str, switch: str) -> None:
    scene, law = told_late(switch, story)
    scene.wait(scene.rules.order_timeout_s - 1)
    come_to_rest(scene, law)


@pytest.mark.parametrize("switch", SCENES)
@pytest.mark.parametrize("story", TALES)
def test_orders_may_leave_after_they_were_given_up(story: str, switch: str) -> None:
    """Nobody answered in time; what is so then is found out."""
    scene, law = told_late(switch, story)
    scene.wait(scene.rules.order_timeout_s + 1)
    come_to_rest(scene, law)


@pytest.mark.parametrize("switch", SCENES)
@pytest.mark.parametrize("story", TALES)
def test_orders_from_before_a_lost_link_do_not_leave_after_it(story: str, switch: str) -> None:
    scene, law = told_late(switch, story)
    scene.cut()
    scene.run()
    scene.mend()
    scene.run()
    come_to_rest(scene, law)


@pytest.mark.parametrize("switch", SCENES)
def test_it_would_be_found_if_they_did(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Board, "links", 0)
    with pytest.raises(AssertionError, match="at the switch"):
        test_orders_from_before_a_lost_link_do_not_leave_after_it("held", switch)
