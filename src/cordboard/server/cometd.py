"""The CometD endpoint over HTTP, long-polling and callback-polling, as a bare ASGI callable; the door of WebSockets.

A parked connect is carried by ``_Parked``: it waits until its session has something to say, its time is over, or its
TCP connection closes, in which case everything stays queued. Messages leave only with connect replies, so that two
responses under way at once cannot change their order.

A session belongs to the identity that the request proves. The cookie BAYEUX_BROWSER only tells which sessions share a
browser's few connections (bayeux §2).

Deliberately absent: what messages mean (``bayeux.broker``), WebSockets (``cometd_ws``), how callback-polling is written
(``cometd_jsonp``), CORS headers (``cors``).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import msgspec

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Connect, Transport
from cordboard.bayeux.visits import Answer, Caller
from cordboard.server.auth_types import ACCESS_DENIED, Authentication
from cordboard.server.cometd_browser import BrowserCookie
from cordboard.server.cometd_jsonp import Callback, comes_from_own_page, is_callback, read_callback
from cordboard.server.cometd_wire import line_of
from cordboard.server.cometd_ws import Socket, comes_from_allowed_origin, wire_of
from cordboard.server.doors import BodyFault, read_body, respond

Scope: TypeAlias = "MutableMapping[str, Any]"
Event: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Event]]"
Send: TypeAlias = "Callable[[Event], Awaitable[None]]"
Authenticate: TypeAlias = "Callable[[Scope], Authentication | None]"
AuthenticateSlowly: TypeAlias = "Callable[[Scope], Awaitable[Authentication | None]]"

Headers: TypeAlias = "tuple[tuple[bytes, bytes], ...]"

_JSON = (b"content-type", b"application/json;charset=UTF-8")
_NO_STORE = (b"cache-control", b"no-store")
_CLOSE = (b"connection", b"close")
_SCRIPT = (b"content-type", b"text/javascript;charset=UTF-8")
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")
STATUS = {
    DoorFault.UNREADABLE: 400,
    DoorFault.EMPTY: 400,
    DoorFault.TOO_LARGE: 413,
    DoorFault.TOO_MANY: 413,
}
_SWEEP_S = 1.0
_FAREWELL_S = 0.5
# An older connect that a newer one overtook. CometD says 500 there; any failure does, and this is not one of ours.
OVERTAKEN = 409
STOPPING = 503


class _Visit(msgspec.Struct, frozen=True):
    """One request, as far as its answer needs to know it."""

    receive: Receive
    send: Send
    headers: Headers
    callback: Callback | None

    def answer(self, parts: list[bytes]) -> Awaitable[None]:
        replies = b"[" + b",".join(parts) + b"]"
        if self.callback is None:
            return respond(self.send, 200, replies, _JSON, _NO_STORE, *self.headers)
        script = self.callback.script(replies)
        return respond(self.send, 200, script, _SCRIPT, _NO_SNIFFING, _NO_STORE, *self.headers)


class Cometd:
    """The ASGI callable for ``/api/v2/notifications`` and every path below it (bayeux §1.4).

    ``authenticate`` is asked first; where it says None, ``authenticate_slowly``, if given, has the last word.
    ``origin_allowed`` judges pages of other hosts that open WebSockets or embed callbacks; without it none are allowed.
    ``new_browser_id`` makes values of BAYEUX_BROWSER, which is ``secure`` behind https; without it no cookie is set.
    """

    def __init__(
        self,
        broker: Broker,
        authenticate: Authenticate,
        authenticate_slowly: AuthenticateSlowly | None = None,
        clock: Callable[[], float] = time.monotonic,
        origin_allowed: Callable[[str], bool] | None = None,
        new_browser_id: Callable[[], str] | None = None,
        *,
        secure: bool = False,
    ) -> None:
        self.broker = broker
        self.authenticate = authenticate
        self._authenticate_slowly = authenticate_slowly
        self.clock = clock
        self._origin_allowed = origin_allowed
        self.browser = BrowserCookie(new_browser_id, secure=secure)
        callbacks = Transport.CALLBACK_POLLING in broker.transports
        self._allow = (b"allow", b"GET, POST, OPTIONS" if callbacks else b"POST, OPTIONS")
        self._sockets: dict[Socket, str] = {}
        self.closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request or one WebSocket."""
        if scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await respond(send, 204, b"", self._allow)
        else:
            await self._serve_http(scope, receive, send)

    async def run(self) -> None:
        """Sweep once a second, until cancelled."""
        while True:
            await asyncio.sleep(_SWEEP_S)
            self.sweep()

    def open(self) -> None:
        """Connections are accepted from now on."""
        self.broker.open(self.clock())

    def sweep(self) -> None:
        """End sessions whose time is over, and close WebSockets that carry none."""
        now = self.clock()
        self.broker.sweep(now)
        for socket in self._sockets:
            socket.check(now)

    def close(self) -> None:
        """The server stops: every request fails from now on, parked ones at once, and every WebSocket is closed.

        It fails without JSON: faye takes any JSON that is not Bayeux for no answer at all, and waits (``Broker.stop``).

        Call it when the signal arrives, before the HTTP server begins to wait for its connections.
        """
        self.closed = True
        self.broker.stop()
        for socket in tuple(self._sockets):
            socket.stop()

    def end_session(self, session: str) -> None:
        """An HTTP session has ended, and with it the WebSockets that it opened (gws-v2 §5.3).

        They are closed a little later: what is told because of the end still goes out. Long-polling needs nothing: its
        next request is denied.
        """
        opened = [socket for socket, own in self._sockets.items() if own == session]
        if opened:
            asyncio.get_running_loop().call_later(_FAREWELL_S, _stop, opened)

    async def _who(self, scope: Scope) -> Authentication | None:
        who = self.authenticate(scope)
        if who is None and self._authenticate_slowly is not None:
            who = await self._authenticate_slowly(scope)
        return who

    # ------------------------------------------------------------------ WebSocket

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        served = Transport.WEBSOCKET in self.broker.transports
        allowed = served and comes_from_allowed_origin(scope, self._origin_allowed)
        who = await self._who(scope) if allowed else None
        if who is None or self.closed:
            await send({"type": "websocket.close"})  # before it is accepted, this refuses the handshake with a 403
            return
        headers = [(b"set-cookie", who.set_cookie)] if who.set_cookie else []
        await send({"type": "websocket.accept", "headers": headers})
        wire, address = wire_of(scope), _address(scope)
        socket = Socket(self.broker, who.identity, receive, send, self.clock, address=address, wire=wire)
        self._sockets[socket] = who.session
        try:
            await socket.run()
        finally:
            del self._sockets[socket]

    # ------------------------------------------------------------------ HTTP

    async def _serve_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = await self._who(scope)
        if who is None:
            # The body stays unread; closing the connection is cheaper than reading what a stranger sends.
            await respond(send, 403, ACCESS_DENIED, _JSON, _CLOSE)
        elif self.closed:
            await respond(send, STOPPING, b"", _CLOSE)
        elif scope["method"] == "POST":
            body = await read_body(receive, self.broker.limits.message_bytes_max)
            if body is not None:
                await self._serve_batch(scope, receive, send, who, body, None)
        elif scope["method"] == "GET" and self._is_callback(scope):
            await self._serve_callback(scope, receive, send, who)
        else:
            await respond(send, 405, b'{"error":"Bayeux messages come with POST."}', _JSON, self._allow)

    def _is_callback(self, scope: Scope) -> bool:
        return Transport.CALLBACK_POLLING in self.broker.transports and is_callback(scope)

    async def _serve_callback(self, scope: Scope, receive: Receive, send: Send, who: Authentication) -> None:
        if not comes_from_own_page(scope, self._origin_allowed):
            await respond(send, 403, b'{"error":"Scripts are not for pages of other origins."}', _JSON)
            return
        callback = read_callback(scope["query_string"])
        if callback is None:
            await respond(send, 400, b'{"error":"The query is not message=JSON&jsonp=NAME."}', _JSON)
            return
        await self._serve_batch(scope, receive, send, who, callback.body, callback)

    async def _serve_batch(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        who: Authentication,
        body: bytes | BodyFault,
        callback: Callback | None,
    ) -> None:
        batch = decode_batch(body, self.broker.limits) if isinstance(body, bytes) else DoorFault.TOO_LARGE
        if isinstance(batch, DoorFault):
            close = (_CLOSE,) if batch is DoorFault.TOO_LARGE else ()
            await respond(send, STATUS[batch], b'{"error":"%b"}' % batch.encode(), _JSON, *close)
            return
        browser = self.browser.read(scope["headers"])
        transport = Transport.LONG_POLLING if callback is None else Transport.CALLBACK_POLLING
        caller = Caller(who.identity, transport, browser=browser, address=_address(scope), line=line_of(scope))
        answer = self.broker.receive(caller, batch, self.clock())
        headers: Headers = ((b"set-cookie", who.set_cookie),) if who.set_cookie else ()
        if not browser and batch[0].channel == "/meta/handshake":
            headers += self.browser.fresh()
        visit = _Visit(receive, send, headers, callback)
        await self._until_kept(answer)
        if answer.connects:
            await self._answer_connects(answer, visit)
        else:
            await visit.answer(answer.replies)

    async def _until_kept(self, answer: Answer) -> None:
        """What is promised must survive a restart, so it leaves no sooner."""
        if self.broker.is_kept(answer.number):
            return
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.broker.when_kept(answer.number, lambda: None if kept.done() else kept.set_result(None))
        await kept

    async def _answer_connects(self, answer: Answer, visit: _Visit) -> None:
        parked: _Parked | None = None
        if answer.connects[0].hold_s > 0:
            parked = await self._hold(answer.connects[0], visit.receive)
            if answer.connects[0].overtaken or self.closed:
                await respond(visit.send, STOPPING if self.closed else OVERTAKEN, b"", *((_CLOSE,) * self.closed))
                return
        if (parked is not None and parked.gone) or _is_gone(visit.receive):
            self._give_up(answer.connects)
            return
        deliveries = [(connect, self.broker.finish(connect)) for connect in answer.connects]
        parts = [frame for _, delivery in deliveries for frame in delivery.frames]
        parts += answer.replies
        parts += [delivery.reply for _, delivery in deliveries if delivery.reply is not None]
        try:
            await visit.answer(parts)
        except OSError:
            self._give_up(answer.connects)
            return
        for connect, delivery in deliveries:
            self.broker.written(connect, delivery, self.clock())

    def _give_up(self, connects: list[Connect]) -> None:
        for connect in connects:
            self.broker.give_up(connect, self.clock())

    async def _hold(self, connect: Connect, receive: Receive) -> _Parked:
        """Wait until there is a reason to answer, or nobody left to answer."""
        parked = _Parked()
        connect.session.carrier = parked
        timer = parked.ready.get_loop().call_later(connect.hold_s, parked.wake)
        listener = asyncio.create_task(_await_disconnect(receive, parked))
        try:
            await parked.ready
        finally:
            timer.cancel()
            listener.cancel()
            if connect.session.carrier is parked:
                connect.session.carrier = None
            if parked.ready.cancelled():
                self._give_up([connect])
        return parked


def _stop(sockets: list[Socket]) -> None:
    for socket in sockets:
        socket.stop()


class _Parked:
    """Carries the session of one parked connect."""

    __slots__ = ("gone", "ready")

    def __init__(self) -> None:
        self.gone = False
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)


async def _await_disconnect(receive: Receive, parked: _Parked) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    parked.gone = True
    parked.wake()


def _is_gone(receive: Receive) -> bool:
    """Whether the client's connection is known to be closed, at this very instant.

    A send to a closed connection may succeed silently, and the task that listens may not have had its turn yet; so
    take one step of ``receive``: it either has the disconnect at hand or would wait, and then it is dropped.
    """
    step = receive().__await__()
    try:
        next(step)
    except StopIteration as got:
        return bool(got.value["type"] == "http.disconnect")
    step.close()
    return False


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
