"""The imitation exchange: orders and people's actions in, reports out. Deterministic and dry.

It can be used without an event loop (tests, benchmarks of the core): hand it the time, take the reports. Legs are all
it knows: that two calls of an API share one is the board's business. Deliberately absent: faults (``faults``), the
loop (``switch``), HTTP (``lab``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import assert_never

import msgspec

from cordboard.calls.model import LegId, Number, Reason
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    PauseRecording,
    PlaceLegs,
    RecordingOrder,
    ResumeRecording,
    RingLeg,
    SendDigits,
    SpyLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.recordings import Recorded
from cordboard.calls.records import Spying
from cordboard.calls.reports import AnyReport, LegEnded, OrderDone, OrderFailed, RecordingEnded, SwitchSnapshot
from cordboard.switches.virtual import persons
from cordboard.switches.virtual.phones import (
    DEFAULT_BEHAVIOUR,
    LINES_MAX,
    MUSIC,
    NOWHERE,
    QUIET,
    RINGBACK,
    Behaviour,
    Line,
    LineState,
    Phone,
    Stage,
)
from cordboard.switches.virtual.plant import Plant

_RESERVED = frozenset({NOWHERE, QUIET, MUSIC, RINGBACK})


class LineView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line in use. ``digits`` are those it heard last."""

    line: int
    state: LineState
    peer: Number | None
    digits: str = ""


class PhoneView(msgspec.Struct, frozen=True):
    """What can be seen of a phone, and what the person at it hears (see ``Plant.hears``)."""

    number: Number
    state: LineState
    lines: tuple[LineView, ...]
    hears: tuple[str, ...]


