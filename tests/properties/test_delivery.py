"""Whatever breaks in between: per session each message arrives in order, none is lost, and with ack none comes twice.

The machine plays one session, its client, and a connection that may die at every point: before a write, after it (the
server notices nothing, and the bytes are gone), or noticed by both. A WebSocket is a pipe: what is in it arrives in
order, or never. Without ack a message may come again after the client has turned up in another place, but never so that
one before it is missing. What is asked of luck over HTTP without ack: of two requests in a row one reply arrives, and
so does the very first to a client that is not like faye and does not show that it lost that.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Connect, Session, Transport
from cordboard.bayeux.visits import Caller

HTTP, SOCKET = Transport.LONG_POLLING, Transport.WEBSOCKET


class Frame(msgspec.Struct, frozen=True):
    """What travels: numbers, and the batch of a connect reply if there is one."""

    numbers: list[int]
    replied: bool = False
    batch: int = 0


class Line:
    """An HTTP connection."""

    def __init__(self) -> None:
        self.lost = False


class Delivery(RuleBasedStateMachine):
    """One session, with or without ack, of a client that repeats itself like npm cometd, like faye, or not at all.

    The last one only closes the connection that did not answer and comes by another one.
    """

    @initialize(ack=st.booleans(), like=st.sampled_from(["npm cometd", "faye", "aiocometd"]))
    def shake_hands(self, ack: bool, like: str) -> None:
        self.broker = self.new_broker()
        self.now = 0.0
        self.ack = ack
        self.like = like
        self.line = Line()
        self.batch = 0
        self.published = 0
        self.connected = False
        self.received: list[int] = []
        types = ["long-polling", "websocket"]
        self.ask({"channel": "/meta/handshake", "supportedConnectionTypes": types, "ext": {"ack": ack}})
        self.ask({"channel": "/meta/subscribe", "clientId": "c1", "subscription": "/**"})
        self.settle()
        self.connect: Connect | None = None
        self.socket: object | None = None
        self.pipe: list[Frame] = []
        self.ids = 0
        self.failed = False
        """Whether the client knows that its last request had no reply."""
        self.slow: tuple[object, list[int], int, int] | None = None
        """A write that has begun: its socket, and what it carries."""
        self.lucky = like != "faye"
        """Whether the next reply over HTTP arrives."""

    def new_broker(self) -> Broker:
        ids = count(1)
        return Broker(BayeuxLimits(), lambda: f"c{next(ids)}", lambda who, name: True, lambda: 0)

    def settle(self) -> None:
        """The replies leave."""

    def ask(self, message: dict[str, Any], caller: Caller | None = None) -> list[Connect]:
        batch = decode_batch(json.dumps([message]), self.broker.limits)
        assert isinstance(batch, list)
        return self.broker.receive(caller or Caller("anna", HTTP), batch, self.now).connects

    @property
    def session(self) -> Session:
        assert self.connect is not None
        return self.connect.session

    @rule()
    def publish(self) -> None:
        self.published += 1
        self.broker.publish("anna", "/a", b"%d" % self.published)

    # ------------------------------------------------------------------ connects

    def send(self, transport: Transport, socket: object | None) -> None:
        message: dict[str, Any] = {"channel": "/meta/connect", "clientId": "c1", "connectionType": transport.value}
        if self.ack:
            message["ext"] = {"ack": self.batch}
        if self.failed and self.like == "npm cometd":
            message["advice"] = {"timeout": 0}
        if not (self.failed and self.like == "faye"):
            self.ids += 1
        if self.failed and self.like == "aiocometd":
            self.line.lost = True
            self.line = Line()
        line = self.line if socket is None else None
        (self.connect,) = self.ask({**message, "id": str(self.ids)}, Caller("anna", transport, socket, line=line))
        self.socket = socket
        self.lucky = self.failed or (self.like != "faye" and not self.connected)
        self.connected = True
        self.failed = False

    @precondition(lambda self: self.connect is None and self.socket is None)
    @rule()
    def connect_by_http(self) -> None:
        self.send(HTTP, None)

    @precondition(lambda self: self.connect is None and self.socket is not None and not self.pipe)
    @rule()
    def connect_again_on_the_socket(self) -> None:
        """A client does so when it has read the reply to its last connect, and all that came before it."""
        self.send(SOCKET, self.socket)

    @rule(transport=st.sampled_from([HTTP, SOCKET]))
    def turn_up_in_another_place(self, transport: Transport) -> None:
        """The old connection is dead, though the server does not know: what is in the pipe is gone."""
        self.failed = self.failed or self.connect is not None
        self.pipe = []
        self.send(transport, object() if transport is SOCKET else None)

    # ------------------------------------------------------------------ HTTP

    @precondition(lambda self: self.connect is not None and self.socket is None)
    @rule()
    def answer(self) -> None:
        self.take(self.write())

    @precondition(lambda self: self.connect is not None and self.socket is None and (self.ack or not self.lucky))
    @rule()
    def answer_into_a_dead_connection(self) -> None:
        self.write()
        self.failed = True

    @precondition(lambda self: self.connect is not None)
    @rule()
    def close_before_the_write(self) -> None:
        """Both sides know it: what is in a pipe still arrives before its end."""
        assert self.connect is not None
        connect, self.connect = self.connect, None
        self.broker.finish(connect)
        self.broker.give_up(connect, self.now)
        self.failed = True
        if self.socket is not None:
            while self.pipe:
                self.take(self.pipe.pop(0))
            self.socket = None

    # ------------------------------------------------------------------ WebSocket

    @property
    def can_write(self) -> bool:
        """Whether the socket is there and not busy with a slow write."""
        busy = self.slow is not None and self.slow[0] is self.socket
        return self.connect is not None and self.socket is not None and not busy

    @precondition(lambda self: self.can_write and not self.ack)
    @rule(bytes_max=st.integers(1, 200))
    def push(self, bytes_max: int) -> None:
        frames, through = self.session.view(bytes_max)
        self.session.sent(through, self.session.turn)
        self.pipe.append(Frame(numbers(frames)))

    @precondition(lambda self: self.connect is not None and self.socket is not None and not self.ack)
    @rule(bytes_max=st.integers(1, 200))
    def begin_a_slow_push(self, bytes_max: int) -> None:
        """The write has to wait, and much may happen meanwhile; a socket writes one thing at a time."""
        if self.slow is None:
            frames, through = self.session.view(bytes_max)
            self.slow = (self.socket, numbers(frames), through, self.session.turn)

    @precondition(lambda self: self.slow is not None and self.connect is not None)
    @rule()
    def end_the_slow_push(self) -> None:
        assert self.slow is not None
        socket, pushed, through, turn = self.slow
        self.slow = None
        self.session.sent(through, turn)
        if socket is self.socket:
            self.pipe.append(Frame(pushed))

    @precondition(lambda self: self.can_write)
    @rule()
    def answer_on_the_socket(self) -> None:
        self.pipe.append(self.write())

    @precondition(lambda self: self.pipe)
    @rule()
    def arrive(self) -> None:
        self.take(self.pipe.pop(0))

    @precondition(lambda self: self.connect is not None and self.socket is not None)
    @rule()
    def ping_and_pong(self) -> None:
        """A pong comes when everything before the ping has been read."""
        mark = self.session.written
        while self.pipe:
            self.take(self.pipe.pop(0))
        self.session.confirm(mark)

    # ------------------------------------------------------------------ both

    def write(self) -> Frame:
        assert self.connect is not None
        connect, self.connect = self.connect, None
        delivery = self.broker.finish(connect)
        self.broker.written(connect, delivery, self.now)
        reply = json.loads(delivery.reply or b"")
        return Frame(numbers(delivery.frames), True, reply["ext"]["ack"] if self.ack else 0)

    def take(self, frame: Frame) -> None:
        self.received += frame.numbers
        if frame.replied and self.ack:
            self.batch = frame.batch

    @invariant()
    def in_order_and_nothing_missing(self) -> None:
        expected = 0
        for number in self.received:
            assert number <= expected + 1
            assert number == expected + 1 or not self.ack
            expected = max(expected, number)

    def teardown(self) -> None:
        """In the end a connect that is answered brings all that is missing."""
        while self.pipe:
            self.take(self.pipe.pop(0))
        self.turn_up_in_another_place(HTTP)
        self.answer()
        assert sorted(set(self.received)) == list(range(1, self.published + 1))
        assert not self.ack or len(self.received) == self.published


def numbers(frames: list[bytes]) -> list[int]:
    return [json.loads(frame)["data"] for frame in frames]


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=300, stateful_step_count=40, deadline=None)
