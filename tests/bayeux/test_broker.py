"""The broker, message by message: every row of bayeux §1 and §2 that does not need a connection."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.replay import RecentMessages
from cordboard.bayeux.session import Connect, Ending, Transport
from cordboard.bayeux.visits import Answer, Caller
from cordboard.server.cometd_keeper import JournalKeeper

LP, WS = Transport.LONG_POLLING, Transport.WEBSOCKET
RETRY = {"reconnect": "retry", "interval": 0, "timeout": 30_000}
AGAIN = {"reconnect": "handshake", "interval": 0, "timeout": 30_000}


class Bell:
    def __init__(self) -> None:
        self.rung = 0

    def wake(self) -> None:
        self.rung += 1


class Line:
    """An HTTP connection."""

    def __init__(self) -> None:
        self.lost = False


class House:
    """A broker with a clock to turn, and a client's way of talking to it."""

    def __init__(self, *, replay: bool = False, **limits: Any) -> None:
        self.now = 1_000.0
        self.epoch_ms = 5_000
        ids = count(1)
        bounds = BayeuxLimits(**limits)
        self.broker = Broker(
            bounds,
            lambda: f"c{next(ids)}",
            lambda who, name: name != f"/not/{who}",
            lambda: self.epoch_ms,
            retention=RecentMessages(bounds) if replay else None,
        )

    def receive(
        self,
        *batch: dict[str, Any],
        who: str = "anna",
        transport: Transport = LP,
        browser: str = "",
        line: Line | None = None,
    ) -> Answer:
        messages = decode_batch(json.dumps(batch), self.broker.limits)
        assert isinstance(messages, list)
        return self.broker.receive(Caller(who, transport, browser=browser, line=line), messages, self.now)

    def ask(self, channel: str, who: str = "anna", transport: Transport = LP, **members: Any) -> dict[str, Any]:
        answer = self.receive({"channel": channel, **members}, who=who, transport=transport)
        assert not answer.connects
        (reply,) = answer.replies
        return dict(json.loads(reply))

    def handshake(self, who: str = "anna", **members: Any) -> dict[str, Any]:
        types = ["long-polling", "websocket"]
        return self.ask("/meta/handshake", who, version="1.0", supportedConnectionTypes=types, **members)

    def connect(
        self,
        client: str,
        transport: Transport = LP,
        who: str = "anna",
        browser: str = "",
        line: Line | None = None,
        **members: Any,
    ) -> Connect:
        message = {"channel": "/meta/connect", "clientId": client, "connectionType": transport.value, **members}
        answer = self.receive(message, who=who, transport=transport, browser=browser, line=line)
        assert not answer.replies
        (connect,) = answer.connects
        return connect

    def finish(self, connect: Connect) -> tuple[list[Any], dict[str, Any]]:
        """What the connect delivers, in a write that goes through."""
        delivery = self.broker.finish(connect)
        self.broker.written(connect, delivery, self.now)
        assert delivery.reply is not None
        return [json.loads(frame)["data"] for frame in delivery.frames], json.loads(delivery.reply)

    def client(self, *subscriptions: str, who: str = "anna", **members: Any) -> str:
        """A client that has shaken hands, connected once and subscribed."""
        client = str(self.handshake(who, **members)["clientId"])
        for name in subscriptions:
            assert self.ask("/meta/subscribe", who, clientId=client, subscription=name)["successful"]
        self.finish(self.connect(client, who=who))
        return client


# ---------------------------------------------------------------------------------------------------- handshake


def test_a_handshake_gives_a_client_id_the_types_and_the_advice() -> None:
    assert House().handshake(id="1") == {
        "channel": "/meta/handshake",
        "successful": True,
        "id": "1",
        "clientId": "c1",
        "version": "1.0",
        "supportedConnectionTypes": ["websocket", "long-polling"],
        "advice": RETRY,
    }


@pytest.mark.parametrize("types", [[], ["iframe"], "websocket", None])
def test_a_handshake_without_a_type_in_common_fails_for_good(types: object) -> None:
    reply = House().ask("/meta/handshake", supportedConnectionTypes=types)
    assert reply["error"].startswith("301:")
    assert reply["advice"]["reconnect"] == "none"


def test_what_comes_with_a_handshake_is_ignored() -> None:
    house = House()
    answer = house.receive(
        {"channel": "/a"}, {"channel": "/meta/handshake", "supportedConnectionTypes": ["websocket"]}, {"channel": "/b"}
    )
    assert [json.loads(reply)["channel"] for reply in answer.replies] == ["/meta/handshake"]
    assert house.broker.session_count == 1


