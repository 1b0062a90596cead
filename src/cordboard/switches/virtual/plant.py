"""The plant: phones, legs, mixes and timers, and the moves that orders and people make with them.

Who hears whom is decided here and nowhere else. Every move appends the reports it causes to ``said``, in order; whoever
made the move takes them with ``take``. Deliberately absent: orders (``exchange``), what a person may press
(``persons``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import TypeAlias

from msgspec.structs import replace

from cordboard.calls.model import LegId, Number, Reason
from cordboard.calls.records import Spying
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    LegRinging,
    LegSeen,
    SwitchSnapshot,
)
from cordboard.switches.virtual.phones import MUSIC, NOWHERE, RINGBACK, Line, OnRing, Phone, Stage
from cordboard.switches.virtual.recorder import Recorder

BUSY_TONE_S = 3.0
"""How long a person listens to the busy tone before the phone goes on hook by itself."""

_Reaction: TypeAlias = Callable[[Line], None]


class Plant:
    """All phones of one exchange and the legs between them. Instants are seconds on the caller's clock."""

    def __init__(self, phones: dict[Number, Phone], leg_prefix: str = "x") -> None:
        self.phones = phones
        self._leg_prefix = leg_prefix
        self.lines: dict[LegId, Line] = {}
        self.mixes: dict[str, dict[LegId, Line]] = {}
        self.recorder = Recorder()
        self.said: list[AnyReport] = []
        self._alarms: list[tuple[float, int, Line, _Reaction]] = []
        self._alarm_count = 0
        self._leg_count = 0

    def take(self) -> list[AnyReport]:
        """The reports since the last time, which become the caller's."""
        said, self.said = self.said, []
        return said

    # -- what can be seen and heard --------------------------------------------------------------------------------

    def hears(self, line: Line) -> list[str]:
        """Numbers by order of joining, or one of "music", "ringback", "voicemail", "busy", "silence"; [] on hook."""
        if not line.off_hook:
            return []
        if line.stage is Stage.BUSY_TONE:
            return ["busy"]
        if line.held or line.is_deaf:
            return ["silence"]
        mix = self.mixes.get(line.place)
        if mix is None:
            return [line.place] if line.place in (MUSIC, RINGBACK) else ["silence"]
        heard = [other.phone.number for other in _known(mix, line) if other.audible]
        return heard or (["voicemail"] if self.recorder.takes_message(line.place) else ["silence"])

    def peer(self, line: Line) -> Number | None:
        """The other party of a line: of several, the one that joined first."""
        mix = self.mixes.get(line.place, {})
        return next((other.phone.number for other in _known(mix, line)), line.party or None)

    def snapshot(self) -> SwitchSnapshot:
        return SwitchSnapshot(
            tuple(_seen(line) for line in self.lines.values()),
            self.recorder.seen(),
        )

    # -- a leg's life ----------------------------------------------------------------------------------------------

    def call(self, leg: LegId, number: Number, caller: Number, auto_answer: bool, now: float) -> None:
        """Call a phone: it reacts as its behaviour says. Nothing is refused here: what fails ends the leg."""
        phone = self.phones.get(number)
        if phone is None:
            self.said.append(LegEnded(leg, Reason.INVALID_NUMBER))
        elif not phone.plugged:
            self.said.append(LegEnded(leg, Reason.UNREACHABLE))
        elif (slot := phone.free_slot) is None:
            self.said.append(LegEnded(leg, Reason.BUSY))
        else:
            line = phone.lines[slot] = self.lines[leg] = Line(phone, slot, leg, caller, Stage.WAITING)
            self._react(line, auto_answer, now)

    def _react(self, line: Line, auto_answer: bool, now: float) -> None:
        behaviour = line.phone.behaviour
        after_s = behaviour.after_ms / 1000
        match behaviour.on_ring:
            case OnRing.RING | OnRing.ANSWER if auto_answer:
                self.answer(line)
            case OnRing.RING:
                self._later(line, after_s, now, self._ring)
            case OnRing.ANSWER:
                self._ring(line)
                self._later(line, after_s, now, self.answer)
            case OnRing.BUSY:
                self._later(line, after_s, now, lambda line: self.end(line, Reason.BUSY))
            case OnRing.REJECT:
                self._ring(line)
                self._later(line, after_s, now, lambda line: self.end(line, Reason.REJECTED))
            case OnRing.UNREACHABLE:
                self._later(line, after_s, now, lambda line: self.end(line, Reason.UNREACHABLE))

    def _ring(self, line: Line) -> None:
        line.stage = Stage.RINGING
        self.said.append(LegRinging(line.leg))

    def answer(self, line: Line) -> None:
        """Go off hook; the phone holds its live line first, as desk phones do."""
        self._listen_to(line)
        line.alarm = 0
        line.stage = Stage.UP
        self.said.append(LegAnswered(line.leg))

    def offer(self, phone: Phone, slot: int, dialled: str) -> None:
        """A person dials."""
        leg = self._fresh_leg()
        line = Line(phone, slot, leg, dialled, Stage.CALLING)
        self._listen_to(line)
        phone.lines[slot] = self.lines[leg] = line
        self.said.append(LegOffered(leg, phone.number, dialled, phone.trunk))

    def end(self, line: Line, reason: Reason) -> None:
        """The leg is over and the line free."""
        self._leave(line)
        self.clear(line)
        del self.lines[line.leg]
        self.said.append(LegEnded(line.leg, reason))

    def refuse(self, line: Line, now: float) -> None:
        """The leg of somebody who dialled is over because the other is busy: the person is told by the tone."""
        listening = line.live
        self.end(line, Reason.BUSY)
        if listening:
            line.stage = Stage.BUSY_TONE
            line.phone.lines[line.slot] = line
            self._later(line, BUSY_TONE_S, now, self.clear)

    def clear(self, line: Line) -> None:
        """The line goes on hook; what becomes of its leg is the caller's business."""
        line.alarm = 0
        del line.phone.lines[line.slot]

    def _fresh_leg(self) -> LegId:
        while True:
            self._leg_count += 1
            leg = f"{self._leg_prefix}{self._leg_count}"
            if leg not in self.lines:
                return leg

    # -- holding ---------------------------------------------------------------------------------------------------

    def hold(self, line: Line) -> None:
        """The phone stops listening to a line, which stays where it is."""
        line.held = True
        self.said.append(LegHeld(line.leg))

    def retrieve(self, line: Line) -> None:
        self._listen_to(line)
        line.held = False
        self.said.append(LegRetrieved(line.leg))

    def _listen_to(self, line: Line) -> None:
        """A person has one ear: what else the phone listens to is held, and a busy tone is hung up."""
        lines = line.phone.lines
        if len(lines) > 1 or line.slot not in lines:
            for other in [other for other in lines.values() if other is not line and other.live]:
                if other.stage is Stage.BUSY_TONE:
                    self.clear(other)
                else:
                    self.hold(other)

    # -- placing ---------------------------------------------------------------------------------------------------

    def place(self, line: Line, place: str) -> None:
        """Take a line out of its mix and let it hear music, ringback or nothing. Then the phones are to ``attend``."""
        self._leave(line)
        line.place, line.spying = place, None

    def join(self, line: Line, mix_id: str, spying: Spying | None = None) -> None:
        """Move a line to a mix, a supervisor's to be heard as ``spying`` says; who dialled is answered by this. Then
        the phones are to ``attend``."""
        if line.place != mix_id:
            self._leave(line)
            line.place = mix_id
            mix = self.mixes.get(mix_id)
            if mix is None:
                mix = self.mixes[mix_id] = {}
            mix[line.leg] = line
        line.spying = spying
        if line.is_public:
            self.recorder.joined(mix_id, line.phone.number)
        if line.stage is Stage.CALLING:
            line.stage = Stage.UP

    def attend(self, wanted: Iterable[LegId], music: Iterable[LegId]) -> None:
        """After a placement: every phone turns to the last of its lines among ``wanted`` (now mixed or with ringback).

        What the phone itself had on hold is taken back by this: it is how an API retrieves. Music is different: it
        comes because the far end went away, and a person who listens to another line meanwhile is left there.
        """
        for line in {line.phone.number: line for leg in wanted if (line := self.lines[leg]).off_hook}.values():
            self._listen_to(line)
            line.held = False
        for leg in music:
            line = self.lines[leg]
            if line.place == MUSIC and line.live and any(o.live for o in line.phone.lines.values() if o is not line):
                self.hold(line)

    def _leave(self, line: Line) -> None:
        """Out of the mix, if in one. Both sides remember whom they talked to, as a display does."""
        place, line.place = line.place, NOWHERE
        mix = self.mixes.get(place)
        if mix is None:
            return
        del mix[line.leg]
        if not mix:
            del self.mixes[place]
            return
        line.party = next((other.phone.number for other in _known(mix, line)), line.party)
        for other in mix.values() if len(mix) == 1 else ():
            other.party = line.phone.number if line.is_known_to(other.leg) else other.party

    # -- timers ----------------------------------------------------------------------------------------------------

    def _later(self, line: Line, after_s: float, now: float, reaction: _Reaction) -> None:
        if after_s <= 0:
            reaction(line)
            return
        self._alarm_count += 1
        line.alarm = self._alarm_count
        heappush(self._alarms, (now + after_s, line.alarm, line, reaction))

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do, None if never."""
        alarms = self._alarms
        while alarms and alarms[0][2].alarm != alarms[0][1]:
            heappop(alarms)
        return alarms[0][0] if alarms else None

    def tick(self, now: float) -> None:
        """Let everything happen whose time has come, in the order of its time."""
        while (at := self.next_deadline()) is not None and at <= now:
            _, _, line, reaction = heappop(self._alarms)
            line.alarm = 0
            reaction(line)


def _known(mix: dict[LegId, Line], line: Line) -> Iterator[Line]:
    """The others in a mix whom a line may hear."""
    return (other for other in mix.values() if other is not line and other.is_known_to(line.leg))


def _seen(line: Line) -> LegSeen:
    stage, phone = line.stage, line.phone
    up, ringing = stage is Stage.UP, stage is Stage.RINGING
    seen = LegSeen(line.leg, phone.number, up, ringing, line.place, line.muted, held=line.held)
    if stage is not Stage.CALLING or line.place != NOWHERE:
        return seen
    return replace(seen, dialled=line.party, external=phone.trunk)
