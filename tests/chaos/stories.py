"""Stories: what the people of a lane do next, given what they see. Dry, so that whatever happens in between, they go on
from where they are.

A customer (``c``) has a telephone only; agent ``a`` and colleague ``b`` have desktops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from tests.chaos.asking import Call


class Scene(msgspec.Struct, frozen=True):
    """What can be seen: the calls of both agents, and what each phone hears ("" alone: on hook)."""

    a: tuple[Call, ...]
    b: tuple[Call, ...]
    states: tuple[str, str, str]
    hears: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    numbers: tuple[str, str, str]
    """Of the customer, the agent, the colleague; ``states`` and ``hears`` are in the same order."""

    def hear_each_other(self, *who: int) -> bool:
        return all(set(self.hears[one]) == {self.numbers[other] for other in who if other != one} for one in who)


class Do(msgspec.Struct, frozen=True):
    """An operation of ``who`` ("a" or "b") on a call; ``to`` is its destination, if it has one."""

    who: str
    call: Call
    operation: str
    to: str = ""


class Dial(msgspec.Struct, frozen=True):
    """The customer dials the agent."""


class HangUp(msgspec.Struct, frozen=True):
    """Somebody goes on hook, by number."""

    number: str


class Done(msgspec.Struct, frozen=True):
    """The story is over."""


Move: TypeAlias = Do | Dial | HangUp | Done | None
"""None: wait."""
Story: TypeAlias = Callable[[Scene], Move]


def _begin(scene: Scene) -> Move:
    """Until customer and agent talk: what to do, None also if there is nothing to do."""
    if not scene.a and scene.states[0] == "idle":
        return Dial()
    for who, calls in (("a", scene.a), ("b", scene.b)):
        for call in calls:
            if "Answer" in call.capabilities:
                return Do(who, call, "Answer")
    return None


def _main(scene: Scene) -> Call | None:
    return next((call for call in scene.a if not call.is_consult), None)


def _consult(scene: Scene) -> Call | None:
    return next((call for call in scene.a if call.is_consult), None)


def _two_steps(scene: Scene, initiate: str, complete: str, *, early: bool = False) -> Move:
    main, consult = _main(scene), _consult(scene)
    if consult is not None and complete in consult.capabilities and (early or consult.state == "Established"):
        return Do("a", consult, complete)
    if (move := _begin(scene)) is not None:
        return move
    if main is not None and consult is None:
        if initiate in main.capabilities and main.state == "Established":
            return Do("a", main, initiate, scene.numbers[2])
        if "Retrieve" in main.capabilities:
            return Do("a", main, "Retrieve")
    return None


def _handed_over(scene: Scene) -> bool:
    return not scene.a and scene.hear_each_other(0, 2) and scene.states[1] == "idle"


def transfer(scene: Scene) -> Move:
    """Two steps; the colleague has answered."""
    return Done() if _handed_over(scene) else _two_steps(scene, "InitiateTransfer", "CompleteTransfer")


def early_transfer(scene: Scene) -> Move:
    """Two steps; the colleague's telephone still rings."""
    return Done() if _handed_over(scene) else _two_steps(scene, "InitiateTransfer", "CompleteTransfer", early=True)


def single_step(scene: Scene) -> Move:
    if _handed_over(scene):
        return Done()
    if (move := _begin(scene)) is not None:
        return move
    main = _main(scene)
    if main is not None and "SingleStepTransfer" in main.capabilities and not scene.b:
        return Do("a", main, "SingleStepTransfer", scene.numbers[2])
    return None


def conference(scene: Scene) -> Move:
    """Three talk; then the agent leaves two behind."""
    if scene.hear_each_other(0, 1, 2):
        main = _main(scene)
        return Do("a", main, "Hangup") if main is not None else None
    if _handed_over(scene):
        return Done()
    return _two_steps(scene, "InitiateConference", "CompleteConference")


def given_up(scene: Scene) -> Move:
    """The colleague is asked and hangs up; the agent goes back to the customer."""
    main, consult = _main(scene), _consult(scene)
    if consult is not None and consult.state == "Established":
        return HangUp(scene.numbers[2])
    if main is not None and consult is None and main.state == "Held" and "Retrieve" in main.capabilities:
        return Do("a", main, "Retrieve")
    return _two_steps(scene, "InitiateTransfer", "none")


class GivenUp:
    """``given_up`` until the agent has been back once: seeing a scene does not tell what was before it."""

    def __init__(self) -> None:
        self._was_held = False

    def __call__(self, scene: Scene) -> Move:
        main = _main(scene)
        self._was_held |= main is not None and main.state == "Held"
        if self._was_held and len(scene.a) == 1 and not scene.b and scene.hear_each_other(0, 1):
            return Done()
        return given_up(scene)


class HeldAWhile:
    """Hold and retrieve."""

    def __init__(self) -> None:
        self._was_held = False

    def __call__(self, scene: Scene) -> Move:
        main = _main(scene)
        if main is None or main.state in ("Ringing", "Dialing"):
            return _begin(scene)
        if main.state == "Held":
            self._was_held = self._was_held or scene.hears[0] == ("music",)
            return Do("a", main, "Retrieve") if self._was_held else None
        if self._was_held:
            return Done() if scene.hear_each_other(0, 1) else None
        return Do("a", main, "Hold")


STORIES: dict[str, Callable[[], Story]] = {
    "transfer": lambda: transfer,
    "early transfer": lambda: early_transfer,
    "single step": lambda: single_step,
    "conference": lambda: conference,
    "given up": GivenUp,
    "held": HeldAWhile,
}
