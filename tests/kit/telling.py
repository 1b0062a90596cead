"""Transcripts: stories as text. Inputs stand above a divider, everything that follows from them below it.

    phone 5000 dial to=5005                      a person at a phone (the actions of the lab)
    5005 Answer A                                a client's command on call A
    5005 InitiateTransfer A to=5001 data=k:v     with its fields
    5000 Dial to=5001 also=5005,5900 lasts_s=60  one call begun by API; with also, several sources; pinned=yes
    500 Invite to=5001 room=500                  somebody is called into a room
    5900 ListenIn 5005 scope=Agent mode=NextCall   a supervisor; also Coach, Prompt, BargeIn
    5900 UnPark 5000 A                           take somebody's call; also PickUp
    5900 CancelMonitoring                        also MuteMonitored, UnmuteMonitored
    5001 behaves busy                            how a phone reacts from now on
    5001 do-not-disturb on                       or off
    5001 forwards to=5900                        or off
    fault fail JoinLegs                          the switch misbehaves once
    switch down / switch dies / switch up        the link is lost; all legs are, too; the link is back
    server dies                                  the process is killed and started anew; what was on its way is lost
    server dies before ordering                  that, as soon as something is written down that is to be ordered
    wait 15                                      seconds
    hold reports / release reports               what the switch says waits
    deliver 2                                    of what waits, so many reports; one without a number
    records                                      call detail records that are complete since this was asked last
    ----
    answer accepted
    told 5005 A StatusChange Held Internal [5000] for 12 s: Hangup Retrieve +Start +Data
    order HoldLeg music=5000 quiet=5005
    kept A-1 by 5002: 12 s of 5002 5000          a recording that is complete
    hears 5000 music

Calls get letters in the order in which they turn up. Rewrite all files with ``CORDBOARD_REWRITE=1``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from tests.kit import telling_records
from tests.kit.scene import Scene

from cordboard.agents.commands import AnyAgentCommand, ForwardCalls, SetDoNotDisturb, StopForwarding
from cordboard.calls import commands
from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, MonitoringChanged
from cordboard.calls.model import (
    Call,
    CallId,
    Monitoring,
    MonitorKind,
    MonitorMode,
    MonitorScope,
    Number,
    Operation,
    Permits,
)
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    MuteLeg,
    PauseRecording,
    PlaceLegs,
    ResumeRecording,
    SendDigits,
    SpyLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.permits import STARTS, USER_DATA, supervision
from cordboard.calls.records import Rules
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.persons import AnyAction

DIVIDER = "----"


class Teller:
    """Plays inputs on a scene and writes down what they lead to."""

    def __init__(self, rules: Rules, scene: Scene | None = None) -> None:
        self.scene = scene or Scene(rules)
        self.events: list[AnyEvent] = []
        """What was told of the last input."""
        self._letters: dict[CallId, str] = {}
        self._heard: dict[str, list[str]] = {}
        self._legs: dict[str, str] = {}
        self.holding = False
        self._orders_seen = len(self.scene.orders)
        self._records_seen = 0

    def play(self, line: str) -> list[str]:
        """One input; its consequences, one a line."""
        said = self._records() if line == "records" else self._do(line.split())
        if not self.holding:
            self.scene.run()
        return said + self._consequences()

    def _records(self) -> list[str]:
        records = self.scene.records[self._records_seen :]
        self._records_seen = len(self.scene.records)
        return [telling_records.tell(record, self.letter) for record in records]

    def _do(self, words: list[str]) -> list[str]:
        match words:
            case ["phone", number, action, *fields]:
                return self._act(number, action, fields)
            case ["fault" | "switch" | "server" | "wait" | "hold" | "release" | "deliver", *_]:
                self._arrange(words)
            case [number, "behaves", on_ring, *after]:
                self.scene.behave(number, on_ring, int(after[0]) if after else 0)
            case [number, "do-not-disturb" | "forwards" as setting, what]:
                assert self.scene.set_device(_setting(number, setting, what)), f"{words} is not possible"
            case [number, "Dial" | "Invite" as what, *fields]:
                return self._ask(what, {"asker": number, **_fields(fields)})
            case [number, "ListenIn" | "Coach" | "Prompt" | "BargeIn" as kind, target, *fields]:
                return self._monitor(number, kind, target, _fields(fields))
            case [number, "CancelMonitoring" | "MuteMonitored" | "UnmuteMonitored" as what, *fields]:
                return self._ask(what, {"asker": number, **_fields(fields)})
            case [number, "UnPark" | "PickUp" as what, whose, letter, *fields]:
                return self._ask(what, {"asker": number, "whose": whose, "call": self._id(letter), **_fields(fields)})
            case [number, operation, letter, *fields]:
                return self._ask(operation, {"asker": number, "call": self._id(letter), **_fields(fields)})
            case _:
                raise ValueError(f"can't play {' '.join(words)!r}")
        return []

    def _arrange(self, words: list[str]) -> None:
        match words:
            case ["fault", misdeed, order, *fields]:
                numbers = {name: int(value) for name, value in _fields(fields).items()}
                self.scene.link.add(Fault(Misdeed(misdeed), order, **numbers))
            case ["switch" | "server", *what]:
                self._breaks(words[0], what)
            case ["wait", seconds]:
                self.scene.wait(float(seconds), deliver=not self.holding)
            case ["deliver", *count]:
                for _ in range(int(count[0]) if count else 1):
                    assert self.scene.deliver(), "no report waits"
            case ["hold" | "release", "reports"]:
                self.holding = words[0] == "hold"
            case _:
                raise ValueError(f"can't arrange {' '.join(words)!r}")

    def _breaks(self, who: str, what: list[str]) -> None:
        scene = self.scene
        match who, what:
            case "switch", ["down"]:
                scene.cut()
            case "switch", ["dies"]:
                scene.cut()
                scene.exchange.reset()
            case "switch", ["up"]:
                scene.mend()
            case "server", ["dies"]:
                scene.die()
            case "server", ["dies", "before", "ordering"]:
                scene.die_before_ordering()
            case _:
                raise ValueError(f"can't arrange {who} {' '.join(what)!r}")

    def _act(self, number: str, action: str, fields: list[str]) -> list[str]:
        value: dict[str, Any] = {"do": action, **_fields(fields)}
        if "line" in value:
            value["line"] = int(value["line"])
        cannot = self.scene.act(number, msgspec.convert(value, AnyAction))
        return [f"phone cannot: {cannot.reason}"] if cannot is not None else []

    def _ask(self, operation: str, fields: dict[str, Any]) -> list[str]:
        for name in ("other", "consult"):
            if name in fields:
                fields[name] = self._id(fields[name])
        for name in ("for_s", "ring_s", "lasts_s"):
            if name in fields:
                fields[name] = float(fields[name])
        if "also" in fields:
            fields |= {"also": tuple(fields["also"].split(","))}
        if "pinned" in fields:
            fields |= {"pinned": fields["pinned"] == "yes"}
        if "data" in fields:
            fields["user_data"] = dict(pair.split(":") for pair in fields.pop("data").split(","))
        refusal = self.scene.ask(getattr(commands, operation)(**fields))
        return ["answer accepted"] if refusal is None else [f"answer refused, {refusal.kind.value}: {refusal.detail}"]

    def _monitor(self, number: str, kind: str, target: str, fields: dict[str, str]) -> list[str]:
        scope, mode = MonitorScope(fields.get("scope", "Call")), MonitorMode(fields.get("mode", "AllCalls"))
        values = {"asker": number, "target": target, "kind": MonitorKind(kind), "scope": scope, "mode": mode}
        values |= {name: fields[name] for name in ("ring_s", "caller_id") if name in fields}
        return self._ask("Monitor", values)

    # -- writing down ----------------------------------------------------------------------------------------------

    def _consequences(self) -> list[str]:
        self.events = self.scene.news()
        lines = [self._event(event) for event in self.events]
        orders = self.scene.orders[self._orders_seen :]
        self._orders_seen = len(self.scene.orders)
        return lines + [self._order(order) for order in orders] + self._recordings() + self._changes_in_hearing()

    def _recordings(self) -> list[str]:
        return [
            f"kept {self._recording(one.id)} by {one.starter}: {one.seconds:g} s of {' '.join(one.parties)}"
            for one in self.scene.exchange.take_recordings()
        ]

    def _changes_in_hearing(self) -> list[str]:
        lines = []
        for number in self._numbers():
            heard = self.scene.hears(number)
            if heard != self._heard.get(number, []):
                lines.append(f"hears {number} {' '.join(heard) or 'nothing: it is on hook'}")
                self._heard[number] = heard
        return lines

    def _numbers(self) -> Sequence[Number]:
        return self.scene.exchange.numbers

    def _event(self, event: AnyEvent) -> str:
        match event:
            case CallFailed(owner, call_id, operation, refusal):
                what = f"{operation.value} failed, {refusal.kind.value}: {refusal.detail}"
                return f"told {owner} {self.letter(call_id)} {what}"
            case MonitoringChanged(supervisor, monitoring):
                return f"told {supervisor} device {_monitoring(monitoring)}"
            case CallChanged(change, call, permits):
                words = [f"told {call.owner} {self.letter(call.id)} {change.value}", *self._call(call)]
                return f"{' '.join(words)} after {self.scene.now - call.began:g} s: {_permits(permits)}"

    def _call(self, call: Call) -> Iterator[str]:
        yield f"{call.state.value} {call.type.value} [{' '.join(call.participants)}]"
        if call.parent is not None:
            yield f"parent={self.letter(call.parent)}"
        if call.user_data:
            yield "data=" + ",".join(f"{key}:{value}" for key, value in call.user_data.items())
        if call.muted:
            yield "muted"
        if call.recording is not None:
            yield f"recording={call.recording.value}"
        if call.monitors is not None:
            yield f"monitors={call.monitors.value}"
        if call.monitored is not None:
            yield f"monitored={call.monitored.kind.value}{',muted' if call.monitored.muted else ''}"
        if call.parked is not None:
            yield f"parked={call.parked.slot} by={call.parked.by}"
        yield from _apart(call)
        if call.reason.value:
            yield f"reason={call.reason.value}"

    def _order(self, order: AnyOrder) -> str:
        match order:
            case DialLeg():
                self._legs[order.leg] = order.number
                auto = " auto-answer" if order.auto_answer else ""
                where = f" location={order.location}" if order.location else ""
                return f"order DialLeg {order.number} for {order.caller}{auto}{where}"
            case AnswerLeg():
                return f"order AnswerLeg {self._leg(order.leg)}"
            case DropLeg():
                return f"order DropLeg {self._leg(order.leg)} {order.reason.value}".rstrip()
            case PlaceLegs():
                places = (("mixed", order.mixed), ("music", order.music), ("ringback", order.ringback))
                named = [(name, legs) for name, legs in (*places, ("quiet", order.quiet)) if legs]
                words = [f"{name}={','.join(self._leg(leg) for leg in legs)}" for name, legs in named]
                return f"order {type(order).__name__} {' '.join(words)}"
            case SendDigits():
                return f"order SendDigits {self._leg(order.leg)} {order.digits}"
            case MuteLeg():
                return f"order MuteLeg {self._leg(order.leg)} {'on' if order.muted else 'off'}"
            case StartRecording():
                return f"order StartRecording {self._recording(order.recording)} for {order.starter}"
            case PauseRecording() | ResumeRecording() | StopRecording():
                return f"order {type(order).__name__} {self._recording(order.recording)}"

            case SpyLeg():
                only = f" for {self._leg(order.target)}" if order.target else ""
                return f"order SpyLeg {self._leg(order.leg)} {order.kind.value}{only}"

    def _leg(self, leg_id: str) -> str:
        row = self.scene.board.ledger.legs.get(leg_id)
        if row is not None:
            self._legs[leg_id] = row.number
        return self._legs.get(leg_id, leg_id)

    def _recording(self, recording: str) -> str:
        """The first recording of conversation A is A-1."""
        conversation, _, count = recording.rpartition("-")
        return f"{self.letter(conversation)}-{count}"

    def letter(self, call_id: CallId) -> str:
        return self._letters.setdefault(call_id, chr(ord("A") + len(self._letters)))

    def _id(self, letter: str) -> CallId:
        return next((call_id for call_id, known in self._letters.items() if known == letter), letter)


def _apart(call: Call) -> Iterator[str]:
    """Who it rings for to be connected with; for whom a message is left."""
    if call.connects_to:
        yield f"connects-to={call.connects_to}"
    if call.mailbox:
        yield f"mailbox={call.mailbox}"


def _fields(words: list[str]) -> dict[str, Any]:
    return dict(word.split("=", 1) for word in words)


def _setting(number: str, setting: str, what: str) -> AnyAgentCommand:
    if setting == "do-not-disturb":
        return SetDoNotDisturb(asker=number, on=what == "on")
    return StopForwarding(asker=number) if what == "off" else ForwardCalls(asker=number, to=what.removeprefix("to="))


def _monitoring(monitoring: Monitoring | None) -> str:
    offered = " ".join(sorted(one.value for one in supervision(monitoring)))
    if monitoring is None:
        return f"monitors nobody: {offered}"
    words = [monitoring.kind.value, monitoring.target, monitoring.mode.value, monitoring.scope.value]
    words += ["on-call"] if monitoring.on_call else []
    words += ["muted"] if monitoring.muted else []
    return f"{' '.join(words)}: {offered}"


def _permits(permits: Permits) -> str:
    if not permits:
        return "nothing"
    named = sorted(operation.value for operation in permits - USER_DATA - STARTS)
    groups = [name for name, group in (("+Start", STARTS), ("+Data", USER_DATA)) if group <= permits]
    partial = [operation.value for operation in Operation if operation in permits & (STARTS | USER_DATA)]
    if len(partial) not in (0, 4, 8):
        named += partial
    return " ".join(named + groups)


def retell(text: str, teller_of: Callable[[Rules], Teller] = Teller) -> str:
    """The same story with what follows from it now. Comments and empty lines stay."""
    out: list[str] = []
    settings: dict[str, Any] = {}
    teller: Teller | None = None
    told: list[str] = []
    below = False
    for line in text.splitlines():
        if line.startswith("rules "):
            settings = {key: _value(value) for key, value in _fields(line.split()[1:]).items()}
            out.append(line)
        elif line.startswith("#") or not line.strip():
            if below and not line.strip():
                below = False
            out.append(line)
        elif line == DIVIDER:
            out += [DIVIDER, *told]
            told, below = [], True
        elif not below:
            teller = teller or teller_of(Rules(**settings))
            out.append(line)
            told += teller.play(line)
    return "\n".join(out) + "\n"


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"\d+\.\d+", text):
        return float(text)
    return int(text) if text.isdigit() and len(text) < 4 else text
