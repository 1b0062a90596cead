"""Queries, and what is wrong with some."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.cdr.asking import LIMIT, Asked, Problem, read
from cordboard.cdr.store import Query


def test_nothing_is_asked() -> None:
    assert read("", 1000) == Asked(Query(limit=LIMIT))
    assert read("", 7) == Asked(Query(limit=7))


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("from=1000.5&to=2000", {"start": 1000.5, "end": 2000.0}),
        ("from=1970-01-01T00:16:40Z", {"start": 1000.0}),
        ("from=1970-01-01T00:16:40", {"start": 1000.0}),
        ("from=1970-01-01T01:16:40%2B01:00", {"start": 1000.0}),
        ("from=1970-01-01T01:16:40+01:00", {"start": 1000.0}),
        ("from=1970-01-02", {"start": 86_400.0}),
        ("number=%2B4989", {"number": "+4989"}),
        ("thread=T&call=C", {"thread": "T", "call": "C"}),
        ("kind=Park", {"kind": "Park"}),
        ("order=newest", {"newest_first": True}),
        ("order=oldest", {}),
        ("number=&from=&kind=&limit=", {}),
        ("limit=1000&after=0", {"limit": 1000, "after": 0}),
    ],
)
def test_what_may_be_asked(query: str, asked: dict[str, Any]) -> None:
    assert read(query, 1000) == Asked(Query(**{"limit": LIMIT, **asked}))


def test_the_format_is_no_matter_of_what_is_found() -> None:
    assert read("format=csv", 1000) == Asked(Query(limit=LIMIT), "csv")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("from=yesterday", "from"),
        ("from=-1", "from"),
        ("to=99999999999999", "to"),
        ("to=9" + "9" * 400, "to"),
        ("from=2000&to=1000", "from"),
        (f"thread={'T' * 201}", "thread"),
        ("kind=segments", "kind"),
        ("order=up", "order"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=%C2%B2", "limit"),
        ("after=-1", "after"),
        (f"after={2**63}", "after"),
        (f"after={'9' * 30}", "after"),
        ("format=xml", "format"),
        ("limit=1&limit=2", "limit"),
        ("colour=red", "colour"),
    ],
)
def test_what_is_wrong_is_said(query: str, parameter: str) -> None:
    problem = read(query, 1000)
    assert isinstance(problem, Problem)
    assert problem.parameter == parameter
    assert problem.error
