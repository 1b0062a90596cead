"""Finding: what there is at Asterisk when the link comes (back), and what it means. Dry.

The switch is the truth (call-semantics I9). Channels that the board does not know are reported like all others: it ends
them. Bridges of ours that nobody is in, and snoopers, are swept here, as the board knows neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from cordboard.calls.records import MUSIC, NOWHERE, RINGBACK, WORDS, Place
from cordboard.calls.reports import LegSeen
from cordboard.switches.ari import wire
from cordboard.switches.ari.coaching import BRIDGE_NAME
from cordboard.switches.ari.events import Bridge, Channel, LiveRecording
from cordboard.switches.ari.life import Life
from cordboard.switches.ari.nailing import Nailing
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Outbox
from cordboard.switches.ari.tracker import Line, Stage, Tracker

_STAGES = {"Up": Stage.UP, "Ringing": Stage.RINGING, "Ring": Stage.OFFERED, "Down": Stage.DIALLED}


_HEARS = (Stage.UP, Stage.OFFERED)


class Found(msgspec.Struct, frozen=True):
    """What Asterisk listed: our application's channels, and all bridges and recordings that could be ours."""

    channels: tuple[Channel, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    recordings: tuple[LiveRecording, ...] = ()
    stored: frozenset[str] = frozenset()
    """Parts of recordings of an earlier process that are complete."""
    held: frozenset[str] = frozenset()
    """The channels whose telephones hold them."""


class Finding:
    """Brings the tracker in line with what was found."""

    def __init__(self, tracker: Tracker, outbox: Outbox, numbering: Numbering, nailing: Nailing, life: Life) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._numbering = numbering
        self._nailing = nailing
        self._life = life

    def compare(self, found: Found, announced: frozenset[str]) -> tuple[LegSeen, ...]:
        """Every leg that exists. Those ``announced`` are left out: they began just now, and their events follow."""
        tracker = self._tracker
        present = frozenset(channel.id for channel in found.channels)
        for line in [line for line in tracker.lines.values() if line.channel not in present]:
            tracker.remove(line)
        self._nailing.found(present, {channel: bridge.id for bridge in found.bridges for channel in bridge.channels})
        for channel in sorted(found.channels, key=_tries, reverse=True):
            if channel.name.startswith("Snoop/"):
                self._outbox.insist(wire.hang_up(channel.id, 16))
            elif channel.id in tracker.channels:
                self._renew(tracker.channels[channel.id], channel)
            elif channel.id not in announced and not self._nailing.has(channel.id):
                self._adopt(channel)
        self._place(found.bridges)
        for line in tracker.lines.values():
            if line.adopted and not line.bridge:
                self._quieten(line)
        seen = tuple(_seen(line) for line in tracker.lines.values() if line.leg not in announced)
        for line in tracker.lines.values():
            line.adopted = False
        return seen

    def _renew(self, line: Line, channel: Channel) -> None:
        """What became of a leg that is known."""
        if line.stage is Stage.CREATED and channel.state == "Down":
            self._life.created(line, channel)
            return
        if line.stage is not Stage.UP and not self._nailing.has(channel.id):
            line.stage = _STAGES.get(channel.state, line.stage)
        line.name = channel.name
        line.dialling = None

    def _adopt(self, channel: Channel) -> None:
        """A leg of a former run, perhaps; or its telephone has been called anew, and this is what rang before."""
        leg = channel.id.partition("~")[0]
        if leg in self._tracker.lines:
            self._outbox.insist(wire.hang_up(channel.id, 26))
            return
        number, external = self._numbering.caller(channel.name, channel.caller.number)
        line = Line(leg, number, channel.id, _STAGES.get(channel.state, Stage.DIALLED))
        line.name = channel.name
        line.came_in = True  # perhaps; of those that did not, too, it is told that they leave the application
        line.adopted = True
        if line.stage is Stage.OFFERED:
            line.dialled, line.external = channel.dialplan.exten, external
        self._tracker.enter(line)

    def _mixes(self, bridges: Sequence[Bridge]) -> dict[str, Bridge]:
        """Our bridges, by mix: one for each, the fullest, should one have been left over; whoever is in that is in
        doubt."""
        mixes: dict[str, Bridge] = {}
        ours = [bridge for bridge in bridges if bridge.name == BRIDGE_NAME]
        for bridge in sorted(ours, key=lambda bridge: -len(bridge.channels)):
            if mixes.setdefault(self._tracker.mix_with(bridge.id), bridge) is not bridge:
                self._outbox.insist(wire.destroy_bridge(bridge.id))
        return mixes

    def _place(self, bridges: Sequence[Bridge]) -> None:
        tracker = self._tracker
        mixes = self._mixes(bridges)
        for mix in [mix for mix in tracker.mixes if mix not in mixes]:
            del tracker.mixes[mix]
        for name, bridge in mixes.items():
            lines = [tracker.channels[channel] for channel in bridge.channels if channel in tracker.channels]
            recordings = tracker.mixes[name].recordings if name in tracker.mixes else ()
            if not lines and not recordings:
                tracker.mixes.pop(name, None)
                self._outbox.insist(wire.destroy_bridge(bridge.id))
                continue
            tracker.found_mix(name, bridge.id)
            for line in lines:
                if line.place != name:
                    self._quieten(line)
                    tracker.put(line, name)
        for line in tracker.lines.values():
            if line.place not in WORDS and (line.place not in mixes or line.channel not in mixes[line.place].channels):
                tracker.leave(line)

    def _quieten(self, line: Line) -> None:
        """What a channel hears beside its bridge is not shown, such as music that was to be stopped when the link
        broke, or whatever a former run let it hear: it is stopped now."""
        if (line.is_up and line.order) or (line.adopted and line.stage in _HEARS):
            for request, place in ((wire.stop_music(line.channel), MUSIC), (wire.stop_ringing(line.channel), RINGBACK)):
                self._outbox.insist(request, partial(self._is_elsewhere, line, place))

    def _is_elsewhere(self, line: Line, place: Place) -> bool:
        return self._tracker.lines.get(line.leg) is line and line.place != place


def _tries(channel: Channel) -> int:
    """How often a telephone was called before that, for the same leg."""
    number = channel.id.partition("~")[2]
    return int(number) if number.isdecimal() else 0


def _seen(line: Line) -> LegSeen:
    ringing = line.stage is Stage.RINGING
    muted = None if line.adopted else line.muted
    seen = LegSeen(line.leg, line.number, line.is_up, ringing, line.place or NOWHERE, muted)
    if not (line.adopted and line.dialled):
        return seen
    return msgspec.structs.replace(seen, dialled=line.dialled, external=line.external)
