"""A disk that is full, under the real process: commands are refused, reading goes on, and when so much waits in memory
that nothing more may come the switch is let go of; once there is room all is as it should be."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.acceptance.server_process import DEMO, ExchangeProcess, ServerProcess, command, environment
from tests.acceptance.stage import Lab
from tests.chaos.disk import Disk
from tests.kit.outside import cannot_run

pytestmark = pytest.mark.acceptance
SOME = {"operationName": "StartContactCenterSession", "channels": ["voice"]}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    if not made.can_fill:
        cannot_run("no small disk may be mounted here")
    yield made
    made.close()


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(400):
        if is_so():
            return
        time.sleep(0.025)
    raise AssertionError("it never came to that")


def metric(anybody: httpx.Client, name: str) -> float:
    lines = anybody.get("/metrics").text.splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"cordboard_{name} "))


def missing(anybody: httpx.Client) -> list[str]:
    found: list[str] = anybody.get("/readyz").json()["missing"]
    return found


def on(disk: Disk, exchange: ExchangeProcess) -> dict[str, str]:
    return {
        "CORDBOARD_JOURNAL__PATH": str(disk.journal),
        "CORDBOARD_JOURNAL__TRY_AGAIN_S": "0.05",
        "CORDBOARD_JOURNAL__WAITING_BYTES_MAX": "1048576",
        "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": exchange.address,
    }


def calls(agent: httpx.Client) -> list[str]:
    return [call["state"] for call in agent.get("/api/v2/me/calls?fields=*").json()["calls"]]


@pytest.mark.parametrize("how", ["ended", "ended while it was full", "killed", "killed while it was full"])
def test_a_start(how: str, disk: Disk, tmp_path: Path) -> None:
    """The call of before is there, people go on, and what they do is written down as soon as that is possible."""
    exchange = ExchangeProcess(tmp_path / "exchange.log")
    settings = on(disk, exchange)
    server = ServerProcess(tmp_path / "log", settings)
    with exchange.client() as people, server.client("5005") as agent:
        lab = Lab(people)
        lab.do("5000", "dial", to="5005")
        until(lambda: calls(agent) == ["Ringing"])
        if how.endswith("while it was full"):
            disk.fill()
            until(lambda: agent.post("/api/v2/me", json=SOME).status_code == 503)
    if how.startswith("ended"):
        assert server.end() == 0
    else:
        server.kill()
    disk.fill()
    server = ServerProcess(tmp_path / "log", settings)
    with exchange.client() as people, server.client() as anybody, server.client("5005") as agent:
        assert missing(anybody) == ["the journal, which can't be written; the log tells why"]
        assert metric(anybody, 'journal_trouble{reason="no_space"}') == 1
        assert calls(agent) == ["Ringing"]
        refused = agent.post("/api/v2/me", json=SOME)
        assert (refused.status_code, refused.json()["statusCode"]) == (503, 4)
        Lab(people).do("5005", "answer")
        until(lambda: calls(agent) == ["Established"])
        disk.free()
        until(lambda: missing(anybody) == [])
        until(lambda: Lab(people).phone("5000")["hears"] == ["5005"])
        assert agent.post("/api/v2/me", json=SOME).status_code == 200
        assert metric(anybody, "journal_waiting_bytes") == 0
    server.kill()
    assert "Traceback" not in server.log_text()
    log = server.log_text()
    assert log.count("the journal can't be written: commands are refused") == (2 if "while" in how else 1)
    server = ServerProcess(tmp_path / "log", settings)
    with server.client("5005") as agent:
        assert calls(agent) == ["Established"]
    assert server.end() == 0
    exchange.close()


def serve(disk: Disk, **settings: str) -> subprocess.CompletedProcess[str]:
    """A server that can't begin."""
    own = {"CORDBOARD_SERVER__LISTEN": "127.0.0.1:0", "CORDBOARD_JOURNAL__PATH": str(disk.journal), **settings}
    arguments = command("serve", "--config", str(DEMO))
    return subprocess.run(arguments, env=environment(own), capture_output=True, text=True, timeout=60, check=False)


def test_what_is_not_there_can_not_be_made(disk: Disk) -> None:
    disk.fill()
    ended = serve(disk)
    assert (ended.returncode, ended.stdout) == (6, "")
    assert f"{disk.journal}: " in ended.stderr
    assert "o space left on" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not disk.journal.exists()


def test_what_is_refused_is_refused_all_the_same(disk: Disk, tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "log", {"CORDBOARD_JOURNAL__PATH": str(disk.journal)})
    with server.client() as anybody:
        Lab(anybody).do("5000", "dial", to="5005")  # is answered when it is durable
    server.kill()
    disk.fill()
    before = disk.contents()
    assert serve(disk, CORDBOARD_JOURNAL__SITE="Berlin").returncode == 4
    assert disk.contents() == before
    disk.damage_the_last_page()
    before = disk.contents()
    assert serve(disk).returncode == 5
    assert disk.contents() == before


def test_more_than_may_wait(disk: Disk, tmp_path: Path) -> None:
    exchange = ExchangeProcess(tmp_path / "exchange.log")
    settings = on(disk, exchange)
    server = ServerProcess(tmp_path / "log", settings)
    with server.client() as anybody, server.client("5005") as agent, exchange.client() as people:
        lab = Lab(people)
        disk.fill()
        room = 0
        # What is free in pages that the disk has given out already is used up first.
        until(lambda: agent.post("/api/v2/me", json=SOME).status_code == 503)
        assert missing(anybody) == ["the journal, which can't be written; the log tells why"]
        assert metric(anybody, 'journal_trouble{reason="no_space"}') == 1
        while metric(anybody, "switch_link_up"):
            lab.do("5000", "dial", to="5005")
            lab.do("5000", "hangup")
            room += 1
            assert room < 5_000, "there is no end to it"
        assert len(missing(anybody)) == 2
        assert metric(anybody, "journal_waiting_bytes") > 1_048_576
        lab.do("5000", "dial", to="5005")
        before = metric(anybody, "journal_waiting_bytes")
        for _ in range(20):
            lab.do("5000", "hangup")
            lab.do("5000", "dial", to="5005")
            assert agent.get("/api/v2/me/calls").status_code == 200
        assert metric(anybody, "journal_waiting_bytes") == before
        disk.free()
        until(lambda: missing(anybody) == [])
        until(lambda: len(agent.get("/api/v2/me/calls").json()["uris"]) == 1)
        assert metric(anybody, "journal_waiting_bytes") == 0
        call = agent.get("/api/v2/me/calls?fields=*").json()["calls"][0]
        assert agent.post(f"/api/v2/me/calls/{call['id']}", json={"operationName": "Answer"}).status_code == 200
        until(lambda: lab.phone("5000")["hears"] == ["5005"])
    assert server.end() == 0
    assert "Traceback" not in server.log_text()
    exchange.close()
