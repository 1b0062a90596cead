"""The shape of operations."""

from __future__ import annotations

from tests.calls.play import TALKING, Play

from cordboard.calls.model import Operation, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, no_objection, not_now


def test_an_operation_needs_the_switch_and_places_nobody_unless_it_says_otherwise() -> None:
    def apply(*_: object) -> None: ...

    handler = Handler(Operation.HANGUP, no_objection, apply)
    assert (handler.placed, handler.needs_switch) == (False, True)


def test_nothing_speaks_against_an_operation_without_arguments() -> None:
    call = Play(*TALKING).call("5005")
    assert no_objection(None, call, None) is None  # type: ignore[arg-type]


def test_not_now_is_a_refusal_with_a_reason() -> None:
    assert not_now("why") == Refusal(RefusalKind.NOT_PERMITTED_NOW, "why")
