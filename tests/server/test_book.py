"""The book: entries, what waits for them, and a journal that is slow or in trouble."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs
from tests.kit.slow import SlowJournal

from cordboard.calls.ports import Line, Row
from cordboard.journal.failures import Cause, Trouble
from cordboard.server.book import HELD_MAX, Book

ROW = Row("calls", b"k", b"v")


def line(kind: str = "hear") -> Line:
    return Line(kind, 1.0, b"")


class Shop:
    """A book over a slow journal; ``done`` are the effects, by name and number."""

    def __init__(self) -> None:
        self.journal = SlowJournal()
        self.book = Book(self.journal, patience_s=0.01)
        self.done: list[tuple[str, int]] = []

    def add(self, name: str, lines: int = 1) -> None:
        self.book.add([line(name)] * lines, effect=lambda number: self.done.append((name, number)))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_without_a_journal_everything_is_done_at_once() -> None:
    book, done = Book(), []
    with book:
        book.add([line()], effect=done.append)
        assert done == [0]
        book.add([line()])
    book.flush()
    assert (book.keeps, book.last, book.trouble()) == (False, 0, "")


def test_what_is_added_while_the_book_is_open_is_one_entry(shop: Shop) -> None:
    with shop.book:
        shop.add("a", lines=2)
        with shop.book:
            shop.add("b")
            shop.book.add((), [ROW])
        assert shop.journal.entries == []
    assert [(len(lines), len(rows)) for lines, rows in shop.journal.entries] == [(3, 1)]
    assert shop.done == []
    shop.journal.reach()
    assert shop.done == [("a", 1), ("b", 3)]


def test_what_is_added_to_a_closed_book_is_an_entry_of_its_own(shop: Shop) -> None:
    shop.add("a")
    shop.add("b")
    assert len(shop.journal.entries) == 2
    shop.journal.reach(1)
    assert shop.done == [("a", 1)]


def test_an_effect_alone_waits_for_what_was_written_before(shop: Shop) -> None:
    shop.book.add([line()])
    shop.book.add(effect=lambda number: shop.done.append(("a", number)))
    assert len(shop.journal.entries) == 1
    assert shop.done == []
    shop.journal.reach()
    assert shop.done == [("a", 2)]


def test_what_nobody_waits_for_goes_with_the_next_entry(shop: Shop) -> None:
    with shop.book:
        shop.book.hold([line("held")], [ROW])
    assert shop.journal.entries == []
    shop.add("a")
    assert [[one.kind for one in lines] for lines, _ in shop.journal.entries] == [["held", "a"]]
    shop.journal.reach()
    assert shop.done == [("a", 2)]
    shop.book.hold([line("held")], [])
    shop.book.flush()
    assert len(shop.journal.entries) == 2


@pytest.mark.parametrize("is_open", [True, False])
def test_not_too_much_is_held(shop: Shop, is_open: bool) -> None:
    for _ in range(HELD_MAX):
        if is_open:
            with shop.book:
                shop.book.hold([line()], [])
        else:
            shop.book.hold([line()], [])
    assert [len(lines) for lines, _ in shop.journal.entries] == [HELD_MAX]


def test_an_effect_that_fails_keeps_nobody_from_the_others(shop: Shop) -> None:
    with shop.book:
        shop.book.add([line()], effect=lambda _: 1 / 0)  # type: ignore[arg-type, return-value]
        shop.add("a")
    with capture_logs() as logs:
        shop.journal.reach()
    assert shop.done == [("a", 2)]
    assert [one["event"] for one in logs] == ["what was written down could not be done"]


async def test_an_answer_waits_until_what_it_tells_of_is_durable(shop: Shop) -> None:
    shop.add("a")
    waiting = asyncio.create_task(shop.book.safe(0))
    await asyncio.sleep(0)
    assert not waiting.done()
    shop.journal.reach()
    assert await waiting
    assert await shop.book.safe(1)
    assert await Book().safe(0)


async def test_an_answer_does_not_wait_for_ever(shop: Shop) -> None:
    shop.add("a")
    assert not await shop.book.safe(0)
    shop.journal.reach()


async def test_in_trouble_those_who_read_need_not_wait(shop: Shop) -> None:
    shop.add("a")
    reader, writer = asyncio.create_task(shop.book.safe(1)), asyncio.create_task(shop.book.safe(0))
    await asyncio.sleep(0)
    with capture_logs() as logs:
        shop.book.in_trouble("no space")
        shop.book.in_trouble("no space at all")
    assert await reader
    assert await shop.book.safe(1)
    assert not await writer
    recovered: list[str] = []
    shop.book.recovered.append(lambda: recovered.append("now"))
    with capture_logs() as more:
        shop.book.in_trouble("")
        shop.book.in_trouble("")
    assert [len(logs), len(more), recovered] == [1, 1, ["now"]]
    shop.journal.why = "no space"
    assert shop.book.trouble() == "no space"


def test_that_too_much_waits_is_handed_on(shop: Shop) -> None:
    told: list[bool] = []
    shop.book.on_overfull.append(told.append)
    shop.book.overfull(True)
    assert shop.book.is_overfull
    shop.book.overfull(False)
    assert (shop.book.is_overfull, told) == (False, [True, False])


async def test_a_disk_that_hangs_is_trouble_until_it_moves(shop: Shop) -> None:
    recovered: list[int] = []
    shop.book.recovered.append(lambda: recovered.append(1))
    shop.add("a")
    with capture_logs() as logs:
        assert await shop.book.safe(shop.book.last)  # who only reads is answered
        why = shop.book.trouble()
        assert isinstance(why, Trouble)
        assert (why, why.cause) == ("the disk has not answered for 0.01 s", Cause.HANGING)
        assert not await shop.book.safe(0)
        shop.add("b")
        shop.journal.reach(1)
        assert (shop.book.trouble(), recovered) == ("", [1])
    assert [line["log_level"] for line in logs] == ["error", "info"]


async def test_a_disk_that_is_slow_is_no_trouble(shop: Shop) -> None:
    for name in "ab":
        shop.add(name)
    asking = asyncio.ensure_future(shop.book.safe(0))
    await asyncio.sleep(0)
    shop.journal.reach(1)
    assert not await asking
    assert shop.book.trouble() == ""


async def test_a_disk_that_hung_may_turn_out_to_be_full(shop: Shop) -> None:
    shop.add("a")
    with capture_logs():
        assert not await shop.book.safe(0)
        shop.journal.why = "no space"
        shop.book.in_trouble("no space")
        assert shop.book.trouble() == "no space"
        shop.add("b")
        shop.journal.reach(1)
        assert shop.book.trouble() == "no space"
        shop.journal.why = ""
        shop.book.in_trouble("")
    assert shop.book.trouble() == ""
