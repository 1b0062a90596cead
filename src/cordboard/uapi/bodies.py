"""Bodies of requests: JSON to typed values at the door (voipnow-uapi §2.3, §2.4).

Clients in the field send numbers as texts, one number where a list is due, and names in two spellings; all of that is
taken. What is not understood is told by the parameter's own code, so every field is read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from cordboard.uapi import problems
from cordboard.uapi.problems import Problem

Fields: TypeAlias = "dict[str, Any]"
_CALLER_ID = re.compile(r"^[^<>\x00-\x1f]*<([0-9*+]+)>$|^([0-9*+]+)$")
_PUNCTUATION = re.compile(r"[\s()./-]")
_fields = msgspec.json.Decoder(dict[str, Any])


def read(body: bytes) -> Fields | Problem:
    """The object in a body; no body is an empty object."""
    if not body.strip():
        return {}
    try:
        return _fields.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return problems.UNREADABLE


def text(fields: Fields, *names: str) -> str | None:
    """A text or number by the first of these names that is there; "" if none is, None if it is neither."""
    for name in names:
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value).strip()
    return ""


def plain(text: str) -> str:
    """A telephone number without what people write between its digits."""
    return _PUNCTUATION.sub("", text)


def number(fields: Fields, *names: str, least: int, most: int, default: int) -> int | None:
    """A whole number within bounds, as number or text; None if it is not one."""
    found = text(fields, *names)
    if found == "":
        return default
    if found is None or not found.isdecimal() or len(found) > 9 or not least <= int(found) <= most:
        return None
    return int(found)


def texts(fields: Fields, name: str) -> tuple[str, ...] | None:
    """One text or a list of them (§0, 7); None if it is something else."""
    value = fields.get(name)
    listed = value if isinstance(value, list) else [] if value is None else [value]
    found = [text({"": one}, "") for one in listed]
    return tuple(one for one in found if one) if all(one for one in found) else None


def caller_id(holders: Iterable[Fields], *names: str) -> str | Problem:
    """The number in what a telephone is to show; "" if nothing is said of it."""
    for holder in holders:
        found = text(holder, *names)
        if found is None:
            return problems.CALLER_ID_INVALID
        if found:
            match = _CALLER_ID.match(found)
            return (match[1] or match[2]) if match else problems.CALLER_ID_INVALID
    return ""


def view_of(fields: Fields) -> Fields | Problem:
    """The one view that a call is begun with."""
    views = fields.get("phoneCallView")
    if isinstance(views, dict):
        return views
    if isinstance(views, list) and len(views) == 1 and isinstance(views[0], dict):
        return views[0]
    return problems.CREATE_VIEW_INVALID
