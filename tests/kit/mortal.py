"""A site whose server is killed in the middle of stories, and the stories as they are told then.

Board, roster and chronicle are thrown away and filled from rows. ``Death`` says at which inputs of each line of a story
that happens, and whether orders had left by then. The exchange goes on. Where it was told to fail it fails again: it
was the switch, and not the server, that could not do it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from tests.kit.law import Law
from tests.kit.scene import Scene
from tests.kit.telling import Teller, retell

from cordboard.calls.board import Outcome
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import OrderId
from cordboard.calls.orders import AnyOrder
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport
from cordboard.switches.virtual.faults import Fault, Link
from cordboard.uapi import keeping
from cordboard.uapi.chronicle import Chronicle, Happening

_W = TypeVar("_W", bound=Teller)


class Death(msgspec.Struct, frozen=True):
    """The process dies at the ``first`` input of each line, and so often in a row: when that is written down and before
    anything is ordered, or when the switch has carried it out (``ordered``) and before its answer is heard."""

    first: int
    ordered: bool
    times: int = 1


class FaultyLink(Link):
    """Knows which faults befell which orders, so that they can befall them again."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.exchange)
        self._order: OrderId = 0
        self._befell: dict[OrderId, Fault] = {}

    def _submit_one(self, order: AnyOrder, now: float) -> list[AnyReport]:
        self._order = order.order
        return super()._submit_one(order, now)

    def _use_fault(self, name: str) -> Fault | None:
        fault = super()._use_fault(name)
        if fault is not None:
            self._befell[self._order] = msgspec.structs.replace(fault, count=1)
        return fault

    def befall_again(self, orders: Iterable[OrderId]) -> list[Fault]:
        """They befall what is ordered instead of these; those that may be left over."""
        again = [self._befell.pop(order) for order in orders if order in self._befell]
        self._faults[:0] = again
        return again

    def forget(self, again: Iterable[Fault]) -> None:
        """Nothing was ordered instead."""
        self._faults = [fault for fault in self._faults if not any(fault is one for one in again)]


class Dying:
    """To be put before a scene: its server dies when ``death`` says so. ``deaths`` counts."""

    dies: bool
    die: Any

    def __init__(self, rules: Rules, death: Death | None) -> None:
        self.deaths = 0
        self._death: Death | None = None
        self._inputs = 0
        super().__init__(rules)  # type: ignore[call-arg]  # that of the scene
        self._death = death

    def begin_line(self) -> None:
        self._inputs = 0

    def _take(self, outcome: Outcome) -> None:
        self._inputs += 1
        death, last = self._death, self._inputs
        dying = death is not None and death.first <= last < death.first + death.times and outcome.refusal is None
        at_once = dying and death is not None and not death.ordered and bool(outcome.orders)
        self.deaths += dying
        self.dies = self.dies or at_once
        super()._take(outcome)  # type: ignore[misc]
        if dying and not at_once:
            self.die()


class Mortal(Dying, Scene):
    """One server after the other; the next one is there at once, and hears what there is."""

    def __init__(self, rules: Rules, death: Death | None = None) -> None:
        self.chronicle = Chronicle()
        self.happenings: list[Happening] = []
        super().__init__(rules, death)
        self.link: FaultyLink = FaultyLink(self)

    def die(self) -> None:
        again = self.link.befall_again(self.board.ledger.waiting)
        super().die()
        self.chronicle = Chronicle()
        self.chronicle.restore(keeping.read_phone_calls(self.kept.read))
        while not (self._linked or self.link.down):
            assert self.deliver()
        self.link.forget(again)

    def _take(self, outcome: Outcome) -> None:
        self._write(outcome)
        super()._take(outcome)

    def _write(self, outcome: Outcome) -> None:
        """What belongs to the same entry."""
        self.happenings += self.chronicle.heed(outcome.events, self.now)
        for event in outcome.events:
            if isinstance(event, MonitoringChanged):
                self.roster.monitoring_changed(event)
        self.kept.note(self.roster.take_rows())
        self.kept.note(keeping.phone_call_rows(self.chronicle.take_changed()))


class Witness(Teller):
    """Tells a story on a mortal's site, and sees that the law holds after every line of it."""

    def __init__(self, rules: Rules, death: Death | None = None) -> None:
        self.mortal = Mortal(rules, death)
        super().__init__(rules, self.mortal)
        self.law = Law(self.mortal)
        self.raced = False
        """Whether the process died while reports were held back, after the switch had acted on its orders: what was
        to be decided by who is first was decided by that."""

    def play(self, line: str) -> list[str]:
        self.mortal.begin_line()
        before = self.mortal.deaths
        said = super().play(line)
        self.raced = self.raced or (self.holding and self.mortal.deaths > before)
        self.law.check_events(self.events)
        self.law.check_always()
        self.law.check_kept()
        return said

    def end(self) -> None:
        """The switch does as it is told, and all come to rest."""
        scene = self.mortal
        scene.end_faults()
        scene.run()
        scene.wait(scene.rules.order_timeout_s + 3)
        self.law.check_events(scene.news())
        self.law.check_at_rest()


def told(story: str, death: Death | None = None) -> tuple[str, Witness]:
    """The story as it reads with these deaths, and who saw it."""
    return witnessed(story, lambda rules: Witness(rules, death))


def witnessed(story: str, witness_of: Callable[[Rules], _W]) -> tuple[str, _W]:
    """The story as it reads now, and who saw it."""
    witnesses: list[_W] = []

    def witness(rules: Rules) -> Teller:
        witnesses.append(witness_of(rules))
        return witnesses[0]

    text = retell(story, witness)
    return text, witnesses[0]
