"""What there is at a likeness of Asterisk, in the words of the embedded exchange. See ``asterisk_scene``."""

from __future__ import annotations

from tests.kit.asterisk_likeness import Likeness
from tests.kit.asterisk_things import Channel

from cordboard.calls.model import LegId, Number
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK
from cordboard.calls.reports import LegSeen, SwitchSnapshot
from cordboard.switches.ari.driver import Driver
from cordboard.switches.ari.tracker import Stage
from cordboard.switches.virtual.exchange import LineView, PhoneView
from cordboard.switches.virtual.phones import LineState

_STATES = {"Ringing": LineState.RINGING, "Ring": LineState.DIALING, "Up": LineState.TALKING, "Down": LineState.IDLE}


class Ears:
    def __init__(self, likeness: Likeness, driver: Driver) -> None:
        self._likeness = likeness
        self._driver = driver

    def channel(self, leg: LegId) -> Channel:
        return self._likeness.channels[self._driver._tracker.lines[leg].channel]

    def snapshot(self) -> SwitchSnapshot:
        tracker, nailing = self._driver._tracker, self._driver._nailing
        legs = tuple(
            self._seen(one)
            for one in self._likeness.channels.values()
            if not one.snoops and (one.id in tracker.channels or not nailing.has(one.id))
        )
        return SwitchSnapshot(legs, self._driver._taping.seen())

    def _seen(self, channel: Channel) -> LegSeen:
        """A call on a line that stays open rings in its owner's ear."""
        line = self._driver._tracker.channels.get(channel.id)
        leg, place = line.leg if line is not None else channel.id, self.place(channel)
        if line is not None and line.nailed and line.stage is Stage.RINGING and place == RINGBACK:
            return LegSeen(leg, channel.number, False, True, NOWHERE, channel.muted)
        return LegSeen(leg, channel.number, channel.state == "Up", channel.state == "Ringing", place, channel.muted)

    def place(self, channel: Channel) -> str:
        """Where a channel is; of one that is in two places, both. Whoever dialled and is not answered hears nobody."""
        likeness = self._likeness
        bridge = channel.bridge
        for snooper in likeness._in(bridge) if bridge else ():
            if snooper.snoops:
                bridge = likeness.channels[snooper.snoops].bridge
        places = [self._driver._tracker.mix_with(bridge)] if bridge else []
        places += [word for word, on in ((MUSIC, channel.music), (RINGBACK, channel.tone)) if on]
        places += ["unanswered"] if bridge and channel.state == "Ring" else []
        nothing = QUIET if channel.state == "Up" or channel.came_in else NOWHERE
        return "+".join(places) or nothing

    def is_muted(self, leg: LegId) -> bool:
        return self.channel(leg).muted

    def hears(self, leg: LegId) -> list[str]:
        return sorted(self._likeness.hears(self.channel(leg)))

    def phone(self, number: Number) -> PhoneView:
        lines = tuple(
            LineView(one.slot, LineState.HELD if one.held else _STATES[one.state], None)
            for one in self._likeness.lines(number)
        )
        return PhoneView(number, LineState.IDLE, lines, ())
