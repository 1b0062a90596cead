"""The size of user data, and who gives way when two calls become one."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.calls.model import RefusalKind
from cordboard.calls.records import Rules
from cordboard.calls.user_data import check_added, merged, size

RULES = Rules(user_data_bytes_max=20)


@pytest.mark.parametrize(("data", "bytes_"), [({}, 0), ({"a": 1}, 7), ({"a": "é"}, 10), ({"a": {"b": [1]}}, 15)])
def test_the_size_is_that_of_the_json(data: dict[str, Any], bytes_: int) -> None:
    assert size(data) == bytes_


@pytest.mark.parametrize(
    ("data", "added", "fits"),
    [
        ({}, {}, True),
        ({"a": "x" * 99}, {}, True),
        ({}, {"a": "x" * 12}, True),
        ({}, {"a": "x" * 13}, False),
        ({"a": "x" * 12}, {"b": 1}, False),
        ({"a": "x" * 12}, {"a": 1}, True),
    ],
)
def test_only_what_is_added_can_be_too_much(data: dict[str, Any], added: dict[str, Any], fits: bool) -> None:
    refusal = check_added(RULES, data, added)
    assert (refusal is None) is fits
    if refusal is not None:
        assert (refusal.kind, "20 bytes" in refusal.detail) == (RefusalKind.LIMIT_REACHED, True)


@pytest.mark.parametrize(
    ("parent", "consult", "result"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": "x" * 12}, {"b": "y" * 12}, {"b": "y" * 12}),
        ({"a": "x" * 12, "c": 3}, {"b": 2}, {"b": 2, "c": 3}),
        ({"b": 1, "c": "x" * 11}, {"b": 2}, {"b": 2}),
    ],
)
def test_the_consults_data_win_and_the_parents_fill_the_room(
    parent: dict[str, Any], consult: dict[str, Any], result: dict[str, Any]
) -> None:
    """call-semantics decision 8"""
    found = merged(RULES, parent, consult)
    assert found == result
    assert size(found) <= RULES.user_data_bytes_max
