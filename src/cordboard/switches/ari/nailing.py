"""Nailed-up lines: telephones whose channel stays between calls, so that a call is answered by connecting it. Dry.

The line is laid by the phone's first call, whoever began it, or by dialling ``number`` (a number of ours that means
"lay my line"). It has one leg at most: a second call finds the phone busy. While no leg is on it, it is silent; a call
that comes is announced on it by ringing, as there is no bell.
"""

from __future__ import annotations

from collections.abc import Mapping

from cordboard.calls.model import Number, Reason
from cordboard.calls.orders import DialLeg
from cordboard.calls.records import QUIET, RINGBACK, Leg, Place
from cordboard.calls.reports import LegAnswered, LegEnded, LegRinging, OrderDone
from cordboard.switches.ari import wire
from cordboard.switches.ari.events import Channel
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Outbox
from cordboard.switches.ari.tracker import AnswerMode, Line, Setup, Stage, Tracker
from cordboard.switches.ari.wire import Request


class _Nail:
    __slots__ = ("came_in", "channel", "leg", "name")

    def __init__(self, channel: str, name: str, came_in: bool) -> None:
        self.channel = channel
        self.name = name
        self.came_in = came_in
        """Its phone dialled: see ``Line.came_in``."""
        self.leg = ""


class Nailing:
    """All nailed-up lines, by number."""

    def __init__(self, tracker: Tracker, outbox: Outbox, numbering: Numbering, number: Number) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._numbering = numbering
        self._number = number
        self._nails: dict[Number, _Nail] = {}
        self._owners: dict[str, Number] = {}

    def take(self, order: DialLeg, setup: Setup) -> bool:
        """Whether the call goes to a line that is laid."""
        nail = self._nails.get(order.number)
        if setup.answer is not AnswerMode.NAILED_UP or nail is None:
            return False
        self._outbox.say(OrderDone(order.order))
        if nail.leg:
            self._outbox.say(LegEnded(order.leg, Reason.BUSY))
            return True
        line = Line(order.leg, order.number, nail.channel, Stage.RINGING)
        line.name, line.nailed, line.came_in, nail.leg = nail.name, True, nail.came_in, order.leg
        self._tracker.enter(line)
        if order.auto_answer:
            self._go_off_hook(line, QUIET)
        else:
            self.ask(nail.channel, wire.ring(nail.channel))
            self._outbox.say(LegRinging(order.leg))
        return True

    def answer(self, line: Line) -> bool:
        """Whether the ringing leg is on a line that is laid, which is all that answering takes."""
        nail = self._nails.get(line.number)
        if nail is None or nail.leg != line.leg:
            return False
        self._go_off_hook(line, RINGBACK)
        return True

    def _go_off_hook(self, line: Line, place: Place) -> None:
        """It hears ringing, if it did, until it is placed: with whom it talks is ordered next."""
        line.stage = Stage.UP
        line.place = place
        self._outbox.say(LegAnswered(line.leg))

    def keeps(self, line: Line) -> bool:
        """Whether the channel stays when the leg ends."""
        nail = self._nails.get(line.number)
        return line.nailed and (line.is_up if nail is None else nail.channel == line.channel)

    def keep(self, line: Line) -> None:
        """The leg is over, and the channel is free for the next."""
        if line.stage is Stage.RINGING:
            self.ask(line.channel, wire.stop_ringing(line.channel))
        if line.muted:
            self.ask(line.channel, wire.mute(line.channel, False))
        self._lay(line.number, line.channel, line.name, line.came_in)

    def _lay(self, number: Number, channel: str, name: str, came_in: bool) -> None:
        self._nails[number] = _Nail(channel, name, came_in)
        self._owners[channel] = number

    def offered(self, channel: Channel, number: Number, dialled: str) -> bool:
        """Whether a phone called to have its line laid."""
        if not self._numbering.is_nailed_up(number) or dialled != self._number:
            return False
        before = self._nails.get(number)
        if before is not None:
            self._outbox.insist(wire.hang_up(channel.id, 17))  # it has one already
            return True
        self._lay(number, channel.id, channel.name, came_in=True)
        self.ask(channel.id, wire.answer(channel.id))
        return True

    def ask(self, channel: str, request: Request) -> None:
        """Something of a line that is laid. If it can't be had, the line is taken down, rather than used as it is: its
        owner's next call lays another."""

        def answered(status: int, _: str) -> None:
            if not request.is_done_by(status) and self.has(channel):
                self.ended(channel)
                self._outbox.insist(wire.hang_up(channel, 16))

        self._outbox.ask(request, answered)

    def adopt(self, channel: Channel, number: Number, leg: Leg | None) -> Line | None:
        """A line that an earlier process had: it goes on with its call, if it has one."""
        self._lay(number, channel.id, channel.name, came_in=True)  # perhaps: see ``finding``
        if leg is None:
            return None
        line = Line(leg.id, number, channel.id, Stage.UP if leg.answered else Stage.RINGING)
        self._nails[number].leg = leg.id
        return line

    def is_laid(self, number: Number) -> bool:
        return number in self._nails

    def ended(self, channel: str) -> None:
        """The phone hung up, and with that its line is gone; a leg on it ends as any other."""
        number = self._owners.pop(channel, None)
        if number is not None and self._nails[number].channel == channel:
            del self._nails[number]

    def found(self, present: frozenset[str], bridges: Mapping[str, str]) -> None:
        """After the link was lost: lines whose channel is not there any more are gone. ``bridges`` are those in which
        channels are."""
        for channel in [channel for channel in self._owners if channel not in present]:
            self.ended(channel)
        for channel in self._owners:
            for request in self._requests_again(channel, self._tracker.channels.get(channel), bridges.get(channel, "")):
                self.ask(channel, request)

    def _requests_again(self, channel: str, line: Line | None, bridge: str) -> list[Request]:
        """What was asked for when the link broke may not have been done: it rings for a call that waits, and whoever
        has none hears nothing and is heard by nobody."""
        if line is not None:
            return [wire.ring(channel)] if line.stage is Stage.RINGING else []
        leaving = [wire.remove(bridge, channel)] if bridge else []
        return [*leaving, wire.stop_music(channel), wire.stop_ringing(channel), wire.mute(channel, False)]

    def has(self, channel: str) -> bool:
        """Whether this channel is a line that waits for a call."""
        return channel in self._owners
