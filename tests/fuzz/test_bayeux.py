"""Any bytes at the CometD doors get an answer, never an exception (bayeux §2, "do better").

``make fuzz`` does the same for longer, led by coverage where atheris can be had (``deep``).
"""

from __future__ import annotations

import asyncio
import json
import re
from itertools import count
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.connections import HttpRequest, Pipe, WebSocket, settle
from uvicorn import Config
from uvicorn.server import ServerState

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.replay import RecentMessages
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd
from cordboard.server.cometd_direct import CometdDirect
from cordboard.server.cometd_wire import AskingWebSocket
from cordboard.server.direct import direct_http

LIMITS = BayeuxLimits(message_bytes_max=2_000, batch_max=8, timeout_s=0.001, subscriptions_max=4, sessions_max=4)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)
)
channels = st.sampled_from(
    [
        "/meta/handshake",
        "/meta/connect",
        "/meta/subscribe",
        "/meta/unsubscribe",
        "/meta/disconnect",
        "/meta/x",
        "/a",
        "a",
    ]
)
names = st.sampled_from(["/a", "/a/*", "/**", "/a//b", "/meta/*", "", "/ä"])
known = {
    "channel": channels,
    "id": st.integers(0, 99) | st.text(max_size=5),
    "clientId": st.sampled_from(["c1", "c2", "c9"]),
    "subscription": names | st.lists(names, max_size=3),
    "connectionType": st.sampled_from(["long-polling", "websocket", "iframe"]),
    "supportedConnectionTypes": st.lists(st.sampled_from(["long-polling", "websocket", "iframe"])),
    "advice": st.fixed_dictionaries({}, optional={"timeout": st.integers(-1, 1) | scalars}),
    "ext": st.fixed_dictionaries(
        {},
        optional={
            "ack": st.booleans() | st.integers() | anything,
            "replay": st.booleans() | st.dictionaries(names, st.integers(-3, 9) | scalars) | anything,
            "timesync": st.dictionaries(st.sampled_from(["tc", "l", "o"]), scalars) | anything,
        },
    ),
    "data": anything,
}
messages = st.fixed_dictionaries({}, optional={name: likely | anything for name, likely in known.items()})
plausible = st.fixed_dictionaries(
    {"channel": channels}, optional={name: known[name] for name in known if name != "channel"}
)
batches = st.lists(plausible | messages | anything, max_size=9) | plausible | anything
bodies = st.binary(max_size=2_100) | st.builds(lambda batch: json.dumps(batch).encode(), batches)


def endpoint() -> Cometd:
    ids = count(1)
    memory = RecentMessages(LIMITS)
    broker = Broker(LIMITS, lambda: f"c{next(ids)}", lambda who, name: name != "/a/*", lambda: 5_000, retention=memory)
    return Cometd(broker, lambda scope: Authentication("anna"), clock=lambda: 1.0, new_browser_id=lambda: "b1")


def is_reply(reply: Any) -> bool:
    """Whether it has the form of bayeux §1.1."""
    if not isinstance(reply["successful"], bool):
        return False
    return reply["successful"] or reply["error"].count(":") >= 2


@settings(max_examples=150, deadline=None)
@given(st.lists(bodies, min_size=1, max_size=6))
def test_any_body_gets_an_answer(requests: list[bytes]) -> None:
    async def talk() -> None:
        cometd = endpoint()
        for body in requests:
            request = await HttpRequest(body).start(cometd).served()
            assert request.status in (200, 400, 413)
            if request.status == 200:
                assert request.json
                assert all(is_reply(reply) for reply in request.json)

    asyncio.run(talk())


@settings(max_examples=150, deadline=None)
@given(st.lists(bodies, min_size=1, max_size=6), st.booleans())
def test_any_frame_gets_an_answer_or_a_close(frames: list[bytes], binary: bool) -> None:
    async def talk() -> None:
        socket = WebSocket(endpoint())
        for frame in frames:
            if not socket.task.done():
                replies = await socket.say_text(frame if binary else frame.decode(errors="replace"))
                assert all(is_reply(reply) for reply in replies)
        await settle()
        if socket.close_code is None:
            await socket.hang_up()
        await socket.task
        assert socket.close_code in (None, 1009, 1011)

    asyncio.run(talk())


