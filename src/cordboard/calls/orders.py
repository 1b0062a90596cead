"""Orders: what the board tells the switch to do with legs. Imperative.

Every order has a number of its own and is answered by exactly one ``OrderDone`` or ``OrderFailed`` report that
carries it. A switch carries out the orders it is given in the order it is given them, at least per conversation.

A **mix** is where legs hear each other: it has the id of a conversation, exists while a leg is in it, and a leg is in
one mix at most: joining another moves it.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import CallId, ConversationId, LegId, MonitorKind, Number, OrderId, Reason, RecordingId


class Order(msgspec.Struct, frozen=True, gc=False, tag=True):
    order: OrderId


class DialLeg(Order, frozen=True, gc=False):
    """Ring ``number`` and call the new leg ``leg``. Then: LegRinging, LegAnswered or LegEnded with a reason.

    ``caller`` is the number to show. ``auto_answer`` asks the phone to go off hook at once (its owner dialled by API).
    ``location`` is the client's hint where the number is, for switches that are several in one (gws-v2 §3).
    """

    leg: LegId
    number: Number
    caller: Number
    call: CallId
    auto_answer: bool = False
    location: str = ""


class AnswerLeg(Order, frozen=True, gc=False):
    """Make a ringing phone go off hook. Then: LegAnswered."""

    leg: LegId


class DropLeg(Order, frozen=True, gc=False):
    """End a leg. Then: LegEnded, also if there is no such leg: what matters is that it is gone."""

    leg: LegId
    reason: Reason = Reason.NORMAL


class PlaceLegs(Order, frozen=True, gc=False):
    """Who hears what from now on. Legs that are not named stay as they are.

    The legs in ``quiet`` leave their mix and hear nothing, those in ``music`` leave it and hear music on hold, those in
    ``ringback`` leave it and hear ringing; then those in ``mixed`` join the mix ``mix`` (music and tones stop; a leg
    that came from a phone and is not answered yet is answered by this).

    Those in ``leaving`` are dropped as soon as this is done: until then they may be in their mix or in this one, as is
    quicker; it is no failure if one has ended.
    """

    mix: ConversationId = ""
    mixed: tuple[LegId, ...] = ()
    music: tuple[LegId, ...] = ()
    ringback: tuple[LegId, ...] = ()
    quiet: tuple[LegId, ...] = ()
    leaving: tuple[LegId, ...] = ()


class JoinLegs(PlaceLegs, frozen=True, gc=False):
    """A placement that lets legs hear each other; others may be parted by it."""


class HoldLeg(PlaceLegs, frozen=True, gc=False):
    """A placement that puts legs on hold (music or quiet) and joins nobody."""


class RingLeg(PlaceLegs, frozen=True, gc=False):
    """A placement that only gives legs a ringing tone."""


class SendDigits(Order, frozen=True, gc=False):
    """Let ``leg`` hear these DTMF digits."""

    leg: LegId
    digits: str


class MuteLeg(Order, frozen=True, gc=False):
    """While muted nobody hears ``leg``; it hears the others."""

    leg: LegId
    muted: bool


class SpyLeg(Order, frozen=True, gc=False):
    """``leg``, a supervisor's, joins the mix ``mix`` and hears everybody in it; who hears it depends on ``kind``.

    LISTEN_IN: nobody. COACH: ``target`` alone (nobody if that is ""). PROMPT: as COACH, but ``leg`` hears nobody.
    BARGE_IN: everybody, as if it were placed there.
    It is silent for the others from the first moment on, and stays so until the next SpyLeg for it, which may come
    while it is in that mix already, or until a placement names it.
    """

    leg: LegId
    mix: ConversationId
    target: LegId
    kind: MonitorKind


class StartRecording(Order, frozen=True, gc=False):
    """Record what is said in the mix ``mix``, also while nobody is in it, until StopRecording. Then: RecordingEnded.

    ``call`` and ``starter`` say on whose behalf. It fails if there is a recording of that name.
    """

    recording: RecordingId
    mix: ConversationId
    call: CallId
    starter: Number


class PauseRecording(Order, frozen=True, gc=False):
    """Leave out what is said from now on. Done if it is paused already; it fails if there is no such recording."""

    recording: RecordingId


class ResumeRecording(Order, frozen=True, gc=False):
    """Go on with it. Done if it is not paused; it fails if there is no such recording."""

    recording: RecordingId


class StopRecording(Order, frozen=True, gc=False):
    """End and keep it. Done also if there is no such recording, so that it can be ordered when that is in doubt."""

    recording: RecordingId


RecordingOrder: TypeAlias = StartRecording | PauseRecording | ResumeRecording | StopRecording
AnyOrder: TypeAlias = (
    DialLeg | AnswerLeg | DropLeg | JoinLegs | HoldLeg | RingLeg | SendDigits | MuteLeg | SpyLeg | RecordingOrder
)
