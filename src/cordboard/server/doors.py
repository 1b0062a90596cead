"""Reading a body and writing an answer, for bare ASGI callables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from enum import Enum
from typing import Any, TypeAlias

Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"


class BodyFault(Enum):
    TOO_LARGE = "too large"


async def read_body(receive: Receive, bytes_max: int) -> bytes | BodyFault | None:
    """The whole body, or what is wrong with it, or None if the client left before its end."""
    event = await receive()
    if event["type"] == "http.disconnect":
        return None
    body: bytes = event.get("body", b"")
    while event.get("more_body", False) and len(body) <= bytes_max:
        event = await receive()
        if event["type"] == "http.disconnect":
            return None
        body += event.get("body", b"")
    return body if len(body) <= bytes_max else BodyFault.TOO_LARGE


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """One whole answer."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})
