"""Walks every interleaving of a small world, breadth first, and checks the law after each input.

From the end of a story everything that could happen next is tried, then everything that could happen after that, to
a given depth. Worlds that differ only in names and counters are walked once (``explorer_world.Likeness``). As the
walk is breadth first, the first counterexample is a shortest one; it is told as a transcript.

After each input ``Law.check_always``; wherever nothing is on its way ``check_at_rest``. The worlds at the rim are let
come to rest; and then time passes until nobody rings any more, everybody hangs up, and nothing may be left of them.

Deliberately absent: chance, and parallel walks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.kit.explorer_inputs import Ask, Cast, Input, Take, may_be_refused, perform, possible
from tests.kit.explorer_likeness import likeness
from tests.kit.explorer_telling import Happening, lines_of
from tests.kit.explorer_world import Kept, World
from tests.kit.rows import Cell

from cordboard.calls.model import CallState, Operation
from cordboard.calls.operations.table import HANDLERS
from cordboard.switches.virtual import persons


class Counterexample(AssertionError):  # noqa: N818 - it is not an error that one is found
    """The law does not hold. Says why, and tells the story that shows it."""

    def __init__(self, why: str, lines: list[str]) -> None:
        super().__init__(why)
        self.why = why
        self.lines = lines

    def __str__(self) -> str:
        return "\n".join([f"# {line}" for line in self.why.splitlines()] + [""] + self.lines)


class Level(NamedTuple):
    """What was seen at one depth."""

    depth: int
    states: int
    transitions: int


class Place(NamedTuple):
    """A world at the rim: how it is, what it is known by, the step that led there, how many faults are left."""

    kept: Kept
    name: int
    step: int
    faults: int


class Walk:
    """One walk of one cast. ``levels`` grows while it goes on."""

    def __init__(self, cast: Cast, watch: Callable[[Walk], None] | None = None) -> None:
        self.cast = cast
        self.world = World(cast.rules, cast.numbers)
        self.levels: list[Level] = []
        self.cells: set[Cell] = set()
        self.operations: set[Operation] = set()
        """Those that were accepted."""
        self.transitions = 0
        self.rests = 0
        self._watch = watch
        self._seen: set[int] = set()
        self._rested: set[int] = set()
        self._steps: list[tuple[int, Happening]] = []
        self._frontier: list[Place] = []
        self._begin()

    @property
    def states(self) -> int:
        return len(self._seen)

    @property
    def frontier(self) -> int:
        return len(self._frontier)

    def _begin(self) -> None:
        world = self.world
        world.scene.board._permissions.touched = self.cells
        for line in self.cast.story:
            world.play(line)
        name = self._name(self.cast.faults)
        self._seen.add(name)
        self._frontier = [Place(world.keep(), name, -1, self.cast.faults)]
        self.levels.append(Level(0, 1, 0))

    def go(self, depth: int) -> None:
        """Walk on until so many inputs after the story; then let the rim come to rest."""
        while len(self.levels) <= depth and self._frontier:
            self._deeper()
        for place in self._frontier:
            self.world.put_back(place.kept)
            self._checked(place.step, None, self._come_to_rest)

    # -- one level -------------------------------------------------------------------------------------------------

    def _deeper(self) -> None:
        frontier, self._frontier = self._frontier, []
        before = self.transitions
        found = len(self._seen)
        for place in frontier:
            self.world.put_back(place.kept)
            for happens in list(possible(self.world, self.cast)):
                self._branch(place, happens)
        self.levels.append(Level(len(self.levels), len(self._seen) - found, self.transitions - before))

    def _branch(self, place: Place, happens: Input) -> None:
        """The input as it should go; and once for each kind of order that follows from it and could fail."""
        ordered = self._try(place, Happening(happens))
        if place.faults:
            for name in ordered:
                self._try(place, Happening(happens, name))

    def _try(self, place: Place, happening: Happening) -> list[str]:
        step, faults = place.step, place.faults - bool(happening.failing)
        self.world.put_back(place.kept)
        self.transitions += 1
        if self._watch is not None and not self.transitions % 1000:
            self._watch(self)
        ordered: list[str] = []
        self._checked(step, happening, lambda: ordered.extend(self._happen(happening, faults, place.name)))
        name = self._name(faults)
        if name not in self._seen:
            self._seen.add(name)
            self._checked(step, happening, self._check)
            self._steps.append((step, happening))
            self._frontier.append(Place(self.world.keep(), name, len(self._steps) - 1, faults))
        return ordered

    def _happen(self, happening: Happening, faults: int, before: int) -> list[str]:
        world, step = self.world, happening.step
        refusal = perform(world, step, happening.failing)
        assert not isinstance(step, Take) or refusal is None, f"permitted, but refused: {step}: {refusal}"
        if isinstance(step, Ask) and refusal is None:
            self.operations.add(HANDLERS[type(step.command)].operation)
        elif isinstance(step, Ask) and refusal is not None:
            assert may_be_refused(world, step.command, refusal), f"offered, but refused: {step.command}: {refusal}"
            assert self._name(faults) == before, f"refused, but something changed: {step.command}: {refusal}"
        ordered = list(dict.fromkeys(type(order).__name__ for order in world.scene.orders))
        happening.routine = world.deliver_routine()
        told = world.scene.news()
        world.law.check_events(told)
        world.law.check_told(told)
        return ordered

    def _check(self) -> None:
        world = self.world
        world.law.check_always()
        if not world.scene.reports and not world.ledger.waiting and not world.ledger._timers:
            world.law.check_at_rest()

    def _name(self, faults: int) -> int:
        return hash((likeness(self.world), faults))

    # -- the rim ---------------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        """Everything on its way arrives, one by one; stops where another world has come by already."""
        world = self.world
        while world.scene.reports or world.ledger.waiting:
            name = self._name(0)
            if name in self._rested:
                return
            self._rested.add(name)
            if world.scene.reports:
                world.scene.deliver()
            else:
                world.scene.wait(world.time_left(), deliver=False)
            world.law.check_events(world.scene.news())
        name = self._name(0)
        if name not in self._rested:
            self._rested.add(name)
            self._come_to_the_end()

    def _come_to_the_end(self) -> None:
        """Time passes until nobody rings; everybody hangs up; nothing may be left."""
        self.rests += 1
        world = self.world
        scene, law = world.scene, world.law
        scene.wait(self.cast.rules.order_timeout_s + 3)
        law.check_events(scene.news())
        law.check_at_rest()
        scene.wait(1000)
        law.check_events(scene.news())
        law.check_at_rest()
        for call in world.ledger.calls.values():
            assert call.state in (CallState.ESTABLISHED, CallState.HELD), f"{call} will never end"
        for number in world.numbers:
            for slot in list(world.plant.phones[number].lines):
                scene.act(number, persons.Hangup(line=slot))
                scene.run()
        scene.wait(1000)
        law.check_events(scene.news())
        law.check_over()

    # -- counterexamples -------------------------------------------------------------------------------------------

    def _checked(self, step: int, happening: Happening | None, check: Callable[[], None]) -> None:
        try:
            check()
        except Exception as error:  # whatever goes wrong in the house is a finding
            raise Counterexample(f"{type(error).__name__}: {error}", self._story(step, happening)) from error

    def _story(self, step: int, happening: Happening | None) -> list[str]:
        path = [happening] if happening is not None else []
        while step >= 0:
            step, earlier = self._steps[step]
            path.append(earlier)
        return lines_of(self.cast, path[::-1])