@pytest.mark.parametrize("limits", [{"sessions_max": 1}, {"sessions_per_identity_max": 1}])
def test_a_handshake_beyond_the_limit_is_denied_and_may_come_back_later(limits: dict[str, int]) -> None:
    house = House(**limits)
    house.handshake()
    reply = house.handshake()
    assert reply["error"] == "403::handshake_denied"
    assert reply["advice"] == {"reconnect": "handshake", "interval": 10_000, "timeout": 30_000}


# ---------------------------------------------------------------------------------------------------- subscriptions


@pytest.mark.parametrize("names", ["/a", ["/a", "/b/*"]])
def test_a_subscription_is_confirmed_as_it_was_sent(names: object) -> None:
    house = House()
    client = house.client()
    reply = house.ask("/meta/subscribe", clientId=client, subscription=names, id=4)
    expected = {"channel": "/meta/subscribe", "successful": True, "id": 4, "clientId": client, "subscription": names}
    assert reply == expected


@pytest.mark.parametrize(
    ("subscription", "error"),
    [
        (None, "403::subscription_missing"),
        ([], "403::subscription_missing"),
        ("", "403::subscription_invalid"),
        (7, "403::subscription_invalid"),
        ("/a//b", "403::subscription_invalid"),
        ("/a/*/b", "403::subscription_invalid"),
        ("/" + "a" * 300, "403::subscription_invalid"),
        ("/meta/connect", "403::subscribe_denied"),
        ("/meta/**", "403::subscribe_denied"),
        ("/not/anna", "403::subscribe_denied"),
    ],
)
def test_a_subscription_can_be_refused(subscription: object, error: str) -> None:
    house = House()
    client = house.client()
    reply = house.ask("/meta/subscribe", clientId=client, subscription=subscription)
    assert (reply["successful"], reply["error"]) == (False, error)


def test_a_subscription_of_an_unknown_session_is_refused_without_its_name() -> None:
    reply = House().ask("/meta/subscribe", id="1", clientId="gone", subscription="/a")
    assert reply == {"channel": "/meta/subscribe", "id": "1", "successful": False, "error": "402::session_unknown"}


def test_an_array_stops_at_the_first_refusal_and_keeps_what_came_before() -> None:
    house = House()
    client = house.client()
    assert not house.ask("/meta/subscribe", clientId=client, subscription=["/a", "/not/anna", "/b"])["successful"]
    house.broker.publish("anna", "/a", b"1")
    house.broker.publish("anna", "/b", b"2")
    assert house.finish(house.connect(client))[0] == [1]


def test_subscriptions_are_limited_but_repeating_one_is_free() -> None:
    house = House(subscriptions_max=2)
    client = house.client("/a", "/b")
    assert house.ask("/meta/subscribe", clientId=client, subscription="/a")["successful"]
    reply = house.ask("/meta/subscribe", clientId=client, subscription="/c")
    assert reply["error"] == "403:subscriptions_max:subscribe_denied"


def test_unsubscribing_stops_delivery_and_is_a_success_even_without_a_subscription() -> None:
    house = House()
    client = house.client("/a", "/b")
    for _ in range(2):
        reply = house.ask("/meta/unsubscribe", clientId=client, subscription=["/a", "/never"])
        assert reply["successful"]
        assert reply["subscription"] == ["/a", "/never"]
    house.broker.publish("anna", "/a", b"1")
    house.broker.publish("anna", "/b", b"2")
    assert house.finish(house.connect(client))[0] == [2]


@pytest.mark.parametrize(
    ("subscription", "error"), [(None, "403::subscription_missing"), ("//", "403::subscription_invalid")]
)
def test_unsubscribing_can_be_refused(subscription: object, error: str) -> None:
    house = House()
    reply = house.ask("/meta/unsubscribe", clientId=house.client(), subscription=subscription)
    assert reply["error"] == error


# ---------------------------------------------------------------------------------------------------- other messages


def test_a_message_without_a_channel_is_answered_with_its_id() -> None:
    assert House().receive({"id": "7"}).replies == [b'{"successful":false,"id":"7","error":"400::channel_missing"}']


@pytest.mark.parametrize("channel", ["/meta/handshake", "/meta/connect", "/meta/subscribe", "/a"])
def test_an_id_that_cannot_be_echoed_is_refused(channel: str) -> None:
    reply = House().ask(channel, id={"a": 1})
    assert reply == {"channel": channel, "successful": False, "error": "405::message_id_invalid"}


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("/a", "403::publish_denied"),
        ("/meta/whatever", "403::publish_denied"),
        ("/service/x", "403::publish_denied"),
        ("a", "405::channel_invalid"),
        ("/a/*", "405::channel_invalid"),
        ("", "405::channel_invalid"),
    ],
)
def test_clients_publish_nothing(channel: str, error: str) -> None:
    house = House()
    client = house.client("/a")
    assert house.ask(channel, clientId=client, data={}, id=1)["error"] == error
    assert house.finish(house.connect(client))[0] == []