callback_names = st.sampled_from(["f", "a.b", "alert(1)", "", "x" * 65, "\u2028"]) | st.text(max_size=70)
queries = st.binary(max_size=300) | st.builds(
    lambda batch, name, rest: f"message={quote(json.dumps(batch))}&jsonp={quote(name)}".encode() + rest,
    batches,
    callback_names,
    st.sampled_from([b"", b"&", b"&message=1", b"&jsonp=g", b"%", b"&=&=&"]),
)
header_values = st.binary(max_size=80) | st.sampled_from(
    [b"BAYEUX_BROWSER=b1", b"BAYEUX_BROWSER=;", b"https://gw.example/x", b"https://[::1", b"http://[", b"same-origin"]
)
header_names = st.sampled_from([b"cookie", b"origin", b"referer", b"sec-fetch-site", b"host", b"authorization"])
headers = st.lists(st.tuples(header_names, header_values), max_size=4)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(queries, headers), min_size=1, max_size=4))
def test_any_query_gets_a_script_or_a_refusal(requests: list[tuple[bytes, list[tuple[bytes, bytes]]]]) -> None:
    async def talk() -> None:
        cometd = endpoint()
        for query, sent in requests:
            request = await HttpRequest(b"", "GET", headers=tuple(sent), query=query).start(cometd).served()
            assert request.status in (200, 400, 403, 405, 413)
            if request.status == 200:
                called = re.fullmatch(rb"[A-Za-z0-9._-]{1,64}\((.*)\)", request.body, re.DOTALL)
                assert called is not None
                assert all(is_reply(reply) for reply in json.loads(called[1]))

    asyncio.run(talk())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(bodies, headers), min_size=1, max_size=4))
def test_any_headers_are_read_or_ignored(requests: list[tuple[bytes, list[tuple[bytes, bytes]]]]) -> None:
    async def talk() -> None:
        cometd = endpoint()
        for body, sent in requests:
            request = await HttpRequest(body, headers=tuple(sent)).start(cometd).served()
            assert request.status in (200, 400, 413)

    asyncio.run(talk())


UPGRADE = (
    b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n%b"
posts = st.builds(lambda body: POST % (len(body), body), bodies)
# Heads of frames with their bits at random; the mask is of zeros, so that a text stays what it is.
frames = st.builds(
    lambda first, body: bytes((first, 0x80 | len(body))) + b"\0\0\0\0" + body,
    st.sampled_from([0x81, 0x82, 0x01, 0x80, 0x89, 0x8A, 0x88]) | st.integers(0, 255),
    st.binary(max_size=125) | st.builds(lambda batch: json.dumps(batch).encode()[:125], batches),
)


def wire_traffic(pieces: list[bytes]) -> Pipe:
    """Bytes in pieces into uvicorn's protocols with ours on top; whatever comes out."""

    async def talk() -> Pipe:
        cometd, bugs = endpoint(), []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            try:
                await cometd(scope, receive, send)
            except Exception as bug:
                bugs.append(bug)
                raise

        config = Config(app, lifespan="off", log_config=None, ws=AskingWebSocket, ws_max_size=2_000)
        state = ServerState()
        pipe = Pipe()
        protocol: Any = direct_http([CometdDirect(cometd, "")], lambda _origin: None, 60.0, 4_000)(config, state, {})
        pipe.protocol = protocol
        protocol.connection_made(pipe)
        for piece in pieces:
            if not pipe.closed:
                pipe.protocol.data_received(piece)
                await settle()
        pipe.protocol.connection_lost(None)
        await asyncio.wait_for(asyncio.gather(*state.tasks), 5)
        assert bugs == []
        return pipe

    return asyncio.run(talk())


@settings(max_examples=100, deadline=None)
@given(st.lists(posts | st.binary(max_size=200) | st.just(POST[:30]), min_size=1, max_size=4))
def test_any_bytes_on_an_http_connection_get_an_answer_or_a_close(pieces: list[bytes]) -> None:
    answered = wire_traffic(pieces).written
    assert answered == b"" or answered.startswith(b"HTTP/1.1 ")


@settings(max_examples=100, deadline=None)
@given(st.lists(frames | st.binary(max_size=60), max_size=6))
def test_any_bytes_on_a_websocket_get_an_answer_or_a_close(pieces: list[bytes]) -> None:
    assert wire_traffic([UPGRADE, *pieces]).written.startswith(b"HTTP/1.1 101 ")
