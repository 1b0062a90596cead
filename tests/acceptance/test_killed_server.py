"""A server that is killed comes back, and the story ends as if nothing had happened (call-semantics #80, #83, #88)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.acceptance import interrupted
from tests.acceptance.desktops import Drivers
from tests.acceptance.interrupted import AGENT, COLLEAGUE, CUSTOMER, nothing
from tests.acceptance.server_process import DEMO, ExchangeProcess, ServerProcess, minded
from tests.acceptance.stage import ACCEPTED, Stage
from tests.acceptance.telling import HELD, NOTHING, TALKING, Told

pytestmark = pytest.mark.acceptance

SETTINGS = {
    "CORDBOARD_COMETD__MAX_INTERVAL_S": "60",
    "CORDBOARD_SWITCH__VIRTUAL__LAB": "false",
}


class MortalServer(ServerProcess):
    """One process after the other at the same address, with the same journal and the same log."""

    def __init__(self, folder: Path, settings: Mapping[str, str], config: Path = DEMO) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            listen = f"127.0.0.1:{free.getsockname()[1]}"
        own = {"CORDBOARD_SERVER__LISTEN": listen, "CORDBOARD_JOURNAL__PATH": str(folder / "journal.db")}
        self._started = (folder / "log", {**SETTINGS, **own, **settings}, config)
        super().__init__(*self._started)

    def start_again(self) -> None:
        checked = self._checked
        super().__init__(*self._started)
        self._checked = checked

    def kill_and_start_again(self) -> None:
        self.kill()
        self.start_again()


def on_exchange(exchange: ExchangeProcess, consult_timeout_s: str = "60") -> dict[str, str]:
    """Settings of a server of this exchange."""
    return {
        "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": exchange.address,
        "CORDBOARD_CALLS__CONSULT_NO_ANSWER_TIMEOUT_S": consult_timeout_s,
    }


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[ExchangeProcess]:
    process = ExchangeProcess(tmp_path / "exchange.log")
    yield process
    process.close()


@pytest.fixture
def transport() -> str:
    """One unless a test asks for another: `tests/chaos` has both."""
    return "websocket"


@pytest.fixture
def consult_timeout_s() -> str:
    """How long a colleague is called; longer than a server is away."""
    return "60"


@pytest.fixture
def server(tmp_path: Path, exchange: ExchangeProcess, consult_timeout_s: str) -> Iterator[MortalServer]:
    with minded(MortalServer(tmp_path, on_exchange(exchange, consult_timeout_s))) as server:
        yield server


@pytest.fixture
def stage(  # type: ignore[override]
    server: MortalServer, exchange: ExchangeProcess, drivers: Drivers, transport: str
) -> Iterator[Stage]:
    with exchange.client() as lab:
        stage = Stage(server, drivers, transport, lab, extensions=("ack",))
        yield stage
        for agent in stage.agents.values():
            for desktop in agent.desktops:
                assert not desktop.was_told("handshake"), "a client had to begin anew"
        stage.close()


@pytest.mark.parametrize("transport", ["websocket", "long-polling"])
def test_a_transfer_goes_through_while_the_server_is_killed_between_any_two_steps(
    stage: Stage, server: MortalServer
) -> None:
    interrupted.transfer(stage, server.kill_and_start_again)


@pytest.mark.parametrize("transport", ["long-polling"])
def test_a_conference_goes_through_while_the_server_is_killed_between_any_two_steps(
    stage: Stage, server: MortalServer
) -> None:
    interrupted.conference(stage, server.kill_and_start_again)


def test_the_colleague_answers_while_the_server_is_away(stage: Stage, server: MortalServer) -> None:
    """call-semantics #80."""
    interrupted.answered_meanwhile(stage, server.kill, server.start_again)


def test_a_completion_that_was_accepted_is_finished_by_the_next_server(stage: Stage, server: MortalServer) -> None:
    """call-semantics #83: the order is on its way when the server ends, and then nobody knows what became of it."""
    interrupted.completed_by_another(
        stage, server.kill_and_start_again, lambda: stage.lab.fault(orders="drop", match="JoinLegs")
    )


