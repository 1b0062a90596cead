"""The shape that every operation on a call has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cordboard.calls.commands import CallCommand
from cordboard.calls.model import Call, Operation, Refusal, RefusalKind
from cordboard.calls.step import Step

Check = Callable[[Step, Call, Any], "Refusal | None"]
Apply = Callable[[Step, Call, Any], None]


class Handler(NamedTuple):
    """``operation`` is what must be permitted; ``placed`` whether legs are placed before it is done.

    ``needs_switch`` is false for what can be done while the link to the switch is down. ``begin``, if given, orders
    something and begins a procedure when the command comes; ``apply`` follows when that is done.
    """

    operation: Operation
    check: Check
    apply: Apply
    placed: bool = False
    needs_switch: bool = True
    begin: Apply | None = None


Table = dict[type[CallCommand], Handler]
"""Operations by the type of their command."""


def no_objection(_step: Step, _call: Call, _command: Any) -> Refusal | None:
    return None


def not_now(detail: str) -> Refusal:
    return Refusal(RefusalKind.NOT_PERMITTED_NOW, detail)
