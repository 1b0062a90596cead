"""What is to be so of Asterisk and its driver, for scenes and laws."""

from __future__ import annotations

from tests.kit.asterisk_ears import Ears
from tests.kit.asterisk_likeness import Likeness

from cordboard.calls.records import QUIET
from cordboard.switches.ari.driver import Driver


class Checked:
    """A scene that can be looked at."""

    likeness: Likeness
    driver: Driver
    exchange: Ears

    def all_hear(self) -> dict[str, set[str]]:
        """What is heard on each telephone's channels."""
        channels = self.likeness.channels.values()
        return {channel.id: self.likeness.hears(channel) for channel in channels if not channel.snoops}

    def being_recorded(self) -> dict[str, object]:
        """What the driver knows of each recording, and whether all who are in it now are among its parties."""
        tracker = self.driver._tracker
        known: dict[str, object] = {}
        for tape in self.driver._taping._tapes.values():
            present = {tracker.lines[leg].number for leg in tracker.mixes[tape.mix].legs}
            missed = present - set(tape.parties)
            known[tape.id] = (tape.began, tape.paused, tape.live, tape.parts, missed)
        return known

    def check_empty(self) -> None:
        """Nothing is left."""
        likeness, tracker = self.likeness, self.driver._tracker
        left = [*likeness.channels, *likeness.bridges, *likeness.recordings]
        assert not left, f"left at Asterisk: {left}"
        kept = {**tracker.lines, **tracker.channels, **tracker.mixes}
        assert not kept, f"left in the driver: {kept}"

    def check_switch(self) -> None:
        """Nothing at Asterisk that nobody needs, and nothing that the driver sees otherwise."""
        likeness, tracker = self.likeness, self.driver._tracker
        snoopers = [one for one in likeness.channels.values() if one.snoops]
        for bridge in likeness.bridges:
            used = likeness._in(bridge) or [one for one in likeness.recordings.values() if one.bridge == bridge]
            mix = tracker.mixes.get(tracker.mix_with(bridge))
            assert used or (mix is not None and mix.recordings), f"{bridge} is there for nobody"
            known = mix is not None and mix.bridge == bridge
            assert known or any(one.bridge == bridge for one in snoopers), f"{bridge} is not known"
        missing = {mix.bridge for mix in tracker.mixes.values() if mix.made} - set(likeness.bridges)
        assert not missing, f"{missing} should be there"
        for snooper in snoopers:
            together = [one for one in likeness._in(snooper.bridge) if one is not snooper] if snooper.bridge else []
            assert together, f"{snooper.id} snoops for nobody"
        tapes = self.driver._taping._tapes
        live = {tape.part: tape.paused for tape in tapes.values() if tape.live}
        made = {one.name: one.paused for one in likeness.recordings.values()}
        assert made == live, f"recorded is {made}, and the driver thinks {live}"
        for tape in tapes.values():
            assert tape.paused or tape.live is bool(likeness._in(tracker.bridge_of(tape.mix))), (
                f"{tape.id} is recorded: {tape.live}"
            )
        for channel in self.driver._nailing._owners.keys() - tracker.channels.keys():
            heard = self.exchange.place(likeness.channels[channel])
            assert (heard, likeness.channels[channel].muted) == (QUIET, False), f"{channel} waits with {heard}"
        assert not self.driver.outbox._open, f"orders are under way: {self.driver.outbox._open}"
