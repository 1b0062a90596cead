"""Events about agents and devices: what their owners are told. Past tense."""

from __future__ import annotations

import msgspec

from cordboard.agents.model import DeviceState
from cordboard.calls.model import Number


class DeviceChanged(msgspec.Struct, frozen=True, gc=False):
    """A device, or the agent at it, changed; ``device`` is the whole of it from then on."""

    device: DeviceState

    @property
    def owner(self) -> Number:
        return self.device.number
