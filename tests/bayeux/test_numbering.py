"""Batches of ack and the mark of what has arrived."""

from __future__ import annotations

import pytest

from cordboard.bayeux.numbering import Numbering


def test_a_batch_bears_the_number_of_its_last_message_and_grows_only_with_messages() -> None:
    numbers = Numbering(10)
    assert numbers.batch(0) == 10
    numbers.newest = 17
    assert (numbers.batch(2), numbers.batch(2)) == (17, 17)
    numbers.newest = 30
    assert numbers.batch(3) == 30


def test_a_message_that_was_numbered_long_before_does_not_hide_behind_the_last_batch() -> None:
    numbers = Numbering(10)
    numbers.newest = 20
    assert numbers.batch(1) == 20
    numbers.newest = 18
    assert numbers.batch(2) == 21
    assert (numbers.reach(20), numbers.reach(21)) == (1, 2)


@pytest.mark.parametrize(("batch", "position"), [(19, 0), (20, 2), (29, 2), (30, 5), (99, 5), (-1, 0)])
def test_an_acknowledgement_reaches_the_last_batch_that_it_covers(batch: int, position: int) -> None:
    numbers = Numbering(10)
    for number, through in [(20, 2), (30, 5)]:
        numbers.remember(number, through)
    assert numbers.reach(batch) == position
    assert numbers.reach(batch) == 0
    assert numbers.reach(99) == (5 if position < 5 else 0)


def test_what_has_arrived_is_known_when_all_is_confirmed_and_otherwise_by_the_mark_before() -> None:
    numbers = Numbering(10)
    assert numbers.arrived(0, 0) == 10
    numbers.newest = 20
    assert numbers.arrived(0, 2) == 10  # the mark is set: position 2 is number 20
    numbers.newest = 30
    assert numbers.arrived(1, 3) == 10
    assert numbers.arrived(2, 3) == 20
    assert numbers.arrived(3, 3) == 30
