"""Notification sessions and messages in the journal (implements ``bayeux.keeping.Keeper``).

A message is a line of its own, ``told``, and its number is its replay id. Sessions are rows; how far each has come is a
row beside, as that changes often. Deliberately absent: what is kept of a session, and when (``bayeux``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from cordboard.bayeux.keeping import KeptSession, KeptShelves, Progress, Remembered, Told
from cordboard.calls.ports import Journal, Line, Row

TOLD = "told"
"""The kind of line that one notification is."""
_SESSION = "session"
_SESSIONS, _ARRIVED, _RETAINED, _PROGRESS = "cometd_session", "cometd_arrived", "cometd_retained", "cometd_progress"
_THROUGH = b"through"

_encode = msgspec.msgpack.Encoder().encode
_told = msgspec.msgpack.Decoder(Told).decode
_session = msgspec.msgpack.Decoder(KeptSession).decode
_number = msgspec.msgpack.Decoder(int).decode
_shelves = msgspec.msgpack.Decoder(KeptShelves).decode
_through = msgspec.msgpack.Decoder(tuple[int, int]).decode


def told_line(told: Told, at: float) -> Line:
    """A notification as a line; whoever appends it publishes it with its number when it is durable."""
    return Line(TOLD, at, _encode(told))


class JournalKeeper:
    """``now`` tells the seconds since 1970, ``is_overfull`` whether nothing more may be appended."""

    def __init__(self, journal: Journal, now: Callable[[], float], is_overfull: Callable[[], bool] = bool) -> None:
        self._journal = journal
        self._now = now
        self._is_overfull = is_overfull

    @property
    def last(self) -> int:
        return self._journal.last

    @property
    def kept(self) -> int:
        return self._journal.durable

    def keep(self, session: KeptSession) -> int:
        key = session.client_id.encode()
        line = Line(_SESSION, self._now(), _encode(("kept", session.client_id, session.identity)))
        return self._journal.append([line], [Row(_SESSIONS, key, _encode(session))])

    def drop(self, session: KeptSession) -> int:
        key = session.client_id.encode()
        line = Line(_SESSION, self._now(), _encode(("dropped", session.client_id, session.identity)))
        return self._journal.append([line], [Row(_SESSIONS, key, None), Row(_ARRIVED, key, None)])

    def tell(self, identity: str, channel: str, data: bytes) -> int:
        return self._journal.append([told_line(Told(identity, channel, data), self._now())])

    def note(self, progress: Progress) -> None:
        through = _encode((progress.arrived, progress.retained_from))
        rows = [Row(_PROGRESS, _THROUGH, through)]
        rows += [Row(_ARRIVED, client_id.encode(), _encode(at)) for client_id, at in progress.arrived_at.items()]
        for identity, shelves in progress.shelves.items():
            rows.append(Row(_RETAINED, identity.encode(), _encode(shelves) if shelves is not None else None))
        self._journal.append((), rows)

    def when_kept(self, number: int, then: Callable[[], None]) -> None:
        self._journal.when_durable(number, then)

    def trouble(self) -> bool:
        return bool(self._journal.trouble())

    def overfull(self) -> bool:
        return self._is_overfull()

    def remembered(self) -> Remembered:
        journal = self._journal
        sessions = [_session(value) for _, value in journal.rows(_SESSIONS)]
        arrived, retained_from = next((_through(value) for _, value in journal.rows(_PROGRESS)), (0, 0))
        arrived_at = {key.decode(): _number(value) for key, value in journal.rows(_ARRIVED)}
        shelves = {key.decode(): _shelves(value) for key, value in journal.rows(_RETAINED)}
        return Remembered(sessions, Progress(arrived, arrived_at, retained_from, shelves))

    def told(self, after: int) -> Iterator[tuple[int, float, Told]]:
        for number, line in self._journal.lines(after):
            if line.kind == TOLD:
                yield number, line.at, _told(line.body)
