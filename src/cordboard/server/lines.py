"""What the lines of the journal say: one kind for each thing that comes in. The desks write them.

Inputs carry what they led to, so that somebody who has them done again can see whether the same comes of it
(``cordboard replay``): the orders, and a check sum of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

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
    check: int


class Heard(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A report of the switch."""

    report: AnyReport
    orders: Sequence[AnyOrder]
    check: int


class Ticked(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Something was due."""

    orders: Sequence[AnyOrder]
    check: int


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


def asked_line(command: AnyCommand, orders: Sequence[AnyOrder], rows: Sequence[Row], at: float) -> Line:
    return Line(ASK, at, _encode(Asked(command, orders, check_of(rows))))


def heard_line(report: AnyReport, orders: Sequence[AnyOrder], rows: Sequence[Row], at: float) -> Line:
    return Line(HEAR, at, _encode(Heard(report, orders, check_of(rows))))


def ticked_line(orders: Sequence[AnyOrder], rows: Sequence[Row], at: float) -> Line:
    return Line(TICK, at, _encode(Ticked(orders, check_of(rows))))


def agent_line(command: AnyAgentCommand, at: float) -> Line:
    return Line(AGENT, at, _encode(command))


def started_line(version: str, rows: Sequence[Row], site: Site, at: float) -> Line:
    return Line(START, at, _encode(Started(version, rows, site)))


def check_of(rows: Sequence[Row]) -> int:
    """The same for the same rows in the same order."""
    check = 0
    for row in rows:
        check = crc32(row.value or b"", crc32(row.key, check))
    return check
