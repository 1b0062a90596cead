"""The example does what its page says, and needs none of the telephones."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.kit.connections import HttpRequest

from examples import bayeux_alone

ROOT = Path(__file__).parents[2]


async def post(message: dict[str, Any]) -> list[Any]:
    request = await HttpRequest(json.dumps([message]).encode()).start(bayeux_alone.app).served()
    return list(request.json)


async def test_a_client_is_told_the_time() -> None:
    told: list[str] = []
    events: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def tell(event: Any) -> None:
        told.append(event["type"])

    life = asyncio.create_task(bayeux_alone.app({"type": "lifespan"}, events.get, tell))
    (reply,) = await post({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    client = reply["clientId"]
    (refused,) = await post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/else"})
    assert refused["error"] == "403::subscribe_denied"
    await post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/clock"})
    await post({"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling"})
    events.put_nowait({"type": "lifespan.startup"})
    message, _ = await post({"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling"})
    assert message["channel"] == "/clock"
    assert message["data"]["time"] > 1_700_000_000
    events.put_nowait({"type": "lifespan.shutdown"})
    await life
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_no_other_room_is_needed() -> None:
    rooms = "import sys, examples.bayeux_alone; print(sorted(n for n in sys.modules if n.startswith('cordboard.')))"
    done = subprocess.run([sys.executable, "-c", rooms], check=True, capture_output=True, text=True, cwd=ROOT)
    names = done.stdout
    assert "cordboard.bayeux.broker" in names
    assert not any(room in names for room in ("cordboard.calls", "cordboard.gws", "cordboard.people", "switches"))
