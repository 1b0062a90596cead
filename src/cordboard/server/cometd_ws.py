"""The CometD endpoint over WebSocket: one socket, one task that reads, one task that writes.

Messages are pushed as soon as they are published; several that wait share one frame. The connect stays parked as the
heartbeat, except with acknowledgements: then messages travel with connect replies only (bayeux §1.4, §1.7). A message
counts as sent when its write went through on an open connection. While a write waits for a slow client, its messages
stay in the session's queue, whose limit ends the session.

Deliberately absent: what messages mean (``bayeux.broker``), pings (the server beneath sends them), keeping a session
alive when its socket closes: that is only the expiry clock of the session itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias, assert_never

import msgspec

from cordboard.bayeux.broker import Broker, Delivery
from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.messages import Message, decode_batch
from cordboard.bayeux.session import Connect, Session, Transport

Scope: TypeAlias = "MutableMapping[str, Any]"
Event: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Event]]"
Send: TypeAlias = "Callable[[Event], Awaitable[None]]"

_GOING_AWAY = 1001
_TOO_LARGE = 1009
# What CometD closes with when it cannot read a message (bayeux §2).
_UNREADABLE = 1011


class _Sent(msgspec.Struct, frozen=True, gc=False):
    """What one write carried for one session; ``connect`` if it was answered with it."""

    session: Session
    through: int
    connect: Connect | None


class _GoneError(Exception):
    """The connection takes no more."""


class _Lane:
    """Carries one session on one socket. Usually a socket has one lane; clients may share a socket among sessions."""

    __slots__ = ("_due", "_timer", "connect", "session", "socket")

    def __init__(self, socket: Socket, session: Session) -> None:
        self.socket = socket
        self.session = session
        self.connect: Connect | None = None
        self._due = False
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Called for every message: remember the lane and see that the writer runs."""
        self.socket.ready[self] = None
        self.socket.wake()

    def park(self, connect: Connect) -> None:
        """Take a connect; an older one is dropped without a reply (bayeux §2)."""
        self._stop_timer()
        self.connect = connect
        self.session.carrier = self
        self._due = connect.hold_s <= 0
        if not self._due:
            self._timer = asyncio.get_running_loop().call_later(connect.hold_s, self._expire)
        self.wake()

    def _expire(self) -> None:
        self._due = True
        self.wake()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def lost(self) -> bool:
        """Whether the session ended or went to another connection, so that the lane has done its work."""
        return self.session.ending is not None or self.session.carrier is not self

    def gather(self, parts: list[bytes], bytes_max: int) -> _Sent | None:
        """Add what is to be written now."""
        session, connect = self.session, self.connect
        if session.carrier is not self:
            self._stop_timer()
            return None
        if connect is not None and self._must_answer():
            self.connect = None
            self._stop_timer()
            delivery = self.socket.broker.finish(connect)
            _extend(parts, delivery)
            return _Sent(session, delivery.through, connect)
        if session.acknowledging and session.ending is None:
            return None
        frames, through = session.view(bytes_max if session.ending is None else None)
        parts += frames
        return _Sent(session, through, None) if frames else None

    def _must_answer(self) -> bool:
        session = self.session
        return self._due or session.ending is not None or (session.acknowledging and session.waiting > 0)

    def leave(self, now: float) -> None:
        """The socket closed: the session lives on for a while, with all that was not written (bayeux §1.6)."""
        self._stop_timer()
        if self.session.carrier is self:
            self.session.carrier = None
            if self.connect is not None:
                self.session.end_connect(self.connect.cycle, now)


def _extend(parts: list[bytes], delivery: Delivery) -> None:
    parts += delivery.frames
    if delivery.reply is not None:
        parts.append(delivery.reply)


