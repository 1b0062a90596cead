"""uvicorn's protocols with a few lines more, played without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.kit.connections import Pipe, settle
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from cordboard.server.cometd_wire import LINE, WIRE, AskingWebSocket, Line, Wire, impatient_http, line_of

lines: list[Line | None] = []
"""Those by which requests came."""


async def application(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Answers any request, and keeps a WebSocket open."""
    if scope["type"] == "websocket":
        assert isinstance(scope["state"][WIRE], Wire)
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    lines.append(line_of(scope))
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def uvicorn_config(**options: Any) -> Config:
    return Config(application, lifespan="off", log_config=None, **options)


# ---------------------------------------------------------------------------------------------------- pings


class Peer:
    """A WebSocket and its client."""

    def __init__(self, extensions: Any = None, **options: Any) -> None:
        self.told: list[str] = []
        self.pipe = Pipe()
        self.protocol = AskingWebSocket(
            uvicorn_config(**{"ws_per_message_deflate": False, **options}), ServerState(), {"x": 1}
        )
        self.protocol.wire.answered = lambda: self.told.append("answered")
        self.client = ClientProtocol(parse_uri("ws://gw.example/"), extensions=extensions)

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


async def test_a_question_is_a_ping_and_the_answer_its_pong() -> None:
    peer = await Peer().open()
    for told in (["answered"], ["answered"] * 2):
        assert peer.protocol.wire.ask()
        assert [frame.opcode for frame in peer.hear()] == [Opcode.PING]
        peer.say()
        assert peer.told == told
    await peer.close()


async def test_an_answer_among_other_frames_is_found_too() -> None:
    peer = await Peer().open()
    peer.protocol.wire.ask()
    peer.client.send_text(b"[]")
    peer.hear()
    peer.say()
    assert peer.told == ["answered"]
    await peer.close()


async def test_a_question_that_is_asked_already_is_not_asked_again() -> None:
    peer = await Peer().open()
    assert peer.protocol.wire.ask()
    assert not peer.protocol.wire.ask()
    assert len(peer.hear()) == 1
    assert peer.told == []
    await peer.close()


async def test_other_pongs_answer_nothing() -> None:
    peer = await Peer().open()
    for payload in (b"x", b"abcd"):
        peer.client.send_pong(payload)
        peer.say()
    assert peer.protocol.wire.ask()
    for payload in (b"x", b"abcd"):
        peer.client.send_pong(payload)
        peer.say()
    assert peer.told == []
    await peer.close()


async def test_the_heartbeat_is_another_matter() -> None:
    peer = await Peer(ws_ping_interval=0.001).open()
    while not peer.hear():
        await settle()
    peer.say()
    assert peer.told == []
    await peer.close()


@pytest.mark.parametrize("pieces", [[b"\xff"], [b"\xc3", b"\xff"]])
async def test_text_that_is_none_closes_the_connection_and_leaves_no_traceback(
    pieces: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    peer = await Peer().open()
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        (peer.client.send_continuation if number else peer.client.send_text)(piece, fin=last)
        peer.say()
    (frame,) = peer.hear()
    assert (frame.opcode, bytes(frame.data)[:2]) == (Opcode.CLOSE, (1007).to_bytes(2, "big"))
    assert peer.pipe.closed
    assert caplog.records == []
    await peer.close()


async def test_a_character_may_be_cut_in_two() -> None:
    peer = await Peer().open()
    peer.client.send_text(b'["\xc3', fin=False)
    peer.client.send_continuation(b'\xa9"]', fin=True)
    peer.say()
    assert (peer.hear(), peer.pipe.closed) == ([], False)
    await peer.close()


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
async def test_a_text_is_written_as_one_whole_frame(length: int) -> None:
    peer = await Peer().open()
    assert peer.protocol.wire.write(b"x" * length, False)
    (frame,) = peer.hear()
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, b"x" * length)
    assert peer.protocol.wire.write(b"x" * length, True)
    text, question = peer.hear()
    assert (bytes(text.data), question.opcode) == (b"x" * length, Opcode.PING)
    peer.say()
    assert peer.told == ["answered"]
    await peer.close()


