"""docs/procedures.md: who says what to whom, drawn from stories that are played."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from tools.publish import summaries
from tools.publish.stage import CUSTOMER, Acted, Asked, Happening, Hears, Notified, Ordered, Reported, Stage, Waited
from tools.publish.telling import STORIES
from tools.publish.writing import page

from cordboard.calls import orders, reports

NAME = "procedures.md"
TRANSCRIPTS = Path(__file__).parents[2] / "tests" / "transcripts"

_INTRODUCTION = """\
# Procedures

What happens, in order, between desktops, cordboard, the switch and the telephones. The pictures are drawn from stories
that are played through the server's own rooms; each request, notification, order and report in them is a real one.
Reports that lead to nothing are left out. What somebody hears is told when it changes.

Solid arrows to cordboard are requests, with the answer's `statusCode` behind them; open arrows from it are
notifications. *call* and *consult* are the ids that clients see. Each operation's JSON is on
[its own page](operations/README.md)."""


_STATES = """\
## The states of a call

Every change of state that a client is told of in one of the stories under `tests/transcripts`, whoever caused it: its
owner, another party, the switch or the clock."""

_TOLD = re.compile(r"^told (\S+) (\S+) (?:StatusChange|ParticipantsUpdated) (\w+) ", re.MULTILINE)


class Procedure(msgspec.Struct, frozen=True):
    """One picture. ``lanes`` are numbers; ``before`` is played and not drawn."""

    title: str
    say: str
    lanes: tuple[str, ...]
    play: tuple[str, ...]
    before: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    rules: dict[str, Any] = {}


def procedures() -> list[Procedure]:
    read = tomllib.loads((STORIES / "procedures.toml").read_text("utf-8"))
    return msgspec.convert(read["procedures"], list[Procedure])


def text() -> str:
    parts = [_INTRODUCTION, _STATES, _states_picture()]
    for procedure in procedures():
        parts += [f"## {procedure.title}", procedure.say, _picture(procedure)]
    return page(*parts)


def _states_picture() -> str:
    steps = {step for story in TRANSCRIPTS.glob("*.txt") for step in _steps(story.read_text("utf-8"))}
    lines = [f"    {before} --> {after}" for before, after in sorted(steps)]
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```"


def _steps(story: str) -> Iterator[tuple[str, str]]:
    """From state to state, as the owners of calls are told in a story."""
    states: dict[tuple[str, str], str] = {}
    for owner, letter, state in _TOLD.findall(story):
        before = states.get((owner, letter), "[*]")
        if before != state:
            yield before, state
            states[owner, letter] = state
        if state == "Released":
            yield state, "[*]"


def _picture(procedure: Procedure) -> str:
    stage = Stage(procedure.features, procedure.rules)
    stage.play(*procedure.before)
    drawing = Drawing(stage, procedure)
    for line in procedure.play:
        drawing.add(stage.play(line))
    return "```mermaid\n" + "\n".join(drawing.lines()) + "\n```"


class Drawing:
    """Lines of a Mermaid sequence diagram."""

    def __init__(self, stage: Stage, procedure: Procedure) -> None:
        self._stage = stage
        self._lanes = procedure.lanes
        self._arrows: list[str] = []

    def lines(self) -> Iterator[str]:
        yield "sequenceDiagram"
        yield from (f"    participant D{n} as desktop {n}" for n in self._lanes if n != CUSTOMER)
        yield "    participant C as cordboard"
        yield "    participant S as switch"
        for number in self._lanes:
            yield f"    participant P{number} as {'customer' if number == CUSTOMER else f'phone {number}'}"
        yield from (f"    {arrow}" for arrow in self._arrows)

    def add(self, happenings: Sequence[Happening]) -> None:
        for index, happening in enumerate(happenings):
            following = happenings[index + 1] if index + 1 < len(happenings) else None
            if not isinstance(happening, Reported) or isinstance(following, Notified | Ordered):
                self._arrows += self._draw(happening)

    def _draw(self, happening: Happening) -> Iterator[str]:
        match happening:
            case Asked(number, path, body, _, answer):
                call = self._call(path.rpartition("/")[2])
                yield f"D{number}->>C: {body['operationName']}{f' ({call})' if call else ''}"
                yield f"C-->>D{number}: statusCode {answer['statusCode']}"
            case Acted(number, what):
                yield f"P{number}->>S: {what}"
            case Notified(number, _, data):
                yield f"C-)D{number}: {self._told(data)}"
            case Ordered(order):
                yield f"C->>S: {self._order(order)}"
            case Reported(report):
                yield f"S-->>C: {self._report(report)}"
            case Waited(seconds):
                yield f"Note over C: {seconds} s later"
            case Hears(number, what):
                yield (
                    f"S--)P{number}: hears {' and '.join(map(self._who, what))}" if what else f"S--)P{number}: on hook"
                )

    def _told(self, data: dict[str, Any]) -> str:
        match data["messageType"]:
            case "CallStateChangeMessage":
                call, kind = data["call"], data["notificationType"]
                reason = data.get("extensions", {}).get("Reason")
                words = f"{self._call(call['id'])} {call['state']}"
                if kind == "ParticipantsUpdated":
                    words += f", with {', '.join(self._who(party['phoneNumber']) for party in call['participants'])}"
                elif kind == "CallRecordingStateChange":
                    words += f", recording is {call['recordingState']}"
                elif kind != "StatusChange":
                    words += f", {kind}"
                return words + (f", {reason}" if reason else "")
            case "DeviceStateChangeMessage":
                return f"device, {summaries.device(data['devices'][0])}"
            case kind:
                return f"{kind} {data['errorCode']}"

    def _order(self, order: orders.AnyOrder) -> str:
        name = type(order).__name__
        match order:
            case orders.DialLeg():
                return f"{name} {self._who(order.number)}"
            case orders.PlaceLegs():
                places = ("mixed", "music", "ringback", "quiet")
                named = [(place, getattr(order, place)) for place in places if getattr(order, place)]
                return f"{name} " + ", ".join(f"{place} {' + '.join(map(self._leg, legs))}" for place, legs in named)
            case orders.SpyLeg():
                return f"{name} {self._leg(order.leg)}, {order.kind.value}"
            case _:
                leg = getattr(order, "leg", None)  # what is ordered about recordings names no leg
                return name if leg is None else f"{name} {self._leg(leg)}"

    def _report(self, report: reports.AnyReport) -> str:
        leg = getattr(report, "leg", None)
        reason = getattr(report, "reason", None)
        words = [type(report).__name__, "" if leg is None else self._leg(leg), "" if reason is None else reason.value]
        return " ".join(word for word in words if word)

    def _call(self, call_id: str) -> str:
        """How a call is called in the pictures; "" for what is no call."""
        if call_id not in self._stage.calls:
            return ""
        kind = "consult" if call_id in self._stage.consults else "call"
        same = [one for one in self._stage.calls if (one in self._stage.consults) == (kind == "consult")]
        index = same.index(call_id)
        return kind if index == 0 else f"{kind} {index + 1}"

    def _leg(self, leg: str) -> str:
        return self._who(self._stage.legs.get(leg, leg))

    def _who(self, number: str) -> str:
        return "customer" if number == CUSTOMER else number
