from __future__ import annotations

from cordboard.agents.events import DeviceChanged
from cordboard.agents.model import DeviceState


def test_the_owner_of_an_event_is_the_number_of_the_device() -> None:
    assert DeviceChanged(DeviceState("5005")).owner == "5005"
