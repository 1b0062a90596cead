"""What lies beneath the ASGI application, where that needs to know more of its connections than ASGI tells.

``AskingWebSocket`` lets the application ask a peer, by a ping, whether what was written has arrived: messages that were
written into a connection that died unnoticed are kept until then (``cometd_ws``). ``ImpatientHttp`` closes connections
on which no whole request arrives in time, or one whose head is too large, which uvicorn waits for without end.

Deliberately absent: everything else; both are uvicorn's protocols with a few lines more.
"""

from __future__ import annotations

from asyncio import BaseTransport, TimerHandle, Transport
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

WIRE = "cordboard.wire"
"""Where the application finds the wire of its WebSocket, in ``scope["state"]``."""


class Wire:
    """One WebSocket's way to ask whether everything has arrived. ``asked`` and ``answered`` are the application's."""

    __slots__ = ("_ping", "answered", "asked")

    def __init__(self, ping: Callable[[], None]) -> None:
        self._ping = ping
        self.asked: Callable[[], None] = _nothing
        self.answered: Callable[[], None] = _nothing

    def ask(self) -> None:
        """Ask now, unless the answer to an earlier question is still to come."""
        self._ping()


def _nothing() -> None:
    pass


class AskingWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, whose pings ask for the application as well."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wire = Wire(self._ping_now)
        self.app_state = {**self.app_state, WIRE: self.wire}

    def _ping_now(self) -> None:
        if self.pending_ping_payload is None and self.ping_timer is not None:
            self.ping_timer.cancel()
            self.send_keepalive_ping()

    def send_keepalive_ping(self) -> None:
        super().send_keepalive_ping()
        if self.pending_ping_payload is not None:
            self.wire.asked()

    def handle_pong(self, event: Frame) -> None:
        pending = self.pending_ping_payload
        super().handle_pong(event)
        if pending is not None and self.pending_ping_payload != pending:
            self.wire.answered()


class ImpatientHttp(HttpToolsProtocol):
    """uvicorn's HTTP connection with an end to waiting."""

    request_timeout_s: float = 20.0
    head_bytes_max: int = 65_536
    request_timer: TimerHandle | None = None
    head_bytes: int = 0
    in_head: bool = True

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast(Transport, transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.in_head:
            self.head_bytes += len(data)
        super().data_received(data)
        if self.in_head and self.head_bytes > self.head_bytes_max:
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self.request_timer is None:
            self._wait()

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._wait_no_more()
        self.in_head, self.head_bytes = True, 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._wait_no_more()
        super().handle_websocket_upgrade()

    def _wait(self) -> None:
        self.request_timer = self.loop.call_later(self.request_timeout_s, self._give_up)

    def _wait_no_more(self) -> None:
        if self.request_timer is not None:
            self.request_timer.cancel()
            self.request_timer = None

    def _give_up(self) -> None:
        self.request_timer = None
        self.transport.close()


@lru_cache
def impatient_http(timeout_s: float, bytes_max: int) -> type[ImpatientHttp]:
    """``ImpatientHttp`` with these limits."""

    class Configured(ImpatientHttp):
        request_timeout_s = timeout_s
        head_bytes_max = bytes_max

    return Configured
