from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordboard.agents.commands import AnyAgentCommand, TakeState


@pytest.mark.parametrize("command", get_args(AnyAgentCommand))
def test_every_command_says_who_asks(command: type) -> None:
    assert "asker" in [field.name for field in msgspec.structs.fields(command) if field.required]


def test_commands_are_values() -> None:
    assert TakeState(asker="1", operation="Ready") == TakeState(asker="1", operation="Ready")
    with pytest.raises(AttributeError):
        TakeState(asker="1", operation="Ready").operation = "NotReady"  # type: ignore[misc]
