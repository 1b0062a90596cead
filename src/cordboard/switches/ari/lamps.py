"""The lamps of telephones: they shine while messages wait for their owners.

Telephones are told by a NOTIFY that they did not ask for, over the manager's connection: what Asterisk has for this
(``/mailboxes`` of ARI) is not built where its own voicemail is, as in Debian's. Nobody hears whether a telephone was
there, so those whose lamps shine are told again and again. Deliberately absent: messages (``server``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

import structlog

from cordboard.calls.model import Number
from cordboard.switches.ari.ami import Ami, AmiSettings

_log = structlog.get_logger()


class Lamps:
    """``endpoints`` are the names of telephones by their numbers; ``refresh_s`` is how often they are told again."""

    def __init__(self, ami: AmiSettings, endpoints: Mapping[Number, str], refresh_s: float) -> None:
        self._ami = Ami(ami)
        self._endpoints = endpoints
        self._refresh_s = refresh_s
        self._counts: dict[Number, tuple[int, int]] = {}
        self._due: dict[Number, None] = {}
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def show(self, number: Number, new: int, heard: int) -> None:
        """So many messages wait, and so many were heard. The telephone is told soon, or when there is time for it."""
        if number in self._endpoints:
            self._counts[number] = new, heard
            self._due[number] = None
            self._news.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._ami.close()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        again = loop.time() + self._refresh_s
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(again):
                    await self._news.wait()
            self._news.clear()
            if loop.time() >= again:
                self._due |= dict.fromkeys(number for number, (new, _) in self._counts.items() if new)
                again = loop.time() + self._refresh_s
            while self._due:
                await self._tell(next(iter(self._due)))

    async def _tell(self, number: Number) -> None:
        del self._due[number]
        failure = await self._ami.message_waiting(self._endpoints[number], *self._counts[number])
        if failure:
            _log.info("a telephone was not told of messages", number=number, why=failure)
