"""After a restart: sessions that were kept live on, each with all that it was told and that may not have arrived.

Deliberately absent: what is kept, and why so little of it (``keeping``).
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import msgspec
from msgspec.structs import replace

from cordboard.bayeux.channels import covering
from cordboard.bayeux.keeping import Keeper, KeptSession, KeptShelves, Remembered, Told
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import encode_delivery, with_replay_id
from cordboard.bayeux.replay import Retention, encode_again, missed
from cordboard.bayeux.session import Session


class _Waking(msgspec.Struct):
    """A session on its way back, and the messages for it."""

    kept: KeptSession
    arrived: int
    messages: list[tuple[int, bytes]]

    def hears(self, number: int, told: Told) -> bool:
        if number <= self.arrived:
            return False
        return any(self.kept.subscriptions.get(name, inf) < number for name in covering(told.channel))


class Restoring:
    """Brings back what a keeper has kept. ``may_subscribe`` may have changed its mind meanwhile."""

    def __init__(
        self,
        limits: BayeuxLimits,
        may_subscribe: Callable[[str, str], bool],
        retention: Retention | None,
        keeper: Keeper,
    ) -> None:
        self._limits = limits
        self._may_subscribe = may_subscribe
        self._retention = retention
        self._keeper = keeper

    def restore(self, now: float) -> tuple[list[Session], int]:
        """The sessions, whose time stands still, and the number of the last message that was told."""
        remembered = self._keeper.remembered()
        waking = [self._wake(kept, remembered) for kept in remembered.sessions]
        shelves = self._shelves(waking, remembered)
        if self._retention is not None:
            self._retention.restore(shelves, remembered.progress.arrived if shelves else self._keeper.last, now)
        last = self._recall(waking, shelves, remembered)
        for one in waking:
            self._tell_again(one)
        return [self._session(one, now) for one in waking], last

    def _wake(self, kept: KeptSession, remembered: Remembered) -> _Waking:
        allowed = {
            name: number for name, number in kept.subscriptions.items() if self._may_subscribe(kept.identity, name)
        }
        kept = replace(kept, subscriptions=allowed, replaying=kept.replaying and self._retention is not None)
        progress = remembered.progress
        arrived = max(kept.begun, progress.arrived, progress.arrived_at.get(kept.client_id, 0))
        return _Waking(kept, arrived, [])

    def _shelves(self, waking: list[_Waking], remembered: Remembered) -> dict[str, KeptShelves]:
        """What to retain, and for whom. Of those who asked for it last, nothing may have been noted yet."""
        progress = remembered.progress
        begun = {one.kept.identity: KeptShelves(progress.arrived) for one in waking if one.kept.replaying}
        return begun | {identity: shelves for identity, shelves in progress.shelves.items() if shelves is not None}

    def _recall(self, waking: list[_Waking], shelves: dict[str, KeptShelves], remembered: Remembered) -> int:
        """Go through the messages once: for those who wait, and for what is retained."""
        of: dict[str, list[_Waking]] = {}
        for one in waking:
            of.setdefault(one.kept.identity, []).append(one)
        start = _start(waking, shelves, remembered)
        if start is None:
            return self._keeper.last
        last = remembered.progress.arrived
        for number, at, told in self._keeper.told(start):
            last = max(last, number)
            if self._retention is not None:
                self._retention.recall(number, told, at)
            for one in of.get(told.identity, ()):
                if one.hears(number, told):
                    data = with_replay_id(told.data, number) if one.kept.replaying else told.data
                    one.messages.append((number, encode_delivery(told.channel, data)))
        return last

    def _tell_again(self, one: _Waking) -> None:
        for again in one.kept.again:
            if self._retention is not None and again.number > one.arrived:
                found = missed(self._retention, one.kept.identity, again.after)
                one.messages += [(again.number, encode_again(each)) for each in found if each.replay_id < again.number]
        one.messages.sort(key=_number)

    def _session(self, one: _Waking, now: float) -> Session:
        kept = one.kept
        session = Session(
            kept.client_id,
            kept.identity,
            self._limits,
            now,
            acknowledging=kept.acknowledging,
            begun=one.arrived,
        )
        session.expires_at = inf
        session.replaying = kept.replaying
        session.wanted = dict(kept.subscriptions)
        session.subscriptions = set(kept.subscriptions)
        session.again = [again for again in kept.again if again.number > one.arrived]
        session.restore(one.messages)
        return session


def _start(waking: list[_Waking], shelves: dict[str, KeptShelves], remembered: Remembered) -> int | None:
    """After which number somebody may want something; None if nobody does."""
    starts = [one.arrived for one in waking]
    if shelves:
        noted = remembered.progress.retained_from
        starts.append(max(min(one.begun_after for one in shelves.values()), noted - 1))
    return min(starts, default=None)


def _number(message: tuple[int, bytes]) -> int:
    return message[0]
