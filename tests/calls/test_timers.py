"""Kinds of timers: told apart, and each known to the board."""

from __future__ import annotations

from tests.calls.solo import Solo
from tests.kit.law import copy_of

from cordboard.calls import timers

KINDS = [value for name, value in vars(timers).items() if name.isupper()]


def test_kinds_of_timers_are_all_different() -> None:
    assert len(set(KINDS)) == len(KINDS) == 10


def test_the_board_knows_what_to_do_with_each() -> None:
    """One that rings for what is long over changes nothing; one of an unknown kind would raise."""
    keys = {timers.ORDER: 99, timers.PLACE: ("long gone",)}
    for kind in KINDS:
        solo = Solo()
        solo.ledger.set_timer(solo.now, kind, keys.get(kind, "long gone"))
        before = copy_of(solo.ledger)
        assert solo.wait(0.0) == []
        assert copy_of(solo.ledger) == before
        assert solo.board.next_deadline() is None
