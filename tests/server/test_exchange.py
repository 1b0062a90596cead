"""The exchange as a process: its doors, over a real socket on loopback, and how it begins and ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from tests.kit.exchange_served import Linked, ServedExchange, until

from cordboard.calls.orders import DialLeg
from cordboard.calls.reports import LegOffered, LegRinging, SwitchDown, SwitchSnapshot
from cordboard.server import exchange as served
from cordboard.server.config import Config, read
from cordboard.server.exchange import Settings, SocketWire
from cordboard.server.listening import CannotListenError
from cordboard.switches.virtual import frames
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.phones import Behaviour, OnRing

PLAN = Plan(("10", "20"), ("0900",), 2)


@pytest.fixture
async def exchange() -> AsyncIterator[ServedExchange]:
    made = ServedExchange(PLAN, Settings(plan=PLAN))
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def client(exchange: ServedExchange) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"http://{exchange.address}") as session:
        yield session


async def answered(client: aiohttp.ClientSession, method: str, path: str, **more: Any) -> tuple[int, Any]:
    async with client.request(method, path, **more) as response:
        assert response.content_type == "application/json"
        return response.status, await response.json()


async def test_the_lab_is_served_here(exchange: ServedExchange, client: aiohttp.ClientSession) -> None:
    linked = Linked(exchange)
    await linked.start()
    status, phone = await answered(client, "POST", "/lab/v1/phones/10", json={"do": "dial", "to": "20"})
    assert (status, phone["state"]) == (200, "dialing")
    await linked.settle()
    _, offered = linked.heard
    assert isinstance(offered, LegOffered)
    assert (offered.number, offered.dialled) == ("10", "20")
    await linked.switch.stop()
    assert [number["number"] for number in (await answered(client, "GET", "/lab/v1/phones"))[1]] == ["10", "20", "0900"]
    assert (await answered(client, "POST", "/lab/v1/phones/99", json={}))[0] == 404
    assert (await answered(client, "DELETE", "/lab/v1/reset"))[0] == 405
    assert (await answered(client, "GET", "/lab/v1"))[0] == 404


async def test_no_two_exchanges_call_legs_the_same(exchange: ServedExchange, client: aiohttp.ClientSession) -> None:
    """A server remembers those of the exchange that was there before."""
    other = ServedExchange(PLAN)
    await other.open()
    names = set()
    for one in (exchange, other):
        one.house.station.link.exchange.furnish(("10",), (), 1)
        one.house._lab.handle("POST", "/lab/v1/phones/10", b'{"do":"dial","to":"20"}', one.now)
        names |= {leg.leg for leg in one.house.station.link.exchange.snapshot().legs}
    await other.close()
    assert len(names) == 2


async def test_monitors_see_that_it_lives_and_whether_a_server_has_it(
    exchange: ServedExchange, client: aiohttp.ClientSession
) -> None:
    status, health = await answered(client, "GET", "/healthz")
    assert (status, health["status"], health["served"]) == (200, "ok", False)
    linked = Linked(exchange)
    await linked.start()
    assert (await answered(client, "GET", "/healthz"))[1]["served"] is True
    await linked.switch.stop()
    async with client.get("/") as front:
        assert (front.status, "/lab/v1" in await front.text()) == (200, True)


async def test_bad_requests_are_explained(client: aiohttp.ClientSession) -> None:
    assert await answered(client, "GET", "/api/v2/me") == (404, {"error": "Not Found; see / for what there is"})
    status, problem = await answered(client, "POST", "/lab/v1/phones/10", data=b"x" * 300_000)
    assert (status, "error" in problem) == (413, True)
    async with client.get(frames.PATH) as response:
        assert response.status == 400, "the link is a WebSocket"


@pytest.mark.parametrize("path", ["/lab/v1/phones", "/link", "/healthz"])
async def test_foreign_machines_are_not_answered(
    path: str, client: aiohttp.ClientSession, exchange: ServedExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "is_loopback", lambda _: False)
    why = "the exchange answers clients on its own machine only; start it with --clients any"
    assert await answered(client, "GET", path) == (403, {"error": why})
    exchange.house._settings = Settings(clients="any")
    async with client.get("/healthz") as response:
        assert response.status == 200


async def test_phones_react_in_their_own_time(exchange: ServedExchange) -> None:
    linked = Linked(exchange)
    await linked.start()
    exchange.house.station.link.exchange.set_behaviour("10", Behaviour(OnRing.RING, 1))
    linked.switch.submit([DialLeg(1, "a", "10", "20", "C")])
    await linked.settle()
    exchange.now += 1.0
    await until(lambda: LegRinging("a") in linked.heard)
    await linked.switch.stop()


async def test_who_does_not_read_is_given_up(exchange: ServedExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = Linked(exchange)
    await linked.start()
    monkeypatch.setattr(served, "UNSENT_BYTES_MAX", -1)
    exchange.house.station.tell([LegRinging("a")])
    monkeypatch.undo()
    await until(lambda: linked.heard == [SwitchSnapshot(), SwitchDown(), SwitchSnapshot()])
    await linked.switch.stop()


async def test_a_line_that_is_gone_takes_nothing(exchange: ServedExchange) -> None:
    linked = Linked(exchange)
    await linked.start()
    (wire,) = exchange.house._wires
    await linked.switch.stop()
    await until(lambda: not exchange.house._wires)
    wire.send("nobody hears this")
    wire.hang_up(1000, "twice is once")
    wire.hang_up(1000, "twice is once")
    assert wire._closing is not None
    await wire._closing
    wire.send("nobody hears this either")


async def test_what_a_server_still_says_after_it_was_hung_up_is_not_heard(exchange: ServedExchange) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"http://{exchange.address}/link") as link:
        await link.receive()
        await link.send_bytes(b"no text")
        await link.send_str("nonsense")
        await link.send_str(frames.written(frames.Take(frames.PROTOCOL, 0, PLAN)))
        end = await link.receive()
    assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, frames.NOT_UNDERSTOOD)
    assert not exchange.house.station.is_held


class Dying:
    """A connection that ends while a ping is being answered."""

    async def prepare(self, _: object) -> None: ...

    async def send_str(self, _: str) -> None: ...

    def __aiter__(self) -> Dying:
        return self

    async def __anext__(self) -> aiohttp.WSMessage:
        raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")


async def test_a_line_that_ends_amid_a_ping_is_gone_as_any_other(exchange: ServedExchange) -> None:
    request: Any = SimpleNamespace(transport=None)
    wire = SocketWire(request)
    dying: Any = Dying()
    wire.socket = dying
    await wire.run(exchange.house.station)
    assert not exchange.house.station.is_held


def test_the_configuration_of_a_server_says_it_all() -> None:
    document = {
        "server": {"lab_clients": "any"},
        "switch": {"virtual": {"exchange": "127.0.0.1:8090", "lines_per_phone": 2}},
        "users": [{"name": "anna", "number": "5000", "password": "x"}],
        "trunk_numbers": [{"number": "0900"}],
        "log": {"level": "warning"},
    }
    config = read(document, {}, "f.toml")
    assert isinstance(config, Config)
    plan = Plan(("5000",), ("0900",), 2)
    assert Settings.of(config) == Settings("127.0.0.1:8090", "any", plan, config.log)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_it_is_told_to(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ = SocketWire.run

    async def run(wire: SocketWire, station: Any) -> None:
        os.kill(os.getpid(), number)
        await open_(wire, station)

    monkeypatch.setattr(SocketWire, "run", run)

    async def connect(address: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/link") as link:
            while (message := await link.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
            return int(message.data), str(message.extra)

    ends: list[tuple[int, str]] = []
    serve = served.serve

    async def served_and_called(settings: Settings, listener: socket.socket) -> None:
        listener.listen()
        address = "http://{}:{}".format(*listener.getsockname())
        calling = asyncio.create_task(connect(address))
        await serve(settings, listener)
        ends.append(await calling)

    monkeypatch.setattr(served, "serve", served_and_called)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    served.run(Settings(f"127.0.0.1:{port}"))
    assert f"cordboard exchange listening on http://127.0.0.1:{port}" in capsys.readouterr().out.splitlines()
    assert ends == [(1001, "the exchange ends")]


def test_an_address_in_use_is_said_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotListenError, match=listen):
            served.run(Settings(listen))
