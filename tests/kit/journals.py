"""Journals in tests: opened, written to, and spoiled."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.kit.turns import Turns

from cordboard.calls.ports import Line, Row
from cordboard.journal.opening import open_journal
from cordboard.journal.sqlite import SqliteJournal, Terms

SITE = "here"


def line(kind: str = "ask", at: float = 1_000.0, size: int = 1) -> Line:
    return Line(kind, at, b"\x80" * size)


def row(key: bytes, value: bytes | None = b"v", table: str = "calls") -> Row:
    return Row(table, key, value)


@contextmanager
def journal(path: Path, terms: Terms | None = None) -> Iterator[tuple[SqliteJournal, Turns]]:
    """An open journal, and what turns the loop."""
    opened, turns = open_journal(path, SITE, terms), Turns()
    opened.start(turns.soon, turns.wake)
    try:
        yield opened, turns
    finally:
        opened.close()


def write(path: Path, entries: Sequence[tuple[Sequence[Line], Sequence[Row]]], terms: Terms | None = None) -> None:
    """Append entries, each in a commit of its own, and close."""
    with journal(path, terms) as (opened, turns):
        for lines, rows in entries:
            last = opened.append(lines, rows)
            turns.until(lambda last=last: opened.durable == last)  # type: ignore[misc]


def files(path: Path) -> dict[str, str]:
    """What a journal's files have in them, to see that nothing was changed."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in path.parent.glob(f"{path.name}*")
        if not file.name.endswith(("-shm", "-lock"))
    }


def crashed(path: Path, to: Path) -> Path:
    """The journal as a crash at this moment would leave it."""
    to.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        if not file.name.endswith("-shm"):
            shutil.copy(file, to / file.name)
    return to / path.name
