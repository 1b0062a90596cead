"""What is kept so that it can be had again: the memory of the extension replay (bayeux §4).

Messages get numbers that grow over all identities and channels. They are kept for those identities that have asked for
it, by a handshake with ``ext.replay``, until nobody has for a while: who does not use the extension pays nothing.
``Retention`` is what the broker needs of a memory; ``RecentMessages`` keeps them in this process and forgets them with
it. Numbers of an earlier process are refused as no longer retained, which is true: give a ``first_id`` above them.

Deliberately absent: a memory that survives (the owner of a broker may bring one), who gets what (``subscribing``).
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

import msgspec

from cordboard.bayeux.channels import covering
from cordboard.bayeux.extensions import ALL_RETAINED
from cordboard.bayeux.limits import BayeuxLimits


class Retained(msgspec.Struct, frozen=True, gc=False):
    """One message that was published; ``kept_at`` is the time by which it ages."""

    replay_id: int
    channel: str
    data: bytes
    kept_at: float


class Retention(Protocol):
    """A memory of published messages."""

    def want(self, identity: str, now: float) -> None:
        """A session of this identity uses the extension; told again while it lives."""

    def retains(self, identity: str) -> bool:
        """Whether messages for this identity are kept."""

    def retain(self, identity: str, channel: str, data: bytes) -> int:
        """Keep a message, and tell its number; 0 if it is not kept."""

    def since(self, identity: str, name: str, after: int) -> list[Retained] | None:
        """Everything on a channel or pattern after this number, in order; None if some of it is kept no longer."""

    def sweep(self, now: float) -> None:
        """Forget what is too old."""


class _Shelf:
    """The messages of one channel, and up to which number they are lost."""

    __slots__ = ("lost_through", "messages")

    def __init__(self, lost_through: int) -> None:
        self.lost_through = lost_through
        self.messages: deque[Retained] = deque()

    def drop_oldest(self) -> None:
        self.lost_through = self.messages.popleft().replay_id


class _Shelves:
    """All that is kept for one identity."""

    __slots__ = ("begun_after", "by_channel", "wanted_at")

    def __init__(self, begun_after: int, wanted_at: float) -> None:
        self.begun_after = begun_after
        self.wanted_at = wanted_at
        self.by_channel: dict[str, _Shelf] = {}

    def covered_by(self, name: str) -> list[_Shelf]:
        return [shelf for channel, shelf in self.by_channel.items() if name in covering(channel)]


class RecentMessages:
    """The latest messages, in memory."""

    def __init__(self, limits: BayeuxLimits, first_id: int = 1) -> None:
        self._messages_max = limits.replay_messages_max
        self._age_max_s = limits.replay_age_max_s
        self._last_id = first_id - 1
        self._now = 0.0
        self._of: dict[str, _Shelves] = {}

    def __len__(self) -> int:
        return sum(len(shelf.messages) for shelves in self._of.values() for shelf in shelves.by_channel.values())

    def want(self, identity: str, now: float) -> None:
        self._now = now
        shelves = self._of.get(identity)
        if shelves is None:
            self._of[identity] = _Shelves(self._last_id, now)
        else:
            shelves.wanted_at = now

    def retains(self, identity: str) -> bool:
        return identity in self._of

    def retain(self, identity: str, channel: str, data: bytes) -> int:
        shelves = self._of.get(identity)
        if shelves is None:
            return 0
        self._last_id += 1
        shelf = shelves.by_channel.get(channel)
        if shelf is None:
            shelf = shelves.by_channel[channel] = _Shelf(shelves.begun_after)
        shelf.messages.append(Retained(self._last_id, channel, data, self._now))
        if len(shelf.messages) > self._messages_max:
            shelf.drop_oldest()
        return self._last_id

    def since(self, identity: str, name: str, after: int) -> list[Retained] | None:
        shelves = self._of.get(identity)
        found = shelves.covered_by(name) if shelves is not None else []
        if after != ALL_RETAINED:
            begun_after = shelves.begun_after if shelves is not None else self._last_id
            lost_through = max((shelf.lost_through for shelf in found), default=begun_after)
            if not lost_through <= after <= self._last_id:
                return None
        messages = [message for shelf in found for message in shelf.messages if message.replay_id > after]
        return sorted(messages, key=lambda message: message.replay_id)

    def sweep(self, now: float) -> None:
        self._now = now
        oldest = now - self._age_max_s
        for identity, shelves in tuple(self._of.items()):
            for shelf in shelves.by_channel.values():
                while shelf.messages and shelf.messages[0].kept_at < oldest:
                    shelf.drop_oldest()
            if shelves.wanted_at < oldest:
                del self._of[identity]
