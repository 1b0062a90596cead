"""Placements: who hears what, as requests. Dry.

An order is planned against where every leg is *meant* to be, asked at once and applied at once: requests are carried
out in the order in which they were asked, so the next plan holds. If one fails, every leg of the order that no later
one has moved is put back, and the order has failed (``calls.reports.OrderFailed``).

How it sounds (asterisk §2): a held party is taken out of its bridge and its channel plays music, as bridges with music
are silent at the second visit; music is stopped before a channel joins a bridge, where it would go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cordboard.calls.model import LegId, MonitorKind
from cordboard.calls.orders import PlaceLegs, SpyLeg
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK, Place
from cordboard.switches.ari import wire
from cordboard.switches.ari.coaching import BRIDGE_NAME, Coaching
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.tracker import Line, Stage, Tracker
from cordboard.switches.ari.wire import Request

_WORDS = frozenset({NOWHERE, QUIET, MUSIC, RINGBACK})


class Placements:
    """Moves legs. ``resume`` asks a phone that holds its line to take it back, for a job that waits for that."""

    def __init__(
        self, tracker: Tracker, outbox: Outbox, coaching: Coaching, music: str, resume: Callable[[Line, Job], None]
    ) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._coaching = coaching
        self._music = music
        self._resume = resume

    def place(self, order: PlaceLegs) -> str | None:
        """Do it, or say why not and change nothing."""
        lines = self._tracker.lines
        legs = (*order.quiet, *order.music, *order.ringback, *order.mixed)
        failure = self._objection(legs, order.mix if order.mixed else None)
        if failure is not None:
            return failure
        before = {leg: self._seat(lines[leg]) for leg in legs}
        job = Job(self._outbox, order.order, lambda _: self._undo(order.order, before))
        for place, placed in ((QUIET, order.quiet), (MUSIC, order.music), (RINGBACK, order.ringback)):
            for leg in placed:
                job.ask(*self._move(lines[leg], place))
        if order.mixed:
            job.ask(*self._join([lines[leg] for leg in order.mixed], order.mix))
        for leg in legs:
            self._coaching.end(lines[leg])
            lines[leg].order = order.order
        for leg in (*order.ringback, *order.mixed):
            if lines[leg].held:
                self._resume(lines[leg], job)
        job.close()
        self._tidy(before)
        return None

    def spy(self, order: SpyLeg) -> str | None:
        """Put a supervisor's leg into a mix, heard by whom it should be; or say why not and change nothing."""
        lines = self._tracker.lines
        failure = self._objection([order.leg, *([order.target] if order.target else ())], order.mix)
        if failure is not None:
            return failure
        line = lines[order.leg]
        if not line.is_up:
            return f"leg {order.leg!r} is not answered"
        before = {order.leg: self._seat(line)}
        job = Job(self._outbox, order.order, lambda _: self._undo(order.order, before))
        if order.kind is MonitorKind.COACH and order.target:
            self._coach(line, lines[order.target], order.mix, job)
        else:
            job.ask(*self._join([line], order.mix, silenced=order.kind is not MonitorKind.BARGE_IN))
            self._coaching.end(line)
        line.order = order.order
        if line.held:
            self._resume(line, job)
        job.close()
        self._tidy(before)
        return None

    def _coach(self, line: Line, target: Line, mix: str, job: Job) -> None:
        """Its place is the mix, although it is beside it."""
        job.ask(*self.need(mix), *self._leaving(line, moved=True))
        self._coaching.end(line)
        self._tracker.put(line, mix)
        self._coaching.begin(line, target, job)

    def _objection(self, legs: Iterable[LegId], mix: str | None) -> str | None:
        for leg in legs:
            line = self._tracker.lines.get(leg)
            if line is None or line.drop_reason is not None:
                return f"there is no leg {leg!r}"
        return f"{mix!r} can't be the name of a mix" if mix in _WORDS else None

    def forget(self, line: Line) -> None:
        """A leg is over: so is a mix that it was the last in."""
        place = line.place
        self._coaching.end(line)
        self._tracker.remove(line)
        self._destroy_if_idle(place)

    def rest(self, line: Line) -> None:
        """The leg is over but its channel stays: let it hear nothing."""
        place = line.place
        self._coaching.end(line)
        for request in self._move(line, QUIET):
            self._outbox.ask(request)
        self._tracker.remove(line)
        self._destroy_if_idle(place)

    def need(self, mix: str) -> list[Request]:
        """What makes sure that there is such a mix."""
        if mix in self._tracker.mixes:
            return []
        return [wire.create_bridge(self._tracker.open(mix), BRIDGE_NAME)]

    def _destroy_if_idle(self, place: Place) -> None:
        mix = self._tracker.mixes.get(place)
        if mix is not None and mix.is_idle:
            del self._tracker.mixes[place]
            self._outbox.ask(wire.destroy_bridge(mix.bridge))

    def let_go(self, mix: str) -> None:
        """A recording has left it."""
        self._destroy_if_idle(mix)

    # -- moves -----------------------------------------------------------------------------------------------------

    def _move(self, line: Line, place: Place) -> list[Request]:
        """Out of its bridge, to hear music, ringing or nothing."""
        if line.place == place:
            return []
        requests = self._leaving(line, moved=False)
        if place == MUSIC:
            requests += [*_answering(line), wire.play_music(line.channel, self._music)]
        elif place == RINGBACK:
            requests.append(wire.ring(line.channel))
        self._tracker.put(line, place)
        return requests

    def _join(self, lines: list[Line], mix: str, *, silenced: bool = False) -> list[Request]:
        requests = self.need(mix)
        joining: list[Line] = []
        for line in lines:
            if line.place == mix and line.silenced is silenced and not self._coaching.bridge_of(line):
                continue
            requests += [*_answering(line), *self._leaving(line, moved=line.place != mix)]
            self._tracker.put(line, mix)
            line.silenced = silenced
            joining.append(line)
        if joining:
            channels = tuple(line.channel for line in joining)
            requests.append(wire.add(self._tracker.bridge_of(mix), channels, mute=silenced))
        return requests

    def _leaving(self, line: Line, *, moved: bool) -> list[Request]:
        """What ends where it is. A channel that is ``moved`` to another bridge leaves its own by that."""
        channel = line.channel
        in_doubt = line.place == NOWHERE and line.order
        requests = []
        if line.place == MUSIC or in_doubt:
            requests.append(wire.stop_music(channel))
        if line.is_up and (line.place == RINGBACK or in_doubt):
            requests.append(wire.stop_ringing(channel))
        bridge = self._tracker.bridge_of(line.place) or (line.bridge if in_doubt else "")
        bridge = self._coaching.bridge_of(line) or bridge
        if bridge and not moved:
            requests.append(wire.remove(bridge, channel))
        line.silenced = False
        return requests

    # -- failures --------------------------------------------------------------------------------------------------

    def _seat(self, line: Line) -> _Seat:
        return _Seat(line, bool(self._coaching.bridge_of(line)))

    def _undo(self, order: int, before: dict[LegId, _Seat]) -> None:
        """Put the legs of a failed order back where they were. What can't be put back is in doubt, and the board
        orders again whatever it thinks right."""
        for leg, seat in before.items():
            line = self._tracker.lines.get(leg)
            if line is None or line.order != order:
                continue
            place = line.place
            self._tracker.leave(line)
            self._restore(line, seat)
            self._destroy_if_idle(place)

    def _restore(self, line: Line, seat: _Seat) -> None:
        def doubt(status: int, request: Request) -> None:
            if not request.is_done_by(status) and line.place == seat.place:
                self._tracker.leave(line)

        if seat.place in _WORDS:
            requests = self._move(line, seat.place) if seat.place != NOWHERE else self._leaving(line, moved=False)
        else:
            requests = self._join([line], seat.place, silenced=seat.silenced)
        for request in requests:
            self._outbox.ask(request, lambda status, _, request=request: doubt(status, request))  # type: ignore[misc]

    def _tidy(self, before: dict[LegId, _Seat]) -> None:
        """Mixes that were left by the last leg go."""
        for place in {seat.place for seat in before.values()}:
            self._destroy_if_idle(place)


class _Seat:
    """Where a leg was before an order; a coach is not put back, as its target may be gone."""

    __slots__ = ("place", "silenced")

    def __init__(self, line: Line, coached: bool) -> None:
        self.place = NOWHERE if coached else line.place
        self.silenced = line.silenced


def _answering(line: Line) -> list[Request]:
    """Somebody who dialled is answered by being connected."""
    if not line.is_incoming:
        return []
    line.stage = Stage.UP
    return [wire.answer(line.channel)]
