"""Collections: paging, filters, fields and order (voipnow-uapi §1.4). Parameters that are not known are ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode

import msgspec

from cordboard.uapi.problems import Problem, invalid, parameter

Json: TypeAlias = "dict[str, Any]"

COUNT_DEFAULT, COUNT_MAX, START_MAX = 20, 5_000, 5_000
_ASCENDING, _DESCENDING = frozenset({"ascending", "asc"}), frozenset({"descending", "desc"})


def _compare(value: Any, wanted: str) -> int:
    left, right = str(value), wanted
    if left.lstrip("-").isdecimal() and right.lstrip("-").isdecimal():
        return (int(left) > int(right)) - (int(left) < int(right))
    return (left > right) - (left < right)


OPERATORS: dict[str, Callable[[Any, str], bool]] = {
    "equals": lambda value, wanted: str(value) == wanted,
    "contains": lambda value, wanted: wanted in str(value),
    "startsWith": lambda value, wanted: str(value).startswith(wanted),
    "present": lambda value, _: value is not None,
    "inArray": lambda value, wanted: str(value) in [one.strip() for one in wanted.split(",")],
    "greaterThan": lambda value, wanted: _compare(value, wanted) > 0,
    "lessThan": lambda value, wanted: _compare(value, wanted) < 0,
}

FILTER_BY_INVALID = "filterby_invalid"


class Query(msgspec.Struct, frozen=True):
    """What a list is asked for."""

    count: int = COUNT_DEFAULT
    start: int = 0
    filter_by: str = ""
    filter_op: str = "equals"
    filter_value: str = ""
    fields: tuple[str, ...] = ()
    descending: bool = False
    others: tuple[tuple[str, str], ...] = ()
    """The parameters as they came, for links to other pages."""


def read(query: str, filters: Sequence[str], fields: Sequence[str]) -> Query | Problem:
    """The parameters of a query; ``filters`` are the fields that may be filtered by, ``fields`` those there are."""
    pairs = parse_qsl(query, keep_blank_values=True)
    given = dict(pairs)
    count = _whole(given.get("count", str(COUNT_DEFAULT)), 1, COUNT_MAX)
    start = _whole(given.get("startIndex", "0"), 0, START_MAX)
    if count is None:
        return parameter("count_invalid", "count", f"a number from 1 to {COUNT_MAX}")
    if start is None:
        return parameter("startindex_invalid", "startIndex", f"a number from 0 to {START_MAX}")
    wanted = tuple(name.strip() for name in given.get("fields", "").split(",") if name.strip())
    if any(name not in fields for name in wanted):
        return parameter("fields_invalid", "fields", f"names of properties: {', '.join(fields)}")
    order = given.get("sortOrder", "ascending")
    if order not in _ASCENDING | _DESCENDING:
        return parameter("sortorder_invalid", "sortOrder", "ascending or descending")
    problem = _filter_problem(given, filters)
    return problem or Query(
        count,
        start,
        given.get("filterBy", ""),
        given.get("filterOp", "equals"),
        given.get("filterValue", ""),
        wanted,
        order in _DESCENDING,
        tuple(pair for pair in pairs if pair[0] != "startIndex"),
    )


def _filter_problem(given: dict[str, str], filters: Sequence[str]) -> Problem | None:
    by, operator = given.get("filterBy"), given.get("filterOp", "equals")
    if by is not None and by not in filters:
        return parameter(FILTER_BY_INVALID, "filterBy", f"one of {', '.join(filters)}")
    if operator not in OPERATORS:
        return parameter("filterop_invalid", "filterOp", f"one of {', '.join(OPERATORS)}")
    wanted = given.get("filterValue", "")
    if by is None or operator == "present":
        return None
    if operator == "inArray" and not all(one.strip() for one in wanted.split(",")):
        return parameter("filtervalue_invalid", "filterValue", "a list of values, with commas between them")
    if not wanted:
        return invalid("filtervalue_invalid", "Value supplied in filterValue parameter is missing or invalid.")
    return None


def _whole(text: str, least: int, most: int) -> int | None:
    if not text.isdecimal() or len(text) > 9:
        return None
    return int(text) if least <= int(text) <= most else None


Values: TypeAlias = "Callable[[Json, str], Sequence[Any]]"
"""What a row has by a name; a filter looks for one that matches."""


def _plain(row: Json, name: str) -> Sequence[Any]:
    return [row.get(name)]


def matching(rows: Iterable[Json], query: Query, sort_by: str, values: Values = _plain) -> list[Json]:
    """The rows that are asked for, in order, on all pages."""
    if query.filter_by:
        matches = OPERATORS[query.filter_op]
        rows = [row for row in rows if any(matches(one, query.filter_value) for one in values(row, query.filter_by))]
    return sorted(rows, key=lambda row: str(row.get(sort_by, "")), reverse=query.descending)


def page(rows: Sequence[Json], query: Query) -> Sequence[Json]:
    return rows[query.start : query.start + query.count]


def collection(rows: Iterable[Json], query: Query, sort_by: str, address: str) -> Json:
    """The envelope; ``address`` is the absolute one of this collection, for links to other pages."""
    return envelope(matching(rows, query, sort_by), query, address)


def envelope(rows: Sequence[Json], query: Query, address: str) -> Json:
    """One page of rows that match."""
    shown: Sequence[Json] = page(rows, query)
    if query.fields:
        shown = [{name: row[name] for name in query.fields if name in row} for row in shown]
    paging = _paging(len(rows), query, address)
    whole: Json = {
        "entry": list(shown),
        "startIndex": query.start,
        "itemsPerPage": query.count,
        "totalResults": len(rows),
    }
    return whole | ({"paging": paging} if paging else {})


def _paging(total: int, query: Query, address: str) -> dict[str, str]:
    def link(start: int) -> str:
        return f"{address}?{urlencode([*query.others, ('startIndex', str(start))])}"

    paging = {}
    if query.start + query.count < total:
        paging["next"] = link(query.start + query.count)
    if query.start > 0:
        paging["prev"] = link(max(0, query.start - query.count))
    return paging
