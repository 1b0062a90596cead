"""One session: what it is subscribed to, what waits for it, who carries it, and when it ends.

Messages have positions: the first that a session is ever given has position 1. They *wait* until they are written to
the connection that carries the session. Then they are *unconfirmed*, and kept, until it is known that they arrived: by
the acknowledgement of the extension ack (in numbers of its own: ``numbering``), by a connect that a client sends only
after it has read the reply to its last one, or by what the shell learns from its connection (a pong). When the client
turns up in another place, or says that its last connect failed, unconfirmed messages wait again: without
acknowledgements a message may come twice then, but it is not lost (bayeux §2).

Deliberately absent: replies (``broker``), timers and connections (``server``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from enum import Enum, auto
from itertools import accumulate, islice, takewhile
from math import inf
from typing import Protocol

import msgspec

from cordboard.bayeux.extensions import Stamp
from cordboard.bayeux.keeping import Again, KeptSession
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.numbering import Numbering


class Transport(Enum):
    """How a client is connected, best first."""

    WEBSOCKET = "websocket"
    LONG_POLLING = "long-polling"
    CALLBACK_POLLING = "callback-polling"


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


class Line(Protocol):
    """The TCP connection that a request came by."""

    @property
    def lost(self) -> bool:
        """Whether it is known to be closed."""


class Session:
    """The server's side of one clientId. Changed by ``broker`` and by the carriers of ``server`` only."""

    __slots__ = (
        "_bytes",
        "_bytes_max",
        "_confirmed",
        "_connection",
        "_count_max",
        "_grace_s",
        "_highest",
        "_replied",
        "_unconfirmed",
        "_unconfirmed_bytes",
        "_waiting",
        "acknowledging",
        "active_at",
        "advised",
        "again",
        "carrier",
        "client_id",
        "connect_ids",
        "connected",
        "crowded",
        "cycle",
        "ending",
        "expires_at",
        "hurried",
        "identity",
        "line",
        "noticed",
        "numbers",
        "pressing",
        "replaying",
        "strayed",
        "subscriptions",
        "turn",
        "wanted",
        "with_connects",
    )

    def __init__(
        self,
        client_id: str,
        identity: str,
        limits: BayeuxLimits,
        now: float,
        *,
        acknowledging: bool,
        begun: int = 0,
    ) -> None:
        self.client_id = client_id
        self.identity = identity
        self.acknowledging = acknowledging
        self.with_connects = acknowledging or limits.deliver_on_connect_only
        """Whether messages travel with connect replies only (bayeux §1.7)."""
        self.replaying = False
        self.numbers = Numbering(begun)
        self.wanted: dict[str, int] = {}
        """What it has subscribed to, and after which number each began: what is kept."""
        self.subscriptions: set[str] = set()
        """The same as soon as it is safe: what is told."""
        self.again: list[Again] = []
        self.carrier: Carrier | None = None
        self.ending: Ending | None = None
        self.connected = False
        self.crowded = False
        """Whether the last connect was answered with ``multiple-clients``."""
        self.advised: Transport | None = None
        self.connect_ids: tuple[bytes, bytes] = (b"", b"")
        self.hurried = True
        self.line: Line | None = None
        self.strayed = True
        """What can tell a connect whose predecessor had no reply (``broker``): the ids of the last two, whether the
        last was not to be held; the connection to which the last reply was written, and whether the one before
        was closed when the last came."""
        self.active_at = now
        self.noticed = 0
        """For the extension activity: when the session last did anything, and how many messages it had had then."""
        self.cycle = 0
        self.turn = 0
        """Counts how often unconfirmed messages went back to wait; a write that began before counts for nothing."""
        self.pressing = False
        """Whether there is a reason to write: something waits that is not lazy."""
        self.expires_at = now + limits.grace_s
        self._grace_s = limits.grace_s
        self._waiting: deque[bytes] = deque()
        self._unconfirmed: deque[bytes] = deque()
        self._bytes = 0
        self._unconfirmed_bytes = 0
        self._count_max = limits.queue_max
        self._bytes_max = limits.queue_bytes_max
        self._confirmed = 0
        self._highest = 0
        self._connection: object | None = None
        self._replied = 0

    # ------------------------------------------------------------------ messages

    @property
    def waiting(self) -> int:
        """How many messages are not written to the present connection."""
        return len(self._waiting)

    @property
    def written(self) -> int:
        """The position of the last message that was written to the present connection."""
        return self._confirmed + len(self._unconfirmed)

    @property
    def unconfirmed(self) -> int:
        """How many messages were written of which it is not known that they arrived."""
        return len(self._unconfirmed)

    @property
    def last(self) -> int:
        """The position of the last message that the session was given."""
        return self._confirmed + len(self._unconfirmed) + len(self._waiting)

    def offer(self, frame: bytes, number: int, *, lazily: bool = False) -> bool:
        """Queue one message and wake the carrier; False, and nothing queued, if the queue is full.

        A lazy message wakes nobody: it goes out with the next write, whatever causes that (bayeux §2).
        """
        size = len(frame)
        full = self._bytes + size > self._bytes_max or len(self._waiting) + len(self._unconfirmed) >= self._count_max
        if full and not self._make_room(size):
            return False
        self._waiting.append(frame)
        self._bytes += size
        self.numbers.newest = number
        if not lazily:
            self.pressing = True
            if self.carrier is not None:
                self.carrier.wake()
        return True

    def press(self) -> None:
        """Lazy messages have waited long enough."""
        if self._waiting:
            self.pressing = True
            if self.carrier is not None:
                self.carrier.wake()

    def has_room(self, count: int, size: int) -> bool:
        """Whether so many messages of so many bytes could be queued."""
        return len(self._waiting) + count <= self._count_max and self._waiting_bytes() + size <= self._bytes_max

    def _waiting_bytes(self) -> int:
        return self._bytes - self._unconfirmed_bytes

    def _make_room(self, size: int) -> bool:
        """Let go of the oldest messages that were written once, unless the client was promised acknowledgement."""
        if self.acknowledging or not self.has_room(1, size):
            return False
        while self._bytes + size > self._bytes_max or len(self._waiting) + len(self._unconfirmed) >= self._count_max:
            self._drop(self._confirmed + 1)
        return True

    def view(self, bytes_max: int | None = None) -> tuple[list[bytes], int]:
        """The waiting messages and the position of the last; at least one if any waits, else only up to the bytes."""
        frames = list(self._waiting) if bytes_max is None else self._head(bytes_max)
        return frames, self.written + len(frames)

    def _head(self, bytes_max: int) -> list[bytes]:
        if self._waiting_bytes() <= bytes_max:
            return list(self._waiting)
        sizes = accumulate(map(len, self._waiting))
        count = sum(1 for _ in takewhile(lambda size: size <= bytes_max, sizes))
        return list(islice(self._waiting, max(1, count)))

    def sent(self, through: int, turn: int) -> None:
        """A write of the messages up to ``through``, viewed in that ``turn``, went through."""
        self._highest = max(self._highest, through)
        if turn != self.turn:
            return
        waiting, unconfirmed = self._waiting, self._unconfirmed
        if not unconfirmed and self._confirmed + len(waiting) <= through:
            # Nearly always: everything was written, and all of before is confirmed.
            self._waiting, self._unconfirmed = unconfirmed, waiting
            self._unconfirmed_bytes = self._bytes
            self.pressing = False
            return
        while waiting and self._confirmed + len(unconfirmed) < through:
            frame = waiting.popleft()
            unconfirmed.append(frame)
            self._unconfirmed_bytes += len(frame)
        if not waiting:
            self.pressing = False

    def confirm(self, through: int) -> None:
        """Everything up to ``through`` has arrived, as the connection knows; ack takes the client's word only."""
        if not self.acknowledging:
            self._drop(through)

    def batch(self, through: int) -> int:
        """The number that the client is to acknowledge when it has everything up to this position."""
        return self.numbers.batch(through)

    def acknowledge(self, batch: int) -> None:
        """The client has everything up to ``batch``; what was never sent cannot be acknowledged away."""
        self._drop(min(self.numbers.reach(batch), self._highest))

    def _drop(self, through: int) -> None:
        if not self._waiting and self.written <= through:
            self._confirmed = self.written
            self._unconfirmed.clear()
            self._bytes = self._unconfirmed_bytes = 0
            return
        while self._confirmed < through and self._unconfirmed:
            size = len(self._unconfirmed.popleft())
            self._unconfirmed_bytes -= size
            self._bytes -= size
            self._confirmed += 1
        while self._confirmed < through and self._waiting:
            self._bytes -= len(self._waiting.popleft())
            self._confirmed += 1
        if not self._waiting:
            self.pressing = False

    def _wait_again(self) -> None:
        """What is unconfirmed is to be written once more."""
        self.turn += 1
        if self._unconfirmed:
            self._waiting.extendleft(reversed(self._unconfirmed))
            self._unconfirmed.clear()
            self._unconfirmed_bytes = 0
            self.pressing = True

    # ------------------------------------------------------------------ what outlives the process

    @property
    def kept(self) -> KeptSession:
        """The session as a value."""
        arrived = self.arrived
        self.again = [again for again in self.again if again.number > arrived]
        begun, wanted, again = self.numbers.begun, dict(self.wanted), tuple(self.again)
        return KeptSession(self.client_id, self.identity, self.acknowledging, self.replaying, begun, wanted, again)

    @property
    def is_behind(self) -> bool:
        """Whether there are messages of which it is not known that they arrived."""
        return bool(self._waiting or self._unconfirmed)

    @property
    def arrived(self) -> int:
        """Up to which number everything has arrived, as far as is known; a little late."""
        return self.numbers.arrived(self._confirmed, self.last)

    def restore(self, messages: Iterable[tuple[int, bytes]]) -> None:
        """Wait again with these, by number; there is room for them beside what a session may have anyway."""
        for number, frame in messages:
            self._waiting.append(frame)
            self._bytes += len(frame)
            self._count_max += 1
            self._bytes_max += len(frame)
            self.numbers.newest = number
            if self.acknowledging:
                self.numbers.remember(number, len(self._waiting))
        self._highest = len(self._waiting)  # an earlier process may have sent them all
        self.pressing = bool(self._waiting)

    # ------------------------------------------------------------------ connects and time

    def begin_connect(self, connection: object | None = None, *, missed: bool = False) -> int:
        """A connect arrived: stop the clock, release who carried before. Returns the number of this cycle.

        ``connection`` is the WebSocket that it came by, None for a request. ``missed`` says that the client seems to
        have had no reply to its last connect.
        """
        self.cycle += 1
        self.expires_at = inf
        same = connection is self._connection
        if self.acknowledging or missed or not (same or self._connection is None):
            self._wait_again()
        else:
            # Clients connect again when they have read the reply to the last one, and all that came before it.
            self._drop(self._replied)
        if not same or connection is None:
            self.turn += 1
        self._connection = connection
        self._replied = 0
        carrier, self.carrier = self.carrier, None
        if carrier is not None:
            carrier.wake()
        return self.cycle

    def replied(self, through: int, line: Line | None = None) -> None:
        """The reply to the connect was written, after the messages up to ``through``."""
        self._replied = through
        self.line = line

    def end_connect(self, cycle: int, now: float, extra_s: float = 0.0) -> None:
        """A connect was answered or given up. An overtaken one must not start the clock (bayeux §1.6)."""
        if cycle == self.cycle:
            self.expires_at = now + self._grace_s + extra_s

    def touch(self, now: float) -> None:
        """Some other message arrived: live on."""
        self.active_at = now
        if self.expires_at != inf:
            self.expires_at = now + self._grace_s

    def end(self, ending: Ending, farewell: bytes | None = None) -> None:
        """The end. What waited is dropped, unless there is a farewell: then both are left for the carrier."""
        if self.ending is not None:
            return
        self.ending = ending
        self.subscriptions.clear()
        if farewell is None:
            self._drop(self.last)
        else:
            self._waiting.append(farewell)
            self._bytes += len(farewell)
        if self.carrier is not None:
            self.carrier.wake()


class Connect(msgspec.Struct, frozen=True):
    """A connect that is to be answered: at once if ``hold_s`` is 0, else when there is a reason or the time is over.

    ``crowded`` if it would have been held, did not another session of the same browser hold one.
    """

    session: Session
    cycle: int
    id: msgspec.Raw | msgspec.UnsetType
    advise: bool
    hold_s: float
    stamp: Stamp | None = None
    crowded: bool = False
    line: Line | None = None

    @property
    def overtaken(self) -> bool:
        """Whether a newer connect of the same session has arrived since."""
        return self.session.cycle != self.cycle
