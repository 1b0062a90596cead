"""The station: one server at a time, the newest; nothing is done for somebody who knew too little."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from cordboard.calls.orders import AnyOrder, DialLeg, DropLeg, MuteLeg, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import (
    AnyReport,
    LegOffered,
    LegRinging,
    LegSeen,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.switches.virtual import frames, station
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.frames import Fetched, Handed, Ordered, Plan, Take, Told, ToServer, Welcome
from cordboard.switches.virtual.persons import Cannot, Dial
from cordboard.switches.virtual.phones import Behaviour, OnRing
from cordboard.switches.virtual.station import Station

PLAN = Plan(("10", "20"), ("0900",), 2)
DIAL = DialLeg(1, "a", "10", "20", "C")


class Wire:
    """One server, played by the test."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.heard: list[ToServer] = []
        self.hung_up: list[tuple[int, str]] = []
        site.station.welcome(self)

    def send(self, text: str) -> None:
        assert not self.hung_up
        self.heard.append(frames.read_by_server(text))

    def hang_up(self, code: int, why: str) -> None:
        self.hung_up.append((code, why))

    def say(self, frame: frames.ToExchange) -> None:
        self.site.station.hear(self, frames.written(frame))

    def take(self, plan: Plan = PLAN, protocol: int = frames.PROTOCOL) -> None:
        welcome = self.heard[0]
        assert isinstance(welcome, Welcome)
        self.say(Take(protocol, welcome.snapshot, plan))

    def order(self, *orders: AnyOrder) -> None:
        told = [frame for frame in self.heard if isinstance(frame, Told)]
        self.say(Ordered(told[-1].snapshot, orders))

    @property
    def reports(self) -> list[AnyReport]:
        return [report for frame in self.heard if isinstance(frame, Told) for report in frame.reports]


class Site:
    def __init__(self) -> None:
        self.now = 100.0
        self.alarms: list[float | None] = []
        self.station = Station(Exchange(), lambda: self.now, self.alarms.append)

    def wire(self) -> Wire:
        return Wire(self)

    def server(self) -> Wire:
        """One that has the exchange."""
        wire = Wire(self)
        wire.take()
        return wire

    def do(self, reports: Sequence[AnyReport] | Cannot) -> None:
        assert not isinstance(reports, Cannot)
        self.station.tell(reports)


@pytest.fixture
def site() -> Site:
    return Site()


def test_whoever_takes_it_is_told_what_is_there(site: Site) -> None:
    server = site.wire()
    assert server.heard == [Welcome(frames.PROTOCOL, 0)]
    assert not site.station.is_held
    server.take()
    assert server.heard[1:] == [Told(1, (SwitchSnapshot(),))]
    assert site.station.is_held
    assert site.station.link.exchange.numbers == ("10", "20", "0900")
    server.order(DIAL)
    assert server.reports[1:] == [OrderDone(1), LegRinging("a")]
    site.station.gone(server)
    assert not site.station.is_held
    assert site.server().reports == [SwitchSnapshot((LegSeen("a", "10", False, True),))]


def test_a_second_server_brings_its_own_phones(site: Site) -> None:
    site.server()
    site.wire().take(Plan(("20", "30")))
    assert site.station.link.exchange.numbers == ("10", "20", "0900", "30")


def test_the_newest_server_has_it(site: Site) -> None:
    first, second = site.server(), site.server()
    assert first.hung_up == [(frames.TAKEN_OVER, "another server took the exchange over")]
    first.say(Ordered(2, (DIAL,)))
    site.station.gone(first)
    assert site.station.is_held
    assert second.heard[1:] == [Told(2, (SwitchSnapshot(),))]
    assert site.station.link.exchange.snapshot() == SwitchSnapshot(), "the first one's order was not done"


def test_a_late_taker_does_not_have_it(site: Site) -> None:
    """Bytes of a server that is gone can arrive when they please."""
    late, newest = site.wire(), site.server()
    late.take()
    assert late.hung_up == [(frames.TOO_LATE, "somebody else took the exchange in between")]
    assert newest.hung_up == []
    newest.take()
    assert newest.hung_up[0][0] == frames.TOO_LATE, "it has it already"


def test_whoever_takes_it_again_in_time_is_not_hung_up(site: Site) -> None:
    server = site.server()
    server.say(Take(frames.PROTOCOL, 1, PLAN))
    assert (server.hung_up, server.heard[-1]) == ([], Told(2, (SwitchSnapshot(),)))


def test_another_version_does_not_have_it(site: Site) -> None:
    server = site.wire()
    server.take(protocol=99)
    assert server.hung_up == [
        (frames.NOT_UNDERSTOOD, "the exchange speaks version 1 of the link, the server 99"),
    ]
    assert not site.station.is_held


