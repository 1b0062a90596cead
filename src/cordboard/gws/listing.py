"""Collections: a list of ``uris``, or of items with the fields that are asked for; ``limit`` and ``offset`` count
within it (gws-v2 §1.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from cordboard.gws import answers
from cordboard.gws.answers import Response, StatusCode
from cordboard.gws.requests import Request


def collection(request: Request, plural: str, items: Sequence[Any]) -> Response:
    """A collection: uris, or with ``fields`` the items themselves, cut down to the fields that are named."""
    parameters = request.parameters()
    try:
        chosen = part(parameters, items)
    except ValueError as mistake:
        return answers.error(StatusCode.OUT_OF_RANGE, str(mistake))
    fields = parameters.get("fields", "")
    if not fields:
        return answers.content({"uris": [item.uri for item in chosen]})
    return answers.content({plural: with_fields(chosen, fields)})


def part(parameters: Mapping[str, str], items: Sequence[Any]) -> Sequence[Any]:
    """The items that ``limit`` and ``offset`` ask for."""
    offset = _count(parameters, "offset", 0)
    return items[offset : offset + _count(parameters, "limit", len(items))]


def _count(parameters: Mapping[str, str], name: str, default: int) -> int:
    """A number of items, at most nine digits of it."""
    text = parameters.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ValueError("limit and offset must be whole numbers from 0 on.")
    return int(text)


def with_fields(items: Sequence[Any], fields: str) -> Sequence[Any]:
    names = set(fields.split(","))
    return items if "*" in names else _only(items, names)


def _only(items: Iterable[Any], names: set[str]) -> list[dict[str, Any]]:
    whole = msgspec.json.decode(msgspec.json.encode(items), type=list[dict[str, Any]])
    return [{name: item[name] for name in item if name in names} for item in whole]