@pytest.mark.parametrize("channel", ["/meta/subscribe", "/meta/unsubscribe", "/meta/disconnect", "/a", "/meta/connect"])
@pytest.mark.parametrize("client", [None, "nobody", 5, "c1"])
def test_an_unknown_session_and_anothers_are_the_same_402(channel: str, client: object) -> None:
    house = House()
    house.client(who="bert")
    reply = house.ask(channel, clientId=client, subscription="/a")
    assert reply["error"] == "402::session_unknown"
    assert reply.get("advice") == (AGAIN if channel == "/meta/connect" else None)


# ---------------------------------------------------------------------------------------------------- connect


def test_the_first_connect_is_answered_at_once_and_carries_advice_and_the_next_is_held() -> None:
    house = House()
    client = str(house.handshake()["clientId"])
    first = house.connect(client, id="2")
    assert first.hold_s == 0
    assert house.finish(first)[1] == {
        "channel": "/meta/connect",
        "successful": True,
        "id": "2",
        "clientId": client,
        "advice": RETRY,
    }
    second = house.connect(client)
    assert second.hold_s == 30.0
    assert "advice" not in house.finish(second)[1]


def test_advice_comes_again_with_each_transport_and_when_the_client_brings_some() -> None:
    house = House()
    client = house.client()
    assert house.finish(house.connect(client, WS))[1]["advice"] == RETRY
    assert "advice" not in house.finish(house.connect(client, WS))[1]
    assert house.finish(house.connect(client, WS, advice={"timeout": 0}))[1]["advice"] == RETRY


@pytest.mark.parametrize(
    ("timeout", "hold_s"), [(0, 0), (1_500, 1.5), (2.5, 0.0025), (999_999, 30), (-5, 30), (None, 30), ("soon", 30)]
)
def test_a_client_may_ask_for_a_shorter_hold(timeout: object, hold_s: float) -> None:
    house = House()
    assert house.connect(house.client(), advice={"timeout": timeout}).hold_s == hold_s


def test_a_connect_for_which_messages_wait_is_answered_at_once_but_not_on_a_websocket() -> None:
    house = House()
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    assert house.connect(client, WS).hold_s == 30.0
    assert house.connect(client).hold_s == 0


def test_a_connect_among_other_messages_is_not_held() -> None:
    house = House()
    client = house.client()
    answer = house.receive(
        {"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling"},
        {"channel": "/meta/subscribe", "clientId": client, "subscription": "/a"},
    )
    assert [connect.hold_s for connect in answer.connects] == [0]
    assert len(answer.replies) == 1


def test_two_connects_of_a_session_in_one_batch_are_both_answered_and_the_last_one_delivers() -> None:
    house = House()
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    connect = {"channel": "/meta/connect", "clientId": client, "connectionType": "long-polling"}
    answer = house.receive({**connect, "id": 1}, {**connect, "id": 2})
    assert [json.loads(reply)["id"] for reply in answer.replies] == [1]
    (newer,) = answer.connects
    data, reply = house.finish(newer)
    assert (data, reply["id"]) == ([1], 2)


def test_a_connection_type_that_is_not_offered_is_refused() -> None:
    house = House()
    reply = house.ask("/meta/connect", clientId=house.client(), connectionType="iframe")
    assert reply["error"].startswith("301:")


def test_an_overtaken_connect_gets_nothing() -> None:
    house = House()
    client = house.client("/a")
    older = house.connect(client)
    older.session.carrier = bell = Bell()
    newer = house.connect(client)
    house.broker.publish("anna", "/a", b"1")
    assert bell.rung == 1
    nothing = house.broker.finish(older)
    assert (nothing.frames, nothing.reply, nothing.parts) == ([], None, [])
    house.broker.written(older, nothing, house.now)
    assert house.finish(newer)[0] == [1]


def test_what_was_not_written_is_delivered_by_the_next_connect() -> None:
    house = House()
    client = house.client("/a")
    aborted = house.connect(client)
    house.broker.publish("anna", "/a", b"1")
    house.broker.finish(aborted)
    house.broker.publish("anna", "/a", b"2")
    assert house.finish(house.connect(client))[0] == [1, 2]


# ---------------------------------------------------------------------------------------------------- publish


