"""Phones and their lines: what a person could see on the display, and how a phone reacts to a call.

A line in use is one leg. The plant (``plant``) moves lines; here they only answer what state they are in. Deliberately
absent: mixes and reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated

import msgspec

from cordboard.calls.model import LegId, MonitorKind, Number
from cordboard.calls.records import Spying

LINES_MAX = 4
"""How many lines a phone has unless the exchange is told otherwise."""

DIGITS_KEPT_MAX = 128
"""So many of the digits that a line heard last are remembered."""

DELAY_MAX_MS = 600_000
"""The longest that a phone or a faulty switch can be told to wait."""

MUSIC = "music"
RINGBACK = "ringback"
QUIET = "quiet"
NOWHERE = ""
"""Places of a line that is in no mix; a line in a mix has the mix's id as its place (see ``reports.LegSeen``)."""


class OnRing(Enum):
    """What a phone does when it is called."""

    RING = "ring"
    ANSWER = "answer"
    BUSY = "busy"
    REJECT = "reject"
    UNREACHABLE = "unreachable"


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``after_ms`` delays the reaction: the ringing itself for RING, else what the phone does in the end."""

    on_ring: OnRing = OnRing.RING
    after_ms: Annotated[int, msgspec.Meta(ge=0, le=DELAY_MAX_MS)] = 0


DEFAULT_BEHAVIOUR = Behaviour()


class Stage(Enum):
    """How far a line has come."""

    WAITING = "called, but the phone has not reacted yet"
    RINGING = "rings, not answered"
    CALLING = "the person dialled, not answered"
    UP = "answered"
    BUSY_TONE = "the leg has ended, the person still listens to the busy tone"


class LineState(Enum):
    """What the display shows; the values are those of the lab."""

    IDLE = "idle"
    RINGING = "ringing"
    DIALING = "dialing"
    TALKING = "talking"
    HELD = "held"


@dataclass(slots=True, eq=False)
class Line:
    """A line in use. ``party`` is the other number as far as the phone knows it: shown, dialled or last talked to.

    ``held`` is set by the phone itself, whatever its place; ``spying`` is set while a supervisor's line is in a mix;
    ``alarm`` is the number of the pending timer, 0 if none.
    """

    phone: Phone
    slot: int
    leg: LegId
    party: Number
    stage: Stage
    place: str = NOWHERE
    held: bool = False
    muted: bool = False
    spying: Spying | None = None
    digits: str = ""
    alarm: int = 0

    @property
    def off_hook(self) -> bool:
        return self.stage is not Stage.RINGING and self.stage is not Stage.WAITING

    @property
    def live(self) -> bool:
        """Whether the person listens to this line; one line of a phone at most is live."""
        return not self.held and self.place != QUIET and self.off_hook

    @property
    def audible(self) -> bool:
        """Whether others in its mix hear this line, if they may."""
        return not self.muted and not self.held and (self.stage is Stage.UP or self.stage is Stage.CALLING)

    def is_known_to(self, leg: LegId) -> bool:
        """Whether a leg in the same mix may hear this line: a supervisor's is kept from some or from all."""
        spying = self.spying
        if spying is None or self.is_public:
            return True
        return spying.kind in (MonitorKind.COACH, MonitorKind.PROMPT) and spying.target == leg

    @property
    def is_deaf(self) -> bool:
        """Whether nobody in the same mix is heard here."""
        return self.spying is not None and self.spying.kind is MonitorKind.PROMPT

    @property
    def is_public(self) -> bool:
        """Whether everybody in the same mix, and a recording of it, may hear this line."""
        return self.spying is None or self.spying.kind is MonitorKind.BARGE_IN

    @property
    def state(self) -> LineState:
        match self.stage:
            case Stage.WAITING:
                return LineState.IDLE
            case Stage.RINGING:
                return LineState.RINGING
            case _ if self.held or self.place == QUIET:
                return LineState.HELD
            case Stage.CALLING | Stage.BUSY_TONE:
                return LineState.DIALING
            case Stage.UP:
                # An answered line that hears ringback is one whose consult or transfer is still ringing.
                return LineState.DIALING if self.place == RINGBACK else LineState.TALKING

    def keep(self, digits: str) -> None:
        """Remember digits that were heard."""
        self.digits = (self.digits + digits)[-DIGITS_KEPT_MAX:]


@dataclass(slots=True, eq=False)
class Phone:
    """A phone at the exchange. ``lines`` are those in use, by slot; a ``trunk`` phone is a party outside."""

    number: Number
    trunk: bool = False
    lines_max: int = LINES_MAX
    plugged: bool = True
    behaviour: Behaviour = DEFAULT_BEHAVIOUR
    lines: dict[int, Line] = field(default_factory=dict)

    @property
    def free_slot(self) -> int | None:
        """The lowest line that is not in use."""
        return next((slot for slot in range(self.lines_max) if slot not in self.lines), None)

    @property
    def live_line(self) -> Line | None:
        return next((line for line in self.lines.values() if line.live), None)

    def line_in(self, *states: LineState) -> Line | None:
        """The lowest line in the first of these states that any line is in."""
        for state in states:
            for slot in sorted(self.lines):
                if self.lines[slot].state is state:
                    return self.lines[slot]
        return None

    @property
    def state(self) -> LineState:
        """That of the line which matters most to the person."""
        line = self.line_in(LineState.TALKING, LineState.DIALING, LineState.RINGING, LineState.HELD)
        return line.state if line is not None else LineState.IDLE
