"""The switch whose exchange is a process of its own: links that break and come back, takeovers, recordings."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs
from tests.kit.exchange_served import Linked, ServedExchange, until

from cordboard.calls.orders import DialLeg, DropLeg, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegSeen,
    OrderDone,
    OrderFailed,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.server.exchange import Settings
from cordboard.switches.virtual import frames, remote
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.persons import Answer
from cordboard.switches.virtual.remote import RemoteSwitch

PLAN = Plan(("10", "20"))
DIAL = DialLeg(1, "a", "10", "20", "C")
ONE_LEG = SwitchSnapshot((LegSeen("a", "10", False, True),))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "PAUSE_MIN_S", 0.001)
    monkeypatch.setattr(remote, "PAUSE_MAX_S", 0.002)


@pytest.fixture
async def exchange() -> AsyncIterator[ServedExchange]:
    made = ServedExchange(PLAN)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def linked(exchange: ServedExchange) -> AsyncIterator[Linked]:
    made = Linked(exchange)
    await made.start()
    yield made
    await made.switch.stop()


def port_of(exchange: ServedExchange) -> int:
    return int(exchange.address.rpartition(":")[2])


async def cut(exchange: ServedExchange) -> None:
    """Every connection is gone; the exchange stays."""
    for wire in list(exchange.house._wires):
        transport = wire._request.transport
        assert transport is not None
        transport.abort()


async def test_a_link_that_breaks_is_made_again_and_tells_what_there_is(
    exchange: ServedExchange, linked: Linked
) -> None:
    linked.switch.submit([DIAL])
    await linked.settle()
    with capture_logs() as logs:
        await cut(exchange)
        await until(lambda: len(linked.heard) == 5)
    assert linked.heard[1:] == [OrderDone(1), LegRinging("a"), SwitchDown(), ONE_LEG]
    told = [(line["event"], line.get("why")) for line in logs]
    assert ("no link to the exchange; trying again", "the connection was closed (1006)") in told
    exchange.act("10", Answer())
    await linked.settle()
    assert linked.heard[5:] == [LegAnswered("a")]


async def test_without_a_link_orders_fail_and_are_not_kept(exchange: ServedExchange, linked: Linked) -> None:
    before = len(linked.heard)
    await cut(exchange)
    await until(lambda: SwitchDown() in linked.heard)
    linked.switch.submit([DIAL])
    linked.switch.submit([DropLeg(2, "b")])
    assert linked.heard[before:] == [SwitchDown()], "nothing is heard from inside submit"
    await until(lambda: len(linked.heard) == before + 4)
    assert [report for report in linked.heard[before:] if not isinstance(report, SwitchSnapshot)] == [
        SwitchDown(),
        OrderFailed(1, "the link to the exchange is down"),
        OrderFailed(2, "the link to the exchange is down"),
    ]
    await linked.settle()
    assert exchange.house.station.link.exchange.snapshot() == SwitchSnapshot()


async def test_an_exchange_that_was_started_again_has_no_calls(exchange: ServedExchange, linked: Linked) -> None:
    linked.switch.submit([DIAL])
    await linked.settle()
    port = port_of(exchange)
    await exchange.close()
    await until(lambda: SwitchDown() in linked.heard)
    with capture_logs() as logs:
        await until(lambda: sum("cannot reach" in line.get("why", "") for line in logs) > 1)
    warned = [line["why"] for line in logs if line["log_level"] == "warning"]
    address = f"127.0.0.1:{port}"
    why = f"cannot reach the exchange at {address} (Connection refused); "
    assert warned == [why + f"start one with: cordboard exchange --listen {address}"], "once for each reason"
    await exchange.open(port)
    await until(lambda: isinstance(linked.heard[-1], SwitchSnapshot))
    assert linked.heard[-2:] == [SwitchDown(), SwitchSnapshot()]


async def test_an_exchange_that_is_not_there_does_not_keep_a_server_from_starting(exchange: ServedExchange) -> None:
    port = port_of(exchange)
    await exchange.close()
    linked = Linked(exchange)
    linked.switch.address = f"127.0.0.1:{port}"
    await linked.start()
    assert linked.heard == []
    await exchange.open(port)
    await until(lambda: linked.heard == [SwitchSnapshot()])
    await linked.switch.stop()
    linked.switch.submit([DIAL])
    assert linked.heard == [SwitchSnapshot()], "a switch that is stopped says nothing"


async def test_a_newer_server_takes_it_over_for_good(exchange: ServedExchange, linked: Linked) -> None:
    """call-semantics #85: the older one stops; no order runs twice."""
    newer = Linked(exchange)
    with capture_logs() as logs:
        await newer.start()
        await until(lambda: linked.heard[-1] == SwitchDown())
        assert linked.switch._running is not None
        await linked.switch._running
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "another server took the exchange over; this one leaves it alone until it is started again"
    ]
    newer.switch.submit([DIAL])
    await newer.settle()
    assert newer.heard == [SwitchSnapshot(), OrderDone(1), LegRinging("a")]
    await newer.switch.stop()
    await linked.switch.stop()
    await linked.start()
    assert linked.heard[-1] == ONE_LEG


async def test_the_lab_can_cut_the_link(exchange: ServedExchange, linked: Linked) -> None:
    station = exchange.house.station
    station.tell(station.link.cut())
    await until(lambda: linked.heard[-1] == SwitchDown())
    linked.switch.submit([DIAL])
    await until(lambda: linked.heard[-1] == OrderFailed(1, "the link to the exchange is down"))
    other = Linked(exchange)
    await other.start()
    assert other.heard == [SwitchDown()]
    await other.switch.stop()


