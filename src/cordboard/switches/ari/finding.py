"""Finding: what there is at Asterisk when the link comes (back), and what it means. Dry.

The switch is the truth (call-semantics I9). Channels that the board does not know are reported like all others: it ends
them. Bridges of ours that nobody is in, and snoopers, are swept here, as the board knows neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from cordboard.calls.model import LegId, Number
from cordboard.calls.records import MUSIC, NOWHERE, RINGBACK, WORDS, Place
from cordboard.calls.reports import LegSeen
from cordboard.switches.ari import wire
from cordboard.switches.ari.coaching import BRIDGE_NAME, is_coaching
from cordboard.switches.ari.events import Bridge, Channel, LiveRecording
from cordboard.switches.ari.life import Life
from cordboard.switches.ari.nailing import Nailing
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Outbox
from cordboard.switches.ari.remembering import Remembering
from cordboard.switches.ari.tracker import Line, Stage, Tracker

_STAGES = {"Up": Stage.UP, "Ringing": Stage.RINGING, "Ring": Stage.OFFERED, "Down": Stage.DIALLED}


_HEARS = (Stage.UP, Stage.OFFERED)
_RECORDED = "bridge:"
"""What the name of a bridge begins with in that of what is being recorded."""


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

    def __init__(
        self,
        tracker: Tracker,
        outbox: Outbox,
        numbering: Numbering,
        nailing: Nailing,
        life: Life,
        remembering: Remembering,
    ) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._numbering = numbering
        self._nailing = nailing
        self._life = life
        self._remembering = remembering

    def compare(self, found: Found, announced: frozenset[str]) -> tuple[LegSeen, ...]:
        """Every leg that exists. Those ``announced`` are left out: they began just now, and their events follow."""
        tracker = self._tracker
        present = frozenset(channel.id for channel in found.channels)
        for line in [line for line in tracker.lines.values() if line.channel not in present]:
            tracker.remove(line)
        self._look_at_channels(found.channels, announced)
        bridged = {channel: bridge.id for bridge in found.bridges for channel in bridge.channels}
        self._nailing.found(present, bridged)
        self._place(found)
        for line in tracker.lines.values():
            if line.adopted:
                line.bridge = bridged.get(line.channel, "")
                line.held = line.channel in found.held
                line.silenced = None if self._remembering.spies(line.leg) else False
                self._go_on_hearing(line)
        seen = tuple(_seen(line) for line in tracker.lines.values() if line.leg not in announced)
        for line in tracker.lines.values():
            line.adopted = False
        self._remembering.forget()
        return seen

    def _look_at_channels(self, channels: Sequence[Channel], announced: frozenset[str]) -> None:
        own = frozenset(_leg_of(channel) for channel in channels)
        for channel in sorted(channels, key=_tries, reverse=True):
            if channel.name.startswith("Snoop/"):
                self._outbox.insist(wire.hang_up(channel.id, 16))
            elif channel.id in self._tracker.channels:
                self._renew(self._tracker.channels[channel.id], channel)
            elif channel.id not in announced and not self._nailing.has(channel.id):
                self._adopt(channel, own)

    def _renew(self, line: Line, channel: Channel) -> None:
        """What became of a leg that is known."""
        if line.stage is Stage.CREATED and channel.state == "Down":
            self._life.created(line, channel)
            return
        if line.stage is not Stage.UP and not self._nailing.has(channel.id):
            line.stage = _STAGES.get(channel.state, line.stage)
        line.answering = line.answering and channel.state != "Up"
        line.name = channel.name
        line.dialling = None

    def _adopt(self, channel: Channel, own: frozenset[LegId]) -> None:
        """A leg of a former run, perhaps; or its telephone has been called anew, and this is what rang before; or a
        line that stays open. One that may not have been rung is called again. ``own`` are the legs that have channels
        of their own."""
        leg = _leg_of(channel)
        unrung = channel.state == "Down" and self._remembering.is_to_be_dialled(leg)
        if leg in self._tracker.lines or unrung:
            self._outbox.insist(wire.hang_up(channel.id, 26))
            self._tracker.taken.add(channel.id)
            return
        number, external = self._numbering.caller(channel.name, channel.caller.number)
        stage = _STAGES.get(channel.state, Stage.DIALLED)
        line: Line | None = Line(leg, number, channel.id, stage)
        if stage is Stage.UP and not self._remembering.knows(leg) and self._may_be_laid(number):
            line = self._nailing.adopt(channel, number, self._remembering.on_line(number, own))
        elif stage is Stage.OFFERED and self._nailing.offered(channel, number, channel.dialplan.exten):
            line = None
        if line is None:
            return
        line.name, line.nailed = channel.name, self._numbering.is_nailed_up(number)
        line.caller, line.redialled = channel.connected.number, _tries(channel)
        line.came_in = True  # perhaps; of those that did not, too, it is told that they leave the application
        line.adopted = True
        if line.stage is Stage.OFFERED:
            line.dialled, line.external = channel.dialplan.exten, external
        self._tracker.enter(line)

    def _may_be_laid(self, number: Number) -> bool:
        return self._numbering.is_nailed_up(number) and not self._nailing.is_laid(number)

    def _mixes(self, found: Found) -> dict[str, Bridge]:
        """Our bridges, by mix: one for each, the fullest, should one have been left over; whoever is in that is in
        doubt."""
        mixes: dict[str, Bridge] = {}
        recorded = {one.target_uri.removeprefix(_RECORDED): one.name for one in found.recordings}
        claims = [
            (bridge, self._mix_of(bridge, recorded.get(bridge.id, "")), self._tracker.mix_with(bridge.id))
            for bridge in found.bridges
            if bridge.name == BRIDGE_NAME
        ]
        for bridge, *names in sorted(claims, key=lambda claim: (claim[1] != claim[2], -len(claim[0].channels))):
            name = next((name for name in names if name not in mixes), None)
            if name is not None:
                mixes[name] = bridge
            else:
                self._outbox.insist(wire.destroy_bridge(bridge.id))
        return mixes

    def _mix_of(self, bridge: Bridge, recording: str) -> str:
        """Which mix a bridge is. It may have become that of another mix than it was made for: then those in it were
        meant to be there, and what is recorded is that mix."""
        tracker = self._tracker
        known = tracker.known_mix(bridge.id)
        if known or is_coaching(bridge.id):
            return known or bridge.id
        legs = [tracker.channels[channel].leg for channel in bridge.channels if channel in tracker.channels]
        meant = self._remembering.mix_recorded(recording) or self._remembering.mix_of(legs)
        return meant if meant and not tracker.bridge_of(meant) else tracker.mix_with(bridge.id)

    def _place(self, found: Found) -> None:
        tracker = self._tracker
        mixes = self._mixes(found)
        for mix in [mix for mix in tracker.mixes if mix not in mixes]:
            self._is_missing(mix)
        for name, bridge in mixes.items():
            lines = [tracker.channels[channel] for channel in bridge.channels if channel in tracker.channels]
            recordings = tracker.mixes[name].recordings if name in tracker.mixes else ()
            if not lines and not recordings:
                tracker.mixes.pop(name, None)
                self._outbox.insist(wire.destroy_bridge(bridge.id))
                continue
            tracker.found_mix(name, bridge.id)
            for line in [line for line in lines if line.place != name]:
                if self._remembering.place_for_sure(line.leg) != name:
                    self._quieten(line)
                tracker.put(line, name)
                if line.nailed:
                    line.silenced = None  # it may be there yet for the call before
        for line in tracker.lines.values():
            if line.place not in WORDS and (line.place not in mixes or line.channel not in mixes[line.place].channels):
                tracker.leave(line)

    def _is_missing(self, name: str) -> None:
        """A mix has no bridge. One that a former run recorded gets another as soon as somebody is to be in it."""
        mix = self._tracker.mixes[name]
        if mix.bridge:
            del self._tracker.mixes[name]
        else:
            mix.made = False

    def _go_on_hearing(self, line: Line) -> None:
        """Music and ringing go on while no server is there. What was still being ordered is in doubt, and ordered
        again."""
        if line.bridge:
            return
        place, line.order = self._remembering.place_for_sure(line.leg), self._remembering.order_of(line.leg)
        if place not in WORDS:
            place = NOWHERE
        if line.nailed and place == RINGBACK:
            place = NOWHERE  # it was said to ring in its owner's ear before Asterisk had said so
        if place != NOWHERE and line.stage in _HEARS:
            self._tracker.put(line, place)
        elif not line.order:
            self._quieten(line)

    def _quieten(self, line: Line) -> None:
        """What a channel hears beside its bridge is not shown, such as music that was to be stopped when the link
        broke, or whatever a former run let it hear: it is stopped now."""
        if (line.is_up and line.order) or (line.adopted and line.stage in _HEARS):
            for request, place in ((wire.stop_music(line.channel), MUSIC), (wire.stop_ringing(line.channel), RINGBACK)):
                self._outbox.insist(request, partial(self._is_elsewhere, line, place))

    def _is_elsewhere(self, line: Line, place: Place) -> bool:
        return self._tracker.lines.get(line.leg) is line and line.place != place


def _leg_of(channel: Channel) -> LegId:
    return channel.id.partition("~")[0]


def _tries(channel: Channel) -> int:
    """How often a telephone was called before that, for the same leg."""
    number = channel.id.partition("~")[2]
    return int(number) if number.isdecimal() else 0


def _seen(line: Line) -> LegSeen:
    ringing = line.stage is Stage.RINGING
    muted = None if line.adopted else line.muted
    # Of those that are known it is reported who has pressed what meanwhile.
    held = line.adopted and line.held
    seen = LegSeen(line.leg, line.number, line.is_up, ringing, line.place or NOWHERE, muted, held=held)
    if not (line.adopted and line.dialled):
        return seen
    return msgspec.structs.replace(seen, dialled=line.dialled, external=line.external)
