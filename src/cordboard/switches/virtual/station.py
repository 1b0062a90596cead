"""The station: an exchange that outlives its servers. It has one at a time, the newest, and tells it what happens.

While nobody has it the exchange goes on: people talk, phones ring, deadlines pass. What is reported then is told to
nobody, as the next snapshot tells it all; recordings that are complete wait until they are fetched. Deliberately
absent: sockets (``server.exchange``), what an exchange does (``exchange``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

import msgspec
import structlog

from cordboard.calls.model import RecordingId
from cordboard.calls.orders import AnyOrder
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.switches.virtual import frames
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import Link
from cordboard.switches.virtual.frames import Fetched, Handed, Ordered, Take, Told, Welcome

_log = structlog.get_logger()
WAITING_RECORDINGS_MAX = 10_000
"""So many complete recordings wait for a server; then the oldest is given up."""


class Wire(Protocol):
    """The way to one server."""

    def send(self, text: str) -> None: ...

    def hang_up(self, code: int, why: str) -> None:
        """Send nothing more, and close."""


class Station:
    """Implements ``lab.Owner``. ``clock`` gives the instant in seconds; ``alarm`` is told in how many seconds ``tick``
    has something to do, None if never."""

    def __init__(self, exchange: Exchange, clock: Callable[[], float], alarm: Callable[[float | None], None]) -> None:
        self.link = Link(exchange)
        self._clock = clock
        self._alarm = alarm
        self._holder: Wire | None = None
        self._snapshots = 0
        self._deadline: float | None = None
        self._complete: dict[RecordingId, Recorded] = {}

    @property
    def is_held(self) -> bool:
        """Whether a server has it."""
        return self._holder is not None

    # -- servers ---------------------------------------------------------------------------------------------------

    def welcome(self, wire: Wire) -> None:
        """Somebody has connected."""
        wire.send(frames.written(Welcome(frames.PROTOCOL, self._snapshots)))

    def gone(self, wire: Wire) -> None:
        """The connection has ended."""
        if wire is self._holder:
            self._holder = None
            _log.warning("the server is gone; the exchange goes on")

    def hear(self, wire: Wire, text: str) -> None:
        """What a server says."""
        try:
            frame = frames.read_by_exchange(text)
        except msgspec.DecodeError as error:
            _log.warning("a server says what can't be understood", why=str(error))
            wire.hang_up(frames.NOT_UNDERSTOOD, f"this is no frame: {error}")
            return
        match frame:
            case Take():
                self._take(wire, frame)
            case Ordered():
                if wire is self._holder:
                    self._obey(frame)
            case Fetched():
                self._complete.pop(frame.recording, None)
            case _ as never:
                assert_never(never)

    def _take(self, wire: Wire, taking: Take) -> None:
        if taking.protocol != frames.PROTOCOL:
            wire.hang_up(frames.NOT_UNDERSTOOD, _other_version(taking.protocol))
            return
        if taking.snapshot != self._snapshots:
            wire.hang_up(frames.TOO_LATE, "somebody else took the exchange in between")
            return
        plan = taking.plan
        self.link.exchange.furnish(plan.numbers, plan.trunk_numbers, plan.lines_per_phone)
        previous, self._holder = self._holder, wire
        if previous is not None and previous is not wire:
            previous.hang_up(frames.TAKEN_OVER, "another server took the exchange over")
        _log.info("a server took the exchange", took_over=previous is not None)
        self.link.lose_late("the link to the switch broke")  # nobody is there to be told
        if self.link.down:
            self._snapshots += 1  # whoever was welcomed before is late, though there is nothing to tell
            self.tell([SwitchDown()])
        else:
            self.tell([self.link.exchange.snapshot()])
        for recorded in self._complete.values():
            self._hand_over(wire, recorded)

    def _obey(self, ordered: Ordered) -> None:
        if ordered.snapshot == self._snapshots:
            self.tell(self.link.submit(ordered.orders, self._clock()))
        else:
            self.tell(_outdated(ordered.orders))

    # -- what happens ----------------------------------------------------------------------------------------------

    def tell(self, reports: Sequence[AnyReport]) -> None:
        """Pass reports on, in order; to be called after everything that was done with the link, even without any."""
        self._snapshots += sum(isinstance(report, SwitchSnapshot) for report in reports)
        if reports and self._holder is not None:
            self._holder.send(frames.written(Told(self._snapshots, tuple(reports))))
        for recorded in self.link.exchange.take_recordings():
            self._keep(recorded)
        deadline = self.link.next_deadline()
        if deadline != self._deadline:
            self._deadline = deadline
            self._alarm(None if deadline is None else max(0.0, deadline - self._clock()))

    def tick(self) -> None:
        """Let happen what is due."""
        self._deadline = None
        self.tell(self.link.tick(self._clock()))

    def _keep(self, recorded: Recorded) -> None:
        self._complete[recorded.id] = recorded
        if len(self._complete) > WAITING_RECORDINGS_MAX:
            oldest = next(iter(self._complete))
            del self._complete[oldest]
            _log.error("a recording is lost: no server fetched it", recording=oldest)
        if self._holder is not None:
            self._hand_over(self._holder, recorded)

    def _hand_over(self, wire: Wire, recorded: Recorded) -> None:
        wire.send(frames.written(Handed(recorded, self._clock() - recorded.began)))


def _outdated(orders: Sequence[AnyOrder]) -> list[AnyReport]:
    return [OrderFailed(order.order, "the link to the switch broke") for order in orders]


def _other_version(protocol: int) -> str:
    return f"the exchange speaks version {frames.PROTOCOL} of the link, the server {protocol}"
