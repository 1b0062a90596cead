"""Ports: what front ends need of the agents' room, as a Protocol."""

from __future__ import annotations

from typing import Protocol

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.model import DeviceState
from cordboard.calls.model import Number, Refusal


class AgentDesk(Protocol):
    """What front ends use. Plain functions; the events of an accepted command are posted after ``ask`` has returned."""

    def ask(self, command: AnyAgentCommand) -> Refusal | None:
        """Ask the roster; None means done."""

    def device(self, number: Number) -> DeviceState:
        """The state of a number's device now."""
