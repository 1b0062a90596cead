"""The door to ``/oauth``: reads a request, has it answered, and logs what was refused. Never a traceback at the client.

Deliberately absent: what the pages do (``oauth_token``, ``oauth_consent``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from time import perf_counter
from typing import Any, TypeAlias

import structlog

from cordboard.server.apps import Register
from cordboard.server.book import Book
from cordboard.server.doors import Receive, Send, read_body, respond
from cordboard.server.oauth_asked import Answer, Asked
from cordboard.server.oauth_token import refused
from cordboard.server.tally import OTHER, Requests
from cordboard.server.web import OAUTH

_log = structlog.get_logger()

Page: TypeAlias = "Callable[[Asked], Awaitable[Answer]]"

TOKEN = f"{OAUTH}/token.php"
AUTHORIZE = f"{OAUTH}/authorize.php"
_NAMES = {TOKEN: "token", AUTHORIZE: "authorize"}
_CLOSE = (b"connection", b"close")
_NOT_NOW = refused(503, "temporarily_unavailable", "It can not be written down at present.")


class OauthDoor:
    """``pages`` are what is below ``/oauth``, by their paths. A slash at the end of a path changes nothing."""

    def __init__(
        self,
        pages: Mapping[str, Page],
        register: Register,
        body_bytes_max: int,
        book: Book | None = None,
        tally: Requests | None = None,
    ) -> None:
        self._book = book or Book()
        self._tally = tally or Requests()
        self._pages = pages
        self._register = register
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        body = await read_body(receive, self._body_bytes_max)
        if body is None:
            return
        began = perf_counter()
        if isinstance(body, bytes):
            answer = await self._answer(scope, body)
        else:
            answer = refused(413, "invalid_request", "The body is larger than this server accepts.", _CLOSE)
        name = _NAMES.get(scope["path"].rstrip("/"), OTHER)
        self._tally.plain("oauth", name, answer.status, perf_counter() - began)
        if answer.why:
            _log.info("oauth refused", path=scope["path"], status=answer.status, why=answer.why[:300])
        await respond(send, answer.status, answer.body, *answer.headers)

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> Answer:
        page = self._pages.get(scope["path"].rstrip("/"))
        if page is None:
            return refused(404, "invalid_request", f"There is nothing here but {TOKEN} and {AUTHORIZE}.")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(scope["method"], scope["query_string"].decode("latin-1"), headers, body)
        try:
            if self._book.is_overfull and asked.method != "GET":
                return _NOT_NOW
            if self._register.is_stored:
                await asyncio.to_thread(self._register.refresh)
            before = self._book.last
            answer = await page(asked)
            if await self._book.safe(before):
                return answer
            return _NOT_NOW
        except Exception:  # noqa: BLE001  # a bug must not close the connection without an answer
            _log.exception("a request failed", method=asked.method, path=scope["path"])
            return refused(500, "server_error", "An internal error; it has been logged.")
