"""What the lines of the journal say: one kind for each thing that comes in. The desks write them.

Inputs carry what was ordered, so that somebody who has them done again can see whether the same comes of it
(``cordboard replay``); the rows that changed are beside them in the entry.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.model import AgentState
from cordboard.calls.commands import AnyCommand
from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Line, Row
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport
from cordboard.people.directory import Written

ASK, HEAR, TICK, AGENT, START = "ask", "hear", "tick", "agent", "start"

_encode = msgspec.msgpack.Encoder().encode


class Asked(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A client's command that was accepted."""

    command: AnyCommand
    orders: Sequence[AnyOrder]


class Heard(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A report of the switch."""

    report: AnyReport
    orders: Sequence[AnyOrder]


class Ticked(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Something was due."""

    orders: Sequence[AnyOrder]


class Site(msgspec.Struct, frozen=True):
    """What the law of calls is told of a configuration."""

    rules: Rules
    directory: Written
    agent_states: dict[str, AgentState]


class Started(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The process began with these rows, at this site, and with nothing else."""

    version: str
    rows: Sequence[Row]
    site: Site


def asked_line(command: AnyCommand, orders: Sequence[AnyOrder], at: float) -> Line:
    return Line(ASK, at, _encode(Asked(command, orders)))


def heard_line(report: AnyReport, orders: Sequence[AnyOrder], at: float) -> Line:
    return Line(HEAR, at, _encode(Heard(report, orders)))


def ticked_line(orders: Sequence[AnyOrder], at: float) -> Line:
    return Line(TICK, at, _encode(Ticked(orders)))


def agent_line(command: AnyAgentCommand, at: float) -> Line:
    return Line(AGENT, at, _encode(command))


def started_line(version: str, rows: Sequence[Row], site: Site, at: float) -> Line:
    return Line(START, at, _encode(Started(version, rows, site)))
