"""Collections: pages, filters, fields, order."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.uapi.listing import Query, collection, read
from cordboard.uapi.problems import Problem

ROWS = [{"id": str(number), "published": f"2026-01-0{number}", "size": number * 5} for number in (3, 1, 2)]
NAMES = ("id", "published", "size", "missing")


def listed(query: str) -> Any:
    wanted = read(query, NAMES, NAMES)
    assert isinstance(wanted, Query), wanted
    return collection(ROWS, wanted, "published", "https://host/x")


def ids(query: str) -> list[str]:
    return [row["id"] for row in listed(query)["entry"]]


@pytest.mark.uapi("1.4 count", "1.4 startIndex")
def test_a_page_has_twenty_rows_unless_another_number_is_wanted() -> None:
    def page(query: str) -> Any:
        wanted = read(query, NAMES, NAMES)
        assert isinstance(wanted, Query)
        return collection([{"id": str(number)} for number in range(5_500)], wanted, "missing", "https://host/x")

    assert (len(page("")["entry"]), page("")["itemsPerPage"], page("")["totalResults"]) == (20, 20, 5_500)
    assert len(page("count=5000")["entry"]) == 5_000
    assert [row["id"] for row in page("startIndex=5000&count=1")["entry"]] == ["5000"]


@pytest.mark.uapi("1.4 sortOrder", "1.4 envelope", "1.4 paging", "1.4 unknown parameters")
def test_order_and_pages() -> None:
    assert ids("") == ["1", "2", "3"]
    assert ids("sortOrder=desc") == ids("sortOrder=descending") == ["3", "2", "1"]
    assert ids("sortOrder=asc&startIndex=1&count=1") == ["2"]
    page = listed("startIndex=1&count=1&foo=bar")
    assert page["paging"] == {
        "next": "https://host/x?count=1&foo=bar&startIndex=2",
        "prev": "https://host/x?count=1&foo=bar&startIndex=0",
    }
    assert (page["startIndex"], page["itemsPerPage"], page["totalResults"]) == (1, 1, 3)
    assert "paging" not in listed("")
    assert listed("count=2")["paging"] == {"next": "https://host/x?count=2&startIndex=2"}
    assert listed("startIndex=9")["entry"] == []


@pytest.mark.uapi("1.4 filters")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filterBy=id&filterValue=2", ["2"]),
        ("filterBy=published&filterOp=contains&filterValue=-03", ["3"]),
        ("filterBy=published&filterOp=startsWith&filterValue=2026", ["1", "2", "3"]),
        ("filterBy=missing&filterOp=present", []),
        ("filterBy=id&filterOp=inArray&filterValue=1,%203", ["1", "3"]),
        ("filterBy=size&filterOp=greaterThan&filterValue=9", ["2", "3"]),
        ("filterBy=published&filterOp=lessThan&filterValue=2026-01-02", ["1"]),
    ],
)
def test_filters(query: str, found: list[str]) -> None:
    assert ids(query) == found


@pytest.mark.uapi("1.4 fields")
def test_fields() -> None:
    assert listed("fields=id,%20missing&count=1")["entry"] == [{"id": "1"}]


@pytest.mark.uapi("1.4 count", "1.4 startIndex", "1.4 codes of filters", "1.4 fields", "1.4 sortOrder")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("count=0", "count_invalid"),
        ("count=many", "count_invalid"),
        ("startIndex=5001", "startindex_invalid"),
        ("count=5001", "count_invalid"),
        ("count=1234567890", "count_invalid"),
        ("startIndex=-1", "startindex_invalid"),
        ("fields=nonsense", "fields_invalid"),
        ("sortOrder=up", "sortorder_invalid"),
        ("filterBy=nonsense&filterValue=1", "filterby_invalid"),
        ("filterBy=id&filterOp=like&filterValue=1", "filterop_invalid"),
        ("filterBy=id", "filtervalue_invalid"),
        ("filterBy=id&filterOp=inArray&filterValue=1,,2", "filtervalue_invalid"),
        ("filterBy=id&filterOp=inArray", "filtervalue_invalid"),
    ],
)
def test_bad_parameters_have_their_codes(query: str, code: str) -> None:
    problem = read(query, NAMES, NAMES)
    assert isinstance(problem, Problem)
    assert (problem.status, problem.code) == (400, code)
