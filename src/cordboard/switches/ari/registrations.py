"""Which telephones are registered, as far as Asterisk says: it is asked again and again.

It would tell of changes by itself, but only to an application that then hears of every hold twice (asterisk §2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import aiohttp
import msgspec
import structlog

from cordboard.calls.model import Number
from cordboard.switches.ari.client import AriSettings
from cordboard.switches.ari.events import Endpoint

_log = structlog.get_logger()
_decode = msgspec.json.Decoder(list[Endpoint]).decode
_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError)
TIMEOUT_S = 5.0


class Registrations:
    """``endpoints`` are dial strings, such as PJSIP/5001, by their numbers."""

    def __init__(self, ari: AriSettings, endpoints: Mapping[Number, str], refresh_s: float) -> None:
        self._ari = ari
        self._endpoints = endpoints
        self._refresh_s = refresh_s
        self._states: Mapping[str, str | None] = {}
        self._task: asyncio.Task[None] | None = None

    def is_registered(self, number: Number) -> bool | None:
        """None if nobody knows."""
        return _KNOWN.get(self._states.get(self._endpoints.get(number, "")) or "")

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(headers=self._ari.headers, timeout=timeout) as session:
            while True:
                try:
                    self._states = await self._asked(session)
                except _FAILURES as error:
                    _log.debug("registrations are not known", why=str(error) or "no answer")
                    self._states = {}
                await asyncio.sleep(self._refresh_s)

    async def _asked(self, session: aiohttp.ClientSession) -> dict[str, str | None]:
        async with session.get(f"{self._ari.url.rstrip('/')}/endpoints", raise_for_status=True) as answer:
            return {f"{one.technology}/{one.resource}": one.state for one in _decode(await answer.read())}


_KNOWN = {"online": True, "offline": False}
