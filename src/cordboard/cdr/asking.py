"""What ``GET /cdr`` is asked: the query, read into what the store is asked; or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from cordboard.calls.segments import TransferKind
from cordboard.cdr.store import Query

LIMIT = 100
"""Records on a page of which nothing is said."""
KINDS = ("segment", "transfer", *(kind.value for kind in TransferKind))
FORMATS = ("json", "csv", "html")
ORDERS = ("oldest", "newest")
PARAMETERS = ("from", "to", "number", "thread", "call", "kind", "order", "limit", "after", "format")
_LENGTH_MAX = 200
_YEAR_9999 = 253_370_764_800
_INSTANT = "an instant such as 2026-11-21T17:30:00Z, or seconds since 1970"


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a parameter."""

    error: str
    parameter: str


class Asked(msgspec.Struct, frozen=True):
    """``format`` is "" if nothing is said of it."""

    query: Query
    format: str = ""


_Reading: TypeAlias = "Callable[[str], Any]"


def read(query_string: str, page_max: int) -> Asked | Problem:
    given: dict[str, str] = {}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        if name not in PARAMETERS:
            return Problem(f"there is no such parameter; there are {', '.join(PARAMETERS)}", name[:_LENGTH_MAX])
        if name in given:
            return Problem("it is given twice", name)
        given[name] = value
    return _read({name: value for name, value in given.items() if value}, page_max)  # forms send what is empty, too


def _read(given: Mapping[str, str], page_max: int) -> Asked | Problem:
    wanted: list[tuple[str, str, _Reading, str]] = [
        ("from", "start", _instant, _INSTANT),
        ("to", "end", _instant, _INSTANT),
        ("number", "number", _text, "a telephone number"),
        ("thread", "thread", _text, "the id of a thread"),
        ("call", "call", _text, "the id of a call"),
        ("kind", "kind", _one_of(KINDS), f"one of {', '.join(KINDS)}"),
        ("order", "newest_first", _one_of(ORDERS), "oldest or newest"),
        ("limit", "limit", _count(1, page_max), f"a whole number from 1 to {page_max}"),
        ("after", "after", _count(0, 2**63 - 1), "the id of a record"),
        ("format", "format", _one_of(FORMATS), "json, csv or html"),
    ]
    found: dict[str, Any] = {"limit": min(LIMIT, page_max)}
    for parameter, name, reading, accepted in wanted:
        if parameter in given:
            found[name] = reading(given[parameter])
            if found[name] is None:
                return Problem(f"{given[parameter][:_LENGTH_MAX]!r} is not {accepted}", parameter)
    if found.get("start", 0.0) > found.get("end", _YEAR_9999):
        return Problem("it is later than `to`", "from")
    found["newest_first"] = found.get("newest_first") == "newest"
    shape = found.pop("format", "")
    return Asked(Query(**found), shape)


def _instant(text: str) -> float | None:
    """Without a zone it is UTC. A plus sign that was not written as %2B has become a space."""
    try:
        seconds = float(text) if text.replace(".", "", 1).isdecimal() else _date(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds < _YEAR_9999 else None


def _date(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _text(text: str) -> str | None:
    return text if len(text) <= _LENGTH_MAX else None


def _one_of(accepted: tuple[str, ...]) -> _Reading:
    return lambda text: text if text in accepted else None


def _count(least: int, most: int) -> _Reading:
    def read_count(text: str) -> int | None:
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else -1
        return number if least <= number <= most else None

    return read_count