def test_a_message_goes_once_to_every_subscribed_session_of_the_identity_only() -> None:
    house = House()
    exact, pattern, deep, other = (
        house.client(*names) for names in (["/v/m/c", "/v/m/*"], ["/v/m/*"], ["/**"], ["/x"])
    )
    stranger = house.client("/v/m/c", who="bert")
    house.broker.publish("anna", "/v/m/c", b'{"n":1}')
    house.broker.publish("nobody", "/v/m/c", b'{"n":2}')
    for client, expected in [(exact, [{"n": 1}]), (pattern, [{"n": 1}]), (deep, [{"n": 1}]), (other, [])]:
        assert house.finish(house.connect(client))[0] == expected
    assert house.finish(house.connect(stranger, who="bert"))[0] == []


def test_it_is_known_beforehand_whether_anybody_hears_a_message() -> None:
    house = House()
    assert not house.broker.is_heard("anna", "/v2/me/calls")
    client = house.handshake()["clientId"]
    assert not house.broker.is_heard("anna", "/v2/me/calls")
    house.ask("/meta/subscribe", clientId=client, subscription="/v2/me/*")
    assert house.broker.is_heard("anna", "/v2/me/calls")
    assert not house.broker.is_heard("anna", "/v2/other")
    assert not house.broker.is_heard("bert", "/v2/me/calls")


def test_all_sessions_share_the_bytes_of_a_message() -> None:
    house = House()
    connects = [house.connect(house.client("/a")) for _ in range(2)]
    house.broker.publish("anna", "/a", b"1")
    (first,), (second,) = (house.broker.finish(connect).frames for connect in connects)
    assert first is second


@pytest.mark.parametrize("limits", [{"queue_max": 2}, {"queue_bytes_max": 60}])
def test_a_full_queue_ends_the_session_and_no_other(limits: dict[str, int]) -> None:
    house = House(**limits)
    slow, quick = house.client("/a"), house.client("/a")
    parked = house.connect(slow, WS)
    for n in range(3):
        house.broker.publish("anna", "/a", b"%d" % n)
        assert house.finish(house.connect(quick))[0] == [n]
    data, reply = house.finish(parked)
    assert (data, reply["error"], reply["advice"]) == ([], "402::session_unknown", AGAIN)
    assert house.broker.session_count == 1


# ---------------------------------------------------------------------------------------------------- lazy messages


def test_lazy_messages_do_not_end_a_connect_but_go_with_it() -> None:
    house = House()
    client = house.client("/a")
    parked = house.connect(client)
    parked.session.carrier = bell = Bell()
    house.broker.publish_lazily("anna", "/a", b"1", house.now)
    assert bell.rung == 0
    assert house.connect(client).hold_s == 30.0
    house.broker.publish("anna", "/a", b"2")
    connect = house.connect(client)
    assert connect.hold_s == 0
    assert house.finish(connect)[0] == [1, 2]


def test_lazy_messages_wait_no_longer_than_their_time() -> None:
    house = House(lazy_max_s=5.0)
    parked = house.connect(house.client("/a"))
    parked.session.carrier = bell = Bell()
    house.broker.publish_lazily("anna", "/a", b"1", house.now)
    house.broker.publish_lazily("anna", "/a", b"2", house.now + 4)
    house.broker.sweep(house.now + 4.9)
    assert bell.rung == 0
    house.broker.sweep(house.now + 5.0)
    house.broker.sweep(house.now + 20.0)
    assert bell.rung == 1
    assert house.finish(parked)[0] == [1, 2]


def test_a_lazy_message_for_a_full_queue_ends_the_session_like_any_other() -> None:
    house = House(queue_max=1)
    house.client("/a")
    for _ in range(2):
        house.broker.publish_lazily("anna", "/a", b"1", house.now)
    assert house.broker.session_count == 0
    assert house.broker.sweep(house.now + 100) == 0


# ---------------------------------------------------------------------------------------------------- one browser


def test_of_one_browser_one_session_holds_its_connect_and_the_others_come_back_now_and_then() -> None:
    house = House()
    first, second = house.client("/a"), house.client("/a")
    held = house.connect(first, browser="b")
    assert held.hold_s == 30.0
    crowded = house.connect(second, browser="b")
    assert (crowded.hold_s, crowded.crowded) == (0, True)
    advice = {"reconnect": "retry", "interval": 2_000, "timeout": 30_000, "multiple-clients": True}
    assert house.finish(crowded)[1]["advice"] == advice
    assert house.broker.sweep(house.now + 11.9) == 0
    house.finish(held)
    uncrowded = house.connect(second, browser="b")
    assert uncrowded.hold_s == 30.0
    assert house.finish(uncrowded)[1]["advice"] == RETRY
    again = house.connect(second, browser="b")
    assert "advice" not in house.finish(again)[1]


