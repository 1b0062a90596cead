"""The server dies at any moment of an operation on a likeness of Asterisk: everybody is told, and hears, the same.

After every frame (``test_asterisk_stories``), and when something is written down of which no order has left.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec
import pytest
from tests.properties.test_asterisk_stories import _FRAMES_MAX, ACTIONS, Story
from tests.properties.test_law import NUMBERS, play

from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, MonitoringChanged
from cordboard.calls.model import Number
from cordboard.switches.ari.tracker import AnswerMode


class Told(Story):
    """Remembers what each has been told, but for how long calls have lasted."""

    def __init__(self, answer: AnswerMode = AnswerMode.NOTIFY) -> None:
        self.told: defaultdict[Number, list[object]] = defaultdict(list)
        super().__init__(answer)

    def check_told(self, told: list[AnyEvent]) -> None:
        super().check_told(told)
        for event in told:
            match event:
                case CallChanged(change, call, permits):
                    self.told[call.owner].append((change, msgspec.structs.replace(call, began=0.0), permits))
                case CallFailed():
                    self.told[event.owner].append(event)
                case MonitoringChanged():
                    self.told[event.supervisor].append(event)

    def settle(self) -> None:
        """Everything arrives that is on its way."""
        self._check()
        self.frames(10 * _FRAMES_MAX)

    def heard(self) -> dict[Number, list[list[Number]]]:
        """What is heard on every line."""
        likeness = self.scene.likeness
        return {number: [sorted(likeness.hears(line)) for line in likeness.lines(number)] for number in NUMBERS}


def begun(action: str, answer: AnswerMode, *, dying: bool = False) -> Told:
    """The operation is asked for; the server dies before it orders anything of it, if it is ``dying``."""
    story, command = ACTIONS[action]
    told = Told(answer)
    told.tell(story)
    if dying:
        told.scene.die_before_ordering()
    play(told.scene, command)
    return told


@pytest.mark.parametrize("answer", [AnswerMode.NOTIFY, AnswerMode.NAILED_UP])
@pytest.mark.parametrize("written", [False, True], ids=["ordered", "written"])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_everybody_is_told_the_same(action: str, written: bool, answer: AnswerMode) -> None:
    alive = begun(action, answer)
    alive.settle()
    for frames in range(_FRAMES_MAX):
        told = begun(action, answer, dying=written and not frames)
        arrived = told.frames(frames)
        if written:
            told.scene.die_before_ordering()
        else:
            told.scene.die()
        told.settle()
        assert told.told == alive.told
        assert told.heard() == alive.heard()
        told.end()
        if arrived < frames:
            return
    raise AssertionError(f"{action} takes more than {_FRAMES_MAX} frames")
