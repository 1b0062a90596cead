"""A flood of handshakes, subscriptions or sockets stays within what the limits allow: counted, not timed."""

from __future__ import annotations

import gc
import json
import tracemalloc
from itertools import count
from typing import Any

from tests.kit.connections import HttpRequest, WebSocket, settle

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Session
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd

LIMITS = BayeuxLimits(
    sessions_max=50, sessions_per_identity_max=20, subscriptions_max=10, batch_max=64, paced_max=100, queue_max=10
)


class House:
    """Every request may speak for somebody else, from another address."""

    def __init__(self) -> None:
        self.now = 1_000.0
        ids = count(1)
        self.broker = Broker(LIMITS, lambda: f"c{next(ids)}", lambda who, name: True, lambda: 5_000)
        self.cometd = Cometd(
            self.broker,
            lambda scope: Authentication(dict(scope["headers"]).get(b"x-user", b"anna").decode()),
            clock=lambda: self.now,
            new_browser_id=lambda: "b1",
        )

    async def post(self, *batch: dict[str, Any], user: str = "anna", address: str = "192.0.2.1") -> list[Any]:
        request = HttpRequest(json.dumps(batch).encode(), headers=((b"x-user", user.encode()),))
        request.scope["client"] = (address, 1)
        return list((await request.start(self.cometd).served()).json)


HANDSHAKE = {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}


def sessions() -> int:
    gc.collect()
    return sum(isinstance(found, Session) for found in gc.get_objects())


async def test_handshakes_of_many_from_many_places() -> None:
    house, before = House(), sessions()
    for number in range(1_000):
        await house.post(HANDSHAKE, user=f"u{number}", address=f"198.51.100.{number}")
    assert house.broker.session_count == sessions() - before == LIMITS.sessions_max
    admission = house.broker._admission
    assert len(admission._by_identity) == len(admission._by_address) == LIMITS.paced_max
    house.now += 100
    house.cometd.sweep()
    assert sessions() == before
    assert len(admission._by_identity) == len(admission._by_address) == 0


async def test_handshakes_of_one() -> None:
    house = House()
    for _ in range(300):
        (reply,) = await house.post(HANDSHAKE)
    assert not reply["successful"]
    assert reply["advice"]["interval"] > 0
    assert house.broker.session_count == LIMITS.sessions_per_identity_max


async def test_subscriptions_and_what_is_published_to_nobody_who_reads() -> None:
    house = House()
    (reply,) = await house.post(HANDSHAKE)
    subscribe = {"channel": "/meta/subscribe", "clientId": reply["clientId"]}
    await house.post({**subscribe, "subscription": "/a"})

    async def flood(rounds: int) -> None:
        for number in range(rounds):
            names = [f"/x/{number}/{index}" for index in range(50)]
            await house.post(*[{**subscribe, "subscription": names}] * 10)

    await flood(5)
    gc.collect()
    tracemalloc.start()
    first = tracemalloc.get_traced_memory()[0]
    await flood(40)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    tracemalloc.stop()
    assert grown < 200_000
    for _ in range(LIMITS.queue_max):
        house.broker.publish("anna", "/a", b"1")
    assert house.broker.session_count == 1
    house.broker.publish("anna", "/a", b"1")
    assert house.broker.session_count == 0


async def test_sockets_that_say_nothing_or_nonsense() -> None:
    house = House()
    silent = [WebSocket(house.cometd) for _ in range(100)]
    await settle()
    assert len(house.cometd._sockets) == 100
    for socket in silent[:50]:
        await socket.say_text("[{}]" if socket is silent[0] else "[]")
    house.now += LIMITS.websocket_idle_timeout_s
    house.cometd.sweep()
    for socket in silent:
        await socket.task
    assert len(house.cometd._sockets) == 0
