"""The exchange as a process of its own: calls go on while the server is away or the link between them is cut."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.acceptance import interrupted
from tests.acceptance.desktops import Drivers
from tests.acceptance.network import Network, network
from tests.acceptance.server_process import (
    DEMO,
    ROOT,
    CordboardProcess,
    ExchangeProcess,
    ServerProcess,
    command,
    environment,
    serving,
)
from tests.acceptance.stage import Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, TALKING, Told

pytestmark = pytest.mark.acceptance

EXCHANGE = "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE"


class Site:
    """An exchange, and a server that reaches it through a network which can be cut."""

    def __init__(self, exchange: ExchangeProcess, between: Network, server: ServerProcess, stage: Stage) -> None:
        self.exchange, self.between, self.server, self.stage = exchange, between, server, stage

    def is_ready(self) -> bool:
        return readiness(self.server) == 200

    def cut_for_a_moment(self) -> None:
        """Connections are found to be dead at once, as when a cable is pulled and put back."""
        self.between.cut()
        self.between.mend()
        self.stage.wait_for(lambda: links(self.server) > self.links_before, "the link is there again")
        self.links_before += 1

    links_before = 1


def readiness(server: ServerProcess) -> int:
    with server.client() as client:
        return client.get("/readyz").status_code


def links(server: CordboardProcess) -> int:
    return server.log_text().count('"linked to the exchange"')


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[ExchangeProcess]:
    process = ExchangeProcess(tmp_path / "exchange.log")
    yield process
    process.close()


@pytest.fixture
def site(exchange: ExchangeProcess, log: Path, drivers: Drivers, transport: str) -> Iterator[Site]:
    with network(exchange.url) as between:
        address = between.url.removeprefix("http://")
        with (
            serving(log, {EXCHANGE: address, "CORDBOARD_SWITCH__VIRTUAL__LAB": "false"}) as server,
            exchange.client() as lab,
        ):
            stage = Stage(server, drivers, transport, lab)
            yield Site(exchange, between, server, stage)
            stage.close()


def test_a_transfer_goes_through_while_the_link_is_cut_between_any_two_steps(site: Site) -> None:
    interrupted.transfer(site.stage, site.cut_for_a_moment)


@pytest.mark.parametrize("transport", ["long-polling"])
def test_a_conference_goes_through_while_the_link_is_cut_between_any_two_steps(site: Site) -> None:
    interrupted.conference(site.stage, site.cut_for_a_moment)


def test_what_people_do_while_the_link_is_cut_is_found_out(site: Site) -> None:
    """call-semantics #84: what was missed is told once."""
    stage = site.stage
    stage.enter("5000", "5001")
    stage.lab.do("5000", "dial", to="5001")
    stage.told("5001", Told("A", "Ringing", ("5000",), RINGING, dnis="5001"))
    stage.told("5000", Told("A", "Dialing", ("5001",), DIALING, dnis="5001"))
    site.between.cut()
    stage.lab.do("5001", "answer")
    site.between.mend()
    for number, other in (("5001", "5000"), ("5000", "5001")):
        stage.told(number, Told("A", "Established", (other,), TALKING, dnis="5001"))
    stage.hears({"5000": ["5001"], "5001": ["5000"]})
    site.between.cut()
    stage.lab.do("5000", "hangup")
    site.between.mend()
    for number, other in (("5001", "5000"), ("5000", "5001")):
        stage.told(number, Told("A", "Released", (other,), NOTHING, dnis="5001", reason="SwitchLost"))
    stage.hears({"5000": [], "5001": []})
    stage.nobody_is_told_more()


def test_a_server_starts_before_its_exchange_and_outlives_it(tmp_path: Path, log: Path) -> None:
    exchange = ExchangeProcess(tmp_path / "first")
    exchange.close()
    with serving(log, {EXCHANGE: exchange.address}) as server:
        assert readiness(server) == 503
        assert f"start one with: cordboard exchange --listen {exchange.address}" in server.log_text()
        with server.client("5001") as agent:
            for name in ("second", "third"):
                exchange = ExchangeProcess(tmp_path / name, exchange.address)
                until(lambda: readiness(server) == 200)
                assert calls(agent) == 0, "those of the exchange before have ended with it"
                with server.client() as client:
                    assert client.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5001"}).status_code == 200
                until(lambda: calls(agent) == 1)
                exchange.kill()
                until(lambda: readiness(server) == 503)
                assert calls(agent) == 1, "nobody knows yet"


def calls(agent: httpx.Client) -> int:
    return len(agent.get("/api/v2/me/calls?fields=*").json()["calls"])


def test_the_newest_server_has_the_exchange(exchange: ExchangeProcess, tmp_path: Path) -> None:
    older = ServerProcess(tmp_path / "older", {EXCHANGE: exchange.address})
    with serving(tmp_path / "newer", {EXCHANGE: exchange.address}) as newer:
        until(lambda: readiness(newer) == 200)
        until(lambda: readiness(older) == 503)
        assert "another server took the exchange over" in older.log_text()
        assert older.end() == 0
        assert readiness(newer) == 200


def test_an_exchange_says_what_is_wrong(exchange: ExchangeProcess) -> None:
    done = run("exchange", "--listen", exchange.address)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"cannot listen on {exchange.address}: Address already in use" in done.stderr
    assert run("exchange", "--listen", "8090").returncode == 2
    helped = run("exchange", "--help")
    assert helped.returncode == 0
    assert "--listen HOST:PORT" in helped.stdout


def test_an_exchange_has_the_phones_of_a_configuration(tmp_path: Path) -> None:
    arguments = ["exchange", "--listen", "127.0.0.1:0", "--config", str(DEMO)]
    exchange = CordboardProcess(tmp_path / "log", arguments, {}, "cordboard exchange listening on ")
    with httpx.Client(base_url=exchange.url, trust_env=False) as client:
        assert client.get("/lab/v1/phones/5005").json()["state"] == "idle"
    exchange.close()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=20, check=False
    )


def until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
