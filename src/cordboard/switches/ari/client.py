"""The client: one connection to ARI, frames out and in, HTTP beside it. Absent: what they mean (``driver``).

Requests travel over the event websocket where Asterisk can do that, and over HTTP where it can't; in both cases one
after the other, in the order in which they were sent (asterisk §2: 0.13 ms against 0.30 ms each).
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TypeAlias

import aiohttp
import msgspec
import structlog

from cordboard.switches.ari import wire
from cordboard.switches.ari.events import AnyMessage, RESTResponse
from cordboard.switches.ari.wire import Request

_log = structlog.get_logger()
HEARTBEAT_S = 5.0
"""A connection over which nothing came back for one and a half times this is given up."""
PROBE_S = 2.0
"""How long Asterisk has to answer the first request over the websocket, before HTTP is used."""
CONNECT_S = 5.0

Answer: TypeAlias = tuple[int, str]
Answers: TypeAlias = Callable[[str, int, str], None]
"""Called with the number of a request, the status and the body of its answer."""


class AriSettings(msgspec.Struct, frozen=True):
    """Where ARI is; ``url`` ends in /ari."""

    url: str
    user: str
    password: str
    app: str

    def __repr__(self) -> str:
        """Without the password: it ends up in log lines and tracebacks."""
        return f"AriSettings({self.url!r}, {self.user!r}, app={self.app!r})"

    @property
    def headers(self) -> dict[str, str]:
        """What proves to Asterisk who asks."""
        proof = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {proof}"}


class LinkError(Exception):
    """There is no connection; the message says why."""


class Client:
    """One connection, from ``connect`` to ``close``."""

    def __init__(self, settings: AriSettings, answered: Answers) -> None:
        self._settings = settings
        self._answered = answered
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._outgoing: deque[tuple[Request, str]] = deque()
        self._wake = asyncio.Event()
        self._sender: asyncio.Task[None] | None = None
        self._asked: dict[str, asyncio.Future[Answer]] = {}
        self._count = 0
        self.over_http = False

    async def connect(self) -> None:
        """Open the websocket. Raises LinkError with what to do about it."""
        settings = self._settings
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S)
        self._session = aiohttp.ClientSession(headers=settings.headers, timeout=timeout)
        address = settings.url.rstrip("/") + "/events"
        try:
            async with asyncio.timeout(CONNECT_S):  # whoever is frozen takes connections and says nothing
                self._socket = await self._session.ws_connect(
                    address, params={"app": settings.app}, heartbeat=HEARTBEAT_S, max_msg_size=0
                )
        except aiohttp.WSServerHandshakeError as error:
            raise LinkError(_refused(error.status, settings)) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise LinkError(f"{address}: {str(error) or 'no answer'}") from error
        self._sender = asyncio.create_task(self._send())

    async def probe(self) -> None:
        """Find out whether requests are taken over the websocket. Its messages must be being read meanwhile."""
        try:
            await asyncio.wait_for(self.ask(wire.info()), PROBE_S)
        except TimeoutError:
            self.over_http = True

    async def close(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
        for waiting in self._asked.values():
            waiting.cancel()
        self._asked.clear()
        if self._socket is not None:
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    # -- requests --------------------------------------------------------------------------------------------------

    def send(self, request: Request, number: str) -> None:
        """Send it after those before it; ``answered`` is called with what comes back."""
        if self.over_http:
            self._outgoing.append((request, number))
            self._wake.set()
        elif self._socket is not None:
            self._write(self._socket, wire.written(request, number).decode())

    def _write(self, socket: aiohttp.ClientWebSocketResponse, frame: str) -> None:
        """Write it now, and not on the loop's next turn: whoever asked for a transfer waits. A coroutine that sends has
        written before it waits, and that is only for the other side to read, which need not be waited for."""
        sending = socket.send_str(frame)
        try:
            sending.send(None)
        except StopIteration:
            return
        except (aiohttp.ClientError, OSError):
            return  # the connection is at its end, which whoever reads from it is told
        sending.close()

    async def ask(self, request: Request) -> Answer:
        """Send it and wait for its answer."""
        self._count += 1
        number = f"ask-{self._count}"
        waiting = self._asked[number] = asyncio.get_running_loop().create_future()
        self.send(request, number)
        try:
            answer: Answer = await waiting
            return answer
        finally:
            self._asked.pop(number, None)

    async def _send(self) -> None:
        """Over HTTP, one after the other."""
        outgoing = self._outgoing
        while True:
            await self._wake.wait()
            self._wake.clear()
            while outgoing:
                request, number = outgoing.popleft()
                self._take(number, *await self._over_http(request))

    async def _over_http(self, request: Request) -> Answer:
        assert self._session is not None  # connected
        try:
            async with self._session.request(
                request.method,
                f"{self._settings.url.rstrip('/')}/{request.path}",
                data=wire.body_of(request) or None,
                headers={"Content-Type": "application/json"} if request.body is not None else None,
            ) as response:
                return response.status, await response.text()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return 599, msgspec.json.encode({"message": str(error)}).decode()

    async def fetch(self, request: Request) -> tuple[int, bytes]:
        """A body that is no text, such as a recording: always over HTTP. Raises OSError or aiohttp.ClientError."""
        assert self._session is not None  # connected
        async with self._session.get(f"{self._settings.url.rstrip('/')}/{request.path}") as response:
            return response.status, await response.read()

    def _take(self, number: str, status: int, body: str) -> None:
        waiting = self._asked.get(number)
        if waiting is None:
            self._answered(number, status, body)
        elif not waiting.done():
            waiting.set_result((status, body))

    # -- events ----------------------------------------------------------------------------------------------------

    async def messages(self) -> AsyncIterator[AnyMessage]:
        """Events, until the connection ends. Answers to requests go where they were asked."""
        assert self._socket is not None  # connected
        try:
            async for frame in self._socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue
                try:
                    message = wire.read(frame.data)
                except wire.UnreadableError as error:
                    _log.warning("Asterisk sent what can't be read", why=str(error))
                    continue
                if isinstance(message, RESTResponse):
                    self._take(message.request_id, message.status_code, message.message_body or "")
                elif message is not None:
                    yield message
        except ConnectionError:
            pass  # it ended just as a ping was to be answered


def _refused(status: int, settings: AriSettings) -> str:
    match status:
        case 401:
            return f"{settings.url}: the user {settings.user!r} or its password is wrong (ari.conf)"
        case 404:
            return f"{settings.url}: there is no ARI: is it enabled (ari.conf), and does the address end in /ari?"
        case 503:
            return f"{settings.url}: Asterisk is still starting"
        case _:
            return f"{settings.url}: it answers {status}"
