"""Placements: who hears what, as requests. Dry.

An order is planned against where every leg is *meant* to be, asked at once and applied at once: requests are carried
out in the order in which they were asked, so the next plan holds. If one fails, the order has failed, and so have those
that came after it for the same legs: they were planned from where these never came to be. Such legs are in doubt until
they are placed again, which the board orders at once (``calls.placing.misplaced``).

How it sounds (asterisk §2): a held party is taken out of its bridge and its channel plays music, as bridges with music
are silent at the second visit; music is stopped before a channel joins a bridge, where it would go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from cordboard.calls.model import LegId, MonitorKind
from cordboard.calls.orders import PlaceLegs, SpyLeg
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK, WORDS, Place
from cordboard.switches.ari import wire
from cordboard.switches.ari.coaching import BRIDGE_NAME, Coaching
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.tracker import Line, Stage, Tracker
from cordboard.switches.ari.wire import Request

_Seat: TypeAlias = tuple[Place, str]
"""Where a leg was before an order, and which bridge that is."""


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
        staying = self._take_over(order)
        legs = tuple(leg for leg in legs if leg not in staying)
        before = {leg: self._seat(lines[leg]) for leg in legs}
        job = Job(self._outbox, order.order, lambda _: self._undo(order.order, before))
        job.after(lines[leg].order for leg in (*legs, *staying))
        for place, placed in ((QUIET, order.quiet), (MUSIC, order.music), (RINGBACK, order.ringback)):
            for leg in placed:
                job.ask(*self._move(lines[leg], place))
        if order.mixed:
            job.ask(*self._join([lines[leg] for leg in order.mixed], order.mix, job))
        for leg in legs:
            self._coaching.end(lines[leg])
            lines[leg].order = order.order
        for leg in (*order.ringback, *order.mixed):
            if lines[leg].held:
                self._resume(lines[leg], job)
        job.close()
        self._tidy(before)
        return None

    def _take_over(self, order: PlaceLegs) -> frozenset[LegId]:
        """Let a mix that has no bridge have that in which one of its legs is already, if nobody in there belongs
        elsewhere. Returns the legs that stay where they are by that: nothing is asked for them, and whatever becomes of
        the order, they are there."""
        tracker = self._tracker
        if order.mix in tracker.mixes:
            return frozenset()
        named = frozenset((*order.mixed, *order.music, *order.ringback, *order.quiet, *order.leaving))
        for leg in order.mixed:
            place = tracker.lines[leg].place
            mix = tracker.mixes.get(place)
            if mix is not None and mix.made and not mix.recordings and named.issuperset(mix.legs):
                tracker.rename(place, order.mix)
                staying = [tracker.lines[leg] for leg in mix.legs if leg in (*order.mixed, *order.leaving)]
                return frozenset(line.leg for line in staying if self._is_heard_in(line, order.mix))
        return frozenset()

    def _is_heard_in(self, line: Line, mix: str) -> bool:
        return line.place == mix and line.silenced is False and not self._coaching.bridge_of(line)

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
        job.after([line.order])
        if order.kind in (MonitorKind.COACH, MonitorKind.PROMPT) and order.target:
            self._coach(line, lines[order.target], order, job)
        else:
            job.ask(*self._join([line], order.mix, job, silenced=order.kind is not MonitorKind.BARGE_IN))
            self._coaching.end(line)
        line.order = order.order
        if line.held:
            self._resume(line, job)
        job.close()
        self._tidy(before)
        return None

    def _coach(self, line: Line, target: Line, order: SpyLeg, job: Job) -> None:
        """Its place is the mix, although it is beside it."""
        self.need(order.mix, job)
        job.ask(*self._leaving(line))
        self._coaching.end(line)
        self._tracker.put(line, order.mix)
        self._coaching.begin(line, target, job, hears=order.kind is MonitorKind.COACH)

    def _objection(self, legs: Iterable[LegId], mix: str | None) -> str | None:
        for leg in legs:
            line = self._tracker.lines.get(leg)
            if line is None or line.drop_reason is not None:
                return f"there is no leg {leg!r}"
        return f"{mix!r} can't be the name of a mix" if mix in WORDS else None

    def forget(self, line: Line) -> None:
        """A leg is over: so is a mix that it was the last in."""
        place = line.place
        self._coaching.end(line)
        self._tracker.remove(line)
        self._destroy_if_idle(place)

    def part(self, line: Line) -> None:
        """The leg is about to end: nobody hears it any more."""
        place = line.place
        for request in self._move(line, QUIET):
            self._outbox.ask(request)
        self._destroy_if_idle(place)

    def rest(self, line: Line, ask: Callable[[str, Request], None]) -> None:
        """The leg is over but its channel stays: let it hear nothing, whatever becomes of what is under way."""
        place = line.place
        if self._outbox.job(line.order) is not None:
            line.doubt |= {self._tracker.bridge_of(place)} - {""}
            self._tracker.leave(line)
        self._coaching.end(line)
        for request in self._move(line, QUIET):
            ask(line.channel, request)
        self._tracker.remove(line)
        self._destroy_if_idle(place)

    def need(self, mix: str, job: Job) -> None:
        """Make sure that there is such a mix; ``job`` fails if it can't be made."""
        found = self._tracker.mixes.get(mix)
        if found is not None and found.made:
            return
        made = self._tracker.open(mix)
        request = wire.create_bridge(made.bridge, BRIDGE_NAME)
        job.wait()

        def answered(status: int, body: str) -> None:
            made.made = request.is_done_by(status)
            job.step_done() if made.made else job.fail(wire.explained(request, status, body))

        self._outbox.ask(request, answered)

    def _destroy_if_idle(self, place: Place) -> None:
        mix = self._tracker.mixes.get(place)
        if mix is not None and mix.is_idle:
            del self._tracker.mixes[place]
            if mix.bridge:
                self._outbox.insist(wire.destroy_bridge(mix.bridge))

    def let_go(self, mix: str) -> None:
        """A recording has left it."""
        self._destroy_if_idle(mix)

    # -- moves -----------------------------------------------------------------------------------------------------

    def _move(self, line: Line, place: Place) -> list[Request]:
        """Out of its bridge, to hear music, ringing or nothing."""
        if line.place == place:
            return []
        requests = self._leaving(line, place)
        if place == MUSIC:
            requests += [*_answering(line), wire.play_music(line.channel, self._music)]
        elif place == RINGBACK:
            requests.append(wire.ring(line.channel))
        self._tracker.put(line, place)
        return requests

    def _join(self, lines: list[Line], mix: str, job: Job, *, silenced: bool = False) -> list[Request]:
        self.need(mix, job)
        requests: list[Request] = []
        joining: list[Line] = []
        for line in lines:
            if line.place == mix and line.silenced is silenced and not self._coaching.bridge_of(line):
                continue
            requests += [*_answering(line), *self._leaving(line, QUIET if line.place == mix else NOWHERE)]
            self._tracker.put(line, mix)
            line.silenced = silenced
            joining.append(line)
        if joining:
            channels = tuple(line.channel for line in joining)
            requests.append(wire.add(self._tracker.bridge_of(mix), channels, mute=silenced))
        return requests

    def _leaving(self, line: Line, place: Place = NOWHERE) -> list[Request]:
        """What ends where it is. A channel that is moved to another bridge leaves its own by that; music or ringing
        that may be there and is wanted goes on."""
        channel = line.channel
        in_doubt = line.place == NOWHERE and line.order
        requests = []
        if line.place == MUSIC or (in_doubt and place != MUSIC):
            requests.append(wire.stop_music(channel))
        if line.is_up and (line.place == RINGBACK or (in_doubt and place != RINGBACK)):
            requests.append(wire.stop_ringing(channel))
        bridges = {line.bridge, *line.doubt} if in_doubt else {self._tracker.bridge_of(line.place)}
        coaching = self._coaching.bridge_of(line)
        bridges = {coaching} if coaching else bridges - {""}
        if place != NOWHERE:
            requests += [wire.remove(bridge, channel) for bridge in sorted(bridges)]
        line.silenced = False
        return requests

    # -- failures --------------------------------------------------------------------------------------------------

    def _undo(self, order: int, before: dict[LegId, _Seat]) -> None:
        """Where the legs of a failed order are is in doubt: the board orders again whatever it thinks right. Those that
        a later order has moved are in doubt with that one, which fails as well."""
        for leg, (_, bridge) in before.items():
            line = self._tracker.lines.get(leg)
            if line is None:
                continue
            place = line.place
            line.doubt |= {bridge, self._tracker.bridge_of(place)} - {""}
            if line.order == order:
                self._coaching.end(line)
                self._tracker.leave(line)
                self._destroy_if_idle(place)

    def _seat(self, line: Line) -> _Seat:
        return line.place, self._tracker.bridge_of(line.place)

    def _tidy(self, before: dict[LegId, _Seat]) -> None:
        """Mixes that were left by the last leg go."""
        for place, _ in dict.fromkeys(before.values()):
            self._destroy_if_idle(place)


def _answering(line: Line) -> list[Request]:
    """Somebody who dialled is answered by being connected; once more does no harm, not at all leaves him in silence."""
    if not (line.is_incoming or line.answering):
        return []
    line.stage, line.answering = Stage.UP, True
    return [wire.answer(line.channel)]
