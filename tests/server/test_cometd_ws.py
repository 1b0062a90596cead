"""The CometD endpoint over WebSocket: pushing, the heartbeat, slow and broken connections."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from tests.kit.connections import WebSocket, settle
from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.keeping import Keeper
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.server.cometd_keeper import JournalKeeper
from cordboard.server.cometd_wire import WIRE, Wire
from cordboard.server.cometd_ws import Socket, comes_from_allowed_origin, wire_of

TYPES = ["websocket"]


class House:
    """A broker with a clock to turn, and sockets of one identity."""

    def __init__(self, keeper: Keeper | None = None, **limits: Any) -> None:
        self.now = 1_000.0
        ids, bounds = count(1), BayeuxLimits(**limits)
        self.broker = Broker(bounds, lambda: f"c{next(ids)}", lambda who, name: True, lambda: 5_000, keeper=keeper)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "websocket"
        await receive()
        await send({"type": "websocket.accept"})
        self.socket = Socket(self.broker, "anna", receive, send, lambda: self.now, wire=wire_of(scope))
        await self.socket.run()

    async def open(self, peer: Peer | None = None, **handshake: Any) -> tuple[WebSocket, str]:
        """A socket with a session that is subscribed to /a and has made its first connect."""
        socket = WebSocket(self.app, state=peer.state if peer is not None else None)
        if peer is not None:
            peer.socket = socket
        (reply,) = await socket.say({"channel": "/meta/handshake", "supportedConnectionTypes": TYPES, **handshake})
        client = str(reply["clientId"])
        await socket.say({"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"})
        await socket.say(connect(client))
        return socket, client

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.broker.publish("anna", "/a", b"%d" % number)

    async def delivered(self, socket: WebSocket, *numbers: int) -> list[Any]:
        self.publish(*numbers)
        await settle()
        return data(socket.take())


def connect(client: str, **members: Any) -> dict[str, Any]:
    return {"channel": "/meta/connect", "clientId": client, "connectionType": "websocket", **members}


def data(messages: list[Any]) -> list[Any]:
    """The data of deliveries, the channel of replies."""
    return [message.get("data", message["channel"]) for message in messages]


async def test_the_first_connect_is_answered_at_once_and_the_next_one_parks() -> None:
    house = House()
    socket = WebSocket(house.app)
    (reply,) = await socket.say({"channel": "/meta/handshake", "supportedConnectionTypes": TYPES})
    first = await socket.say(connect(reply["clientId"], id="1"))
    assert [(message["id"], message["successful"]) for message in first] == [("1", True)]
    assert await socket.say(connect(reply["clientId"])) == []
    await socket.hang_up()


@pytest.mark.parametrize("parked", [True, False])
async def test_messages_are_pushed_at_once_whether_or_not_a_connect_is_parked(parked: bool) -> None:
    house = House()
    socket, client = await house.open()
    if parked:
        await socket.say(connect(client))
    assert await house.delivered(socket, 1) == [1]
    assert await house.delivered(socket, 2) == [2]
    await socket.hang_up()


async def test_messages_that_wait_share_a_frame_in_order() -> None:
    house = House()
    socket, _ = await house.open()
    house.publish(1, 2, 3)
    await settle()
    assert len(socket.frames) == 1
    assert data(socket.take()) == [1, 2, 3]
    await socket.hang_up()


async def test_a_frame_is_limited_and_the_rest_follows() -> None:
    house = House(websocket_unsent_bytes_max=60)
    socket, _ = await house.open()
    house.publish(1, 2, 3, 4, 5)
    await settle()
    assert [data(json.loads(frame)) for frame in socket.frames] == [[1, 2], [3, 4], [5]]
    await socket.hang_up()


async def test_a_connect_is_answered_when_its_time_is_over() -> None:
    house = House()
    socket, client = await house.open()
    answered = await socket.say(connect(client, advice={"timeout": 1}))
    while not answered:
        await settle()
        answered = socket.take()
    assert data(answered) == ["/meta/connect"]
    await socket.hang_up()


async def test_a_second_connect_replaces_the_first_without_a_reply() -> None:
    house = House()
    socket, client = await house.open()
    assert await socket.say(connect(client, id="1")) == []
    assert await socket.say(connect(client, id="2")) == []
    house.broker.kick("anna")
    await settle()
    _, reply = socket.take()
    assert (reply["id"], reply["advice"]["reconnect"]) == ("2", "none")
    await socket.hang_up()


async def test_a_bug_ends_the_socket_and_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))

    def fail(*_args: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(house.broker, "finish", fail)
    house.broker.kick("anna")
    with pytest.raises(ExceptionGroup) as caught:
        await socket.task
    assert caught.group_contains(ValueError, match="a bug")


async def test_when_the_server_stops_a_connect_fails_with_its_socket() -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))
    house.broker.stop()
    house.socket.stop()
    await socket.task
    assert (socket.take(), socket.close_code) == ([], 1001)


async def test_two_sessions_can_share_a_socket() -> None:
    house = House()
    socket, first = await house.open()
    (reply,) = await socket.say({"channel": "/meta/handshake", "supportedConnectionTypes": TYPES})
    second = reply["clientId"]
    await socket.say({"channel": "/meta/subscribe", "clientId": second, "subscription": "/a"}, connect(second))
    assert await house.delivered(socket, 1) == [1, 1]
    await socket.say({"channel": "/meta/disconnect", "clientId": first})
    assert await house.delivered(socket, 2) == [2]
    await socket.hang_up()


async def test_with_ack_messages_travel_with_connect_replies_only() -> None:
    house = House()
    socket, client = await house.open(ext={"ack": True})
    assert await house.delivered(socket, 1) == []
    messages = await socket.say(connect(client, ext={"ack": 0}))
    assert data(messages) == [1, "/meta/connect"]
    assert await socket.say(connect(client, ext=messages[-1]["ext"])) == []
    assert await house.delivered(socket, 2) == [2, "/meta/connect"]
    await socket.hang_up()


# ---------------------------------------------------------------------------------------------------- ends


async def test_a_disconnect_answers_the_parked_connect_too() -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))
    replies = await socket.say({"channel": "/meta/disconnect", "clientId": client})
    assert data(replies) == ["/meta/disconnect", "/meta/connect"]
    assert replies[1]["advice"]["reconnect"] == "none"
    await socket.hang_up()


@pytest.mark.parametrize("parked", [True, False])
async def test_a_kick_is_told_after_what_waited(parked: bool) -> None:
    house = House(websocket_unsent_bytes_max=10)
    socket, client = await house.open()
    if parked:
        await socket.say(connect(client))
    house.publish(1)
    house.broker.kick("anna")
    await settle()
    assert data(socket.take()) == [1, "/meta/disconnect"] + ["/meta/connect"] * parked
    await socket.hang_up()


async def test_stopping_writes_what_is_ready_and_closes() -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))
    house.publish(1)
    house.socket.stop()
    assert data(await socket.say({"channel": "/a"})) == [1]
    await socket.task
    assert socket.close_code == 1001


async def test_a_closed_socket_does_not_end_its_session_but_starts_its_clock() -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))
    assert house.broker.sweep(house.now + 1_000) == 0
    await socket.hang_up()
    house.publish(1, 2)
    assert house.broker.sweep(house.now + 9) == 0
    again = WebSocket(house.app)
    assert data(await again.say(connect(client))) == [1, 2]
    await again.hang_up()
    assert house.broker.sweep(house.now + 10) == 1


async def test_a_session_that_moved_on_is_left_alone_by_its_old_socket() -> None:
    house = House()
    old, client = await house.open()
    await old.say(connect(client, id="1"))
    new = WebSocket(house.app)
    await new.say(connect(client, id="2"))
    assert old.take() == []
    await old.hang_up()
    assert house.broker.sweep(house.now + 1_000) == 0
    assert await house.delivered(new, 1) == [1]
    await new.hang_up()


async def test_a_session_that_moved_on_while_its_old_socket_was_stuck_is_left_alone_too() -> None:
    house = House()
    old, client = await house.open()
    old.writable.clear()
    house.publish(1)
    await settle()
    new = WebSocket(house.app)
    assert data(await new.say(connect(client))) == [1]
    await old.hang_up()
    assert await house.delivered(new, 2) == [2]
    await new.hang_up()


# ---------------------------------------------------------------------------------------------------- slow and broken


async def test_what_a_broken_connection_did_not_take_stays_in_order() -> None:
    house = House()
    socket, client = await house.open()
    socket.writable.clear()
    house.publish(1, 2)
    await settle()
    house.publish(3)
    await socket.hang_up()
    again = WebSocket(house.app)
    assert data(await again.say(connect(client))) == [1, 2, 3]
    await again.hang_up()


@pytest.mark.parametrize("failure", [OSError("gone"), RuntimeError("closing")])
async def test_a_failed_write_frees_the_session_before_the_disconnect_is_told(failure: Exception) -> None:
    house = House()
    socket, client = await house.open()
    await socket.say(connect(client))
    socket.failure = failure
    house.publish(1)
    await settle()
    assert await socket.say({"channel": "/a"}) == []
    assert house.broker.sweep(house.now + 10) == 1
    await socket.hang_up()


async def test_a_slow_client_costs_no_other_and_its_full_queue_ends_its_session() -> None:
    house = House(queue_max=3)
    slow, client = await house.open()
    quick, _ = await house.open()
    await slow.say(connect(client))
    slow.writable.clear()
    for number in range(5):
        assert await house.delivered(quick, number) == [number]
    assert house.broker.session_count == 1
    slow.writable.set()
    await settle()
    messages = slow.take()
    assert messages[-1]["error"] == "402::session_unknown"
    assert messages[-1]["advice"]["reconnect"] == "handshake"
    await slow.hang_up()
    await quick.hang_up()


async def test_a_client_that_does_not_read_its_replies_is_not_read_further() -> None:
    house = House(websocket_unsent_bytes_max=100)
    socket, _ = await house.open()
    socket.writable.clear()
    for number in range(20):
        await socket.say({"channel": "/a", "id": number})
    assert socket.unread > 10
    socket.writable.set()
    await settle()
    await settle()
    await settle()
    assert [message["id"] for message in socket.take()] == list(range(20))
    assert socket.unread == 0
    await socket.hang_up()


async def test_a_reader_that_waits_for_room_ends_with_the_connection() -> None:
    house = House(websocket_unsent_bytes_max=100)
    socket, _ = await house.open()
    socket.writable.clear()
    for number in range(5):
        await socket.say({"channel": "/a", "id": number})
    await socket.hang_up()


# ---------------------------------------------------------------------------------------------------- what arrived


class Peer:
    """A wire: what it takes arrives at once; ``pong`` answers a question when the test says so."""

    def __init__(self) -> None:
        self.pings = 0
        self.written = 0
        self.full = False
        self.wire = Wire(self.ping, self.write)
        self.state = {WIRE: self.wire}
        self.socket: WebSocket

    def ping(self) -> bool:
        self.pings += 1
        return True

    def write(self, text: bytes, ask: bool) -> bool:
        if self.full:
            return False
        self.written += 1
        self.pings += ask
        self.socket.frames.append(text.decode())
        return True

    def pong(self) -> None:
        self.wire.answered()


async def test_what_the_wire_does_not_take_goes_the_long_way() -> None:
    house, peer = House(), Peer()
    socket, _ = await house.open(peer)
    before = peer.written
    assert await house.delivered(socket, 1) == [1]
    assert peer.written == before + 1
    peer.full = True
    assert await house.delivered(socket, 2) == [2]
    assert peer.written == before + 1
    await socket.hang_up()


async def test_in_a_steady_flow_questions_come_with_messages_and_not_too_often() -> None:
    house, peer = House(websocket_ask_pause_s=2.0), Peer()
    socket, _ = await house.open(peer)
    asked = []
    for step in range(12):
        before = peer.pings
        await house.delivered(socket, step)
        if peer.pings > before:
            asked.append(step)
            peer.pong()
        house.now += 0.5
    assert asked == [0, 4, 8]
    await socket.hang_up()


async def test_what_a_dead_socket_did_not_confirm_is_told_again() -> None:
    house, peer = House(), Peer()
    socket, client = await house.open(peer)
    await socket.say(connect(client))
    assert await house.delivered(socket, 1) == [1]
    peer.pong()
    assert await house.delivered(socket, 2) == [2]
    again = WebSocket(house.app)
    assert data(await again.say(connect(client))) == [2]
    await socket.hang_up()
    await again.hang_up()


async def test_what_came_after_a_question_is_asked_for_later() -> None:
    house, peer = House(websocket_ask_pause_s=0.001), Peer()
    socket, client = await house.open(peer)
    await house.delivered(socket, 1)
    await house.delivered(socket, 2)
    assert peer.pings == 1
    peer.pong()
    while peer.pings == 1:
        await settle()
    peer.pong()
    back = WebSocket(house.app)
    assert await back.say(connect(client)) == []
    await back.hang_up()
    await socket.hang_up()


async def test_what_went_the_long_way_is_asked_for_too() -> None:
    house, peer = House(websocket_ask_pause_s=0.001), Peer()
    socket, _ = await house.open(peer)
    peer.full = True
    await house.delivered(socket, 1)
    while peer.pings == 0:
        await settle()
    await socket.hang_up()


async def test_a_question_that_comes_with_a_message_spares_the_one_that_was_due() -> None:
    house, peer = House(websocket_ask_pause_s=60.0), Peer()
    socket, _ = await house.open(peer)
    await house.delivered(socket, 1)
    peer.pong()
    await house.delivered(socket, 2)
    assert house.socket._pause is not None
    house.now += 60
    await house.delivered(socket, 3)
    assert peer.pings == 2
    assert house.socket._pause is None
    peer.pong()
    await socket.hang_up()


async def test_nothing_is_asked_when_the_client_has_shown_that_all_has_arrived() -> None:
    house, peer = House(websocket_ask_pause_s=0.2), Peer()
    socket, client = await house.open(peer)
    await house.delivered(socket, 1)
    peer.pong()
    await house.delivered(socket, 2)
    await socket.say(connect(client, advice={"timeout": 0}))
    await socket.say(connect(client))
    while house.socket._pause is not None:
        await settle()
    assert peer.pings == 1
    await socket.hang_up()


async def test_a_pause_ends_with_its_socket() -> None:
    house, peer = House(websocket_ask_pause_s=0.001), Peer()
    socket, _ = await house.open(peer)
    await house.delivered(socket, 1)
    peer.pong()
    await house.delivered(socket, 2)
    await socket.hang_up()
    assert peer.pings == 1


async def test_who_acknowledges_is_not_asked() -> None:
    house, peer = House(), Peer()
    socket, client = await house.open(peer, ext={"ack": True})
    house.publish(1)
    assert data(await socket.say(connect(client, ext={"ack": 0}))) == [1, "/meta/connect"]
    assert peer.pings == 0
    await socket.hang_up()


async def test_a_late_pong_of_an_old_socket_says_nothing_of_what_was_written_elsewhere() -> None:
    house, peer = House(), Peer()
    old, client = await house.open(peer)
    house.publish(0)
    await settle()
    assert peer.pings == 1
    new = WebSocket(house.app)
    assert data(await new.say(connect(client))) == [0]
    assert await house.delivered(new, 1) == [1]
    peer.pong()
    third = WebSocket(house.app)
    assert data(await third.say(connect(client))) == [1]
    for socket in (old, new, third):
        await socket.hang_up()


async def test_a_reply_that_never_got_out_does_not_keep_its_session_alive_for_ever() -> None:
    house = House()
    socket, client = await house.open()
    socket.writable.clear()
    await socket.say(connect(client, advice={"timeout": 0}))
    await socket.hang_up()
    assert house.broker.sweep(house.now + 10) == 1


# ---------------------------------------------------------------------------------------------------- bad input


async def test_an_empty_array_keeps_the_connection_alive_and_has_no_answer() -> None:
    house = House()
    socket, _ = await house.open()
    assert await socket.say_text("[]") == []
    assert await house.delivered(socket, 1) == [1]
    await socket.hang_up()


async def test_a_binary_frame_is_read_as_text() -> None:
    house = House()
    socket = WebSocket(house.app)
    (reply,) = await socket.say_text(b'[{"channel":"/a","id":1}]')
    assert (reply["id"], reply["error"]) == (1, "402::session_unknown")
    await socket.hang_up()


@pytest.mark.parametrize(("text", "code"), [("hello", 1011), ("[" + "{}," * 9 + "{}]", 1009), ("x" * 300, 1009)])
async def test_what_cannot_be_read_closes_the_socket_with_a_reason(text: str, code: int) -> None:
    socket = WebSocket(House(message_bytes_max=200, batch_max=4).app)
    await socket.say_text(text)
    await socket.task
    assert socket.close_code == code


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), (b"https://gw.example", True), (b"https://desk.example", True), (b"https://evil.example", False)],
)
def test_pages_of_this_host_and_of_allowed_ones_may_open_sockets(origin: bytes | None, allowed: bool) -> None:
    headers = [(b"host", b"gw.example"), (b"accept", b"*")] + ([(b"origin", origin)] if origin else [])
    scope = {"headers": headers}
    assert comes_from_allowed_origin(scope, lambda name: name == "https://desk.example") is allowed


def test_without_a_rule_only_this_host_is_allowed() -> None:
    assert not comes_from_allowed_origin({"headers": [(b"host", b"a"), (b"origin", b"https://b")]}, None)


# ---------------------------------------------------------------------------------------------------- idle sockets


async def test_a_socket_may_be_without_a_session_for_a_while_only() -> None:
    house = House(websocket_idle_timeout_s=5.0)
    socket, client = await house.open()
    house.now += 100
    house.socket.check(house.now)
    await socket.say({"channel": "/meta/disconnect", "clientId": client})
    house.socket.check(house.now + 4.9)
    await settle()
    assert socket.close_code is None
    house.socket.check(house.now + 5)
    await settle()
    assert socket.close_code == 1000
    await socket.task


def test_a_server_without_wires_has_none() -> None:
    assert wire_of({}) is None
    assert wire_of({"state": {WIRE: "x"}}) is None


# ---------------------------------------------------------------------------------------------------- the journal


async def test_what_a_reply_promises_is_kept_before_it_leaves() -> None:
    journal = SlowJournal()
    house = House(keeper=JournalKeeper(journal, lambda: house.now))
    socket = WebSocket(house.app)
    assert await socket.say({"channel": "/meta/handshake", "supportedConnectionTypes": TYPES}) == []
    journal.flush()
    await settle()
    (reply,) = socket.take()
    subscribe = {"channel": "/meta/subscribe", "clientId": reply["clientId"], "subscription": "/a"}
    assert await socket.say(subscribe, connect(reply["clientId"])) == []
    house.publish(1)
    await settle()
    assert socket.take() == []
    journal.flush()
    await settle()
    assert data(socket.take()) == ["/meta/subscribe", 1, "/meta/connect"]
    await socket.say(subscribe, connect(reply["clientId"]))
    await socket.hang_up()
    journal.flush()
    assert house.broker.sweep(house.now + 11) == 1
