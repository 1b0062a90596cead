"""What was kept of an earlier process, and where it is kept from now on: the journal and the book over it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator

import structlog

from cordboard import __version__
from cordboard.agents import rows as device_rows
from cordboard.agents.roster import Roster
from cordboard.bayeux.keeping import Keeper, Unkept
from cordboard.calls.board import Board
from cordboard.calls.ports import Journal, Line
from cordboard.journal.opening import open_journal
from cordboard.journal.sqlite import SqliteJournal
from cordboard.server.book import Book
from cordboard.server.clock import Clock
from cordboard.server.cometd_keeper import JournalKeeper
from cordboard.server.config import Config
from cordboard.server.lines import Site, started_line

_log = structlog.get_logger()
_LATEST = 1_000
"""Among so many lines at the end the latest instant is looked for: rows have no instants, and are few in a row."""


class Kept:
    """Without a journal nothing was kept and nothing will be."""

    def __init__(self, journal: Journal | None) -> None:
        self._journal = journal
        self.calls = 0
        """So many calls an earlier run has left."""
        self.book = Book(journal)

    def read(self, table: str) -> Iterable[tuple[bytes, bytes]]:
        """The keys and values of a table as the earlier process left them."""
        return self._journal.rows(table) if self._journal is not None else ()

    def lines(self, after: int) -> Iterable[tuple[int, Line]]:
        """The lines behind this one that the earlier process has left."""
        return self._journal.lines(after) if self._journal is not None else ()

    def restore(self, board: Board, roster: Roster, site: Site, now: float) -> None:
        """Go on where the earlier process was; what there was is the first line of this one."""
        if self._journal is None:
            return
        roster.restore(self.read(device_rows.TABLE))
        board.restore(self.read, now)
        new = board.take_rows()
        everything = [*board.all_rows(), *roster.all_rows()]
        self.book.add((started_line(__version__, everything, site, now),), new)
        self.calls = len(board.ledger.calls)
        if self.calls:
            _log.info("calls of an earlier run go on, if the switch still has them", calls=self.calls)

    def keeper(self, clock: Clock) -> Keeper:
        """Where notifications and their sessions are kept."""
        if self._journal is not None:
            return JournalKeeper(self._journal, clock.now, lambda: self.book.is_overfull)
        return Unkept(_numbers_so_far(clock))

    @property
    def watched(self) -> SqliteJournal | None:
        """The journal, if it is one that can say how it is doing."""
        return self._journal if isinstance(self._journal, SqliteJournal) else None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to write."""
        if isinstance(self._journal, SqliteJournal):
            self._journal.start(loop.call_soon, loop.call_soon_threadsafe, self.book.in_trouble, self.book.overfull)


@contextlib.contextmanager
def opened(config: Config) -> Iterator[Journal | None]:
    """The journal of a configuration, if it has one; closed in the end. Raises JournalError."""
    if config.journal_file is None:
        yield None
        return
    made = open_journal(config.journal_file, config.site(), config.journal.terms(), _numbers_so_far(Clock()))
    with contextlib.closing(made) as journal:
        yield journal


def _numbers_so_far(clock: Clock) -> int:
    """Numbers above this nobody was ever given: there were fewer messages than milliseconds. JavaScript can count so
    far, and for some 280,000 years to come."""
    return int(clock.wall() * 1000)


def clock(journal: Journal | None) -> Clock:
    """A clock that goes on after the latest instant that was written down."""
    if journal is None:
        return Clock()
    latest = (line.at for _, line in journal.lines(max(0, journal.last - _LATEST)))
    return Clock.later_than(max(latest, default=0.0))
