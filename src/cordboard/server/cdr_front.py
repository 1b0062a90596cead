"""Call detail records, put together: those that the board completes are kept, written down and served at ``/cdr``."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from cordboard.calls.model import Number
from cordboard.calls.segments import AnyRecord
from cordboard.cdr import keeping
from cordboard.cdr.store import Limits, Store
from cordboard.people.directory import Directory
from cordboard.server.book import Book
from cordboard.server.cdr_door import Bearers, CdrDoor, Proves
from cordboard.server.clock import Clock

_log = structlog.get_logger()


class CdrFront:
    """``note`` is to be called while the book is open: what is complete goes into the entry that completes it."""

    def __init__(self, directory: Directory, limits: Limits, clock: Clock, book: Book, read: keeping.Read) -> None:
        self._directory = directory
        self._clock = clock
        self._book = book
        self.store = Store(directory, limits)
        self.store.restore(keeping.read(read))

    def note(self, records: Sequence[AnyRecord]) -> None:
        """A bug here is no reason that a call stops halfway."""
        try:
            self._note(records)
        except Exception:  # noqa: BLE001  # see above
            _log.exception("what is recorded of a call could not be kept")

    def _note(self, records: Sequence[AnyRecord]) -> None:
        shift, before = self._clock.wall() - self._clock.now(), self.store.last
        numbered = self.store.keep(keeping.on_the_wall(record, shift) for record in records)
        if self._book.keeps:
            self._book.add(keeping.lines(numbered, before + 1, self.name_of), keeping.rows(numbered))

    def door(self, users: Proves, bearers: Bearers) -> CdrDoor:
        return CdrDoor(self.store, self.name_of, self._directory, users, bearers, self._book)

    def name_of(self, number: Number) -> str:
        """Of whoever has this telephone."""
        user = self._directory.owner_of(number)
        return user.name if user is not None else ""