@pytest.mark.parametrize("consult_timeout_s", ["3"])
def test_a_consult_that_nobody_answers_is_given_up_in_time(stage: Stage, server: MortalServer) -> None:
    """Deadlines outlive the server that set them."""
    interrupted.talk(stage, nothing)
    interrupted.consult(stage, nothing)
    server.kill_and_start_again()
    stage.told(
        AGENT,
        Told("B", "Released", (COLLEAGUE,), NOTHING, dnis=COLLEAGUE, type="Consult", parent="A", reason="NoAnswer"),
    )
    stage.told(COLLEAGUE, Told("B", "Released", (AGENT,), NOTHING, dnis=COLLEAGUE, type="Consult", reason="NoAnswer"))
    stage.told(AGENT, Told("A", "Held", (CUSTOMER,), HELD, dnis=AGENT))
    stage.hears({CUSTOMER: ["music"], COLLEAGUE: []})
    stage.ask(AGENT, "A", "Retrieve")
    stage.told(AGENT, Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT))
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})


def test_who_hangs_up_while_the_server_is_away_is_gone(stage: Stage, server: MortalServer) -> None:
    interrupted.talk(stage, nothing)
    server.kill()
    stage.lab.do(CUSTOMER, "hangup")
    server.start_again()
    for number, other in ((CUSTOMER, AGENT), (AGENT, CUSTOMER)):
        stage.told(number, Told("A", "Released", (other,), NOTHING, dnis=AGENT, reason="SwitchLost"))
    stage.hears({CUSTOMER: [], AGENT: []})


def test_a_request_that_is_repeated_to_the_next_server_is_not_done_twice(stage: Stage, server: MortalServer) -> None:
    """call-semantics #32."""
    interrupted.talk(stage, nothing)
    agent = stage.agents[AGENT]
    path = f"/api/v2/me/calls/{stage.ids['A']}"
    first = hold(agent.client, path)
    stage.told(AGENT, Told("A", "Held", (CUSTOMER,), HELD, dnis=AGENT))
    server.kill_and_start_again()
    again = hold(agent.client, path)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert agent.post(f"/me/calls/{stage.ids['A']}", operationName="Hold").status_code == 400, "without its key"
    stage.hears({CUSTOMER: ["music"]})


def hold(client: httpx.Client, path: str) -> httpx.Response:
    answer = client.post(path, json={"operationName": "Hold"}, headers={"Idempotency-Key": "once"})
    assert answer.json() == ACCEPTED
    return answer


def test_what_an_agent_has_set_is_still_set(stage: Stage, server: MortalServer) -> None:
    stage.enter(AGENT)
    agent = stage.agents[AGENT]
    path = f"/me/devices/{agent.device_id}"
    assert agent.post(path, operationName="DoNotDisturbOn").json() == ACCEPTED
    told = agent.desktop.message()["data"]["devices"][0]
    server.kill_and_start_again()

    def device() -> Any:
        return agent.get(f"{path}?fields=*")["device"]

    assert (told["doNotDisturb"], device()["doNotDisturb"]) == ("On", "On")
    assert agent.post(path, operationName="DoNotDisturbOff").json() == ACCEPTED
    assert agent.desktop.message()["data"]["devices"][0]["doNotDisturb"] == "Off"


def test_a_recording_goes_on_while_the_server_is_away(exchange: ExchangeProcess, tmp_path: Path) -> None:
    server = MortalServer(tmp_path, on_exchange(exchange))
    with exchange.client() as lab, server.client("5002") as agent:
        assert lab.post("/lab/v1/phones/5000", json={"do": "dial", "to": "5002"}).status_code == 200
        call = until_one(agent)
        path = f"/api/v2/me/calls/{call['id']}"
        assert agent.post(path, json={"operationName": "Answer"}).json() == ACCEPTED
        until_one(agent, state="Established")
        assert agent.post(path, json={"operationName": "StartCallRecording"}).json() == ACCEPTED
        until_one(agent, recordingState="Recording")
        server.kill()
        time.sleep(1.1)
        server.start_again()
        until_one(agent, recordingState="Recording")
        assert agent.post(path, json={"operationName": "StopCallRecording"}).json() == ACCEPTED
        recording = until(lambda: agent.get("/api/v2/me/recordings?fields=*").json()["recordings"])[0]
        assert int(recording["duration"]) >= 1, recording
    server.close()


def until_one(agent: httpx.Client, **wanted: str) -> dict[str, Any]:
    def found() -> Any:
        calls = agent.get("/api/v2/me/calls?fields=*").json()["calls"]
        return [call for call in calls if all(call.get(name) == value for name, value in wanted.items())]

    (call,) = until(found)
    return dict(call)


def until(look: Any, within_s: float = 10.0) -> Any:
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found
