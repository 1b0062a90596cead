"""Each story over the link, harmed after every single step of its last line: no frame is one too many, or one too few.

Two ends of a link rarely know the same; ``tests.kit.link_scene`` says which steps there are. Faults are planted at both
ends to see that they would be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest
from tests.kit.law import Law
from tests.kit.link_scene import LinkScene
from tests.properties.test_law import NUMBERS, STORIES, play

from cordboard.calls.board import Board
from cordboard.calls.events import CallChanged, CallFailed
from cordboard.calls.model import CallState, Reason
from cordboard.calls.orders import AnyOrder
from cordboard.calls.records import Rules
from cordboard.calls.reports import SwitchSnapshot
from cordboard.switches.virtual import persons
from cordboard.switches.virtual.frames import Ordered, Take, Told
from cordboard.switches.virtual.phones import LineState
from cordboard.switches.virtual.remote import RemoteSwitch
from cordboard.switches.virtual.station import Station, Wire

Harm: TypeAlias = "Callable[[LinkScene], None]"


def cut_while_the_disk_is_slow(scene: LinkScene) -> None:
    """What was ordered before may leave only after the link is there again."""
    scene.be_slow(True)
    scene.lose()
    scene.run()
    scene.be_slow(False)


KILLS: dict[str, Harm] = {
    "killed": lambda scene: scene.die(),
    "killed, its frames arrive": lambda scene: scene.die(to_exchange=99),
    "killed, one frame arrives": lambda scene: scene.die(to_exchange=1),
    "killed before it orders": lambda scene: scene.die_before_ordering(),
    "killed while linking": lambda scene: (scene.die(), scene.deliver(), scene.deliver(), scene.die(1))[-1],
}
CUTS: dict[str, Harm] = {
    "cut": lambda scene: scene.lose(),
    "cut, all arrives there": lambda scene: scene.lose(to_exchange=99),
    "cut, one arrives there": lambda scene: scene.lose(to_exchange=1),
    "cut, all arrives here": lambda scene: scene.lose(to_server=99),
    "cut, one arrives here": lambda scene: scene.lose(to_server=1),
    "cut, all arrives": lambda scene: scene.lose(99, 99),
    "cut while linking": lambda scene: (scene.lose(), scene.deliver(), scene.deliver(), scene.lose(1, 1))[-1],
    "cut while the disk is slow": cut_while_the_disk_is_slow,
    "cut by the lab": lambda scene: (scene.cut(), scene.mend())[-1],
}
ENDS: dict[str, Harm] = {
    "the exchange is killed": lambda scene: scene.kill_exchange(),
    "the exchange is killed, its frames arrive": lambda scene: scene.kill_exchange(99),
}
BOTH: dict[str, Harm] = {"both are killed": lambda scene: (scene.kill_exchange(), scene.die())[-1]}


class Run:
    """A story of which the last line is harmed after ``step`` steps; -1: not at all."""

    def __init__(self, story: str, harm: Harm, step: int) -> None:
        self.scene = LinkScene(Rules(conference_max=4, park_slots=2))
        self.law = Law(self.scene)
        self.was_harmed = False
        *before, last = STORIES[story]
        for line in before:
            play(self.scene, line)
            self.scene.run()
        play(self.scene, last)
        while step and self.scene.deliver():
            step -= 1
            self._look()
        self.was_harmed = step == 0
        self._look()
        if self.was_harmed:
            harm(self.scene)
        self.scene.run()
        self.events = self._look()

    def _look(self) -> list[object]:
        events = self.scene.news()
        self.law.check_events(events)
        self.law.check_always()
        self.law.check_kept()
        return list(events)

    def check(self) -> None:
        """Both ends agree at once, and nobody waits for an answer; when all have hung up nothing is left."""
        assert not self.scene.board.ledger.waiting, "somebody waits for an order that is lost"
        self.law.check_at_rest()
        self.scene.wait(self.scene.rules.order_timeout_s + 3)
        self._look()
        self.law.check_at_rest()

    def hang_up(self) -> None:
        for number in NUMBERS:
            for line in self.scene.exchange.phone(number).lines:
                done = persons.Reject if line.state is LineState.RINGING else persons.Hangup
                self.scene.act(number, done(line=line.line))
                self.scene.run()
        self.scene.wait(self.scene.rules.order_timeout_s + 3)
        self._look()
        self.law.check_over()

    def world(self) -> dict[str, object]:
        """What each phone hears, and which calls its owner sees."""
        scene = self.scene
        return {
            number: (
                scene.exchange.phone(number).hears,
                sorted((view.call.state.value, view.call.participants) for view in scene.calls(number)),
            )
            for number in NUMBERS
        }


def runs(story: str, harms: dict[str, Harm]) -> Iterator[tuple[str, Run]]:
    for name, harm in harms.items():
        step = 0
        while (run := Run(story, harm, step)).was_harmed:
            yield f"{name} after {step} steps", run
            step += 1


def unharmed(story: str) -> dict[str, object]:
    run = Run(story, lambda _: None, -1)
    run.check()
    return run.world()


TALES = sorted(set(STORIES) - {"nothing"})


@pytest.mark.parametrize("story", TALES)
def test_a_server_that_is_killed_goes_on_as_if_nothing_had_happened(story: str) -> None:
    expected = unharmed(story)
    for name, run in runs(story, KILLS):
        run.check()
        assert run.world() == expected, name
        run.hang_up()


@pytest.mark.parametrize("story", TALES)
def test_what_a_lost_link_prevents_is_told(story: str) -> None:
    expected = unharmed(story)
    for name, run in runs(story, CUTS):
        run.check()
        told = any(isinstance(event, CallFailed) for event in run.events) or run.law.released
        assert run.world() == expected or told, name
        run.hang_up()


@pytest.mark.parametrize("story", TALES)
def test_an_exchange_that_is_killed_has_no_calls_and_everybody_is_told(story: str) -> None:
    for name, run in runs(story, ENDS):
        run.check()
        assert run.law.known == run.law.released, name
        calls = [event.call for event in run.events if isinstance(event, CallChanged)]
        reasons = {call.reason for call in calls if call.state is CallState.RELEASED}
        if not name.startswith("the exchange is killed, "):  # then some may have ended before
            assert reasons <= {Reason.SWITCH_LOST}, (name, reasons)
        run.hang_up()


@pytest.mark.parametrize("story", TALES)
def test_when_both_are_killed_only_what_nobody_had_begun_with_goes_on(story: str) -> None:
    for name, run in runs(story, BOTH):
        run.check()
        left = {view.call.state for number in NUMBERS for view in run.scene.calls(number)}
        assert left <= {CallState.RINGING, CallState.DIALING}, (name, left)
        run.hang_up()


# -- what is planted is found ------------------------------------------------------------------------------------------


def _obeys_whoever_knew_less(monkeypatch: pytest.MonkeyPatch) -> None:
    def obey(station: Station, ordered: Ordered) -> None:
        station.tell(station.link.submit(ordered.orders, station._clock()))

    monkeypatch.setattr(Station, "_obey", obey)


def _sends_again_what_was_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[AnyOrder, ...]] = []
    submit, deliver = RemoteSwitch.submit, RemoteSwitch._deliver

    def remembering(switch: RemoteSwitch, orders: tuple[AnyOrder, ...]) -> None:
        sent.append(orders)
        submit(switch, orders)

    def again(switch: RemoteSwitch, told: Told) -> None:
        deliver(switch, told)
        if isinstance(told.reports[0], SwitchSnapshot) and sent:
            submit(switch, sent[-1])

    monkeypatch.setattr(RemoteSwitch, "submit", remembering)
    monkeypatch.setattr(RemoteSwitch, "_deliver", again)


def _does_not_say_that_it_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RemoteSwitch, "_lost", lambda switch: setattr(switch, "_known", None))


def _lets_late_orders_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Board, "links", 0)


def _tells_only_once_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Station._take

    def taken(station: Station, wire: Wire, taking: Take) -> None:
        told = station.tell
        if station._snapshots:
            station.tell = lambda _: told([SwitchSnapshot()])  # type: ignore[method-assign]
        take(station, wire, taking)
        station.tell = told  # type: ignore[method-assign]

    monkeypatch.setattr(Station, "_take", taken)


PLANTED = {
    _obeys_whoever_knew_less: "cut by the lab",
    _sends_again_what_was_not_answered: "cut, all arrives there",
    _does_not_say_that_it_is_lost: "cut",
    _lets_late_orders_leave: "cut while the disk is slow",
    _tells_only_once_what_there_is: "cut",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_fault_that_is_planted_is_found(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    harm = PLANTED[plant]
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=r"there is no|is in|waits for|done twice|at the switch"):
        check_all(runs("held", {harm: CUTS[harm]}))


def check_all(found: Iterator[tuple[str, Run]]) -> None:
    for _, run in found:
        run.check()
