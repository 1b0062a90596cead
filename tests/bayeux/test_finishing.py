"""What a connect is answered with."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from cordboard.bayeux.browsers import Browsers
from cordboard.bayeux.extensions import Stamp
from cordboard.bayeux.finishing import Finishing
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.replies import Advices
from cordboard.bayeux.session import Connect, Ending, Session
from cordboard.bayeux.visits import Delivery

LIMITS = BayeuxLimits(interval_ms=500, max_interval_s=10.0, browser_interval_ms=2_000)
GRACE_S = LIMITS.grace_s


class House:
    """One session of one browser, with a message that waits."""

    def __init__(self, *, acknowledging: bool = False) -> None:
        self.browsers = Browsers(1)
        self.finishing = Finishing(LIMITS, self.browsers, Advices(LIMITS), lambda: 5_000)
        self.session = Session("c1", "anna", LIMITS, 100.0, acknowledging=acknowledging, begun=6)
        assert self.session.offer(b'{"channel":"/a"}', 7)
        self.browsers.hold("browser", self.session)

    def connect(self, **fields: Any) -> Connect:
        cycle = self.session.begin_connect()
        return replace(Connect(self.session, cycle, msgspec.Raw(b'"9"'), advise=False, hold_s=30.0), **fields)


def replied(delivery: Delivery) -> Any:
    assert delivery.reply is not None
    return msgspec.json.decode(delivery.reply)


def test_a_connect_is_answered_with_what_waits() -> None:
    house = House()
    delivery = house.finishing.finish(house.connect())
    assert (delivery.frames, delivery.through) == ([b'{"channel":"/a"}'], 1)
    assert replied(delivery) == {"channel": "/meta/connect", "successful": True, "id": "9", "clientId": "c1"}


def test_extensions_are_answered_in_it() -> None:
    house = House(acknowledging=True)
    ext = replied(house.finishing.finish(house.connect(stamp=Stamp(1_000, 20, 3, 4_990))))["ext"]
    assert ext["ack"] == 7
    assert (ext["timesync"]["ts"], ext["timesync"]["p"]) == (4_990, 10)


@pytest.mark.parametrize(
    ("fields", "interval"),
    [({"advise": True}, 500), ({"crowded": True}, 2_000), ({"crowded": True, "advise": True}, 2_000)],
)
def test_a_client_is_told_when_to_come_back(fields: dict[str, bool], interval: int) -> None:
    house = House()
    advice = replied(house.finishing.finish(house.connect(**fields)))["advice"]
    assert (advice["reconnect"], advice["interval"]) == ("retry", interval)
    assert advice.get("multiple-clients", False) == ("crowded" in fields)


@pytest.mark.parametrize(
    ("ending", "reconnect"),
    [
        (Ending.DISCONNECTED, "none"),
        (Ending.KICKED, "none"),
        (Ending.EXPIRED, "handshake"),
        (Ending.OVERFLOWED, "handshake"),
        (Ending.STOPPED, "handshake"),
    ],
)
def test_a_session_that_has_ended_says_what_to_do(ending: Ending, reconnect: str) -> None:
    house = House()
    connect = house.connect()
    house.session.end(ending)
    reply = replied(house.finishing.finish(connect))
    assert reply["advice"]["reconnect"] == reconnect
    assert reply["successful"] == (reconnect == "none")
    assert reply.get("error", "").startswith("402") == (reconnect == "handshake")
    assert ("clientId" in reply) == (reconnect == "none")


def test_a_connect_that_was_overtaken_gets_nothing_and_changes_nothing() -> None:
    house = House()
    first, _ = house.connect(), house.connect()
    delivery = house.finishing.finish(first)
    assert (delivery.frames, delivery.reply) == ([], None)
    house.finishing.written(first, delivery, 200.0)
    house.finishing.give_up(first, 200.0)
    assert house.session.waiting == 1
    assert house.session.expires_at == float("inf")
    assert len(house.browsers) == 1


@pytest.mark.parametrize(("crowded", "extra_s"), [(False, 0.0), (True, 2.0)])
def test_the_clock_starts_when_it_was_written(crowded: bool, extra_s: float) -> None:
    """Whoever was told to come back later has the longer."""
    house = House()
    connect = house.connect(crowded=crowded)
    house.finishing.written(connect, house.finishing.finish(connect), 200.0)
    assert house.session.waiting == 0
    assert house.session.expires_at == 200.0 + GRACE_S + extra_s
    assert len(house.browsers) == 0


def test_what_could_not_be_written_waits_for_the_next() -> None:
    house = House()
    house.finishing.give_up(house.connect(), 200.0)
    assert house.session.waiting == 1
    assert house.session.expires_at == 200.0 + GRACE_S
    assert len(house.browsers) == 0
