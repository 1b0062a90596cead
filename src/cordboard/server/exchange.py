"""``cordboard exchange``: the virtual exchange as a process of its own, which outlives the servers that it has.

It serves ``/lab/v1``, the link for servers and ``/healthz``. Deliberately absent: who has the exchange and what is told
(``switches.virtual.station``), what the lab answers (``switches.virtual.lab``).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
import structlog
import uvloop
from aiohttp import WSMsgType, web

from cordboard import __version__
from cordboard.server import listening
from cordboard.server.clock import Clock
from cordboard.server.config import Config, Log
from cordboard.server.switching import plan
from cordboard.server.web import LAB, is_loopback
from cordboard.switches.virtual import frames
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.lab import Lab
from cordboard.switches.virtual.station import Station
from cordboard.switches.virtual.wire import write

_log = structlog.get_logger()
HEARTBEAT_S = 5.0
"""A server from which nothing came back for one and a half times this is gone."""
UNSENT_BYTES_MAX = 8_388_608
"""So much may wait for a server to read; then the connection is ended, and the next one begins afresh."""
_BODY_BYTES_MAX = 262_144
_FRAME_BYTES_MAX = 16_777_216
_GOODBYE_S = 1.0
_JSON = "application/json"
_encode = msgspec.json.Encoder().encode
_FRONT = """cordboard {version}, the virtual exchange
/lab/v1/phones  the phones, and who hears whom (docs/lab.md)
/healthz        for monitors: that it lives, and whether a server has it
"""


class Settings(msgspec.Struct, frozen=True):
    """What an exchange needs to know."""

    listen: str = ""
    clients: Literal["loopback", "any"] = "loopback"
    plan: Plan = Plan()
    log: Log = Log()

    @classmethod
    def of(cls, config: Config) -> Settings:
        """Those in the configuration of the server that is to use it."""
        virtual = config.switch.virtual
        return cls(virtual.exchange, config.server.lab_clients, plan(virtual, config.directory), config.log)


class _Health(msgspec.Struct, frozen=True):
    """``GET /healthz``."""

    version: str
    served: bool
    status: str = "ok"


class SocketWire:
    """Implements ``station.Wire`` with a WebSocket of aiohttp's."""

    def __init__(self, request: web.Request) -> None:
        self.socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, max_msg_size=_FRAME_BYTES_MAX, timeout=_GOODBYE_S, compress=False
        )
        self._request = request
        self._closing: asyncio.Task[bool] | None = None

    def send(self, text: str) -> None:
        transport = self._request.transport
        if self._closing is not None or transport is None:
            return  # it is at its end
        if transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            transport.abort()
            return
        write(self.socket, text)

    def hang_up(self, code: int, why: str) -> None:
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.socket.close(code=code, message=why.encode()[:120]))

    async def run(self, station: Station) -> None:
        """Until the connection ends."""
        await self.socket.prepare(self._request)
        station.welcome(self)
        try:
            async for message in self.socket:
                if message.type is WSMsgType.TEXT and self._closing is None:
                    station.hear(self, message.data)
        except ConnectionError:
            pass  # it ended just as a ping was to be answered
        finally:
            station.gone(self)
            if self._closing is not None:
                await self._closing


class ExchangeHouse:
    """An exchange and its doors, on the running loop."""

    def __init__(self, settings: Settings, clock: Callable[[], float] | None = None) -> None:
        self._settings = settings
        self._clock = clock or Clock().now
        # Servers remember legs of the exchange before this one.
        exchange = Exchange(leg_prefix=f"x{secrets.token_hex(4)}-")
        phones = settings.plan
        exchange.furnish(phones.numbers, phones.trunk_numbers, phones.lines_per_phone)
        self.station = Station(exchange, self._clock, self._set_alarm)
        self._lab = Lab(self.station)
        self._alarm: asyncio.TimerHandle | None = None
        self._wires: set[SocketWire] = set()

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_BODY_BYTES_MAX, middlewares=[self._guard])
        application.router.add_route("*", LAB + "{tail:(/.*)?}", self._answer_lab)
        application.router.add_get(frames.PATH, self._link)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/", self._front)
        return application

    async def close(self) -> None:
        """Calls end with the exchange; servers find out."""
        self._set_alarm(None)
        for wire in list(self._wires):
            wire.hang_up(1001, "the exchange ends")

    def _set_alarm(self, wait_s: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if wait_s is None else asyncio.get_running_loop().call_later(wait_s, self.station.tick)

    # -- doors -----------------------------------------------------------------------------------------------------

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self._settings.clients != "any" and not is_loopback(request.remote or ""):
            return _problem(403, "the exchange answers clients on its own machine only; start it with --clients any")
        try:
            return await handler(request)
        except web.HTTPClientError as error:
            return _problem(error.status, f"{error.reason}; see / for what there is")

    async def _answer_lab(self, request: web.Request) -> web.Response:
        body = await request.read()
        status, answer = self._lab.handle(request.method, request.path, body, self._clock())
        return web.Response(status=status, body=answer, content_type=_JSON)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        wire = SocketWire(request)
        self._wires.add(wire)
        try:
            await wire.run(self.station)
        finally:
            self._wires.discard(wire)
        return wire.socket

    async def _healthz(self, _: web.Request) -> web.Response:
        return web.Response(body=_encode(_Health(__version__, self.station.is_held)), content_type=_JSON)

    async def _front(self, _: web.Request) -> web.Response:
        return web.Response(text=_FRONT.format(version=__version__))


def _problem(status: int, why: str) -> web.Response:
    return web.Response(status=status, body=_encode({"error": why}), content_type=_JSON)


def run(settings: Settings) -> None:
    """``cordboard exchange`` on uvloop. Raises CannotListenError."""
    host, _, port = settings.listen.rpartition(":")
    with (
        contextlib.closing(listening.listen(host.strip("[]"), int(port))) as listener,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(serve(settings, listener))


async def serve(settings: Settings, listener: socket.socket) -> None:
    """Until SIGTERM or SIGINT."""
    house = ExchangeHouse(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    application = web.AppRunner(house.application(), access_log=None, shutdown_timeout=_GOODBYE_S)
    await application.setup()
    try:
        await web.SockSite(application, listener).start()
        address = listening.address_of(*listener.getsockname()[:2])
        _log.info("the exchange is there", version=__version__, address=address, clients=settings.clients)
        # Scripts wait for this line, so it goes to standard output whatever the log is set to.
        sys.stdout.write(f"cordboard exchange listening on {address}\n")
        sys.stdout.flush()
        await ended.wait()
        _log.info("stopping")
        await house.close()
    finally:
        await application.cleanup()
