"""What is recorded is kept and written down in the entry of what completes it."""

from __future__ import annotations

import msgspec
from structlog.testing import capture_logs
from tests.cdr.site import DIRECTORY, segment, transfer
from tests.server.test_cdr_door import Tokens, Users, ask

from cordboard.calls.ports import Line, Row
from cordboard.cdr.store import Limits, Query
from cordboard.journal.memory import MemoryJournal
from cordboard.server.book import Book
from cordboard.server.cdr_front import CdrFront
from cordboard.server.clock import Clock


class Wall(Clock, frozen=True):
    """Seconds since 1970 are 500 more than those of the board's clock."""

    def now(self) -> float:
        return 1000.0

    def wall(self) -> float:
        return 1500.0


def nothing(_table: str) -> tuple[tuple[bytes, bytes], ...]:
    return ()


def test_records_are_lines_and_rows_of_the_same_entry() -> None:
    journal = MemoryJournal()
    book = Book(journal)
    front = CdrFront(DIRECTORY, Limits(kept_max=2), Wall(), book, nothing)
    with book:
        book.add((Line("ask", 1000.0, b""),), (Row("calls", b"x", b"y"),))
        front.note([segment("10", "11"), transfer()])
    front.note([segment("11", "10")])
    lines = [(line.kind, line.at) for _, line in journal.lines()]
    assert lines == [("ask", 1000.0), ("segment", 1500.0), ("transfer", 1500.0), ("segment", 1500.0)]
    assert (
        msgspec.msgpack.decode(next(line.body for number, line in journal.lines() if number == 2))["userName"]
        == "user10"
    )
    assert [int.from_bytes(key) for key, _ in journal.rows("records")] == [2, 3]
    another = CdrFront(DIRECTORY, Limits(), Wall(), Book(), journal.rows)
    assert another.store.find(Query(), None) == front.store.find(Query(), None)
    another.note([segment("12", "11")])
    assert another.store.last == 4


async def test_its_door_has_the_same_records() -> None:
    front = CdrFront(DIRECTORY, Limits(), Wall(), Book(), nothing)
    front.note([segment("10", "11")])
    answer = await ask("everything", of=front.door(Users(), Tokens()))
    assert answer.ids() == [1]


def test_numbers_of_nobody_have_no_name() -> None:
    assert CdrFront(DIRECTORY, Limits(), Wall(), Book(), nothing).name_of("999") == ""


def test_a_bug_is_no_reason_that_a_call_stops() -> None:
    front = CdrFront(DIRECTORY, Limits(), Wall(), Book(), nothing)
    with capture_logs() as logs:
        front.note(["no record"])  # type: ignore[list-item]
    assert [line["event"] for line in logs] == ["what is recorded of a call could not be kept"]
