"""What lies beneath the ASGI application, where that needs to know more of its connections than ASGI tells.

``AskingWebSocket`` lets the application ask a peer, by a ping, whether what was written has arrived: messages that were
written into a connection that died unnoticed are kept until then (``cometd_ws``). It also writes frames without the
detour over ASGI, which pays for the pings and more. ``ImpatientHttp`` closes connections on which no whole request
arrives in time, or one whose head is too large, which uvicorn waits for without end, and tells requests of its end.

Deliberately absent: answering requests (``cometd_direct``), and everything else; these are uvicorn's protocols with a
few lines more.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.protocol import State

WIRE = "cordboard.wire"
"""Where the application finds the wire of its WebSocket, in ``scope["state"]``."""
LINE = "cordboard.line"
"""Where it finds the line that a request came by."""

_NOT_TEXT = 1007
_PONG = b"\x8a\x84"
"""How a pong with four bytes begins, when it comes from a client: the bytes are masked."""


class Wire:
    """One WebSocket's short way past ASGI. ``answered`` is the application's to set."""

    __slots__ = ("answered", "ask", "write")

    def __init__(self, ask: Callable[[], bool], write: Callable[[bytes, bool], bool]) -> None:
        self.ask = ask
        """Ask whether everything has arrived; False if that can't be asked, or the last answer is still to come."""
        self.write = write
        """Write a text frame, and a question behind it if so asked; False, and nothing written, if that must be left
        to ASGI, which can wait."""
        self.answered: Callable[[], None] = _nothing


def _nothing() -> None:
    pass


class Line:
    """One HTTP connection, and whether it is known to be closed."""

    __slots__ = ("lost",)

    def __init__(self) -> None:
        self.lost = False


def line_of(scope: MutableMapping[str, Any]) -> Line | None:
    """The connection of a request, if the server beneath tells."""
    line = scope.get("state", {}).get(LINE)
    return line if isinstance(line, Line) else None


class AskingWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, and a wire for the application."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wire = Wire(self._ask, self._write_now)
        self.app_state = {**self.app_state, WIRE: self.wire}
        self._question = 0
        self._pending = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        # What the system does not take at once stays in the session's queue, and nothing waits for another turn.
        cast(Transport, transport).set_write_buffer_limits(high=0)

    @property
    def _open(self) -> bool:
        return self.conn.state is State.OPEN and not self.close_sent and not self.transport.is_closing()

    def _ask(self) -> bool:
        if self._pending or not self._open:
            return False
        self.transport.write(self._next_question())
        return True

    def _next_question(self) -> bytes:
        self._question = (self._question + 1) & 0xFFFFFFFF
        self._pending = True
        return b"\x89\x04%b" % self._question.to_bytes(4, "big")

    def _write_now(self, text: bytes, ask: bool) -> bool:
        if not self.writable.is_set() or self.conn.extensions or not self._open:
            return False
        frame = _head(len(text)) + text
        self.transport.write(frame + self._next_question() if ask else frame)
        return True

    def data_received(self, data: bytes) -> None:
        # The answer usually comes alone, and there is one for nearly every message: worth a short cut. What only looks
        # like it, in the middle of something else, would have to carry the right number.
        if self._pending and len(data) == 10 and data.startswith(_PONG):
            mask, masked = int.from_bytes(data[2:6], "big"), int.from_bytes(data[6:], "big")
            if mask ^ masked == self._question:
                self._answered()
                return
        super().data_received(data)

    def send_receive_event_to_app(self) -> None:
        """uvicorn does the same with text that is not UTF-8, and logs a traceback for each."""
        if self.curr_msg_data_type == "text" and not self.close_sent and not _is_text(self.frames):
            self.frames = []
            self.conn.send_close(_NOT_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def handle_pong(self, event: Frame) -> None:
        if self._pending and bytes(event.data) == self._question.to_bytes(4, "big"):
            self._answered()
        else:
            super().handle_pong(event)

    def _answered(self) -> None:
        self._pending = False
        self.wire.answered()


def _is_text(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


def _head(length: int) -> bytes:
    """The head of a frame of text from a server: whole and unmasked."""
    if length < 126:
        return b"\x81%c" % length
    if length < 65_536:
        return b"\x81\x7e%b" % length.to_bytes(2, "big")
    return b"\x81\x7f%b" % length.to_bytes(8, "big")


class ImpatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP connection with an end to waiting."""

    request_timeout_s: float = 20.0
    head_bytes_max: int = 65_536

    line: Line
    """Tells the application when this connection is closed."""
    _timer: TimerHandle | None = None
    _waiting_since: float | None = None
    """Since when a whole request has been waited for; None while one is answered, or none has begun."""
    _in_head = True
    _head_bytes = 0

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self.line = Line()
        self.app_state = {**self.app_state, LINE: self.line}
        self._waiting_since = self.loop.time()
        self._timer = self.loop.call_later(self.request_timeout_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        self.line.lost = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and self._waiting_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > self.head_bytes_max:
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        if self._waiting_since is None:
            self._waiting_since = self.loop.time()
            self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._waiting_since = None
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop()
        super().handle_websocket_upgrade()

    def _look(self) -> None:
        """One timer a connection, not one a request: see whether the time of the present one, if any, is over."""
        now = self.loop.time()
        since = now if self._waiting_since is None else self._waiting_since
        left_s = since + self.request_timeout_s - now
        if left_s > 0:
            self._timer = self.loop.call_later(left_s, self._look)
        else:
            self._timer = None
            self.transport.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


@lru_cache
def impatient_http(timeout_s: float, bytes_max: int) -> type[ImpatientHttp]:
    """``ImpatientHttp`` with these limits."""

    class Configured(ImpatientHttp):
        request_timeout_s = timeout_s
        head_bytes_max = bytes_max

    return Configured