def test_a_connect_that_was_given_up_or_ended_or_moved_to_a_websocket_counts_no_longer() -> None:
    house = House()
    other = house.client()

    def is_crowded() -> bool:
        connect = house.connect(other, browser="b")
        house.finish(connect)
        return connect.crowded

    parked = house.connect(house.client(), browser="b")
    assert is_crowded()
    house.broker.give_up(parked, house.now)
    assert not is_crowded()
    client = house.client()
    parked = house.connect(client, browser="b")
    assert is_crowded()
    house.connect(client, WS)
    house.broker.give_up(parked, house.now)
    assert not is_crowded()
    client = house.client()
    house.connect(client, browser="b")
    house.ask("/meta/disconnect", clientId=client)
    assert not is_crowded()


# ---------------------------------------------------------------------------------------------------- what arrived


def lost_reply(house: House, client: str, **members: Any) -> None:
    """A connect whose reply is written into a connection that is dead without anybody knowing."""
    assert house.finish(house.connect(client, **members))[0] == [1]


def test_a_client_that_asks_for_an_answer_at_once_unlike_before_has_lost_its_last_reply() -> None:
    house = House()
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    lost_reply(house, client, id="5")
    again = house.connect(client, id="6", advice={"timeout": 0})
    house.broker.publish("anna", "/a", b"2")
    assert house.finish(again)[0] == [1, 2]
    assert house.finish(house.connect(client, id="7"))[0] == []


def test_a_client_whose_answered_connection_is_closed_and_that_comes_by_another_has_lost_its_last_reply() -> None:
    house = House()
    client, first, second = house.client("/a"), Line(), Line()
    house.finish(house.connect(client, line=first))
    house.finish(house.connect(client, line=first))
    house.broker.publish("anna", "/a", b"1")
    assert house.finish(house.connect(client, line=first))[0] == [1]
    assert house.finish(house.connect(client, line=second))[0] == []  # the old connection is there: it only chose this
    house.broker.publish("anna", "/a", b"2")
    assert house.finish(house.connect(client, line=second))[0] == [2]
    second.lost = True
    assert house.finish(house.connect(client, line=first))[0] == [2]


def test_a_client_that_comes_by_another_connection_each_time_has_lost_nothing() -> None:
    house = House()
    client = house.client("/a")
    for number in range(1, 6):
        line = Line()
        house.broker.publish("anna", "/a", b"%d" % number)
        assert house.finish(house.connect(client, line=line))[0] == [number]
        line.lost = True
        house.broker.give_up(house.connect(client, line=Line()), house.now)  # one that is given up changes nothing


def test_a_client_that_repeats_the_id_of_its_connect_unlike_before_has_lost_its_last_reply() -> None:
    house = House()
    client = house.client("/a")
    house.finish(house.connect(client, id="4"))
    house.broker.publish("anna", "/a", b"1")
    lost_reply(house, client, id="5")
    assert house.finish(house.connect(client, id="5"))[0] == [1]
    assert house.finish(house.connect(client, id="6"))[0] == []


@pytest.mark.parametrize("habit", [{"advice": {"timeout": 0}}, {"id": "1"}, {}])
def test_who_always_does_so_is_not_told_everything_twice(habit: dict[str, Any]) -> None:
    house = House()
    client = str(house.handshake()["clientId"])
    house.ask("/meta/subscribe", clientId=client, subscription="/a")
    for number in range(5):
        assert house.finish(house.connect(client, **habit))[0] == ([number - 1] if number else [])
        house.broker.publish("anna", "/a", b"%d" % number)


# ---------------------------------------------------------------------------------------------------- life and end


def test_a_session_without_a_connect_is_swept_when_its_grace_is_over() -> None:
    house = House()
    client = house.client()
    assert house.broker.sweep(house.now + 9.9) == 0
    assert house.broker.sweep(house.now + 10.0) == 1
    assert house.ask("/meta/connect", clientId=client)["error"] == "402::session_unknown"


def test_a_parked_connect_stops_the_clock_and_other_messages_push_it_out() -> None:
    house = House()
    parked, talking = house.client(), house.client()
    house.connect(parked)
    house.now += 9
    house.ask("/meta/subscribe", clientId=talking, subscription="/a")
    assert house.broker.sweep(house.now + 9) == 0
    assert house.broker.sweep(house.now + 10) == 1
    assert house.broker.session_count == 1


