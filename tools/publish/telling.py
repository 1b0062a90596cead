"""The stories of single operations: read from stories/*.toml, played, and what came of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from tools.publish.stage import Asked, Happening, Stage

STORIES = Path(__file__).parent / "stories"


class Situation(msgspec.Struct, frozen=True):
    """Where stories begin, in words and as lines."""

    say: str
    play: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True):
    """A request that is refused: ``ask`` after ``play``, in the story's situation unless it has its own."""

    when: str
    ask: str
    play: tuple[str, ...] = ()
    situation: str = ""
    rules: dict[str, Any] = {}


class Story(msgspec.Struct, frozen=True):
    """One operation: what it is for, the request that shows it, what comes then, and what is refused.

    ``play`` goes on from the situation before the request, and ``say`` tells what that is.
    """

    what: str
    situation: str
    ask: str
    play: tuple[str, ...] = ()
    say: str = ""
    then: tuple[tuple[str, str], ...] = ()
    notes: str = ""
    features: tuple[str, ...] = ()
    rules: dict[str, Any] = {}
    refusals: tuple[Refused, ...] = ()


class Scenes(msgspec.Struct, frozen=True):
    """A story that was played: its stage, the request with what followed, and the same for each line of ``then``."""

    stage: Stage
    first: list[Happening]
    then: list[list[Happening]]


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((STORIES / f"{name}.toml").read_text("utf-8"))


FILES = ("calls", "recording", "agents", "supervision")
SITUATIONS: dict[str, Situation] = msgspec.convert(_load("situations"), dict[str, Situation])
PARAMETERS: dict[str, str] = msgspec.convert(_load("parameters"), dict[str, str])
OPERATIONS: dict[str, Story] = {
    name: story for file in FILES for name, story in msgspec.convert(_load(file), dict[str, Story]).items()
}


def tell(story: Story) -> Scenes:
    """Play a story. Everything in it must be accepted."""
    stage = begin(story, story.situation, story.play)
    first = stage.play(story.ask)
    then = [stage.play(line) for line, _ in story.then]
    for happening in stage.happenings:
        if isinstance(happening, Asked) and happening.status != 200:
            raise ValueError(f"refused in a story: {happening}")
    return Scenes(stage, first, then)


def refuse(story: Story, refused: Refused) -> tuple[Stage, Asked]:
    """Play a request that must be refused, and must change nothing that anybody is told of."""
    stage = begin(story, refused.situation or story.situation, (*story.play, *refused.play), refused.rules)
    asked, *news = stage.play(refused.ask)
    if not isinstance(asked, Asked) or asked.status == 200 or news:
        raise ValueError(f"not refused, or not without consequences: {refused}: {asked} {news}")
    return stage, asked


def begin(story: Story, situation: str, lines: tuple[str, ...] = (), rules: dict[str, Any] | None = None) -> Stage:
    stage = Stage(story.features, {**story.rules, **(rules or {})})
    stage.play(*SITUATIONS[situation].play, *lines)
    return stage
