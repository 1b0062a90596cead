"""What waits for orders."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordboard.calls import procedures
from cordboard.calls.commands import Hold
from cordboard.calls.model import Operation, Reason
from cordboard.calls.procedures import Dropping, Placing, Procedure, Waiting

HOLD = Procedure(Operation.HOLD, ("C1", "5005"), Hold(asker="5005", call="C1"), (("C1", "5005"),))


def test_the_union_names_everything_that_can_wait() -> None:
    named = {
        value
        for value in vars(procedures).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct) and value.__module__ == procedures.__name__
    }
    assert set(get_args(Waiting)) == named


def test_a_procedure_keeps_the_command_that_is_done_once_the_order_is() -> None:
    assert HOLD.command == Hold(asker="5005", call="C1")
    assert HOLD.legs == ()


def test_a_leg_is_dropped_for_the_first_time_unless_said_otherwise() -> None:
    assert Dropping("leg", Reason.BUSY).tries == 1


@pytest.mark.parametrize("value", [HOLD, Placing(("leg",))], ids=lambda value: type(value).__name__)
def test_what_waits_is_frozen(value: Procedure | Placing) -> None:
    with pytest.raises(AttributeError):
        setattr(value, value.__struct_fields__[0], ())
