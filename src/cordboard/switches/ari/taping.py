"""Taping: recordings of mixes, made by Asterisk in parts. Dry.

Asterisk ends a recording when the last channel leaves its bridge, without saying so. So a recording is made of parts:
one ends when its mix is empty, the next begins when somebody joins; ``switch`` puts them together. A part takes a
moment to begin, and can neither be paused nor stopped until it has (409).
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import assert_never

import msgspec

from cordboard.calls.model import CallId, Number, Recording, RecordingId
from cordboard.calls.orders import PauseRecording, RecordingOrder, ResumeRecording, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded, is_message
from cordboard.calls.records import Tape
from cordboard.calls.reports import OrderDone, RecordingEnded, RecordingSeen
from cordboard.switches.ari import wire
from cordboard.switches.ari.events import LiveRecording
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.placements import Placements
from cordboard.switches.ari.tracker import Mix, Tracker
from cordboard.switches.ari.wire import Request

_TRIES = 4


class Complete(msgspec.Struct, frozen=True):
    """A recording that is over, and the names of its parts at Asterisk."""

    recorded: Recorded
    parts: tuple[str, ...]


class _Tape(msgspec.Struct, eq=False):
    """One recording. ``live`` while its latest part is being made, ``begun`` once that part has begun; ``waiting`` is
    what is to be asked then; ``unsure`` if an earlier process had it, and nobody knows its parts; ``ordered`` if it
    was only ordered to begin then, or to end."""

    id: RecordingId
    mix: str
    call: CallId
    starter: Number
    began: float
    parties: list[Number] = []
    parts: list[str] = []
    paused: bool = False
    live: bool = False
    begun: bool = False
    stopping: bool = False
    unsure: bool = False
    ordered: bool = False
    waiting: list[tuple[Job, Request]] = []

    @property
    def part(self) -> str:
        return self.parts[-1]

    def complete(self) -> Complete:
        parties = tuple(self.parties)
        recorded = Recorded(self.id, self.mix, self.call, self.starter, parties, self.began, 0.0)
        return Complete(recorded, tuple(self.parts))


def part_of(recording: RecordingId, number: int) -> str:
    """The name of a part at Asterisk; the first is 1."""
    return f"{recording}.{number}" if number > 1 else recording


class Taping:
    """The recordings that are being made. ``complete`` are those whose parts are to be fetched."""

    def __init__(self, tracker: Tracker, outbox: Outbox, placements: Placements) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._placements = placements
        self._tapes: dict[RecordingId, _Tape] = {}
        self._ending: dict[str, None] = {}
        """Parts that are to end, and are not known to have."""
        self.complete: list[Complete] = []

    # -- orders ----------------------------------------------------------------------------------------------------

    def carry_out(self, order: RecordingOrder, now: float) -> str | None:
        match order:
            case StartRecording():
                return self._start(order, now)
            case PauseRecording() | ResumeRecording():
                return self._pause(order, isinstance(order, PauseRecording))
            case StopRecording():
                self._stop(order)
                return None
            case _ as never:
                assert_never(never)

    def _start(self, order: StartRecording, now: float) -> str | None:
        if order.recording in self._tapes:
            return f"there is a recording {order.recording!r} already"
        tape = _Tape(order.recording, order.mix, order.call, order.starter, now, [order.starter])
        job = Job(self._outbox, order.order, lambda _: self._not_started(tape))
        self._placements.need(order.mix, job)
        self._tapes[tape.id] = tape
        self._tracker.mixes[tape.mix].recordings.add(tape.id)
        self._go_on(tape, job)
        job.close()
        return None

    def _not_started(self, tape: _Tape) -> None:
        """Parts that were begun meanwhile end."""
        if tape.live:
            self._end(tape.part)
        self._forget(tape)

    def _pause(self, order: PauseRecording | ResumeRecording, paused: bool) -> str | None:
        tape = self._tapes.get(order.recording)
        if tape is None:
            return f"there is no recording {order.recording!r}"
        before, tape.paused = tape.paused, paused

        def undo(_: str) -> None:
            tape.paused = before

        job = Job(self._outbox, order.order, undo)
        if tape.live:
            self._when_begun(tape, job, wire.pause_recording(tape.part, paused))
        else:
            self._go_on(tape, job)
        job.close()
        return None

    def _stop(self, order: StopRecording) -> None:
        tape = self._tapes.get(order.recording)
        if tape is None or tape.stopping:
            self._outbox.say(OrderDone(order.order))
        elif tape.live:
            tape.stopping = True
            job = Job(self._outbox, order.order, lambda _: self._not_stopped(tape))
            self._when_begun(tape, job, wire.stop_recording(tape.part))
            job.close()
        else:
            self._outbox.say(OrderDone(order.order))
            self._over(tape)

    def _not_stopped(self, tape: _Tape) -> None:
        tape.stopping = False

    # -- parts -----------------------------------------------------------------------------------------------------

    def _go_on(self, tape: _Tape, job: Job | None = None) -> None:
        """Begin the next part, if there is something to record and nothing against it."""
        mix = self._tracker.mixes.get(tape.mix)
        if mix is None or tape.live or tape.paused or tape.stopping or not mix.legs:
            return
        tape.parts.append(part_of(tape.id, len(tape.parts) + 1))
        tape.live, tape.begun = True, False
        part, request = tape.part, wire.record(mix.bridge, tape.part)

        def answered(status: int, _: str) -> None:
            if not request.is_done_by(status) and self._of(part) is tape:
                self._over(tape)

        if is_message(tape.id):
            self._outbox.ask(wire.beep(mix.bridge))
        if job is not None:
            job.ask(request)
        else:
            self._outbox.ask(request, answered)

    def _note_parties(self, tape: _Tape) -> None:
        """Those who are there, but for whoever is about to leave, such as an agent who sent a caller to a mailbox."""
        for leg in self._tracker.mixes[tape.mix].legs:
            line = self._tracker.lines[leg]
            if line.drop_reason is None and line.number not in tape.parties:
                tape.parties.append(line.number)

    def _when_begun(self, tape: _Tape, job: Job, request: Request) -> None:
        if tape.begun:
            job.ask(request)
        else:
            job.wait()
            tape.waiting.append((job, request))

    def changed(self, mix: str) -> None:
        """Somebody joined or left a mix."""
        found = self._tracker.mixes.get(mix)
        for recording in sorted(found.recordings) if found is not None else ():
            tape = self._tapes[recording]
            if found is not None and found.legs:
                if tape.begun or not tape.live:
                    self._note_parties(tape)
                self._go_on(tape)
            elif tape.live:
                self.ended(tape.part)
                self._end(tape.part)  # it would end by itself, but only if they do leave

    def started(self, part: str) -> None:
        """Asterisk records: now it can be told more about it."""
        tape = self._of(part)
        if tape is None:
            return
        tape.begun = True
        self._note_parties(tape)
        waiting, tape.waiting = tape.waiting, []
        for job, request in waiting:
            job.ask(request)
            job.step_done()

    def ended(self, part: str) -> None:
        """A part is over, because it was stopped, or nobody is there any more, or it could not be made."""
        self._ending.pop(part, None)
        tape = self._of(part)
        if tape is None or not tape.live:
            return
        tape.live = False
        self._wait_no_more(tape)
        if tape.stopping:
            self._over(tape)

    def _end(self, part: str) -> None:
        self._ending[part] = None
        self._outbox.insist(wire.stop_recording(part))

    def _wait_no_more(self, tape: _Tape) -> None:
        """What is over is as good as stopped or paused."""
        waiting, tape.waiting = tape.waiting, []
        for job, _ in waiting:
            job.step_done()

    def look_after(self, mix: str) -> None:
        """Somebody was taken out of a mix and is back: if nobody was in it meanwhile its recording has ended."""
        found = self._tracker.mixes.get(mix)
        for recording in sorted(found.recordings) if found is not None else ():
            tape = self._tapes[recording]
            if tape.live:
                self._look(tape.part)

    def _look(self, part: str, tries: int = _TRIES) -> None:
        def answered(status: int, _: str) -> None:
            tape = self._of(part)
            if tape is None or not tape.live:
                return
            if status == wire.GONE:
                self.ended(part)
                self._go_on(tape)
            elif not request.is_done_by(status) and tries > 1:
                self._look(part, tries - 1)

        request = wire.live_recording(part)
        self._outbox.ask(request, answered)

    def _of(self, part: str) -> _Tape | None:
        """The recording whose latest part this is."""
        tape = self._tapes.get(part) or self._tapes.get(part.rpartition(".")[0])
        return tape if tape is not None and tape.parts and tape.part == part else None

    def _over(self, tape: _Tape) -> None:
        self._forget(tape)
        self.complete.append(tape.complete())
        self._outbox.say(RecordingEnded(tape.id))

    def _forget(self, tape: _Tape) -> None:
        self._wait_no_more(tape)
        self._tapes.pop(tape.id, None)
        mix = self._tracker.mixes.get(tape.mix)
        if mix is not None:
            mix.recordings.discard(tape.id)
            self._placements.let_go(tape.mix)

    # -- after the link was lost -----------------------------------------------------------------------------------

    def resume_all(self, tapes: Iterable[Tape]) -> None:
        for one in tapes:
            if one.conversation:
                tape = _Tape(one.id, one.conversation, one.call, one.starter, one.began, list(one.parties))
                tape.paused, tape.unsure = one.state is Recording.PAUSED, True
                tape.ordered = one.state is Recording.STOPPED or one.ending
                self._tapes[tape.id] = tape

    @property
    def remembered(self) -> tuple[RecordingId, ...]:
        return tuple(tape.id for tape in self._tapes.values() if tape.unsure)

    def _recall(self, tape: _Tape, live: Container[str], stored: Container[str]) -> None:
        """Find the parts that an earlier process had made. Without any there is no such recording, unless it is known
        to have begun: nobody was there yet. Of those that are still being made all but the last were to end."""
        tape.unsure = False
        while (part := part_of(tape.id, len(tape.parts) + 1)) in stored or part in live:
            tape.parts.append(part)
        tape.live = bool(tape.parts) and tape.part in live
        self._ending.update(dict.fromkeys(part for part in tape.parts[:-1] if part in live))
        if tape.parts or not tape.ordered:
            self._tracker.mixes.setdefault(tape.mix, Mix()).recordings.add(tape.id)
        else:
            del self._tapes[tape.id]

    @property
    def names(self) -> tuple[str, ...]:
        """The parts that were being made."""
        return (*(tape.part for tape in self._tapes.values() if tape.live), *self._ending)

    def found(self, live: dict[str, LiveRecording], stored: Container[str] = ()) -> tuple[RecordingSeen, ...]:
        """These parts are still being made. A recording goes on while its mix is there."""
        for recording in self.remembered:
            self._recall(self._tapes[recording], live, stored)
        ending, self._ending = self._ending, {}
        for part in ending:
            if part in live:
                self._end(part)
        for tape in self._tapes.values():
            tape.waiting.clear()
            tape.stopping = False
            if tape.live and tape.part in live:
                tape.begun, tape.paused = True, live[tape.part].state == "paused"
            else:
                tape.live = False
        return self.seen()

    def seen(self) -> tuple[RecordingSeen, ...]:
        """Every recording that goes on."""
        return tuple(RecordingSeen(tape.id, tape.paused) for tape in self._tapes.values())

    def resume(self) -> None:
        """After mixes were found again: those that can go on do."""
        for tape in list(self._tapes.values()):
            if tape.mix in self._tracker.mixes:
                self.changed(tape.mix)
            else:
                self._over(tape)
