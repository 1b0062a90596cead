"""The doors: which request goes where. The two hot paths (Web Services and CometD) are bare ASGI callables.

Nothing that comes in leads to a traceback at the client: what is not understood is answered in the envelope of Web
Services (gws-v2 §1.3). One refused request is one log line. Deliberately absent: what requests mean (``gws``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from ipaddress import ip_address
from time import perf_counter
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import msgspec
import structlog

from cordboard.gws import answers
from cordboard.gws.answers import FileContent, Response
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.server.auth import Authenticator, RawHeaders
from cordboard.server.auth_types import ACCESS_DENIED, Authentication
from cordboard.server.book import Book
from cordboard.server.doors import read_body, respond, respond_with_file
from cordboard.server.idempotency import Idempotency
from cordboard.server.tally import Requests

_log = structlog.get_logger()

Scope: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"
App: TypeAlias = "Callable[[Scope, Receive, Send], Awaitable[None]]"
LabHandle: TypeAlias = "Callable[[str, str, bytes], tuple[int, bytes]]"

API = "/api/v2"
NOTIFICATIONS = f"{API}/notifications"
LAB = "/lab/v1"
OAUTH = "/oauth"
METRICS = "/metrics"
CDR = "/cdr"
UAPI = ("/uapi", "/unifiedapi")
"""Paths of the doors."""

_TOO_LARGE = Response(413, b'{"statusCode":10,"statusMessage":"The body is larger than this server accepts."}')
_INTERNAL = Response(500, b'{"statusCode":4,"statusMessage":"An internal error; it has been logged."}')
_UNSURE = Response(503, b'{"statusCode":4,"statusMessage":"Not written down yet: it may be done later."}')
_JSON = (b"content-type", b"application/json")
_CLOSE = (b"connection", b"close")
_NEVER = -1
"""As a number of a line: everything has changed since."""
_AT_ONCE = (b"prefer", b"respond-async")
_LAB_ROUNDS = 6
"""What follows from what, at most, when the lab waits; others may be at work all the time."""


class Done(NamedTuple):
    """A request that was worked on: when that ``began``, and what ``Book.last`` was ``before``."""

    request: Request
    session: str
    response: Response
    before: int
    began: float


class GwsDoor:
    """Everything below ``/api/v2`` but notifications: who asks, what is asked, and the answer.

    ``ended`` is told of each HTTP session that a request has ended.
    """

    def __init__(
        self,
        gws: Gws,
        authenticator: Authenticator,
        directory: Directory,
        body_bytes_max: int,
        idempotency: Idempotency,
        ended: Callable[[str], None],
        book: Book | None = None,
        tally: Requests | None = None,
    ) -> None:
        self._book = book or Book()
        self._tally = tally or Requests()
        self._gws = gws
        self._ended = ended
        self._authenticator = authenticator
        self._directory = directory
        self.body_bytes_max = body_bytes_max
        self._idempotency = idempotency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who, user = self.known(scope)
        if who is None or user is None:
            _log.info("access denied", path=scope["path"], client=_client(scope))
            self._tally.denied("gws", 403, ACCESS_DENIED)
            await respond(send, 403, ACCESS_DENIED, _JSON, _CLOSE)
            return
        body = await read_body(receive, self.body_bytes_max)
        if body is None:
            return
        cookie = ((b"set-cookie", who.set_cookie),) if who.set_cookie is not None else ()
        if not isinstance(body, bytes):
            _log.info("refused", path=scope["path"], user=user.name, status=413)
            await respond(send, _TOO_LARGE.status, _TOO_LARGE.body, _JSON, _CLOSE, *cookie)
            return
        path: str = scope["path"]
        query = scope["query_string"].decode("latin-1")
        request = Request(user, scope["method"], path[len(API) :], query, body)
        done = self.do(request, who, scope["headers"])
        response = self.over(done) if self.is_safe else await self.wait(done)
        if response.file is not None:
            if await respond_with_file(send, response.file.path, *_of_file(response.file), *cookie):
                return
            _log.warning("a file is missing", path=request.path, file=str(response.file.path))
            response = answers.absent()
        await respond(send, response.status, response.body, _JSON, *cookie)

    def known(self, scope: Scope) -> tuple[Authentication | None, User | None]:
        """Whom a request speaks for."""
        who = self._authenticator.authenticate(scope["headers"])
        return who, self._directory.user(who.identity) if who is not None else None

    def do(self, request: Request, who: Authentication, headers: RawHeaders) -> Done:
        """Do what is asked. The answer may leave when that ``is_safe``."""
        began, before = perf_counter(), self._book.last
        with self._book:
            response = self._idempotency.once(headers, request, self._handle)
            if response.end_session:  # in the same entry: whoever has logged out stays so after a restart
                self._authenticator.end_session(who.session)
        return Done(request, who.session, response, before, began)

    @property
    def is_safe(self) -> bool:
        """Whether all that an answer may tell of is durable."""
        return self._book.is_safe

    async def wait(self, done: Done) -> Response:
        """The answer, once it may leave. Whoever repeats a request with its key is told that it was done when that is
        sure, though this time it changes nothing."""
        is_said_to_be_done = done.request.method == "POST" and done.response.status == 200
        if await self._book.safe(_NEVER if is_said_to_be_done else done.before):
            return self.over(done)
        _log.warning(
            "an answer had to wait too long for the journal", path=done.request.path, user=done.request.user.name
        )
        return self._counted(done, _UNSURE)

    def over(self, done: Done) -> Response:
        """The answer leaves now."""
        if done.response.end_session:
            self._ended(done.session)
        return self._counted(done, done.response)

    def _counted(self, done: Done, response: Response) -> Response:
        request, took = done.request, perf_counter() - done.began
        self._tally.gws(request.method, request.body, response.status, response.body, took)
        return response

    def _handle(self, request: Request) -> Response:
        try:
            response = self._gws.handle(request)
        except Exception:  # noqa: BLE001  # a bug must not close the connection without an answer
            _log.exception("a request failed", method=request.method, path=request.path, user=request.user.name)
            return _INTERNAL
        if response.status >= 400:
            why = response.body[:300].decode(errors="replace")
            path, user = request.path, request.user.name
            _log.info("refused", method=request.method, path=path, user=user, status=response.status, answer=why)
        return response


def _of_file(file: FileContent) -> tuple[tuple[bytes, bytes], ...]:
    """Headers: what it is, and that it is to be saved rather than shown."""
    disposition = f'attachment; filename="{file.name}"'
    return (b"content-type", file.media_type.encode()), (b"content-disposition", disposition.encode())


class LabDoor:
    """The lab, for clients on this machine only unless ``anybody``. It is looked at when what went before has
    settled, and answered when what comes of it has come; at once for those who prefer that (RFC 7240 §4.1)."""

    def __init__(self, handle: LabHandle, body_bytes_max: int, anybody: bool, book: Book | None = None) -> None:
        self._book = book or Book()
        self._handle = handle
        self.body_bytes_max = body_bytes_max
        self._anybody = anybody

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.lets_in(scope):
            why = b'{"error":"the lab answers clients on its own machine only; see lab_clients in [server]"}'
            await respond(send, 403, why, _JSON, _CLOSE)
            return
        body = await read_body(receive, self.body_bytes_max)
        if body is None:
            return
        if not isinstance(body, bytes):
            await respond(send, 413, b'{"error":"the body is larger than this server accepts"}', _JSON, _CLOSE)
            return
        asked = scope["method"], scope["path"], body
        status, answer = await self.act_and_wait(*asked) if self.waits(scope["headers"]) else self.act(*asked)
        await respond(send, status, answer, _JSON)

    def lets_in(self, scope: Scope) -> bool:
        """Whether the lab is for whoever asks."""
        return self._anybody or is_loopback(_client(scope))

    def waits(self, headers: RawHeaders) -> bool:
        """Whether to ``act_and_wait``, or just to ``act``."""
        return self._book.keeps and _AT_ONCE not in headers

    def act(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """What somebody at a telephone does: status and answer."""
        status, answer = self._handle(method, path, body)
        if status >= 400:
            _log.info("lab refused", path=path, status=status, answer=answer[:300].decode(errors="replace"))
        return status, answer

    async def act_and_wait(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        await self._settle()
        answered = self.act(method, path, body)
        await self._settle()
        return answered

    async def _settle(self) -> None:
        """Reports are written down before orders follow from them, and so on: whoever rings a telephone and then picks
        up another finds that it rings."""
        for _ in range(_LAB_ROUNDS):
            before = self._book.last
            await asyncio.sleep(0)  # the switch reports on the next turn
            if not await self._book.safe(self._book.last) or before == self._book.last:
                return


class LabElsewhere:
    """The lab of an exchange that is a process of its own: there it is served, and not here."""

    def __init__(self, exchange: str) -> None:
        self._url = f"http://{exchange}"

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        location = self._url + quote(scope["path"])
        why = msgspec.json.encode({"error": f"the lab is served by the exchange: {location}"})
        await respond(send, 307, why, _JSON, (b"location", location.encode()))


class Doors:
    """The whole application: looks at the beginning of the path and hands over."""

    def __init__(
        self,
        gws: App,
        cometd: App,
        lab: App | None,
        pages: App,
        oauth: App | None = None,
        uapi: App | None = None,
        metrics: App | None = None,
        cdr: App | None = None,
    ) -> None:
        self._gws = gws
        self._cometd = cometd
        others = [(LAB, lab), (OAUTH, oauth), (METRICS, metrics), (CDR, cdr), *((base, uapi) for base in UAPI)]
        self._others = {base: app for base, app in others if app is not None}
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if _is_below(path, API):
            await (self._cometd if _is_below(path, NOTIFICATIONS) else self._api(scope))(scope, receive, send)
        else:
            await _http_only(scope, receive, send, self._other(path))

    def _other(self, path: str) -> App:
        for base, app in self._others.items():
            if _is_below(path, base):
                return app
        return self._pages

    def _api(self, scope: Scope) -> App:
        return self._gws if scope["type"] == "http" else _refuse_websocket


async def _http_only(scope: Scope, receive: Receive, send: Send, app: App) -> None:
    await (app if scope["type"] == "http" else _refuse_websocket)(scope, receive, send)


async def _refuse_websocket(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close"})


@lru_cache(maxsize=1_024)
def is_loopback(address: str) -> bool:
    """Whether this is an address of the machine itself. Remembered: taking an address apart costs microseconds."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_loopback


def _is_below(path: str, door: str) -> bool:
    return path.startswith(door) and (len(path) == len(door) or path[len(door)] == "/")


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""


class Health(msgspec.Struct, frozen=True):
    """``GET /healthz``."""

    version: str
    status: str = "ok"


class Readiness(msgspec.Struct, frozen=True):
    """``GET /readyz``."""

    ready: bool
    missing: tuple[str, ...] = ()
