"""The book: what one input leads to becomes one entry of the journal, and leaves the process once that is durable.

Whoever works on an input opens the book (``with book``), writes lines and rows, and says what is to be done outside:
orders, notifications. When the outermost closes it all of that is appended at once. Without a journal it is done at
once. Answers to requests wait for ``safe`` (docs/decisions/0018). Deliberately absent: what lines and rows say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import structlog

from cordboard.calls.ports import Journal, Line, Row
from cordboard.journal.failures import Cause, Trouble

_log = structlog.get_logger()

Effect: TypeAlias = "Callable[[int], None]"
"""Something to be done outside. It gets the number of the first line that was written with it, 0 without a journal."""

HELD_MAX = 256
"""So many lines wait for another entry before they are an entry of their own."""


class Book:
    """``patience_s`` is how long an answer waits for the journal."""

    def __init__(self, journal: Journal | None = None, patience_s: float = 10.0) -> None:
        self._journal = journal
        self._patience_s = patience_s
        self._depth = 0
        self._urgent = False
        self._lines: list[Line] = []
        self._rows: list[Row] = []
        self._effects: list[tuple[Effect, int]] = []
        self._readers: set[asyncio.Future[bool]] = set()
        self._why = ""
        self._hangs = ""
        self.recovered: list[Callable[[], None]] = []
        """Called when the journal can be written again."""
        self.is_overfull = False
        """Whether so much waits to be written that nothing more may come."""
        self.on_overfull: list[Callable[[bool], None]] = []
        """Told when that begins, and when all is written."""

    @property
    def keeps(self) -> bool:
        """Whether lines and rows are wanted at all."""
        return self._journal is not None

    # -- writing ---------------------------------------------------------------------------------------------------

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if self._urgent and not self._depth:
            self._close()

    def add(self, lines: Sequence[Line] = (), rows: Sequence[Row] = (), effect: Effect | None = None) -> None:
        """Part of the entry that is open, or an entry of its own."""
        if self._journal is None:
            if effect is not None:
                effect(0)
            return
        if effect is not None:
            self._effects.append((effect, len(self._lines)))
        self._lines += lines
        self._rows += rows
        if self._depth:
            self._urgent = True
        else:
            self._close()

    def hold(self, lines: Sequence[Line], rows: Sequence[Row]) -> None:
        """What nobody waits for: it goes with the next entry. If it is lost, it is found out again."""
        self._lines += lines
        self._rows += rows
        if len(self._lines) >= HELD_MAX:
            self._urgent = True
            if not self._depth:
                self._close()

    def flush(self) -> None:
        """What is held becomes an entry."""
        self._close()

    def _close(self) -> None:
        journal, self._urgent = self._journal, False
        if journal is None or not (self._lines or self._rows or self._effects):
            return
        lines, self._lines = self._lines, []
        rows, self._rows = self._rows, []
        effects, self._effects = self._effects, []
        first = journal.last + 1
        number = journal.append(lines, rows) if lines or rows else journal.last
        if effects:
            journal.when_durable(number, partial(_do, effects, first))

    # -- waiting ---------------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        """The number of the latest entry."""
        return self._journal.last if self._journal is not None else 0

    @property
    def is_safe(self) -> bool:
        """Whether everything is durable."""
        return self._journal is None or self._journal.durable >= self._journal.last

    async def safe(self, before: int) -> bool:
        """Wait until all that an answer may tell of is durable; ``before`` is ``last`` as it was before the request.

        While the journal is in trouble only those wait whose request changed something. False if it takes too long.
        """
        journal = self._journal
        if journal is None or self.is_safe:
            return True
        changed = journal.last != before
        if self._why and not changed:
            return True
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[bool] = loop.create_future()
        if not changed:
            self._readers.add(waiting)
        journal.when_durable(journal.last, partial(_settle, waiting))
        # asyncio.timeout costs several times as much
        end = loop.call_later(self._patience_s, self._waited_in_vain, waiting, journal.durable)
        try:
            return await waiting
        finally:
            end.cancel()
            self._readers.discard(waiting)

    def _waited_in_vain(self, waiting: asyncio.Future[bool], durable: int) -> None:
        """A disk that hangs gives no error. Those who read are answered as with any other trouble."""
        journal = self._journal
        if journal is not None and journal.durable == durable < journal.last and not self._why:
            hangs = f"the disk has not answered for {self._patience_s:g} s"
            self._hangs = Trouble(hangs, Cause.HANGING)
            self.in_trouble(self._hangs)
            journal.when_durable(durable + 1, self._moves)
        _settle(waiting, False)

    def _moves(self) -> None:
        self._hangs = ""
        self.in_trouble(self.trouble())

    # -- trouble ---------------------------------------------------------------------------------------------------

    def trouble(self) -> str:
        """Why nothing can be written; "" if all is well."""
        return (self._journal.trouble() or self._hangs) if self._journal is not None else ""

    def in_trouble(self, why: str) -> None:
        """Told by the journal whenever that changes. Those who only read need not wait any longer."""
        before, self._why = self._why, why
        if why and not before:
            _log.error("the journal can't be written: commands are refused, and nothing leaves", why=why)
            for reader in self._readers:
                _settle(reader)
        elif before and not why:
            _log.info("the journal can be written again")
            for recovered in self.recovered:
                recovered()

    def overfull(self, is_overfull: bool) -> None:
        """Told by the journal when so much waits to be written that nothing more may come, and when all is written."""
        self.is_overfull = is_overfull
        for told in self.on_overfull:
            told(is_overfull)


def _do(effects: Sequence[tuple[Effect, int]], first: int) -> None:
    for effect, offset in effects:
        try:
            effect(first + offset)
        except Exception:  # noqa: BLE001  # one that fails must not keep the others from leaving
            _log.exception("what was written down could not be done")


def _settle(waiting: asyncio.Future[bool], is_safe: bool = True) -> None:
    if not waiting.done():
        waiting.set_result(is_safe)
