"""The UnifiedAPI as an OpenAPI 3.1 document. Dry: ``document`` returns a dict.

Declared are the answers of this front end and of its door. Deliberately absent: shapes (``openapi_schemas``), tokens
(docs/oauth.md), serving (``server.openapi``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cordboard.uapi import cdr, extensions, listing, presence, queues, routes
from cordboard.uapi.listing import COUNT_MAX, OPERATORS, START_MAX
from cordboard.uapi.openapi_schemas import ACTIONS, ANSWERS, BODIES, TEXT, ref

Json: TypeAlias = "dict[str, Any]"

_ANSWERS = {
    400: "A parameter is missing or invalid, or the action is not possible now; the code tells which and why.",
    401: "The account does not reach that far, or the token is unknown and the server is set to say so by 401.",
    403: "The token is missing, unknown or over.",
    413: "The body is larger than this server accepts.",
    500: "An internal error, or the link to the switch is down.",
    501: "There is no such operation.",
}
_FULL = {409: "The extension has as many events as it may have."}
_CALLS = "/phoneCalls/{userId}/{extension}"
_CALL = f"{_CALLS}/{{phoneCallId}}"
_EVENTS = "/extensions/{userId}/{extension}/phoneCallEvents"
_PATH = {
    "userId": "`@me`, `@viewer`, `@owner` or the id of a user",
    "extension": "a short or extended number, or `@self`",
    "phoneCallId": "the id of a phone call",
    "eventType": "0 in, 1 out, 2 hang-up, 3 answered here, 4 answered there",
    "eventId": "the id of an event",
    "agentId": "the number of an agent of the queue",
}


def document(version: str) -> Json:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "UnifiedAPI, by cordboard",
            "version": version,
            "description": "Actions are answered when the switch has done them. Tokens are had at /oauth/token.php.",
        },
        "servers": [{"url": "/uapi"}],
        "security": [{"bearer": []}, {"query": []}],
        "paths": {**_phone_calls(), **_events(), **_queues(), **_rest()},
        "components": {
            "schemas": {**ANSWERS, **BODIES},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "query": {"type": "apiKey", "in": "query", "name": "accessRequestToken"},
            },
        },
    }


# -- paths -------------------------------------------------------------------------------------------------------------


def _phone_calls() -> Json:
    body = {"anyOf": [ref(name) for name in ACTIONS]}
    listed = _asked(routes.FILTERS, routes.FIELDS)
    acted = {200: {"anyOf": [ref("PhoneCall"), _list("PhoneCall"), _list("PhoneCallShort")]}}
    started = {202: {"anyOf": [ref("PhoneCallShort"), _list("PhoneCallShort")]}}
    number = [_query("phoneNumber", {**TEXT, "minLength": 1})]
    paths: Json = {
        path: {
            "get": _operation(path, "The phone calls that go on", {200: ref("PhoneCalls")}, listed),
            "put": _operation(path, "An action", {**acted, **started, 204: None}, (), body),
            "delete": _operation(path, "Hangs up", {200: _list("PhoneCallShort"), 204: None}, number),
        }
        for path in (_CALLS, _CALL)
    }
    begun = {200: _list("PhoneCallShort")}
    for kind, summary, asked in (
        ("simple", "Begins a phone call", [*_LASTING, *_ALLOWING]),
        ("callback", "Begins one between two numbers outside, for a callback extension", _LASTING),
        ("conferenceInvite", "Calls somebody into a conference", _MEETING),
    ):
        path = f"/phoneCalls/{{userId}}/{kind}"
        paths[path] = {"post": _operation(path, summary, begun, asked, ref("Create"))}
    return paths


def _events() -> Json:
    """Those of an extension, of a type, and one of them."""
    kind, one = f"{_EVENTS}/{{eventType}}", f"{_EVENTS}/{{eventType}}/{{eventId}}"
    listed = _asked(extensions.EVENT_FIELDS[:-1], extensions.EVENT_FIELDS)
    paths: Json = {
        path: {
            "get": _operation(path, "Who is told of what", {200: ref("Events")}, listed),
            "delete": _operation(path, "Tells them no more", {200: _list("Event"), 204: None}),
        }
        for path in (_EVENTS, kind, one)
    }
    added = _operation(_EVENTS, "Who is to be told of what", {200: _list("Event")}, (), ref("EventAdded"))
    added["responses"] |= _errors(_FULL)
    paths[_EVENTS]["post"] = added
    paths[one]["put"] = _operation(one, "Changes it", {200: ref("Event")}, (), ref("EventChanged"))
    return paths


def _queues() -> Json:
    every = "/extensions/{userId}/{extension}/queue/agents"
    one = f"{every}/{{agentId}}"
    listed = _asked(queues.FILTERS, queues.FIELDS)
    paths: Json = {path: {"get": _operation(path, "Agents", {200: ref("Agents")}, listed)} for path in (every, one)}
    paths[one]["put"] = _operation(one, "What an agent is at from now on", {200: ref("Agent")}, (), ref("AgentChanged"))
    return paths


def _rest() -> Json:
    present = "/extensions/{userId}/{extension}/presence"
    asked = _asked(presence.FILTERS, presence.FIELDS)
    records = [*_asked(cdr.FILTERS, cdr.FIELDS), *_SPAN]
    found = {200: ref("Records")}
    return {
        present: {"get": _operation(present, "Who is free", {200: ref("Presence")}, asked)},
        "/cdr": {"get": _operation("/cdr", "Phone calls that are over", found, records)},
        "/cdr/{userId}": {"get": _operation("/cdr/{userId}", "Those of one user", found, records)},
    }


def _operation(
    path: str, summary: str, answers: Mapping[int, Json | None], query: Sequence[Json] = (), body: Json | None = None
) -> Json:
    """One operation; an answer without schema has no body."""
    told: Json = {
        str(status): {"description": "Done." if schema else "Nothing matched.", **(_content(schema) if schema else {})}
        for status, schema in answers.items()
    }
    operation: Json = {
        "summary": summary,
        "parameters": [*_path_parameters(path), *query],
        "responses": {**told, **_errors(_ANSWERS)},
    }
    return operation if body is None else {**operation, "requestBody": {"required": True, **_content(body)}}


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "description": what, "schema": {**TEXT, "minLength": 1}}
        for name, what in _PATH.items()
        if f"{{{name}}}" in path
    ]


def _errors(told: Mapping[int, str]) -> Json:
    return {str(status): {"description": what, **_content(ref("Error"))} for status, what in told.items()}


def _content(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def _list(name: str) -> Json:
    return {"type": "array", "items": ref(name)}


# -- queries -----------------------------------------------------------------------------------------------------------


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _asked(filters: Sequence[str], fields: Sequence[str]) -> list[Json]:
    """What every list may be asked for (§1.4)."""
    return [
        _query("count", {"type": "integer", "minimum": 1, "maximum": COUNT_MAX, "default": listing.COUNT_DEFAULT}),
        _query("startIndex", {"type": "integer", "minimum": 0, "maximum": START_MAX, "default": 0}),
        _query("sortOrder", {"enum": ["ascending", "descending", "asc", "desc"]}),
        _query("filterBy", {"enum": list(filters)}),
        _query("filterOp", {"enum": list(OPERATORS)}),
        _query("filterValue", {**TEXT, "minLength": 1}),
        {**_query("fields", {"type": "array", "items": {"enum": list(fields)}}), "style": "form", "explode": False},
    ]


_FLAG = {"enum": ["true", "false", "0", "1"]}
_WAITING = _query("waitForPickup", {"type": "integer", "minimum": 1, "maximum": 3_600})
_LASTING = [_WAITING, _query("callDuration", {"type": "integer", "minimum": 1, "maximum": 86_400})]
_ALLOWING = [_query("allowPublicTransfer", _FLAG), _query("video", _FLAG)]
_MEETING = [_WAITING, _query("number", TEXT), _query("pin", TEXT)]
_SPAN = [
    *(
        _query(name, {**TEXT, "format": "date-time"})
        for name in ("startDate", "endDate", "saveStartDate", "saveEndDate")
    ),
    _query("source", TEXT),
    _query("destination", TEXT),
    _query("disposition", {"enum": [0, 1, 2, 3, 4, 5]}),
    _query("flow", {"enum": [2, 4, 8]}),
]
