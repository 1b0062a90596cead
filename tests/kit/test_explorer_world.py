"""Keeping a world loses nothing, and worlds that are taken for the same behave the same."""

from __future__ import annotations

from collections import Counter, deque

import pytest
from tests.kit.explorer_casts import CASTS
from tests.kit.explorer_inputs import Cast, Input, perform, possible
from tests.kit.explorer_likeness import likeness
from tests.kit.explorer_world import _LINE, COUNTERS, TABLES, Kept, World
from tests.kit.law import copy_of

from cordboard.switches.virtual.phones import Line, Phone
from cordboard.switches.virtual.recorder import Reel

MERGES = 60
SAME = ["transfer", "conference", "recording, handed over", "single step, an order fails", "other rules, target rings"]


def begun(cast: Cast) -> World:
    world = World(cast.rules, cast.numbers)
    for line in cast.story:
        world.play(line)
    return world


def test_every_piece_of_state_is_kept() -> None:
    """Whoever gives these another attribute must have it kept, put back, and counted in the likeness if it matters."""
    world = begun(CASTS["transfer"])
    ledger, plant, scene = world.ledger, world.plant, world.scene
    fixed = {"_id_prefix", "_conn_prefix", "_undo", "_changes", "_numbers_taken", "_not_before", "links", "overdue"}
    assert set(vars(ledger)) == {*TABLES, *COUNTERS, "_order_timers", "_timers", *fixed}
    assert set(vars(plant)) == {
        *("phones", "lines", "mixes", "said", "recorder", "_alarms", "_alarm_count", "_leg_count", "_leg_prefix")
    }
    assert set(vars(plant.recorder)) == {"reels", "_by_mix", "_complete"}
    assert set(Reel.__slots__) == {"order", "began", "parties", "since", "seconds"}
    assert set(Line.__slots__) == {"phone", *_LINE}
    assert set(Phone.__slots__) == {"number", "trunk", "lines_max", "plugged", "behaviour", "lines"}
    assert set(vars(scene.link)) == {"exchange", "down", "_faults", "_late", "_late_count"}
    assert set(vars(scene.board)) == {"_rules", "_routes", "_ledger", "_names", "_permissions", "_step"}
    assert set(vars(scene.exchange)) == {"_plant"}


def everything(world: World) -> object:
    phones = [
        (line.leg, *(getattr(line, name) for name in _LINE))
        for number in world.numbers
        for line in world.plant.phones[number].lines.values()
    ]
    alarms = [(at, line.leg) for at, _, line, _ in world.plant._alarms]
    seen = world.scene.exchange.snapshot()
    return copy_of(world.ledger), phones, alarms, seen, world.scene.now, list(world.scene.reports), world.law.memory()


def after(world: World, kept: Kept, step: Input) -> int:
    world.put_back(kept)
    perform(world, step)
    world.deliver_routine()
    world.law.check_events(world.scene.news())
    return likeness(world)


@pytest.mark.parametrize("name", SAME)
def test_a_world_is_put_back_as_it_was(name: str) -> None:
    cast = CASTS[name]
    world = begun(cast)
    frontier = [world.keep()]
    for _ in range(3):
        following = []
        for kept in frontier:
            world.put_back(kept)
            before, name_before = everything(world), likeness(world)
            for step in list(possible(world, cast)):
                after(world, kept, step)
                following.append(world.keep())
                world.put_back(kept)
                assert everything(world) == before
                assert likeness(world) == name_before
        frontier = following[::5]


@pytest.mark.parametrize("name", SAME)
def test_worlds_that_are_merged_behave_the_same(name: str) -> None:
    """Whatever could happen in the one could happen in the other, and leads to worlds that are the same again."""
    cast = CASTS[name]
    world = begun(cast)

    def what_follows(kept: Kept) -> Counter[int]:
        world.put_back(kept)
        return Counter(after(world, kept, step) for step in list(possible(world, cast)))

    first = {likeness(world): world.keep()}
    waiting, merged = deque(first.values()), 0
    while merged < MERGES:
        kept = waiting.popleft()
        world.put_back(kept)
        for step in list(possible(world, cast)):
            name = after(world, kept, step)
            twin = first.get(name)
            if twin is None:
                first[name] = world.keep()
                waiting.append(first[name])
            else:
                merged += 1
                assert what_follows(world.keep()) == what_follows(twin)


def test_a_world_with_other_names_is_the_same() -> None:
    """The same story after another has used up ids and time."""
    cast = CASTS["transfer"]
    fresh, used = begun(cast), World(cast.rules, cast.numbers)
    for line in ("phone 5001 dial to=5000", "phone 5001 hangup", "wait 30", "phone 5000 dial to=5005", "5005 Answer B"):
        used.play(line)
    assert likeness(fresh) == likeness(used)
    assert copy_of(fresh.ledger) != copy_of(used.ledger)
