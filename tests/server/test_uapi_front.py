"""The UnifiedAPI, put together: what happens is noted, told and recorded, and stops nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit.slow import SlowJournal

from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, CallState, CallType
from cordboard.people.model import Account
from cordboard.server.book import Book
from cordboard.server.clock import Clock
from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.config_uapi import Uapi
from cordboard.server.keeping import CannotKeepError
from cordboard.server.uapi_front import UapiFront
from cordboard.server.webhooks import Shelf

EVENTS = "/uapi/extensions/@me/5000/phoneCallEvents"
RINGS = Call("C1", "5000", "V1", "leg", CallState.RINGING, CallType.INTERNAL, "00aa00bb00000001", "5000", 1.0)
OVER = msgspec.structs.replace(RINGS, state=CallState.RELEASED)


def config(path: Path) -> Config:
    users = [{"name": name, "password": "x", "number": name} for name in ("5000", "5005")]
    made = read({"server": {"listen": "127.0.0.1:0"}, "users": users, "uapi": {"path": str(path)}}, {}, "test")
    assert not isinstance(made, Mistakes), made
    return made


class Site:
    """A front and its door; stands in for the desk and for tokens."""

    def __init__(self, path: Path, book: Book | None = None) -> None:
        wanted = config(path)
        self.book = book or Book()
        self._account = Account(wanted.directory.users[0])
        self.front = UapiFront(wanted, Clock(0.0), self, lambda: True, None, self.book)  # type: ignore[arg-type]
        self._door = self.front.door(self, self)  # type: ignore[arg-type]

    def account_of(self, _headers: Any, _query_string: bytes) -> Account:
        return self._account

    async def carry_out(self, _command: Any) -> None:
        raise AssertionError

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"" if body is None else msgspec.json.encode(body)}

        async def send(event: Any) -> None:
            sent.append(event)

        await self._door({"method": method, "path": path, "query_string": b"", "headers": []}, receive, send)
        return msgspec.json.decode(sent[1]["body"])

    def happens(self, *calls: Call) -> None:
        self.front.witness([CallChanged(Change.STATUS, call, frozenset()) for call in calls], 5.0)


async def test_what_happens_is_told_and_recorded_until_nobody_wants_to_know(tmp_path: Path) -> None:
    path = tmp_path / "uapi.db"
    site = Site(path)
    (made,) = await site.ask("POST", EVENTS, {"type": 0, "url": "http://127.0.0.1:1/"})
    site.happens(RINGS)
    assert [message.subscription for _, message in Shelf(str(path)).waiting()] == [made["id"]]
    assert (await site.ask("GET", "/uapi/phoneCalls/@me/@self"))["totalResults"] == 1
    site.happens(OVER)
    assert list((await site.ask("GET", "/uapi/cdr"))["entry"]) == ["00aa00bb000000000001"]
    await site.ask("DELETE", EVENTS)
    assert Shelf(str(path)).waiting() == []
    await site.front.start()
    await site.front.stop()


async def test_nobody_outside_is_told_before_it_is_written_down(tmp_path: Path) -> None:
    journal, told = SlowJournal(), asyncio.Event()
    site = Site(tmp_path / "uapi.db", Book(journal))

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()
        told.set()

    async with await asyncio.start_server(hear, "127.0.0.1", 0) as receiver:
        port = receiver.sockets[0].getsockname()[1]
        await site.front.start()
        asked = asyncio.create_task(site.ask("POST", EVENTS, {"type": 0, "url": f"http://127.0.0.1:{port}/"}))
        await asyncio.sleep(0)
        journal.reach()
        await asked
        with site.book:
            site.happens(RINGS)
        assert Shelf(str(tmp_path / "uapi.db")).waiting() == []
        for _ in range(20):
            await asyncio.sleep(0)
        assert not told.is_set()
        journal.reach()
        await asyncio.wait_for(told.wait(), 5)
        await site.front.stop()


@pytest.mark.uapi("3.1 restart")
async def test_what_is_in_the_journal_is_told_although_the_process_died_at_once(tmp_path: Path) -> None:
    """It may die between writing down what happened and taking over what is told of that; then the next one does."""
    journal, path = SlowJournal(), tmp_path / "uapi.db"
    first = Site(path, Book(journal))
    first.front.restore(journal.rows, journal.lines)
    asked = asyncio.create_task(first.ask("POST", EVENTS, {"type": 0, "url": "http://127.0.0.1:1/"}))
    await asyncio.sleep(0)
    journal.reach()
    await asked
    with first.book:
        first.happens(RINGS)
    await first.front.stop()
    second = Site(path, Book(journal))
    second.front.restore(journal.rows, journal.lines)
    ((_, message),) = Shelf(str(path)).waiting()
    assert (message.url, bool(message.id)) == ("http://127.0.0.1:1/", True)
    await second.front.stop()
    third = Site(path, Book(journal))
    third.front.restore(journal.rows, journal.lines)
    assert len(Shelf(str(path)).waiting()) == 1, "and only once"
    await third.front.stop()


async def test_a_bug_here_stops_no_call(tmp_path: Path) -> None:
    site = Site(tmp_path / "uapi.db")
    with capture_logs() as logs:
        site.front.witness([CallChanged(Change.STATUS, None, frozenset())], 1.0)  # type: ignore[arg-type]
    assert [log["event"] for log in logs] == ["what happened could not be told"]


async def test_webhooks_are_kept_where_calls_are(tmp_path: Path) -> None:
    journal = tmp_path / "calls.db"
    wanted = msgspec.structs.replace(config(tmp_path), uapi=Uapi(), journal_file=journal)
    for book, exists, kept in (
        (Book(SlowJournal()), False, False),
        (Book(), True, False),
        (Book(SlowJournal()), True, True),
    ):
        if exists:
            journal.touch()
        front = UapiFront(wanted, Clock(0.0), None, bool, None, book)  # type: ignore[arg-type]
        await front.stop()
        assert (tmp_path / "calls-webhooks.db").exists() is kept


def test_a_file_that_can_t_be_had_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CannotKeepError):
        UapiFront(config(tmp_path / "nowhere" / "uapi.db"), Clock(), None, bool)  # type: ignore[arg-type]
