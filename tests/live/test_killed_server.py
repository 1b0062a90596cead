"""A server on Asterisk is killed between any two steps: telephones go on talking meanwhile, and the story ends as if
nothing had happened (call-semantics #80, #83).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance import interrupted
from tests.acceptance.desktops import Drivers
from tests.acceptance.interrupted import AGENT, COLLEAGUE, CUSTOMER
from tests.acceptance.server_process import minded
from tests.acceptance.test_killed_server import MortalServer
from tests.live.floor import Floor, configuration, settings
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk

_AWAY_S = 4.0
"""How long a server may take to come back. Whoever answers meanwhile waits for it in silence, and a ringing tone begins
anew."""


@pytest.fixture(scope="module")
def server(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MortalServer]:
    needed()
    folder = tmp_path_factory.mktemp("mortal")
    patience = {"CORDBOARD_CALLS__CONSULT_NO_ANSWER_TIMEOUT_S": "60"}
    with minded(MortalServer(folder, {**settings(asterisk), **patience}, configuration(folder))) as server:
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
    try:
        stage.nobody_was_in_silence(_AWAY_S)
        for agent in stage.agents.values():
            assert not agent.desktop.was_told("handshake"), "a client had to begin anew"
    finally:
        stage.close()


def test_between_any_two_steps_of_a_transfer(stage: LiveStage, server: MortalServer) -> None:
    interrupted.transfer(stage, server.kill_and_start_again)


def test_between_any_two_steps_of_a_conference(stage: LiveStage, server: MortalServer) -> None:
    interrupted.conference(stage, server.kill_and_start_again)


def test_the_colleague_answers_while_the_server_is_away(stage: LiveStage, server: MortalServer) -> None:
    """#80."""
    interrupted.answered_meanwhile(stage, server.kill, server.start_again)


def test_a_completion_that_was_accepted_is_finished_by_the_next_server(stage: LiveStage, server: MortalServer) -> None:
    """#83: killed right after the answer, when nobody knows what Asterisk has done of it."""
    interrupted.completed_by_another(stage, server.kill_and_start_again)
