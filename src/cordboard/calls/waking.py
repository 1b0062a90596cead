"""What happens when something is due: each kind of timer, and what it wakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cordboard.calls import placing, taping, timers, voicemail, waiting
from cordboard.calls.operations import ending, linking
from cordboard.calls.settling import recall_due
from cordboard.calls.step import Step

_Woken: TypeAlias = "Callable[[Step, Any, float], None]"


def wake(step: Step, when: float, kind: str, key: Any) -> None:
    """Something set for ``when`` is due. Raises ValueError if there is no such kind."""
    if kind not in _WOKEN:
        raise ValueError(f"there is no timer of kind {kind!r}")
    _WOKEN[kind](step, key, when)


def _no_answer_from_switch(step: Step, order: Any, _: float) -> None:
    if order in step.ledger.waiting:
        step.ledger.overdue += 1
        waiting.failed(step, order, "the switch did not answer in time")


def _no_word_from_switch(step: Step, _key: Any, _: float) -> None:
    """It had time since a restart of ours."""
    if not step.ledger.switch:
        linking.down(step)


_WOKEN: dict[str, _Woken] = {
    timers.ORDER: _no_answer_from_switch,
    timers.RING: ending.ring_timeout,
    timers.RECALL: recall_due,
    timers.PLACE: lambda step, legs, _: placing.look_again(step, legs),
    timers.DROP: lambda step, leg, _: waiting.drop_again(step, leg),
    timers.LIMIT: ending.out_of_time,
    timers.MESSAGE: lambda step, recording, _: voicemail.over(step, recording),
    timers.TAPE: lambda step, recording, _: taping.again(step, recording),
    timers.TAPE_FULL: lambda step, recording, _: taping.full(step, recording),
    timers.AFRESH: _no_word_from_switch,
}