class Exchange:
    """All phones of the numbering plan. Every method that changes something returns the reports, in order."""

    def __init__(
        self,
        numbers: Iterable[Number] = (),
        trunk_numbers: Iterable[Number] = (),
        lines_max: int = LINES_MAX,
        leg_prefix: str = "x",
    ) -> None:
        """``leg_prefix`` begins the ids of legs that people dial; where a server can outlive the exchange it must be
        another for each exchange."""
        self._plant = Plant({}, leg_prefix)
        self.furnish(numbers, trunk_numbers, lines_max)

    def furnish(self, numbers: Iterable[Number], trunk_numbers: Iterable[Number], lines_max: int) -> None:
        """Put up the phones that are not there yet; the others stay as they are."""
        phones = self._plant.phones
        outside = dict.fromkeys(trunk_numbers)
        for number in (*(number for number in numbers if number not in outside), *outside):
            if number not in phones:
                phones[number] = Phone(number, trunk=number in outside, lines_max=lines_max)

    # -- orders ----------------------------------------------------------------------------------------------------

    def carry_out(self, orders: Sequence[AnyOrder], now: float) -> list[AnyReport]:
        """Each order is answered by OrderDone, before the reports of what it causes, or by OrderFailed alone."""
        plant = self._plant
        for order in orders:
            failure = self._obey(order, now)
            if failure is not None:
                plant.said.append(OrderFailed(order.order, failure))
        return plant.take()

    def _obey(self, order: AnyOrder, now: float) -> str | None:
        """Do it, or tell why not and change nothing."""
        match order:
            case JoinLegs() | HoldLeg() | RingLeg():
                return self._place(order)
            case DialLeg():
                return self._dial(order, now)
            case DropLeg():
                return self._drop(order, now)
            case AnswerLeg():
                return self._answer(order)
            case SendDigits():
                return self._send_digits(order)
            case MuteLeg():
                return self._mute(order)
            case SpyLeg():
                return self._spy(order)
            case StartRecording() | PauseRecording() | ResumeRecording() | StopRecording():
                return self._record(order, now)
            case _ as never:
                assert_never(never)

    def _done(self, order: AnyOrder | PlaceLegs) -> None:
        self._plant.said.append(OrderDone(order.order))

    def _place(self, order: PlaceLegs) -> str | None:
        plant = self._plant
        lines = plant.lines
        for leg in (*order.mixed, *order.music, *order.ringback, *order.quiet):
            if leg not in lines:
                return _unknown(leg)
        if order.mixed and order.mix in _RESERVED:
            return f"{order.mix!r} can't be the name of a mix"
        self._done(order)
        for place, legs in ((QUIET, order.quiet), (MUSIC, order.music), (RINGBACK, order.ringback)):
            for leg in legs:
                plant.place(lines[leg], place)
        for leg in order.mixed:
            plant.join(lines[leg], order.mix)
        plant.attend((*order.ringback, *order.mixed), order.music)
        return None

    def _dial(self, order: DialLeg, now: float) -> str | None:
        if not order.leg or order.leg in self._plant.lines:
            return f"leg {order.leg!r} exists already" if order.leg else "a leg needs a name"
        self._done(order)
        self._plant.call(order.leg, order.number, order.caller, order.auto_answer, now)
        return None

    def _drop(self, order: DropLeg, now: float) -> str | None:
        line = self._plant.lines.get(order.leg)
        self._done(order)
        if line is None:
            self._plant.said.append(LegEnded(order.leg))
        elif order.reason is Reason.BUSY and line.stage is Stage.CALLING:
            self._plant.refuse(line, now)
        else:
            self._plant.end(line, order.reason)
        return None

    def _answer(self, order: AnswerLeg) -> str | None:
        line = self._plant.lines.get(order.leg)
        if line is None:
            return _unknown(order.leg)
        if line.stage is not Stage.RINGING:
            return f"leg {order.leg!r} does not ring"
        self._done(order)
        self._plant.answer(line)
        return None

    def _send_digits(self, order: SendDigits) -> str | None:
        line = self._plant.lines.get(order.leg)
        if line is None:
            return _unknown(order.leg)
        if line.stage is not Stage.UP:
            return f"leg {order.leg!r} is not answered"
        self._done(order)
        line.keep(order.digits)
        return None

    def _mute(self, order: MuteLeg) -> str | None:
        line = self._plant.lines.get(order.leg)
        if line is None:
            return _unknown(order.leg)
        self._done(order)
        line.muted = order.muted
        return None

    def _spy(self, order: SpyLeg) -> str | None:
        lines = self._plant.lines
        line = lines.get(order.leg)
        if line is None or (order.target and order.target not in lines):
            return _unknown(order.target if line is not None else order.leg)
        if order.mix in _RESERVED:
            return f"{order.mix!r} can't be the name of a mix"
        if not line.off_hook:
            return f"leg {order.leg!r} is not answered"
        self._done(order)
        self._plant.join(line, order.mix, Spying(order.kind, order.target))
        self._plant.attend((order.leg,), ())
        return None

    def _record(self, order: RecordingOrder, now: float) -> str | None:
        recorder, failure = self._plant.recorder, None
        match order:
            case StartRecording():
                lines = self._plant.mixes.get(order.mix, {}).values()
                present = [line.phone.number for line in lines if line.is_public]
                failure = recorder.start(order, present, now)
            case PauseRecording():
                failure = recorder.pause(order, now)
            case ResumeRecording():
                failure = recorder.resume(order, now)
            case StopRecording():
                was_there = recorder.stop(order, now)
                self._done(order)
                self._plant.said += [RecordingEnded(order.recording)] if was_there else []
                return None
            case _ as never:
                assert_never(never)
        if failure is None:
            self._done(order)
        return failure

    # -- people ----------------------------------------------------------------------------------------------------

    def act(self, number: Number, action: persons.AnyAction) -> list[AnyReport] | persons.Cannot:
        """Act as the person at the phone would. KeyError for a number that has no phone."""
        cannot = persons.act(self._plant, self._plant.phones[number], action)
        return cannot if cannot is not None else self._plant.take()

    def set_behaviour(self, number: Number, behaviour: Behaviour) -> None:
        """How the phone reacts to the calls that come from now on. KeyError for a number that has no phone."""
        self._plant.phones[number].behaviour = behaviour

    def behaviour(self, number: Number) -> Behaviour:
        return self._plant.phones[number].behaviour

    def reset(self) -> list[AnyReport]:
        """End all calls, oldest leg first, plug every phone in and forget its behaviour."""
        plant = self._plant
        for line in list(plant.lines.values()):
            plant.end(line, Reason.NORMAL)
        for phone in plant.phones.values():
            for line in list(phone.lines.values()):
                plant.clear(line)
            phone.plugged, phone.behaviour = True, DEFAULT_BEHAVIOUR
        return plant.take()

    # -- recordings ------------------------------------------------------------------------------------------------

    def take_recordings(self) -> list[Recorded]:
        """Those that are complete since the last time; they become the caller's."""
        return self._plant.recorder.take()

    def stop_recordings(self, now: float) -> None:
        """End those that are being made. The board is not told: this is for a switch that lets go."""
        self._plant.recorder.stop_all(now)

    # -- time ------------------------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do, None if never."""
        return self._plant.next_deadline()

    def tick(self, now: float) -> list[AnyReport]:
        """Let happen what was due by ``now``."""
        self._plant.tick(now)
        return self._plant.take()

    # -- what can be seen ------------------------------------------------------------------------------------------

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(self._plant.phones)

    def has_phone(self, number: Number) -> bool:
        return number in self._plant.phones

    def hears(self, leg: LegId) -> list[str]:
        """What is heard on a leg (see ``Plant.hears``); nothing if there is no such leg."""
        line = self._plant.lines.get(leg)
        return self._plant.hears(line) if line is not None else []

    def is_muted(self, leg: LegId) -> bool:
        """Whether others can't hear this leg because it was ordered so."""
        line = self._plant.lines.get(leg)
        return line is not None and line.muted

    def snapshot(self) -> SwitchSnapshot:
        return self._plant.snapshot()

    def phone(self, number: Number) -> PhoneView:
        """KeyError for a number that has no phone."""
        phone = self._plant.phones[number]
        lines = (phone.lines[slot] for slot in sorted(phone.lines))
        seen = tuple(self._line(line) for line in lines if line.stage is not Stage.WAITING)
        ear = phone.live_line or phone.line_in(LineState.HELD)
        return PhoneView(number, phone.state, seen, tuple(self._plant.hears(ear)) if ear is not None else ())

    def _line(self, line: Line) -> LineView:
        return LineView(line.slot, line.state, self._plant.peer(line), line.digits)


def _unknown(leg: LegId) -> str:
    return f"there is no leg {leg!r}"
