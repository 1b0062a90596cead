"""Slots of parking lots: taken in order, freed whatever becomes of who is in them."""

from __future__ import annotations

from tests.calls.play import TALKING, Play

from cordboard.calls import lots
from cordboard.calls.model import Parked
from cordboard.calls.step import Step

PARKED = (*TALKING, "5005 Park A")


def step_on(play: Play) -> Step:
    step = play.board._step
    step.renew(play.scene.now)
    return step


def test_the_first_free_slot_of_a_lot_is_taken() -> None:
    play = Play(*PARKED, park_first=7, park_slots=2)
    step = step_on(play)
    assert play.ledger.slots == {("", 7): play.call("5000").key}
    assert lots.free_slot(step, "") == 8
    assert lots.free_slot(step, "another") == 7


def test_a_full_lot_has_none() -> None:
    play = Play(*PARKED, park_slots=1)
    assert lots.free_slot(step_on(play), "") is None


def test_whoever_enters_is_told_at_once() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    parked = Parked("here", 701, "5005", 200.0)
    lots.enter(step, play.call("5000"), parked)
    assert play.call("5000").parked == parked
    assert len(step.events) == 1


def test_whoever_leaves_is_told_in_the_end() -> None:
    play = Play(*PARKED)
    step = step_on(play)
    lots.leave(step, play.call("5000").conversation)
    assert (play.ledger.slots, play.call("5000").parked) == ({}, None)
    assert step.events == []
    step.tell_watched()
    assert len(step.events) == 1


def test_where_nobody_is_parked_nobody_leaves() -> None:
    play = Play(*PARKED, "phone 15000 dial to=15001", "phone 15001 answer")
    step = step_on(play)
    lots.leave(step, play.call("15000").conversation)
    assert len(play.ledger.slots) == 1
    assert not step.watching


def test_a_slot_can_be_freed_alone() -> None:
    play = Play(*PARKED)
    parked = play.call("5000").parked
    assert parked is not None
    lots.free(step_on(play), parked)
    assert play.ledger.slots == {}
