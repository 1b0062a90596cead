"""The tracker: legs as channels, mixes as bridges, and where each is meant to be. Dry.

A leg and its channel are two things: a phone can be called again under the same leg (``answering``), and Asterisk can
put another channel in its place. What is kept is what was ordered last; what Asterisk says goes over it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import msgspec

from cordboard.calls.model import LegId, Number, OrderId, Reason
from cordboard.calls.records import NOWHERE, Place


class AnswerMode(Enum):
    """How a ringing phone is made to go off hook (asterisk §2).

    NOTIFY: a SIP event "talk", which many desk phones obey. AUTO: it is called anew with a header that makes it answer
    by itself. NAILED_UP: its line stays open between calls, and a call is answered by connecting it.
    """

    NOTIFY = "notify"
    AUTO = "auto"
    NAILED_UP = "nailed_up"


class Setup(msgspec.Struct, frozen=True):
    """How a telephone is reached."""

    number: Number
    endpoint: str
    answer: AnswerMode = AnswerMode.NOTIFY


class Stage(Enum):
    CREATED = "created"
    """A channel that is not rung yet."""
    DIALLED = "dialled"
    RINGING = "ringing"
    OFFERED = "offered"
    """Of somebody who dialled; not answered yet."""
    UP = "up"


class Line:
    """One leg. ``place`` is where it was last ordered to be by ``order``, NOWHERE if that is in doubt; ``bridge`` is
    where Asterisk says that its channel is."""

    # fmt: off
    __slots__ = (
        "adopted", "answering", "bridge", "caller", "came_in", "cause", "channel", "dialled", "dialling", "doubt",
        "drop_reason", "ending", "external", "held", "leg", "mute_order", "muted", "nailed", "name", "notified",
        "number", "order", "place", "redialled", "silenced", "stage", "transferring",
    )
    # fmt: on

    def __init__(self, leg: LegId, number: Number, channel: str, stage: Stage) -> None:
        self.leg = leg
        self.number = number
        self.channel = channel
        self.name = ""
        self.caller: Number = ""
        """What its phone was shown."""
        self.stage = stage
        self.place: Place = NOWHERE
        self.bridge = ""
        self.order: OrderId = 0
        self.doubt: set[str] = set()
        """Bridges that orders which failed were to take it out of, or put it into."""
        self.muted = False
        self.mute_order: OrderId = 0
        """The order that it is muted by, or not."""
        self.held = False
        self.silenced: bool | None = False
        """In its bridge, but nobody hears it; None if that is not known."""
        self.dialling: OrderId | None = None
        """The order that is done when the phone is being rung."""
        self.drop_reason: Reason | None = None
        self.notified = False
        """Its ringing phone was told to answer."""
        self.redialled = 0
        """How often its phone was called anew."""
        self.transferring = False
        """Its phone asked for a transfer and waits to hear how it goes."""
        self.adopted = False
        """A former run of ours had it: what it hears and whether it is muted, Asterisk does not tell (see
        ``remembering``)."""
        self.dialled: Number = ""
        """What somebody dialled whom a former run may not have heard of; ``external`` if that came by the trunk."""
        self.external = False
        self.came_in = False
        """Somebody dialled: of such a channel Asterisk tells that it leaves the application, not that it is gone."""
        self.answering = False
        """Asterisk was asked to answer somebody who dialled, and has not said that it did."""
        self.ending = False
        """Its telephone has hung up, or something else is about to end it."""
        self.cause = 0
        """Why it is being hung up, by its ISDN cause."""
        self.nailed = False
        """Its channel stays when the leg ends."""

    @property
    def is_up(self) -> bool:
        return self.stage is Stage.UP

    @property
    def is_incoming(self) -> bool:
        return self.stage is Stage.OFFERED


class Mix:
    """One bridge of ours. It lasts while a leg is in it or a recording is made of it. ``made`` unless it is still to be
    asked for, as it could not be made."""

    __slots__ = ("bridge", "legs", "made", "recordings")

    def __init__(self, bridge: str = "") -> None:
        self.bridge = bridge
        """Its id at Asterisk."""
        self.made = True
        self.legs: dict[LegId, None] = {}
        """In the order in which they joined."""
        self.recordings: set[str] = set()

    @property
    def is_idle(self) -> bool:
        return not self.legs and not self.recordings


class Tracker:
    """All legs and mixes of one application."""

    def __init__(self) -> None:
        self.lines: dict[LegId, Line] = {}
        self.channels: dict[str, Line] = {}
        self.mixes: dict[str, Mix] = {}
        self.on_change: Callable[[str], None] = lambda _: None
        """Called with the mix that somebody joined or left."""
        self._bridges = 0
        self.taken: set[str] = set()
        """Names of channels that an earlier process made and that are being hung up."""

    def count_from(self, number: int) -> None:
        """Names are counted on from what no earlier process has come to."""
        self._bridges = max(self._bridges, number)

    def open(self, mix: str) -> Mix:
        """There is such a mix now, with a bridge of an id that no other has had: that of a bridge which was destroyed
        stays taken for a while (409), and a mix that all have left may be needed again at once."""
        self._bridges += 1
        return self.found_mix(mix, f"{mix}~{self._bridges}")

    def found_mix(self, mix: str, bridge: str) -> Mix:
        """There is such a mix; this is its bridge."""
        found = self.mixes.setdefault(mix, Mix())
        found.bridge, found.made = bridge, True
        return found

    def known_mix(self, bridge: str) -> str:
        """The mix whose bridge this is; "" if it is not known."""
        return next((name for name, mix in self.mixes.items() if mix.bridge == bridge), "")

    def mix_with(self, bridge: str) -> str:
        """The mix whose bridge this is. Of one that is not known the id tells for which mix it was made."""
        return self.known_mix(bridge) or bridge.rpartition("~")[0] or bridge

    def rename(self, mix: str, name: str) -> None:
        """The bridge of a mix is that of another from now on, and so is everybody in it."""
        found = self.mixes[name] = self.mixes.pop(mix)
        for leg in found.legs:
            self.lines[leg].place = name

    def bridge_of(self, place: Place) -> str:
        """The bridge of a mix; "" if it is none."""
        mix = self.mixes.get(place)
        return mix.bridge if mix is not None else ""

    def enter(self, line: Line) -> None:
        self.lines[line.leg] = line
        self.channels[line.channel] = line

    def swap(self, line: Line, channel: str) -> None:
        """The leg goes on with another channel."""
        self.channels.pop(line.channel, None)
        line.channel, line.ending = channel, False
        self.channels[channel] = line

    def remove(self, line: Line) -> None:
        """The leg is over. Its mix may be idle after this."""
        self.lines.pop(line.leg, None)
        if self.channels.get(line.channel) is line:
            del self.channels[line.channel]
        self.leave(line)

    def leave(self, line: Line) -> None:
        place, line.place = line.place, NOWHERE
        mix = self.mixes.get(place)
        if mix is not None:
            mix.legs.pop(line.leg, None)
            self.on_change(place)

    def put(self, line: Line, place: Place) -> None:
        """The leg is meant to be there; a mix is entered if there is one of that name."""
        self.leave(line)
        line.place = place
        mix = self.mixes.get(place)
        if mix is not None:
            mix.legs[line.leg] = None
            self.on_change(place)
