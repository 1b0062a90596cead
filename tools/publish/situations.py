"""What the table of permits says, in words: for a set of cells, the situations that they are.

The table's own row function names its dimensions, so a dimension that is added there appears on the pages.
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

DIMENSIONS: tuple[str, ...] = tuple(inspect.signature(permits.row).parameters)[1:]
STATES = (CallState.DIALING, CallState.RINGING, CallState.ESTABLISHED, CallState.HELD)
"""Those that clients see and in which anything is offered."""

_PHRASES: dict[frozenset[Any], str] = {
    frozenset({Link.NONE}): "while there is no consult",
    frozenset(Link) - {Link.NONE}: "while there is a consult",
    frozenset(
        {Link.NONE, Link.PARENT_WAITING, Link.PARENT_DIALING, Link.PARENT_ANSWERED}
    ): "unless it is a consult itself",
    frozenset({Link.PARENT_ANSWERED, Link.CONSULT_ANSWERED}): "while there is an answered consult",
    frozenset({Link.PARENT_DIALING, Link.PARENT_ANSWERED, Link.CONSULT_DIALING, Link.CONSULT_ANSWERED}): (
        "while there is a consult for a transfer, or an answered one"
    ),
    frozenset({Seat.CONFERENCE_OWNER}): "to the owner of a conference",
    frozenset({Seat.CONFERENCE, Seat.CONFERENCE_OWNER}): "in a conference",
    frozenset(Seat) - {Seat.ALONE}: "unless it is alone",
}
"""Sets of values that come up, in words; any other is said value by value."""


def cells(table: Mapping[tuple[Any, ...], Permits], state: CallState) -> dict[Cell, Permits]:
    return {key[1:]: offered for key, offered in table.items() if key[0] is state}


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
    if len(chosen) == len(rows):
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
    return _PHRASES.get(frozenset(wanted)) or f"{name}: {' / '.join(value.value for value in wanted)}"


def _order(cell: Cell) -> tuple[str, ...]:
    return tuple(str(value) for value in cell)
