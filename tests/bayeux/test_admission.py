"""Handshakes: limits, types and extensions."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec
import pytest

from cordboard.bayeux.admission import Admission
from cordboard.bayeux.keeping import Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, Reply, ReplyExt, RequestExt, TimeSync
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.replay import RecentMessages
from cordboard.bayeux.replies import Advices
from cordboard.bayeux.session import Transport


class Keeper(Unkept):
    in_trouble = False

    def trouble(self) -> bool:
        return self.in_trouble


class Gate:
    def __init__(self, transports: tuple[Transport, ...] = tuple(Transport), **limits: Any) -> None:
        self.limits = BayeuxLimits(**limits)
        self.advice = Advices(self.limits)
        self.memory = RecentMessages(self.limits)
        self.sessions = Registry(self.limits)
        self.keeper = Keeper()
        ids = count(1)
        self.admission = Admission(
            self.limits, self.sessions, self.advice, lambda: f"c{next(ids)}", transports, self.memory, self.keeper
        )

    def handshake(
        self, *types: str, who: str = "anna", address: str = "", now: float = 0.0, ext: RequestExt | None = None
    ) -> Reply:
        message = Message(channel="/meta/handshake", supported_connection_types=list(types or ("websocket",)), ext=ext)
        return self.admission.handshake(message, who, address, now, 5_000)


@pytest.mark.parametrize(
    ("offered", "named"),
    [
        (("websocket", "x"), ("websocket", "long-polling")),
        (("long-polling",), ("websocket", "long-polling")),
        (("callback-polling",), ("websocket", "long-polling", "callback-polling")),
    ],
)
def test_callback_polling_is_named_to_those_who_name_it(offered: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert Gate().handshake(*offered).supported_connection_types == named


def test_a_type_that_is_not_served_is_refused_with_those_that_are() -> None:
    gate = Gate((Transport.LONG_POLLING,))
    assert gate.handshake("websocket", "callback-polling") == Reply(
        channel="/meta/handshake",
        successful=False,
        error="301:long-polling:connection_type_unsupported",
        advice=gate.advice.never,
    )
    assert gate.admission.serves("long-polling")
    assert gate.admission.serves(None)
    assert not gate.admission.serves("websocket")


def test_handshakes_of_an_identity_are_paced() -> None:
    gate = Gate(identity_handshakes_per_s=1.0, identity_handshakes_burst=2)
    assert [gate.handshake().successful for _ in range(2)] == [True, True]
    assert gate.handshake() == Reply(
        channel="/meta/handshake",
        successful=False,
        error="403:handshakes_per_s:handshake_denied",
        advice=gate.advice.later,
    )
    assert gate.handshake(who="bert").successful
    assert gate.handshake(now=1.0).successful


def test_handshakes_from_an_address_are_paced_if_it_is_known() -> None:
    gate = Gate(address_handshakes_per_s=1.0, address_handshakes_burst=2)
    assert [gate.handshake(address="a").successful for _ in range(3)] == [True, True, False]
    assert gate.handshake(address="b").successful
    assert gate.handshake().successful
    gate.admission.forget(100.0)
    assert gate.handshake(address="a", now=100.0).successful


@pytest.mark.parametrize("limits", [{"sessions_max": 1}, {"sessions_per_identity_max": 1}])
def test_without_room_there_is_no_session(limits: dict[str, int]) -> None:
    gate = Gate(**limits)
    assert gate.handshake().successful
    assert gate.handshake().error == "403::handshake_denied"
    assert len(gate.sessions) == 1


def test_extensions_are_agreed_on() -> None:
    gate = Gate()
    reply = gate.handshake(ext=RequestExt(ack=True, replay=True, timesync={"tc": 4_000}))
    assert reply.ext == ReplyExt(ack=True, replay=True, timesync=TimeSync(tc=4_000, ts=5_000, p=0, a=-1_000))
    session = gate.sessions.find("c1", "anna")
    assert session is not None
    assert (session.acknowledging, session.replaying, gate.memory.retains("anna")) == (True, True, True)
    assert gate.handshake().ext is msgspec.UNSET
    assert gate.handshake(ext=RequestExt(replay=1)).ext is msgspec.UNSET


def test_a_session_begins_with_the_number_that_it_is_kept_under() -> None:
    gate = Gate()
    gate.keeper.last = 41
    gate.handshake()
    assert [session.kept.begun for session in gate.sessions] == [gate.keeper.last] == [42]


def test_while_nothing_can_be_kept_a_handshake_is_refused_and_may_come_back_later() -> None:
    gate = Gate()
    gate.keeper.in_trouble = True
    reply = gate.handshake()
    assert (reply.error, reply.advice) == ("503::handshake_denied", gate.advice.later)
    assert len(gate.sessions) == 0
