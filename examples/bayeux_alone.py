"""The notification room alone: a Bayeux server that tells everybody the time, without telephones.

Run it with ``uvicorn examples.bayeux_alone:app --port 8090 --lifespan on`` and point any Bayeux client at it: it gets
a message a second on /clock. Whom a request speaks for is up to you: here everybody is one and the same.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd

IDENTITY = "everybody"

broker = Broker(
    BayeuxLimits(timeout_s=20.0, queue_max=100, sessions_per_identity_max=1_000),
    new_client_id=lambda: secrets.token_hex(20),
    may_subscribe=lambda identity, channel: channel == "/clock",
    epoch_ms=lambda: time.time_ns() // 1_000_000,
)
cometd = Cometd(broker, authenticate=lambda scope: Authentication(IDENTITY))


async def tick() -> None:
    while True:
        broker.publish(IDENTITY, "/clock", b'{"time":%d}' % time.time())
        await asyncio.sleep(1.0)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """ASGI: Bayeux on every path, and what runs beside it."""
    if scope["type"] != "lifespan":
        await cometd(scope, receive, send)
        return
    beside = [asyncio.create_task(cometd.run()), asyncio.create_task(tick())]
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    cometd.close()
    for task in beside:
        task.cancel()
    await send({"type": "lifespan.shutdown.complete"})
