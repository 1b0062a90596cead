"""One request and its answer, as plain values; and what has to be done at the desk in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import Refusal
from cordboard.people.model import Account
from cordboard.uapi.problems import Problem


class Request(msgspec.Struct, frozen=True):
    """An authenticated request. ``path`` is as it came, ``query`` without its question mark."""

    account: Account
    method: str
    path: str
    query: str = ""
    body: bytes = b""


class Response(msgspec.Struct, frozen=True):
    """The answer; no body with 204."""

    status: int
    body: bytes = b""


class Acting(msgspec.Struct, frozen=True):
    """Commands that are to be carried out one after the other, and what to answer once each is done or refused."""

    commands: tuple[AnyCommand, ...]
    then: Callable[[Sequence[Refusal | None]], Response]


Outcome: TypeAlias = Response | Acting
_encode = msgspec.json.Encoder().encode

NO_CONTENT = Response(204)


def ok(value: Any, status: int = 200) -> Response:
    return Response(status, _encode(value))


def refused(problem: Problem) -> Response:
    return ok({"error": {"code": problem.code, "message": problem.message}}, problem.status)