def test_a_disconnect_is_answered_and_releases_the_parked_connect_for_good() -> None:
    house = House()
    client = house.client("/a")
    parked = house.connect(client, id="8")
    parked.session.carrier = bell = Bell()
    reply = house.ask("/meta/disconnect", clientId=client, id="9")
    assert reply == {"channel": "/meta/disconnect", "successful": True, "id": "9", "clientId": client}
    assert bell.rung == 1
    reply = house.finish(parked)[1]
    assert (reply["successful"], reply["id"], reply["advice"]["reconnect"]) == (True, "8", "none")
    assert house.ask("/meta/disconnect", clientId=client)["error"] == "402::session_unknown"


def test_a_kick_tells_all_sessions_of_the_identity() -> None:
    house = House()
    parked = house.connect(house.client("/a"))
    house.client("/a")
    house.client("/a", who="bert")
    house.broker.publish("anna", "/a", b"1")
    house.broker.kick("anna")
    delivery = house.broker.finish(parked)
    assert [json.loads(frame) for frame in delivery.frames] == [
        {"channel": "/a", "data": 1},
        {"channel": "/meta/disconnect", "successful": True},
    ]
    assert json.loads(delivery.reply or b"")["advice"]["reconnect"] == "none"
    assert house.broker.session_count == 1


def test_when_the_server_stops_all_sessions_end() -> None:
    house = House()
    parked = house.connect(house.client())
    house.broker.stop()
    assert parked.session.ending is Ending.STOPPED
    reply = house.finish(parked)[1]
    assert (reply["successful"], reply["error"], reply["advice"]) == (False, "402::session_unknown", AGAIN)
    assert house.broker.session_count == 0


def test_a_connect_that_is_given_up_after_its_session_expired_says_so() -> None:
    house = House()
    parked = house.connect(house.client())
    parked.session.end_connect(parked.cycle, house.now)
    house.broker.sweep(house.now + 10)
    assert parked.session.ending is Ending.EXPIRED
    assert house.finish(parked)[1]["advice"] == AGAIN


def test_who_does_nothing_but_keep_alive_is_ended_if_that_is_asked_for() -> None:
    house = House(inactivity_max_s=60.0)
    idle, talking, hearing = house.client(), house.client(), house.client("/a")
    parked = [house.connect(client) for client in (idle, talking, hearing)]
    for _ in range(4):
        house.now += 20
        house.ask("/meta/unsubscribe", clientId=talking, subscription="/x")
        house.broker.publish("anna", "/a", b"1")
        assert house.broker.sweep(house.now) == 0
    assert [connect.session.ending for connect in parked] == [Ending.KICKED, None, None]
    delivery = house.broker.finish(parked[0])
    assert [json.loads(part)["channel"] for part in delivery.parts] == ["/meta/disconnect", "/meta/connect"]
    assert json.loads(delivery.reply or b"")["advice"]["reconnect"] == "none"


def test_messages_travel_with_connects_only_if_that_is_asked_for() -> None:
    house = House(deliver_on_connect_only=True)
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    connect = house.connect(client, WS)
    assert connect.hold_s == 0
    assert house.finish(connect)[0] == [1]
    assert house.connect(client, WS).hold_s == 30.0


# ---------------------------------------------------------------------------------------------------- extensions


def test_with_ack_messages_stay_until_the_client_names_their_batch() -> None:
    house = House()
    reply = house.handshake(ext={"ack": True})
    assert reply["ext"] == {"ack": True}
    client = reply["clientId"]
    house.ask("/meta/subscribe", clientId=client, subscription="/a")
    batch = house.finish(house.connect(client, ext={"ack": 0}))[1]["ext"]["ack"]
    house.broker.publish("anna", "/a", b"1")
    lost = house.finish(house.connect(client, ext={"ack": batch}))
    house.broker.publish("anna", "/a", b"2")
    data, reply = house.finish(house.connect(client, ext={"ack": batch}))
    assert (lost[0], data) == ([1], [1, 2])
    acknowledged = house.connect(client, WS, ext={"ack": reply["ext"]["ack"]})
    assert acknowledged.hold_s == 30.0
    house.broker.publish("anna", "/a", b"3")
    assert house.finish(acknowledged)[0] == [3]


def test_with_ack_a_connect_is_answered_at_once_on_a_websocket_too_if_messages_wait() -> None:
    house = House()
    client = house.client("/a", ext={"ack": True})
    house.broker.publish("anna", "/a", b"1")
    assert house.connect(client, WS, ext={"ack": 0}).hold_s == 0


def test_without_ack_an_acknowledgement_means_nothing() -> None:
    house = House()
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    data, reply = house.finish(house.connect(client, ext={"ack": 99}))
    assert data == [1]
    assert "ext" not in reply


