"""What is retained so that it can be had again: the memory of the extension replay (bayeux §4).

Messages have numbers that grow over all identities and channels. They are retained for those identities that have asked
for it, by a handshake with ``ext.replay``, until nobody has for a while: who does not use the extension pays nothing.
``Retention`` is what the broker needs of a memory; ``RecentMessages`` holds them in this process. After a restart it is
filled again with what was kept (``restoring``); for that it tells what has changed but the messages themselves.

Deliberately absent: where numbers come from and keeping (``keeping``), who gets what (``subscribing``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Protocol

import msgspec

from cordboard.bayeux.channels import covering
from cordboard.bayeux.extensions import ALL_RETAINED
from cordboard.bayeux.keeping import KeptShelves, Told
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import encode_delivery, with_replay_id


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

    def retain(self, identity: str, channel: str, data: bytes, number: int) -> bool:
        """Keep a message, if any for this identity are kept. All that are published pass here, kept or not."""

    def since(self, identity: str, name: str, after: int) -> list[Retained] | None:
        """Everything on a channel or pattern after this number, in order; None if some of it is kept no longer."""

    def sweep(self, now: float) -> None:
        """Forget what is too old."""

    @property
    def first(self) -> int:
        """The first number that is kept, or that will be."""

    def changes(self) -> Mapping[str, KeptShelves | None]:
        """What has changed since this was asked last, by identity; None if nothing is kept for it any more."""

    def restore(self, shelves: Mapping[str, KeptShelves], last: int, now: float) -> None:
        """Begin where an earlier process has ended; ``last`` is the last number that it is sure to have known."""

    def recall(self, number: int, told: Told, at: float) -> None:
        """Keep a message of an earlier process."""


def missed(retention: Retention, identity: str, after: Mapping[str, int]) -> list[Retained]:
    """Everything after a number, on several channels or patterns, each message once; what is gone is passed over."""
    found: dict[int, Retained] = {}
    for name, number in after.items():
        of_name = retention.since(identity, name, number)
        if of_name is None:
            of_name = retention.since(identity, name, ALL_RETAINED) or []
        found.update((one.replay_id, one) for one in of_name if one.replay_id > number)
    return [found[replay_id] for replay_id in sorted(found)]


def encode_again(message: Retained) -> bytes:
    """The JSON object that delivers it once more."""
    return encode_delivery(message.channel, with_replay_id(message.data, message.replay_id))


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

    def __init__(self, limits: BayeuxLimits) -> None:
        self._messages_max = limits.replay_messages_max
        self._age_max_s = limits.replay_age_max_s
        self._last_id = 0
        self._now = 0.0
        self._of: dict[str, _Shelves] = {}
        self._changed: set[str] = set()

    def __len__(self) -> int:
        return sum(len(shelf.messages) for shelves in self._of.values() for shelf in shelves.by_channel.values())

    def want(self, identity: str, now: float) -> None:
        self._now = now
        shelves = self._of.get(identity)
        if shelves is None:
            self._of[identity] = _Shelves(self._last_id, now)
            self._changed.add(identity)
        else:
            shelves.wanted_at = now

    def retains(self, identity: str) -> bool:
        return identity in self._of

    def retain(self, identity: str, channel: str, data: bytes, number: int) -> bool:
        if number > self._last_id:
            self._last_id = number
        shelves = self._of.get(identity)
        if shelves is None:
            return False
        self._put(identity, shelves, Retained(number, channel, data, self._now))
        return True

    def _put(self, identity: str, shelves: _Shelves, message: Retained) -> None:
        shelf = shelves.by_channel.get(message.channel)
        if shelf is None:
            shelf = shelves.by_channel[message.channel] = _Shelf(shelves.begun_after)
        shelf.messages.append(message)
        if len(shelf.messages) > self._messages_max:
            shelf.drop_oldest()
            self._changed.add(identity)

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
                    self._changed.add(identity)
            if shelves.wanted_at < oldest:
                del self._of[identity]
                self._changed.add(identity)

    # ------------------------------------------------------------------ what survives

    @property
    def first(self) -> int:
        shelves = (shelf for shelves in self._of.values() for shelf in shelves.by_channel.values())
        return min((shelf.messages[0].replay_id for shelf in shelves if shelf.messages), default=self._last_id + 1)

    def changes(self) -> Mapping[str, KeptShelves | None]:
        changed, self._changed = self._changed, set()
        return {identity: self._kept(identity) for identity in sorted(changed)}

    def _kept(self, identity: str) -> KeptShelves | None:
        shelves = self._of.get(identity)
        if shelves is None:
            return None
        begun_after = shelves.begun_after
        lost = {name: shelf.lost_through for name, shelf in shelves.by_channel.items()}
        return KeptShelves(begun_after, {name: through for name, through in lost.items() if through != begun_after})

    def restore(self, shelves: Mapping[str, KeptShelves], last: int, now: float) -> None:
        self._last_id = last
        self._now = now
        for identity, kept in shelves.items():
            own = self._of[identity] = _Shelves(kept.begun_after, now)
            own.by_channel = {channel: _Shelf(through) for channel, through in kept.lost_through.items()}
            self._changed.add(identity)  # what began just before the end was not noted yet

    def recall(self, number: int, told: Told, at: float) -> None:
        self._last_id = max(self._last_id, number)
        shelves = self._of.get(told.identity)
        if shelves is None:
            return
        shelf = shelves.by_channel.get(told.channel)
        if number > (shelf.lost_through if shelf is not None else shelves.begun_after):
            self._put(told.identity, shelves, Retained(number, told.channel, told.data, at))
