"""A stage: a scene with the front end on top. Lines of a story go in, everything that happens is noted.

    phone 5000 dial to=5005                a person at a phone
    5005 Answer A                          a client's operation on call A
    5005 InitiateTransfer A to=5001        with parameters; ``to`` is a destination, ``other`` and ``consult`` are calls
    5900 ListenIn device target=5005       ``target`` is somebody's device
    5005 Dial calls to=5001                on the resource below one's device; also ``device``, ``device:5001``,
                                           ``me`` and ``voice``
    5001 behaves busy / fault … / wait 15 / switch down

Requests go through ``Gws``, events through ``Renderer``: what is noted is what clients send and get.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from tests.kit import people
from tests.kit.scene import Scene

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.model import DeviceState
from cordboard.calls.commands import AnyCommand
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import CallView, Refusal
from cordboard.calls.orders import AnyOrder, DialLeg
from cordboard.calls.recordings import Kept, Recorded
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport, LegOffered
from cordboard.gws.answers import Response
from cordboard.gws.notifications import Renderer, Told
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings
from cordboard.people.directory import Directory
from cordboard.people.model import TrunkNumber, User
from cordboard.switches.virtual.faults import Fault, Misdeed
from cordboard.switches.virtual.persons import AnyAction

BASE = "http://127.0.0.1:8080"
CUSTOMER = people.PUBLIC
BEGAN = 1_700_000_000.0
"""When stories begin, in seconds since 1970."""
WAV_HEADER_BYTES, WAV_BYTES_A_SECOND = 44, 16_000


class Asked(msgspec.Struct, frozen=True):
    """A request and its answer."""

    number: str
    path: str
    body: dict[str, Any]
    status: int
    answer: dict[str, Any]


class Acted(msgspec.Struct, frozen=True):
    """Somebody did something at a phone."""

    number: str
    what: str


class Notified(msgspec.Struct, frozen=True):
    """One user was told something."""

    number: str
    channel: str
    data: dict[str, Any]


class Ordered(msgspec.Struct, frozen=True):
    order: AnyOrder


class Reported(msgspec.Struct, frozen=True):
    report: AnyReport


class Waited(msgspec.Struct, frozen=True):
    seconds: str


class Hears(msgspec.Struct, frozen=True):
    """What somebody at a phone hears from now on."""

    number: str
    what: tuple[str, ...]


Happening: TypeAlias = Asked | Acted | Notified | Ordered | Reported | Waited | Hears


def company(features: Sequence[str] = ()) -> Directory:
    """Agents 5000, 5001, 5002, 5005, supervisors 5900, 5901 and administrator 5999 with the ``features``; a user 5003
    without any; a customer outside."""
    agents = [people.user(number, features=tuple(features)) for number in ("5000", "5001", "5002", "5005")]
    supervisors = [
        people.user(number, "agent", "supervisor", features=("api-supervisor-monitoring", *features))
        for number in ("5900", "5901")
    ]
    administrator = people.user("5999", "admin", features=tuple(features))
    guest = msgspec.structs.replace(people.user("5003"), features=())
    return Directory(
        [*agents, *supervisors, administrator, guest], [people.TENANT], [TrunkNumber(CUSTOMER, "A customer")]
    )


class _Watched(Scene):
    """A scene that lets the stage look at each report and at what followed from it."""

    stage: Stage | None = None

    def deliver(self) -> bool:
        if self.stage is None:
            return super().deliver()
        self.stage.note_news()
        if self.reports:
            self.stage.note_report(self.reports[0])
        done = super().deliver()
        self.stage.note_news()
        return done


class _Archive:
    """The recordings that the exchange has made in the story, as if they were kept in files."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._kept: list[Kept] = []

    def all(self) -> list[Kept]:
        for recorded in self._stage.scene.exchange.take_recordings():
            self._kept.insert(0, self._keep(recorded))
        return self._kept

    def _keep(self, recorded: Recorded) -> Kept:
        user = self._stage.user(recorded.starter)
        return Kept(
            id=recorded.id,
            conversation=recorded.conversation,
            call=recorded.call,
            owner=user.id,
            tenant=user.tenant.id,
            starter=recorded.starter,
            parties=recorded.parties,
            began=BEGAN + recorded.began,
            seconds=recorded.seconds,
            bytes=WAV_HEADER_BYTES + int(recorded.seconds * WAV_BYTES_A_SECOND),
        )

    def find(self, recording: str) -> Kept | None:
        return next((kept for kept in self.all() if kept.id == recording), None)

    def place(self, recording: str) -> Path:
        return Path(f"{recording}.wav")


