"""docs/permits.md: the table of what may be asked, as clients see it in ``capabilities``."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
from tools.publish import unlisted_tables
from tools.publish.situations import (
    DIMENSIONS,
    STATES,
    offers,
    when,
)
from tools.publish.writing import code, page, table

from cordboard.agents import model as agents
from cordboard.calls import permits
from cordboard.calls.model import CallState, Monitoring, MonitorKind, Operation, Permits

NAME = "permits.md"

_INTRODUCTION = """\
# What may be asked, and when

Every call and every device that clients see carries `capabilities`: the operations that would be accepted now. What is
listed is accepted at that instant; what is not listed is refused with `statusCode` 2 and changes nothing. This page is
made from the table that both the lists and the refusals come from."""

_LEGEND = """\
Two groups are offered together more often than not and are abbreviated here:

| abbreviation | operations |
| --- | --- |
| *user data* | {data} |
| *starts* | {starts} |"""

_WORDS = """\
A *consult* is a call on which the owner asks somebody while another call, its *parent*, waits: `InitiateTransfer` and
`InitiateConference` make one. "While there is a consult" is said of both. A consult counts only while somebody on the
line would be left if its owner went. The *owner* of a conference is who made it. Whoever was transferred in vain is
*alone* until the one who did that has been called back."""

_SUPERVISORS = """\
## Supervisors' own calls

Supervisors who listen in, coach or barge in have a call of their own beside the conversation:"""

_BUSY = """\
## While an operation is under way

An operation that moves voices waits until the switch has done it. Until then the calls it is about offer only this, so
of two requests that collide exactly one is accepted."""

_CLEAR = """\
## Release 8.5.202

With `release = "8.5.202"` under `[gws]` the lists are those of that version of the original: `ClearCall` is offered,
and accepted, in the states {states} too."""

_PINNED = """\
## Numbers outside that may not be handed on

Who begins a call by the UnifiedAPI says whether the number outside that it leads to may be transferred. While it may
not, calls with it, and consults beside them, do not offer {operations}."""

_DEVICES = """\
## Devices

Offered in the `capabilities` of a device, on `GET /me/devices` and in every `DeviceStateChangeMessage`."""


_SUPERVISED = """\
Supervisors who have the feature `api-supervisor-monitoring` are offered besides, on their own device:"""


def text() -> str:
    data, starts = code(_names(permits.USER_DATA)), code(_names(permits.STARTS))
    return page(
        _INTRODUCTION,
        _LEGEND.format(data=data, starts=starts),
        _WORDS,
        "## Calls, in the usual case",
        "Two parties, nobody consulted, nothing under way:",
        table(["state", "capabilities"], [[state.value, _list(_usual(state))] for state in STATES]),
        "A call that is Released offers nothing.",
        *_by_state(),
        *_beside(),
        _BUSY,
        table(["state", "capabilities"], [[state.value, _list(permits.BUSY[state])] for state in STATES]),
        _CLEAR.format(states=_clear_states()),
        _PINNED.format(operations=code(_names(permits.HANDING_ON - permits.UNLISTED))),
        *unlisted_tables.parts(),
        _DEVICES,
        _devices(),
        _SUPERVISED,
        _supervised(),
    )


def _usual(state: CallState) -> Permits:
    usual = {"link": permits.Link.NONE, "seat": permits.Seat.TWO_PARTY, "muted": False, "recording": None}
    return offers(state)[tuple(usual[name] for name in DIMENSIONS)]


def _by_state(*, beside: bool = False) -> Iterator[str]:
    """A table for each state; operations that are offered in the same situations are one line."""
    for state in STATES:
        rows = offers(state, beside=beside)
        by_situation: dict[str, set[Operation]] = {}
        for operation in Operation:
            situation = when(rows, operation)
            if situation:
                by_situation.setdefault(situation, set()).add(operation)
        lines = [[situation, _list(frozenset(offered))] for situation, offered in by_situation.items()]
        lines.sort(key=lambda line: line[0] != "always")
        if lines:
            yield f"### {state.value}" if beside else f"## {state.value}"
            yield table(["offered", "operations"], lines)


def _beside() -> Iterator[str]:
    found = list(_by_state(beside=True))
    if found:
        yield _SUPERVISORS
        yield from found


def _clear_states() -> str:
    found = [state for state in STATES if permits.may_clear(state, clear_from_ringing=True)]
    return code(state.value for state in found)


def _devices() -> str:
    lines = []
    for disturb, forward in itertools.product((False, True), repeat=2):
        device = agents.DeviceState("", do_not_disturb=disturb, forward_to="5001" if forward else "")
        offered = sorted(operation.value for operation in agents.permits(device))
        lines.append(["On" if disturb else "Off", "set" if forward else "not there", code(offered)])
    return table(["`doNotDisturb`", "`forwardTo`", "capabilities"], lines)


def _supervised() -> str:
    listening = Monitoring("5900", "5005", MonitorKind.LISTEN_IN, on_call=True)
    situations = {
        "nobody is monitored": None,
        "an agent is monitored who is in no call": msgspec.structs.replace(listening, on_call=False),
        "the supervisor is in a call of the agent": listening,
        "and the agent is muted": msgspec.structs.replace(listening, muted=True),
    }
    lines = []
    for situation, monitoring in situations.items():
        device = agents.DeviceState("5900", monitoring=monitoring)
        offered = agents.permits(device, supervises=True) - agents.permits(device)
        lines.append([situation, code(sorted(operation.value for operation in offered))])
    return table(["situation", "offered besides"], lines)


def _names(offered: Permits) -> list[str]:
    return [operation.value for operation in Operation if operation in offered]


def _list(offered: Permits) -> str:
    """Permits in the order of the model, the groups abbreviated."""
    groups = [("*starts*", permits.STARTS), ("*user data*", permits.USER_DATA)]
    whole = [(name, group) for name, group in groups if group <= offered]
    rest = offered.difference(*(group for _, group in whole))
    words = [f"`{name}`" for name in _names(rest)] + [name for name, _ in whole]
    return ", ".join(words) or "–"
