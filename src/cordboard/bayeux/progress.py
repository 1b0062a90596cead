"""How far everything has come, noted now and then so that a restart knows from where to tell again.

Deliberately absent: when that is (``broker``), what it is good for (``restoring``).
"""

from __future__ import annotations

from cordboard.bayeux.keeping import Keeper, Progress
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.replay import Retention


class Noting:
    """Looks at all sessions and tells the keeper what has changed."""

    def __init__(self, keeper: Keeper, sessions: Registry, retention: Retention | None) -> None:
        self._keeper = keeper
        self._sessions = sessions
        self._retention = retention
        self._arrived = 0
        self._safe_before = 0
        self._own = 0
        """The number of the last note. If it is the last of all there is nothing new."""

    def look(self, published: int) -> None:
        """Note what has changed since the last look, if only that time has passed without messages.

        Whatever was safe then has been published, if it was a message: a start needs to read nothing before it.
        """
        before, self._safe_before = self._safe_before, self._keeper.kept
        self.note(max(published, before if before > self._own else 0))

    def note(self, published: int) -> None:
        """``published`` is the last number that sessions were told."""
        if self._keeper.trouble():
            return
        arrived = max(self._arrived, published)
        behind = [(session, session.arrived) for session in self._sessions if session.is_behind]
        # What had arrived everywhere has, whatever has come since.
        arrived = max(self._arrived, min((number for _, number in behind), default=arrived))
        further: dict[str, int] = {}
        for session, number in behind:
            # With acknowledgements the client itself tells how far it is.
            if number > max(arrived, session.numbers.noted) and not session.acknowledging:
                session.numbers.noted = further[session.client_id] = number
        shelves = self._retention.changes() if self._retention is not None else {}
        if arrived > self._arrived or further or shelves:
            self._arrived = arrived
            first = self._retention.first if self._retention is not None else 0
            self._keeper.note(Progress(arrived, further, first, shelves))
            self._own = self._keeper.last
