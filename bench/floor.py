"""The floor: a bare ASGI application that answers and pushes what was recorded, without thinking.

It runs on the very uvicorn configuration that the product runs on. A request to ``/floor/{desk}/{step}/…`` is read to
the end of its body, answered with the recorded answer, and then the recorded frames are pushed over every WebSocket
that was opened at ``/floor/{desk}``. It is what the product's work would cost if there were no calls in it.

``python -m bench.floor RECORDING`` serves a ``Recording`` as JSON and says where it listens.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import uvicorn
import uvloop

from cordboard.server import app as product
from cordboard.server.cometd_wire import ImpatientHttp
from cordboard.server.config import Config, read

Scope: TypeAlias = "MutableMapping[str, Any]"
Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"


class Step(msgspec.Struct, frozen=True):
    """One request of a transfer: its answer's body and what is pushed to each subscriber, frame by frame.

    ``messages`` is how many notifications those frames carry.
    """

    answer: str
    frames: tuple[str, ...]
    messages: int


class Recording(msgspec.Struct, frozen=True):
    """A whole transfer as the product served it."""

    steps: tuple[Step, ...]
    desks: int
    path_lengths: tuple[int, ...]

    def path(self, desk: int, step: int) -> str:
        """The path of a step's request, as long as the product's own."""
        return f"/floor/{desk}/{step}/".ljust(self.path_lengths[step], "x")


class Floor:
    """The application. Everything is looked up by path; bodies and frames are ready."""

    def __init__(self, recording: Recording) -> None:
        self._sockets: dict[str, list[Send]] = {f"/floor/{desk}": [] for desk in range(recording.desks)}
        self._answers: dict[str, tuple[Any, Any, list[Any], list[Send]]] = {}
        for desk in range(recording.desks):
            for number, step in enumerate(recording.steps):
                self._answers[recording.path(desk, number)] = (
                    *_answer(step.answer.encode()),
                    [{"type": "websocket.send", "text": frame} for frame in step.frames],
                    self._sockets[f"/floor/{desk}"],
                )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_websocket(self._sockets[scope["path"]], receive, send)
            return
        start, body, frames, sockets = self._answers[scope["path"]]
        while (await receive()).get("more_body", False):
            pass
        await send(start)
        await send(body)
        for frame in frames:
            for push in sockets:
                await push(frame)

    async def _serve_websocket(self, sockets: list[Send], receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        sockets.append(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        sockets.remove(send)


def _answer(body: bytes) -> tuple[Any, Any]:
    headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def same_server(config: Config, application: Any, http: type[ImpatientHttp] | None = None) -> uvicorn.Config:
    """The product's own server configuration around another application: whatever is tuned there is tuned here."""
    return product._uvicorn(config, application, http)


async def _serve(recording: Recording) -> None:
    config = read({}, {}, "the defaults")
    assert isinstance(config, Config)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(same_server(config, Floor(recording)))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    sys.stdout.write(f"floor listening on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await serving


if __name__ == "__main__":
    uvloop.run(_serve(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Recording)))
