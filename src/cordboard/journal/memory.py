"""A journal in memory: durable at once, and gone with the process.

It is what tests and ``path = ":memory:"`` in ``[journal]`` have. Deliberately absent: files (``sqlite``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from cordboard.calls.ports import Line, Row, packed

LINES_MAX = 100_000
"""Lines that are kept; a process that runs for weeks would not have room for all."""


class MemoryJournal:
    """Implements ``calls.ports.Journal``. Hand it to the next server, and that one is a server that was restarted."""

    def __init__(self, lines_max: int = LINES_MAX) -> None:
        self._lines: deque[tuple[int, Line]] = deque(maxlen=lines_max)
        self._tables: dict[str, dict[bytes, bytes]] = {}
        self._last = 0

    def append(self, lines: Sequence[Line], rows: Sequence[Row] = ()) -> int:
        number = self._last
        for line in lines:
            number += 1
            self._lines.append((number, line))
        self._last = max(number, self._last + 1)
        for row in rows:
            table, value = self._tables.setdefault(row.table, {}), packed(row.value)
            if value is None:
                table.pop(row.key, None)
            else:
                table[row.key] = value
        return self._last

    def when_durable(self, number: int, then: Callable[[], None]) -> None:
        assert number <= self._last, "nobody waits for what was not appended"
        then()

    @property
    def first(self) -> int:
        return self._lines[0][0] if self._lines else self._last + 1

    @property
    def last(self) -> int:
        return self._last

    @property
    def durable(self) -> int:
        return self._last

    def trouble(self) -> str:
        return ""

    def lines(self, after: int = 0) -> Iterator[tuple[int, Line]]:
        return iter([(number, line) for number, line in self._lines if number > after])

    def rows(self, table: str) -> Iterator[tuple[bytes, bytes]]:
        return iter(sorted(self._tables.get(table, {}).items()))

    def close(self) -> None:
        """There is nothing to let go of; what was appended can still be read."""
