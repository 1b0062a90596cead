"""The link between cordboard and Asterisk's HTTP server, which can be watched, cut, frozen and forged: a TCP proxy.

Frames of the websocket are looked at as they pass, so that the link can be cut at a chosen one: before Asterisk gets a
request, or after it has done it and before the answer gets back. A request can be made another on its way, so that
Asterisk itself refuses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from tests.kit.shutting import shut

_CHUNK = 65_536


class Link:
    """``url`` is the way through it. ``requests`` and ``events`` are what passed, as JSON."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()
        self._frozen = False
        self.requests: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.watch_request: Callable[[dict[str, Any]], bool] = lambda _: False
        """Whether the link is cut before this request gets there."""
        self.watch_event: Callable[[dict[str, Any]], bool] = lambda _: False
        """Whether the link is cut before this event, or answer, gets there."""
        self.forge: Callable[[dict[str, Any]], dict[str, Any]] = lambda request: request
        """What gets there instead of this request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}{self._target.path}"

    async def mend(self) -> None:
        """Connections are possible (again); those that were frozen are found to be dead."""
        if self._frozen:
            self._frozen = False
            self._abort()
        if self._server is not None:
            return
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """All connections break, and there are no new ones."""
        if self._server is not None:
            shut(self._server)
            self._server = None
        self._abort()

    def _abort(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def freeze(self) -> None:
        """Whatever is sent is lost, and nobody is told."""
        self._frozen = True

    async def close(self) -> None:
        self.cut()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            writer.transport.abort()
            return
        if self._server is None:  # cut meanwhile
            writer.transport.abort()
            far_writer.transport.abort()
            return
        for source, sink, look in (
            (reader, far_writer, Frames(self._request)),
            (far_reader, writer, Frames(self._event)),
        ):
            self._writers.add(sink)
            pump = asyncio.create_task(self._pump(source, sink, look))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, frames: Frames) -> None:
        try:
            while data := await source.read(_CHUNK):
                for whole in frames.feed(data):
                    if not self._frozen:
                        sink.write(whole)
                await sink.drain()
        except (OSError, _CutError):
            pass
        finally:
            self._writers.discard(sink)
            sink.transport.abort()

    def _request(self, text: bytes) -> bytes:
        request = msgspec.json.decode(text)
        self.requests.append(request)
        if self.watch_request(request):
            self.cut()
            raise _CutError
        forged = self.forge(request)
        return text if forged is request else msgspec.json.encode(forged)

    def _event(self, text: bytes) -> bytes:
        event = msgspec.json.decode(text)
        self.events.append(event)
        if self.watch_event(event):
            self.cut()
            raise _CutError
        return text


class _CutError(Exception):
    """This frame does not get there."""


class Frames:
    """Takes a stream of one direction apart: the HTTP head, then frames of a websocket, of which text is looked at, and
    goes on as ``look`` returns it. What is no websocket passes unseen."""

    def __init__(self, look: Callable[[bytes], bytes]) -> None:
        self._look = look
        self._rest = b""
        self._state = "head"

    def feed(self, data: bytes) -> list[bytes]:
        """What may go on now: whole frames."""
        self._rest += data
        out: list[bytes] = []
        while piece := self._piece():
            out.append(piece)
        return out

    def _piece(self) -> bytes:
        if self._state == "plain":
            piece, self._rest = self._rest, b""
            return piece
        if self._state == "head":
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return b""
            self._state = "frames" if b"websocket" in head.lower() else "plain"
            self._rest = rest
            return head + end
        return self._frame()

    def _frame(self) -> bytes:
        rest = self._rest
        if len(rest) < 2:
            return b""
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(rest[2 : 2 + width], "big"), 2 + width
        mask = b""
        if rest[1] & 0x80:
            mask, at = rest[at : at + 4], at + 4
        if len(rest) < at + size:
            return b""
        frame, self._rest = rest[: at + size], rest[at + size :]
        if frame[0] & 0x0F == 1:
            body = frame[at:]
            if mask:
                key = (mask * (size // 4 + 1))[:size]
                body = (int.from_bytes(body, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
            looked_at = self._look(body)
            if looked_at != body:
                return _text_frame(looked_at)
        return frame


def _text_frame(body: bytes) -> bytes:
    """As a client sends it, with a mask that changes nothing."""
    return b"\x81\xfe" + len(body).to_bytes(2, "big") + bytes(4) + body
