"""Whatever breaks in between: per session each message arrives in order, none is lost, and with ack none comes twice.

The machine plays one session and its client. Connections may break before a write (the server notices, as it does when
a TCP connection closes) or after it (nobody notices until the client comes back; only ack guards against that).
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.session import Connect, Transport

transports = st.sampled_from(Transport)


class Delivery(RuleBasedStateMachine):
    """One session, with or without ack."""

    @initialize(ack=st.booleans())
    def shake_hands(self, ack: bool) -> None:
        ids = count(1)
        self.broker = Broker(BayeuxLimits(), lambda: f"c{next(ids)}", lambda who, name: True, lambda: 0)
        self.now = 0.0
        self.ack = ack
        self.batch = 0
        self.published = 0
        self.received: list[int] = []
        types = ["long-polling", "websocket"]
        self.ask({"channel": "/meta/handshake", "supportedConnectionTypes": types, "ext": {"ack": ack}})
        self.ask({"channel": "/meta/subscribe", "clientId": "c1", "subscription": "/**"})
        self.connect: Connect | None = None

    def ask(self, message: dict[str, Any], transport: Transport = Transport.LONG_POLLING) -> list[Connect]:
        batch = decode_batch(json.dumps([message]), self.broker.limits)
        assert isinstance(batch, list)
        return self.broker.receive("anna", batch, transport, self.now).connects

    @rule()
    def publish(self) -> None:
        self.published += 1
        self.broker.publish("anna", "/a", b"%d" % self.published)

    @rule(transport=transports)
    def send_connect(self, transport: Transport) -> None:
        """The client connects, again if its last connect got no answer that it knows of."""
        message = {"channel": "/meta/connect", "clientId": "c1", "ext": {"ack": self.batch} if self.ack else {}}
        (self.connect,) = self.ask(message, transport)

    @precondition(lambda self: self.connect is not None)
    @rule()
    def answer(self) -> None:
        self.take(self.write())

    @precondition(lambda self: self.connect is not None)
    @rule()
    def break_before_the_write(self) -> None:
        assert self.connect is not None
        self.broker.finish(self.connect)
        self.connect.session.end_connect(self.connect.cycle, self.now)
        self.connect = None

    @precondition(lambda self: self.connect is not None and self.ack)
    @rule()
    def break_after_the_write(self) -> None:
        self.write()

    @precondition(lambda self: self.connect is not None and not self.ack)
    @rule(bytes_max=st.integers(1, 200))
    def push(self, bytes_max: int) -> None:
        """As a WebSocket does, while the connect stays parked."""
        assert self.connect is not None
        frames, through = self.connect.session.view(bytes_max)
        self.connect.session.sent(through)
        self.take(frames)

    def write(self) -> list[bytes]:
        assert self.connect is not None
        connect, self.connect = self.connect, None
        delivery = self.broker.finish(connect)
        self.broker.written(connect, delivery, self.now)
        self.reply = json.loads(delivery.reply or b"{}")
        return delivery.frames

    def take(self, frames: list[bytes]) -> None:
        self.received += [json.loads(frame)["data"] for frame in frames]
        if self.ack:
            self.batch = self.reply["ext"]["ack"]

    @invariant()
    def in_order_and_none_twice(self) -> None:
        assert self.received == list(range(1, len(self.received) + 1))

    def teardown(self) -> None:
        """In the end a connect that is answered brings all that is missing."""
        self.send_connect(Transport.LONG_POLLING)
        self.answer()
        assert self.received == list(range(1, self.published + 1))


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
