"""A disk that is full, under the real process: commands are refused, reading goes on, and when so much waits in memory
that nothing more may come the switch is let go of; once there is room all is as it should be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from tests.acceptance.server_process import ExchangeProcess, ServerProcess
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


def test_more_than_may_wait(disk: Disk, tmp_path: Path) -> None:
    exchange = ExchangeProcess(tmp_path / "exchange.log")
    settings = {
        "CORDBOARD_JOURNAL__PATH": str(disk.journal),
        "CORDBOARD_JOURNAL__TRY_AGAIN_S": "0.05",
        "CORDBOARD_JOURNAL__WAITING_BYTES_MAX": "1048576",
        "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": exchange.address,
    }
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
