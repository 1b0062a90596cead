"""Commands about agents and devices: what a client asks of the roster, imperative, on behalf of one number."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import Number


class AgentCommand(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag=True):
    """What every command carries: the number whose device is meant."""

    asker: Number


class StartSession(AgentCommand, frozen=True, gc=False, kw_only=True):
    """Log the agent in at its device. A session that is there already is left as it is."""


class EndSession(AgentCommand, frozen=True, gc=False, kw_only=True):
    """Log the agent out. A session that is not there is no error: the wish is fulfilled."""


class TakeState(AgentCommand, frozen=True, gc=False, kw_only=True):
    """Take the agent state that ``operation`` names: Ready, NotReady, AfterCallWork, AuxWork, Offline or one's own."""

    operation: str


class SetDoNotDisturb(AgentCommand, frozen=True, gc=False, kw_only=True):
    on: bool


class ForwardCalls(AgentCommand, frozen=True, gc=False, kw_only=True):
    """Send the device's calls to ``to``, as dialled."""

    to: str


class StopForwarding(AgentCommand, frozen=True, gc=False, kw_only=True): ...


AnyAgentCommand: TypeAlias = StartSession | EndSession | TakeState | SetDoNotDisturb | ForwardCalls | StopForwarding
