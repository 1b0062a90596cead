"""One session: what it is subscribed to, what waits for it, who carries it, and when it ends.

Messages have positions: the first that a session is ever given is number 1. They leave the queue when they are
confirmed up to a position, by a write that went through or by the client's own acknowledgement; confirming twice, or
late, does no harm. The position of the last message sent serves as the batch number of the ack extension (bayeux §1.7).

Deliberately absent: replies (``broker``), timers and connections (``server``).
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from itertools import accumulate, islice, takewhile
from math import inf
from typing import Protocol

import msgspec

from cordboard.bayeux.extensions import Stamp
from cordboard.bayeux.limits import BayeuxLimits


class Transport(Enum):
    """How a client is connected."""

    LONG_POLLING = "long-polling"
    WEBSOCKET = "websocket"


class Ending(Enum):
    """Why a session ended; it decides what a parked connect is told."""

    DISCONNECTED = auto()
    KICKED = auto()
    EXPIRED = auto()
    OVERFLOWED = auto()
    STOPPED = auto()


class Carrier(Protocol):
    """What holds a connection on which a session can be written to at once."""

    def wake(self) -> None:
        """Messages wait, or the session ended, or another carrier took over. Must be cheap and never fail."""


class Session:
    """The server's side of one clientId. Changed by ``broker`` and by the carriers of ``server`` only."""

    __slots__ = (
        "_confirmed",
        "_grace_s",
        "_queue",
        "_queue_bytes",
        "_queue_bytes_max",
        "_queue_max",
        "_sent",
        "acknowledging",
        "advised",
        "carrier",
        "client_id",
        "connected",
        "cycle",
        "ending",
        "expires_at",
        "identity",
        "subscriptions",
    )

    def __init__(self, client_id: str, identity: str, limits: BayeuxLimits, now: float, *, acknowledging: bool) -> None:
        self.client_id = client_id
        self.identity = identity
        self.acknowledging = acknowledging
        self.subscriptions: set[str] = set()
        self.carrier: Carrier | None = None
        self.ending: Ending | None = None
        self.connected = False
        self.advised: Transport | None = None
        self.cycle = 0
        self.expires_at = now + limits.grace_s
        self._grace_s = limits.grace_s
        self._queue: deque[bytes] = deque()
        self._queue_bytes = 0
        self._queue_max = limits.queue_max
        self._queue_bytes_max = limits.queue_bytes_max
        self._confirmed = 0
        self._sent = 0

    @property
    def waiting(self) -> int:
        """How many messages are not confirmed yet."""
        return len(self._queue)

    def offer(self, frame: bytes) -> bool:
        """Queue one message and wake the carrier; False, and nothing queued, if the queue is full."""
        size = self._queue_bytes + len(frame)
        if size > self._queue_bytes_max or len(self._queue) >= self._queue_max:
            return False
        self._queue.append(frame)
        self._queue_bytes = size
        if self.carrier is not None:
            self.carrier.wake()
        return True

    def view(self, bytes_max: int | None = None) -> tuple[list[bytes], int]:
        """The waiting messages and the position of the last; at least one if any waits, else only up to the bytes."""
        frames = list(self._queue) if bytes_max is None else self._head(bytes_max)
        return frames, self._confirmed + len(frames)

    def _head(self, bytes_max: int) -> list[bytes]:
        if self._queue_bytes <= bytes_max:
            return list(self._queue)
        sizes = accumulate(map(len, self._queue))
        count = sum(1 for _ in takewhile(lambda size: size <= bytes_max, sizes))
        return list(islice(self._queue, max(1, count)))

    def sent(self, through: int) -> None:
        """A write of the messages up to ``through`` went through. With acknowledgements they are kept all the same."""
        self._sent = max(self._sent, through)
        if not self.acknowledging:
            self._drop(through)

    def acknowledge(self, batch: int) -> None:
        """The client has everything up to ``batch``; what was never sent cannot be acknowledged away."""
        self._drop(min(batch, self._sent))

    def _drop(self, through: int) -> None:
        queue = self._queue
        while self._confirmed < through and queue:
            self._queue_bytes -= len(queue.popleft())
            self._confirmed += 1

    def begin_connect(self) -> int:
        """A connect arrived: stop the clock, release who carried before. Returns the number of this cycle."""
        self.cycle += 1
        self.expires_at = inf
        carrier, self.carrier = self.carrier, None
        if carrier is not None:
            carrier.wake()
        return self.cycle

    def end_connect(self, cycle: int, now: float) -> None:
        """A connect was answered or given up. An overtaken one must not start the clock (bayeux §1.6)."""
        if cycle == self.cycle:
            self.expires_at = now + self._grace_s

    def touch(self, now: float) -> None:
        """Some other message arrived: live on."""
        if self.expires_at != inf:
            self.expires_at = now + self._grace_s

    def end(self, ending: Ending, farewell: bytes | None = None) -> None:
        """The end. What waited is dropped, unless there is a farewell: then both are left for the carrier."""
        if self.ending is not None:
            return
        self.ending = ending
        self.subscriptions.clear()
        if farewell is None:
            self._drop(self._confirmed + len(self._queue))
        else:
            self._queue.append(farewell)
            self._queue_bytes += len(farewell)
        if self.carrier is not None:
            self.carrier.wake()


class Connect(msgspec.Struct, frozen=True):
    """A connect that is to be answered: at once if ``hold_s`` is 0, else when there is a reason or the time is over."""

    session: Session
    cycle: int
    id: msgspec.Raw | msgspec.UnsetType
    advise: bool
    hold_s: float
    stamp: Stamp | None = None

    @property
    def overtaken(self) -> bool:
        """Whether a newer connect of the same session has arrived since."""
        return self.session.cycle != self.cycle
