"""Commands carry who asks, which call, and nothing that was not said."""

from __future__ import annotations

from typing import get_args

import pytest

from cordboard.calls import commands
from cordboard.calls.commands import (
    AnyCallCommand,
    AnyCommand,
    AnySupervisorCommand,
    AnyTakingCommand,
    CallCommand,
    Command,
    Dial,
    InitiateTransfer,
    Invite,
    Monitor,
    SupervisorCommand,
    TakingCommand,
)
from cordboard.calls.model import MonitorKind, MonitorMode, MonitorScope

KINDS: tuple[type[CallCommand], ...] = get_args(AnyCallCommand)


def subclasses(of: type) -> set[type]:
    return {value for value in vars(commands).values() if isinstance(value, type) and issubclass(value, of)}


def test_the_union_names_every_command() -> None:
    assert set(KINDS) == subclasses(CallCommand) - {CallCommand}
    supervising = set(get_args(AnySupervisorCommand))
    assert supervising == subclasses(SupervisorCommand) - {SupervisorCommand}
    taking = set(get_args(AnyTakingCommand))
    assert taking == subclasses(TakingCommand) - {TakingCommand}
    every = {*KINDS, *supervising, *taking, Dial, Invite}
    families = {Command, CallCommand, SupervisorCommand, TakingCommand}
    assert set(get_args(AnyCommand)) == every == subclasses(Command) - families


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_command_on_a_call_says_who_asks_and_of_which_call(kind: type[CallCommand]) -> None:
    with pytest.raises(TypeError):
        kind(asker="5005")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        kind(call="C1")  # type: ignore[call-arg]


def test_what_is_optional_is_empty() -> None:
    plain = InitiateTransfer(asker="5005", call="C1", to="5001")
    assert (plain.user_data, plain.location) == ({}, "")
    assert Dial(asker="5005", to="5001") == Dial(asker="5005", to="5001", user_data={}, location="", caller_id="")
    assert commands.CompleteTransfer(asker="5005", call="C1").consult is None
    monitor = Monitor(asker="5900", target="5005", kind=MonitorKind.COACH)
    assert (monitor.scope, monitor.mode) == (MonitorScope.CALL, MonitorMode.ALL_CALLS)
    assert commands.CancelMonitoring(asker="5900").target == ""
    assert commands.SwapCalls(asker="5005", call="C1").other is None


def test_commands_are_frozen() -> None:
    command = commands.Hangup(asker="5005", call="C1")
    with pytest.raises(AttributeError):
        command.call = "C2"  # type: ignore[misc]
