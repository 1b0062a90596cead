"""Paths, methods and the commands that operations become on their way to the desks (gws-v2 §2, §3)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import ADMIN, AGENT, OLGA, SUPERVISOR, directory

from cordboard.agents import commands as agent_commands
from cordboard.agents.model import BUILT_IN_STATES, AgentState, Presence
from cordboard.calls import commands
from cordboard.calls.model import MonitorKind, Refusal, RefusalKind
from cordboard.gws import answers
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings

DEVICE = AGENT.device.id
DIAL = {"operationName": "Dial", "destination": {"phoneNumber": "5001"}}
START = "StartContactCenterSession"


class Door:
    """The front end with its desks, and somebody who knocks."""

    def __init__(self, refusal: Refusal | None = None, states: dict[str, AgentState] = BUILT_IN_STATES) -> None:
        people, self.user = directory(), AGENT
        self.desk, self.agents = FakeDesk(refusal=refusal), FakeAgentDesk(people, refusal)
        self.gws = Gws(self.desk, self.agents, people, GwsSettings("http://h"), states)

    def send(self, method: str, path: str, body: Any = None) -> answers.Response:
        raw = b"" if body is None else msgspec.json.encode(body)
        return self.gws.handle(Request(self.user, method, path, "", raw))

    def post(self, path: str, operation: str, **parameters: Any) -> answers.Response:
        return self.send("POST", path, {"operationName": operation, **parameters})


def codes(response: answers.Response) -> tuple[int, int]:
    return response.status, json.loads(response.body)["statusCode"]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("path", ["/me/calls/C1", "/me/calls/C1/"])
def test_an_operation_on_a_call_goes_to_the_desk(door: Door, path: str) -> None:
    response = door.post(path, "InitiateTransfer", destination={"phoneNumber": "5001"})
    assert response == answers.ACCEPTED
    assert door.desk.asked == [commands.InitiateTransfer(asker="5005", call="C1", to="5001")]


@pytest.mark.parametrize("path", ["/recordings/A-1", "/recordings/A-1/content"])
def test_without_an_archive_there_are_no_recordings(door: Door, path: str) -> None:
    assert codes(door.send("GET", path)) == (404, 6)
    assert codes(door.send("POST", path, {})) == (405, 2)


def test_a_refusal_of_the_desk_is_the_answer() -> None:
    door = Door(Refusal(RefusalKind.NOT_PERMITTED_NOW, "Hold is not possible while Held."))
    response = door.post("/me/calls/C1", "Hold")
    assert response.status == 400
    assert json.loads(response.body) == {"statusCode": 2, "statusMessage": "Hold is not possible while Held."}


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/me/calls/C1", {"operationName": "Reject"}, (400, 2)),
        ("/me/calls/C1", {}, (400, 1)),
        (f"/me/devices/{DEVICE}/calls", {"operationName": "Hold"}, (400, 2)),
        (f"/me/devices/{DEVICE}/calls", {"operationName": "Dial"}, (400, 1)),
        (f"/me/devices/{DEVICE}", {"operationName": "Whisper"}, (400, 2)),
        (f"/me/devices/{DEVICE}", {"operationName": "ForwardCallsOn"}, (400, 1)),
        (f"/me/devices/{DEVICE}", {"operationName": "ForwardCallsOn", "forwardTo": 7}, (400, 10)),
        ("/me/channels/voice", {"operationName": START, "channels": ["voice"]}, (400, 2)),
        ("/me", {"operationName": "Hold"}, (400, 2)),
        ("/me", {"operationName": START}, (400, 1)),
        ("/me", {"operationName": START, "channels": "voice"}, (400, 10)),
        ("/me", {"operationName": START, "channels": [1]}, (400, 10)),
        ("/me", {"operationName": START, "channels": []}, (400, 10)),
        ("/me", {"operationName": START, "channels": ["chat"]}, (400, 10)),
        ("/me", {"operationName": START, "channels": ["voice"], "devicePath": "/devices/other"}, (404, 6)),
        (f"/me/devices/{OLGA.device.id}/calls", DIAL, (404, 6)),
        ("/me/devices//calls", DIAL, (404, 6)),
        (f"/devices/{ADMIN.device.id}", {"operationName": "DoNotDisturbOn"}, (404, 6)),
    ],
)
def test_what_can_not_be_carried_out_reaches_no_desk(door: Door, path: str, body: Any, expected: Any) -> None:
    assert codes(door.send("POST", path, body)) == expected
    assert door.desk.asked == []
    assert door.agents.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "me",
        "/you",
        "/me/calls/C1/participants",
        "/me//calls",
        "/me/devices/D/x",
        "/users/U/calls",
        "/x/devices/D/calls",
        "/me/channels/chat",
        "/diagnostics",
        "/me/calls//",
    ],
)
def test_there_is_nothing_elsewhere(door: Door, path: str) -> None:
    assert codes(door.send("GET", path)) == (404, 6)
    assert codes(door.send("POST", path, DIAL)) == (404, 6)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/me/calls/C1", "GET, POST"),
        ("DELETE", "/me/calls/C1", "GET, POST"),
        ("POST", "/me/calls", "GET"),
        ("GET", f"/me/devices/{DEVICE}/calls", "POST"),
        ("PATCH", "/me", "GET, POST"),
        ("post", "/me", "GET, POST"),
    ],
)
def test_a_wrong_method_is_told_which_are_right(door: Door, method: str, path: str, allowed: str) -> None:
    response = door.send(method, path, DIAL)
    assert codes(response) == (405, 2)
    assert f"accepts {allowed} only" in json.loads(response.body)["statusMessage"]


@pytest.mark.parametrize("path", [f"/me/devices/{DEVICE}/calls", f"/devices/{DEVICE}/calls"])
def test_dial_goes_to_the_desk_and_its_answer_names_no_call(door: Door, path: str) -> None:
    assert door.send("POST", path, DIAL) == answers.ACCEPTED
    assert door.desk.asked == [commands.Dial(asker="5005", to="5001")]


@pytest.mark.parametrize("path", [f"/me/devices/{DEVICE}", f"/devices/{DEVICE}"])
def test_operations_on_ones_device_go_to_the_agents(door: Door, path: str) -> None:
    for name, parameters in (
        ("DoNotDisturbOn", {}),
        ("DoNotDisturbOff", {}),
        ("ForwardCallsOn", {"forwardTo": "5001"}),
        ("ForwardCallsOff", {}),
    ):
        assert door.post(path, name, **parameters) == answers.ACCEPTED
    assert door.agents.asked == [
        agent_commands.SetDoNotDisturb(asker="5005", on=True),
        agent_commands.SetDoNotDisturb(asker="5005", on=False),
        agent_commands.ForwardCalls(asker="5005", to="5001"),
        agent_commands.StopForwarding(asker="5005"),
    ]


def test_what_a_device_does_not_offer_is_refused(door: Door) -> None:
    assert codes(door.post(f"/me/devices/{DEVICE}", "DoNotDisturbOff")) == (400, 2)


@pytest.mark.parametrize("path", ["/me", "/me/", "/me/channels", "/me/channels/voice"])
@pytest.mark.parametrize("operation", sorted(BUILT_IN_STATES))
def test_agent_states_are_taken_at_three_places(door: Door, path: str, operation: str) -> None:
    door.post("/me", START, channels=["voice"])
    assert door.post(path, operation) == answers.ACCEPTED
    assert door.agents.device("5005").agent is BUILT_IN_STATES[operation]


def test_no_agent_state_without_a_session(door: Door) -> None:
    assert codes(door.post("/me/channels/voice", "Ready")) == (400, 2)


def test_a_state_of_ones_own_is_an_operation() -> None:
    lunch = AgentState("Lunch", "L", "At lunch", Presence.NOT_READY)
    door = Door(states={**BUILT_IN_STATES, "Lunch": lunch})
    door.post("/me/channels/voice", "Lunch")
    assert door.agents.asked == [agent_commands.TakeState(asker="5005", operation="Lunch")]


def test_a_session_starts(door: Door) -> None:
    assert door.post("/me", START, channels=["voice"]) == answers.ACCEPTED
    assert [event.device.agent.presence.value for event in door.agents.events] == ["LoggedIn", "Ready"]


def test_the_end_of_a_session_ends_the_http_session_too(door: Door) -> None:
    door.post("/me", START, channels=["voice"])
    assert door.post("/me", "EndContactCenterSession") == answers.SESSION_ENDED
    assert not door.agents.device("5005").logged_in


def test_an_end_that_is_refused_does_not_end_the_http_session() -> None:
    door = Door(Refusal(RefusalKind.SWITCH_UNAVAILABLE, "down"))
    response = door.post("/me", "EndContactCenterSession")
    assert codes(response) == (503, 4)
    assert not response.end_session


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
@pytest.mark.parametrize("path", ["/me", "/me/calls/C1", "/me/channels/voice", f"/me/devices/{DEVICE}/calls"])
def test_bodies_that_are_no_object(door: Door, path: str, body: bytes) -> None:
    response = door.gws.handle(Request(AGENT, "POST", path, "", body))
    assert codes(response) == (400, 10)


VOICELESS = msgspec.structs.replace(AGENT, features=("api-voice-recording",))


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/me/calls/C1", "Answer"),
        (f"/me/devices/{DEVICE}/calls", "Dial"),
        (f"/devices/{DEVICE}", "DoNotDisturbOn"),
        ("/me/channels/voice", "Ready"),
        ("/me", "Ready"),
        ("/me", START),
    ],
)
def test_who_lacks_the_feature_operates_on_nothing(door: Door, path: str, operation: str) -> None:
    """gws-v2 §1.2; the answer is 5 and nobody is asked."""
    body = {"operationName": operation, "destination": {"phoneNumber": "5001"}, "channels": ["voice"]}
    response = door.gws.handle(Request(VOICELESS, "POST", path, "", msgspec.json.encode(body)))
    assert codes(response) == (403, 5)
    assert (door.desk.asked, door.agents.asked) == ([], [])


def test_who_lacks_the_feature_may_leave(door: Door) -> None:
    end = b'{"operationName":"EndContactCenterSession"}'
    assert door.gws.handle(Request(VOICELESS, "POST", "/me", "", end)) == answers.SESSION_ENDED


@pytest.mark.parametrize("operation", ["StartCallRecording", "PauseCallRecording", "ResumeCallRecording"])
def test_recordings_need_a_feature_of_their_own(door: Door, operation: str) -> None:
    assert codes(door.post("/me/calls/C1", operation)) == (403, 5)
    assert door.desk.asked == []
    recorder = msgspec.structs.replace(AGENT, features=("api-voice", "api-voice-recording"))
    body = msgspec.json.encode({"operationName": operation})
    assert door.gws.handle(Request(recorder, "POST", "/me/calls/C1", "", body)) == answers.ACCEPTED


def test_supervisors_ask_of_their_own_device(door: Door) -> None:
    door.user = SUPERVISOR
    own = f"/me/devices/{SUPERVISOR.device.id}"
    assert door.post(own, "ListenIn", targetDeviceUri=DEVICE) == answers.ACCEPTED
    assert door.desk.asked == [commands.Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN)]
    assert codes(door.post(own, "ListenIn")) == (400, 1)
    assert codes(door.post(f"/me/devices/{DEVICE}", "ListenIn", targetDeviceUri=DEVICE)) == (404, 6)
    assert len(door.desk.asked) == 1
    assert door.agents.asked == []


def test_whoever_does_not_supervise_monitors_nobody(door: Door) -> None:
    assert codes(door.post(f"/me/devices/{DEVICE}", "Coach", targetDeviceUri=OLGA.device.id)) == (403, 5)
    assert door.desk.asked == []


def test_a_device_that_somebody_else_monitors_is_in_use() -> None:
    door = Door(Refusal(RefusalKind.IN_USE, "5005 is monitored by another supervisor"))
    door.user = SUPERVISOR
    assert codes(door.post(f"/me/devices/{SUPERVISOR.device.id}", "BargeIn", phoneNumber="5005")) == (409, 19)


def test_a_supervisor_who_ends_the_session_monitors_nobody_any_more() -> None:
    door = Door()
    door.user = SUPERVISOR
    assert door.post("/me", "EndContactCenterSession") == answers.SESSION_ENDED
    assert door.desk.asked == [commands.CancelMonitoring(asker="5900")]
    door.desk.refusal = Refusal(RefusalKind.NOT_PERMITTED_NOW, "nobody is monitored")
    assert door.post("/me", "EndContactCenterSession") == answers.SESSION_ENDED
    door.user = AGENT
    assert door.post("/me", "EndContactCenterSession") == answers.SESSION_ENDED
    assert len(door.desk.asked) == 2
