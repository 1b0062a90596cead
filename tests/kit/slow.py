"""A journal that is durable when the test says so, and in trouble when it says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cordboard.calls.ports import Line, Row
from cordboard.journal.memory import MemoryJournal


class SlowJournal(MemoryJournal):
    """``entries`` are what was appended together."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[tuple[Line, ...], tuple[Row, ...]]] = []
        self.why = ""
        self._reached = 0
        self._thens: list[tuple[int, Callable[[], None]]] = []

    def append(self, lines: Sequence[Line], rows: Sequence[Row] = ()) -> int:
        self.entries.append((tuple(lines), tuple(rows)))
        return super().append(lines, rows)

    @property
    def durable(self) -> int:
        return self._reached

    def when_durable(self, number: int, then: Callable[[], None]) -> None:
        if number <= self._reached:
            then()
        else:
            self._thens.append((number, then))

    def reach(self, number: int | None = None) -> None:
        """Everything up to this number, by default to the last, is durable now."""
        self._reached = self.last if number is None else number
        done = [then for at, then in self._thens if at <= self._reached]
        self._thens = [(at, then) for at, then in self._thens if at > self._reached]
        for then in done:
            then()

    def trouble(self) -> str:
        return self.why