class Socket:
    """One open WebSocket of one identity. ``run`` serves it until it closes."""

    def __init__(self, broker: Broker, identity: str, receive: Receive, send: Send, clock: Callable[[], float]) -> None:
        self.broker = broker
        self.ready: dict[_Lane, None] = {}
        self._identity = identity
        self._receive = receive
        self._send = send
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._replies: list[bytes] = []
        self._replies_bytes = 0
        self._close_code: int | None = None
        self._idle: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Serve the socket, already accepted, until either side closes it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write())
                await self._read()
                writer.cancel()
        finally:
            self._leave()

    def _leave(self) -> None:
        now = self._clock()
        for lane in self._lanes.values():
            lane.leave(now)
        self._lanes.clear()

    def stop(self, code: int = _GOING_AWAY) -> None:
        """Write what is ready, then close."""
        self._close_code = code
        self.wake()

    def wake(self) -> None:
        """See that the writer has a look."""
        idle = self._idle
        if idle is not None and not idle.done():
            idle.set_result(None)

    # ------------------------------------------------------------------ reading

    async def _read(self) -> None:
        limits = self.broker.limits
        while True:
            event = await self._receive()
            if event["type"] == "websocket.disconnect":
                return
            if self._close_code is not None:
                continue  # closing: nothing more is answered
            text = event.get("text")
            batch = decode_batch(text if text is not None else event["bytes"], limits)
            if isinstance(batch, DoorFault):
                self._refuse(batch)
            else:
                self._answer(batch)
            if self._replies_bytes > limits.websocket_unsent_bytes_max:
                self._room = asyncio.get_running_loop().create_future()
                await self._room

    def _refuse(self, fault: DoorFault) -> None:
        match fault:
            case DoorFault.EMPTY:
                pass  # faye's client sends empty arrays to keep the connection alive
            case DoorFault.TOO_LARGE | DoorFault.TOO_MANY:
                self.stop(_TOO_LARGE)
            case DoorFault.UNREADABLE:
                self.stop(_UNREADABLE)
            case never:
                assert_never(never)

    def _answer(self, batch: list[Message]) -> None:
        answer = self.broker.receive(self._identity, batch, Transport.WEBSOCKET, self._clock())
        for reply in answer.replies:
            self._replies.append(reply)
            self._replies_bytes += len(reply)
        for connect in answer.connects:
            client_id = connect.session.client_id
            lane = self._lanes.get(client_id)
            if lane is None:
                lane = self._lanes[client_id] = _Lane(self, connect.session)
            lane.park(connect)
        self.wake()

    # ------------------------------------------------------------------ writing

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                if not self._replies and not self.ready:
                    if self._close_code is not None:
                        await self._hand_over({"type": "websocket.close", "code": self._close_code})
                        return
                    self._idle = loop.create_future()
                    await self._idle
                    continue
                await self._write_once()
        except _GoneError:
            # The reader may not be told for a long while, if the peer is silent and its last bytes were never taken.
            self._close_code = _GOING_AWAY
            self._leave()
        finally:
            self._let_read()

    async def _hand_over(self, event: Event) -> None:
        try:
            await self._send(event)
        except (OSError, RuntimeError) as error:
            # OSError is what ASGI asks for; uvicorn raises RuntimeError while it closes a connection by itself.
            raise _GoneError from error

    async def _write_once(self) -> None:
        parts, self._replies, self._replies_bytes = self._replies, [], 0
        ready, self.ready = self.ready, {}
        bytes_max = self.broker.limits.websocket_unsent_bytes_max
        carried: list[_Sent] = []
        for lane in ready:
            sent = lane.gather(parts, bytes_max)
            if sent is not None:
                carried.append(sent)
            if lane.lost:
                self._forget(lane)
        if parts:
            await self._hand_over({"type": "websocket.send", "text": (b"[" + b",".join(parts) + b"]").decode()})
        self._let_read()
        self._confirm(carried)

    def _let_read(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _confirm(self, carried: list[_Sent]) -> None:
        for sent in carried:
            session = sent.session
            session.sent(sent.through)
            if sent.connect is not None:
                session.end_connect(sent.connect.cycle, self._clock())
            if session.waiting and session.client_id in self._lanes:
                self.ready[self._lanes[session.client_id]] = None  # more than fits into one write

    def _forget(self, lane: _Lane) -> None:
        if self._lanes.get(lane.session.client_id) is lane:
            del self._lanes[lane.session.client_id]


def comes_from_allowed_origin(scope: Scope, allowed: Callable[[str], bool] | None) -> bool:
    """Whether a WebSocket may be opened: browsers send cookies along with sockets that foreign pages open.

    No Origin means no browser. The server's own host is always allowed, others if ``allowed`` says so.
    """
    headers = {name: value for name, value in scope["headers"] if name in (b"origin", b"host")}
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin:
        return True
    own = headers.get(b"host", b"").decode("latin-1")
    return origin.partition("://")[2] == own or (allowed is not None and allowed(origin))