def test_timesync_is_answered_in_every_meta_reply() -> None:
    house = House()
    ext = {"timesync": {"tc": 4_000, "l": 0, "o": 0}}
    reply = house.handshake(ext=ext)
    answered = {"timesync": {"tc": 4_000, "ts": 5_000, "p": 0, "a": -1_000}}
    assert reply["ext"] == answered
    client = reply["clientId"]
    assert house.ask("/meta/subscribe", clientId=client, subscription="/a", ext=ext)["ext"] == answered
    connect = house.connect(client, ext=ext)
    house.epoch_ms += 30
    assert house.finish(connect)[1]["ext"]["timesync"]["p"] == 30


def test_unknown_extensions_are_ignored() -> None:
    assert "ext" not in House().handshake(ext={"replay": True, "binary": True})


def replaying_client(house: House, after: int | None = None) -> tuple[str, list[Any]]:
    """A client with the extension, and what it gets with its first connect."""
    reply = house.handshake(ext={"replay": True})
    assert reply["ext"] == {"replay": True}
    client = str(reply["clientId"])
    ext = {"replay": {"/a": after}} if after is not None else {}
    assert house.ask("/meta/subscribe", clientId=client, subscription="/a", ext=ext)["successful"]
    return client, house.finish(house.connect(client))[0]


def test_with_replay_messages_are_numbered_for_those_who_asked_and_can_be_had_again() -> None:
    house = House(replay=True)
    client, _ = replaying_client(house)
    plain = house.client("/a")
    house.broker.publish("anna", "/a", b'{"n":1}')
    house.broker.publish("anna", "/b", b'{"n":2}')
    ((message,), _) = house.finish(house.connect(client))
    first = message["event"]["replayId"]
    assert message == {"n": 1, "event": {"replayId": first}}
    assert house.finish(house.connect(plain))[0] == [{"n": 1}]
    house.broker.sweep(house.now + 11)
    assert house.broker.session_count == 0
    assert house.broker.is_heard("anna", "/a")
    house.broker.publish("anna", "/a", b'{"n":3}')
    _, missed = replaying_client(house, after=first)
    assert missed == [{"n": 3, "event": {"replayId": missed[0]["event"]["replayId"]}}]
    assert missed[0]["event"]["replayId"] > first


def test_what_is_kept_for_replay_stays_as_long_as_a_session_wants_it() -> None:
    house = House(replay=True, replay_age_max_s=20.0)
    client, _ = replaying_client(house)
    house.connect(house.client("/a", who="bert"), who="bert")
    parked = house.connect(client)
    for _ in range(5):
        house.now += 10
        house.broker.sweep(house.now)
    assert house.broker.is_heard("anna", "/elsewhere")
    house.finish(parked)
    for _ in range(5):
        house.now += 10
        house.broker.sweep(house.now)
    assert not house.broker.is_heard("anna", "/a")


# ---------------------------------------------------------------------------------------------------- what survives


class Kept(House):
    """A broker on a journal, and the next one on the same."""

    def __init__(self, journal: SlowJournal | None = None, **limits: Any) -> None:
        super().__init__(**limits)
        self.ids = count(1)
        self.journal = journal or SlowJournal()
        bounds = BayeuxLimits(**limits)
        self.broker = Broker(
            bounds,
            lambda: f"kept{next(self.ids)}",
            lambda who, name: True,
            lambda: self.epoch_ms,
            retention=RecentMessages(bounds),
            keeper=JournalKeeper(self.journal, lambda: self.now),
        )

    def ask(self, channel: str, who: str = "anna", transport: Transport = LP, **members: Any) -> dict[str, Any]:
        reply = super().ask(channel, who, transport, **members)
        self.journal.flush()
        return reply

    def killed(self, **limits: Any) -> Kept:
        return Kept(self.journal.crash(), **limits)


def test_replies_that_promise_something_name_what_must_be_kept_before_and_others_do_not() -> None:
    house = Kept()
    answer = house.receive({"channel": "/meta/handshake", "supportedConnectionTypes": ["long-polling"]})
    assert (answer.number, house.broker.is_kept(answer.number)) == (1, False)
    called: list[int] = []
    house.broker.when_kept(answer.number, lambda: called.append(1))
    assert called == []
    house.journal.flush()
    assert (called, house.broker.is_kept(answer.number)) == ([1], True)
    house.broker.when_kept(answer.number, lambda: called.append(2))
    assert called == [1, 2]
    for name, number in [("connect", 0), ("subscribe", 2), ("unsubscribe", 3), ("disconnect", 4), ("disconnect", 0)]:
        assert house.receive({"channel": f"/meta/{name}", "clientId": "kept1", "subscription": "/a"}).number == number


