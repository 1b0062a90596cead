"""A visit: an application of the doctor's own at Asterisk, what it asks and what it hears.

It never connects under the name that a server may have: that would put the server out (asterisk §2). Deliberately
absent: what is asked (``rounds``, ``trials``), what answers mean (the dry modules).
"""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

import aiohttp
import msgspec

from cordboard.switches.ari import wire
from cordboard.switches.ari.client import AriSettings, Client, LinkError
from cordboard.switches.ari.events import AnyMessage

T = TypeVar("T")
PREFIX = "cordboard-doctor-"
"""How everything begins that a doctor leaves at Asterisk, and takes away again."""


class RefusedError(Exception):
    """A request was refused; the message says which and why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Greeting(msgspec.Struct, frozen=True):
    """The first answer: who it is, and how far its clock is ahead of ours."""

    version: str
    skew_s: float | None


class Visit:
    """One connection, from ``open`` to ``close``. ``name`` is its application; what it makes begins so, too."""

    def __init__(self, settings: AriSettings, name: str, timeout_s: float, wall: Callable[[], float]) -> None:
        self.settings = settings
        self.name = name
        self.timeout_s = timeout_s
        self._wall = wall
        self._client = Client(msgspec.structs.replace(settings, app=name), lambda *_: None)
        self._heard: list[AnyMessage] = []
        self._news = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._count = 0

    async def greet(self) -> Greeting:
        """Ask it who it is, over HTTP. Raises LinkError with what to do about it."""
        settings, url = self.settings, self.settings.url.rstrip("/")
        proof = b64encode(f"{settings.user}:{settings.password}".encode()).decode()
        timeout = aiohttp.ClientTimeout(total=self.timeout_s)
        before = self._wall()
        try:
            async with (
                aiohttp.ClientSession(headers={"Authorization": f"Basic {proof}"}, timeout=timeout) as session,
                session.get(f"{url}/asterisk/info") as response,
            ):
                status, body, date = response.status, await response.read(), response.headers.get("Date", "")
        except TimeoutError as error:
            raise LinkError(f"{url}: no answer within {self.timeout_s:g} s") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise LinkError(f"{url}: its certificate is not trusted here: {error.certificate_error}") from error
        except aiohttp.ClientConnectorError as error:
            raise LinkError(f"{url}: {_why(error.os_error)}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise LinkError(f"{url}: something answers, but it does not speak HTTP") from error
        if status != 200:
            raise RefusedError(status, f"{url}: it answers {status}")
        try:
            version = msgspec.json.decode(body, type=_Info).system.version
        except msgspec.MsgspecError as error:
            raise LinkError(f"{url}: something answers, but it is not Asterisk") from error
        return Greeting(version, _skew(date, before, self._wall()))

    async def open(self) -> bool:
        """Connect. Whether requests have to go over HTTP. Raises LinkError."""
        async with asyncio.timeout(self.timeout_s):
            await self._client.connect()
        self._reader = asyncio.create_task(self._read())
        await self._client.probe()
        return self._client.over_http

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._client.close()

    async def _read(self) -> None:
        async for message in self._client.messages():
            self._heard.append(message)
            self._news.set()

    # -- asking ----------------------------------------------------------------------------------------------------

    async def ask(self, request: wire.Request) -> tuple[int, str]:
        """Status and body. Raises LinkError if the connection is gone."""
        if self._reader is None or self._reader.done():
            raise LinkError("Asterisk closed the connection")
        async with asyncio.timeout(self.timeout_s):
            return await self._client.ask(request)

    async def expect(self, request: wire.Request) -> str:
        """The body. Raises RefusedError."""
        status, body = await self.ask(request)
        if not request.is_done_by(status):
            raise RefusedError(status, wire.explained(request, status, body))
        return body

    async def read(self, path: str, kind: type[T]) -> T:
        """What GET answers, as a value. Raises RefusedError, msgspec.MsgspecError."""
        return msgspec.json.decode(await self.expect(wire.Request("GET", path)), type=kind)

    async def fetch(self, path: str) -> bytes:
        """A body over HTTP. Raises RefusedError."""
        request = wire.Request("GET", path)
        async with asyncio.timeout(self.timeout_s):
            status, body = await self._client.fetch(request)
        if status != 200:
            raise RefusedError(status, wire.explained(request, status, body))
        return body

    # -- hearing ---------------------------------------------------------------------------------------------------

    def new_name(self, what: str) -> str:
        """For something that is made at Asterisk."""
        self._count += 1
        return f"{self.name}-{what}-{self._count}"

    async def until(self, is_it: Callable[[AnyMessage], bool]) -> tuple[AnyMessage, ...]:
        """What was heard up to the message that is it; all that was heard if it does not come in time."""
        seen = 0
        try:
            async with asyncio.timeout(self.timeout_s):
                while True:
                    for index in range(seen, len(self._heard)):
                        if is_it(self._heard[index]):
                            return tuple(self._heard[: index + 1])
                    seen = len(self._heard)
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return tuple(self._heard)


class _System(msgspec.Struct, frozen=True):
    version: str


class _Info(msgspec.Struct, frozen=True):
    system: _System


def _why(error: OSError) -> str:
    """In the system's words, but for names that can't be resolved: those have numbers of their own, below zero."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else error.strerror or str(error)


def _skew(date: str, before: float, after: float) -> float | None:
    """The header is in whole seconds, cut off: its second is anywhere within this one."""
    try:
        told = parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
    if before - 1 <= told <= after:
        return 0.0
    return told - after if told > after else told + 1 - before
