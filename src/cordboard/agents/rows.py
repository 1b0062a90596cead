"""Devices and the agents at them as the journal keeps them, and back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordboard.agents.model import LOGGED_IN, OFFLINE, AgentState, DeviceState
from cordboard.calls.ports import Row

TABLE = "devices"

_encode = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(tuple[DeviceState, bool]).decode


def row_of(device: DeviceState, *, in_session: bool) -> Row:
    """``in_session``: whether its agent has started a session."""
    return Row(TABLE, device.number.encode(), _encode((device, in_session)))


def read_row(value: bytes, states: Mapping[str, AgentState]) -> tuple[DeviceState, bool]:
    """The device, in one of the ``states`` that there are now, if the one it was in is still among them."""
    device, in_session = _read(value)
    known = (OFFLINE, LOGGED_IN, *states.values())
    agent = next((state for state in known if state == device.agent), None)
    agent = agent or next((state for state in known if state.id == device.agent.id), device.agent)
    return msgspec.structs.replace(device, agent=agent), in_session
