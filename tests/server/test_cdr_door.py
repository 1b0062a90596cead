"""Who gets which records, as what, and what others are told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.cdr.site import ADMIN, BOSS, DIRECTORY, PEOPLE, segment, transfer

from cordboard.cdr.store import Limits, Store
from cordboard.people.directory import Directory
from cordboard.people.model import Account
from cordboard.server.auth_types import Authentication
from cordboard.server.book import Book
from cordboard.server.cdr_door import CdrDoor

BY_HEADER = {
    b"admin": Authentication(ADMIN.id, b"cookie"),
    b"known admin": Authentication(ADMIN.id),
    b"agent": Authentication(PEOPLE[1].id),
    b"gone": Authentication("nobody"),
}
BY_TOKEN = {
    b"everything": Account(PEOPLE[1], "administrator"),
    b"organization": Account(BOSS, "organization"),
    b"user": Account(ADMIN, "user"),
}


class Users:
    def authenticate(self, headers: Any) -> Authentication | None:
        return BY_HEADER.get(dict(headers).get(b"authorization", b""))


class Tokens:
    def account_of(self, headers: Any, query_string: bytes) -> Account | None:
        assert query_string == b"", "tokens in addresses end up in logs"
        return BY_TOKEN.get(dict(headers).get(b"authorization", b""))


class Unsafe(Book):
    """A journal that can't keep up."""

    async def safe(self, before: int) -> bool:
        return False


class Answer(msgspec.Struct):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    logs: list[str]

    def header(self, name: bytes) -> list[bytes]:
        return [value for known, value in self.headers if known == name]

    def ids(self) -> list[int]:
        assert self.status == 200, self.body
        return [record["id"] for record in msgspec.json.decode(self.body)["records"]]


def door(directory: Directory = DIRECTORY, book: Book | None = None) -> CdrDoor:
    store = Store(directory, Limits(page_max=3))
    store.keep([segment("10", "11"), segment("21", "20"), transfer(), segment("12", "11")])
    return CdrDoor(store, lambda number: f"name of {number}", directory, Users(), Tokens(), book or Book())


async def ask(
    who: str = "everything",
    query: str = "",
    path: str = "/cdr",
    method: str = "GET",
    accept: str = "*/*",
    of: CdrDoor | None = None,
) -> Answer:
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("nobody reads a body")

    async def send(event: Any) -> None:
        sent.append(event)

    headers = [(b"authorization", who.encode()), (b"accept", accept.encode())]
    scope = {"method": method, "path": path, "query_string": query.encode(), "headers": headers}
    with capture_logs() as logs:
        await (of or door())(scope, receive, send)
    return Answer(sent[0]["status"], sent[0]["headers"], sent[1]["body"], [line["event"] for line in logs])


@pytest.mark.parametrize(
    ("who", "ids"),
    [("everything", [1, 2, 3]), ("organization", [2]), ("admin", [1, 3, 4]), ("known admin", [1, 3, 4])],
)
async def test_administrators_see_what_is_theirs(who: str, ids: list[int]) -> None:
    answer = await ask(who)
    assert answer.ids() == ids
    assert answer.header(b"set-cookie") == ([b"cookie"] if who == "admin" else [])


async def test_where_there_is_one_organisation_everything_is_its_own() -> None:
    alone = Directory(PEOPLE[:3], [ADMIN.tenant], [])
    assert (await ask("admin", of=door(alone))).ids() == [1, 2, 3]


@pytest.mark.parametrize(("who", "status"), [("agent", 403), ("user", 403), ("gone", 401), ("stranger", 401)])
async def test_others_see_nothing(who: str, status: int) -> None:
    answer = await ask(who)
    assert (answer.status, answer.logs) == (status, ["access denied"])
    assert answer.header(b"www-authenticate") == ([b'Basic realm="cordboard"', b"Bearer"] if status == 401 else [])
    assert "error" in msgspec.json.decode(answer.body)


async def test_pages_lead_to_one_another() -> None:
    answer = await ask(query="number=11&limit=2")
    assert answer.ids() == [1, 3]
    following = msgspec.json.decode(answer.body)["next"]
    assert following == "/cdr?number=11&limit=2&after=3"
    assert answer.header(b"link") == [f'<{following}>; rel="next"'.encode()]
    last = await ask(query=following.partition("?")[2])
    assert (last.ids(), last.header(b"link")) == ([4], [])


async def test_numbers_have_several_forms() -> None:
    for number in ("11", "0001*11"):
        assert (await ask(query=f"number={number}&kind=segment")).ids() == [1, 4]
    assert (await ask(query="number=0002*11")).ids() == []


async def test_names_are_in_it() -> None:
    (record,) = msgspec.json.decode((await ask(query="kind=transfer")).body)["records"]
    assert record["userName"] == "name of 11"


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "*/*", b"application/json"),
        ("format=csv", "*/*", b"text/csv; charset=utf-8"),
        ("", "text/csv", b"text/csv; charset=utf-8"),
        ("format=json", "text/csv", b"application/json"),
        ("", "text/html,application/xhtml+xml,*/*;q=0.8", b"text/html; charset=utf-8"),
        ("format=html", "*/*", b"text/html; charset=utf-8"),
    ],
)
async def test_json_or_csv(query: str, accept: str, kind: bytes) -> None:
    answer = await ask(query=query, accept=accept)
    assert answer.header(b"content-type") == [kind]
    begin = {b"application/json": b'{"records":[', b"text/html; charset=utf-8": b"<!doctype html>"}
    assert answer.body.startswith(begin.get(kind, b"record,id,thread,"))
    assert len(answer.header(b"link")) == 1


async def test_what_is_wrong_with_a_query_is_said() -> None:
    answer = await ask(query="limit=4")
    assert (answer.status, answer.logs) == (400, ["refused"])
    assert msgspec.json.decode(answer.body) == {"error": "'4' is not a whole number from 1 to 3", "parameter": "limit"}
    answer = await ask(query="limit=4&number=11", accept="text/html")
    assert answer.status == 400
    assert b'role="alert">limit:' in answer.body
    assert b'value="11"' in answer.body


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/cdr/", "GET", 200), ("/cdr/7", "GET", 404), ("/cdr", "POST", 405)]
)
async def test_there_is_one_thing_and_it_can_be_read(path: str, method: str, status: int) -> None:
    answer = await ask(path=path, method=method)
    assert answer.status == status
    assert answer.header(b"allow") == ([b"GET"] if status == 405 else [])


async def test_what_is_not_written_down_is_not_told() -> None:
    assert (await ask(of=door(book=Unsafe()))).status == 503
