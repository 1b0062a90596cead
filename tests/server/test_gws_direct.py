"""Operations without ASGI: the same answers as the other shell gives, and answers that wait for the journal."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit import people
from tests.kit.connections import settle
from tests.kit.http_lines import HttpLine, http
from tests.kit.slow import SlowJournal
from uvicorn.server import ServerState

from cordboard.calls.ports import Line
from cordboard.gws.answers import SESSION_ENDED, Response
from cordboard.gws.requests import Request
from cordboard.people.directory import Directory
from cordboard.server import passwords
from cordboard.server.auth import Authenticator
from cordboard.server.book import Book
from cordboard.server.direct import direct_http
from cordboard.server.gws_direct import GwsDirect
from cordboard.server.idempotency import Idempotency, Limits, Memory
from cordboard.server.web import GwsDoor

BODY_MAX = 60
USER = b"Authorization: Basic " + b64encode(b"5005:cordboard")
PATH = "/api/v2/me/calls/C1"


class Clock:
    def now(self) -> float:
        return 1.0


class House:
    """A door behind both shells. Requests are answered with what they asked."""

    def __init__(self, journal: SlowJournal | None = None, *, direct: bool = True, patience_s: float = 10.0) -> None:
        self.book = Book(journal, patience_s)
        self.ended: list[str] = []
        self.handed_over = 0
        known = people.directory()
        kept = passwords.conceal("cordboard", b"salt")
        users = [msgspec.structs.replace(user, password_hash=kept) for user in known.users]
        directory = Directory(users, known.tenants.values(), known.trunk_numbers)
        ids = iter(f"S{number}" for number in range(100))
        authenticator = Authenticator(directory, Clock(), new_session_id=lambda: next(ids))
        once = Idempotency(Memory(10), Limits(), lambda: 1.0)
        gws: Any = self
        self.door = GwsDoor(gws, authenticator, directory, BODY_MAX, once, self.ended.append, self.book)
        kind = direct_http([GwsDirect(self.door)] if direct else [], lambda _origin: None, 60.0, 65_536)
        self.kind = kind
        self.line = HttpLine(kind, self.app, ServerState())

    async def again(self) -> None:
        """The next connection."""
        await self.line.close()
        self.line = HttpLine(self.kind, self.app, ServerState())

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed_over += 1
        await self.door(scope, receive, send)

    def handle(self, request: Request) -> Response:
        if request.body == b"bug":
            raise ValueError("a bug")
        if request.body == b"end":
            return SESSION_ENDED
        self.book.add((Line("ask", 1.0, b""),))
        asked = f"{request.user.name} {request.method} {request.path} {request.query} ".encode() + request.body
        return Response(202 if request.body == b"202" else 200, asked)


def ask(body: bytes, *headers: bytes, path: str = PATH, method: str = "POST") -> bytes:
    return http(body, *headers, path=path, method=method)


bodies = st.sampled_from([b"{}", b"202", b"bug", b"end", b""]) | st.binary(max_size=BODY_MAX + 5)
heads = st.sampled_from(
    [
        (USER,),
        (USER, b"Cookie: JSESSIONID=S0"),
        (b"Cookie: JSESSIONID=S0",),
        (USER, b"Idempotency-Key: k"),
        (USER, b"Idempotency-Key: k", b"Idempotency-Key: l"),
        (USER, b"Connection: close"),
        (USER, b"Origin: https://desk.example"),
        (b"Authorization: Basic bm9ib2R5Ong=",),
        (),
    ]
)
paths = st.sampled_from(
    [PATH, "/api/v2/me", "/api/v2/me/", f"{PATH}?fields=*", "/api/v2/me/calls/%41", "/api/v2/meals", "/api/v2/users/me"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(bodies, heads, paths), min_size=1, max_size=6))
def test_both_shells_give_the_same_answers_to_the_byte(
    requests: list[tuple[bytes, tuple[bytes, ...], str]],
) -> None:
    async def talk() -> None:
        houses = House(), House(direct=False)
        for body, headers, path in requests:
            answers = []
            for house in houses:
                await house.line.say(ask(body, *headers, path=path))
                answers.append((house.line.pipe.take(), house.line.pipe.closed))
                if house.line.pipe.closed:
                    await house.again()
            assert answers[0] == answers[1]
            assert answers[0][0].startswith(b"HTTP/1.1 ")
        assert houses[0].ended == houses[1].ended

    asyncio.run(talk())


async def test_an_operation_does_not_reach_the_application() -> None:
    house = House()
    answer = await house.line.ask(ask(b"{}", USER, path=f"{PATH}?fields=*"))
    assert (answer.status, answer.body) == (200, b"5005 POST /me/calls/C1 fields=* {}")
    assert dict(answer.headers)[b"set-cookie"].startswith(b"JSESSIONID=S0")
    assert (await house.line.ask(ask(b"{}", b"Cookie: JSESSIONID=S0"))).status == 200
    assert house.handed_over == 0
    assert (await house.line.ask(ask(b"", USER, method="GET"))).status == 200
    assert (await house.line.ask(ask(b"{}"))).status == 403
    assert house.handed_over == 2
    await house.line.close()


async def test_an_answer_waits_until_what_was_done_is_durable() -> None:
    journal = SlowJournal()
    house = House(journal)
    await house.line.say(ask(b"{}", USER))
    assert house.line.hear() == []
    journal.reach()
    await settle()
    assert [answer.status for answer in house.line.hear()] == [200]
    assert house.handed_over == 0
    await house.line.close()


async def test_an_answer_that_has_to_wait_too_long_says_so() -> None:
    house = House(SlowJournal(), patience_s=0.0)
    await house.line.say(ask(b"{}", USER))
    while not (answers := house.line.hear()):
        await settle()
    assert (answers[0].status, answers[0].json["statusCode"]) == (503, 4)
    await house.line.close()


async def test_who_leaves_before_that_is_not_answered() -> None:
    journal = SlowJournal()
    house = House(journal)
    await house.line.say(ask(b"{}", USER))
    await house.line.close()
    journal.reach()
    await settle()
    assert house.line.hear() == []
