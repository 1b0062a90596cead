"""Lean client connections: HTTP with keep-alive and WebSocket, straight on asyncio protocols.

The load generator must cost less than the server that it drives, so requests are made beforehand and answers are read
only as far as needed. Deliberately absent: what is sent and why (``desks``).
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
_SHORT, _MEDIUM = 126, 127


class LineError(Exception):
    """The server did something that the benchmark can't go on with."""


class _Line(asyncio.Protocol):
    """A TCP connection that tells of its end."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.failure: Callable[[Exception], None] = _raise

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._transport = None
            self.failure(exc or LineError("the server closed a connection"))

    def write(self, data: bytes) -> None:
        if self._transport is None:
            raise LineError("the connection is closed")
        self._transport.write(data)

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()


def _raise(error: Exception) -> None:
    raise error


class HttpLine(_Line):
    """One connection, one request at a time. ``answered`` gets status, head and body of each response."""

    def __init__(self) -> None:
        super().__init__()
        self.answered: Callable[[int, bytes, bytes], None] = lambda _status, _head, _body: None

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        end = buffer.find(_HEAD_END)
        if end < 0:
            self._buffer = buffer
            return
        head = buffer[: end + 2]
        found = _LENGTH.search(head)
        if found is None:
            self.failure(LineError(f"a response without content-length: {head[:80]!r}"))
            return
        body_end = end + 4 + int(found[1])
        if len(buffer) < body_end:
            self._buffer = buffer
            return
        self._buffer = buffer[body_end:]
        self.answered(int(head[9:12]), head, buffer[end + 4 : body_end])

    async def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """One request outside the measured part."""
        answer = asyncio.get_running_loop().create_future()
        before, self.answered = self.answered, lambda *parts: answer.set_result(parts)
        self.write(request)
        try:
            return cast("tuple[int, bytes, bytes]", await asyncio.wait_for(answer, 10))
        finally:
            self.answered = before


class SocketLine(_Line):
    """One WebSocket. ``heard`` gets the payload of each text message; pings are answered."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Callable[[bytes], None] = lambda _payload: None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def upgrade(self, host: str, path: str, headers: bytes) -> None:
        """Ask for the upgrade; ``opened`` is done when the server agreed. ``headers`` are whole lines."""
        key = base64.b64encode(os.urandom(16))
        self.write(
            b"GET %b HTTP/1.1\r\nHost: %b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n%b\r\n"
            % (path.encode(), host.encode(), key, headers)
        )

    def send(self, payload: bytes) -> None:
        self._send_frame(_TEXT, payload)

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        self.write(client_frame(opcode, payload))

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            end = buffer.find(_HEAD_END)
            if end < 0:
                self._buffer = buffer
                return
            if b" 101 " not in buffer[:20]:
                self.opened.set_exception(LineError(f"no WebSocket: {buffer[:end][:200]!r}"))
                return
            self.opened.set_result(None)
            buffer = buffer[end + 4 :]
        while True:
            found = read_frame(buffer)
            if found is None:
                break
            opcode, payload, end = found
            buffer = buffer[end:]
            if opcode == _TEXT:
                self.heard(payload)
            elif opcode == _PING:
                self._send_frame(_PONG, payload)
            elif opcode == _CLOSE:
                self.failure(LineError(f"the server closed a WebSocket: {payload!r}"))
        self._buffer = buffer


def client_frame(opcode: int, payload: bytes) -> bytes:
    """A final frame, masked as a client's must be, with zeros, which costs nothing (RFC 6455 §5.2)."""
    length = len(payload)
    if length < _SHORT:
        head = bytes((0x80 | opcode, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((0x80 | opcode, 0x80 | _SHORT)) + length.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0x80 | _MEDIUM)) + length.to_bytes(8, "big")
    return head + bytes(4) + payload


def read_frame(buffer: bytes) -> tuple[int, bytes, int] | None:
    """Opcode and payload of the first frame, unmasked as servers send them, and where it ends; None if incomplete."""
    if len(buffer) < 2:
        return None
    length, start = buffer[1], 2
    if length == _SHORT:
        length, start = int.from_bytes(buffer[2:4], "big"), 4
    elif length == _MEDIUM:
        length, start = int.from_bytes(buffer[2:10], "big"), 10
    end = start + length
    return (buffer[0] & 0x0F, buffer[start:end], end) if len(buffer) >= max(end, start) else None
