"""What is due: each kind of timer has somebody whom it wakes."""

from __future__ import annotations

import pytest
from tests.calls.solo import Solo

from cordboard.calls import timers
from cordboard.calls.procedures import Dialing
from cordboard.calls.waking import wake

KINDS = [value for name, value in vars(timers).items() if name.isupper()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_that_nobody_needs_any_more_does_nothing(kind: str) -> None:
    solo = Solo()
    step = solo.board._step
    step.renew(solo.now)
    wake(step, solo.now, kind, () if kind == timers.PLACE else "0-0")
    assert (step.events, step.orders) == ([], [])


def test_an_unknown_kind_is_a_bug() -> None:
    solo = Solo()
    with pytest.raises(ValueError, match="no timer of kind 'unheard of'"):
        wake(solo.board._step, solo.now, "unheard of", None)


def test_orders_that_nobody_answered_are_counted() -> None:
    solo = Solo()
    step = solo.board._step
    step.renew(solo.now)
    step.ledger.waiting[7] = Dialing("L")
    for _ in range(2):
        wake(step, solo.now, timers.ORDER, 7)
    assert step.ledger.overdue == 1
