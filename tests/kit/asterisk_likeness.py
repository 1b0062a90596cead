"""A likeness of Asterisk: requests of ARI in, answers and events out, and telephones that people use. Dry.

What is here was seen at Asterisk 22.10 (docs/asterisk.md): which statuses answer what, which events come and in which
order, that a leg hung up takes its snoopers along, that a recording ends unsaid when the last channel leaves its
bridge, that music goes on in a bridge. Answers and events are given apart, as it is not certain which come first.
Deliberately absent: connections (``asterisk_server``), when what arrives (``asterisk_scene``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
from tests.kit.asterisk_things import Channel, Event, Recording, Telephone

from cordboard.switches.ari.wire import Request

Answer: TypeAlias = "tuple[int, Any]"
LINES_MAX = 4
GONE: Answer = (404, {"message": "Channel not found"})
BAD_STATE: Answer = (412, {"message": "Channel in invalid state"})
NO_BRIDGE: Answer = (404, {"message": "Bridge not found"})
NO_RECORDING: Answer = (404, {"message": "Recording not found"})
DONE: Answer = (204, None)


class Likeness:
    """One Asterisk. ``said`` are the events that nobody has taken yet; ``serving`` whether an application listens."""

    def __init__(self, phones: dict[str, str]) -> None:
        self.phones = {number: Telephone(number, endpoint) for number, endpoint in phones.items()}
        self.said: list[Event] = []
        self.serving = True
        self.failing: list[int] = []
        """Statuses that the next requests are answered with, instead of being carried out."""
        self._count = 0
        self.restart()

    def restart(self) -> None:
        """All that there was is gone, and nobody is told."""
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, str] = {}
        self.used: set[str] = set()
        """Names of bridges, which stay taken for a while after a bridge is gone."""
        self.recordings: dict[str, Recording] = {}
        self.stored: set[str] = set()
        self.said.clear()

    def take(self) -> list[Event]:
        said, self.said = self.said, []
        return said

    def _say(self, kind: str, **fields: Any) -> None:
        if self.serving:
            self.said.append({"type": kind, "application": "cordboard", **fields})

    def _tell(self, kind: str, channel: Channel, **fields: Any) -> None:
        self._say(kind, channel=channel.shown(), **fields)

    # -- requests --------------------------------------------------------------------------------------------------

    def request(self, request: Request) -> Answer:
        if self.failing:
            status = self.failing.pop(0)
            if status:
                return status, {"message": "it was told to fail"}
        body = msgspec.json.decode(msgspec.json.encode(request.body or {}))
        place, *parts = request.path.partition("?")[0].split("/")
        rooms: dict[str, Callable[[str, list[str], Event], Answer]] = {
            "channels": self._of_channels,
            "bridges": self._of_bridges,
            "recordings": self._of_recordings,
            "applications": self._of_applications,
            "asterisk": lambda *_: (200, {}),
        }
        return rooms[place](request.method, parts, body)

    def _of_applications(self, method: str, parts: list[str], body: Event) -> Answer:
        return 200, {"name": parts[0], "channel_ids": list(self.channels), "bridge_ids": list(self.bridges)}

    def _of_channels(self, method: str, parts: list[str], body: Event) -> Answer:
        if parts == []:
            return 200, [channel.shown() for channel in self.channels.values()]
        if parts == ["create"]:
            return self._create(body)
        channel = self.channels.get(parts[0])
        if channel is None:
            return GONE
        match method, parts[1:]:
            case "DELETE", []:
                self.hang_up(channel, 32, ours=int(body["reason_code"]))
            case "POST", ["dial"]:
                return self._dial(channel)
            case "POST", ["snoop"]:
                return self._snoop(channel, body)
            case "GET", ["variable"]:
                return 200, {"value": "1" if channel.held else "0"}
            case "POST", ["transfer_progress"]:
                channel.progress.append(body["states"])
            case _:
                return self._treat(method, parts[1], channel, body)
        return DONE

    def _treat(self, method: str, what: str, channel: Channel, body: Event) -> Answer:
        if channel.state not in ("Up", "Ring"):
            return BAD_STATE
        on = method == "POST"
        match what:
            case "moh":
                channel.music = on
            case "ring":
                channel.tone = on
            case "mute":
                channel.muted = on
            case "dtmf":
                channel.digits += body["dtmf"]
            case "answer" if channel.state == "Ring":
                channel.state = "Up"
                self._tell("ChannelStateChange", channel)
            case "answer":
                pass
            case _:
                raise AssertionError(f"{method} {what} is not known here")
        return DONE

    def _create(self, body: Event) -> Answer:
        if body["channelId"] in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        phone = next((one for one in self.phones.values() if one.endpoint == body["endpoint"]), None)
        if phone is None or not phone.plugged or phone.on_ring == "unreachable":
            return 500, {"error": "Allocation failed"}
        channel = self._enter(phone, "Down", body["channelId"])
        channel.auto = "PJSIP_HEADER(add,Call-Info)" in body["variables"]
        self._tell("StasisStart", channel)
        return 200, channel.shown()

    def _enter(self, phone: Telephone, state: str, name: str) -> Channel:
        self._count += 1
        taken = {channel.slot for channel in self.lines(phone.number)}
        slot = next(slot for slot in range(99) if slot not in taken)
        endpoint = phone.endpoint.partition("@")[2] or phone.endpoint.removeprefix("PJSIP/")
        channel = Channel(name, f"PJSIP/{endpoint}-{self._count:08x}", phone.number, state, slot)
        self.channels[name] = channel
        return channel

    def _dial(self, channel: Channel) -> Answer:
        if channel.state != "Down":
            return 409, {"message": "Channel is not in the 'Down' state"}
        self._say("Dial", peer=channel.shown(), dialstatus="")
        phone = self.phones[channel.number]
        if not phone.plugged:
            self.hang_up(channel, 20)
        elif phone.on_ring == "busy" or len(self.lines(channel.number)) > LINES_MAX:
            self.hang_up(channel, 17)
        elif phone.on_ring == "reject":
            self.hang_up(channel, 21)
        else:
            channel.state = "Ringing"
            self._tell("ChannelStateChange", channel)
            self._say("Dial", peer=channel.shown(), dialstatus="RINGING")
            if phone.on_ring == "answer" or channel.auto:
                self.pick_up(channel)
        return DONE

    def _snoop(self, channel: Channel, body: Event) -> Answer:
        if body["snoopId"] in self.channels:
            return 409, {"message": "Channel with given unique ID already exists"}
        snooper = Channel(body["snoopId"], f"Snoop/{channel.id}-{self._count:08x}", "", "Up", -1)
        snooper.snoops, snooper.spies = channel.id, body["spy"] == "both"
        self.channels[snooper.id] = snooper
        self._tell("StasisStart", snooper)
        return 200, snooper.shown()

    def _of_bridges(self, method: str, parts: list[str], body: Event) -> Answer:
        match method, parts:
            case "GET", []:
                return 200, [self._bridge(bridge) for bridge in self.bridges]
            case "POST", [bridge] if bridge in self.used:
                return 409, {"message": f"Bridge with id '{bridge}' already exists"}
            case "POST", [bridge]:
                self.used.add(bridge)
                self.bridges[bridge] = body["name"]
                return 200, self._bridge(bridge)
        if parts[0] not in self.bridges:
            return NO_BRIDGE
        return self._of_bridge(method, parts[0], parts[1:], body)

    def _of_bridge(self, method: str, bridge: str, what: list[str], body: Event) -> Answer:
        match method, what:
            case "GET", []:
                return 200, self._bridge(bridge)
            case "DELETE", []:
                for channel in self._in(bridge):
                    self._leave(channel)
                del self.bridges[bridge]
                self.recordings = {name: one for name, one in self.recordings.items() if one.bridge != bridge}
            case "POST", ["addChannel"]:
                return self._add(bridge, body)
            case "POST", ["removeChannel"]:
                return self._remove(bridge, body["channel"])
            case "POST", ["record"]:
                return self._record(bridge, body["name"])
            case "POST", ["play"]:  # which leaves nothing behind
                pass
            case _:
                raise AssertionError(f"{method} {what} is not known here")
        return DONE

    def _bridge(self, bridge: str) -> Event:
        channels = [channel.id for channel in self._in(bridge)]
        return {"id": bridge, "name": self.bridges[bridge], "bridge_type": "mixing", "channels": channels}

    def _in(self, bridge: str) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.bridge == bridge]

    def _add(self, bridge: str, body: Event) -> Answer:
        channels = [self.channels.get(channel) for channel in body["channel"]]
        if None in channels:
            return 400, {"message": "Channel not found"}
        for channel in channels:
            assert channel is not None
            old = channel.bridge
            channel.bridge, channel.silenced = bridge, body.get("mute", False)
            if old:
                self._tell("ChannelLeftBridge", channel, bridge={"id": old})
                self._end_recordings(old)
            self._tell("ChannelEnteredBridge", channel, bridge={"id": bridge})
        return DONE

    def _remove(self, bridge: str, name: str) -> Answer:
        channel = self.channels.get(name)
        if channel is None:
            return 400, {"message": "Channel not found"}
        if channel.bridge != bridge:
            return 422, {"message": "Channel not in this bridge"}
        self._leave(channel)
        return DONE

    def _leave(self, channel: Channel) -> None:
        bridge, channel.bridge, channel.silenced = channel.bridge, "", False
        if bridge:
            self._tell("ChannelLeftBridge", channel, bridge={"id": bridge})
            self._end_recordings(bridge)

    def _end_recordings(self, bridge: str) -> None:
        """Nobody is told of it."""
        if not self._in(bridge):
            ended = [name for name, one in self.recordings.items() if one.bridge == bridge]
            for name in ended:
                del self.recordings[name]
                self.stored.add(name)

    def _record(self, bridge: str, name: str) -> Answer:
        if name in self.recordings or name in self.stored:
            return 409, {"message": "Recording already exists"}
        self.recordings[name] = Recording(name, bridge)
        self._say("RecordingStarted", recording=self.recordings[name].shown())
        return 201, {"name": name, "format": "wav", "state": "queued"}

    def _of_recordings(self, method: str, parts: list[str], body: Event) -> Answer:
        where, name, *what = parts
        if where == "stored" and method == "GET":
            return (200, {"name": name, "format": "wav"}) if name in self.stored else (404, None)
        if where == "stored":
            self.stored.discard(name)
            return DONE
        recording = self.recordings.get(name)
        if recording is None:
            return NO_RECORDING
        match method, what:
            case "GET", []:
                return 200, recording.shown()
            case _, ["pause"]:
                recording.paused = method == "POST"
            case "POST", ["stop"]:
                del self.recordings[name]
                self.stored.add(name)
                self._say("RecordingFinished", recording={**recording.shown(), "state": "done"})
            case _:
                raise AssertionError(f"{method} {parts} is not known here")
        return DONE

    # -- an operator at the console --------------------------------------------------------------------------------

    def kick(self, channel: Channel) -> None:
        self._leave(channel)

    def destroy(self, bridge: str) -> None:
        self._of_bridges("DELETE", [bridge], {})

    # -- people ----------------------------------------------------------------------------------------------------

    def lines(self, number: str) -> list[Channel]:
        return [one for one in self.channels.values() if one.number == number and not one.snoops]

    def dial(self, number: str, to: str) -> Channel | None:
        """Somebody lifts a receiver and dials; None if nobody serves or there is no line free."""
        phone = self.phones[number]
        if not self.serving or not phone.plugged or len(self.lines(number)) >= LINES_MAX:
            return None
        self._hold_others(number, None)
        channel = self._enter(phone, "Ring", f"179525.{self._count}")
        channel.came_in, channel.exten = True, to
        self._tell("StasisStart", channel)
        return channel

    def pick_up(self, channel: Channel) -> None:
        self._hold_others(channel.number, channel)
        channel.state = "Up"
        self._tell("ChannelStateChange", channel)
        self._say("Dial", peer=channel.shown(), dialstatus="ANSWER")

    def _hold_others(self, number: str, taken: Channel | None) -> None:
        """Telephones have one line that is heard. Those of the trunk are many."""
        if "@" not in self.phones[number].endpoint:
            for channel in self.lines(number):
                if channel is not taken and channel.state == "Up":
                    self.hold(channel)

    def hold(self, channel: Channel) -> None:
        if not channel.held:
            channel.held = True
            self._tell("ChannelHold", channel)

    def retrieve(self, channel: Channel) -> None:
        self._hold_others(channel.number, channel)
        channel.held = False
        self._tell("ChannelUnhold", channel)

    def press(self, channel: Channel, digits: str) -> None:
        for digit in digits:
            self._tell("ChannelDtmfReceived", channel, digit=digit, duration_ms=100)

    def refer(self, channel: Channel, to: str, other: Channel | None = None) -> None:
        """The transfer key, with another line (attended) or without."""
        referred: Event = {"requested_destination": {"destination": to}}
        if other is not None:
            referred = {"requested_destination": {"protocol_id": "x"}, "destination_channel": other.shown()}
        self._say("ChannelTransfer", refer_to=referred, referred_by={"source_channel": channel.shown()})

    def talk(self, name: str) -> str:
        """SIP's NOTIFY with the event "talk" to the channel of this name; why that was not possible, or ""."""
        channel = next((one for one in self.channels.values() if one.name == name), None)
        if channel is None:
            return "No such channel"
        if channel.state == "Ringing":
            self.pick_up(channel)
        elif channel.held:
            self.retrieve(channel)
        return ""

    def hang_up(self, channel: Channel, cause: int = 16, ours: int | None = None) -> None:
        """A channel ends, and its snoopers with it. Of one that came in the end of the application's part is told."""
        fields = {"soft": True} if ours is not None else {}
        self._tell("ChannelHangupRequest", channel, cause=cause, **fields)
        del self.channels[channel.id]
        self._leave(channel)
        self._tell("StasisEnd", channel)
        for snooper in [one for one in self.channels.values() if one.snoops == channel.id]:
            del self.channels[snooper.id]
            self._leave(snooper)
            self._tell("StasisEnd", snooper)
        if not channel.came_in and not channel.snoops:
            self._tell("ChannelDestroyed", channel, cause=cause if ours is None else ours)

    def unplug(self, number: str) -> None:
        self.phones[number].plugged = False
        for channel in self.lines(number):
            self.hang_up(channel, 20)

    # -- ears ------------------------------------------------------------------------------------------------------

    def hears(self, channel: Channel) -> set[str]:
        """Numbers and tones; nothing is silence."""
        heard = {"music"} if channel.music else set()
        if channel.tone:
            heard.add("ringback")
        if channel.held:
            return set()
        for other in self._in(channel.bridge) if channel.bridge else ():
            if other is channel:
                continue
            target = self.channels.get(other.snoops)
            if target is not None and not other.spies:
                continue
            if target is not None:
                heard |= (self.hears(target) - {channel.number}) | ({target.number} if target.speaks else set())
            elif other.speaks:
                heard.add(other.number)
        for snooper in [one for one in self.channels.values() if one.snoops == channel.id and one.bridge]:
            heard |= {one.number for one in self._in(snooper.bridge) if one is not snooper and one.speaks}
        return heard
