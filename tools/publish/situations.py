"""What the table of permits says, in words: for a set of cells, the situations that they are.

The table's own row function names its dimensions, so one that is added there appears on the pages; the state of the
recording is one more, because those who may record have tables of their own.
"""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeAlias

from cordboard.calls import permits
from cordboard.calls.model import CallState, Operation, Permits
from cordboard.calls.permits import Link, Seat

Cell: TypeAlias = "tuple[Hashable, ...]"
"""A situation without the state: one value for each dimension."""
Product: TypeAlias = "tuple[frozenset[Any], ...]"
"""Cells that are all combinations of these values."""

DIMENSIONS: tuple[str, ...] = (*tuple(inspect.signature(permits.row).parameters)[1:], "recording")
STATES = (CallState.DIALING, CallState.RINGING, CallState.ESTABLISHED, CallState.HELD)
"""Those that clients see and in which anything is offered."""

PARTIES = frozenset({Seat.ALONE, Seat.TWO_PARTY, Seat.CONFERENCE, Seat.CONFERENCE_OWNER})
"""Those who take part in a conversation; the other seats are those of supervisors beside it."""
_TABLES = {
    False: {None: permits.TABLE, **permits.RECORDABLE},
    True: {None: permits.TABLE_CLEAR, **permits.RECORDABLE_CLEAR},
}

_PHRASES: dict[str, dict[frozenset[str], str]] = {
    "link": {
        frozenset({"NONE"}): "while there is no consult",
        frozenset(link.name for link in Link if link is not Link.NONE): "while there is a consult",
        frozenset({"NONE", "PARENT_WAITING", "PARENT_DIALING", "PARENT_ANSWERED"}): "unless it is a consult itself",
        frozenset({"PARENT_ANSWERED", "CONSULT_ANSWERED"}): "while there is an answered consult",
        frozenset({"PARENT_DIALING", "PARENT_ANSWERED", "CONSULT_DIALING", "CONSULT_ANSWERED"}): (
            "while there is a consult for a transfer, or an answered one"
        ),
    },
    "seat": {
        frozenset({"CONFERENCE_OWNER"}): "to the owner of a conference",
        frozenset({"CONFERENCE", "CONFERENCE_OWNER"}): "in a conference",
        frozenset({"TWO_PARTY", "CONFERENCE", "CONFERENCE_OWNER"}): "unless it is alone",
        frozenset({"BESIDE_CONFERENCE"}): "in a conference",
    },
    "recording": {
        frozenset({"STOPPED"}): "to those who may record, while nothing is recorded",
        frozenset({"RECORDING"}): "to those who may record, while it is recorded",
        frozenset({"PAUSED"}): "to those who may record, while the recording is paused",
        frozenset({"RECORDING", "PAUSED"}): "to those who may record, while it is recorded or paused",
    },
}
"""Sets of values that come up, in words; any other is said value by value."""


def offers(state: CallState, *, clear: bool = False, beside: bool = False) -> dict[Cell, Permits]:
    """What is offered in every situation of a state: to parties, or to supervisors ``beside`` them."""
    seat = DIMENSIONS.index("seat")
    return {
        (*key[1:], recording): offered
        for recording, table in _TABLES[clear].items()
        for key, offered in table.items()
        if key[0] is state and (key[1 + seat] in PARTIES) is not beside
    }


def values(rows: Iterable[Cell], dimension: int) -> list[Any]:
    return list(dict.fromkeys(cell[dimension] for cell in rows))


def products(chosen: set[Cell]) -> list[Product]:
    """A set of cells as few products of values."""
    if not chosen:
        return []
    if len(next(iter(chosen))) == 0:
        return [()]
    by_rest: dict[frozenset[Cell], list[Any]] = {}
    for value in dict.fromkeys(cell[0] for cell in sorted(chosen, key=_order)):
        rest = frozenset(cell[1:] for cell in chosen if cell[0] == value)
        by_rest.setdefault(rest, []).append(value)
    return [(frozenset(first), *tail) for rest, first in by_rest.items() for tail in products(set(rest))]


def when(rows: Mapping[Cell, Permits], operation: Operation) -> str:
    """In which situations of a state an operation is offered; "" for none."""
    chosen = {cell for cell, offered in rows.items() if operation in offered}
    if chosen and len(chosen) == len(rows):
        return "always"
    return "; or ".join(_product_said(rows, product) for product in products(chosen))


def _product_said(rows: Mapping[Cell, Permits], product: Product) -> str:
    parts = []
    for dimension, wanted in enumerate(product):
        every = values(rows, dimension)
        if len(wanted) < len(every):
            parts.append(_said(DIMENSIONS[dimension], [value for value in every if value in wanted]))
    return ", ".join(parts)


def _said(name: str, wanted: list[Any]) -> str:
    if isinstance(wanted[0], bool):
        return f"while {name}" if wanted[0] else f"while not {name}"
    names = frozenset("" if value is None else value.name for value in wanted)
    in_words = _PHRASES.get(name, {}).get(names)
    return in_words or f"{name}: {' / '.join('none' if value is None else value.value for value in wanted)}"


def _order(cell: Cell) -> tuple[str, ...]:
    return tuple(str(value) for value in cell)
