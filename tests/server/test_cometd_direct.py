"""Long-polling without ASGI: the same answers as the other shell gives, parked connects, and what is left to ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.connections import HttpRequest, settle
from tests.kit.http_lines import Answer, HttpLine, http
from tests.kit.slow_journal import SlowJournal
from uvicorn.server import ServerState

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.keeping import Keeper
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.server.auth_types import Authentication
from cordboard.server.cometd import Cometd
from cordboard.server.cometd_direct import CometdDirect
from cordboard.server.cometd_keeper import JournalKeeper
from cordboard.server.cors import Cors
from cordboard.server.direct import direct_http

LIMITS = BayeuxLimits(message_bytes_max=500, batch_max=4)
PATH = "/api/v2/notifications"
TYPES = ["long-polling"]


class House:
    """An endpoint with a clock to turn, behind its own HTTP connections. ``handed_over`` went to the application."""

    def __init__(self, keeper: Keeper | None = None, **options: Any) -> None:
        self.now = 1_000.0
        ids = count(1)
        self.broker = Broker(LIMITS, lambda: f"c{next(ids)}", lambda who, name: True, lambda: 5_000, keeper=keeper)
        self.cometd = Cometd(
            self.broker, self.who, clock=lambda: self.now, new_browser_id=lambda: "b1", secure=False, **options
        )
        self.cors = Cors(self.cometd, ["https://desk.example"])
        self.strangers: set[bytes] = set()
        self.handed_over: list[str] = []
        self.state = ServerState()

    def who(self, scope: MutableMapping[str, Any]) -> Authentication | None:
        user = dict(scope["headers"]).get(b"x-user", b"anna")
        return None if user in self.strangers else Authentication(user.decode(), b"S=1" if user == b"new" else None)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed_over.append(scope["path"])
        await self.cors(scope, receive, send)

    def line(self, *, timeout_s: float = 60.0, **options: Any) -> Line:
        """A new connection."""
        kind = direct_http([CometdDirect(self.cometd, PATH)], self.cors.permission, timeout_s, 65_536)
        return Line(kind, self.app, self.state, **options)

    async def client(self, line: Line, **handshake: Any) -> str:
        """A client that is subscribed to /a and has made its first connect."""
        (reply,) = await line.post(
            {"channel": "/meta/handshake", "supportedConnectionTypes": TYPES, "version": "1.0", **handshake}
        )
        client = str(reply["clientId"])
        await line.post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"})
        await line.post(connect(client))
        return client

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.broker.publish("anna", "/a", b"%d" % number)


def connect(client: str, **members: Any) -> dict[str, Any]:
    return {"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling", **members}


def data(answer: Answer) -> list[Any]:
    """What a connect delivered, without its reply, which comes last."""
    *messages, reply = answer.json
    assert reply["channel"] == "/meta/connect"
    return [message["data"] for message in messages]


class Line(HttpLine):
    """One connection to the endpoint."""

    async def post(self, *batch: dict[str, Any]) -> Any:
        answer = await self.ask(request(batch))
        assert answer.status == 200
        return answer.json


def request(batch: object, *headers: bytes, path: str = PATH, method: str = "POST") -> bytes:
    return http(batch if isinstance(batch, bytes) else json.dumps(batch).encode(), *headers, path=path, method=method)


# ---------------------------------------------------------------------------------------------------- alike

words = st.sampled_from(["c1", "c2", "/a", "/meta/x", "/a//b", "", None, 7])
messages = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(
            ["/meta/handshake", "/meta/connect", "/meta/subscribe", "/meta/disconnect", "/a", None]
        )
    },
    optional={
        "id": st.sampled_from(["1", 2, "ä"]),
        "clientId": words,
        "subscription": words,
        "supportedConnectionTypes": st.sampled_from([TYPES, ["x"], 1]),
        "connectionType": st.sampled_from(["long-polling", "x"]),
        "advice": st.just({"timeout": 0}),
        "ext": st.sampled_from([{"ack": True}, {"ack": 0}, {"timesync": {"tc": 1, "l": 0, "o": 0}}]),
    },
)
bodies = st.lists(messages, max_size=5).map(lambda batch: json.dumps(batch).encode()) | st.binary(max_size=20)
users = st.sampled_from(
    [
        (),
        (b"X-User: new",),
        (b"Cookie: BAYEUX_BROWSER=b7",),
        (b"Origin: https://desk.example",),
        (b"Origin: https://evil.example",),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(bodies, users, st.integers(0, 40)), min_size=1, max_size=6))
def test_both_shells_give_the_same_answers(requests: list[tuple[bytes, tuple[bytes, ...], int]]) -> None:
    async def talk() -> None:
        direct, other = House(), House()
        line = direct.line()
        for body, headers, cut in requests:
            raw = request(body, *headers)
            await line.say(raw[: len(raw) - cut])
            await line.say(raw[len(raw) - cut :])  # some in two pieces
            (answer,) = line.hear()
            parts = [header.partition(b": ") for header in headers]
            asked = HttpRequest(body, headers=tuple((name.lower(), value) for name, _, value in parts))
            expected = await asked.start(other.cors).served()
            assert (answer.status, answer.body) == (expected.status, expected.body)
            assert [value for name, value in answer.headers if name == b"set-cookie"] == expected.cookies
            found = dict(answer.headers)
            assert found.keys() == expected.headers.keys()
            assert all(found[name] == value for name, value in expected.headers.items() if name != b"set-cookie")
            if line.pipe.closed:
                line = direct.line()
        assert direct.broker.session_count == other.broker.session_count

    asyncio.run(talk())


# ---------------------------------------------------------------------------------------------------- parked connects


async def test_a_parked_connect_is_answered_by_the_first_message_and_nobody_else_had_to_do_with_it() -> None:
    house = House()
    line = house.line()
    client = await house.client(line)
    for number in (1, 3):
        await line.say(request([connect(client)]))
        assert line.hear() == []
        house.publish(number, number + 1)
        await settle()
        (answer,) = line.hear()
        assert data(answer) == [number, number + 1]
    assert house.handed_over == []
    assert house.state.total_requests == 5
    await line.close()


async def test_a_parked_connect_is_answered_empty_when_its_time_is_over() -> None:
    house = House()
    line = house.line()
    await line.say(request([connect(await house.client(line), advice={"timeout": 1})]))
    while not line.pipe.written:
        await settle()
    assert data(line.hear()[0]) == []
    await line.close()


async def test_a_second_connect_overtakes_the_first() -> None:
    house = House()
    first, second = house.line(), house.line()
    client = await house.client(first)
    await first.say(request([connect(client)]))
    await second.say(request([connect(client)]))
    (older,) = first.hear()
    assert (older.status, older.body) == (409, b"")
    house.publish(1)
    await settle()
    assert data(second.hear()[0]) == [1]
    for line in (first, second):
        await line.close()


async def test_a_connect_that_is_overtaken_when_its_connection_has_just_been_closed_is_not_answered() -> None:
    house = House()
    first, second = house.line(), house.line()
    client = await house.client(first)
    await first.say(request([connect(client)]))
    second.protocol.data_received(request([connect(client)]))
    await first.close()
    assert first.hear() == []
    await second.close()


async def test_a_closed_connection_releases_its_connect_and_starts_the_clock() -> None:
    house = House()
    line = house.line()
    client = await house.client(line)
    await line.say(request([connect(client)]))
    assert house.broker.sweep(house.now + 1_000) == 0
    await line.close()
    house.publish(1, 2)
    again = house.line()
    assert data(await again.ask(request([connect(client)]))) == [1, 2]
    assert house.broker.sweep(house.now + 10) == 1
    await again.close()


async def test_a_message_in_the_same_instant_as_the_close_is_kept() -> None:
    house = House()
    line, again = house.line(), house.line()
    client = await house.client(line)
    await line.say(request([connect(client)]))
    house.publish(1)
    await line.close()
    assert line.hear() == []
    assert data(await again.ask(request([connect(client)]))) == [1]
    await again.close()


async def test_a_reply_to_a_connection_that_turns_out_to_be_closed_is_told_again() -> None:
    house = House()
    line, again = house.line(), house.line()
    client = await house.client(line)
    house.publish(1)
    assert data(await line.ask(request([connect(client)]))) == [1]
    await line.close()
    assert data(await again.ask(request([connect(client)]))) == [1]
    await again.close()


async def test_a_session_whose_clock_has_run_out_meanwhile_is_told_so() -> None:
    house = House()
    line = house.line()
    client = await house.client(line)
    await line.say(request([connect(client)]))
    house.broker.kick("anna")
    await settle()
    *_, reply = line.hear()[0].json
    assert reply["advice"]["reconnect"] == "none"
    await line.close()


# ---------------------------------------------------------------------------------------------------- one connection


async def test_a_head_that_was_seen_is_not_parsed_again_but_its_credentials_are_looked_at() -> None:
    house = House()
    line = house.line()
    ask = request([{"channel": "/a"}], b"X-User: bob")
    for _ in range(3):
        assert (await line.ask(ask)).json[0]["error"] == "402::session_unknown"
    parser, line.protocol.parser = line.protocol.parser, None
    assert (await line.ask(ask)).status == 200
    line.protocol.parser = parser
    house.strangers.add(b"bob")
    assert (await line.ask(ask)).status == 403
    assert house.handed_over == [PATH]
    await line.close()


async def test_a_user_behind_the_same_head_may_become_another() -> None:
    house = House()
    identities = iter(["anna", "anna", "bob", "bob"])
    house.cometd.authenticate = lambda scope: Authentication(next(identities))
    line = house.line()
    handshake = request([{"channel": "/meta/handshake", "supportedConnectionTypes": TYPES}])
    for _ in range(4):
        assert (await line.ask(handshake)).json[0]["successful"]
    house.broker.kick("bob")
    assert house.broker.session_count == 2
    await line.close()


async def test_requests_before_the_answer_to_the_last_one_wait_for_it() -> None:
    house = House()
    line = house.line()
    client = await house.client(line)
    early = request([{"channel": "/meta/subscribe", "clientId": client, "subscription": "/b"}])
    await line.say(request([connect(client)]) + early)
    assert line.hear() == []
    house.publish(1)
    await settle()
    first, second = line.hear()
    assert (data(first), second.json[0]["successful"]) == ([1], True)
    assert house.handed_over == [PATH]
    house.publish(2)
    assert data(await line.ask(request([connect(client)]))) == [2]
    await line.close()


async def test_pieces_of_a_request_are_put_together() -> None:
    house = House()
    line = house.line()
    client = await house.client(line)
    house.publish(1)
    raw = request([connect(client)])
    for begin in range(0, len(raw), 7):
        await line.say(raw[begin : begin + 7])
    assert data(line.hear()[0]) == [1]
    await line.close()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request([], method="GET"), 405),
        (request([], path="/other"), 400),
        (request([], path=PATH + "x"), 400),
        (request([], b"Connection: close"), 400),
        (request([], b"X-User: stranger"), 403),
        (request(b"x" * 501), 413),
        (b"POST %b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % PATH.encode(), 400),
        (request([]).replace(b"HTTP/1.1", b"HTTP/1.0"), 400),
    ],
)
async def test_other_requests_are_left_to_the_application(raw: bytes, status: int) -> None:
    house = House()
    house.strangers.add(b"stranger")
    line = house.line()
    await line.say(raw)
    assert line.pipe.take().startswith(b"HTTP/1.1 %d " % status)
    assert len(house.handed_over) == 1
    await line.close()


@pytest.mark.parametrize("path", [PATH, PATH + "/connect", PATH + "?x=y"])
async def test_paths_below_are_served_too(path: str) -> None:
    house = House()
    line = house.line()
    assert (await line.ask(request([], path=path))).status == 400
    assert house.handed_over == []
    await line.close()


async def test_who_waits_for_permission_to_go_on_gets_it_from_the_application() -> None:
    house = House()
    line = house.line()
    raw = request([{"channel": "/a"}], b"Expect: 100-continue")
    head, _, body = raw.partition(b"\r\n\r\n")
    await line.say(head + b"\r\n\r\n")
    assert line.pipe.take().startswith(b"HTTP/1.1 100 ")
    assert (await line.ask(body)).status == 200
    await line.close()


async def test_a_websocket_is_left_to_uvicorn() -> None:
    house = House()
    line = house.line()
    upgrade = (b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")
    key = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    await line.say(request(b"", *upgrade, key, method="GET"))
    assert line.pipe.take().startswith(b"HTTP/1.1 101 ")
    line.pipe.protocol.connection_lost(None)
    await settle()


async def test_who_does_not_take_what_was_written_is_left_to_the_application_which_can_wait() -> None:
    house = House()
    line = house.line()
    ask = request([{"channel": "/a"}])
    for _ in range(2):
        assert (await line.ask(ask)).status == 200
    line.protocol.pause_writing()
    await line.say(ask)
    assert line.hear() == []
    line.protocol.resume_writing()
    await settle()
    assert line.hear()[0].status == 200
    assert house.handed_over == [PATH]
    await line.close()


async def test_a_large_body_is_read_on() -> None:
    house = House()
    house.cometd.broker.limits = BayeuxLimits(message_bytes_max=200_000)
    line = house.line()
    raw = request([{"channel": "/a", "x": "y" * 150_000}])
    for begin in range(0, len(raw), 40_000):
        await line.say(raw[begin : begin + 40_000])
    assert line.hear()[0].status == 200
    assert not line.protocol.flow.read_paused
    await line.close()


# ---------------------------------------------------------------------------------------------------- ends


async def test_an_idle_connection_is_closed_in_time() -> None:
    house = House()
    line = house.line(timeout_s=0.001, timeout_keep_alive=0.005)
    assert (await line.ask(request([]))).status == 400
    while not line.pipe.closed:
        await settle()
    await line.close()


async def test_a_connection_that_uvicorn_looks_after_is_left_to_it() -> None:
    house = House()
    line = house.line(timeout_s=0.001, timeout_keep_alive=60)
    assert (await line.ask(request([]))).status == 400
    assert (await line.ask(request([], method="GET"))).status == 405
    first = line.protocol._timer
    while line.protocol._timer is first:
        await settle()
    assert not line.pipe.closed
    assert (await line.ask(request([]))).status == 400
    assert line.protocol.timeout_keep_alive_task is None
    await line.close()


async def test_when_the_server_stops_requests_fail_without_json_and_connections_are_closed() -> None:
    house = House()
    line, late, seen = house.line(), house.line(), house.line()
    await line.say(request([connect(await house.client(line))]))
    for _ in range(2):
        await seen.ask(request([{"channel": "/a"}]))
    house.cometd.close()
    await settle()
    answers = [line.hear()[0], await late.ask(request([connect("c1")])), await seen.ask(request([{"channel": "/a"}]))]
    for answer in answers:
        assert (answer.status, answer.body, dict(answer.headers)[b"connection"]) == (503, b"", b"close")
    for one in (line, late, seen):
        assert one.pipe.closed
        await one.close()


async def test_uvicorn_asks_a_connection_to_end_with_its_answer() -> None:
    house = House()
    line, idle = house.line(), house.line()
    await line.say(request([connect(await house.client(line))]))
    for one in (line, idle):
        one.protocol.shutdown()
    assert (line.pipe.closed, idle.pipe.closed) == (False, True)
    house.publish(1)
    await settle()
    (answer,) = line.hear()
    assert (data(answer), dict(answer.headers)[b"connection"]) == ([1], b"close")
    assert line.pipe.closed
    for one in (line, idle):
        await one.close()


async def test_a_connection_that_ends_in_the_middle_of_a_request_is_nothing_special() -> None:
    house = House()
    line = house.line()
    await line.say(request([{"channel": "/a"}])[:-3])
    await line.close()
    assert line.hear() == []


async def test_a_bug_closes_the_connection_and_is_logged(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    house = House()
    line = house.line()

    def fail(*_args: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(house.broker, "receive", fail)
    await line.say(request([{"channel": "/a"}]))
    assert line.hear() == []
    assert line.pipe.closed
    assert "a bug" in capsys.readouterr().out
    await line.close()


# ---------------------------------------------------------------------------------------------------- the journal


async def test_what_a_reply_promises_is_kept_before_it_leaves() -> None:
    journal = SlowJournal()
    house = House(keeper=JournalKeeper(journal, lambda: house.now))
    line = house.line()
    raw = request({"channel": "/meta/handshake", "supportedConnectionTypes": TYPES})
    await line.say(raw)
    assert line.hear() == []
    journal.flush()
    (answer,) = line.hear()
    assert answer.json[0]["successful"]
    assert (b"set-cookie", b"BAYEUX_BROWSER=b1; Path=/; HttpOnly") in answer.headers
    client = answer.json[0]["clientId"]
    subscribe = {"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"}
    await line.say(request([subscribe, connect(client)]))
    line.protocol.connection_lost(None)
    journal.flush()
    assert line.hear() == []
    assert house.broker.sweep(house.now + 11) == 1
