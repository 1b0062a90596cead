"""Every story in this folder is told again and must read the same. See ``tests.kit.telling`` for the words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.kit.telling import retell

STORIES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_story_reads_the_same(story: Path) -> None:
    written = story.read_text()
    told = retell(written)
    if os.environ.get("CORDBOARD_REWRITE"):
        story.write_text(told)
    assert told == written, f"{story.name} reads otherwise now; see it with CORDBOARD_REWRITE=1 and git diff"


def test_there_are_stories() -> None:
    assert len(STORIES) >= 20
