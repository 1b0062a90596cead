"""Reads ``[[agent_states]]``: agent states that administrators add to the built-in ones (gws-v2 §2.2).

An id that the file leaves out is made from the operation's name, so clients that store it find it again after every
start. Deliberately absent: taking a state (``agents.roster``).
"""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cordboard.agents.model import BUILT_IN_STATES, AgentState, Presence, WorkMode
from cordboard.gws.routes import SESSION_OPERATIONS
from cordboard.server.config_reading import Reader
from cordboard.server.config_tables import Id, Own, Tables

_NAMESPACE = uuid.UUID("0f4e3f3c-64a5-5b0e-8f56-0a6d3c1be7a2")
_BUILT_IN = "a built-in one"

Operation = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}\Z", description="1 to 64 letters, digits and _ . - , a letter first"),
]


class AgentStateTable(msgspec.Struct, frozen=True):
    operation_name: Operation
    display_name: Annotated[str, Meta(min_length=1)]
    state: Literal["Ready", "NotReady"]
    work_mode: Literal["", "AfterCallWork", "AuxWork"] = ""
    reason: str = ""
    id: Id = ""


def state_id(operation: str) -> str:
    """The id of a state for which the file names none, in the shape of the built-in ones."""
    return str(uuid.uuid5(_NAMESPACE, f"agent state {operation}")).upper()


def read_states(reader: Reader, found: object) -> dict[str, AgentState]:
    """All states that can be taken, by operation: the built-in ones, then those of the file in its order."""
    states = dict(BUILT_IN_STATES)
    own = Own(reader)
    for operation in (*BUILT_IN_STATES, *SESSION_OPERATIONS):
        own.claim("state name", _BUILT_IN, operation)
    for state in BUILT_IN_STATES.values():
        own.claim("state id", _BUILT_IN, state.id)
    for key, table in Tables(reader, "agent_states").read(AgentStateTable, found).items():
        if own.claim("state name", f"{key}.operation_name", table.operation_name):
            own.claim("state id", f"{key}.id", table.id or state_id(table.operation_name))
        if table.work_mode and table.state != Presence.NOT_READY.value:
            reader.mistake(f"{key}.work_mode", table.work_mode, f'"" unless state is "{Presence.NOT_READY.value}"')
        if not any(mistake.key.startswith(key) for mistake in reader.mistakes):
            states[table.operation_name] = _state(table)
    return states


def _state(table: AgentStateTable) -> AgentState:
    return AgentState(
        table.operation_name,
        table.id or state_id(table.operation_name),
        table.display_name,
        Presence(table.state),
        WorkMode(table.work_mode) if table.work_mode else None,
        table.reason,
    )
