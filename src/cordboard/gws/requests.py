"""Requests: bytes become typed bodies, or a Problem that says what is wrong with them. No dict travels on.

The usual request is decoded straight into its Struct. Only when that fails is the body read again, slowly, to find
out what to say: the order of complaints is not JSON (10), operationName missing (1) or unknown (2), a required
parameter missing (1), a wrong value (10) (gws-v2 §7.3). Deliberately absent: the limit on a body's size (``server``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import parse_qsl

import msgspec

from cordboard.gws import bodies
from cordboard.gws.answers import Problem, StatusCode
from cordboard.people.model import User

USER_DATA_DEPTH_MAX = 32
"""How deep objects may be nested in user data: deeper ones could be read but not always be written again."""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One HTTP request of an authenticated user. ``path`` is percent-decoded and begins below ``/api/v2``."""

    user: User
    method: str
    path: str
    query: str = ""
    body: bytes = b""

    def parameters(self) -> dict[str, str]:
        """The query's parameters; of one that comes twice, the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


class Operation(msgspec.Struct, frozen=True, gc=False):
    """What was asked for by name, with the rest of the body."""

    name: str
    body: Any


CALL_BODIES: dict[str, type[Any]] = {bodies.tag_of(body): body for body in get_args(bodies.AnyCallBody)}
_MALFORMED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_decode_call_body = msgspec.json.Decoder(bodies.AnyCallBody).decode


def read_call_body(body: bytes) -> bodies.AnyCallBody | Problem:
    """The operation on a call that a body asks for."""
    try:
        found = _decode_call_body(body)
    except _MALFORMED:
        problem = read_operation(body, CALL_BODIES)
        return problem if isinstance(problem, Problem) else Problem(StatusCode.OUT_OF_RANGE, "The body is not valid.")
    user_data = getattr(found, "user_data", None)
    return (user_data and too_deep(user_data)) or found


def read_operation(body: bytes, known: Mapping[str, type[Any]]) -> Operation | Problem:
    """The operation that a body asks for, by name, out of those that are known for the resource."""
    try:
        raw = msgspec.json.decode(body)
    except _MALFORMED:
        return Problem(StatusCode.OUT_OF_RANGE, "The body is not valid JSON.")
    if not isinstance(raw, dict):
        return Problem(StatusCode.OUT_OF_RANGE, "The body must be a JSON object.")
    name = raw.get("operationName")
    if name is None:
        return Problem(StatusCode.PARAMETER_MISSING, "The parameter operationName is missing.")
    if not isinstance(name, str):
        return Problem(StatusCode.OUT_OF_RANGE, "The parameter operationName must be a string.")
    wanted = known.get(name)
    if wanted is None:
        return Problem(StatusCode.NOT_VALID_NOW, f"The operation '{name[:80]}' is not known here.")
    return _convert(name, raw, wanted)


def _convert(name: str, raw: dict[str, Any], wanted: type[Any]) -> Operation | Problem:
    absent = _missing(raw, wanted)
    if absent:
        return Problem(StatusCode.PARAMETER_MISSING, f"{name}: the parameter {absent} is missing.")
    try:
        body = msgspec.convert(raw, wanted)
    except (msgspec.ValidationError, RecursionError) as mistake:
        return Problem(StatusCode.OUT_OF_RANGE, f"{name}: {mistake}.")
    deep = too_deep(raw.get("userData", {}))
    return deep or Operation(name, body)


def _missing(raw: Mapping[str, Any], wanted: type[Any]) -> str:
    """The first required parameter that a body lacks; the one of a destination included."""
    for field in msgspec.structs.fields(wanted):
        value = raw.get(field.encode_name)
        if field.required and field.encode_name not in raw:
            return field.encode_name
        if field.encode_name == "destination" and isinstance(value, dict) and "phoneNumber" not in value:
            return "destination.phoneNumber"
    return ""


def too_deep(user_data: Any) -> Problem | None:
    """A Problem if user data are nested deeper than USER_DATA_DEPTH_MAX."""
    level = [user_data]
    for _ in range(USER_DATA_DEPTH_MAX):
        level = [inner for value in level for inner in _children(value)]
        if not level:
            return None
    return Problem(StatusCode.OUT_OF_RANGE, f"userData is nested deeper than {USER_DATA_DEPTH_MAX} levels.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
