"""Answers: the statusCode table, its HTTP statuses, and what each refusal becomes. HTTP numbers live here only.

Every answer is a JSON object with an integer ``statusCode``; on errors ``statusMessage`` beside it and nothing else,
except for partial success (gws-v2 §1.3). Deliberately absent: headers, cookies, authentication (``server``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

import msgspec

from cordboard.calls.model import Refusal, RefusalKind


class StatusCode(IntEnum):
    """``statusCode`` as in gws-v2 §1.4."""

    SUCCESS = 0
    PARAMETER_MISSING = 1
    NOT_VALID_NOW = 2
    FORBIDDEN = 3
    INTERNAL_ERROR = 4
    NO_PERMISSION = 5
    NOT_FOUND = 6
    PARTIAL_SUCCESS = 7
    PASSWORD_CHANGE = 8
    INCOMPLETE = 9
    OUT_OF_RANGE = 10
    READ_ONLY = 11
    NOT_RETRIEVED = 12
    NOT_CREATED = 13
    NOT_DELETED = 14
    NOT_UPDATED = 15
    NOT_ASSIGNED = 16
    NOT_UNASSIGNED = 17
    EXISTS = 18
    IN_USE = 19
    NOT_AUTHENTICATED = 20


HTTP_STATUS: dict[StatusCode, int] = {
    StatusCode.SUCCESS: 200,
    StatusCode.PARAMETER_MISSING: 400,
    StatusCode.NOT_VALID_NOW: 400,
    StatusCode.FORBIDDEN: 403,
    StatusCode.INTERNAL_ERROR: 500,
    StatusCode.NO_PERMISSION: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.PARTIAL_SUCCESS: 200,
    StatusCode.PASSWORD_CHANGE: 403,
    StatusCode.INCOMPLETE: 500,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.READ_ONLY: 400,
    StatusCode.NOT_RETRIEVED: 500,
    StatusCode.NOT_CREATED: 500,
    StatusCode.NOT_DELETED: 500,
    StatusCode.NOT_UPDATED: 500,
    StatusCode.NOT_ASSIGNED: 500,
    StatusCode.NOT_UNASSIGNED: 500,
    StatusCode.EXISTS: 409,
    StatusCode.IN_USE: 409,
    StatusCode.NOT_AUTHENTICATED: 403,
}

METHOD_NOT_ALLOWED = 405
UNPROCESSABLE = 422
SERVICE_UNAVAILABLE = 503

REFUSALS: dict[RefusalKind, tuple[int, StatusCode]] = {
    RefusalKind.UNKNOWN_CALL: (404, StatusCode.NOT_FOUND),
    RefusalKind.NOT_PERMITTED_NOW: (400, StatusCode.NOT_VALID_NOW),
    RefusalKind.FORBIDDEN: (400, StatusCode.NOT_VALID_NOW),
    RefusalKind.BAD_DESTINATION: (400, StatusCode.OUT_OF_RANGE),
    RefusalKind.BAD_VALUE: (400, StatusCode.OUT_OF_RANGE),
    RefusalKind.UNKNOWN_PARTICIPANT: (404, StatusCode.NOT_FOUND),
    RefusalKind.LIMIT_REACHED: (400, StatusCode.NOT_VALID_NOW),
    RefusalKind.IN_USE: (409, StatusCode.IN_USE),
    RefusalKind.SWITCH_UNAVAILABLE: (SERVICE_UNAVAILABLE, StatusCode.INTERNAL_ERROR),
}

# An unknown call and another agent's call must not be told apart (gws-v2 §7.3), so the refusal's own words stay inside.
_CONSTANT_MESSAGES = {RefusalKind.UNKNOWN_CALL: "There is no such call."}


class FileContent(msgspec.Struct, frozen=True, gc=False):
    """A file that is an answer's body; whoever serves it opens it. ``name`` is what it is to be saved as."""

    path: Path
    media_type: str
    name: str


class Response(msgspec.Struct, frozen=True, gc=False):
    """HTTP status and JSON body, or a file instead. ``end_session`` asks the server to end the HTTP session after it
    (gws-v2 §5.3)."""

    status: int
    body: bytes
    end_session: bool = False
    file: FileContent | None = None


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Why a request can't be carried out: a refusal before anybody was asked."""

    code: StatusCode
    message: str


ACCEPTED = Response(200, b'{"statusCode":0}')
SESSION_ENDED = Response(200, b'{"statusCode":0}', end_session=True)

_encode = msgspec.json.Encoder().encode


def error(code: StatusCode, message: str, status: int | None = None) -> Response:
    """An error answer; ``status`` only where it is not the one of the table."""
    return Response(HTTP_STATUS[code] if status is None else status, _error_body(code, message))


def problem(found: Problem) -> Response:
    return Response(HTTP_STATUS[found.code], _error_body(found.code, found.message))


def refused(refusal: Refusal) -> Response:
    """The answer to a command that was refused."""
    status, code = REFUSALS[refusal.kind]
    return Response(status, _error_body(code, refusal_message(refusal)))


def refusal_message(refusal: Refusal) -> str:
    return _CONSTANT_MESSAGES.get(refusal.kind) or refusal.detail or f"Refused: {refusal.kind.value}."


def absent() -> Response:
    """The same for what does not exist and for what is somebody else's (gws-v2 §7.3)."""
    return error(StatusCode.NOT_FOUND, "There is no such resource.")


def wrong_method(allowed: Sequence[str]) -> Response:
    """The resource exists but not with this method."""
    message = f"This resource accepts {', '.join(allowed)} only."
    return error(StatusCode.NOT_VALID_NOW, message, METHOD_NOT_ALLOWED)


def content(members: Mapping[str, Any]) -> Response:
    """A successful answer with members beside its ``statusCode``."""
    return Response(200, _encode({"statusCode": 0, **members}))


def partial(succeeded: Sequence[Mapping[str, Any]], failed: Sequence[Mapping[str, Any]]) -> Response:
    """Some items were done, some not; each names its item and has a ``statusCode`` of its own (gws-v2 §1.3)."""
    body = {
        "statusCode": StatusCode.PARTIAL_SUCCESS.value,
        "statusMessage": "Partial success.",
        "succeeded": succeeded,
        "failed": failed,
    }
    return Response(HTTP_STATUS[StatusCode.PARTIAL_SUCCESS], _encode(body))


def _error_body(code: StatusCode, message: str) -> bytes:
    return _encode({"statusCode": code.value, "statusMessage": message})


NO_FEATURE = error(StatusCode.NO_PERMISSION, "The feature that this needs is not assigned to you.")
NO_ROLE = error(StatusCode.NO_PERMISSION, "Your roles do not permit this.")
KEY_OF_ANOTHER_REQUEST = error(
    StatusCode.OUT_OF_RANGE, "This Idempotency-Key was used for another request.", UNPROCESSABLE
)
"""Of two requests with one key only the first is done, if they are not the same (call-semantics decision 9)."""
