"""Connections to a server's own HTTP, byte by byte and without a network."""

from __future__ import annotations

import json
from typing import Any

from tests.kit.connections import Pipe, settle
from uvicorn import Config
from uvicorn.server import ServerState

from cordboard.server.cometd_wire import AskingWebSocket
from cordboard.server.direct import DirectHttp


class Answer:
    """One response as it came."""

    def __init__(self, raw: bytes) -> None:
        head, _, rest = raw.partition(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        self.status = int(status.split()[1])
        self.headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
        length = int(dict(self.headers)[b"content-length"])
        self.body, self.rest = rest[:length], rest[length:]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpLine:
    """One connection to the server."""

    def __init__(self, kind: type[DirectHttp], app: Any, state: ServerState, **options: Any) -> None:
        quiet: dict[str, Any] = {"lifespan": "off", "log_config": None, "server_header": False, "date_header": False}
        config = Config(app, interface="asgi3", ws=AskingWebSocket, **quiet, **options)
        self.pipe = Pipe()
        self.protocol = kind(config, state, {})
        self.protocol.connection_made(self.pipe)

    async def say(self, raw: bytes) -> None:
        if raw:
            self.protocol.data_received(raw)
        await settle()

    def hear(self) -> list[Answer]:
        """What has been answered since the last time."""
        answers, raw = [], self.pipe.take()
        while raw:
            answers.append(Answer(raw))
            raw = answers[-1].rest
        return answers

    async def ask(self, raw: bytes) -> Answer:
        """What is answered at once."""
        await self.say(raw)
        (answer,) = self.hear()
        return answer

    async def close(self) -> None:
        self.pipe.closed = True
        self.protocol.connection_lost(None)
        await settle()


def http(body: bytes, *headers: bytes, path: str, method: str = "POST") -> bytes:
    """A request as it is sent."""
    lines = b"".join(b"%b\r\n" % header for header in headers)
    head = f"{method} {path} HTTP/1.1\r\nHost: gw\r\n".encode()
    return b"%b%bContent-Length: %d\r\n\r\n%b" % (head, lines, len(body), body)
