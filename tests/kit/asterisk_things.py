"""What there is at a likeness of Asterisk: channels, telephones and recordings, and what they show."""

from __future__ import annotations

from typing import Any, TypeAlias

Event: TypeAlias = "dict[str, Any]"


class Channel:
    """One channel. ``number`` is the telephone's, or the caller's outside; ``slot`` which of its lines it is."""

    def __init__(self, channel: str, name: str, number: str, state: str, slot: int = 0) -> None:
        self.id, self.name, self.number, self.state, self.slot = channel, name, number, state, slot
        self.exten = self.connected = ""
        self.came_in = False
        self.auto = False
        self.bridge = ""
        self.silenced = self.muted = self.music = self.tone = self.held = False
        self.snoops = ""
        self.spies = True
        self.digits = ""
        self.progress: list[str] = []

    @property
    def speaks(self) -> bool:
        return not (self.muted or self.silenced or self.held or self.snoops)

    def shown(self) -> Event:
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "caller": {"name": "", "number": self.number},
            "connected": {"name": "", "number": self.connected},
            "dialplan": {"exten": self.exten, "app_name": "Stasis", "app_data": "cordboard"},
        }


class Telephone:
    def __init__(self, number: str, endpoint: str) -> None:
        self.number, self.endpoint = number, endpoint
        self.plugged = True
        self.on_ring = "ring"


class Recording:
    def __init__(self, name: str, bridge: str) -> None:
        self.name, self.bridge, self.paused = name, bridge, False

    def shown(self) -> Event:
        state = "paused" if self.paused else "recording"
        return {"name": self.name, "format": "wav", "state": state, "target_uri": f"bridge:{self.bridge}"}
