"""The lab without ASGI: the same answers as the other shell gives."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit.connections import settle
from tests.kit.http_lines import HttpLine, http
from tests.kit.slow import SlowJournal
from uvicorn.server import ServerState

from cordboard.calls.ports import Line
from cordboard.server.book import Book
from cordboard.server.direct import direct_http
from cordboard.server.lab_direct import LabDirect
from cordboard.server.web import LabDoor

PATH = "/lab/v1/phones/5000"


class House:
    """A lab behind both shells. It answers with what it was asked; nobody knows where connections come from."""

    def __init__(self, book: Book | None = None, *, direct: bool = True, anybody: bool = True) -> None:
        self.handed_over = 0
        self.done: list[bytes] = []
        self.door = LabDoor(self.handle, 60, anybody, book)
        kind = direct_http([LabDirect(self.door)] if direct else [], lambda _origin: None, 60.0, 65_536)
        self.line = HttpLine(kind, self.app, ServerState())

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed_over += 1
        await self.door(scope, receive, send)

    def handle(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        self.done.append(body)
        return 409 if body == b"no" else 200, f"{method} {path} ".encode() + body


@pytest.mark.parametrize("body", [b"", b"{}", b"no", b"x" * 60, b"x" * 61])
@pytest.mark.parametrize("path", [PATH, PATH + "/behaviour", PATH + "?x=y", "/lab/v1/phones/0003%2A210", "/lab/v12"])
@pytest.mark.parametrize("anybody", [True, False])
async def test_both_shells_give_the_same_answers_to_the_byte(body: bytes, path: str, anybody: bool) -> None:
    answers = []
    for direct in (True, False):
        house = House(direct=direct, anybody=anybody)
        await house.line.say(http(body, path=path))
        answers.append((house.line.pipe.take(), house.line.pipe.closed, house.done))
        await house.line.close()
    assert answers[0] == answers[1]
    assert answers[0][0].startswith(b"HTTP/1.1 ")


async def test_what_people_do_does_not_reach_the_application() -> None:
    house = House()
    for _ in range(3):
        answer = await house.line.ask(http(b"{}", path=PATH))
        assert (answer.status, answer.body) == (200, b"POST /lab/v1/phones/5000 {}")
    assert house.handed_over == 0
    assert (await house.line.ask(http(b"", path=PATH, method="PUT"))).status == 200
    assert house.handed_over == 1
    await house.line.close()


async def test_with_a_journal_it_waits_for_what_went_before_and_what_comes_of_it() -> None:
    journal = SlowJournal()
    house = House(Book(journal))
    journal.append([Line("hear", 1.0, b"")])
    await house.line.say(http(b"{}", path=PATH))
    assert (house.line.hear(), house.done) == ([], [])
    journal.reach()
    await settle()
    assert (house.line.hear()[0].status, house.done) == (200, [b"{}"])
    await house.line.close()


async def test_who_has_left_is_not_answered() -> None:
    journal = SlowJournal()
    house = House(Book(journal))
    journal.append([Line("hear", 1.0, b"")])
    await house.line.say(http(b"{}", path=PATH))
    await house.line.close()
    journal.reach()
    await settle()
    assert (house.line.hear(), house.done) == ([], [b"{}"])
