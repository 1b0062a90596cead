"""Agent states of the file: what is made of them and which mistakes are seen (gws-v2 §2.2)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cordboard.agents.model import BUILT_IN_STATES, READY, AgentState, Presence, WorkMode
from cordboard.server.config_reading import Reader
from cordboard.server.config_states import read_states, state_id

LUNCH: dict[str, Any] = {"operation_name": "Lunch", "display_name": "At lunch", "state": "NotReady"}


def read(*found: Any) -> tuple[dict[str, AgentState], list[str]]:
    reader = Reader("f.toml", {})
    states = read_states(reader, list(found))
    return states, [str(mistake).removeprefix("f.toml: ") for mistake in reader.mistakes]


def test_without_a_table_there_are_the_built_in_states() -> None:
    assert read() == (BUILT_IN_STATES, [])


def test_states_come_after_the_built_in_ones_with_an_id_that_stays() -> None:
    states, mistakes = read(LUNCH, {"operation_name": "Open", "display_name": "Open", "state": "Ready"})
    assert mistakes == []
    assert [*states] == [*BUILT_IN_STATES, "Lunch", "Open"]
    assert states["Lunch"] == AgentState("Lunch", state_id("Lunch"), "At lunch", Presence.NOT_READY)
    assert states["Open"].presence is Presence.READY
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", state_id("Lunch"))
    assert state_id("Lunch") != state_id("Open")


def test_what_the_file_says_is_kept() -> None:
    said = {"work_mode": "AuxWork", "reason": "lunch", "id": "L-1"}
    states, mistakes = read(LUNCH | said)
    assert mistakes == []
    assert states["Lunch"] == AgentState("Lunch", "L-1", "At lunch", Presence.NOT_READY, WorkMode.AUX_WORK, "lunch")


@pytest.mark.parametrize(
    ("table", "mistake"),
    [
        (
            LUNCH | {"operation_name": "Ready"},
            'operation_name: found "Ready"; accepted: a state name of its own (a built',
        ),
        (LUNCH | {"operation_name": "StartContactCenterSession"}, "operation_name: found "),
        (LUNCH | {"operation_name": "a b"}, 'operation_name: found "a b"; accepted: 1 to 64 letters'),
        (LUNCH | {"id": READY.id}, f'id: found "{READY.id}"; accepted: a state id of its own'),
        (LUNCH | {"display_name": ""}, 'display_name: found ""; accepted: a text that is not empty'),
        (LUNCH | {"state": "LoggedOut"}, 'state: found "LoggedOut"; accepted: "NotReady" or "Ready"'),
        (LUNCH | {"state": "Ready", "work_mode": "AuxWork"}, 'work_mode: found "AuxWork"; accepted: "" unless state'),
        ({"operation_name": "Lunch", "state": "Ready"}, "display_name: found nothing"),
    ],
)
def test_mistakes(table: dict[str, Any], mistake: str) -> None:
    states, (found,) = read(table)
    assert found.startswith(f"agent_states[#1].{mistake}")
    assert states == BUILT_IN_STATES


def test_two_states_have_two_names_and_two_ids() -> None:
    _, mistakes = read(LUNCH, LUNCH)
    assert len(mistakes) == 1
    _, mistakes = read(LUNCH | {"id": "1"}, LUNCH | {"operation_name": "Tea", "id": "1"})
    assert len(mistakes) == 1
