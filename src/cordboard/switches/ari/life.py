"""The life of a leg: called or offered, ringing, answered, ended. Dry.

A channel is made first and rung when it is there; its id is ours, so no early event is orphaned (asterisk §2).
"""

from __future__ import annotations

from cordboard.calls.model import Number, Reason
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg
from cordboard.calls.reports import LegAnswered, LegEnded, LegOffered, LegRinging, OrderDone, OrderFailed
from cordboard.switches.ari import wire
from cordboard.switches.ari.events import Channel
from cordboard.switches.ari.nailing import Nailing
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.placements import Placements
from cordboard.switches.ari.tracker import AnswerMode, Line, Setup, Stage, Tracker

_AUTO_ANSWER = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:cordboard>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://cordboard.invalid>;info=alert-autoanswer;delay=0",
}
"""What makes a phone answer by itself: makes differ in which of the two they obey."""
_KEYS = {"PJSIP_TRANSFER_HANDLING()": "ari-only"}
"""The phone's transfer key is told to us and done by us, not by Asterisk (asterisk §2)."""


_TOLD_S = 0.5
"""How long a telephone may take to learn how its transfer went."""


class Life:
    """Orders that begin, answer and end legs; what their channels do."""

    def __init__(
        self,
        tracker: Tracker,
        outbox: Outbox,
        placements: Placements,
        numbering: Numbering,
        nailing: Nailing,
        app: str,
    ) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._placements = placements
        self._numbering = numbering
        self._nailing = nailing
        self._app = app

    # -- orders ----------------------------------------------------------------------------------------------------

    def dial(self, order: DialLeg) -> str | None:
        if not order.leg or order.leg in self._tracker.lines:
            return f"leg {order.leg!r} exists already" if order.leg else "a leg needs a name"
        setup = self._numbering.reach(order.number)
        if setup is None:
            self._outbox.say(OrderDone(order.order))
            self._outbox.say(LegEnded(order.leg, Reason.INVALID_NUMBER))
        elif not self._nailing.take(order, setup):
            self._call(order, setup)
        return None

    def _call(self, order: DialLeg, setup: Setup) -> None:
        channel = order.leg if order.leg not in self._tracker.taken else f"{order.leg}~0"
        line = Line(order.leg, order.number, channel, Stage.CREATED)
        line.dialling = order.order
        line.nailed = setup.answer is AnswerMode.NAILED_UP
        self._tracker.enter(line)
        self._create(line, setup, order.caller, auto_answer=order.auto_answer)

    def _create(self, line: Line, setup: Setup, caller: Number, *, auto_answer: bool) -> None:
        line.caller = caller
        variables = {**_KEYS, "CONNECTEDLINE(num,i)": caller, "CONNECTEDLINE(name,i)": caller}
        if auto_answer:
            variables |= _AUTO_ANSWER
        channel = line.channel
        request = wire.create_channel(setup.endpoint, self._app, channel, variables)

        def answered(status: int, body: str) -> None:
            if not request.is_done_by(status) and self._tracker.channels.get(channel) is line:
                self._not_created(line, status, wire.explained(request, status, body))

        self._outbox.ask(request, answered)

    def _not_created(self, line: Line, status: int, why: str) -> None:
        """A phone that is not registered can't be called: 400 or 500 by version. 409 is a name given twice."""
        order = line.dialling
        line.dialling = None
        if status == 409 and order is not None:
            self._placements.forget(line)
            self._outbox.say(OrderFailed(order, why))
            return
        if order is not None:
            self._outbox.say(OrderDone(order))
        self._end(line, Reason.UNREACHABLE)

    def answer(self, order: AnswerLeg) -> str | None:
        line = self._tracker.lines.get(order.leg)
        if line is None:
            return f"there is no leg {order.leg!r}"
        if line.stage is not Stage.RINGING:
            return f"leg {order.leg!r} does not ring"
        setup = self._numbering.phone(line.number)
        if self._nailing.answer(line):
            self._outbox.say(OrderDone(order.order))
        elif setup is None:
            return f"{line.number} is not a telephone of ours: it can't be made to answer"
        elif setup.answer is AnswerMode.NOTIFY:
            self._notify(order, line)
        else:
            self._call_anew(order, line, setup)
        return None

    def _notify(self, order: AnswerLeg, line: Line) -> None:
        line.notified = True

        def notified(failure: str) -> None:
            self._outbox.say(OrderFailed(order.order, failure) if failure else OrderDone(order.order))

        self._outbox.notify(line.name, "talk", notified)

    def _call_anew(self, order: AnswerLeg, line: Line, setup: Setup) -> None:
        """Let the phone stop ringing, and call it again with a header that makes it answer. The leg stays."""
        self._outbox.insist(wire.hang_up(line.channel, 26))  # answered elsewhere: phones don't count it as missed
        self._create_anew(line, setup)
        self._outbox.say(OrderDone(order.order))

    def _create_anew(self, line: Line, setup: Setup) -> None:
        line.redialled += 1
        self._tracker.swap(line, f"{line.leg}~{line.redialled}")
        line.stage = Stage.CREATED
        self._create(line, setup, line.caller, auto_answer=True)

    def drop(self, order: DropLeg) -> str | None:
        line = self._tracker.lines.get(order.leg)
        if line is None:
            self._outbox.say(OrderDone(order.order))
            self._outbox.say(LegEnded(order.leg))
            return None
        line.drop_reason = order.reason
        if line.transferring:
            self._outbox.ask(wire.tell_progress(line.channel, "channel_answered"))
        if self._nailing.keeps(line):
            self._outbox.say(OrderDone(order.order))
            self._release(line, order.reason)
            return None
        if line.transferring:
            self._hang_up_soon(order, line)
            return None
        self._outbox.carry_out(order.order, [wire.hang_up(line.channel, wire.cause_of(order.reason))])
        return None

    def _hang_up_soon(self, order: DropLeg, line: Line) -> None:
        """Asterisk tells a telephone how its transfer went, and that its call is over, by two threads: if both are
        asked for at once a telephone may never learn the former. Most hang up by themselves when they do."""
        self._placements.part(line)
        job = Job(self._outbox, order.order)
        job.wait()

        def hang_up() -> None:
            job.ask(wire.hang_up(line.channel, wire.cause_of(order.reason)))
            job.step_done()

        self._outbox.later(_TOLD_S, hang_up)
        job.close()

    def _release(self, line: Line, reason: Reason) -> None:
        """The leg is over; its channel waits for the next call."""
        self._placements.rest(line, self._nailing.ask)
        self._nailing.keep(line)
        self._outbox.say(LegEnded(line.leg, reason))

    # -- what happens ----------------------------------------------------------------------------------------------

    def created(self, line: Line, channel: Channel) -> None:
        """A channel of ours is there: let it ring."""
        line.name = channel.name
        if line.stage is not Stage.CREATED:
            return
        line.stage = Stage.DIALLED
        if line.drop_reason is not None:
            return
        request = wire.dial(line.channel)

        def answered(status: int, body: str) -> None:
            if request.is_done_by(status):
                self._dialled(line)
            elif self._tracker.lines.get(line.leg) is line:
                self._not_dialled(line, wire.explained(request, status, body))

        self._outbox.ask(request, answered)

    def _dialled(self, line: Line) -> None:
        if line.dialling is not None:
            self._outbox.say(OrderDone(line.dialling))
            line.dialling = None

    def _not_dialled(self, line: Line, why: str) -> None:
        order, line.dialling = line.dialling, None
        self._outbox.insist(wire.hang_up(line.channel, 16))
        if order is None:
            self._end(line, Reason.SWITCH_ERROR)
        else:
            self._placements.forget(line)
            self._outbox.say(OrderFailed(order, why))

    def ringing(self, line: Line) -> None:
        if line.stage in (Stage.CREATED, Stage.DIALLED):
            line.stage = Stage.RINGING
            self._dialled(line)
            if not line.redialled:
                self._outbox.say(LegRinging(line.leg))

    def up(self, line: Line) -> None:
        """Answered; what came from a phone is answered by us, and is up already."""
        line.answering = False
        if line.stage in (Stage.CREATED, Stage.DIALLED, Stage.RINGING):
            line.stage = Stage.UP
            self._dialled(line)
            self._outbox.say(LegAnswered(line.leg))

    def offered(self, channel: Channel) -> None:
        """Somebody dialled."""
        dialled = channel.dialplan.exten
        number, external = self._numbering.caller(channel.name, channel.caller.number)
        if self._nailing.offered(channel, number, dialled):
            return
        line = Line(channel.id, number, channel.id, Stage.UP if channel.state == "Up" else Stage.OFFERED)
        line.name, line.came_in = channel.name, True
        line.nailed = self._numbering.is_nailed_up(number)
        self._tracker.enter(line)
        self._outbox.say(LegOffered(line.leg, number, dialled, external))

    def swapped(self, line: Line, channel: Channel) -> None:
        """Asterisk put another channel in the place of this leg's (call-semantics #59)."""
        self._tracker.swap(line, channel.id)
        line.name = channel.name

    def gone(self, line: Line, cause: int) -> None:
        """Its channel is no more."""
        if line.dialling is not None:
            self._dialled(line)
        answered = line.is_up or line.is_incoming
        reason = line.drop_reason if line.drop_reason is not None else wire.reason_of(cause, answered=answered)
        setup = self._numbering.phone(line.number)
        unwanted = line.notified and line.drop_reason is None and line.stage is Stage.RINGING
        if unwanted and reason is Reason.NORMAL and setup is not None:
            # A telephone that does not know the event answers 481, and its call is over by that (RFC 5057): nobody
            # wanted it to end.
            line.notified = False
            self._create_anew(line, setup)
        else:
            self._end(line, reason)

    def _end(self, line: Line, reason: Reason) -> None:
        self._placements.forget(line)
        self._outbox.say(LegEnded(line.leg, reason))
