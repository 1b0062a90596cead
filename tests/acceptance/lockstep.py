"""Stories in the words of the transcripts, told on the real process, several at the same time, step by step.

What has to follow from each step is what follows from it on a site without a server (``tests.kit.telling``): who is
told what, in which order, what telephones hear, and what is read. Each story has people of its own, whose numbers begin
with its number. Deliberately absent: what happens to the server between two steps, or amid one.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.desktops import Desktop, Drivers
from tests.acceptance.server_process import DEMO, PASSWORD, ServerProcess
from tests.acceptance.stage import ACCEPTED, Lab
from tests.acceptance.telling import CALL_ID
from tests.acceptance.uapi_app import App
from tests.kit.telling import Teller

from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, MonitoringChanged
from cordboard.calls.model import Call, Permits
from cordboard.calls.records import Rules

WAITS = ""
"""A step at which nothing is done: time passes."""
CHANNELS = ("/v2/me/calls", "/v2/me/devices")
RECONNECT_MS = 100
_NAMES = {
    "StartRecording": "StartCallRecording",
    "PauseRecording": "PauseCallRecording",
    "ResumeRecording": "ResumeCallRecording",
    "StopRecording": "StopCallRecording",
    "RemoveParticipant": "RemoveParticipantFromConference",
    "CancelMonitoring": "CancelSupervisorMonitoring",
    "MuteMonitored": "MuteMonitoredUser",
    "UnmuteMonitored": "UnmuteMonitoredUser",
}
_MONITORING = ("ListenIn", "Coach", "BargeIn", "CancelMonitoring", "MuteMonitored", "UnmuteMonitored")
_UAPI = ("Park", "UnPark", "PickUp", "TransferToVoicemail", "Transfer")
_WITHIN_S = 8.0
_RECORDERS, _SUPERVISORS = ("5002", "5003"), ("5900",)
_USER = """
[[users]]
id = "{number}"
name = "{number}"
password = "{password}"
number = "{number}"
roles = [{roles}]
features = [{features}]
tenant = "3"
"""


def configuration(file: Path, stories: int) -> Path:
    """The demo, with the people of so many stories, and an app that reaches all of them."""
    people = [
        _user(real(story, number), number)
        for story in range(stories)
        for number in ("5000", "5001", "5005", "5900", "15000", "5002", "5003")
    ]
    demo = DEMO.read_text("utf-8").replace('name = "Demo app"', 'name = "Demo app"\nlevel = "organization"')
    file.write_text(demo + "".join(people), "utf-8")
    return file


def _user(number: str, role: str) -> str:
    roles = '"agent", "supervisor"' if role in _SUPERVISORS else '"agent"'
    features = '"api-voice"'
    features += ', "api-voice-recording"' if role in _RECORDERS else ""
    features += ', "api-supervisor-monitoring"' if role in _SUPERVISORS else ""
    return _USER.format(number=number, password=PASSWORD, roles=roles, features=features)


def real(story: int, number: str) -> str:
    """What a number of a story is on the real site."""
    return f"{20 + story}{number:0>5}"


class Person:
    """Somebody of a story: HTTP, and a desktop."""

    def __init__(self, server: ServerProcess, drivers: Drivers, number: str, transport: str) -> None:
        self.left = False
        self.http = server.client(number)
        self.device: str = self.http.get("/api/v2/me/devices?fields=*").json()["devices"][0]["id"]
        url = f"{server.url}/api/v2/notifications"
        headers = {"Authorization": "Basic " + base64.b64encode(f"{number}:{PASSWORD}".encode()).decode()}
        if transport == "websocket":  # which has no other place for credentials than its address
            url, headers = url.replace("://", f"://{number}:{PASSWORD}@"), {}
        options = {"url": url, "transport": transport, "headers": headers, "cookie": "", "channels": CHANNELS}
        self.desktop = Desktop.connected(drivers, **options, extensions=["ack"], pause=RECONNECT_MS)

    def leave(self) -> None:
        assert not self.desktop.was_told("handshake"), "a client had to begin anew"
        self.desktop.disconnect()
        self.left = True

    def close(self) -> None:
        self.http.close()
        if not self.left:
            self.desktop.abandon()


class Request:
    """What a client sends; ``send`` again is the same request with the same Idempotency-Key."""

    def __init__(self, http: httpx.Client, path: str, body: Mapping[str, Any], key: str) -> None:
        self._http, self._path, self._body, self._key = http, path, body, key

    def send(self) -> bool:
        """Whether it is accepted. Raises httpx.TransportError if there is no answer."""
        answer = self._http.post(f"/api/v2{self._path}", json=self._body, headers={"Idempotency-Key": self._key})
        said: dict[str, Any] = answer.json()
        assert (answer.status_code == 200) is (said == ACCEPTED), said
        return said == ACCEPTED


class Story:
    """One of them: ``lines`` are its inputs."""

    def __init__(
        self, number: int, lines: Sequence[str], server: ServerProcess, drivers: Drivers, lab: Lab, app: App
    ) -> None:
        self.lines = lines
        self._number = number
        self._lab = lab
        self._app = app
        self._teller = Teller(Rules())
        self._ids: dict[str, str] = {}
        transport = "websocket" if number % 2 else "long-polling"
        who = _who(lines)
        with ThreadPoolExecutor() as pool:
            entering = [pool.submit(Person, server, drivers, self.real(one), transport) for one in who]
            self.people = {one: person.result() for one, person in zip(who, entering, strict=True)}

    def real(self, number: str) -> str:
        return real(self._number, number)

    # -- inputs ----------------------------------------------------------------------------------------------------

    def begin(self, step: int) -> Request | Callable[[], bool] | None:
        """What is to be done at this step: a request, or something that is done at once; None if the story is over."""
        if step >= len(self.lines) or self.lines[step] == WAITS:
            return None
        words = self.lines[step].split()
        return self._by_hand(words) or self._by_request(words, f"{self._number}-{step}")

    def _by_hand(self, words: Sequence[str]) -> Callable[[], bool] | None:
        match words:
            case ["wait", _]:
                return lambda: True
            case ["phone", number, action, *fields]:
                return lambda: self._press(number, action, _fields(fields))
            case [number, what, *rest] if what in _UAPI:
                return lambda: self._act(number, what, rest)
            case _:
                return None

    def _by_request(self, words: Sequence[str], key: str) -> Request:
        match words:
            case [number, "do-not-disturb", on]:
                return self._of_device(number, key, {"operationName": f"DoNotDisturb{on.title()}"})
            case [number, "forwards", "off"]:
                return self._of_device(number, key, {"operationName": "ForwardCallsOff"})
            case [number, "forwards", to]:
                body = {"operationName": "ForwardCallsOn", "forwardTo": self.real(to.removeprefix("to="))}
                return self._of_device(number, key, body)
            case [number, what, *rest] if what in _MONITORING:
                return self._of_device(number, key, self._monitoring(what, rest))
            case [number, "Dial", *fields]:
                return self._dial(number, key, _fields(fields))
            case [number, operation, letter, *fields]:
                return self._ask(number, key, operation, letter, _fields(fields))
            case _:
                raise ValueError(words)

    def _press(self, number: str, action: str, fields: dict[str, Any]) -> bool:
        if "to" in fields:
            fields["to"] = self.real(fields["to"])
        if "line" in fields:
            fields["line"] = int(fields["line"])
        self._lab.do(self.real(number), action, **fields)
        return True

    def _of_device(self, number: str, key: str, body: Mapping[str, Any]) -> Request:
        person = self.people[number]
        return Request(person.http, f"/me/devices/{person.device}", body, key)

    def _monitoring(self, what: str, rest: Sequence[str]) -> dict[str, Any]:
        body = {"operationName": _NAMES.get(what, what)}
        targets = [self.real(word) for word in rest if "=" not in word]
        if targets:
            body["phoneNumber"] = targets[0]
        names = {"scope": "supervisorMonitoringScope", "mode": "supervisorMonitoringMode"}
        return body | {names[name]: value for name, value in _fields([one for one in rest if "=" in one]).items()}

    def _dial(self, number: str, key: str, fields: dict[str, Any]) -> Request:
        person = self.people[number]
        body = {"operationName": "Dial", "destination": {"phoneNumber": self.real(fields["to"])}}
        return Request(person.http, f"/me/devices/{person.device}/calls", body, key)

    def _ask(self, number: str, key: str, operation: str, letter: str, fields: dict[str, Any]) -> Request:
        body: dict[str, Any] = {"operationName": _NAMES.get(operation, operation)}
        for name, value in fields.items():
            match name:
                case "to":
                    body["destination"] = {"phoneNumber": self.real(value)}
                case "data":
                    body["userData"] = dict(pair.split(":") for pair in value.split(","))
                case "pair":
                    body["key"] = value
                case "participant":
                    body["participant"] = self.real(value)
                case "consult" | "other":
                    body["consultCallUri" if name == "consult" else "otherCallUri"] = f"/calls/{self._id(value)}"
                case _:
                    raise ValueError(name)
        return Request(self.people[number].http, f"/me/calls/{self._id(letter)}", body, key)

    def _act(self, number: str, what: str, rest: Sequence[str]) -> bool:
        """By the UnifiedAPI, whose answer says that it is done."""
        fields = _fields([word for word in rest if "=" in word])
        owner = rest[0] if what in ("UnPark", "PickUp") else number
        path = f"/uapi/phoneCalls/{self.real(owner)}/{self.real(owner)}"
        (call,) = self._app.call("GET", path)["entry"]
        views = {view["extension"]: view["id"] for view in call["phoneCallView"]}
        body: dict[str, Any] = {"action": what}
        if what == "Park":
            whom = fields.get("whom") or next(who for who in self.people if self.real(who) in views and who != number)
            body |= {"phoneCallViewId": views[self.real(whom)], "maxInParking": fields.get("for_s", "60")}
        elif what in ("UnPark", "PickUp"):
            body |= {"phoneCallViewId": views[self.real(owner)], "sendCallTo": self.real(number)}
        elif what == "Transfer":
            body |= {"transferFromNumber": self.real(number), "sendCallTo": self.real(fields["to"])}
        else:
            other = next(one for one in views if one != self.real(number))
            body |= {"sendCallTo": self.real(fields["mailbox"]), "transferNumber": other}
        self._app.call("PUT", f"{path}/{call['id']}", body)
        return True

    def _id(self, letter: str) -> str:
        return self._ids[self._teller._id(letter)]

    # -- what follows ----------------------------------------------------------------------------------------------

    def check(self, step: int, accepted: bool) -> None:
        """What follows from the step is what has to."""
        line = self.lines[step]
        words = line.split()
        said = self._teller.play(_dry(line))
        assert accepted is not any(one.startswith(("answer refused", "phone cannot")) for one in said), (line, said)
        if words[1] in ("do-not-disturb", "forwards"):
            data = self.people[words[0]].desktop.message()["data"]
            assert data["messageType"] == "DeviceStateChangeMessage", (line, data)
        for event in self._teller.events:
            who = event.supervisor if isinstance(event, MonitoringChanged) else _owner(event)
            message = self.people[who].desktop.message()
            problem = self._compare(event, message["data"])
            assert not problem, (self._number, line, problem)
        self._listen(line)

    def _compare(self, event: AnyEvent, data: dict[str, Any]) -> str:
        match event:
            case CallChanged(change, call, permits):
                if "call" not in data:
                    return f"told {data} instead of {event}"
                reason = data["extensions"].get("Reason", "")
                wrong = self._otherwise(call, permits, data["call"])
                wrong += [change.value] if data["notificationType"] != change.value else []
                wrong += [reason] if reason not in (call.reason.value, "SwitchLost") else []
                return f"{wrong} in {data} instead of {event}" if wrong else ""
            case CallFailed():
                return "" if data["messageType"] == "ErrorMessage" else f"{data} instead of {event}"
            case MonitoringChanged(_, monitoring):
                shown = data["devices"][0].get("supervisorMonitoringState", {}).get("state")
                wanted = None if monitoring is None else monitoring.kind.value
                return "" if shown == wanted else f"{data} instead of {event}"

    def _otherwise(self, call: Call, permits: Permits, shown: dict[str, Any]) -> list[str]:
        """What is shown otherwise than it should be."""
        assert CALL_ID.fullmatch(shown["id"]), shown
        ours = self._ids.setdefault(call.id, shown["id"])
        parent = self._ids[call.parent] if call.parent is not None else ""
        wanted = {
            "id": ours,
            "state": call.state.value,
            "callType": call.type.value,
            "participants": [self.real(one) for one in call.participants],
            "capabilities": sorted(one.value for one in permits),
            "parent": parent,
            "userData": dict(call.user_data),
            "mute": "On" if call.muted else "Off",
            "recordingState": call.recording.value if call.recording is not None else "",
            "monitoring": call.monitors is not None,
            "monitored": call.monitored.kind.value if call.monitored is not None else "",
        }
        seen = {
            **{name: shown[name] for name in ("id", "state", "callType", "mute", "monitoring")},
            "participants": [one["phoneNumber"] for one in shown["participants"]],
            "capabilities": sorted(shown["capabilities"]),
            "parent": shown.get("parentCallUri", "").rpartition("/")[2],
            "userData": shown.get("userData", {}) if call.user_data else {},
            "recordingState": shown.get("recordingState", ""),
            "monitored": shown.get("supervisorMonitoringState", {}).get("state", ""),
        }
        return [f"{name}: {seen[name]} and not {wanted[name]}" for name in wanted if seen[name] != wanted[name]]

    def _listen(self, line: str) -> None:
        """Everybody hears what is to be heard."""
        for who in self.people:
            wanted = sorted(self.real(one) if one.isdigit() else one for one in self._teller.scene.hears(who))
            self.until(lambda who=who, wanted=wanted: self._hears(who) == wanted, (line, who, "hears", wanted))  # type: ignore[misc]

    def _hears(self, who: str) -> list[str]:
        return sorted(self._lab.phone(self.real(who))["hears"])

    def until(self, condition: Callable[[], bool], what: object) -> None:
        deadline = time.monotonic() + _WITHIN_S
        while not condition():
            assert time.monotonic() < deadline, (self._number, what)
            time.sleep(0.01)

    def check_read(self, step: int) -> None:
        """What is read is as it was told; but for what may have become due meanwhile."""
        if WAITS in self.lines[step : step + 2]:
            return
        for who, person in self.people.items():
            shown = {one["id"]: one for one in person.http.get("/api/v2/me/calls?fields=*").json()["calls"]}
            views = self._teller.scene.calls(who)
            assert len(shown) == len(views), (self._number, who, shown)
            for view in views:
                wrong = self._otherwise(view.call, view.permits, shown[self._ids[view.call.id]])
                assert not wrong, (self._number, who, wrong)

    def nobody_is_told_more(self) -> None:
        """The next thing that anybody hears is what is asked for now."""
        for who, person in self.people.items():
            for on in ("Off", "On", "Off"):
                body = {"operationName": f"DoNotDisturb{on}"}
                if Request(person.http, f"/me/devices/{person.device}", body, f"{self._number}-{who}-{on}").send():
                    data = person.desktop.message()["data"]
                    assert data["messageType"] == "DeviceStateChangeMessage", (self._number, who, "was told", data)

    def leave(self) -> None:
        for person in self.people.values():
            person.leave()

    def close(self) -> None:
        for person in self.people.values():
            person.close()


def _who(lines: Sequence[str]) -> list[str]:
    """Everybody who is told anything, or asks for it."""
    teller = Teller(Rules())
    found: dict[str, None] = {}
    for line in lines:
        if line == WAITS:
            continue
        teller.play(_dry(line))
        words = line.split()
        found |= {words[1] if words[0] == "phone" else words[0]: None} if words[0] != "wait" else {}
        for event in teller.events:
            found |= {event.supervisor if isinstance(event, MonitoringChanged) else _owner(event): None}
    return list(found)


def _dry(line: str) -> str:
    """A transfer by the UnifiedAPI is one in a single step."""
    return line.replace(" Transfer ", " SingleStepTransfer ")


def _owner(event: CallChanged | CallFailed) -> str:
    return event.call.owner if isinstance(event, CallChanged) else event.owner


def _fields(words: Sequence[str]) -> dict[str, Any]:
    return dict(word.split("=", 1) for word in words)