async def test_what_is_under_way_when_the_lab_cuts_the_link_fails(exchange: ServedExchange, linked: Linked) -> None:
    """An order that left before the cut was heard is of an earlier snapshot than the snapshot."""
    station = exchange.house.station
    linked.switch.submit([DIAL])
    station.tell(station.link.cut())
    station.tell(station.link.mend())
    await until(lambda: len(linked.heard) == 4)
    assert linked.heard[1:] == [SwitchDown(), SwitchSnapshot(), OrderFailed(1, "the link to the switch broke")]


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.kept: list[Recorded] = []
        self._folder = folder

    def place(self, recording: str) -> Path:
        return self._folder / f"{recording}.wav"

    def keep(self, recorded: Recorded) -> None:
        self.kept.append(recorded)

    def lose(self, recorded: Recorded, why: str) -> None:
        raise NotImplementedError


async def test_recordings_are_fetched_by_whoever_comes_next(exchange: ServedExchange, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = Linked(exchange)
    await first.start()
    first.switch.submit([StartRecording(1, "r", "m", "C", "10")])
    await first.settle()
    await first.switch.stop()
    await until(lambda: not exchange.house.station.is_held)
    exchange.now += 3.0
    exchange.house.station.tell(exchange.house.station.link.submit([StopRecording(2, "r")], exchange.now))
    exchange.now += 2.0
    second = Linked(exchange, shelf)
    await second.start()
    await until(lambda: not exchange.house.station._complete)
    await second.switch.stop()
    assert shelf.kept == [Recorded("r", "m", "C", "10", ("10",), 1_000.0, 3.0)]
    assert (tmp_path / "r.wav").stat().st_size == 44 + 2 * 24_000


async def test_a_recording_that_is_written_when_the_switch_stops_is_fetched_once_more(
    exchange: ServedExchange, tmp_path: Path
) -> None:
    linked = Linked(exchange, shelf := Shelf(tmp_path))
    await linked.start()
    linked.switch.submit([StartRecording(1, "r", "m", "C", "10"), StopRecording(2, "r")])
    await linked.settle()
    stopping = linked.switch.stop()
    linked.switch._socket = None
    await stopping
    assert [one.id for one in shelf.kept] == ["r"]
    assert "r" in exchange.house.station._complete


async def test_a_switch_that_is_stopped_says_nothing(exchange: ServedExchange, linked: Linked) -> None:
    other = RemoteSwitch(exchange.address, PLAN, lambda: 0.0)
    await other.stop()
    before = list(linked.heard)
    linked.switch._known = None
    linked.switch.submit([DIAL])
    linked.switch._hear = None
    linked.switch._fail()
    await linked.switch.stop()
    assert linked.heard == before


async def test_a_report_that_nobody_can_take_ends_the_link_and_the_next_begins_afresh(linked: Linked) -> None:
    heard: list[AnyReport] = []

    def stumble(report: AnyReport) -> None:
        heard.append(report)
        if report == LegEnded("b"):
            raise RuntimeError("a bug")

    linked.switch._hear = stumble
    with capture_logs() as logs:
        linked.switch.submit([DropLeg(1, "b")])
        await until(lambda: SwitchSnapshot() in heard)
    assert heard == [OrderDone(1), LegEnded("b"), SwitchDown(), SwitchSnapshot()]
    assert "the link to the exchange failed" in [line["event"] for line in logs]


class Dying:
    """A connection that ends while a ping is being answered."""

    close_code = None

    async def receive(self) -> aiohttp.WSMessage:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")


async def test_a_link_that_ends_amid_a_ping_is_lost_as_any_other(linked: Linked) -> None:
    dying: Any = Dying()
    assert await linked.switch._listen(dying) == "the connection was closed (1006)"


# -- what is no exchange -----------------------------------------------------------------------------------------------


async def served(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> tuple[web.AppRunner, str]:
    application = web.Application()
    application.router.add_get(frames.PATH, answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"127.0.0.1:{runner.addresses[0][1]}"


def saying(*texts: str | bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        for text in texts:
            await (line.send_bytes(text) if isinstance(text, bytes) else line.send_str(text))
        await line.close()
        return line

    return answer


async def not_found(_: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (not_found, "it answers 404: is that a cordboard exchange?"),
        (saying("hello"), "this is no exchange, or of another version: "),
        (
            saying('{"type":"Welcome","protocol":9,"snapshot":1}'),
            "the exchange speaks version 9 of the link, this server 1",
        ),
        (saying(b"hello"), "the connection was closed (1000)"),
    ],
    ids=["http", "nonsense", "version", "silent"],
)
async def test_what_is_no_exchange_is_told(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]], why: str
) -> None:
    runner, address = await served(answer)
    switch = RemoteSwitch(address, PLAN, lambda: 0.0)
    heard: list[AnyReport] = []
    with capture_logs() as logs:
        await switch.start(heard.append)
        await switch.stop()
    await runner.cleanup()
    assert heard == []
    assert f"{address}: {why}" in logs[0]["why"]


async def test_who_is_not_on_its_machine_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.server.exchange.is_loopback", lambda _: False)
    exchange = ServedExchange(PLAN, Settings())
    await exchange.open()
    linked = Linked(exchange)
    with capture_logs() as logs:
        await linked.start()
        await linked.switch.stop()
    await exchange.close()
    assert "start it with --clients any" in logs[0]["why"]


async def test_whoever_is_frozen_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "CONNECT_S", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as frozen, capture_logs() as logs:
        host, port = frozen.getsockname()
        switch = RemoteSwitch(f"{host}:{port}", PLAN, lambda: 0.0)
        await switch.start(list[AnyReport]().append)
        await switch.stop()
    assert f"cannot reach the exchange at {host}:{port} (no answer)" in logs[0]["why"]
