"""Any bytes at the CometD doors get an answer, never an exception (bayeux §2, "do better")."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.connections import HttpRequest, WebSocket, settle

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd

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
    broker = Broker(LIMITS, lambda: f"c{next(ids)}", lambda who, name: name != "/a/*", lambda: 5_000)
    return Cometd(broker, lambda scope: Authentication("anna"), clock=lambda: 1.0)


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
