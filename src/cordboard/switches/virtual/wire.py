"""Writing to the WebSocket between an exchange and a server, on either side."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Protocol


class Socket(Protocol):
    """As much of aiohttp's WebSockets as is written to."""

    def send_str(self, data: str) -> Coroutine[Any, Any, None]: ...


def write(socket: Socket, text: str) -> None:
    """Write it now, and not on the loop's next turn: whoever asked for a transfer waits. A coroutine that sends has
    written before it waits, and that is only for the other side to read, which need not be waited for."""
    sending = socket.send_str(text)
    try:
        sending.send(None)
    except StopIteration:
        return
    except OSError:
        return  # the connection is at its end, which whoever reads from it is told
    sending.close()
