"""A journal that is durable when it is told to be, and a crash that loses what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cordboard.calls.ports import Line, Row
from cordboard.journal.memory import MemoryJournal


class SlowJournal:
    """Implements ``calls.ports.Journal``."""

    def __init__(self) -> None:
        self.reason = ""
        self._entries: list[tuple[int, Sequence[Line], Sequence[Row]]] = []
        self._safe = MemoryJournal()
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        self._last = 0

    def append(self, lines: Sequence[Line], rows: Sequence[Row] = ()) -> int:
        self._last += max(1, len(lines))
        self._entries.append((self._last, tuple(lines), tuple(rows)))
        return self._last

    def when_durable(self, number: int, then: Callable[[], None]) -> None:
        if number <= self.durable:
            then()
            return
        self._waiting.append((number, then))
        self._waiting.sort(key=lambda one: one[0])

    def flush(self, entries: int | None = None) -> None:
        """Some entries, or all, become durable."""
        count = len(self._entries) if entries is None else entries
        for _, lines, rows in self._entries[:count]:
            self._safe.append(lines, rows)
        del self._entries[:count]
        while self._waiting and self._waiting[0][0] <= self.durable:
            self._waiting.pop(0)[1]()

    def crash(self) -> SlowJournal:
        """What the next process finds."""
        found = SlowJournal()
        found._safe = self._safe
        found._last = self.durable
        return found

    @property
    def first(self) -> int:
        return self._safe.first

    @property
    def last(self) -> int:
        return self._last

    @property
    def durable(self) -> int:
        return self._safe.last

    def trouble(self) -> str:
        return self.reason

    def lines(self, after: int = 0) -> Iterator[tuple[int, Line]]:
        return self._safe.lines(after)

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        return self._safe.rows(table)

    def close(self) -> None:
        self.flush()
