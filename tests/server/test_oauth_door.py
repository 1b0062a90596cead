"""The door to ``/oauth``: paths, bodies, refusals in the log, and bugs that are nobody's but ours."""

from __future__ import annotations

import httpx
import pytest
import structlog
from tests.kit.oauth import CRM
from tests.kit.slow import SlowJournal

from cordboard.calls.ports import Line
from cordboard.server.apps import Register
from cordboard.server.book import Book
from cordboard.server.oauth_asked import Answer, Asked
from cordboard.server.oauth_door import OauthDoor


class Page:
    def __init__(self, why: str = "") -> None:
        self.asked: list[Asked] = []
        self._why = why

    async def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if asked.method == "PATCH":
            raise RuntimeError
        return Answer(200, b"hello", ((b"x-y", b"z"),), self._why)


def client(page: Page, register: Register | None = None) -> httpx.AsyncClient:
    door = OauthDoor({"/oauth/token.php": page.answer}, register or Register([]), 1_024)
    return httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://here")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/oauth/token.php", "/oauth/token.php/"])
async def test_a_request_is_handed_on_as_it_is(path: str) -> None:
    page = Page()
    async with client(page) as http:
        with structlog.testing.capture_logs() as logged:
            answer = await http.post(f"{path}?a=%20", content=b"b=c", headers={"Content-Type": "x"})
    assert (answer.status_code, answer.text, answer.headers["x-y"], logged) == (200, "hello", "z", [])
    (asked,) = page.asked
    assert (asked.method, asked.query, asked.body, asked.headers["content-type"]) == ("POST", "a=%20", b"b=c", "x")


async def test_what_is_not_there() -> None:
    async with client(Page()) as http:
        answer = await http.get("/oauth/else")
    assert (answer.status_code, answer.json()["error"]) == (404, "invalid_request")


async def test_a_huge_body_is_not_read() -> None:
    page = Page()
    async with client(page) as http:
        answer = await http.post("/oauth/token.php", content=b"x" * 1_025)
    assert (answer.status_code, answer.json()["error"], page.asked) == (413, "invalid_request", [])


async def test_who_leaves_is_not_answered() -> None:
    sent = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    await OauthDoor({}, Register([]), 1_024)({"path": "/oauth"}, receive, send)
    assert sent == []


async def test_refusals_are_logged_and_bugs_answered() -> None:
    async with client(Page("so it is")) as http:
        with structlog.testing.capture_logs() as logged:
            await http.get("/oauth/token.php")
            answer = await http.patch("/oauth/token.php")
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert [(line["event"], line["log_level"]) for line in logged] == [
        ("oauth refused", "info"),
        ("a request failed", "error"),
        ("oauth refused", "info"),
    ]
    assert logged[0]["why"] == "so it is"


async def test_stored_apps_are_looked_for_before_each_request() -> None:
    looked = []
    register = Register([], lambda: looked.append(1) or {"crm": CRM})  # type: ignore[func-returns-value]
    async with client(Page(), register) as http:
        await http.get("/oauth/token.php")
    assert looked == [1]
    assert register.find("crm") is CRM


async def test_an_answer_waits_for_the_journal_but_not_for_ever() -> None:
    journal, page = SlowJournal(), Page()
    book = Book(journal, patience_s=0.01)

    async def answer(asked: Asked) -> Answer:
        book.add([Line("ask", 1.0, b"")])
        return await page.answer(asked)

    door = OauthDoor({"/oauth/token.php": answer, "/oauth/authorize.php": page.answer}, Register([]), 1_024, book)
    transport = httpx.ASGITransport(door)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        with structlog.testing.capture_logs():
            refused = await http.post("/oauth/token.php")
            journal.reach()
        assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
        assert (await http.post("/oauth/authorize.php")).status_code == 200


async def test_nothing_is_given_out_while_too_much_waits_to_be_written() -> None:
    page, book = Page(), Book()
    transport = httpx.ASGITransport(OauthDoor({"/oauth/token.php": page.answer}, Register([]), 1_024, book))  # type: ignore[arg-type]
    book.overfull(True)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        with structlog.testing.capture_logs():
            answer = await http.post("/oauth/token.php")
        assert (answer.status_code, answer.json()["error"], page.asked) == (503, "temporarily_unavailable", [])
        assert (await http.get("/oauth/token.php")).status_code == 200
