"""Collections (gws-v2 §1.5)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.kit.people import AGENT

from cordboard.gws.listing import collection
from cordboard.gws.requests import Request


class Item(msgspec.Struct, frozen=True, rename="camel"):
    uri: str
    full_name: str


ITEMS = [Item(f"u{number}", f"n{number}") for number in range(3)]
ALL = [{"uri": "u0", "fullName": "n0"}, {"uri": "u1", "fullName": "n1"}, {"uri": "u2", "fullName": "n2"}]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"uris": ["u0", "u1", "u2"]}),
        ("fields=", {"uris": ["u0", "u1", "u2"]}),
        ("fields=*", {"items": ALL}),
        ("fields=id,*", {"items": ALL}),
        ("fields=fullName,unheardOf", {"items": [{"fullName": "n0"}, {"fullName": "n1"}, {"fullName": "n2"}]}),
        ("limit=1", {"uris": ["u0"]}),
        ("offset=2", {"uris": ["u2"]}),
        ("offset=1&limit=1&fields=*", {"items": ALL[1:2]}),
        ("offset=9&limit=9", {"uris": []}),
        ("limit=0", {"uris": []}),
    ],
)
def test_what_is_asked_of_a_collection(query: str, expected: dict[str, Any]) -> None:
    response = collection(Request(AGENT, "GET", "/items", query), "items", ITEMS)
    assert (response.status, json.loads(response.body)) == (200, {"statusCode": 0, **expected})


@pytest.mark.parametrize("query", ["limit=-1", "limit=x", "offset=1.5", "offset=", "limit=1000000000", "limit=\u0663"])
def test_what_is_no_count(query: str) -> None:
    response = collection(Request(AGENT, "GET", "/items", query), "items", ITEMS)
    assert (response.status, json.loads(response.body)["statusCode"]) == (400, 10)
