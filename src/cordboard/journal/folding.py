"""Rows are folded: of all that was written about a row, its newest value goes into ``state``, many at a time.

Then a start reads what is there now, not all that ever was. A fold need not be one transaction: until ``folded`` moves
on, the entries behind it are applied again at a start, and the newest value wins in any case. So it goes in pieces,
with the commits, and nobody waits for it. Old lines are forgotten in the same way.
Deliberately absent: threads (``writer``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from cordboard.calls.ports import packed
from cordboard.journal.format import row_crc

Newest: TypeAlias = "dict[tuple[str, bytes], Any]"
"""The newest values of rows, as they were appended, by table and key; None: the row is gone."""

PIECE = 200
"""Rows that are folded, and commits that are forgotten, along with one transaction."""

_DAY_S = 86_400.0


class Fold(NamedTuple):
    """Rows as they are after the line ``through``."""

    through: int
    at: float
    rows: Newest


class Keep(NamedTuple):
    """How long folded lines stay, and how large the file may be before they have to go earlier."""

    days: float
    bytes_max: int


class Folding:
    """A fold under way, and after it the forgetting of lines. ``step`` belongs into a transaction; once that is there,
    ``go_on``; if it is not, ``step`` does the same again."""

    def __init__(self, fold: Fold, keep: Keep) -> None:
        self._fold = fold
        self._keep = keep
        self._rows = list(fold.rows.items())
        self._begin = 0
        self._is_folded = False
        self._has_more = True

    def step(self, connection: sqlite3.Connection) -> None:
        if self._is_folded:
            self._has_more = forget_piece(connection, self._keep, self._fold)
            return
        _write_rows(connection, dict(self._rows[self._begin : self._begin + PIECE]))
        if self._begin + PIECE >= len(self._rows):
            connection.execute("UPDATE meta SET value = ? WHERE name = 'folded'", (self._fold.through,))

    def go_on(self) -> bool:
        """The last step is durable. Whether there is another one."""
        if self._is_folded:
            return self._has_more
        self._begin += PIECE
        self._is_folded = self._begin >= len(self._rows)
        return True

    @property
    def through(self) -> int:
        return self._fold.through

    @property
    def folded(self) -> int:
        """Up to where everything is in ``state``, by this fold; 0 as long as it isn't."""
        return self._fold.through if self._is_folded else 0


def _write_rows(connection: sqlite3.Connection, rows: Mapping[tuple[str, bytes], Any]) -> None:
    """One statement for all that are there, one for all that are gone: each lets other threads run only once."""
    values = ((name, key, packed(value)) for (name, key), value in rows.items())
    there = [(name, key, value, row_crc(name, key, value)) for name, key, value in values if value is not None]
    gone = [name_and_key for name_and_key, value in rows.items() if value is None]
    if there:
        marks = ",".join(["(?,?,?,?)"] * len(there))
        connection.execute(
            f"INSERT OR REPLACE INTO state (name, key, value, crc) VALUES {marks}",  # noqa: S608  # question marks only
            [column for row in there for column in row],
        )
    if gone:
        marks = ",".join(["(?,?)"] * len(gone))
        connection.execute(
            f"DELETE FROM state WHERE (name, key) IN (VALUES {marks})",  # noqa: S608  # question marks only
            [column for row in gone for column in row],
        )


def forget_piece(connection: sqlite3.Connection, keep: Keep, folded: Fold) -> bool:
    """Forget the oldest commits that are folded and too old, or in a file that is too large. Whether there may be
    more of them."""
    commits = connection.execute(
        "SELECT last, at FROM log WHERE last <= ? ORDER BY last LIMIT ?", (folded.through, PIECE)
    )
    oldest = commits.fetchall()
    before = folded.at - keep.days * _DAY_S
    is_full = _bytes_used(connection) > keep.bytes_max
    last = 0
    for number, at in oldest:
        if at >= before and not is_full:
            break
        last = number
    if last:
        connection.execute("DELETE FROM log WHERE last <= ?", (last,))
    return len(oldest) == PIECE and last == oldest[-1][0]


def first_number(connection: sqlite3.Connection, last: int) -> int:
    """The oldest number that is kept, or the next one that will be given."""
    found = connection.execute("SELECT first FROM log ORDER BY last LIMIT 1").fetchone()
    return found[0] if found else last + 1


def _bytes_used(connection: sqlite3.Connection) -> int:
    """Without pages that are free: the file does not shrink, they are used again."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
