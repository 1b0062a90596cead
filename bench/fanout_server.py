"""Our server of ``fanout``: the product's broker, its CometD endpoint and its uvicorn configuration, and no calls.

A client is whoever its header X-Client says, and is told on the channel ``/client/NUMBER``. ``python -m
bench.fanout_server BYTES`` serves, and publishes messages of that size as standard input says (``publishing``).
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from typing import Any

import uvicorn
import uvloop

from bench import publishing
from bench.floor import same_server
from cordboard.bayeux.broker import Broker
from cordboard.bayeux.replay import RecentMessages
from cordboard.server import ids
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd
from cordboard.server.cometd_direct import CometdDirect
from cordboard.server.config import Config, read
from cordboard.server.direct import direct_http


def endpoint(config: Config) -> Cometd:
    """The product's endpoint and limits; who asks is believed."""
    limits = config.cometd.limits()
    retention = RecentMessages(limits)
    broker = Broker(limits, ids.client_id, _may_subscribe, lambda: int(time.time() * 1000), retention=retention)
    return Cometd(broker, _who, new_browser_id=ids.client_id)


def _may_subscribe(identity: str, channel: str) -> bool:
    return channel == f"/client/{identity}"


def _who(scope: Any) -> Authentication | None:
    for name, value in scope["headers"]:
        if name == b"x-client":
            return Authentication(value.decode())
    return None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def _serve(size: int) -> None:
    config = read({}, {}, "the defaults")
    assert isinstance(config, Config)
    cometd = endpoint(config)
    names = [f"/client/{number}" for number in range(config.cometd.sessions_max)]

    def publish(client: int, data: bytes) -> None:
        cometd.broker.publish(str(client), names[client], data)

    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    doors = [CometdDirect(cometd, "")]
    http = direct_http(doors, lambda _origin: None, config.server.request_timeout_s, config.server.head_bytes_max)
    server = uvicorn.Server(same_server(config, cometd, http))
    beside = [asyncio.create_task(cometd.run()), asyncio.create_task(server.serve(sockets=[listener]))]
    _say(f"listening on http://127.0.0.1:{listener.getsockname()[1]}/")
    await publishing.listen(publishing.Publisher(publish, publishing.template(size), _say))
    for task in beside:
        task.cancel()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
