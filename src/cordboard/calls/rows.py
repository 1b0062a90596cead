"""Rows: the ledger's tables as the journal keeps them, and back.

Each row is written whole whenever a step has changed it; the ledger knows which those are. Restored values equal those
that were written. Deliberately absent: whether the link to the switch is there, which nobody knows after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec

from cordboard.calls import timers
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallKey, ConversationId, LegId, Number, OrderId, RecordingId
from cordboard.calls.ports import Row
from cordboard.calls.procedures import Dropping, Procedure, Waiting
from cordboard.calls.records import Conversation, Leg, Monitor, Tape
from cordboard.calls.segments import Segment, ThreadId

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

NUMBERS = "numbers"
"""The table of what ids are made of. It has one row."""

_KEYS = tuple[CallKey, ...]
TABLES: dict[str, tuple[Any, Any]] = {
    "calls": (CallKey, Call),
    "conversations": (ConversationId, Conversation),
    "legs": (LegId, Leg),
    "owners": (Number, _KEYS),
    "consults": (CallKey, _KEYS),
    "shown_busy": (CallKey, bool),
    "waiting": (OrderId, Waiting),
    "dropping": (LegId, Dropping),
    "tapes": (RecordingId, Tape),
    "taped": (ConversationId, RecordingId),
    "monitors": (Number, Monitor),
    "monitored_by": (Number, Number),
    "supervisors": (ConversationId, _KEYS),
    "slots": (tuple[str, int], CallKey),
    "messages": (ConversationId, RecordingId),
    "rooms": (str, ConversationId),
    "segments": (LegId, Segment),
    "threads": (ThreadId, tuple[ConversationId, ...]),
}
"""Types of the keys and values of each table that outlives the process. Which calls are busy is said by what waits."""
BOARDS_TABLES = frozenset({*TABLES, NUMBERS})

_encode = msgspec.msgpack.Encoder().encode
_decoders = {
    name: (msgspec.msgpack.Decoder(key).decode, msgspec.msgpack.Decoder(value).decode)
    for name, (key, value) in TABLES.items()
}
_numbers = msgspec.msgpack.Decoder(tuple[str, str, int, int, int])


def names_of(ledger: Ledger) -> dict[int, str]:
    """The names of a ledger's tables, by the identity of the dict."""
    return {id(getattr(ledger, name)): name for name in TABLES}


def take(ledger: Ledger, names: dict[int, str]) -> list[Row]:
    """What the last input changed. To be called once after each. Values are as they are: they never change, and whoever
    writes many of them at once makes bytes of them for less."""
    rows: list[Row] = []
    seen: set[tuple[str, Any]] = set()
    for table, key, before in ledger.take_changes():
        name = names.get(id(table))
        if name is None or (name, key) in seen:
            continue
        seen.add((name, key))
        after = table.get(key)
        if after is not before:
            rows.append(Row(name, _encode(key), after))
    numbers = ledger.take_numbers()
    if numbers is not None:
        rows.append(Row(NUMBERS, b"", numbers))
    return rows


def everything(ledger: Ledger) -> list[Row]:
    """All that there is, as bytes."""
    rows = [Row(name, _encode(key), _encode(value)) for name in TABLES for key, value in getattr(ledger, name).items()]
    return [*rows, Row(NUMBERS, b"", _encode(ledger.numbers))]


def fill(ledger: Ledger, read: Read) -> None:
    """Put everything back as it was."""
    for _, value in read(NUMBERS):
        ledger.set_numbers(_numbers.decode(value))
    for name, (key_of, value_of) in _decoders.items():
        found = [(key_of(key), value_of(value)) for key, value in read(name)]
        getattr(ledger, name).update(sorted(found, key=_by_key))
    for order, waiting in ledger.waiting.items():
        if isinstance(waiting, Procedure):
            ledger.busy.update(dict.fromkeys(waiting.busy, order))
    _set_timers(ledger)


def _by_key(row: tuple[Any, Any]) -> Any:
    """The same order after each restart, whatever order the journal has."""
    return row[0]


def _set_timers(ledger: Ledger) -> None:
    """Timers are no rows: what they are about says when it is due. Those of orders, and of what is tried again, are not
    needed, as the switch says first what there is."""
    for leg in ledger.legs.values():
        if leg.deadline and not leg.answered:
            ledger.set_timer(leg.deadline, timers.RING, leg.id)
    for conversation in ledger.conversations.values():
        if conversation.recall is not None and conversation.recall.until:
            ledger.set_timer(conversation.recall.until, timers.RECALL, conversation.id)
        if conversation.until:
            ledger.set_timer(conversation.until, timers.LIMIT, conversation.id)
    messages = frozenset(ledger.messages.values())
    for tape in ledger.tapes.values():
        if tape.until:
            ledger.set_timer(tape.until, timers.MESSAGE if tape.id in messages else timers.TAPE_FULL, tape.id)
