"""The CometD endpoint over WebSocket: one socket, one task that reads, and writes that follow what happens.

Messages are pushed as soon as they are published; several that wait share one frame. The connect stays parked as the
heartbeat, except with acknowledgements: then messages travel with connect replies only (bayeux §1.4, §1.7). A message
counts as written when its write went through on an open connection, and as arrived when the client has answered a ping
that was sent after it, or connects again after the reply that followed it. While a write waits for a slow client, its
messages stay in the session's queue, whose limit ends the session. Only such a write is a task.

Deliberately absent: what messages mean (``bayeux.broker``), pings (``cometd_wire`` sends them), keeping a session alive
when its socket closes: that is only the expiry clock of the session itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from math import inf
from typing import Any, TypeAlias, assert_never

import msgspec

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.messages import Message, decode_batch
from cordboard.bayeux.session import Connect, Ending, Session, Transport
from cordboard.bayeux.visits import Answer, Caller, Delivery
from cordboard.server.cometd_wire import WIRE, Wire

Scope: TypeAlias = "MutableMapping[str, Any]"
Event: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[Event]]"
Send: TypeAlias = "Callable[[Event], Awaitable[None]]"

_IDLE = 1000
_GOING_AWAY = 1001
_TOO_LARGE = 1009
# What CometD closes with when it cannot read a message (bayeux §2).
_UNREADABLE = 1011


class _Sent(msgspec.Struct, frozen=True, gc=False):
    """What one write carried for one session; ``connect`` if it was answered with it."""

    session: Session
    frames: int
    through: int
    turn: int
    connect: Connect | None = None
    delivery: Delivery | None = None


class _Lane:
    """Carries one session on one socket. Usually a socket has one lane; clients may share a socket among sessions."""

    __slots__ = ("_due", "_latest", "_timer", "connect", "session", "socket")

    def __init__(self, socket: Socket, first: Connect) -> None:
        self.socket = socket
        self.session = first.session
        self.connect: Connect | None = None
        self._latest = first
        self._due = False
        self._timer: asyncio.TimerHandle | None = None

    def wake(self) -> None:
        """Called for every message: remember the lane and see that the writer runs."""
        self.socket.ready[self] = None
        self.socket.wake()

    def park(self, connect: Connect) -> None:
        """Take a connect; an older one is dropped without a reply (bayeux §2)."""
        self._stop_timer()
        self.connect = self._latest = connect
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
        if session.ending is Ending.STOPPED:
            return None  # its connect fails with the socket (``Broker.stop``)
        if connect is not None and self._must_answer():
            self.connect = None
            self._stop_timer()
            delivery = self.socket.broker.finish(connect)
            parts += delivery.parts
            return _Sent(session, len(delivery.frames), delivery.through, delivery.turn, connect, delivery)
        if session.with_connects and session.ending is None:
            return None
        frames, through = session.view(bytes_max if session.ending is None else None)
        parts += frames
        return _Sent(session, len(frames), through, session.turn) if frames else None

    def _must_answer(self) -> bool:
        session = self.session
        return self._due or session.ending is not None or (session.with_connects and session.pressing)

    def leave(self, broker: Broker, now: float) -> None:
        """The socket closed: the session lives on for a while, with all that was not written (bayeux §1.6)."""
        self._stop_timer()
        if self.session.carrier is self:
            self.session.carrier = None
        broker.give_up(self._latest, now)  # answered or not: its reply may have been on its way


class Socket:
    """One open WebSocket of one identity. ``run`` serves it until it closes.

    ``wire`` is its way to ask for what has arrived; without one only a next connect tells.
    """

    def __init__(
        self,
        broker: Broker,
        identity: str,
        receive: Receive,
        send: Send,
        clock: Callable[[], float],
        *,
        address: str = "",
        wire: Wire | None = None,
    ) -> None:
        self.broker = broker
        self.ready: dict[_Lane, None] = {}
        self._caller = Caller(identity, Transport.WEBSOCKET, self, address=address)
        self._wire = wire
        if wire is not None:
            wire.answered = self._confirm_marked
        self._marks: list[tuple[Session, int]] | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._asked_at = -inf
        self._idle_since = clock()
        self._receive = receive
        self._send = send
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._replies: list[bytes] = []
        self._replies_bytes = 0
        self._close_code: int | None = None
        self._loop = asyncio.get_running_loop()
        self._woken = False
        self._left = False
        self._tasks: asyncio.TaskGroup | None = None
        self._slow: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Serve the socket, already accepted, until either side closes it."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                await self._read()
                self._leave()
                if self._slow is not None:
                    self._slow.cancel()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._left = True
        now = self._clock()
        for lane in self._lanes.values():
            lane.leave(self.broker, now)
        self._lanes.clear()
        if self._pause is not None:
            self._pause.cancel()

    def check(self, now: float) -> None:
        """Close the socket if it carries nobody for too long: it holds memory, and may never have meant to talk."""
        if self._lanes:
            self._idle_since = now
        elif now - self._idle_since >= self.broker.limits.websocket_idle_timeout_s:
            self.stop(_IDLE)

    def stop(self, code: int = _GOING_AWAY) -> None:
        """Write what is ready, then close."""
        self._close_code = code
        self.wake()

    def wake(self) -> None:
        """See that what is ready is written, together with all that gets ready now."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._flush)

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
        answer = self.broker.receive(self._caller, batch, self._clock())
        self.broker.when_kept(answer.number, partial(self._take, answer))

    def _take(self, answer: Answer) -> None:
        """Write replies, carry connects; what they promise survives a restart."""
        if self._left:
            for connect in answer.connects:
                self.broker.give_up(connect, self._clock())
            return
        for reply in answer.replies:
            self._replies.append(reply)
            self._replies_bytes += len(reply)
        for connect in answer.connects:
            client_id = connect.session.client_id
            lane = self._lanes.get(client_id)
            if lane is None:
                lane = self._lanes[client_id] = _Lane(self, connect)
            lane.park(connect)
        self.wake()

    # ------------------------------------------------------------------ writing

    def _flush(self) -> None:
        self._woken = False
        try:
            self._write_all()
        except Exception as bug:  # noqa: BLE001  # it ends the socket, and is logged by the server beneath
            assert self._tasks is not None
            self._tasks.create_task(_raise(bug))

    def _write_all(self) -> None:
        while (self.ready or self._replies) and self._slow is None and not self._left:
            text, carried = self._gather()
            ask = self._may_ask() and any(sent.frames and not sent.session.acknowledging for sent in carried)
            if text and (self._wire is None or not self._wire.write(text, ask)):
                self._begin({"type": "websocket.send", "text": text.decode()}, carried)
                return
            self._written(carried, asked=ask)
        if self._close_code is not None and self._slow is None and not self._left:
            self._begin({"type": "websocket.close", "code": self._close_code}, [])

    def _begin(self, event: Event, carried: list[_Sent]) -> None:
        """Begin a write that may have to wait."""
        assert self._tasks is not None
        self._slow = self._tasks.create_task(self._write_slowly(event, carried))

    async def _write_slowly(self, event: Event, carried: list[_Sent]) -> None:
        try:
            await self._send(event)
        except (OSError, RuntimeError):
            # OSError is what ASGI asks for; uvicorn raises RuntimeError while it closes a connection by itself. The
            # reader may not be told for a long while, if the peer is silent and its last bytes were never taken.
            self._close_code = _GOING_AWAY
            self._leave()
            self._let_read()
            return
        self._slow = None
        if event["type"] == "websocket.send":
            self._written(carried, asked=False)
            self._flush()
        else:
            self._let_read()

    def _gather(self) -> tuple[bytes, list[_Sent]]:
        """What is to be written now."""
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
        return (b"[" + b",".join(parts) + b"]" if parts else b""), carried

    def _let_read(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _written(self, carried: list[_Sent], *, asked: bool) -> None:
        """A write went through, with or without a question behind it."""
        self._let_read()
        unsure = False  # whether there is anything whose arrival the client does not acknowledge by itself
        for sent in carried:
            session = sent.session
            if sent.connect is not None and sent.delivery is not None:
                self.broker.written(sent.connect, sent.delivery, self._clock())
            else:
                session.sent(sent.through, sent.turn)
            unsure = unsure or _is_unsure(session)
            if session.waiting and session.client_id in self._lanes:
                self.ready[self._lanes[session.client_id]] = None  # more than fits into one write
        if asked:
            self._mark()
        elif unsure:
            self._ask_later()

    # ------------------------------------------------------------------ what has arrived

    def _may_ask(self) -> bool:
        """One question at a time, with pauses between."""
        pause_s = self.broker.limits.websocket_ask_pause_s
        return self._marks is None and self._clock() - self._asked_at >= pause_s

    def _ask_later(self) -> None:
        """If no other write brings a question along before."""
        if self._wire is not None and self._pause is None and self._marks is None:
            self._pause = self._loop.call_later(self.broker.limits.websocket_ask_pause_s, self._ask, self._wire)

    def _ask(self, wire: Wire) -> None:
        self._pause = None
        if any(_is_unsure(lane.session) for lane in self._lanes.values()) and wire.ask():
            self._mark()

    def _mark(self) -> None:
        """A question went out: whatever was written before it has arrived when the answer comes."""
        self._asked_at = self._clock()
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._marks = [(lane.session, lane.session.written) for lane in self._lanes.values() if not lane.lost]

    def _confirm_marked(self) -> None:
        marks, self._marks = self._marks or (), None
        for session, through in marks:
            session.confirm(through)
            if _is_unsure(session):
                self._ask_later()

    def _forget(self, lane: _Lane) -> None:
        self._lanes.pop(lane.session.client_id, None)


async def _raise(bug: Exception) -> None:
    raise bug


def _is_unsure(session: Session) -> bool:
    """Whether something was written of which only a question can tell whether it arrived."""
    return session.unconfirmed > 0 and not session.acknowledging


def wire_of(scope: Scope) -> Wire | None:
    """The wire of a WebSocket, if the server beneath has one."""
    wire = scope.get("state", {}).get(WIRE)
    return wire if isinstance(wire, Wire) else None


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