async def test_what_must_wait_or_be_compressed_is_left_to_asgi() -> None:
    peer = await Peer().open()
    peer.protocol.pause_writing()
    assert not peer.protocol.wire.write(b"x", False)
    peer.protocol.resume_writing()
    assert peer.protocol.wire.write(b"x", False)
    compressing = await Peer(extensions=[ClientPerMessageDeflateFactory()], ws_per_message_deflate=True).open()
    assert not compressing.protocol.wire.write(b"x", False)
    for one in (peer, compressing):
        await one.close()


async def test_a_closing_connection_is_neither_asked_nor_written_to() -> None:
    peer = await Peer().open()
    peer.pipe.closed = True
    assert not peer.protocol.wire.ask()
    assert not peer.protocol.wire.write(b"x", False)
    assert (peer.told, peer.hear()) == ([], [])
    await peer.close()


def test_a_wire_of_nobody_tells_nobody() -> None:
    wire = Wire(lambda: True, lambda text, ask: False)
    assert wire.ask()
    wire.answered()
    assert not wire.write(b"x", False)


# ---------------------------------------------------------------------------------------------------- impatience

REQUEST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody"


class Caller:
    """An HTTP connection that is closed after no time at all when it keeps the server waiting."""

    def __init__(self, timeout_s: float = 0.02, bytes_max: int = 200) -> None:
        self.pipe = Pipe()
        self.protocol = impatient_http(timeout_s, bytes_max)(uvicorn_config(ws=AskingWebSocket), ServerState(), {})
        self.protocol.connection_made(self.pipe)

    async def say(self, data: bytes) -> bytes:
        self.protocol.data_received(data)
        await settle()
        return self.pipe.take()

    @property
    def waited_for(self) -> bool:
        return self.protocol._waiting_since is not None and self.protocol._timer is not None

    def close(self) -> None:
        self.protocol.connection_lost(None)


@pytest.mark.parametrize("sent", [b"", REQUEST[:5], REQUEST[:40], REQUEST[:-1], REQUEST + REQUEST[:5]])
async def test_a_request_that_does_not_come_to_its_end_closes_its_connection(sent: bytes) -> None:
    caller = Caller()
    if sent:
        caller.protocol.data_received(sent)
    assert caller.waited_for or sent.startswith(REQUEST)  # the first of two is being answered just now
    while not caller.pipe.closed:
        await settle()
    assert not caller.waited_for
    caller.close()


async def test_a_connection_is_looked_after_again_and_again() -> None:
    caller = Caller()
    await caller.say(REQUEST)
    first = caller.protocol._timer
    while caller.protocol._timer is first:
        await settle()
    assert not caller.pipe.closed
    caller.protocol.data_received(REQUEST[:9])
    while not caller.pipe.closed:
        await settle()
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


async def test_requests_of_a_connection_know_when_it_is_lost() -> None:
    lines.clear()
    caller = Caller(timeout_s=60.0)
    for _ in range(2):
        await caller.say(REQUEST)
    assert lines == [caller.protocol.line] * 2
    assert not caller.protocol.line.lost
    caller.close()
    assert caller.protocol.line.lost


@pytest.mark.parametrize("scope", [{}, {"state": {}}, {"state": {LINE: "something else"}}])
def test_another_server_tells_of_no_line(scope: dict[str, Any]) -> None:
    assert line_of(scope) is None


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
        await caller.say(b"GET / HTTP/1.1\r\n" if not caller.protocol._head_bytes else b"x: " + b"y" * 30 + b"\r\n")
    assert caller.pipe.closed
    caller.close()


async def test_many_requests_on_one_connection_do_not_add_up_and_bodies_do_not_count() -> None:
    caller = Caller(timeout_s=60.0, bytes_max=80)
    for _ in range(5):
        await caller.say(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n")
        assert (await caller.say(b"b" * 100)).endswith(b"ok")
    assert not caller.pipe.closed
    caller.close()
