"""The publisher inside our server of ``fanout``; bench/peers/publishing.js is the very same for the other servers.

It is told what to do by lines on standard input, and says on standard output how many messages it has published:

``begin RATE CLIENTS``  publish so many messages each second, one client after the other; 0 is as credit permits
``credit COUNT``        so many more may be under way (for rate 0)
``end``                 stop, and say ``published COUNT``: how many in this process's life

Deliberately absent: what publishing is (``fanout_server``).
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec

TICK_S = 0.002
"""How often a paced publisher looks at the clock."""
_BURST = 50
_TEXT = "Everything about a call that a desktop wants to know. "


def template(size: int) -> dict[str, Any]:
    """What is published, but for its number and its time: with those, about so many bytes of JSON."""
    fixed = len(msgspec.json.encode({"text": "", "n": 10**6, "t": 10**11}))
    text = _TEXT * (size // len(_TEXT) + 1)
    return {"text": text[: size - fixed]}


class Publisher:
    """Publishes to client after client. ``publish`` gets a client's number and the data, ready JSON."""

    def __init__(self, publish: Callable[[int, bytes], None], message: dict[str, Any], say: Callable[[str], None]):
        self._publish = publish
        self._message = message
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._published = 0
        self._clients = 1
        self._rate = 0.0
        self._began = 0.0
        self._began_at = 0
        self._credit = 0
        self._timer: asyncio.Handle | None = None

    def told(self, line: str) -> None:
        """One line of what to do."""
        match line.split():
            case ["begin", rate, clients]:
                self._rate, self._clients, self._credit = float(rate), int(clients), 0
                self._began, self._began_at = self._loop.time(), self._published
                if self._rate:
                    self._keep_pace()
            case ["credit", count]:
                self._credit += int(count)
                if self._timer is None:
                    self._timer = self._loop.call_soon(self._spend)
            case ["end"]:
                self._credit = 0
                if self._timer is not None:
                    self._timer.cancel()
                    self._timer = None
                self._say(f"published {self._published}")
            case _:
                raise ValueError(line)

    def _keep_pace(self) -> None:
        due = self._began_at + int((self._loop.time() - self._began) * self._rate)
        while self._published < due:
            self._one()
        self._timer = self._loop.call_later(TICK_S, self._keep_pace)

    def _spend(self) -> None:
        burst = min(self._credit, _BURST)
        self._credit -= burst
        for _ in range(burst):
            self._one()
        self._timer = self._loop.call_soon(self._spend) if self._credit else None

    def _one(self) -> None:
        number = self._published
        self._published += 1
        data = {**self._message, "n": number, "t": time.monotonic_ns() // 1_000}
        self._publish(number % self._clients, msgspec.json.encode(data))


async def listen(publisher: Publisher) -> None:
    """Do what standard input says until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        publisher.told(line.decode())
