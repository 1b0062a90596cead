"""Long-polling without the detour over ASGI: the second shell around the same broker (decision 0013).

Most of what a notification costs over HTTP is spent on the way between uvicorn and an application: tasks, queues,
dictionaries. So requests that carry Bayeux messages of somebody known are answered here, where uvicorn has parsed them.
Everything else goes on to the application as ever: strangers, other methods, paths and protocols, bodies without a
length or larger than is accepted, requests that come before the answer to the last one.

A client sends the same head with each of its requests. One that was parsed once is known by its bytes, and is not
parsed again while it stays the same; whom it speaks for is asked each time.

Deliberately absent: what messages mean (``bayeux.broker``), and whatever ``cometd`` does besides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import structlog

from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Connect, Transport
from cordboard.bayeux.visits import Answer, Caller
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import OVERTAKEN, STATUS, STOPPING, Cometd
from cordboard.server.cometd_holding import Holding
from cordboard.server.cometd_wire import ImpatientHttp, Line

_log = structlog.get_logger()

Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"
Permission: TypeAlias = "Callable[[bytes], Headers | None]"

_HEAD_END = b"\r\n\r\n"
_JSON = b"content-type: application/json;charset=UTF-8\r\n"
_NO_STORE = b"cache-control: no-store\r\n"
_STATUS_LINES = {
    200: b"HTTP/1.1 200 OK\r\n",
    400: b"HTTP/1.1 400 Bad Request\r\n",
    409: b"HTTP/1.1 409 Conflict\r\n",
    413: b"HTTP/1.1 413 Content Too Large\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\n",
}


class _Head:
    """The head of a request, as far as answers need to know it."""

    __slots__ = ("browser", "caller", "headers", "length", "raw", "scope", "size")

    def __init__(self, scope: Any, length: int, browser: str, headers: bytes) -> None:
        self.scope = scope
        self.length = length
        self.browser = browser
        self.headers = headers
        """What each answer to it carries, written out."""
        self.caller: Caller | None = None
        self.raw = b""
        self.size = 0

    def caller_of(self, who: Authentication, line: Line) -> Caller:
        """Who speaks; the same one as long as the credentials stand for the same user."""
        caller = self.caller
        if caller is None or caller.identity != who.identity:
            client = self.scope["client"]
            address = str(client[0]) if client else ""
            caller = Caller(who.identity, Transport.LONG_POLLING, browser=self.browser, address=address, line=line)
            self.caller = caller
        return caller


class _Visit:
    """One request until it is answered. To uvicorn it is the cycle of this request, and the event of that cycle."""

    __slots__ = (
        "_connect",
        "_head",
        "_http",
        "_who",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "response_complete",
    )

    def __init__(self, http: DirectHttp, head: _Head, who: Authentication) -> None:
        self._http = http
        self._head = head
        self._who = who
        self._connect: Connect | None = None
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    @property
    def message_event(self) -> _Visit:
        return self

    def set(self) -> None:
        """Something came: a part of the body, its end, or the end of the connection."""
        if self.response_complete:
            return
        if self.disconnected:
            self.wake()
        elif self.more_body:
            self._http.flow.resume_reading()
        else:
            self._http.remember(self._head)
            self.serve(bytes(self.body))

    def serve(self, body: bytes) -> None:
        """Answer the body, or hold its connect."""
        try:
            self._serve(body)
        except Exception:  # noqa: BLE001  # uvicorn would say that the request is invalid
            _log.exception("a request failed", user=self._who.identity)
            self._http.transport.close()

    def _serve(self, body: bytes) -> None:
        cometd = self._http.cometd
        batch = decode_batch(body, cometd.broker.limits)
        if isinstance(batch, DoorFault):
            self._respond(STATUS[batch], b'{"error":"%b"}' % batch.encode(), _JSON)  # the cookie comes another time
            return
        answer = cometd.broker.receive(self._head.caller_of(self._who, self._http.line), batch, cometd.clock())
        if answer.connects and answer.connects[0].hold_s > 0:
            self._hold(answer.connects[0])
            return
        cookies = b""
        if batch[0].channel == "/meta/handshake" and not self._head.browser:
            cookies = _written(cometd.browser.fresh())
        cometd.broker.when_kept(answer.number, partial(self._answer, answer, cookies))

    # ------------------------------------------------------------------ a connect that is held

    def _hold(self, connect: Connect) -> None:
        connect.session.carrier = self
        self._connect = connect
        self._http.holding.add(self, connect.hold_s)

    def wake(self) -> None:
        self._http.holding.wake(self)

    def release(self) -> None:
        """There is a reason to answer, or nobody left to answer."""
        connect, self._connect = self._connect, None
        if connect is None:
            return  # nothing but the end of a request that never came to its own
        if connect.session.carrier is self:
            connect.session.carrier = None
        if self._http.cometd.closed:
            self.keep_alive = False
            self._fail(STOPPING)
        elif connect.overtaken:
            self._fail(OVERTAKEN)
        else:
            self._answer(Answer([], [connect]))

    def _fail(self, status: int) -> None:
        if not self._gone:
            self._respond(status, b"")

    @property
    def _gone(self) -> bool:
        return self.disconnected or self._http.transport.is_closing()

    # ------------------------------------------------------------------ answers

    def _answer(self, answer: Answer, cookies: bytes = b"") -> None:
        broker, clock, connects = self._http.cometd.broker, self._http.cometd.clock, answer.connects
        if self._gone:
            for connect in connects:
                broker.give_up(connect, clock())
            return
        parts: list[bytes] = []
        deliveries = [broker.finish(connect) for connect in connects]
        for delivery in deliveries:
            parts += delivery.frames
        parts += answer.replies
        parts += [delivery.reply for delivery in deliveries if delivery.reply is not None]
        if self._who.set_cookie:
            cookies = b"set-cookie: %b\r\n" % self._who.set_cookie + cookies
        self._respond(200, b"[" + b",".join(parts) + b"]", _JSON + _NO_STORE + cookies)
        for connect, delivery in zip(connects, deliveries, strict=True):
            broker.written(connect, delivery, clock())

    def _respond(self, status: int, body: bytes, headers: bytes = b"") -> None:
        http = self._http
        if not self.keep_alive:
            headers += b"connection: close\r\n"
        head = b"%bcontent-length: %d\r\n%b%b\r\n" % (_STATUS_LINES[status], len(body), self._head.headers, headers)
        http.transport.write(head + body)
        self.response_complete = True
        if not self.keep_alive:
            http.transport.close()
        http.on_response_complete()


class DirectHttp(ImpatientHttp):
    """uvicorn's HTTP connection, which answers long-polls by itself."""

    cometd: Cometd
    prefix: bytes
    permission: Permission
    holding: Holding

    _known: _Head | None = None
    """A head that was served, with its bytes."""
    _chunk = b""
    """What is being parsed, if a request began with it."""
    _rested_at = 0.0
    """When the last request was answered here; 0 if uvicorn looks after the connection."""

    @property
    def _at_rest(self) -> bool:
        """Whether the next byte begins a request that may be answered at once."""
        return self._waiting_since is None and self._answered

    @property
    def _answered(self) -> bool:
        """Whether no request waits for its answer."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete

    def data_received(self, data: bytes) -> None:
        at_rest = self._at_rest
        known = self._known
        if known is not None and at_rest and len(data) == known.size and data.startswith(known.raw):
            who = self.cometd.authenticate(known.scope)
            if who is not None and not self.flow.write_paused and not self.cometd.closed:
                self._unset_keepalive_if_required()
                visit = _Visit(self, known, who)
                self.cycle = visit  # type: ignore[assignment]  # as good as one of uvicorn's
                visit.more_body = False
                visit.serve(data[len(known.raw) :])
                return
        self._chunk = data if at_rest else b""
        super().data_received(data)

    def on_headers_complete(self) -> None:
        head = self._direct_head()
        who = self.cometd.authenticate(head.scope) if head is not None else None
        if head is None or who is None:
            super().on_headers_complete()
            return
        self._in_head = False
        self.cycle = _Visit(self, head, who)  # type: ignore[assignment]  # as good as one of uvicorn's

    def _direct_head(self) -> _Head | None:
        """The head that has come, if its request is to be answered here."""
        parser = self.parser
        if (
            parser.get_method() != b"POST"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
            or self.expect_100_continue
            or self.flow.write_paused
            or self.cometd.closed
            or not self._answered
        ):
            return None
        path = self.url.partition(b"?")[0]
        if not (path == self.prefix or path.startswith(self.prefix + b"/")):
            return None
        length, origin = -1, None
        for name, value in self.headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"origin":
                origin = value
        if not 0 <= length <= self.cometd.broker.limits.message_bytes_max:
            return None
        allowed = self.permission(origin) if origin is not None else None
        headers = _written(self.server_state.default_headers) + _written(allowed or ())
        return _Head(self.scope, length, self.cometd.browser.read(self.headers), headers)

    def remember(self, head: _Head) -> None:
        """If the request came as a whole, the next one that begins with the same bytes need not be parsed."""
        raw, end, _ = self._chunk.partition(_HEAD_END)
        self._chunk = b""
        if end:
            head.raw = raw + end
            head.size = len(head.raw) + head.length
            self._known = head

    def on_response_complete(self) -> None:
        if self.pipeline or not isinstance(self.cycle, _Visit):
            self._rested_at = 0.0
            super().on_response_complete()
        else:
            self.server_state.total_requests += 1
            self._rested_at = self.loop.time()

    def _look(self) -> None:
        """An idle connection is closed in time; for that there is no timer of its own after each answer."""
        if self._rested_at and self._at_rest and self.loop.time() - self._rested_at >= self.timeout_keep_alive:
            self.transport.close()
        super()._look()


def direct_http(
    cometd: Cometd, prefix: str, permission: Permission, timeout_s: float, bytes_max: int
) -> type[DirectHttp]:
    """``DirectHttp`` for requests to ``prefix`` and below; ``permission`` tells what answers to an origin carry."""

    class Configured(DirectHttp):
        request_timeout_s = timeout_s
        head_bytes_max = bytes_max

    Configured.cometd = cometd
    Configured.holding = Holding(cometd.broker.limits.timeout_s)
    Configured.prefix = prefix.encode()
    Configured.permission = staticmethod(permission)
    return Configured


def _written(headers: Headers) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)
