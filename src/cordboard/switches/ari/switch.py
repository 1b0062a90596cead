"""The switch driver for Asterisk: the dry ``driver`` on the event loop, with its connection and notices.

What a command orders is sent at once. What follows from a report is sent on the loop's next turn, so that people are
told first; so is everything that was written down before, as nobody knows any more what it follows from. Reports are
handed over on the turn of the loop on which they arise, or on the next if they arise from an order. A link that is lost
is made again for as long as this lasts, unless another program took the application over: then it is left alone
(call-semantics #85).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from itertools import count

import msgspec
import structlog

from cordboard.calls.orders import AnyOrder
from cordboard.calls.ports import Hear, Shelf
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport, OrderFailed
from cordboard.switches.ari import wire
from cordboard.switches.ari.ami import Ami, AmiSettings
from cordboard.switches.ari.client import AriSettings, Client, LinkError
from cordboard.switches.ari.driver import Driver, DriverSettings
from cordboard.switches.ari.events import (
    AnyMessage,
    ApplicationReplaced,
    Bridge,
    Channel,
    LiveRecording,
    StasisStart,
)
from cordboard.switches.ari.fetching import Fetching
from cordboard.switches.ari.finding import Found
from cordboard.switches.ari.taping import part_of

_log = structlog.get_logger()
_PAUSE_MIN_S = 0.1
_PAUSE_MAX_S = 5.0
_UNHEARD = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelConnectedLine",
    "ChannelCallerId",
    "ChannelCreated",
    "BridgeCreated",
    "BridgeDestroyed",
)
"""Events that say nothing to us, and are many."""


class AriSwitch:
    """A ``calls.ports.Switch`` that is an Asterisk. ``clock`` gives the instant in seconds. ``unhurried``: whatever is
    ordered was written down first, so that no answer to a command is on its way past it."""

    def __init__(
        self,
        ari: AriSettings,
        driver: DriverSettings,
        clock: Callable[[], float],
        ami: AmiSettings | None = None,
        shelf: Shelf | None = None,
        *,
        unhurried: bool = False,
    ) -> None:
        self._unhurried = unhurried
        self._settings = ari
        self._driver = Driver(driver)
        self._clock = clock
        self._ami = Ami(ami)
        self._fetching = Fetching(shelf, lambda: self._client, self._run_errand)
        self._hear: Hear | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._running: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._held_back: list[AnyMessage] | None = None
        """Events that wait until what was there before them is known."""
        self._linked = False
        self._fenced = False
        self._reports: deque[AnyReport] = deque()
        self._delivering = False
        self._sending_later = False
        self._alarm: asyncio.TimerHandle | None = None

    # -- the port --------------------------------------------------------------------------------------------------

    def resume(self, remembered: Remembered) -> None:
        self._driver.resume(remembered, self._clock())

    async def start(self, hear: Hear) -> None:
        """Connect; returns when that has succeeded or failed once. It is tried again until ``stop``."""
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        tried = asyncio.Event()
        self._running = asyncio.create_task(self._run(tried))
        await tried.wait()

    def submit(self, orders: Sequence[AnyOrder]) -> None:
        """Carry them out. What is reported is heard later, never from inside this. Ignored unless started."""
        if self._loop is None:
            return
        if self._linked:
            self._driver.carry_out(orders, self._clock())
        else:
            self._reports += [OrderFailed(order.order, "the link to Asterisk is down") for order in orders]
        if (self._delivering or self._unhurried) and not self._sending_later:
            # A write wakes Asterisk, which would take its time on this machine while desktops wait to be told.
            self._sending_later = True
            self._loop.call_soon(self._send_later)
        self._flush(at_once=False)

    def dealt_with(self, report: AnyReport) -> None:
        """Whose leg is not being dropped by now is told that nothing comes of the transfer that it asked for."""
        self._driver.heard(report)
        self._flush(at_once=False)

    async def stop(self) -> None:
        """Let go of Asterisk; calls go on there."""
        self._hear = self._loop = None
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._errands:
            await asyncio.wait(self._errands, timeout=_PAUSE_MAX_S)
        self._lost()
        self._set_alarm(None)
        self._reports.clear()
        self._ami.close()

    # -- the link --------------------------------------------------------------------------------------------------

    async def _run(self, tried: asyncio.Event) -> None:
        pause_s = _PAUSE_MIN_S
        said = ""
        while not self._fenced:
            client = self._client = Client(self._settings, self._answered)
            try:
                await client.connect()
                await self._serve(client, tried)
                pause_s = _PAUSE_MIN_S
                why = "the connection was closed"
                said = ""
            except LinkError as error:
                why = str(error)
            except Exception:  # noqa: BLE001  # a bug: the next link begins anew
                _log.exception("the link to Asterisk failed")
                why = "an internal error"
            finally:
                self._client = None
                await client.close()
                tried.set()
            self._lost()
            if not self._fenced:
                # Once for each reason, however long it lasts: the readiness page and `cordboard doctor` tell it, too.
                (_log.debug if why == said else _log.warning)("no link to Asterisk; trying again", why=why)
                said = why
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _PAUSE_MAX_S)

    async def _serve(self, client: Client, tried: asyncio.Event) -> None:
        """Find what is there while events are held back, then pass events on until the connection ends."""
        self._held_back = []
        finding = asyncio.create_task(self._find(client))
        reading = asyncio.create_task(self._read(client))
        try:
            await asyncio.wait({finding, reading}, return_when=asyncio.FIRST_COMPLETED)
            tried.set()
            if finding.done():
                await finding
            await reading
        finally:
            finding.cancel()
            reading.cancel()
            await asyncio.gather(finding, reading, return_exceptions=True)

    async def _read(self, client: Client) -> None:
        async for message in client.messages():
            if isinstance(message, ApplicationReplaced):
                self._fence()
                return
            if self._held_back is None:
                self._hear_event(message)
                self._flush()
            else:
                self._held_back.append(message)

    def _hear_event(self, event: AnyMessage) -> None:
        try:
            self._driver.hear(event, self._clock())
        except Exception:  # noqa: BLE001  # a bug stops the one event that meets it
            _log.exception("an event of Asterisk's was not understood", said=repr(event))

    async def _find(self, client: Client) -> None:
        await client.probe()
        await _expect(client, wire.leave_out(self._settings.app, _UNHEARD))
        app = await _expect(client, wire.application(self._settings.app))
        ours = frozenset(msgspec.json.decode(app, type=_Application).channel_ids)
        channels = msgspec.json.decode(await _expect(client, wire.list_channels()), type=tuple[Channel, ...])
        bridges = msgspec.json.decode(await _expect(client, wire.list_bridges()), type=tuple[Bridge, ...])
        recordings = [
            msgspec.json.decode(body, type=LiveRecording)
            for name in self._driver.recordings
            for status, body in [await client.ask(wire.live_recording(name))]
            if status == 200
        ]
        stored = await self._find_remembered(client, recordings)
        own = tuple(one for one in channels if _is_ours(one, ours, self._settings.app))
        found = Found(own, bridges, tuple(recordings), stored, await _held(client, own))
        held_back, self._held_back = self._held_back or [], None
        announced = {event.channel.id for event in held_back if isinstance(event, StasisStart)}
        now = self._clock()
        self._linked = True
        _log.info("linked to Asterisk", channels=len(found.channels), over_http=client.over_http)
        self._driver.found(found, announced, now)
        self._fetching.linked()
        for event in held_back:
            self._hear_event(event)
        self._flush()

    async def _find_remembered(self, client: Client, recordings: list[LiveRecording]) -> frozenset[str]:
        """The recordings of an earlier process: parts that are being made, and those that are complete."""
        stored: set[str] = set()
        for recording in self._driver.remembered:
            for number in count(1):
                part = part_of(recording, number)
                status, body = await client.ask(wire.live_recording(part))
                if status == 200:
                    recordings.append(msgspec.json.decode(body, type=LiveRecording))
                    continue
                status, _ = await client.ask(wire.stored_recording(part))
                if status != 200:
                    break
                stored.add(part)
        return frozenset(stored)

    def _fence(self) -> None:
        """Somebody else drives these calls now: not one more order (call-semantics #85)."""
        self._fenced = True
        _log.error(
            "another program took over the application; this one stops driving it until it is started again",
            application=self._settings.app,
        )

    def _lost(self) -> None:
        if self._linked:
            self._linked = False
            self._driver.lost()
            self._flush()

    # -- in and out ------------------------------------------------------------------------------------------------

    def _answered(self, number: str, status: int, body: str) -> None:
        if number.isdecimal():
            self._driver.answered(int(number), status, body, self._clock())
            self._flush()

    def _flush(self, *, at_once: bool = True) -> None:
        """Send what is to be sent, say what is to be said."""
        outbox = self._driver.outbox
        if outbox.requests and self._client is not None and not self._sending_later:
            for number, request in outbox.requests:
                self._client.send(request, str(number))
            outbox.requests.clear()
        if outbox.notices:
            for number, channel, event in outbox.notices:
                self._run_errand(self._notify(number, channel, event))
            outbox.notices.clear()
        self._reports += outbox.reports
        outbox.reports.clear()
        for complete in self._driver.take_recordings():
            self._fetching.take(complete)
        self._set_alarm(self._driver.next_deadline())
        if self._reports and not self._delivering and self._loop is not None:
            if at_once:
                self._deliver()
            else:
                self._delivering = True
                self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        """Hand reports over; ``submit`` sees that what the board orders meanwhile is sent."""
        self._delivering = True
        try:
            while self._reports and self._hear is not None:
                self._hear(self._reports.popleft())
        finally:
            self._delivering = False

    def _send_later(self) -> None:
        self._sending_later = False
        self._flush()

    def _set_alarm(self, deadline: float | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if deadline is not None and self._loop is not None:
            self._alarm = self._loop.call_later(max(0.0, deadline - self._clock()), self._tick)

    def _tick(self) -> None:
        self._alarm = None
        self._driver.tick(self._clock())
        self._flush()

    # -- errands ---------------------------------------------------------------------------------------------------

    def _run_errand(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _notify(self, number: int, channel: str, event: str) -> None:
        failure = await self._ami.notify(channel, event)
        self._driver.notified(number, failure, self._clock())
        self._flush()


async def _held(client: Client, channels: Sequence[Channel]) -> frozenset[str]:
    """Those whose telephones hold."""
    up = [channel.id for channel in channels if channel.state == "Up" and channel.name.startswith("PJSIP/")]
    answers = await asyncio.gather(*(client.ask(wire.hold_state(channel)) for channel in up))
    return frozenset(channel for channel, answer in zip(up, answers, strict=True) if wire.is_held(*answer))


class _Application(msgspec.Struct, frozen=True):
    channel_ids: tuple[str, ...] = ()


async def _expect(client: Client, request: wire.Request) -> str:
    status, body = await client.ask(request)
    if not request.is_done_by(status):
        raise LinkError(wire.explained(request, status, body))
    return body


def _is_ours(channel: Channel, ours: frozenset[str], app: str) -> bool:
    """Channels that our application has, or had before the link was lost."""
    in_stasis = channel.dialplan.app_name == "Stasis" and channel.dialplan.app_data.split(",")[0] == app
    return channel.id in ours or in_stasis
