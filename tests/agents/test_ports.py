from __future__ import annotations

from tests.kit.desks import FakeAgentDesk
from tests.kit.people import directory

from cordboard.agents.commands import StartSession
from cordboard.agents.model import READY
from cordboard.agents.ports import AgentDesk


def test_a_desk_takes_commands_and_shows_devices() -> None:
    desk: AgentDesk = FakeAgentDesk(directory())
    assert desk.ask(StartSession(asker="5005")) is None
    assert desk.device("5005").agent is READY