class Stage:
    """Plays lines; ``happenings`` is all that came of them."""

    def __init__(self, features: Sequence[str] = (), rules: dict[str, Any] | None = None) -> None:
        self.directory = company(features)
        self.scene = _Watched(Rules(**(rules or {})), self.directory)
        self.roster = self.scene.roster
        settings = GwsSettings(BASE)
        self.gws = Gws(self, _Agents(self), self.directory, settings, archive=_Archive(self))
        self._renderer = Renderer(self.directory, settings)
        self.happenings: list[Happening] = []
        self.calls: list[str] = []
        self.consults: set[str] = set()
        self.connections: dict[str, str] = {}
        self.legs: dict[str, str] = {}
        self._orders_seen = len(self.scene.orders)
        self._heard: dict[str, tuple[str, ...]] = {}
        self.scene.stage = self

    # -- the desk that the front end asks ---------------------------------------------------------------------------

    def now(self) -> float:
        return self.scene.now

    def ask(self, command: AnyCommand) -> Refusal | None:
        return self.scene.ask(command)

    def call(self, call_id: str, owner: str) -> CallView | None:
        return self.scene.board.call(call_id, owner)

    def calls_of(self, owner: str) -> list[CallView]:
        return self.scene.board.calls_of(owner)

    def is_linked(self) -> bool:
        return self.scene.board.is_linked()

    # -- playing ----------------------------------------------------------------------------------------------------

    def play(self, *lines: str) -> list[Happening]:
        """Play lines and give what happened."""
        begin = len(self.happenings)
        for line in lines:
            self._do(line.split())
            self.scene.run()
            self.note_news()
            self._note_hearing()
        return self.happenings[begin:]

    def _do(self, words: list[str]) -> None:
        match words:
            case ["phone", number, action, *fields]:
                self._act(number, action, _fields(fields))
            case [number, "behaves", on_ring]:
                self.scene.behave(number, on_ring)
            case ["wait", seconds]:
                self.happenings.append(Waited(seconds))
                self.scene.wait(float(seconds))
            case ["fault", misdeed, order]:
                self.scene.link.add(Fault(Misdeed(misdeed), order))
            case ["switch", "down"]:
                self.scene.cut()
            case [number, operation, target, *fields]:
                self.post(number, self.path(number, target), self.asking(operation, fields))
            case _:
                raise ValueError(f"can't play {' '.join(words)!r}")

    def _act(self, number: str, action: str, fields: dict[str, str]) -> None:
        self.happenings.append(Acted(number, " ".join([action, *fields.values()])))
        cannot = self.scene.act(number, msgspec.convert({"do": action, **fields}, AnyAction))
        if cannot is not None:
            raise ValueError(f"{number} {action}: {cannot.reason}")

    def post(self, number: str, path: str, body: dict[str, Any]) -> Asked:
        """A client posts; what follows at once is noted after the answer."""
        begin = len(self.happenings)
        response = self.send(number, "POST", path, json.dumps(body).encode())
        asked = Asked(number, path, body, response.status, json.loads(response.body))
        self.note_news()
        self.happenings.insert(begin, asked)
        return asked

    def send(self, number: str, method: str, path: str, body: bytes = b"", query: str = "") -> Response:
        return self.gws.handle(Request(self.user(number), method, path, query, body))

    def path(self, number: str, target: str) -> str:
        """The path of a target: a call's letter, or a word for a resource."""
        if target.startswith("device:"):
            other, _, below = target.removeprefix("device:").partition("/")
            return f"/me/devices/{self.user(other).device.id}/{below}"
        device = f"/me/devices/{self.user(number).device.id}"
        words = {"me": "/me", "voice": "/me/channels/voice", "device": device, "calls": f"{device}/calls"}
        return words.get(target) or f"/me/calls/{self._call_id(target)}"

    def asking(self, operation: str, fields: Sequence[str]) -> dict[str, Any]:
        """The JSON of an operation with its fields."""
        body: dict[str, Any] = {"operationName": operation}
        for name, value in _fields(fields).items():
            match name:
                case "to":
                    body["destination"] = {"phoneNumber": value}
                case "other" | "consult":
                    body[f"{name}CallUri"] = f"{BASE}/api/v2/me/calls/{self._call_id(value)}"
                case "target":
                    body["targetDeviceUri"] = f"{BASE}/api/v2/devices/{self.user(value).device.id}"
                case "data":
                    body["userData"] = dict(pair.split(":") for pair in value.split(","))
                case _:
                    body[name] = json.loads(value) if value[:1] in "[{" else value
        return body

    def user(self, number: str) -> User:
        user = self.directory.owner_of(number)
        if user is None:
            raise ValueError(f"{number} is nobody's")
        return user

    def _call_id(self, letter: str) -> str:
        index = ord(letter[0]) - ord("A")
        return self.calls[index] if len(letter) == 1 and 0 <= index < len(self.calls) else letter

    # -- noting -----------------------------------------------------------------------------------------------------

    def note_report(self, report: AnyReport) -> None:
        if isinstance(report, LegOffered):
            self.legs[report.leg] = report.number
        self.happenings.append(Reported(report))

    def note_news(self) -> None:
        """Orders go out before people are told, as in the server."""
        orders = self.scene.orders[self._orders_seen :]
        self._orders_seen = len(self.scene.orders)
        for order in orders:
            if isinstance(order, DialLeg):
                self.legs[order.leg] = order.number
            self.happenings.append(Ordered(order))
        for event in self.scene.news():
            # Whom a supervisor monitors is told with the device, which the roster keeps.
            self.tell(self.roster.monitoring_changed(event) if isinstance(event, MonitoringChanged) else event)

    def tell(self, event: Told) -> None:
        """Write an event down as its user is told."""
        written = self._renderer.render(event, self.scene.now)
        if written is None:
            return
        number = next(user.device.number for user in self.directory.users if user.id == written.identity)
        data = json.loads(written.data)
        if "call" in data:
            self._name(data["call"])
        self.happenings.append(Notified(number, written.channel, data))

    def _name(self, call: dict[str, Any]) -> None:
        self.connections[call["connId"]] = call["id"]
        if call["id"] not in self.calls:
            self.calls.append(call["id"])
            if call["callType"] == "Consult":
                self.consults.add(call["id"])

    def _note_hearing(self) -> None:
        for number in self.scene.exchange.numbers:
            heard = tuple(self.scene.hears(number))
            if heard != self._heard.get(number, ()):
                self._heard[number] = heard
                self.happenings.append(Hears(number, heard))


class _Agents:
    """The agents' desk."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def ask(self, command: AnyAgentCommand) -> Refusal | None:
        answer = self._stage.roster.ask(command, self._stage.now())
        if isinstance(answer, Refusal):
            return answer
        for event in answer:
            self._stage.tell(event)
        return None

    def device(self, number: str) -> DeviceState:
        return self._stage.roster.device(number)


def _fields(words: Sequence[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words)
