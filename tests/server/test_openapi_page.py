"""The reference page shows all that is in the documents, and nothing that could be run."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from cordboard.server import openapi
from cordboard.server.openapi_page import text


class _Reader(HTMLParser):
    """Headings, tables and links, as a program that reads aloud finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a":
            self.links.add(str(found["href"]))


@pytest.fixture(scope="module")
def whole() -> tuple[str, _Reader]:
    page, reader = text(openapi.documents(["Ready"], uapi=True)), _Reader()
    reader.feed(page)
    return page, reader


def test_headings_are_in_order(whole: tuple[str, _Reader]) -> None:
    levels = whole[1].levels
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_link_leads_somewhere(whole: tuple[str, _Reader]) -> None:
    reader = whole[1]
    inside = {link.removeprefix("#") for link in reader.links if link.startswith("#")}
    assert inside <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))
    assert {link for link in reader.links if not link.startswith("#")} == {"/", openapi.GWS, openapi.UAPI, openapi.CDR}


def test_nothing_runs_and_nothing_comes_from_elsewhere(whole: tuple[str, _Reader]) -> None:
    assert whole[1].tags.isdisjoint({"script", "link", "img", "iframe", "form"})


@pytest.mark.parametrize(
    "shown", ["POST /api/v2/me/calls/{id}", "DELETE /uapi/phoneCalls/{userId}/{extension}", "InitiateTransfer"]
)
def test_it_shows(whole: tuple[str, _Reader], shown: str) -> None:
    assert shown in whole[0]


def _page(schema: dict[str, Any]) -> str:
    info = {"title": "<T>", "description": "d", "version": "1"}
    components = {"schemas": {"One": schema}}
    return text({"/x.json": {"info": info, "servers": [{"url": "/x"}], "paths": {}, "components": components}})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"const": 5}, "<code>5</code>"),
        ({"enum": ["a", "<"]}, "<code>a</code> <code>&lt;</code>"),
        ({"type": ["string", "integer"]}, "string or integer"),
        ({"type": "string", "format": "uri"}, "string (uri)"),
        ({"type": "array"}, "list of anything"),
        ({"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/One"}]}, 'string or <a href="#x-One">One</a>'),
    ],
)
def test_values_in_words(schema: dict[str, Any], words: str) -> None:
    page = _page(schema)
    assert f"<p>{words}</p>" in page
    assert "&lt;T&gt;" in page


def test_members_in_words() -> None:
    inner = {"type": "object", "properties": {"b": {}, "c": {}}}
    page = _page({"description": "A & B", "properties": {"a": inner, "d": {}}, "required": ["a"]})
    assert "<p>A &amp; B</p>" in page
    assert "<td>object with <code>b</code> <code>c</code></td><td>always</td>" in page
    assert "<td>anything</td><td>perhaps</td>" in page
