"""The driver: orders, events and answers in; requests and reports out. One input at a time, dry and deterministic.

Whoever drives it (``switch``) gives the instant, sends what is in the outbox after every input and passes the reports
on. Deliberately absent: connections, files, waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, assert_never

import msgspec

from cordboard.calls.model import OrderId
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    PauseRecording,
    ResumeRecording,
    RingLeg,
    SendDigits,
    SpyLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.records import Remembered
from cordboard.calls.reports import AnyReport, LegsTransferred, LegTransferred, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.switches.ari import events, wire
from cordboard.switches.ari.coaching import Coaching
from cordboard.switches.ari.finding import Finding, Found
from cordboard.switches.ari.healing import Healing
from cordboard.switches.ari.keys import Keys
from cordboard.switches.ari.life import Life
from cordboard.switches.ari.nailing import Nailing
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Outbox
from cordboard.switches.ari.placements import Placements
from cordboard.switches.ari.remembering import Remembering
from cordboard.switches.ari.taping import Complete, Taping
from cordboard.switches.ari.tracker import Line, Setup, Tracker

_NAMES_PER_S = 1000
"""No process needs as many names of bridges, so none comes to those of the next."""


class DriverSettings(msgspec.Struct, frozen=True):
    """What the driver needs to know. ``trunk`` has ``{number}`` in it; ``nail`` is the number that lays a line."""

    app: str = "cordboard"
    music: str = "default"
    trunk: str = ""
    nail: str = ""
    phones: tuple[Setup, ...] = ()


class Driver:
    """One application at one Asterisk."""

    def __init__(self, settings: DriverSettings) -> None:
        self.outbox = Outbox()
        self._tracker = Tracker()
        numbering = Numbering(settings.phones, settings.trunk)
        self._coaching = Coaching(self.outbox, settings.app)
        self._healing = Healing(self._tracker, self.outbox, self._coaching)
        self._keys = Keys(self._tracker, self.outbox, numbering)
        self._placements = Placements(self._tracker, self.outbox, self._coaching, settings.music, self._keys.resume)
        self._nailing = Nailing(self._tracker, self.outbox, numbering, settings.nail)
        self._life = Life(self._tracker, self.outbox, self._placements, numbering, self._nailing, settings.app)
        self._taping = Taping(self._tracker, self.outbox, self._placements)
        self._tracker.on_change = self._taping.changed
        self._healing.on_return = self._taping.look_after
        self._reactions = self._reactions_by_kind()
        self._unsure: list[Line] = []
        """Those that were being muted, or heard again, when the link broke."""
        self._remembering = Remembering()
        self._finding = Finding(self._tracker, self.outbox, numbering, self._nailing, self._life, self._remembering)

    # -- orders ----------------------------------------------------------------------------------------------------

    def carry_out(self, orders: Sequence[AnyOrder], now: float) -> None:
        self._at(now)
        for order in orders:
            failure = self._obey(order, now)
            if failure is not None:
                self.outbox.say(OrderFailed(order.order, failure))

    def _obey(self, order: AnyOrder, now: float) -> str | None:
        """Begin to do it, or tell why not and change nothing."""
        match order:
            case JoinLegs() | HoldLeg() | RingLeg():
                return self._placements.place(order)
            case DialLeg():
                return self._life.dial(order)
            case DropLeg():
                return self._life.drop(order)
            case AnswerLeg():
                return self._life.answer(order)
            case SendDigits():
                return self._send_digits(order)
            case MuteLeg():
                return self._mute(order)
            case SpyLeg():
                return self._placements.spy(order)
            case StartRecording() | PauseRecording() | ResumeRecording() | StopRecording():
                return self._taping.carry_out(order, now)
            case _ as never:
                assert_never(never)

    def _send_digits(self, order: SendDigits) -> str | None:
        line = self._tracker.lines.get(order.leg)
        if line is None:
            return f"there is no leg {order.leg!r}"
        if not line.is_up:
            return f"leg {order.leg!r} is not answered"
        self.outbox.carry_out(order.order, [wire.send_digits(line.channel, order.digits)])
        return None

    def _mute(self, order: MuteLeg) -> str | None:
        line = self._tracker.lines.get(order.leg)
        if line is None or line.drop_reason is not None:
            return f"there is no leg {order.leg!r}"
        before, line.muted = line.muted, order.muted
        line.mute_order = order.order

        def undo(_: str) -> None:
            if line.mute_order == order.order:
                line.muted = before

        self.outbox.carry_out(order.order, [wire.mute(line.channel, order.muted)], undo)
        return None

    # -- what Asterisk tells ---------------------------------------------------------------------------------------

    def hear(self, event: events.AnyMessage, now: float) -> None:
        """An event. Those that say nothing about our legs are not news."""
        self._at(now)
        reaction = self._reactions.get(type(event))
        if reaction is not None:
            reaction(event)

    def _reactions_by_kind(self) -> dict[type, Callable[[Any], object]]:
        return {
            events.StasisStart: self._started,
            events.ChannelStateChange: lambda event: self._state_changed(event.channel),
            events.Dial: self._dialled,
            events.ChannelDestroyed: lambda event: self._ended(event.channel.id, event.cause),
            events.ChannelHangupRequest: lambda event: self._of(event.channel, partial(_note, event.cause or 0)),
            events.StasisEnd: lambda event: self._left(event.channel),
            events.ChannelHold: lambda event: self._of(event.channel, self._keys.held),
            events.ChannelUnhold: lambda event: self._of(event.channel, self._keys.retrieved),
            events.ChannelDtmfReceived: self._digit,
            events.ChannelTransfer: self._keys.transfer,
            events.ChannelEnteredBridge: lambda event: self._in_bridge(event.channel, event.bridge.id),
            events.ChannelLeftBridge: self._left_bridge,
            events.RecordingStarted: lambda event: self._taping.started(event.recording.name),
            events.RecordingFinished: lambda event: self._taping.ended(event.recording.name),
            events.RecordingFailed: lambda event: self._taping.ended(event.recording.name),
        }

    def _of(self, channel: events.Channel, do: Callable[[Line], object]) -> None:
        line = self._tracker.channels.get(channel.id)
        if line is not None:
            do(line)

    def _dialled(self, event: events.Dial) -> None:
        """Early media from a trunk counts as ringing: what the caller hears is ours."""
        if event.dialstatus in ("RINGING", "PROGRESS"):
            self._of(event.peer, self._life.ringing)

    def _digit(self, event: events.ChannelDtmfReceived) -> None:
        self._of(event.channel, lambda line: self._keys.digit(line, event.digit))

    def _in_bridge(self, channel: events.Channel | None, bridge: str) -> None:
        line = self._tracker.channels.get(channel.id) if channel is not None else None
        if line is not None:
            line.bridge = bridge

    def _left_bridge(self, event: events.ChannelLeftBridge) -> None:
        self._in_bridge(event.channel, "")
        line = self._tracker.channels.get(event.channel.id)
        if line is not None:
            self._healing.left(line, event.bridge.id)
        else:
            self._coaching.left(event.channel.id, event.bridge.id)

    def _started(self, event: events.StasisStart) -> None:
        channel = event.channel
        if self._coaching.started(channel.id):
            return
        line = self._tracker.channels.get(channel.id)
        replaced = self._tracker.channels.get(event.replace_channel.id) if event.replace_channel is not None else None
        if line is not None:
            self._life.created(line, channel)
        elif replaced is not None:
            self._life.swapped(replaced, channel)
        elif not self._nailing.has(channel.id):
            self._life.offered(channel)

    def _state_changed(self, channel: events.Channel) -> None:
        line = self._tracker.channels.get(channel.id)
        if line is not None and channel.state == "Ringing":
            self._life.ringing(line)
        elif line is not None and channel.state == "Up":
            self._life.up(line)

    def _left(self, channel: events.Channel) -> None:
        """Of a channel that came in this is the last that is told, and of a snooper that ends with its target."""
        if self._coaching.ended(channel.id):
            return
        line = self._tracker.channels.get(channel.id)
        if line is None:
            self._nailing.ended(channel.id)
        elif line.came_in:
            self._ended(channel.id, line.cause)

    def _ended(self, channel: str, cause: int) -> None:
        if self._coaching.ended(channel):
            return
        self._nailing.ended(channel)
        line = self._tracker.channels.get(channel)
        if line is not None:
            self._keys.gone(line)
            self._healing.gone(line)
            self._life.gone(line, cause)

    def answered(self, number: int, status: int, body: str, now: float) -> None:
        """The answer to a request of the outbox."""
        self._at(now)
        self.outbox.answered(number, status, body)

    def notified(self, number: int, failure: str, now: float) -> None:
        """What became of a notice of the outbox; "" if it was sent."""
        self._at(now)
        self.outbox.notified(number, failure)

    def heard(self, report: AnyReport) -> None:
        """The board has heard this report, and given the orders that it wanted to."""
        if isinstance(report, LegTransferred | LegsTransferred):
            self._keys.heard(report.leg)

    # -- the link --------------------------------------------------------------------------------------------------

    def lost(self) -> None:
        """No answer comes any more, and no event. Where legs are that were being moved is in doubt."""
        in_doubt = self.outbox.forget()
        for line in self._tracker.lines.values():
            if line.order in in_doubt:
                self._tracker.leave(line)
        self._unsure += [line for line in self._tracker.lines.values() if line.mute_order in in_doubt]
        self._keys.forget()
        self._healing.forget()
        self._coaching.forget()
        self.outbox.say(SwitchDown())

    @property
    def recordings(self) -> tuple[str, ...]:
        """The names of those that are being made, so that they can be looked for."""
        return self._taping.names

    @property
    def remembered(self) -> tuple[str, ...]:
        """Recordings of an earlier process, of which it is not known how many parts there are."""
        return self._taping.remembered

    def resume(self, remembered: Remembered, now: float) -> None:
        """An earlier process ordered this; it is looked for when the link is there."""
        self._remembering.fill(remembered)
        self._taping.resume_all(remembered.tapes)
        for one in (self._tracker, self._coaching):
            one.count_from(int(now * _NAMES_PER_S))

    def found(self, found: Found, announced: Iterable[str], now: float) -> None:
        """The link is there, and this is all there is; events of the channels ``announced`` follow."""
        self._at(now)
        recordings = self._taping.found({one.name: one for one in found.recordings}, found.stored)
        legs = self._finding.compare(found, frozenset(announced))
        self._mute_again()
        self.outbox.say(SwitchSnapshot(legs, recordings))
        self._taping.resume()
        self._keys.found(found.held)

    def _mute_again(self) -> None:
        """Asterisk does not tell who is muted: where that is in doubt, it is made so."""
        unsure, self._unsure = self._unsure, []
        for line in unsure:
            if self._tracker.lines.get(line.leg) is line:
                self.outbox.insist(wire.mute(line.channel, line.muted), partial(self._is_meant, line, line.mute_order))

    def _is_meant(self, line: Line, order: OrderId) -> bool:
        return self._tracker.lines.get(line.leg) is line and line.mute_order == order

    def take_recordings(self) -> list[Complete]:
        """Those that are over since the last time."""
        complete, self._taping.complete = self._taping.complete, []
        return complete

    # -- time ------------------------------------------------------------------------------------------------------

    def _at(self, now: float) -> None:
        self.outbox.now = self._keys.now = self._healing.now = now

    def next_deadline(self) -> float | None:
        deadlines = (self._keys.next_deadline(), self.outbox.next_deadline())
        return min((at for at in deadlines if at is not None), default=None)

    def tick(self, now: float) -> None:
        self._at(now)
        self._keys.tick(now)
        self.outbox.tick()


def _note(cause: int, line: Line) -> None:
    line.ending, line.cause = True, cause
