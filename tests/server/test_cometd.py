"""The CometD endpoint over HTTP: statuses, parked connects, and what happens when connections break."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from tests.kit.connections import HttpRequest, WebSocket, settle
from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.keeping import Keeper
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Transport
from cordboard.server import cometd
from cordboard.server.auth_types import ACCESS_DENIED, Authentication
from cordboard.server.cometd import Cometd
from cordboard.server.cometd_keeper import JournalKeeper
from cordboard.server.cometd_wire import LINE, Line
from cordboard.server.cors import Cors

LIMITS = BayeuxLimits(message_bytes_max=500, batch_max=4)


class House:
    """An endpoint with a clock to turn. The header x-user says who a request speaks for."""

    def __init__(
        self, transports: tuple[Transport, ...] = tuple(Transport), keeper: Keeper | None = None, **options: Any
    ) -> None:
        self.now = 1_000.0
        ids = count(1)
        self.broker = Broker(
            LIMITS,
            lambda: f"c{next(ids)}",
            lambda who, name: True,
            lambda: 5_000,
            transports=transports,
            keeper=keeper,
        )
        self.cometd = Cometd(self.broker, who, clock=lambda: self.now, **options)

    def start(self, *batch: dict[str, Any], user: bytes = b"anna") -> HttpRequest:
        return HttpRequest(json.dumps(batch).encode(), headers=((b"x-user", user),)).start(self.cometd)

    async def post(self, *batch: dict[str, Any], user: bytes = b"anna") -> Any:
        request = await self.start(*batch, user=user).served()
        assert request.status == 200
        return request.json

    def connect(self, client: str, **members: Any) -> HttpRequest:
        return self.start({"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling", **members})

    async def client(self, **members: Any) -> str:
        """A client that is subscribed to /a and has made its first connect."""
        handshake = {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"], **members}
        (reply,) = await self.post(handshake)
        client = str(reply["clientId"])
        await self.post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"})
        await self.connect(client).served()
        return client

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.broker.publish("anna", "/a", b"%d" % number)


def who(scope: MutableMapping[str, Any]) -> Authentication | None:
    user = dict(scope["headers"]).get(b"x-user", b"anna")
    cookie = b"S=1" if user == b"new" else None
    return None if user == b"stranger" else Authentication(user.decode(), cookie, f"session of {user.decode()}")


def data(request: HttpRequest) -> list[Any]:
    """What a connect delivered, without its reply, which comes last."""
    *messages, reply = request.json
    assert reply["channel"] == "/meta/connect"
    return [message["data"] for message in messages]


async def test_a_request_is_answered_with_json_that_is_not_kept() -> None:
    request = await House().start({"channel": "/meta/handshake", "supportedConnectionTypes": ["websocket"]}).served()
    assert request.status == 200
    assert request.json[0]["clientId"] == "c1"
    assert request.headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert request.headers[b"cache-control"] == b"no-store"
    assert int(request.headers[b"content-length"]) == len(request.body)


async def test_a_body_may_come_in_pieces() -> None:
    body = b'[{"channel":"/meta/handshake","supportedConnectionTypes":["websocket"]}]'
    request = await HttpRequest(body, chunks=7).start(House().cometd).served()
    assert request.json[0]["successful"]


async def test_a_stranger_is_denied_with_the_words_of_the_house() -> None:
    request = await House().start({"channel": "/a"}, user=b"stranger").served()
    assert (request.status, request.body) == (403, ACCESS_DENIED)


async def test_the_slow_way_to_prove_who_one_is_has_the_last_word() -> None:
    async def slowly(scope: MutableMapping[str, Any]) -> Authentication | None:
        assert scope["type"] == "http"
        return Authentication("stranger")

    house = House(authenticate_slowly=slowly)
    assert (await house.post({"channel": "/a"}, user=b"stranger"))[0]["error"] == "402::session_unknown"


async def test_a_new_http_session_comes_with_its_cookie() -> None:
    request = await House().start({"channel": "/a"}, user=b"new").served()
    assert request.headers[b"set-cookie"] == b"S=1"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"\xff", 400), (b"[{},{},{},{},{}]", 413), (b'"' + b"a" * 500, 413)],
)
async def test_what_cannot_be_read_gets_a_status_and_a_reason(body: bytes, status: int) -> None:
    request = await HttpRequest(body).start(House().cometd).served()
    assert request.status == status
    assert isinstance(request.json["error"], str)


async def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    request = await HttpRequest(b"x" * 5_000, chunks=10).start(House().cometd).served()
    assert request.status == 413
    assert request.headers[b"connection"] == b"close"
    assert (await request.receive())["type"] == "http.request"


async def test_a_client_that_leaves_in_the_middle_of_its_request_gets_no_answer() -> None:
    request = HttpRequest(b"[]")
    request.close()
    await request.start(House().cometd).served()
    assert request.status is None


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("DELETE", 405), ("OPTIONS", 204)])
async def test_other_methods_are_told_what_is_allowed(method: str, status: int) -> None:
    request = await HttpRequest(b"", method).start(House().cometd).served()
    assert (request.status, request.headers[b"allow"]) == (status, b"GET, POST, OPTIONS")
    without = House(transports=(Transport.LONG_POLLING,)).cometd
    request = await HttpRequest(b"", method).start(without).served()
    assert (request.status, request.headers[b"allow"]) == (status, b"POST, OPTIONS")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_stranger_is_denied_before_he_learns_what_is_allowed(method: str) -> None:
    request = await HttpRequest(b"", method, headers=((b"x-user", b"stranger"),)).start(House().cometd).served()
    assert (request.status, request.body) == (403, ACCESS_DENIED)


async def test_a_session_of_somebody_else_is_unknown() -> None:
    house = House()
    client = await house.client()
    (reply,) = await house.post({"channel": "/meta/connect", "clientId": client}, user=b"bert")
    assert reply["error"] == "402::session_unknown"


# ---------------------------------------------------------------------------------------------------- parked connects


async def test_a_parked_connect_is_answered_by_the_first_message() -> None:
    house = House()
    parked = house.connect(await house.client())
    await settle()
    assert parked.status is None
    house.publish(1, 2)
    assert data(await parked.served()) == [1, 2]


async def test_messages_that_wait_come_before_the_replies_and_the_connect_last() -> None:
    house = House()
    client = await house.client()
    house.publish(1)
    messages = await house.post(
        {"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling"},
        {"channel": "/meta/subscribe", "clientId": client, "subscription": "/b"},
    )
    assert [message["channel"] for message in messages] == ["/a", "/meta/subscribe", "/meta/connect"]


async def test_a_parked_connect_is_answered_empty_when_its_time_is_over() -> None:
    house = House()
    parked = house.connect(await house.client(), advice={"timeout": 1})
    assert data(await parked.served()) == []


async def test_messages_between_two_connects_wait_for_the_second_one() -> None:
    house = House()
    client = await house.client()
    house.publish(1)
    (reply,) = await house.post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/b"})
    assert reply["successful"]
    house.publish(2)
    assert data(await house.connect(client).served()) == [1, 2]


async def test_a_second_connect_overtakes_the_first() -> None:
    house = House()
    client = await house.client()
    older = house.connect(client)
    await settle()
    newer = house.connect(client)
    await older.served()
    assert (older.status, older.body) == (409, b"")
    house.publish(1)
    assert data(await newer.served()) == [1]


async def test_a_closed_connection_releases_its_connect_at_once_and_loses_nothing() -> None:
    house = House()
    client = await house.client()
    parked = house.connect(client)
    await settle()
    parked.close()
    await parked.served()
    house.publish(1, 2)
    assert data(await house.connect(client).served()) == [1, 2]


async def test_a_message_in_the_same_instant_as_the_close_is_kept() -> None:
    house = House()
    client = await house.client()
    parked = house.connect(client)
    await settle()
    house.publish(1)
    parked.close()
    await parked.served()
    house.publish(2)
    assert data(await house.connect(client).served()) == [1, 2]


async def test_a_disconnect_that_is_told_only_once_is_enough() -> None:
    house = House()
    client = await house.client()
    parked = house.connect(client)
    empty, told = asyncio.Event(), asyncio.Event()
    receive = parked.receive

    async def once() -> MutableMapping[str, Any]:
        if told.is_set():
            await asyncio.Event().wait()
        if parked.task is not None and asyncio.current_task() is not parked.task and not empty.is_set():
            empty.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        event = await receive()
        if event["type"] == "http.disconnect":
            told.set()
        return event

    sent: list[MutableMapping[str, Any]] = []

    async def send(event: MutableMapping[str, Any]) -> None:
        sent.append(event)

    parked.receive = once  # type: ignore[method-assign]
    parked.send = send  # type: ignore[method-assign]
    await settle()
    parked.close()
    await parked.served()
    assert sent == []


async def test_a_write_that_fails_loses_nothing() -> None:
    house = House()
    client = await house.client()
    house.publish(1)
    broken = house.connect(client)

    async def fail(event: MutableMapping[str, Any]) -> None:
        raise OSError(event["type"])

    broken.send = fail  # type: ignore[method-assign]
    await broken.served()
    assert data(await house.connect(client).served()) == [1]


async def test_a_given_up_connect_starts_the_clock_of_its_session() -> None:
    house = House()
    parked = house.connect(await house.client())
    await settle()
    assert house.broker.sweep(house.now + 1_000) == 0
    parked.close()
    await parked.served()
    assert house.broker.sweep(house.now + 10) == 1


async def test_a_cancelled_request_gives_its_connect_up() -> None:
    house = House()
    parked = house.connect(await house.client())
    await settle()
    assert parked.task is not None
    parked.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await parked.task
    assert house.broker.sweep(house.now + 10) == 1


async def test_with_ack_a_lost_answer_comes_again() -> None:
    house = House()
    client = await house.client(ext={"ack": True})
    house.publish(1)
    lost = await house.connect(client, ext={"ack": 0}).served()
    house.publish(2)
    again = await house.connect(client, ext={"ack": 0}).served()
    assert (data(lost), data(again)) == ([1], [1, 2])
    parked = house.connect(client, ext={"ack": again.json[-1]["ext"]["ack"]})
    await settle()
    house.publish(3)
    assert data(await parked.served()) == [3]


# ---------------------------------------------------------------------------------------------------- start and stop


async def test_the_sweeper_ends_sessions_until_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await house.client()
    slept: list[float] = []

    async def sleep(delay: float) -> None:
        slept.append(delay)
        house.now += 20
        if len(slept) > 1:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await house.cometd.run()
    assert slept == [1.0, 1.0]
    assert house.broker.session_count == 0


async def test_closing_lets_parked_connects_fail_closes_sockets_and_takes_no_more() -> None:
    house = House()
    parked = house.connect(await house.client())
    socket = WebSocket(house.cometd)
    await settle()
    house.cometd.close()
    await parked.served()
    await asyncio.wait_for(socket.task, 5)
    assert (parked.status, parked.body, parked.headers[b"connection"]) == (503, b"", b"close")
    assert socket.close_code == 1001
    late = WebSocket(house.cometd)
    await late.task
    assert late.accepted is None


async def test_what_still_comes_then_fails_without_json() -> None:
    house = House()
    house.cometd.close()
    request = await house.start({"channel": "/a"}).served()
    assert (request.status, request.body, request.headers[b"connection"]) == (503, b"", b"close")


async def test_a_reply_to_a_connection_that_was_closed_is_told_again_by_the_next() -> None:
    house = House()
    client, first, second = await house.client(), Line(), Line()

    async def connect(line: Line) -> list[Any]:
        request = house.connect(client)
        request.scope["state"] = {LINE: line}
        return data(await request.served())

    house.publish(1)
    assert await connect(first) == [1]
    house.publish(2)
    assert await connect(first) == [2]
    first.lost = True
    assert await connect(second) == [2]


async def test_the_end_of_an_http_session_closes_its_websockets_a_little_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cometd, "_FAREWELL_S", 0.0)
    house = House()
    own, others = WebSocket(house.cometd, ((b"x-user", b"ann"),)), WebSocket(house.cometd, ((b"x-user", b"bob"),))
    await settle()
    house.cometd.end_session("session of nobody")
    house.cometd.end_session("session of ann")
    assert own.close_code is None
    await asyncio.wait_for(own.task, 5)
    assert own.close_code == 1001
    assert others.close_code is None
    await others.hang_up()


# ---------------------------------------------------------------------------------------------------- the other door


async def test_a_websocket_is_accepted_with_the_cookie_of_a_new_session() -> None:
    socket = WebSocket(House().cometd, headers=((b"x-user", b"new"),))
    await settle()
    assert socket.accepted == {"type": "websocket.accept", "headers": [(b"set-cookie", b"S=1")]}
    await socket.hang_up()


@pytest.mark.parametrize(
    "headers", [((b"x-user", b"stranger"),), ((b"origin", b"https://evil.example"), (b"host", b"gw.example"))]
)
async def test_a_websocket_is_refused_to_strangers_and_to_foreign_pages(
    headers: tuple[tuple[bytes, bytes], ...],
) -> None:
    socket = WebSocket(House().cometd, headers)
    await socket.task
    assert socket.accepted is None
    assert socket.close_code is not None


async def test_a_session_may_move_from_long_polling_to_a_websocket_and_back() -> None:
    house = House()
    client = await house.client()
    parked = house.connect(client)
    socket = WebSocket(house.cometd)
    await socket.say({"channel": "/meta/connect", "clientId": client, "connectionType": "websocket"})
    assert (await parked.served()).status == 409
    house.publish(1)
    await settle()
    assert [message["data"] for message in socket.take()] == [1]
    back = house.connect(client)
    await settle()
    house.publish(2)
    # This WebSocket cannot be asked whether 1 has arrived, and the client did not wait for a reply there.
    assert data(await back.served()) == [1]
    assert data(await house.connect(client).served()) == [2]
    assert socket.take() == []
    await socket.hang_up()


# ---------------------------------------------------------------------------------------------------- one browser


def with_cookie(cookie: bytes, *batch: dict[str, Any]) -> HttpRequest:
    return HttpRequest(json.dumps(batch).encode(), headers=((b"cookie", cookie),))


HANDSHAKE = {"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]}


@pytest.mark.parametrize(("secure", "attributes"), [(False, b"Path=/; HttpOnly"), (True, b"Path=/; HttpOnly; Secure")])
async def test_the_first_handshake_of_a_browser_gives_it_a_name(secure: bool, attributes: bytes) -> None:
    house = House(new_browser_id=lambda: "b1", secure=secure)
    request = await house.start(HANDSHAKE, user=b"new").served()
    assert request.cookies == [b"S=1", b"BAYEUX_BROWSER=b1; " + attributes]
    assert (await house.start({"channel": "/a"}).served()).cookies == []
    named = await with_cookie(b"BAYEUX_BROWSER=b1", HANDSHAKE).start(house.cometd).served()
    assert named.cookies == []


async def test_two_sessions_of_one_browser_do_not_both_hold_its_connections() -> None:
    house = House()
    first, second = await house.client(), await house.client()
    connect = {"channel": "/meta/connect", "connectionType": "long-polling"}
    held = with_cookie(b"a=b; BAYEUX_BROWSER=b1", {**connect, "clientId": first}).start(house.cometd)
    await settle()
    crowded = with_cookie(b"BAYEUX_BROWSER=b1", {**connect, "clientId": second}).start(house.cometd)
    (reply,) = (await crowded.served()).json
    assert reply["advice"]["multiple-clients"] is True
    house.publish(1)
    assert data(await held.served()) == [1]
    assert data(await house.connect(second).served()) == [1]


# ---------------------------------------------------------------------------------------------------- callbacks

OWN_PAGE = (b"sec-fetch-site", b"same-origin")


def script(house: House, query: str, *headers: tuple[bytes, bytes]) -> HttpRequest:
    return HttpRequest(b"", "GET", headers=headers, query=query.encode()).start(house.cometd)


async def test_callback_polling_handshakes_subscribes_and_delivers_with_connects() -> None:
    house = House()
    handshake = "message=" + quote(json.dumps([{**HANDSHAKE, "supportedConnectionTypes": ["callback-polling"]}]))
    request = await script(house, handshake + "&jsonp=f.g-1_", OWN_PAGE).served()
    assert request.status == 200
    assert request.headers[b"content-type"] == b"text/javascript;charset=UTF-8"
    assert request.headers[b"x-content-type-options"] == b"nosniff"
    assert request.body.startswith(b"f.g-1_([{")
    (reply,) = json.loads(request.body[len("f.g-1_(") : -1])
    client = reply["clientId"]
    assert "callback-polling" in reply["supportedConnectionTypes"]
    connect = json.dumps({"channel": "/meta/connect", "clientId": client, "connectionType": "callback-polling"})
    await script(house, "message=" + quote(connect), OWN_PAGE).served()
    await house.post({"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"})
    parked = script(house, "message=" + quote(connect), OWN_PAGE)
    await settle()
    assert parked.status is None
    house.publish(1)
    assert (await parked.served()).body.startswith(b'jsonpcallback([{"channel":"/a","data":1},')


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("message=[]&jsonp=alert(1)", (OWN_PAGE,), 400),
        ("message=[]", (OWN_PAGE,), 400),
        ("message={", (OWN_PAGE,), 400),
        ("message=" + "a" * 600, (OWN_PAGE,), 413),
        ("message={}", ((b"sec-fetch-site", b"cross-site"),), 403),
        ("message={}", ((b"referer", b"https://evil.example/"),), 403),
        ("message={}", (), 403),
        ("message={}", ((b"x-user", b"stranger"), OWN_PAGE), 403),
        ("msg={}", (OWN_PAGE,), 405),
    ],
)
async def test_a_callback_can_be_refused(query: str, headers: tuple[tuple[bytes, bytes], ...], status: int) -> None:
    assert (await script(House(), query, *headers).served()).status == status


async def test_callbacks_and_websockets_can_be_turned_off() -> None:
    house = House(transports=(Transport.LONG_POLLING,))
    assert (await script(house, "message={}", OWN_PAGE).served()).status == 405
    socket = WebSocket(house.cometd)
    await socket.task
    assert socket.accepted is None


# ---------------------------------------------------------------------------------------------------- other origins


@pytest.mark.parametrize(("origin", "shared"), [(b"https://desk.example", True), (b"https://evil.example", False)])
async def test_pages_of_allowed_origins_may_read_and_send_cookies(origin: bytes, shared: bool) -> None:
    app = Cors(House().cometd, ["https://desk.example"])
    asking = ((b"origin", origin), (b"access-control-request-method", b"POST"))
    preflight = await HttpRequest(b"", "OPTIONS", headers=asking).start(app).served()
    assert (preflight.headers.get(b"access-control-allow-origin") == origin) is shared
    if shared:
        names = preflight.headers[b"access-control-allow-headers"].decode().lower().split(",")
        assert {"content-type", "authorization"} <= set(names)
    body = json.dumps([HANDSHAKE]).encode()
    request = await HttpRequest(body, headers=((b"origin", origin),)).start(app).served()
    assert (request.headers.get(b"access-control-allow-credentials") == b"true") is shared


# ---------------------------------------------------------------------------------------------------- idle sockets


async def test_a_socket_that_carries_nobody_is_closed_after_a_while() -> None:
    house = House()
    silent, talking = WebSocket(house.cometd), WebSocket(house.cometd)
    client = await house.client()
    await talking.say({"channel": "/meta/connect", "clientId": client, "connectionType": "websocket"})
    await settle()
    house.now += 9
    house.cometd.sweep()
    await settle()
    assert silent.close_code is None
    house.now += 1
    house.cometd.sweep()
    await settle()
    assert (silent.close_code, talking.close_code) == (1000, None)
    await talking.say({"channel": "/meta/disconnect", "clientId": client})
    house.now += 10
    house.cometd.sweep()
    await settle()
    assert talking.close_code == 1000


# ---------------------------------------------------------------------------------------------------- the journal


async def test_what_a_reply_promises_is_kept_before_it_leaves() -> None:
    journal = SlowJournal()
    house = House(keeper=JournalKeeper(journal, lambda: house.now))
    asked = house.start({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    await settle()
    assert asked.status is None
    journal.flush()
    await asked.served()
    assert asked.json[0]["successful"]


async def test_a_client_that_leaves_before_that_does_no_harm() -> None:
    journal = SlowJournal()
    house = House(keeper=JournalKeeper(journal, lambda: house.now))
    asked = house.start({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    await settle()
    asked.task.cancel()
    await settle()
    journal.flush()
    assert asked.status is None
    assert house.broker.session_count == 1


async def test_restored_sessions_have_time_from_when_connections_are_accepted() -> None:
    journal = SlowJournal()
    house = House(keeper=JournalKeeper(journal, lambda: house.now))
    house.start({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    await settle()
    journal.flush()
    again = House(keeper=JournalKeeper(journal.crash(), lambda: house.now))
    again.broker.restore(again.now)
    again.now += 100
    again.cometd.sweep()
    again.cometd.open()
    again.now += 59
    again.cometd.sweep()
    assert again.broker.session_count == 1
    again.now += 1
    again.cometd.sweep()
    assert again.broker.session_count == 0
