"""Healing: channels that somebody else took out of their bridge, such as an operator at Asterisk, are put back. Dry.

An event that tells of this may be old: its channel may have been moved away and back since, by orders. So Asterisk is
asked who is in the bridge, and only whoever should be and is not is put back. If that fails again and again the leg is
ended: nobody stays in silence (call-semantics I3). A bridge that is gone while only a recording needs it is made again
when somebody is to join.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cordboard.calls.model import LegId, Reason
from cordboard.switches.ari import wire
from cordboard.switches.ari.coaching import BRIDGE_NAME, Coaching
from cordboard.switches.ari.outbox import Outbox
from cordboard.switches.ari.tracker import Line, Mix, Tracker

_TRIES = 4
_WITHIN_S = 10.0
"""So often in this time a leg is put back."""


class Healing:
    def __init__(self, tracker: Tracker, outbox: Outbox, coaching: Coaching) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._coaching = coaching
        self._tries: dict[LegId, tuple[int, float]] = {}
        """How often, and since when."""
        self.on_return: Callable[[str], None] = lambda _: None
        """Called with the mix that somebody is in again."""
        self.now = 0.0

    def left(self, line: Line, bridge: str) -> None:
        """A leg's channel has left this bridge; one that is hung up leaves it, too."""
        mix = self._tracker.mixes.get(self._tracker.known_mix(bridge))
        if self._belongs(line, bridge) or (mix is not None and mix.recordings):
            self._look(line, bridge)

    def gone(self, line: Line) -> None:
        self._tries.pop(line.leg, None)

    def forget(self) -> None:
        """The link is lost; what there is is found out otherwise."""
        self._tries.clear()

    def _belongs(self, line: Line, bridge: str) -> bool:
        if line.ending or line.drop_reason is not None or self._tracker.lines.get(line.leg) is not line:
            return False
        return bridge == (self._coaching.bridge_of(line) or self._tracker.bridge_of(line.place))

    def _look(self, line: Line, bridge: str) -> None:
        self._outbox.ask(wire.look_into(bridge), partial(self._seen, line, bridge))

    def _seen(self, line: Line, bridge: str, status: int, body: str) -> None:
        members = wire.members(status, body)
        if status == wire.GONE:
            self._bridge_gone(bridge)
        if not self._belongs(line, bridge) or (members is not None and line.channel in members):
            return
        if not self._may_try(line):
            self._give_up(line)
        elif members is not None:
            self._put_back(line, bridge)
        elif status == wire.GONE and not self._coaching.bridge_of(line):
            self._make_anew(self._tracker.mixes[line.place], line.place)
        else:
            self._look(line, bridge)

    def _bridge_gone(self, bridge: str) -> None:
        mix = self._tracker.mixes.get(self._tracker.known_mix(bridge))
        if mix is not None:
            mix.made = False

    def _may_try(self, line: Line) -> bool:
        count, since = self._tries.get(line.leg, (0, self.now))
        if self.now - since > _WITHIN_S:
            count, since = 0, self.now
        self._tries[line.leg] = (count + 1, since)
        return count < _TRIES

    def _put_back(self, line: Line, bridge: str) -> None:
        request = wire.add(bridge, (line.channel,), mute=bool(line.silenced))

        def answered(status: int, _: str) -> None:
            if request.is_done_by(status):
                self.on_return(line.place)
            elif self._belongs(line, bridge):
                self._look(line, bridge)

        self._outbox.ask(request, answered)

    def _make_anew(self, mix: Mix, name: str) -> None:
        """The bridge itself is gone."""
        self._tracker.open(name)
        self._outbox.ask(wire.create_bridge(mix.bridge, BRIDGE_NAME))
        for leg in mix.legs:
            line = self._tracker.lines[leg]
            if self._belongs(line, mix.bridge):
                self._put_back(line, mix.bridge)

    def _give_up(self, line: Line) -> None:
        line.drop_reason = Reason.SWITCH_ERROR
        self._outbox.insist(wire.hang_up(line.channel, wire.cause_of(line.drop_reason)))