def test_what_is_no_frame_ends_the_link(site: Site) -> None:
    server = site.wire()
    with capture_logs() as logs:
        site.station.hear(server, "{}")
    assert server.hung_up[0][0] == frames.NOT_UNDERSTOOD
    assert [line["event"] for line in logs] == ["a server says what can't be understood"]


def test_orders_of_an_earlier_known_fail(site: Site) -> None:
    """Between the cut and the snapshot the board orders without knowing (call-semantics I9)."""
    server = site.server()
    site.do(site.station.link.cut())
    site.do(site.station.link.mend())
    assert server.reports[1:] == [SwitchDown(), SwitchSnapshot()]
    server.say(Ordered(1, (DIAL, DropLeg(2, "b"))))
    assert server.reports[3:] == [
        OrderFailed(1, "the link to the switch broke"),
        OrderFailed(2, "the link to the switch broke"),
    ]
    server.order(DIAL)
    assert server.reports[5:] == [OrderDone(1), LegRinging("a")]


def test_orders_that_are_late_are_not_done_behind_the_back_of_the_next_server(site: Site) -> None:
    """Its snapshot does not tell of them (call-semantics I9)."""
    server = site.server()
    site.station.link.add(Fault(Misdeed.DELAY, "DialLeg", 1, 500))
    server.order(DIAL)
    site.station.gone(server)
    again = site.server()
    site.now += 1.0
    site.station.tick()
    assert again.reports == [SwitchSnapshot()]
    assert site.alarms == [0.5, None]


def test_a_server_that_comes_while_the_lab_has_cut_the_link_is_told(site: Site) -> None:
    site.do(site.station.link.cut())
    late = site.wire()
    server = site.server()
    assert server.reports == [SwitchDown()]
    late.take()
    assert late.hung_up[0][0] == frames.TOO_LATE
    site.do(site.station.link.mend())
    assert server.reports[1:] == [SwitchSnapshot()]


def test_what_happens_while_nobody_has_it_is_not_kept(site: Site) -> None:
    server = site.server()
    site.station.gone(server)
    exchange = site.station.link.exchange
    site.do(exchange.act("10", Dial(to="20")))
    (leg,) = exchange.snapshot().legs
    late = site.server()
    assert late.reports == [SwitchSnapshot((leg,))]
    assert LegOffered(leg.leg, "10", "20") not in late.reports


def test_phones_go_on_while_nobody_has_it(site: Site) -> None:
    server = site.server()
    site.station.link.exchange.set_behaviour("10", Behaviour(OnRing.ANSWER, 1_500))
    server.order(DIAL)
    assert site.alarms == [1.5]
    site.station.gone(server)
    site.now += 2.0
    site.station.tick()
    assert site.server().reports == [SwitchSnapshot((LegSeen("a", "10", True),))]


def test_an_alarm_is_set_once(site: Site) -> None:
    server = site.server()
    site.station.link.exchange.set_behaviour("10", Behaviour(OnRing.RING, 1_000))
    server.order(DIAL)
    server.order(MuteLeg(2, "a", True))
    assert site.alarms == [1.0]
    site.now += 1.0
    site.station.tick()
    assert (site.alarms, server.reports[-1]) == ([1.0], LegRinging("a"))


def test_an_alarm_that_comes_early_is_set_again(site: Site) -> None:
    server = site.server()
    site.station.link.exchange.set_behaviour("10", Behaviour(OnRing.RING, 1_000))
    server.order(DIAL)
    site.now += 0.75
    site.station.tick()
    assert site.alarms == [1.0, 0.25]
    server.order(DropLeg(2, "a"))
    assert site.alarms == [1.0, 0.25, None]


def test_recordings_wait_until_they_are_fetched(site: Site) -> None:
    server = site.server()
    server.order(StartRecording(1, "r", "m", "C", "10"))
    site.now += 3.0
    server.order(StopRecording(2, "r"))
    recorded = Recorded("r", "m", "C", "10", ("10",), 100.0, 3.0)
    assert server.heard[-2:] == [Told(1, (OrderDone(2), RecordingEnded("r"))), Handed(recorded, 3.0)]
    site.station.gone(server)
    site.now += 5.0
    again = site.server()
    assert again.heard[-1] == Handed(recorded, 8.0)
    again.say(Fetched("r"))
    again.say(Fetched("r"))
    assert not any(isinstance(frame, Handed) for frame in site.server().heard)


def test_not_too_many_recordings_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station, "WAITING_RECORDINGS_MAX", 2)
    server = site.server()
    for number in range(3):
        server.order(StartRecording(number * 2 + 1, f"r{number}", "m", "C", "10"))
    site.station.gone(server)
    site.station.link.exchange.stop_recordings(site.now)
    with capture_logs() as logs:
        site.station.tell([])
    lost = [line["recording"] for line in logs if line["event"] == "a recording is lost: no server fetched it"]
    assert lost == ["r0"]
    handed = [frame.recorded.id for frame in site.server().heard if isinstance(frame, Handed)]
    assert handed == ["r1", "r2"]
