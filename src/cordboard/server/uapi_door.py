"""The door of the UnifiedAPI: who asks, what is asked, what the switch made of it, and the answer (voipnow-uapi §1).

An action is answered when the switch has done it, as its clients read the result out of the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Protocol

import structlog

from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import Refusal
from cordboard.people.model import Account
from cordboard.server.auth import RawHeaders
from cordboard.server.book import Book
from cordboard.server.doors import Receive, Send, read_body, respond
from cordboard.server.tally import Requests
from cordboard.server.web import Scope
from cordboard.uapi import discovery, paths, problems
from cordboard.uapi.problems import Problem
from cordboard.uapi.requests import Acting, Request, Response, refused
from cordboard.uapi.routes import Uapi

_log = structlog.get_logger()
_JSON = (b"content-type", b"application/json")
_XRDS = (b"content-type", discovery.MEDIA_TYPE.encode())
_CLOSE = (b"connection", b"close")


class Bearers(Protocol):
    """Who knows what tokens stand for."""

    def account_of(self, headers: RawHeaders, query_string: bytes) -> Account | None: ...


class UapiDoor:
    """Everything below ``/uapi``. ``denied_status`` is what an unknown token is answered with (§1.3); ``xrds`` tells
    anybody which services there are."""

    def __init__(
        self,
        uapi: Uapi,
        bearers: Bearers,
        carry_out: Callable[[AnyCommand], Awaitable[Refusal | None]],
        body_bytes_max: int,
        denied_status: int = 403,
        xrds: bytes = b"",
        book: Book | None = None,
        tally: Requests | None = None,
    ) -> None:
        self._tally = tally or Requests()
        self._xrds = xrds
        self._book = book or Book()
        self._uapi = uapi
        self._bearers = bearers
        self._carry_out = carry_out
        self._body_bytes_max = body_bytes_max
        self._denied = Response(denied_status, refused(problems.ACCESS_DENIED).body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == discovery.PATH and scope["method"] == "GET":
            await respond(send, 200, self._xrds, _XRDS)
            return
        account = self._bearers.account_of(scope["headers"], scope["query_string"])
        if account is None:
            _log.info("access denied", path=scope["path"])
            self._tally.denied("uapi", self._denied.status)
            await respond(send, self._denied.status, self._denied.body, _JSON, _CLOSE)
            return
        body = await read_body(receive, self._body_bytes_max)
        if body is None:
            return
        if not isinstance(body, bytes):
            answer = refused(_too_large(_path(scope)))
            await respond(send, answer.status, answer.body, _JSON, _CLOSE)
            return
        began = perf_counter()
        query = scope["query_string"].decode("latin-1")
        before = self._book.last
        answer = await self._handle(Request(account, scope["method"], _path(scope), query, body))
        if not await self._book.safe(before):
            answer = refused(problems.UNAVAILABLE)
        self._tally.uapi(scope["method"], scope["path"], body, answer.status, perf_counter() - began)
        if answer.status >= 400:
            why = answer.body[:300].decode(errors="replace")
            _log.info("refused", path=scope["path"], app=account.app, status=answer.status, answer=why)
        await respond(send, answer.status, answer.body, *([_JSON] if answer.body else []))

    async def _handle(self, request: Request) -> Response:
        if request.method != "GET" and self._book.trouble():
            return refused(problems.UNAVAILABLE)
        try:
            with self._book:
                outcome = self._uapi.handle(request)
            if isinstance(outcome, Acting):
                return outcome.then([await self._carry_out(command) for command in outcome.commands])
        except Exception:  # noqa: BLE001  # a bug must not close the connection without an answer
            _log.exception("a request failed", method=request.method, path=request.path, app=request.account.app)
            return refused(problems.INTERNAL)
        return outcome


def _too_large(path: str) -> Problem:
    """Of a fax it does not matter how large it is: there are none here."""
    place = paths.read(path)
    return problems.NOT_IMPLEMENTED if place is not None and place.service == "faxes" else problems.TOO_LARGE


def _path(scope: Scope) -> str:
    """As it was sent: what is percent-encoded is taken apart by the room."""
    raw = scope.get("raw_path")
    return raw.decode("latin-1") if isinstance(raw, bytes) else scope["path"]
