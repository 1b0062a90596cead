"""Requests that are answered where their heads were parsed: which these are, and everything that is left to ASGI."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.kit.connections import settle
from tests.kit.http_lines import HttpLine, http
from uvicorn.server import ServerState

from cordboard.server.auth_types import Authentication
from cordboard.server.direct import DirectHttp, Door, Head, Visit, direct_http

PATH = "/echo"
OK, BUSY = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 503 Service Unavailable\r\n"


class Echo:
    """A door that answers what it is asked, at once or, if that is ``later``, when it is let."""

    prefix = PATH.encode()
    bytes_max = 200_000
    closed = False

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.ended = 0

    def visit(self, http: DirectHttp, head: Head) -> Visit | None:
        user = dict(head.scope["headers"]).get(b"x-user", b"anna").decode()
        return EchoVisit(self, http, head, Authentication(user, None)) if user != "stranger" else None


class EchoVisit(Visit):
    def __init__(self, door: Echo, http: DirectHttp, head: Head, who: Authentication) -> None:
        super().__init__(http, head, who)
        self.door = door

    def complete(self) -> None:
        if self._head.query != "forget":
            self._http.remember(self._head)

    def _serve(self, body: bytes) -> None:
        if body == b"bug":
            raise ValueError("a bug")
        if body == b"later":
            self._http.run(self._later())
        else:
            self._answer(body)

    async def _later(self) -> None:
        await self.door.let.wait()
        if not self._gone:
            self._answer(b"now")

    def _answer(self, body: bytes) -> None:
        self._respond(OK, f"{self._who.identity} {self._head.path} {self._head.query} ".encode() + body, b"x: y\r\n")

    def wake(self) -> None:
        self.door.ended += 1


class House:
    """A server with such a door. ``handed_over`` went to the application, which is always busy."""

    def __init__(self) -> None:
        self.echo = Echo()
        self.handed_over: list[str] = []
        self.state = ServerState()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed_over.append(scope["path"])
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def line(self, *, timeout_s: float = 60.0, **options: Any) -> HttpLine:
        doors: list[Door] = [self.echo]
        return HttpLine(direct_http(doors, allowed, timeout_s, 65_536), self.app, self.state, **options)


def allowed(origin: bytes) -> list[tuple[bytes, bytes]] | None:
    return [(b"allow", origin)] if origin == b"https://desk.example" else None


def ask(body: bytes = b"x", *headers: bytes, path: str = PATH, method: str = "POST") -> bytes:
    return http(body, *headers, path=path, method=method)


@pytest.fixture
async def house() -> House:
    return House()


async def test_an_answer_is_one_write(house: House) -> None:
    line = house.line()
    await line.say(ask(b"hello"))
    assert line.pipe.take() == OK + b"content-length: 17\r\nx: y\r\n\r\nanna /echo  hello"
    assert house.handed_over == []
    assert house.state.total_requests == 1
    await line.close()


@pytest.mark.parametrize(
    ("path", "said"), [("/echo/a/b", "/echo/a/b  x"), ("/echo?y=%20z", "/echo y=%20z x"), ("/echo/?", "/echo/  x")]
)
async def test_paths_below_are_served_too(house: House, path: str, said: str) -> None:
    line = house.line()
    assert (await line.ask(ask(path=path.replace("%20", "_")))).body == f"anna {said.replace('%20', '_')}".encode()
    assert house.handed_over == []
    await line.close()


@pytest.mark.parametrize(
    "raw",
    [
        ask(method="GET"),
        ask(path="/other"),
        ask(path=PATH + "x"),
        ask(path=PATH + "/%41"),
        ask(path=PATH + "?q=%41"),
        ask(b"x", b"Connection: close"),
        ask(b"x", b"X-User: stranger"),
        ask(b"x" * 200_001),
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ask().replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
)
async def test_other_requests_are_left_to_the_application(house: House, raw: bytes) -> None:
    line = house.line()
    await line.say(raw)
    assert line.pipe.take().startswith(BUSY)
    assert len(house.handed_over) == 1
    await line.close()


async def test_who_waits_for_permission_to_go_on_gets_it_from_the_application(house: House) -> None:
    line = house.line()
    head, _, body = ask(b"x", b"Expect: 100-continue").partition(b"\r\n\r\n")
    await line.say(head + b"\r\n\r\n")
    assert line.pipe.take().startswith(b"HTTP/1.1 100 ")
    await line.say(body)
    assert house.handed_over == [PATH]
    await line.close()


async def test_a_door_that_is_closed_leaves_everything_to_the_application(house: House) -> None:
    line = house.line()
    assert [(await line.ask(ask())).status for _ in range(2)] == [200, 200]
    house.echo.closed = True
    assert [(await line.ask(ask(body))).status for body in (b"x", b"other")] == [503, 503]
    await line.close()


async def test_answers_carry_what_the_origin_is_allowed_and_what_all_carry(house: House) -> None:
    house.state.default_headers = [(b"server", b"us")]
    line = house.line()
    answer = await line.ask(ask(b"x", b"Origin: https://desk.example"))
    assert (b"allow", b"https://desk.example") in answer.headers
    assert (b"server", b"us") in answer.headers
    other = await line.ask(ask(b"x", b"Origin: https://evil.example"))
    assert b"allow" not in dict(other.headers)
    await line.close()


# ---------------------------------------------------------------------------------------------------- one connection


async def test_a_head_that_was_remembered_is_not_parsed_again_but_its_credentials_are_looked_at(house: House) -> None:
    line = house.line()
    for _ in range(2):
        assert (await line.ask(ask(b"1"))).status == 200
    parser, line.protocol.parser = line.protocol.parser, None
    assert (await line.ask(ask(b"2"))).body == b"anna /echo  2"
    line.protocol.parser = parser
    house.echo.visit = lambda _http, _head: None  # type: ignore[method-assign]
    assert (await line.ask(ask(b"3"))).status == 503
    await line.close()


async def test_a_head_that_came_in_pieces_can_t_be_remembered(house: House) -> None:
    line = house.line()
    raw = ask(b"in pieces")
    for begin in range(0, len(raw), 7):
        await line.say(raw[begin : begin + 7])
    assert line.hear()[0].body == b"anna /echo  in pieces"
    assert line.protocol._known is None
    await line.close()


async def test_heads_need_not_be_remembered(house: House) -> None:
    line = house.line()
    assert (await line.ask(ask(path=PATH + "?forget"))).status == 200
    assert line.protocol._known is None
    await line.close()


async def test_requests_before_the_answer_to_the_last_one_wait_for_it(house: House) -> None:
    line = house.line()
    await line.say(ask(b"later") + ask(b"x"))
    assert line.hear() == []
    house.echo.let.set()
    await settle()
    assert [answer.status for answer in line.hear()] == [200, 503]
    assert house.handed_over == [PATH]
    await line.close()


async def test_who_does_not_take_what_was_written_is_left_to_the_application_which_can_wait(house: House) -> None:
    line = house.line()
    assert (await line.ask(ask())).status == 200
    line.protocol.pause_writing()
    await line.say(ask())
    await line.say(ask(b"other"))
    line.protocol.resume_writing()
    await settle()
    assert house.handed_over == [PATH, PATH]
    await line.close()


async def test_a_large_body_is_read_on(house: House) -> None:
    line = house.line()
    raw = ask(b"y" * 150_000)
    for begin in range(0, len(raw), 40_000):
        await line.say(raw[begin : begin + 40_000])
    assert line.hear()[0].status == 200
    assert not line.protocol.flow.read_paused
    await line.close()


# ---------------------------------------------------------------------------------------------------- ends


async def test_an_idle_connection_is_closed_in_time(house: House) -> None:
    line = house.line(timeout_s=0.001, timeout_keep_alive=0.005)
    assert (await line.ask(ask())).status == 200
    while not line.pipe.closed:
        await settle()
    await line.close()


async def test_a_connection_that_uvicorn_looks_after_is_left_to_it(house: House) -> None:
    line = house.line(timeout_s=0.001, timeout_keep_alive=60)
    assert (await line.ask(ask())).status == 200
    assert (await line.ask(ask(method="GET"))).status == 503
    first = line.protocol._timer
    while line.protocol._timer is first:
        await settle()
    assert not line.pipe.closed
    assert (await line.ask(ask())).status == 200
    assert line.protocol.timeout_keep_alive_task is None
    await line.close()


async def test_uvicorn_asks_a_connection_to_end_with_its_answer_and_waits_for_that(house: House) -> None:
    line, idle = house.line(), house.line()
    await line.say(ask(b"later"))
    for one in (line, idle):
        one.protocol.shutdown()
    assert (line.pipe.closed, idle.pipe.closed, len(house.state.tasks)) == (False, True, 1)
    house.echo.let.set()
    await settle()
    (answer,) = line.hear()
    assert (answer.body, dict(answer.headers)[b"connection"]) == (b"anna /echo  now", b"close")
    assert (line.pipe.closed, house.state.tasks) == (True, set())
    for one in (line, idle):
        await one.close()


async def test_whoever_leaves_is_not_answered(house: House) -> None:
    line = house.line()
    await line.say(ask(b"later"))
    await line.close()
    house.echo.let.set()
    await settle()
    assert (line.hear(), house.echo.ended) == ([], 1)


async def test_a_connection_that_ends_in_the_middle_of_a_request_or_after_one_is_nothing_special(house: House) -> None:
    line, other = house.line(), house.line()
    await line.say(ask(b"hello")[:-3])
    assert (await other.ask(ask())).status == 200
    for one in (line, other):
        await one.close()
    assert (line.hear(), house.echo.ended) == ([], 1)


async def test_a_bug_closes_the_connection_and_is_logged(house: House, capsys: Any) -> None:
    line = house.line()
    await line.say(ask(b"bug"))
    assert line.hear() == []
    assert line.pipe.closed
    assert "a bug" in capsys.readouterr().out
    await line.close()


def test_whoever_makes_a_visit_says_how_it_is_answered() -> None:
    visit = Visit.__new__(Visit)
    visit.complete()
    visit.wake()
    with pytest.raises(NotImplementedError):
        visit._serve(b"")
