"""What happens if the connection breaks, or Asterisk dies, at any moment: each operation with a cut after every frame.

A frame is a request that reaches Asterisk, an answer or an event that comes back. So a cut may come before a request,
after it was carried out but before its answer, and between any two events.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from tests.kit.asterisk_scene import AsteriskScene
from tests.kit.law import Law
from tests.properties.test_law import STORIES, Switchboard, play

from cordboard.calls.events import CallChanged
from cordboard.calls.model import CallState
from cordboard.calls.records import Rules
from cordboard.switches.ari.tracker import AnswerMode

_FRAMES_MAX = 200
ACTIONS = {
    "hold": ("talking", "5005 Hold -"),
    "consultation": ("talking", "5005 InitiateTransfer 5001"),
    "transfer": ("consulting", "5005 CompleteTransfer -"),
    "transfer before the answer": ("target rings", "5005 CompleteTransfer -"),
    "single step transfer": ("talking", "5005 SingleStepTransfer 5001"),
    "single step conference": ("talking", "5005 SingleStepConference 5001"),
    "conference": ("consulting for a conference", "5005 CompleteConference -"),
    "swap": ("consulting", "5005 SwapCalls -"),
    "retrieval": ("held", "5005 Retrieve -"),
    "end of a conference": ("conference", "5005 Hangup -"),
    "recording": ("recorded", "5002 PauseRecording -"),
    "transfer that is recorded": ("recorded for another", "5002 CompleteTransfer -"),
    "end of a monitored call": ("monitored", "5005 Hold -"),
}


class Story(Switchboard):
    """One story, told step by step."""

    def __init__(self, answer: AnswerMode = AnswerMode.NOTIFY) -> None:
        self._answer = answer
        super().__init__()

    def make_scene(self, rules: Rules) -> Any:
        return AsteriskScene(rules, answer=self._answer)

    def tell(self, story: str, luck: Random | None = None) -> None:
        self.scene.luck = luck
        for line in STORIES[story]:
            play(self.scene, line)
            self.scene.run()
            self._check()

    def frames(self, most: int) -> int:
        """Let so many frames arrive; how many there were."""
        count = 0
        while count < most and self.scene.deliver():
            self._check()
            count += 1
        return count

    def end(self) -> list[Any]:
        """All come to rest, and hang up. Returns the calls that were released, each as often as that was told."""
        told: list[Any] = []
        law = self.law

        class Noting(Law):
            def check_events(self, events: Any) -> None:
                events = list(events)
                told.extend(events)
                super().check_events(events)

        noting = self.law = Noting(self.scene)
        noting.remember(law.memory())
        self.come_to_rest()
        self.scene.hang_up_all()
        self.come_to_rest()
        noting.check_over()
        self.scene.check_empty()
        return [
            event.call for event in told if isinstance(event, CallChanged) and event.call.state is CallState.RELEASED
        ]


@pytest.mark.parametrize("answer", AnswerMode)
@pytest.mark.parametrize("story", sorted(STORIES))
def test_stories_are_told_on_asterisk_too(story: str, answer: AnswerMode) -> None:
    told = Story(answer)
    told.tell(story)
    told.come_to_rest()
    told.end()


@pytest.mark.parametrize(
    ("answer", "luck"),
    [(AnswerMode.NOTIFY, None), (AnswerMode.NOTIFY, 1), (AnswerMode.AUTO, None), (AnswerMode.NAILED_UP, None)],
)
@pytest.mark.parametrize("restarted", [False, True], ids=["cut", "restarted"])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_whatever_is_lost_on_the_way_nothing_stays_wrong(
    action: str, restarted: bool, answer: AnswerMode, luck: int | None
) -> None:
    story, command = ACTIONS[action]
    for frames in range(_FRAMES_MAX):
        told = Story(answer)
        told.tell(story, Random(luck) if luck is not None else None)
        play(told.scene, command)
        arrived = told.frames(frames)
        told.scene.cut()
        told._check()
        if restarted:
            told.scene.likeness.restart()
        told.scene.mend()
        told._check()
        calls = {key for key in told.law.known if key not in told.law.released}
        released = told.end()
        assert len({call.key for call in released}) == len(released)
        assert calls <= {call.key for call in released}, "these were never released"
        if arrived < frames:
            return
    raise AssertionError(f"{action} takes more than {_FRAMES_MAX} frames")


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_whoever_hangs_up_at_any_moment_is_gone_and_so_is_all_that_was_for_them(action: str) -> None:
    story, command = ACTIONS[action]
    for frames in range(_FRAMES_MAX):
        arrived = frames
        for number in ("5000", "5001", "5005", "5002"):
            told = Story()
            told.tell(story)
            play(told.scene, command)
            arrived = told.frames(frames)
            for channel in told.scene.likeness.lines(number):
                told.scene.likeness.hang_up(channel)
            told.scene._hear()
            told.end()
        if arrived < frames:
            return


@pytest.mark.parametrize("luck", [None, 1])
@pytest.mark.parametrize("all_of_it", [False, True], ids=["one", "bridge"])
@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_whoever_is_taken_out_at_the_console_at_any_moment_is_put_back(
    action: str, all_of_it: bool, luck: int | None
) -> None:
    story, command = ACTIONS[action]
    for frames in range(_FRAMES_MAX):
        arrived, kicked = frames, 0
        while kicked < 9:
            told = Story()
            told.tell(story, Random(luck) if luck is not None else None)
            play(told.scene, command)
            arrived = told.frames(frames)
            likeness = told.scene.likeness
            there = [channel for channel in likeness.channels.values() if channel.bridge][kicked : kicked + 1]
            for channel in there:
                likeness.destroy(channel.bridge) if all_of_it else likeness.kick(channel)
            told.scene._hear()
            told.end()
            kicked = kicked + 1 if there else 9
        if arrived < frames:
            return
