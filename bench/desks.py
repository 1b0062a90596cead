"""The load: desks at which two-step transfers are made, over and over, each by an agent with two open desktops.

One transfer is five requests, one after the other; each is sent when its predecessor was answered and both desktops
have been told all that it led to:

1. the customer's phone dials the agent (the lab), and the agent's phone rings;
2. Answer: caller and agent talk;
3. InitiateTransfer: the caller is held, the target's phone rings and answers by itself, agent and target talk;
4. CompleteTransfer: caller and target talk, both calls of the agent are released;
5. the caller hangs up (the lab), which ends what is left; the agent is not concerned.

The same desks drive the floor. Deliberately absent: servers and figures (``operations``).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

import msgspec

from bench.lines import HttpLine, LineError, SocketLine

CALLS = b'"channel":"/v2/me/calls"'
_CONNECT_REPLY = b'"/meta/connect"'
_CALL_ID = re.compile(rb'"call":\{"id":"([^"]+)"')
_ACCEPTED = b'{"statusCode":0}'


class People(msgspec.Struct, frozen=True):
    """Who works at one desk."""

    caller: str
    agent: str
    target: str


def people(desk: int) -> People:
    """Numbers of a desk: callers from 6000, agents from 5000, targets from 7000."""
    return People(str(6_000 + desk), str(5_000 + desk), str(7_000 + desk))


class Request(msgspec.Struct, frozen=True):
    """A request ready to be sent, but for the call's id if it needs one: it goes between ``head`` and ``tail``.

    ``messages`` is how many notifications each desktop gets before the next request.
    """

    head: bytes
    tail: bytes | None
    lab: bool
    messages: int

    def written(self, call_id: bytes) -> bytes:
        return self.head if self.tail is None else self.head + call_id + self.tail


class Desktop:
    """One WebSocket that counts what it is told. ``told`` is called after each frame with notifications."""

    def __init__(self, told: Callable[[], None]) -> None:
        self.messages = self.frames = self.bytes = 0
        self.last = b""
        self.line: SocketLine
        self._kept: list[bytes] | None = None
        self._told = told
        self._reply: asyncio.Future[bytes] | None = None
        self._client_id = b""

    async def open(self, host: str, port: int, path: str, headers: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, self.line = await loop.create_connection(SocketLine, host, port)
        self.line.heard = self._heard
        self.line.upgrade(f"{host}:{port}", path, headers)
        await asyncio.wait_for(self.line.opened, 10)

    def keep(self, keeping: bool) -> None:
        """Whether frames are kept for ``take``."""
        self._kept = [] if keeping else None

    def take(self) -> tuple[bytes, ...]:
        """The frames since this was called last."""
        if self._kept is None:
            return ()
        kept, self._kept = self._kept, []
        return tuple(kept)

    async def subscribe(self) -> None:
        """Handshake, subscribe to everything about oneself, and leave a connect at the server."""
        types = b'"supportedConnectionTypes":["websocket","long-polling"]'
        reply = await self._ask(b'[{"id":"1","channel":"/meta/handshake","version":"1.0",%b}]' % types)
        found = re.search(rb'"clientId":"([^"]+)"', reply)
        if found is None:
            raise LineError(f"no handshake: {reply!r}")
        self._client_id = found[1]
        reply = await self._ask(
            b'[{"id":"2","channel":"/meta/subscribe","subscription":"/v2/me/*","clientId":"%b"}]' % self._client_id
        )
        if b'"successful":true' not in reply:
            raise LineError(f"no subscription: {reply!r}")
        await self._ask(self._connect())
        self.line.send(self._connect())

    def _connect(self) -> bytes:
        return b'[{"id":"3","channel":"/meta/connect","connectionType":"websocket","clientId":"%b"}]' % self._client_id

    async def _ask(self, message: bytes) -> bytes:
        self._reply = asyncio.get_running_loop().create_future()
        self.line.send(message)
        return await asyncio.wait_for(self._reply, 10)

    def _heard(self, payload: bytes) -> None:
        count = payload.count(CALLS)
        if count:
            self.messages += count
            self.frames += 1
            self.bytes += len(payload)
            self.last = payload
            if self._kept is not None:
                self._kept.append(payload)
            self._told()
        elif self._reply is not None and not self._reply.done():
            self._reply.set_result(payload)
            return
        if _CONNECT_REPLY in payload:
            self.line.send(self._connect())  # the server ended the heartbeat's time, perhaps along with notifications


class Desk:
    """Makes one transfer after the other, as long as ``finished`` begins another one. Its connections stay open.

    ``log``, if it is a list, gets what the first desktop was told in each transfer: frames, step by step.
    """

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = tuple(requests)
        self.transfers = 0
        self.step = 0
        self.answers: list[bytes] = []
        self.desktops = (Desktop(self._progress), Desktop(self._progress))
        self.http = HttpLine()
        self.lab = HttpLine()
        self.finished: Callable[[Desk], None] = lambda _desk: None
        self.failed: Callable[[Exception], None] = _raise
        self.log: list[list[tuple[bytes, ...]]] | None = None
        self._answered = False
        self._due = 0
        self._call_id = b""

    async def connect(self, host: str, port: int) -> None:
        """Open the two HTTP connections: the agent's desktop and the caller's phone."""
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self.http, host, port)
        await loop.create_connection(lambda: self.lab, host, port)
        self.http.answered = self.lab.answered = self._take_answer

    @property
    def lines(self) -> tuple[HttpLine | SocketLine, ...]:
        return (self.http, self.lab, *(desktop.line for desktop in self.desktops))

    def forget(self) -> None:
        """Whatever was told so far belongs to no transfer."""
        self._due = self.desktops[0].messages

    def begin(self) -> None:
        """Start a transfer."""
        self.step = 0
        if self.log is not None:
            self.log.append([])
        self._send()

    def _send(self) -> None:
        request = self.requests[self.step]
        self._due += request.messages
        self._answered = False
        (self.lab if request.lab else self.http).write(request.written(self._call_id))

    def _take_answer(self, status: int, _head: bytes, body: bytes) -> None:
        if status != 200 or not (self.requests[self.step].lab or body == _ACCEPTED):
            self.failed(LineError(f"step {self.step + 1} was answered {status} {body[:200]!r}"))
            return
        if len(self.answers) <= self.step:
            self.answers.append(body)
        self._answered = True
        self._progress()

    def _progress(self) -> None:
        """Go on if the step is over: answered, and both desktops told of everything."""
        first, second = self.desktops
        if not self._answered or first.messages < self._due or second.messages < self._due:
            return
        if first.messages > self._due or second.messages > self._due:
            self.failed(LineError(f"too many notifications in step {self.step + 1}: {first.last[:200]!r}"))
            return
        self._answered = False
        if self.log is not None:
            self.log[-1].append(first.take())
        if self.step == 0:
            self._call_id = call_id(first.last)
        self.step += 1
        if self.step < len(self.requests):
            self._send()
        else:
            self.transfers += 1
            self.finished(self)


def _raise(error: Exception) -> None:
    raise error


def call_id(frame: bytes) -> bytes:
    """The id of the first call that a frame tells of."""
    found = _CALL_ID.search(frame)
    if found is None:
        raise LineError(f"no call in {frame[:200]!r}")
    return found[1]


def headers(host: str, authorization: bytes, cookie: bytes) -> bytes:
    """What a desktop's library sends with each request."""
    lines = [
        b"Host: " + host.encode(),
        b"Authorization: " + authorization,
        b"Cookie: " + cookie,
        b"Content-Type: application/json",
        b"Accept: application/json",
        b"User-Agent: cordboard-bench",
    ]
    return b"\r\n".join(lines) + b"\r\n"


def post(path: bytes, head: bytes, body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (path, head, len(body), body)
