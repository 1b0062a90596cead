"""The switch that is an exchange of its own process (``cordboard exchange``), over a WebSocket.

Reports are handed over on the turn of the loop on which they arrive. A link that is lost is made again for as long as
this lasts, unless another server took the exchange over: then it is left alone (call-semantics #85). No order is ever
sent twice: what was under way when the link broke is told by the snapshot of the next. Absent: what is said
(``frames``), the other end (``station``).
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Sequence
from typing import assert_never

import aiohttp
import msgspec
import structlog

from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear, Shelf
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.switches.virtual import frames
from cordboard.switches.virtual.frames import Fetched, Handed, Ordered, Plan, Take, Told, Welcome
from cordboard.switches.virtual.scribe import Scribe
from cordboard.switches.virtual.wire import write

_log = structlog.get_logger()
HEARTBEAT_S = 5.0
"""A connection over which nothing came back for one and a half times this is given up."""
CONNECT_S = 5.0
PAUSE_MIN_S = 0.1
PAUSE_MAX_S = 2.0
_OVER = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)


class _LostError(Exception):
    """There is no link; the message says why."""


class RemoteSwitch:
    """A ``calls.ports.Switch``. ``address`` is HOST:PORT, ``clock`` gives the instant in seconds."""

    def __init__(self, address: str, plan: Plan, clock: Callable[[], float], shelf: Shelf | None = None) -> None:
        self.address = address
        self._plan = plan
        self._clock = clock
        self._scribe = Scribe(shelf)
        self._hear: Hear | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._known: int | None = None
        """The number of the snapshot that the board heard last, None from the moment it hears that the link is lost."""
        self._fenced = False
        self._tried = asyncio.Event()
        self._failures: deque[AnyReport] = deque()

    # -- the port --------------------------------------------------------------------------------------------------

    def resume(self, remembered: Remembered) -> None:
        """The exchange knows them."""

    async def start(self, hear: Hear) -> None:
        """Connect; returns when that has succeeded or failed once. It is tried again until ``stop``."""
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._fenced = False
        self._tried.clear()
        self._running = asyncio.create_task(self._run())
        await self._tried.wait()

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """Send them. What is reported is heard later, never from inside this. Ignored unless started."""
        if self._loop is None:
            return
        if self._known is not None:
            self._send(Ordered(self._known, tuple(orders)))
            return
        if not self._failures:
            self._loop.call_soon(self._fail)
        self._failures += [OrderFailed(order.order, "the link to the exchange is down") for order in orders]

    def dealt_with(self, report: AnyReport) -> None:
        """Telephones here are not told what comes of the transfers that they ask for."""

    async def stop(self) -> None:
        """Let go of the exchange; its calls go on."""
        running, self._running = self._running, None
        self._hear = self._loop = self._known = None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        self._failures.clear()
        await self._scribe.finish()

    # -- the link --------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        pause_s, said = PAUSE_MIN_S, ""
        while True:
            was_linked = False
            try:
                why = await self._serve()
                was_linked = True
            except _LostError as error:
                why = str(error)
            except Exception:  # noqa: BLE001  # a bug: the next link begins anew
                _log.exception("the link to the exchange failed")
                why = "an internal error"
            self._tried.set()
            self._lost()
            if self._fenced:
                return
            if was_linked:
                pause_s, said = PAUSE_MIN_S, ""
            # Once for each reason, however long it lasts: the readiness page tells it, too.
            (_log.debug if why == said else _log.warning)("no link to the exchange; trying again", why=why)
            said = why
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_MAX_S)

    async def _serve(self) -> str:
        """One connection, from its first try to its end; why it ended. Raises _LostError if nothing came of it."""
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                async with asyncio.timeout(CONNECT_S):  # whoever is frozen takes connections and says nothing
                    url = f"http://{self.address}{frames.PATH}"
                    socket = await session.ws_connect(url, heartbeat=HEARTBEAT_S, max_msg_size=0)
            except aiohttp.WSServerHandshakeError as error:
                raise _LostError(_refused(self.address, error.status)) from error
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise _LostError(_unreachable(self.address, error)) from error
            self._socket = socket
            try:
                return await self._listen(socket)
            finally:
                self._socket = None
                await socket.close()

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        extra = None
        while True:
            try:
                message = await socket.receive()
            except ConnectionError:
                break  # it ended just as a ping was to be answered
            if message.type in _OVER:
                extra = message.extra
                break
            if message.type is aiohttp.WSMsgType.TEXT:
                self._understand(message.data)
        why = f"{extra or 'the connection was closed'} ({socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE})"
        if socket.close_code == frames.TAKEN_OVER:
            self._fence()
        elif self._known is None:
            raise _LostError(f"{self.address}: {why}")
        return why

    def _understand(self, text: str) -> None:
        try:
            frame = frames.read_by_server(text)
        except msgspec.DecodeError as error:
            raise _LostError(f"{self.address}: this is no exchange, or of another version: {error}") from error
        match frame:
            case Welcome():
                if frame.protocol != frames.PROTOCOL:
                    raise _LostError(_other_version(self.address, frame.protocol))
                self._send(Take(frames.PROTOCOL, frame.snapshot, self._plan))
            case Told():
                self._deliver(frame)
            case Handed():
                recorded = msgspec.structs.replace(frame.recorded, began=self._clock() - frame.age_s)
                self._scribe.save(recorded, lambda: self._send(Fetched(recorded.id)))
            case _ as never:
                assert_never(never)

    def _deliver(self, told: Told) -> None:
        self._tried.set()
        for report in told.reports:
            if isinstance(report, SwitchSnapshot):
                self._known = told.snapshot
                _log.info("linked to the exchange", address=self.address, legs=len(report.legs))
            elif isinstance(report, SwitchDown):
                self._known = None
            self._say(report)

    def _fence(self) -> None:
        """Somebody else drives these calls now: not one more order (call-semantics #85)."""
        self._fenced = True
        _log.error("another server took the exchange over; this one leaves it alone until it is started again")

    def _lost(self) -> None:
        if self._known is not None:
            self._known = None
            self._say(SwitchDown())

    # -- out -------------------------------------------------------------------------------------------------------

    def _send(self, frame: frames.ToExchange) -> None:
        if self._socket is not None:
            write(self._socket, frames.written(frame))

    def _fail(self) -> None:
        while self._failures:
            self._say(self._failures.popleft())

    def _say(self, report: AnyReport) -> None:
        if self._hear is not None:
            self._hear(report)


def _refused(address: str, status: int) -> str:
    if status == 403:
        return f"{address}: the exchange takes servers on its own machine only; start it with --clients any"
    return f"{address}: it answers {status}: is that a cordboard exchange?"


def _unreachable(address: str, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    why = os.strerror(number) if number else str(error) or "no answer"
    return f"cannot reach the exchange at {address} ({why}); start one with: cordboard exchange --listen {address}"


def _other_version(address: str, protocol: int) -> str:
    return f"{address}: the exchange speaks version {protocol} of the link, this server {frames.PROTOCOL}"