def test_a_message_is_kept_before_it_is_told_unless_its_owner_has_kept_it() -> None:
    house = Kept()
    client = house.client("/a")
    parked = house.connect(client)
    house.broker.publish("anna", "/a", b"1")
    house.broker.publish_lazily("anna", "/a", b"2", house.now)
    assert house.broker.finish(parked).frames == []
    house.journal.flush()
    assert house.finish(parked)[0] == [1, 2]
    house.broker.publish("anna", "/a", b"3", number=9)
    house.broker.publish_lazily("anna", "/a", b"4", house.now, number=11)
    assert house.finish(house.connect(client))[0] == [3, 4]


def test_a_killed_server_comes_back_with_its_sessions_and_what_they_may_have_missed() -> None:
    house = Kept()
    client = house.client("/a", ext={"ack": True})
    house.broker.publish("anna", "/a", b"1")
    house.journal.flush()
    batch = house.finish(house.connect(client))[1]["ext"]["ack"]
    house.broker.publish("anna", "/a", b"2")
    house.journal.flush()
    house.broker.publish("anna", "/a", b"3")
    again = house.killed()
    assert again.broker.restore(again.now) == 1
    data, reply = again.finish(again.connect(client, ext={"ack": batch}))
    assert (data, reply["successful"], reply["advice"]) == ([2], True, RETRY)
    assert reply["ext"]["ack"] > batch
    assert again.connect(client, ext={"ack": reply["ext"]["ack"]}).hold_s == 30.0
    assert again.broker.is_heard("anna", "/a")


def test_what_happens_while_a_server_stops_is_told_by_the_next_one() -> None:
    house = Kept()
    client = house.client("/a")
    parked = house.connect(client)
    parked.session.carrier = bell = Bell()
    house.client()
    house.broker.stop()
    assert bell.rung == 1
    assert house.broker.sweep(house.now + 100) == 0
    assert house.broker.is_heard("anna", "/a")
    house.broker.publish("anna", "/a", b"1")
    house.journal.flush()
    assert house.broker.sweep(house.now + 101) == 0
    again = house.killed()
    assert again.broker.restore(again.now) == 2
    assert again.finish(again.connect(client))[0] == [1]


@pytest.mark.parametrize("end", ["disconnect", "expire", "kick"])
def test_who_has_ended_does_not_come_back(end: str) -> None:
    house = Kept()
    client = house.client("/a")
    if end == "disconnect":
        house.ask("/meta/disconnect", clientId=client)
    elif end == "expire":
        house.broker.sweep(house.now + 11)
    else:
        house.broker.kick("anna")
    house.journal.flush()
    assert house.killed().broker.restore(house.now) == 0


def test_who_was_there_when_the_server_stopped_does_and_has_time_from_when_clients_can_connect() -> None:
    house = Kept()
    client = house.client("/a")
    house.broker.publish("anna", "/a", b"1")
    house.journal.flush()
    house.finish(house.connect(client))
    house.connect(client)  # which says that all has arrived
    house.broker.stop()
    house.journal.flush()
    again = house.killed()
    assert again.broker.restore(again.now) == 1
    assert again.broker.sweep(again.now + 99) == 0
    again.broker.open(again.now + 100)
    assert again.broker.sweep(again.now + 159) == 0
    parked = again.connect(client)
    again.broker.open(again.now)
    assert again.broker.sweep(again.now + 200) == 0
    assert again.finish(parked)[0] == []
    assert again.broker.sweep(again.now + 11) == 1


def test_more_sessions_than_may_be_are_not_brought_back() -> None:
    house = Kept()
    house.handshake()
    again = house.killed(sessions_max=1, sessions_per_identity_max=1)
    assert again.broker.restore(again.now) == 1
    none = house.killed()
    none.broker._sessions.has_room = lambda identity: False  # type: ignore[method-assign]
    assert none.broker.restore(none.now) == 0
    none.journal.flush()
    assert none.killed().broker.restore(none.now) == 0


def test_while_nothing_can_be_kept_nobody_new_is_let_in() -> None:
    house = Kept()
    house.journal.reason = "the disk is full"
    reply = house.handshake()
    assert (reply["error"], reply["advice"]["reconnect"]) == ("503::handshake_denied", "handshake")


@pytest.mark.parametrize(("restart_interval_s", "lives_s"), [(0.0, 10.0), (5.0, 10.0), (60.0, 60.0)])
def test_restored_sessions_have_longer_to_come_back_but_never_less_than_others(
    restart_interval_s: float, lives_s: float
) -> None:
    house = Kept()
    house.handshake()
    again = house.killed(restart_interval_s=restart_interval_s)
    again.broker.restore(again.now)
    again.broker.open(again.now)
    assert again.broker.sweep(again.now + lives_s - 0.1) == 0
    assert again.broker.sweep(again.now + lives_s) == 1
