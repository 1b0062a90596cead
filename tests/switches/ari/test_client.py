"""One connection to a likeness of Asterisk on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit.asterisk_server import APP, PASSWORD, USER, LikenessServer

from cordboard.switches.ari import client as module
from cordboard.switches.ari import wire
from cordboard.switches.ari.client import AriSettings, Client, LinkError
from cordboard.switches.ari.events import AnyMessage, ApplicationReplaced, StasisStart

PHONES = {"5000": "PJSIP/5000"}


@pytest.fixture
async def server() -> AsyncIterator[LikenessServer]:
    made = LikenessServer(PHONES)
    await made.start()
    yield made
    await made.stop()


class Connected:
    """A client that reads: ``answers`` and ``messages`` are what came."""

    def __init__(self, server: LikenessServer, password: str = PASSWORD) -> None:
        self.answers: list[tuple[str, int, str]] = []
        self.messages: list[AnyMessage] = []
        self.news = asyncio.Event()
        self.client = Client(AriSettings(server.url, USER, password, APP), self._answered)

    def _answered(self, number: str, status: int, body: str) -> None:
        self.answers.append((number, status, body))
        self.news.set()

    async def read(self) -> None:
        async for message in self.client.messages():
            self.messages.append(message)
            self.news.set()

    async def until(self, count: int) -> None:
        """So many answers and messages came."""
        async with asyncio.timeout(5):
            while len(self.answers) + len(self.messages) < count:
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def connected(server: LikenessServer) -> AsyncIterator[Connected]:
    made = Connected(server)
    await made.client.connect()
    reading = asyncio.create_task(made.read())
    yield made
    await made.client.close()
    await reading


def create(channel: str) -> wire.Request:
    return wire.create_channel("PJSIP/5000", APP, channel, {})


def test_the_password_is_not_shown() -> None:
    shown = repr(AriSettings("http://pbx/ari", "us", "geheim", "app"))
    assert shown == "AriSettings('http://pbx/ari', 'us', app='app')"


async def test_requests_travel_over_the_websocket_in_their_order(server: LikenessServer) -> None:
    async with connected(server) as it:
        await it.client.probe()
        assert not it.client.over_http
        it.client.send(create("a"), "1")
        it.client.send(wire.dial("gone"), "2")
        await it.until(3)
        assert [(number, status) for number, status, _ in it.answers] == [("1", 200), ("2", 404)]
        assert [type(message) for message in it.messages] == [StasisStart]
    assert server.asked == ["GET asterisk/info", "POST channels/create", "POST channels/gone/dial"]


async def test_an_answer_can_be_waited_for(server: LikenessServer) -> None:
    async with connected(server) as it:
        assert await it.client.ask(wire.list_channels()) == (200, "[]")
        assert await it.client.ask(wire.hang_up("gone", 16)) == (404, '{"message":"Channel not found"}')
        assert it.answers == []


async def test_an_asterisk_that_takes_no_requests_over_the_websocket_gets_them_over_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PROBE_S", 0.05)
    server = LikenessServer(PHONES, over_websocket=False)
    await server.start()
    try:
        async with connected(server) as it:
            await it.client.probe()
            assert it.client.over_http
            it.client.send(create("a"), "1")
            it.client.send(wire.hang_up("a", 16), "2")
            it.client.send(wire.dial("gone"), "3")
            await it.until(7)
            assert [(number, status) for number, status, _ in it.answers] == [("1", 200), ("2", 204), ("3", 404)]
            assert isinstance(it.messages[0], StasisStart)
    finally:
        await server.stop()


async def test_a_request_that_finds_no_server_is_answered_as_a_failure(server: LikenessServer) -> None:
    async with connected(server) as it:
        it.client.over_http = True
        await server.stop()
        status, body = await it.client.ask(wire.list_channels())
        assert (status, "message" in body) == (599, True)


async def test_what_is_no_message_is_left_out_and_noted(server: LikenessServer) -> None:
    async with connected(server) as it:
        with capture_logs() as logs:
            await server.say("{")
            await server.say('{"type":"ChannelLevitated"}')
            await server.sockets[-1].send_bytes(b"\x00")
            await server.say('{"type":"ApplicationReplaced"}')
            await it.until(1)
        assert [type(message) for message in it.messages] == [ApplicationReplaced]
        assert [log["event"] for log in logs] == ["Asterisk sent what can't be read"]


async def test_a_file_is_fetched_over_http(server: LikenessServer) -> None:
    server.files["rec"] = b"\x00\xff"
    async with connected(server) as it:
        assert await it.client.fetch(wire.stored_recording("rec", "/file")) == (200, b"\x00\xff")
        assert (await it.client.fetch(wire.stored_recording("gone", "/file")))[0] == 404


async def test_the_messages_end_with_the_connection(server: LikenessServer) -> None:
    async with connected(server):
        await server.cut()


async def test_who_waits_for_an_answer_when_it_is_closed_is_let_go(server: LikenessServer) -> None:
    server.over_websocket = False
    async with connected(server) as it:
        asking = asyncio.create_task(it.client.ask(wire.info()))
        await asyncio.sleep(0)
        await it.client.close()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_an_answer_that_comes_twice_is_taken_once(server: LikenessServer) -> None:
    async with connected(server) as it:
        waiting = it.client._asked["x"] = asyncio.get_running_loop().create_future()
        it.client._take("x", 200, "first")
        it.client._take("x", 500, "second")
        assert waiting.result() == (200, "first")


@pytest.mark.parametrize(
    ("status", "why"),
    [(401, "password is wrong"), (404, "there is no ARI"), (503, "still starting"), (500, "it answers 500")],
)
async def test_why_there_is_no_connection_is_said(server: LikenessServer, status: int, why: str) -> None:
    server.refuse = status
    it = Connected(server)
    with pytest.raises(LinkError, match=why):
        await it.client.connect()
    await it.client.close()


async def test_that_nobody_is_there_is_said() -> None:
    server = LikenessServer(PHONES)
    await server.start()
    await server.stop()
    it = Connected(server)
    with pytest.raises(LinkError, match=f"127.0.0.1:{server.port}"):
        await it.client.connect()
    await it.client.close()
    await Connected(server).client.close()


async def test_a_refused_connection_has_no_session_to_leak(server: LikenessServer) -> None:
    it = Connected(server, password="wrong")
    with pytest.raises(LinkError, match="password is wrong"):
        await it.client.connect()
    await it.client.close()
    assert isinstance(it.client._session, aiohttp.ClientSession)
    assert it.client._session.closed


# -- what becomes of a frame -------------------------------------------------------------------------------------------


class Socket:
    """A websocket that keeps what is written, and then does what ``then`` says."""

    def __init__(self, then: asyncio.Future[None] | Exception | None = None) -> None:
        self.frames: list[str] = []
        self.finished = 0
        self._then = then

    async def send_str(self, frame: str) -> None:
        if isinstance(self._then, Exception):
            raise self._then
        self.frames.append(frame)
        if self._then is not None:
            await asyncio.shield(self._then)
        self.finished += 1


def _on(socket: Any) -> Client:
    made = Client(AriSettings("http://127.0.0.1:1/ari", "u", "p", "app"), lambda *_: None)
    made._socket = socket
    return made


async def test_requests_are_written_at_once_and_in_order() -> None:
    socket = Socket()
    one = _on(socket)
    one.send(wire.answer("a"), "1")
    one.send(wire.dial("b"), "2")
    written = [msgspec.json.decode(frame) for frame in socket.frames]
    assert [(frame["request_id"], frame["uri"]) for frame in written] == [
        ("1", "channels/a/answer"),
        ("2", "channels/b/dial"),
    ]
    assert socket.finished == 2


async def test_a_reader_that_is_slow_is_not_waited_for() -> None:
    socket = Socket(asyncio.get_running_loop().create_future())
    one = _on(socket)
    for number in ("1", "2"):
        one.send(wire.answer("a"), number)
    assert len(socket.frames) == 2
    assert socket.finished == 0


@pytest.mark.parametrize("error", [aiohttp.ClientConnectionResetError("closing"), ConnectionResetError()])
async def test_a_connection_at_its_end_takes_nothing(error: Exception) -> None:
    socket = Socket(error)
    _on(socket).send(wire.answer("a"), "1")
    assert socket.frames == []


async def test_before_there_is_a_connection_nothing_is_sent() -> None:
    _on(None).send(wire.answer("a"), "1")


class Dying:
    """A connection that ends while a ping is being answered."""

    def __aiter__(self) -> Dying:
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")


async def test_a_connection_that_ends_amid_a_ping_ends_as_any_other() -> None:
    client = Client(AriSettings("http://127.0.0.1:1/ari", "u", "p", "a"), lambda *_: None)
    dying: Any = Dying()
    client._socket = dying
    assert [message async for message in client.messages()] == []
