"""A world that can be kept and put back: a scene's whole state as a value.

Copying a scene with ``copy.deepcopy`` takes milliseconds; here only what changes is copied, as the rows of the ledger
are frozen. Whoever adds state to the ledger, the exchange or the link must teach it to this module: the test of this
module fails until then.
Deliberately absent: what makes two worlds the same (``explorer_likeness``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from tests.kit.keeping import counts
from tests.kit.law import Law
from tests.kit.people import PEOPLE, TENANT
from tests.kit.scene import Scene
from tests.kit.telling import Teller

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Number
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport, OrderDone
from cordboard.people.directory import Directory
from cordboard.switches.virtual.phones import Line
from cordboard.switches.virtual.recorder import Reel

TABLES = (
    *("calls", "conversations", "legs", "owners", "consults", "busy", "shown_busy", "waiting", "dropping", "switch"),
    *("tapes", "taped", "slots", "messages", "rooms", "segments", "threads"),
    *("monitors", "monitored_by", "supervisors"),
)
COUNTERS = ("_calls_born", "_legs_born", "_orders_given", "_timers_set")
_LINE = ("slot", "leg", "party", "stage", "place", "held", "muted", "spying", "digits", "alarm")
_line_of = attrgetter(*_LINE)


class Kept(NamedTuple):
    """A world's state. Ledger: tables, counters, timers; exchange; what waits; what the law remembers."""

    tables: tuple[dict[Any, Any], ...]
    counters: tuple[int, ...]
    order_timers: tuple[tuple[float, int], ...]
    timers: list[tuple[float, int, str, Any]]
    lines: tuple[tuple[Number, tuple[Any, ...], bool], ...]
    mixes: tuple[tuple[str, tuple[str, ...]], ...]
    alarms: tuple[tuple[float, int, str, Any, Any], ...]
    reels: tuple[Any, ...]
    plant_counters: tuple[int, int]
    reports: tuple[AnyReport, ...]
    now: float
    memory: tuple[Any, ...]


class World:
    """One scene of a few people, and the law that watches it."""

    def __init__(self, rules: Rules, numbers: Sequence[Number]) -> None:
        self.numbers = tuple(numbers)
        known = [person for person in PEOPLE if person.device.number in numbers]
        self.scene = Scene(rules, Directory(known, [TENANT], []))
        self.scene.keeps = False
        self.teller = Teller(rules, self.scene)
        self.law = Law(self.scene)
        self.ledger = self.scene.board.ledger
        self.plant = self.scene.exchange._plant
        self._tables = tuple(getattr(self.ledger, name) for name in TABLES)

    # -- keeping ---------------------------------------------------------------------------------------------------

    def keep(self) -> Kept:
        ledger, plant, scene = self.ledger, self.plant, self.scene
        forget_stale_timers(ledger)
        return Kept(
            tuple(dict(table) for table in self._tables),
            tuple(getattr(ledger, name) for name in COUNTERS),
            tuple(ledger._order_timers),
            list(ledger._timers),
            tuple(
                (number, _line_of(line), line.leg in plant.lines)
                for number in self.numbers
                for line in plant.phones[number].lines.values()
            ),
            tuple((name, tuple(mix)) for name, mix in plant.mixes.items()),
            tuple((at, alarm, line.leg, line.phone.number, act) for at, alarm, line, act in plant._alarms),
            tuple(
                (reel.order, reel.began, tuple(reel.parties), reel.since, reel.seconds)
                for reel in plant.recorder.reels.values()
            ),
            (plant._alarm_count, plant._leg_count),
            tuple(scene.reports),
            scene.now,
            self.law.memory(),
        )

    def put_back(self, kept: Kept) -> None:
        ledger, scene = self.ledger, self.scene
        for table, rows in zip(self._tables, kept.tables, strict=True):
            table.clear()
            table.update(rows)
        ledger._calls_born, ledger._legs_born, ledger._orders_given, ledger._timers_set = kept.counters
        ledger._order_timers = deque(kept.order_timers)
        ledger._timers = kept.timers.copy()
        ledger._undo.clear()
        self._put_back_plant(kept)
        scene.reports = deque(kept.reports)
        scene.now = kept.now
        scene.told.clear()
        scene.orders.clear()
        scene.link._faults.clear()
        self.law.remember(kept.memory)

    def _put_back_plant(self, kept: Kept) -> None:
        plant = self.plant
        plant.lines.clear()
        plant.mixes.clear()
        plant.said.clear()
        for number in self.numbers:
            plant.phones[number].lines.clear()
        by_leg: dict[str, Line] = {}
        for number, fields, lives in kept.lines:
            line = Line(plant.phones[number], *fields)
            plant.phones[number].lines[line.slot] = by_leg[line.leg] = line
            if lives:
                plant.lines[line.leg] = line
        for name, legs in kept.mixes:
            plant.mixes[name] = {leg: by_leg[leg] for leg in legs}
        plant._alarms = [(at, alarm, by_leg[leg], act) for at, alarm, leg, _, act in kept.alarms if leg in by_leg]
        plant._alarm_count, plant._leg_count = kept.plant_counters
        self._put_back_recorder(kept)

    def _put_back_recorder(self, kept: Kept) -> None:
        recorder = self.plant.recorder
        recorder.reels.clear()
        recorder._by_mix.clear()
        recorder.take()
        for order, began, parties, since, seconds in kept.reels:
            reel = recorder.reels[order.recording] = Reel(order, began, dict.fromkeys(parties), since, seconds)
            recorder._by_mix.setdefault(order.mix, []).append(reel)

    # -- moving ----------------------------------------------------------------------------------------------------

    def play(self, line: str) -> None:
        """One line of a story, in the words of the transcripts; everything that follows from it happens at once."""
        self.teller.play(line)
        self.law.check_events(self.teller.events)

    def deliver_routine(self) -> int:
        """Deliver the reports that only strike off an order, as nothing follows from when they come; how many."""
        scene, count = self.scene, 0
        while scene.reports:
            report = scene.reports[0]
            if not isinstance(report, OrderDone) or not self.ledger.is_routine(report.order):
                break
            scene.reports.popleft()
            count += 1
        return count

    # -- time ------------------------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When something that still counts is due."""
        forget_stale_timers(self.ledger)
        return self.ledger.next_timer()

    def time_left(self) -> float:
        """Until then; nothing must be due if there is nothing to wait for."""
        due = self.next_deadline()
        assert due is not None, "orders are under way, and no deadline is set for them"
        return max(round(due - self.scene.now, 3), 0.0)


def forget_stale_timers(ledger: Ledger) -> None:
    """Timers are not cancelled; those that nobody waits for any more would only blur what is the same."""
    if ledger._timers:
        ledger._timers = sorted(timer for timer in ledger._timers if counts(ledger, timer[0], *timer[2:]))
