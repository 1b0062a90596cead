"""The stories of this folder on a likeness of Asterisk, with a server that is killed at every input of every line."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from tests.kit.asterisk_mortal import can_be_told, told
from tests.kit.mortal import Death
from tests.kit.reading import differences, without_time
from tests.transcripts.test_transcripts import STORIES

TOLD = [story for story in STORIES if can_be_told(story.read_text())]


@pytest.mark.parametrize(("number", "story"), [*enumerate(TOLD)], ids=lambda one: getattr(one, "stem", ""))
def test_the_story_goes_on_as_if_nothing_had_happened(number: int, story: Path) -> None:
    """Orders have left, or not, by turns."""
    written = story.read_text()
    alive, _ = told(written)
    for first in count(1):
        death = Death(first, ordered=bool((first + number) % 2))
        text, witness = told(written, death)
        if not witness.mortal.deaths:
            break
        assert differences(without_time(alive), without_time(text)) == [], death
    assert first > 1, "no server has died"


def test_most_stories_are_told() -> None:
    assert len(TOLD) >= 100
