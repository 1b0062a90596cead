"""Long-polling without the detour over ASGI: the second shell around the same broker (decision 0013).

Requests that carry Bayeux messages of somebody known are answered here, as visits of ``direct``. Deliberately absent:
what messages mean (``bayeux.broker``), and whatever ``cometd`` does besides.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Connect, Transport
from cordboard.bayeux.visits import Answer, Caller
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import OVERTAKEN, STATUS, STOPPING, Cometd
from cordboard.server.cometd_holding import Holding
from cordboard.server.cometd_wire import Line
from cordboard.server.direct import DirectHttp, Head, Visit, written

_JSON = b"content-type: application/json;charset=UTF-8\r\n"
_NO_STORE = b"cache-control: no-store\r\n"
_STATUS_LINES = {
    200: b"HTTP/1.1 200 OK\r\n",
    400: b"HTTP/1.1 400 Bad Request\r\n",
    409: b"HTTP/1.1 409 Conflict\r\n",
    413: b"HTTP/1.1 413 Content Too Large\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\n",
}


class CometdDirect:
    """The ``direct.Door`` of notifications."""

    def __init__(self, cometd: Cometd, prefix: str) -> None:
        self.cometd = cometd
        self.prefix = prefix.encode()
        self.holding = Holding(cometd.broker.limits.timeout_s)

    @property
    def bytes_max(self) -> int:
        return self.cometd.broker.limits.message_bytes_max

    @property
    def closed(self) -> bool:
        return self.cometd.closed

    def visit(self, http: DirectHttp, head: Head) -> Visit | None:
        who = self.cometd.authenticate(head.scope)
        if who is None:
            return None
        if head.notes is None:
            head.notes = _Speaker(self.cometd.browser.read(head.scope["headers"]))
        return _Visit(self, http, head, who)


class _Speaker:
    """Who speaks, as far as the head of a request tells."""

    __slots__ = ("browser", "caller")

    def __init__(self, browser: str) -> None:
        self.browser = browser
        self.caller: Caller | None = None

    def caller_of(self, who: Authentication, scope: Any, line: Line) -> Caller:
        """The same one as long as the credentials stand for the same user."""
        caller = self.caller
        if caller is None or caller.identity != who.identity:
            client = scope["client"]
            address = str(client[0]) if client else ""
            caller = Caller(who.identity, Transport.LONG_POLLING, browser=self.browser, address=address, line=line)
            self.caller = caller
        return caller


class _Visit(Visit):
    """One request until it is answered."""

    __slots__ = ("_connect", "_door")

    def __init__(self, door: CometdDirect, http: DirectHttp, head: Head, who: Authentication) -> None:
        super().__init__(http, head, who)
        self._door = door
        self._connect: Connect | None = None

    def complete(self) -> None:
        self._http.remember(self._head)

    def _serve(self, body: bytes) -> None:
        cometd, head = self._door.cometd, self._head
        batch = decode_batch(body, cometd.broker.limits)
        if isinstance(batch, DoorFault):
            # The cookie comes another time.
            self._respond(_STATUS_LINES[STATUS[batch]], b'{"error":"%b"}' % batch.encode(), _JSON)
            return
        speaker: _Speaker = head.notes
        caller = speaker.caller_of(self._who, head.scope, self._http.line)
        answer = cometd.broker.receive(caller, batch, cometd.clock())
        if answer.connects and answer.connects[0].hold_s > 0:
            self._hold(answer.connects[0])
            return
        cookies = b""
        if batch[0].channel == "/meta/handshake" and not speaker.browser:
            cookies = written(cometd.browser.fresh())
        cometd.broker.when_kept(answer.number, partial(self._answer, answer, cookies))

    # ------------------------------------------------------------------ a connect that is held

    def _hold(self, connect: Connect) -> None:
        connect.session.carrier = self
        self._connect = connect
        self._door.holding.add(self, connect.hold_s)

    def wake(self) -> None:
        self._door.holding.wake(self)

    def release(self) -> None:
        """There is a reason to answer, or nobody left to answer."""
        connect, self._connect = self._connect, None
        if connect is None:
            return  # nothing but the end of a request that never came to its own
        if connect.session.carrier is self:
            connect.session.carrier = None
        if self._door.closed:
            self.keep_alive = False
            self._fail(STOPPING)
        elif connect.overtaken:
            self._fail(OVERTAKEN)
        else:
            self._answer(Answer([], [connect]))

    def _fail(self, status: int) -> None:
        if not self._gone:
            self._respond(_STATUS_LINES[status], b"", b"")

    # ------------------------------------------------------------------ answers

    def _answer(self, answer: Answer, cookies: bytes = b"") -> None:
        broker, clock, connects = self._door.cometd.broker, self._door.cometd.clock, answer.connects
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
        self._respond(_STATUS_LINES[200], b"[" + b",".join(parts) + b"]", _JSON + _NO_STORE + cookies)
        for connect, delivery in zip(connects, deliveries, strict=True):
            broker.written(connect, delivery, clock())
