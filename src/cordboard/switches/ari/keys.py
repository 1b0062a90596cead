"""Keys: what people do at their telephones during a call: hold, transfer, digits. Dry.

The board decides, as it does when a client asks. A transfer is not done by Asterisk (``PJSIP_TRANSFER_HANDLING``); a
phone that asked for one is told how it went when its leg is dropped for it, or is not. A hold is reported by Asterisk
and does no more than music in the bridge, which the board's orders replace; with ``HOLD_INTERCEPT`` the other party's
channel would report it as well, as a hold of its own.
"""

from __future__ import annotations

import msgspec

from cordboard.calls.model import LegId
from cordboard.calls.reports import LegDigits, LegHeld, LegRetrieved, LegsTransferred, LegTransferred
from cordboard.switches.ari import wire
from cordboard.switches.ari.events import ChannelTransfer
from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.outbox import Job, Outbox
from cordboard.switches.ari.tracker import AnswerMode, Line, Tracker

RESUME_TIMEOUT_S = 2.0
"""How long a phone has to take back a line that it holds, when the API asks."""


class _Resuming(msgspec.Struct, eq=False):
    """A job that waits for a phone to take its line back."""

    line: Line
    job: Job
    until: float


class Keys:
    """What phones tell, and the one thing they can be asked: to take a line back that they hold."""

    def __init__(self, tracker: Tracker, outbox: Outbox, numbering: Numbering) -> None:
        self._tracker = tracker
        self._outbox = outbox
        self._numbering = numbering
        self._resuming: list[_Resuming] = []
        self.now = 0.0

    # -- hold ------------------------------------------------------------------------------------------------------

    def held(self, line: Line) -> None:
        if not line.held:
            line.held = True
            self._outbox.say(LegHeld(line.leg))

    def retrieved(self, line: Line) -> None:
        """The phone took it back: by itself, or because it was asked to, which is no news."""
        if not line.held:
            return
        line.held = False
        asked = [one for one in self._resuming if one.line is line]
        self._resuming = [one for one in self._resuming if one.line is not line]
        for one in asked:
            one.job.step_done()
        if not asked:
            self._outbox.say(LegRetrieved(line.leg))

    def found(self, held: frozenset[str]) -> None:
        """What was pressed while the link was down, by the channels that are held now."""
        for line in self._tracker.lines.values():
            if line.channel in held:
                self.held(line)
            else:
                self.retrieved(line)

    def resume(self, line: Line, job: Job) -> None:
        """Ask the phone to take its line back; the job waits until it has."""
        job.wait()
        setup = self._numbering.phone(line.number)
        if setup is None or setup.answer is not AnswerMode.NOTIFY:
            job.fail(f"the telephone of {line.number} holds the call: it has to be taken back there")
            return
        resuming = _Resuming(line, job, self.now + RESUME_TIMEOUT_S)
        self._resuming.append(resuming)
        self._outbox.notify(line.name, "talk", lambda failure: self._give_up(resuming, failure) if failure else None)

    def _give_up(self, resuming: _Resuming, why: str) -> None:
        if resuming in self._resuming:
            self._resuming.remove(resuming)
            resuming.job.fail(why)

    def next_deadline(self) -> float | None:
        return min((one.until for one in self._resuming), default=None)

    def tick(self, now: float) -> None:
        for one in [one for one in self._resuming if one.until <= now]:
            self._give_up(one, f"the telephone of {one.line.number} keeps the call on hold")

    def gone(self, line: Line) -> None:
        """Nobody will take this line back."""
        for one in [one for one in self._resuming if one.line is line]:
            self._give_up(one, f"leg {line.leg!r} ended")

    def forget(self) -> None:
        """The link is lost, and with it all that waited."""
        self._resuming.clear()

    # -- transfer --------------------------------------------------------------------------------------------------

    def transfer(self, event: ChannelTransfer) -> None:
        """The phone sent a REFER, with Replaces (attended) or without. Our own progress comes back with a state."""
        if event.state is not None:
            return
        line = self._tracker.channels.get(event.referred_by.source_channel.id)
        if line is None:
            self._outbox.ask(wire.tell_progress(event.referred_by.source_channel.id, "channel_declined"))
            return
        asked = event.refer_to.requested_destination
        target = event.refer_to.destination_channel
        other = self._tracker.channels.get(target.id) if target is not None else None
        line.transferring = True
        if other is not None and other is not line:
            other.transferring = False
            self._outbox.say(LegsTransferred(line.leg, other.leg))
        elif asked.destination and not asked.protocol_id:
            self._outbox.say(LegTransferred(line.leg, _user_of(asked.destination)))
        else:
            self.heard(line.leg)

    def heard(self, leg: LegId) -> None:
        """The board has heard of a transfer. If it wants it, the leg is being dropped by now."""
        line = self._tracker.lines.get(leg)
        if line is not None and line.transferring and line.drop_reason is None:
            line.transferring = False
            self._outbox.ask(wire.tell_progress(line.channel, "channel_declined"))

    # -- digits ----------------------------------------------------------------------------------------------------

    def digit(self, line: Line, digit: str) -> None:
        self._outbox.say(LegDigits(line.leg, digit))


def _user_of(destination: str) -> str:
    """The number in what a phone asked for: ``5001``, ``sip:5001@host`` or ``5001@host``."""
    return destination.removeprefix("sips:").removeprefix("sip:").partition("@")[0].partition(";")[0]
