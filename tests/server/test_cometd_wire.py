"""uvicorn's protocols with a few lines more, played without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.kit.connections import settle
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from cordboard.server.cometd_wire import WIRE, AskingWebSocket, Wire, impatient_http


class Pipe(asyncio.Transport):
    """A connection whose bytes are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.protocol: Any = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: Any) -> None:
        self.written += data

    def take(self) -> bytes:
        taken, self.written = self.written, b""
        return taken

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


async def application(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Answers any request, and keeps a WebSocket open."""
    if scope["type"] == "websocket":
        scope["state"][WIRE].kept = True
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def uvicorn_config(**options: Any) -> Config:
    return Config(application, lifespan="off", log_config=None, **options)


# ---------------------------------------------------------------------------------------------------- pings


class Peer:
    """A WebSocket and its client."""

    def __init__(self, **options: Any) -> None:
        self.told: list[str] = []
        self.pipe = Pipe()
        self.protocol = AskingWebSocket(uvicorn_config(ws_ping_timeout=5.0, **options), ServerState(), {"x": 1})
        self.protocol.wire.asked = lambda: self.told.append("asked")
        self.protocol.wire.answered = lambda: self.told.append("answered")
        self.client = ClientProtocol(parse_uri("ws://gw.example/"))

    async def open(self) -> Peer:
        self.protocol.connection_made(self.pipe)
        self.client.send_request(self.client.connect())
        self.say()
        await settle()
        self.hear()
        return self

    def say(self) -> None:
        self.protocol.data_received(b"".join(self.client.data_to_send()))

    def hear(self) -> list[Frame]:
        """What has come to the client, which answers pings by itself, in vain until it says something."""
        self.client.receive_data(self.pipe.take())
        return [event for event in self.client.events_received() if isinstance(event, Frame)]

    async def close(self) -> None:
        self.protocol.connection_lost(None)
        await settle()


class Slotless(Wire):
    """The application of these tests marks the wire that it found."""

    kept: bool


@pytest.fixture(autouse=True)
def markable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.server.cometd_wire.Wire", Slotless)


async def test_a_question_is_a_ping_and_the_answer_its_pong() -> None:
    peer = await Peer().open()
    assert getattr(peer.protocol.wire, "kept", False)
    peer.protocol.wire.ask()
    assert [frame.opcode for frame in peer.hear()] == [Opcode.PING]
    assert peer.told == ["asked"]
    peer.say()
    assert peer.told == ["asked", "answered"]
    peer.protocol.wire.ask()
    assert peer.told == ["asked", "answered", "asked"]
    await peer.close()


async def test_a_question_that_is_asked_already_is_not_asked_again() -> None:
    peer = await Peer().open()
    peer.protocol.wire.ask()
    peer.protocol.wire.ask()
    assert len(peer.hear()) == 1
    assert peer.told == ["asked"]
    await peer.close()


async def test_the_heartbeat_asks_too() -> None:
    peer = await Peer(ws_ping_interval=0.001).open()
    while not peer.told:
        await settle()
    assert peer.told == ["asked"]
    await peer.close()


async def test_other_pongs_answer_nothing() -> None:
    peer = await Peer().open()
    peer.client.send_pong(b"x")
    peer.say()
    peer.protocol.wire.ask()
    peer.client.send_pong(b"x")
    peer.say()
    assert peer.told == ["asked"]
    await peer.close()


async def test_a_closing_connection_is_not_asked() -> None:
    peer = await Peer().open()
    peer.pipe.closed = True
    peer.protocol.wire.ask()
    assert (peer.told, peer.hear()) == ([], [])
    await peer.close()


def test_a_wire_of_nobody_asks_in_vain() -> None:
    asked: list[int] = []
    wire = Wire(lambda: asked.append(1))
    wire.ask()
    wire.asked()
    wire.answered()
    assert asked == [1]


# ---------------------------------------------------------------------------------------------------- impatience

REQUEST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody"


class Caller:
    """An HTTP connection that is closed after no time at all when it keeps the server waiting."""

    def __init__(self, timeout_s: float = 0.001, bytes_max: int = 200) -> None:
        self.pipe = Pipe()
        self.protocol = impatient_http(timeout_s, bytes_max)(uvicorn_config(ws=AskingWebSocket), ServerState(), {})
        self.protocol.connection_made(self.pipe)

    async def say(self, data: bytes) -> bytes:
        self.protocol.data_received(data)
        await settle()
        return self.pipe.take()

    @property
    def waited_for(self) -> bool:
        return self.protocol.request_timer is not None

    def close(self) -> None:
        self.protocol.connection_lost(None)


@pytest.mark.parametrize("sent", [b"", REQUEST[:5], REQUEST[:40], REQUEST[:-1], REQUEST + REQUEST[:5]])
async def test_a_request_that_does_not_come_to_its_end_closes_its_connection(sent: bytes) -> None:
    caller = Caller()
    if sent:
        await caller.say(sent)
    assert caller.waited_for
    while not caller.pipe.closed:
        await settle()
    assert not caller.waited_for
    caller.close()


async def test_a_connection_between_two_requests_is_left_alone() -> None:
    caller = Caller()
    for _ in range(2):
        assert (await caller.say(REQUEST)).endswith(b"ok")
        assert not caller.waited_for
    caller.close()


async def test_a_connection_that_is_lost_is_not_waited_for() -> None:
    caller = Caller()
    assert caller.waited_for
    caller.close()
    assert not caller.waited_for


async def test_a_connection_that_becomes_a_websocket_is_not_closed_for_saying_nothing() -> None:
    caller = Caller(timeout_s=60.0, bytes_max=2_000)
    client = ClientProtocol(parse_uri("ws://gw.example/"))
    client.send_request(client.connect())
    assert (await caller.say(b"".join(client.data_to_send()))).startswith(b"HTTP/1.1 101")
    assert not caller.waited_for
    upgraded = caller.pipe.protocol
    assert isinstance(upgraded, AskingWebSocket)
    upgraded.connection_lost(None)
    await settle()


async def test_a_head_without_end_closes_its_connection() -> None:
    caller = Caller(timeout_s=60.0)
    for _ in range(9):
        await caller.say(b"GET / HTTP/1.1\r\n" if not caller.protocol.head_bytes else b"x: " + b"y" * 30 + b"\r\n")
    assert caller.pipe.closed
    caller.close()


async def test_many_requests_on_one_connection_do_not_add_up_and_bodies_do_not_count() -> None:
    caller = Caller(timeout_s=60.0, bytes_max=80)
    for _ in range(5):
        await caller.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n")
        assert (await caller.say(b"b" * 100)).endswith(b"ok")
    assert not caller.pipe.closed
    caller.close()
