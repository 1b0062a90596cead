"""What passes between broker and connections: deliveries, and clients that seem to have had no reply."""

from __future__ import annotations

import msgspec
import pytest

from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, RequestAdvice
from cordboard.bayeux.session import Session, Transport
from cordboard.bayeux.visits import Caller, Delivery, missed_reply


class Line:
    lost = False


def session() -> Session:
    return Session("c1", "anna", BayeuxLimits(), 0.0, acknowledging=False)


def connect(id_: str = "", timeout: int | None = None) -> Message:
    advice = RequestAdvice(timeout) if timeout is not None else None
    return Message(channel="/meta/connect", id=msgspec.Raw(id_.encode()), advice=advice)


def test_the_parts_of_a_delivery_end_with_the_reply() -> None:
    assert Delivery([b"1", b"2"], 2, b"r").parts == [b"1", b"2", b"r"]
    assert Delivery([b"1"], 1, None).parts == [b"1"]


@pytest.mark.parametrize(
    ("messages", "missed"),
    [
        ([connect(timeout=0), connect(), connect(timeout=0)], [False, False, True]),  # npm cometd
        ([connect(timeout=0), connect(timeout=0)], [False, False]),  # who always does so
        ([connect("1"), connect("2"), connect("2")], [False, False, True]),  # faye
        ([connect("1"), connect("1"), connect("1")], [False, True, False]),
        ([connect(), connect()], [False, False]),
    ],
)
def test_a_change_of_habits_tells_that_a_reply_was_missed(messages: list[Message], missed: list[bool]) -> None:
    own, caller = session(), Caller("anna", Transport.LONG_POLLING)
    assert [missed_reply(message, own, caller) for message in messages] == missed


def test_so_does_another_connection_when_the_one_that_was_answered_is_closed() -> None:
    own, first, second = session(), Line(), Line()
    for line, missed in [(first, False), (first, False), (second, True)]:
        assert missed_reply(connect(), own, Caller("anna", Transport.LONG_POLLING, line=line)) == missed
        own.line = line
        first.lost = line is first and own.strayed is False
    assert not missed_reply(connect(), own, Caller("anna", Transport.WEBSOCKET, connection=own))
    assert not own.strayed
