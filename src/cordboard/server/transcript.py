"""A journal's inputs, and what comes of each, as text: what came in, a divider, and what followed from it.

The same inputs give the same text, to the byte. Calls have letters in the order in which they turn up, legs are called
by their numbers. Deliberately absent: having anything done (``replaying``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import msgspec

from cordboard.calls.board import Board, Outcome
from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, MonitoringChanged
from cordboard.calls.model import Call, Permits
from cordboard.calls.permits import STARTS, USER_DATA

DIVIDER = "----"


class Names:
    """What ids are called in a transcript."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}
        self._legs: dict[str, str] = {}

    def learn(self, board: Board) -> None:
        """Ids that are new since the last time get their names."""
        for call_id, _ in board.ledger.calls:
            self.call(call_id)
        for leg in board.ledger.legs.values():
            self._legs.setdefault(leg.id, leg.number)

    def call(self, call_id: str) -> str:
        return self._calls.setdefault(call_id, _letters(len(self._calls)))

    def of(self, text: str) -> str:
        """The name of what a text is the id of; a text that is none as it is."""
        if text in self._calls:
            return self._calls[text]
        if text in self._legs:
            return self._legs[text]
        begin, dash, rest = text.rpartition("-")
        return f"{self._calls[begin]}{dash}{rest}" if begin in self._calls else text


def heading(number: int, at: float, kind: str) -> str:
    return f"# {number} {datetime.fromtimestamp(at, UTC).isoformat(' ', 'milliseconds').removesuffix('+00:00')} {kind}"


def input_text(value: msgspec.Struct, names: Names) -> str:
    """A command, a report or an order: its kind, and its fields but for those that have their defaults."""
    words = [type(value).__name__]
    for field in msgspec.structs.fields(value):
        found = getattr(value, field.name)
        if field.name != "order" and (field.required or found != field.default) and found not in ((), {}, ""):
            words.append(f"{field.name}={_text(found, names)}")
    return " ".join(words)


def outcome_lines(outcome: Outcome, names: Names) -> Iterator[str]:
    if outcome.refusal is not None:
        yield f"refused, {outcome.refusal.kind.value}: {outcome.refusal.detail}"
    for event in outcome.events:
        yield f"told {_event(event, names)}"
    for order in outcome.orders:
        yield f"order {input_text(order, names)}"


def _event(event: AnyEvent, names: Names) -> str:
    match event:
        case CallFailed(owner, call_id, operation, refusal):
            why = f"{operation.value} failed, {refusal.kind.value}: {refusal.detail}"
            return f"{owner} {names.call(call_id)} {why}"
        case MonitoringChanged(supervisor, monitoring):
            shown = "monitors nobody" if monitoring is None else _text(monitoring, names)
            return f"{supervisor} device {shown}"
        case CallChanged(change, call, permits):
            words = [call.owner, names.call(call.id), change.value, *_call(call, names)]
            return f"{' '.join(words)}: {_permits(permits)}"


def _call(call: Call, names: Names) -> Iterator[str]:
    yield f"{call.state.value} {call.type.value} [{' '.join(call.participants)}]"
    if call.parent is not None:
        yield f"parent={names.call(call.parent)}"
    for name in ("user_data", "recording", "monitors", "monitored", "parked", "mailbox", "reason"):
        found = getattr(call, name)
        text = _text(found, names) if found else ""
        if text:
            yield f"{name}={text}"
    if call.muted:
        yield "muted"


def _permits(permits: Permits) -> str:
    """Groups that go together are one word."""
    left, words = set(permits), []
    for name, group in (("+Start", STARTS), ("+Data", USER_DATA)):
        if group <= left:
            left -= group
            words.append(name)
    return " ".join([*sorted(operation.value for operation in left), *words]) or "nothing"


def _text(value: Any, names: Names) -> str:
    match value:
        case str():
            return names.of(value)
        case Enum():
            return str(value.value)
        case msgspec.Struct():
            return f"({input_text(value, names)})"
        case tuple() | list() | frozenset():
            return ",".join(_text(one, names) for one in _in_order(value))
        case dict():
            return ",".join(f"{key}:{_text(one, names)}" for key, one in value.items())
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def _in_order(values: Iterable[Any]) -> Iterable[Any]:
    return sorted(values) if isinstance(values, frozenset) else values


def _letters(place: int) -> str:
    """A to Z, then AA, AB and so on."""
    text = ""
    while place >= 0:
        place, digit = divmod(place, 26)
        text = chr(ord("A") + digit) + text
        place -= 1
    return text
