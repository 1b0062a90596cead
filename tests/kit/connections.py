"""ASGI connections without a network: what a server hands to an application, played by a test.

``HttpRequest`` and ``WebSocket`` behave as uvicorn does where it matters: a send to a closed HTTP connection is
swallowed silently, one to a closed WebSocket raises OSError, and a disconnect is told again each time it is asked for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Event = MutableMapping[str, Any]
Application = Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]


async def settle() -> None:
    """Let everything that can run now run."""
    for _ in range(12):
        await asyncio.sleep(0)


class HttpRequest:
    """One request and what came back."""

    def __init__(
        self,
        body: bytes,
        method: str = "POST",
        chunks: int = 1,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        query: bytes = b"",
    ):
        self.scope = {
            "type": "http",
            "method": method,
            "path": "/api/v2/notifications",
            "query_string": query,
            "headers": list(headers),
            "client": ("192.0.2.1", 50_000),
        }
        self.status: int | None = None
        self.headers: dict[bytes, bytes] = {}
        self.cookies: list[bytes] = []
        self.body = b""
        self._size = max(1, -(-len(body) // chunks))
        self._unread: bytes | None = body
        self._complete = asyncio.Event()
        self.closed = False
        self.task: asyncio.Task[None] | None = None

    def start(self, app: Application) -> HttpRequest:
        """Serve it in a task of its own."""

        async def serve() -> None:
            await app(self.scope, self.receive, self.send)

        self.task = asyncio.get_running_loop().create_task(serve())
        return self

    async def served(self) -> HttpRequest:
        """Wait for the application to be done with it."""
        assert self.task is not None
        await asyncio.wait_for(self.task, 5)
        return self

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def close(self) -> None:
        """The client's TCP connection closes."""
        self.closed = True
        self._complete.set()

    async def receive(self) -> Event:
        if self._unread is not None and not self.closed:
            chunk, rest = self._unread[: self._size], self._unread[self._size :]
            self._unread = rest or None
            return {"type": "http.request", "body": chunk, "more_body": bool(rest)}
        await self._complete.wait()
        return {"type": "http.disconnect"}

    async def send(self, event: Event) -> None:
        if self.closed:
            return
        if event["type"] == "http.response.start":
            self.status = event["status"]
            self.headers = dict(event["headers"])
            self.cookies = [value for name, value in event["headers"] if name == b"set-cookie"]
        else:
            self.body += event.get("body", b"")
            if not event.get("more_body", False):
                self._complete.set()


class WebSocket:
    """One WebSocket and the frames that came back."""

    def __init__(
        self, app: Application, headers: tuple[tuple[bytes, bytes], ...] = (), state: dict[str, Any] | None = None
    ) -> None:
        self.scope: Event = {"type": "websocket", "path": "/api/v2/notifications", "headers": list(headers)}
        if state is not None:
            self.scope["state"] = state
        self.accepted: Event | None = None
        self.close_code: int | None = None
        self.frames: list[str] = []
        self.writable = asyncio.Event()
        self.writable.set()
        self.failure: Exception | None = None
        self._inbox: asyncio.Queue[Event] = asyncio.Queue()
        self._inbox.put_nowait({"type": "websocket.connect"})

        async def serve() -> None:
            await app(self.scope, self._inbox.get, self.send)

        self.task = asyncio.get_running_loop().create_task(serve())

    def take(self) -> list[Any]:
        """All messages received since the last time, frames put together."""
        frames, self.frames = self.frames, []
        return [message for frame in frames for message in json.loads(frame)]

    @property
    def unread(self) -> int:
        """How many events the application has not asked for yet."""
        return self._inbox.qsize()

    async def say(self, *batch: dict[str, Any]) -> list[Any]:
        """Send a batch; what comes back at once."""
        return await self.say_text(json.dumps(batch))

    async def say_text(self, text: str | bytes) -> list[Any]:
        """Send any text frame, or binary one; what comes back at once."""
        kind = "text" if isinstance(text, str) else "bytes"
        self._inbox.put_nowait({"type": "websocket.receive", kind: text})
        await settle()
        return self.take()

    async def hang_up(self) -> None:
        """The connection closes; the application has to end by itself."""
        self.failure = self.failure or OSError("closed")
        self.writable.set()
        self._inbox.put_nowait({"type": "websocket.disconnect", "code": 1005})
        await asyncio.wait_for(self.task, 5)

    async def send(self, event: Event) -> None:
        await self.writable.wait()
        if self.failure is not None:
            raise self.failure
        match event["type"]:
            case "websocket.accept":
                self.accepted = event
            case "websocket.send":
                self.frames.append(event["text"])
            case _:
                self.close_code = event.get("code", 1000)
                self._inbox.put_nowait({"type": "websocket.disconnect", "code": self.close_code})


class Pipe(asyncio.Transport):
    """What lies beneath uvicorn's protocols: a connection whose bytes are kept."""

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

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None: ...

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...
