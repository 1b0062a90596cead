"""A server on Asterisk is killed and started again, and nobody on the telephone hears anything of it: who talks, also
in a bridge that was handed on and on a line that stays open, who hears music, and who is recorded (decision 0024).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.acceptance.desktops import Drivers
from tests.acceptance.server_process import minded
from tests.acceptance.test_killed_server import MortalServer
from tests.live.floor import NAILED, Floor, configuration, settings
from tests.live.phones import needed
from tests.live.stage import LiveStage
from tests.live.stories import recordings

from tools.asterisk import Asterisk

CUSTOMER, AGENT, COLLEAGUE = "5000", "5005", "5002"
"""5002 may record."""
_GAP_S = 1.0
"""A busy machine may lose some packets."""


@pytest.fixture(scope="module")
def server(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    needed()
    folder = tmp_path_factory.mktemp("unnoticed")
    own = {"CORDBOARD_RECORDINGS__PATH": str(folder / "recordings")}
    with minded(MortalServer(folder, {**settings(asterisk), **own}, configuration(folder))) as server:
        yield server


@pytest.fixture(scope="module")
def floor(asterisk: Asterisk, server: MortalServer) -> Iterator[Floor]:
    floor = Floor(asterisk, server)
    yield floor
    floor.close()


@pytest.fixture
def stage(floor: Floor, drivers: Drivers) -> Iterator[LiveStage]:
    stage = LiveStage(floor, drivers, extensions=("ack",))
    stage.bring(CUSTOMER, AGENT, COLLEAGUE)
    yield stage
    stage.close()


def bridges(stage: LiveStage) -> dict[str, list[str]]:
    """Who is in which bridge."""
    found: list[dict[str, Any]] = stage.floor.ari.get("/bridges").json()
    return {bridge["id"]: sorted(bridge["channels"]) for bridge in found}


def restart(stage: LiveStage, server: MortalServer, hears: dict[str, list[str]]) -> None:
    """These hear the same all the time, and nobody is moved."""
    stage.hears(hears)
    before, killed = bridges(stage), time.monotonic()
    server.kill()
    recordings.for_a_while(stage, 1.0)
    server.start_again()
    recordings.for_a_while(stage, 1.0)
    assert bridges(stage) == before
    for number, voices in hears.items():
        phone = stage.phone(number)
        phone.never_silent_since(killed, _GAP_S)
        assert phone.heard_since(killed) == frozenset(voices), phone.told(killed)


def talking(stage: LiveStage, agent: str) -> None:
    """The customer has called this agent, call A."""
    stage.enter(agent, channels=("/v2/me/calls",))
    stage.lab.do(CUSTOMER, "dial", to=agent)
    stage.news(agent, "A Ringing")
    stage.ask(agent, "A", "Answer")
    stage.news(agent, "A Established")
    stage.hears({CUSTOMER: [agent], agent: [CUSTOMER]})


def test_music_and_the_conversation_beside_it_go_on(stage: LiveStage, server: MortalServer) -> None:
    talking(stage, AGENT)
    stage.ask(AGENT, "A", "InitiateTransfer", destination={"phoneNumber": COLLEAGUE})
    stage.news(AGENT, "A Held", "B Dialing")
    stage.lab.do(COLLEAGUE, "answer")
    stage.news(AGENT, "B Established")
    restart(stage, server, {CUSTOMER: ["music"], AGENT: [COLLEAGUE], COLLEAGUE: [AGENT]})
    stage.ask(AGENT, "A", "CompleteTransfer")
    stage.news(AGENT, "A Released", "B Released")
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})


def test_whoever_was_transferred_talks_on_and_the_recording_goes_on(stage: LiveStage, server: MortalServer) -> None:
    """The bridge was made for the consult, and is that of the customer's conversation now."""
    talking(stage, AGENT)
    stage.ask(AGENT, "A", "InitiateTransfer", destination={"phoneNumber": COLLEAGUE})
    stage.news(AGENT, "A Held", "B Dialing")
    stage.enter(COLLEAGUE, channels=("/v2/me/calls",))
    stage.lab.do(COLLEAGUE, "answer")
    stage.news(COLLEAGUE, "B Established")
    stage.ask(AGENT, "A", "CompleteTransfer")
    stage.news(COLLEAGUE, "B Released", "A Established")
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    began = time.time()
    stage.ask(COLLEAGUE, "A", "StartCallRecording")
    stage.news(COLLEAGUE, "A Established recording")
    for _ in range(2):
        restart(stage, server, {CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    assert stage.read(COLLEAGUE, "A")["recordingState"] == "Recording"
    lasted = time.time() - began
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(COLLEAGUE, "A Released")
    recording = recordings.kept(stage)
    assert [one["digits"] for one in recording["participants"]] == [COLLEAGUE, CUSTOMER]
    assert recording["durationMs"] / 1000 > lasted - 1.0, "nothing of it is missing"
    assert abs(recording["startTimestamp"] / 1000 - began) < 1.0, "it began before the server was killed"


def test_a_call_on_a_line_that_stays_open_goes_on(stage: LiveStage, server: MortalServer) -> None:
    stage.bring(NAILED)
    stage.phone(NAILED).call("*55")
    stage.phone(NAILED).until_line("talking")
    stage.enter(NAILED, channels=("/v2/me/calls",))
    stage.lab.do(CUSTOMER, "dial", to=NAILED)
    stage.news(NAILED, "A Ringing")
    stage.hears({NAILED: ["ringback"], CUSTOMER: ["ringback"]})
    server.kill_and_start_again()
    stage.hears({NAILED: ["ringback"], CUSTOMER: ["ringback"]})
    stage.asked = time.monotonic()
    answer = stage.agents[NAILED].post(f"/me/calls/{stage.ids['A']}", operationName="Answer")
    assert answer.json() == {"statusCode": 0}
    stage.news(NAILED, "A Established")
    restart(stage, server, {NAILED: [CUSTOMER], CUSTOMER: [NAILED]})
    stage.ask(NAILED, "A", "Hangup")
    stage.news(NAILED, "A Released")
    stage.idle(CUSTOMER)
    server.kill_and_start_again()
    stage.lab.do(CUSTOMER, "dial", to=NAILED)
    stage.news(NAILED, "B Ringing")
    stage.hears({NAILED: ["ringback"]})
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(NAILED, "B Released")
    stage.phone(NAILED).hang_up()
