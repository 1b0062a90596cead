"""Entries that follow from their numbers, so that whoever finds a journal knows all that must be in it; and a program
that appends them until it is killed: ``python -m tests.kit.journal_script FILE SEED``.

It prints, in a line of its own, each number that it was told to be durable.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from tests.kit.journals import SITE

from cordboard.calls.ports import Line, Row
from cordboard.journal.folding import Keep
from cordboard.journal.opening import open_journal
from cordboard.journal.sqlite import SqliteJournal, Terms

_KEYS = 7
_SIZES = (1, 20, 100, 1_200)
TERMS = Terms(fold_interval_s=3.0, fold_rows_max=6, keep=Keep(days=1e6, bytes_max=1 << 40))
"""So that folds are under way most of the time."""


def entry(first: int) -> tuple[list[Line], list[Row]]:
    """The one that begins with this number."""
    count = first % 4
    lines = [Line(f"kind{number % 5}", float(number), _body(number)) for number in range(first, first + count)]
    rows = [_row(first, shift) for shift in range(first % 3)]
    return lines, rows or ([] if lines else [_row(first, 0)])


def _body(number: int) -> bytes:
    return number.to_bytes(8, "big") * _SIZES[number % len(_SIZES)]


def _row(first: int, shift: int) -> Row:
    key = (first * 3 + shift) % _KEYS
    return Row(f"table{key % 2}", b"%d" % key, None if first % 5 == 0 else _body(first))


def expected(last: int) -> tuple[list[tuple[int, Line]], dict[tuple[str, bytes], bytes]] | None:
    """The lines and rows of all entries up to ``last``; None if no entry ends there."""
    lines: list[tuple[int, Line]] = []
    rows: dict[tuple[str, bytes], bytes | None] = {}
    first = 1
    while first <= last:
        new, changed = entry(first)
        lines += enumerate(new, first)
        rows.update({(row.table, row.key): row.value for row in changed})
        first += len(new) or 1
    if first != last + 1:
        return None
    return lines, {key: value for key, value in rows.items() if value is not None}


def check(journal: SqliteJournal) -> None:
    """What is there is what was appended, up to where it ends: no more, no less, nothing in halves."""
    found = expected(journal.last)
    assert found is not None, f"the journal ends with {journal.last}, in the middle of an entry"
    lines, rows = found
    assert list(journal.lines()) == [(number, line) for number, line in lines if number >= journal.first]
    for table in ("table0", "table1"):
        assert dict(journal.rows(table)) == {key: value for (name, key), value in rows.items() if name == table}


async def _append(path: Path, choice: random.Random) -> None:
    loop = asyncio.get_running_loop()
    journal = open_journal(path, SITE, TERMS)
    journal._connection.execute("PRAGMA wal_autocheckpoint = 20")
    journal.start(loop.call_soon, loop.call_soon_threadsafe)
    while True:
        for _ in range(choice.randrange(1, 8)):
            number = journal.append(*entry(journal.last + 1))
            journal.when_durable(number, lambda number=number: _say(number))  # type: ignore[misc]
        await asyncio.sleep(choice.choice((0, 0, 0.001)))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_append(Path(sys.argv[1]), random.Random(sys.argv[2])))
