"""Reading a body and writing an answer, for bare ASGI callables. Files are read by threads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeAlias

Receive: TypeAlias = "Callable[[], Awaitable[MutableMapping[str, Any]]]"
Send: TypeAlias = "Callable[[MutableMapping[str, Any]], Awaitable[None]]"


FILE_PART_BYTES = 65_536
"""So much of a file is in memory at a time."""


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


async def respond_with_file(send: Send, path: Path, *headers: tuple[bytes, bytes]) -> bool:
    """One answer with a file as its body, part by part; False, and nothing sent, if the file can't be opened."""
    run = asyncio.get_running_loop().run_in_executor
    try:
        file = await run(None, path.open, "rb")
    except OSError:
        return False
    try:
        length = (b"content-length", b"%d" % os.fstat(file.fileno()).st_size)
        await send({"type": "http.response.start", "status": 200, "headers": [length, *headers]})
        while part := await run(None, file.read, FILE_PART_BYTES):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        file.close()
    return True
