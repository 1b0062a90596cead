"""Web Services as an OpenAPI 3.1 document, made of the same Structs that requests are read into and answers made of.

Dry: ``document`` returns a dict. Declared are the answers of this front end and of its door. Deliberately absent:
notifications, which are Bayeux and no requests with answers (docs/bayeux.md), serving (``server.openapi``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from cordboard.agents.model import BUILT_IN_STATES
from cordboard.gws import bodies, resources
from cordboard.gws.answers import StatusCode
from cordboard.gws.openapi_reading import READINGS, Json, object_of, ref
from cordboard.gws.requests import CALL_BODIES
from cordboard.gws.routes import DEVICE_OPERATIONS, DIAL, SESSION_OPERATIONS

_Operations: TypeAlias = "Mapping[str, type[Any]]"

_ANSWERS = {
    400: "A parameter is missing (1), out of range (10), or the operation is not possible now (2).",
    403: "No credentials (20), or a role or feature is missing (3, 5).",
    404: "There is no such thing, or it is somebody else's (6).",
    405: "The resource is not for this method (2).",
    413: "The body is larger than this server accepts (10).",
    500: "An internal error (4).",
}
_CHANGING_ANSWERS = {
    409: "Somebody else uses it (19).",
    422: "The Idempotency-Key was used for another request (10).",
    503: "The link to the switch is down (4): nothing was done.",
}
_STRUCTS = (
    bodies.AnyCallBody,
    *(value for value in vars(resources).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)),
)
_PARTIAL = (
    "CallResource",
    "DeviceResource",
    "UserResource",
    "ChannelResource",
    "FeatureResource",
    "ServiceResource",
    "RecordingResource",
    "VoicemailResource",
    "ContactResource",
)
_REFERENCE = re.compile(r"\s*\((gws-v2|call-semantics)[^)]*\)|\s+")


def document(version: str, states: Iterable[str] = BUILT_IN_STATES) -> Json:
    """The document. ``states`` are the operations by which agents take states."""
    taking: dict[str, type[Any]] = dict.fromkeys(states, bodies.Bare)
    start, end = SESSION_OPERATIONS
    me: dict[str, type[Any]] = {**taking, start: bodies.StartSession, end: bodies.Bare}
    schemas = _components(({**me, **DEVICE_OPERATIONS, **DIAL}).items())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Genesys Web Services v2, by cordboard",
            "version": version,
            "description": "Every answer has a statusCode, 0 if the request was accepted. That a request was accepted"
            " is not that it is done: what becomes of it is told by notifications.",
        },
        "servers": [{"url": "/api/v2"}],
        "security": [{"basic": []}, {"session": []}],
        "paths": _paths(taking, me),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "session": {"type": "apiKey", "in": "cookie", "name": "JSESSIONID"},
            },
        },
    }


# -- paths -------------------------------------------------------------------------------------------------------------


def _paths(taking: _Operations, me: _Operations) -> Json:
    paths: Json = {path: {"get": _get(path, *reading)} for path, reading in READINGS.items()}
    call = {"anyOf": [ref(kind.__name__) for kind in CALL_BODIES.values()]}
    posts: list[tuple[str, str, Json]] = [
        ("/me", "Begins or ends a session, or takes a state", _any_of(me)),
        ("/me/channels", "Takes a state", _any_of(taking)),
        ("/me/channels/voice", "Takes a state", _any_of(taking)),
        ("/me/calls/{id}", "An operation on a call", call),
        ("/me/devices/{id}", "An operation on one's device", _any_of(DEVICE_OPERATIONS)),
        ("/devices/{id}", "An operation on one's device", _any_of(DEVICE_OPERATIONS)),
        ("/me/devices/{id}/calls", "Begins a call", _any_of(DIAL)),
        ("/devices/{id}/calls", "Begins a call", _any_of(DIAL)),
    ]
    for path, summary, body in posts:
        paths.setdefault(path, {})["post"] = _post(path, summary, body)
    message = "/me/voicemails/{id}"
    heard = object_of({"heard": {"type": "boolean"}})
    paths[message]["put"] = _post(message, "Marks a message as heard, or not", heard)
    paths[message]["delete"] = _delete(message, "Deletes a message")
    return paths


def _get(path: str, summary: str, content: Json, parameters: tuple[str, ...]) -> Json:
    asked = [{"name": name, "in": "query", "schema": _QUERY.get(name, {"type": "string"})} for name in parameters]
    return {
        "summary": summary,
        "parameters": [*_path_parameters(path), *asked],
        "responses": {"200": {"description": "What was asked for.", "content": content}, **_errors(_ANSWERS)},
    }


_QUERY: dict[str, Json] = {
    "limit": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "offset": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
}


def _post(path: str, summary: str, body: Json) -> Json:
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A request that comes again with its key gets the first answer again.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }
    return {
        "summary": summary,
        "parameters": [*_path_parameters(path), key],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {
                "description": "Accepted; at the start of a session perhaps only for some channels (7).",
                "content": {"application/json": {"schema": {"anyOf": [ref("Accepted"), ref("Partial")]}}},
            },
            **_errors({**_ANSWERS, **_CHANGING_ANSWERS}),
        },
    }


def _delete(path: str, summary: str) -> Json:
    accepted = {"application/json": {"schema": ref("Accepted")}}
    answers = {"200": {"description": "Done.", "content": accepted}, **_errors(_ANSWERS)}
    return {"summary": summary, "parameters": _path_parameters(path), "responses": answers}


def _path_parameters(path: str) -> list[Json]:
    schema = {"type": "string", "minLength": 1}
    return [{"name": "id", "in": "path", "required": True, "schema": schema}] if "{id}" in path else []


def _errors(told: Mapping[int, str]) -> Json:
    content = {"application/json": {"schema": ref("Error")}}
    return {str(status): {"description": what, "content": content} for status, what in sorted(told.items())}


def _any_of(operations: _Operations) -> Json:
    return {"anyOf": [ref(name) for name in operations]}


# -- components --------------------------------------------------------------------------------------------------------


def _components(operations: Iterable[tuple[str, type[Any]]]) -> Json:
    named = list(operations)
    kinds = [*_STRUCTS, *dict.fromkeys(kind for _, kind in named)]
    _, made = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schemas: Json = _told(made)
    call = schemas["CallResource"]["properties"]
    call["participants"] = {"type": "array", "items": ref("Participant")}
    call["capabilities"] = {"type": "array", "items": {"type": "string"}}
    for name in _PARTIAL:
        # What ``fields`` cuts down has no member that is sure to be there.
        schemas[f"{name}Part"] = {key: value for key, value in schemas[name].items() if key != "required"}
    # The names of operations in place of the names of Structs, some of which serve several.
    bare = {kind.__name__: schemas.pop(kind.__name__) for kind in dict.fromkeys(kind for _, kind in named)}
    schemas |= {name: _operation(name, bare[kind.__name__]) for name, kind in named}
    codes = [code.value for code in StatusCode if code not in (StatusCode.SUCCESS, StatusCode.PARTIAL_SUCCESS)]
    error = {"statusCode": {"enum": codes}, "statusMessage": {"type": "string"}}
    channel = object_of({"statusCode": {"type": "integer"}, "channel": {"type": "string"}})
    channels = {"type": "array", "items": channel}
    partial = {"statusCode": {"const": 7}, "statusMessage": {"type": "string"}}
    return schemas | {
        "Accepted": {**object_of({"statusCode": {"const": 0}}), "additionalProperties": False},
        "Partial": object_of({**partial, "succeeded": channels, "failed": channels}),
        "Error": {**object_of(error), "additionalProperties": False},
    }


def _operation(name: str, schema: Json) -> Json:
    """The body of an operation whose name chooses the Struct, so that it is no member of it."""
    properties = {"operationName": {"enum": [name]}, **schema.get("properties", {})}
    required = ["operationName", *schema.get("required", [])]
    return {**schema, "title": name, "properties": properties, "required": required}


def _told(value: Any) -> Any:
    """The same for readers elsewhere: patterns as in ECMA 262, no references to the contract."""
    match value:
        case dict():
            return {key: _text(key, inner) if isinstance(inner, str) else _told(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_told(inner) for inner in value]
        case _:
            return value


def _text(key: str, text: str) -> str:
    match key:
        case "pattern":
            return text.replace(r"\Z", "$")
        case "description":
            return _REFERENCE.sub(lambda found: " " if found[1] is None else "", text).strip()
        case _:
            return text
