"""Calls, devices and users as clients see them (gws-v2 §2)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.kit.people import AGENT, OLGA, SUPERVISOR, directory, user

from cordboard.agents.model import AFTER_CALL_WORK, LOGGED_IN, OFFLINE, READY, AgentState, DeviceState, Presence
from cordboard.calls.model import (
    Call,
    CallState,
    CallType,
    Monitoring,
    MonitorKind,
    MonitorMode,
    MonitorScope,
    Operation,
    Recording,
)
from cordboard.calls.recordings import Kept
from cordboard.gws import views as views_module
from cordboard.gws.views import GwsSettings, Views, agent_state, shown, user_state

BASE = "https://gw.example/api/v2"
CALL = Call(
    id="C1",
    owner="5005",
    conversation="V",
    leg="L",
    state=CallState.ESTABLISHED,
    type=CallType.INTERNAL,
    conn_id="00aa",
    dnis="5005",
    began=10.0,
    participants=("5000",),
)
PERMITS = frozenset({Operation.HANGUP, Operation.HOLD, Operation.ATTACH_USER_DATA})


@pytest.fixture
def views() -> Views:
    return Views(directory(), GwsSettings("https://gw.example/"))


def written(resource: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(resource))
    return found


def call_of(views: Views, now: float = 12.9, **members: Any) -> dict[str, Any]:
    return written(views.call(msgspec.structs.replace(CALL, **members), PERMITS, now))


def test_a_plain_call(views: Views) -> None:
    assert call_of(views) == {
        "id": "C1",
        "callUuid": "C1",
        "connId": "00aa",
        "state": "Established",
        "callType": "Internal",
        "dnis": "5005",
        "deviceUri": f"{BASE}/devices/{AGENT.device.id}",
        "participants": [
            {"phoneNumber": "5000", "digits": "5000", "formattedPhoneNumber": "5000", "e164Number": ""},
        ],
        "capabilities": ["AttachUserData", "Hangup", "Hold"],
        "duration": "2",
        "mute": "Off",
        "supervisorListeningIn": False,
        "monitoredUserMuted": False,
        "monitoring": False,
        "uri": f"{BASE}/me/calls/C1",
        "path": "/calls/C1",
    }


def test_a_consult_names_its_parent(views: Views) -> None:
    call = call_of(views, parent="C0", type=CallType.CONSULT)
    assert call["parentCallUri"] == f"{BASE}/me/calls/C0"
    assert call["parentCallPath"] == "/calls/C0"
    assert call["callType"] == "Consult"


def test_what_is_there_sometimes_only(views: Views) -> None:
    call = call_of(views, ani="+4930123", user_data={"a": {"b": 1}}, muted=True)
    assert (call["ani"], call["userData"], call["mute"]) == ("+4930123", {"a": {"b": 1}}, "On")


@pytest.mark.parametrize(("now", "duration"), [(10.0, "0"), (10.99, "0"), (58.0, "48"), (9.0, "0")])
def test_duration_is_a_text_of_whole_seconds(views: Views, now: float, duration: str) -> None:
    assert call_of(views, now)["duration"] == duration


def test_participants_in_order_and_with_their_international_number(views: Views) -> None:
    participants = call_of(views, participants=("+4930123", "5001"))["participants"]
    assert [one["phoneNumber"] for one in participants] == ["+4930123", "5001"]
    assert [one["e164Number"] for one in participants] == ["+4930123", ""]
    assert call_of(views, participants=())["participants"] == []


def test_ready_made_participants_are_limited(views: Views, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "PARTICIPANTS_MAX", 2)
    for number in ("1", "2", "3", "1"):
        assert call_of(views, participants=(number,))["participants"][0]["digits"] == number
    assert len(views._participants) <= 2


def test_nothing_permitted_is_an_empty_list(views: Views) -> None:
    released = written(views.call(CALL, frozenset(), 11.0))
    assert released["capabilities"] == []


def test_a_call_of_nobody_has_no_device(views: Views) -> None:
    assert call_of(views, owner="3235742879")["deviceUri"] == ""


RECORDED = {"recorded_as": "V-1", "user_data": {"k": "v", "GSIP_RECORD": "somebody's own"}}


@pytest.mark.parametrize(
    ("recording", "state", "at"),
    [
        (Recording.RECORDING, "Recording", "ON"),
        (Recording.PAUSED, "Paused", "PAUSED"),
        (Recording.STOPPED, "Stopped", "OFF"),
    ],
)
def test_a_call_that_is_or_was_recorded(views: Views, recording: Recording, state: str, at: str) -> None:
    call = call_of(views, recording=recording, **RECORDED)
    assert call["recordingState"] == state
    assert call["userData"] == {"k": "v", "GSIP_RECORD": at, "GSIP_REC_FN": "V-1"}


def test_before_the_first_recording_there_is_a_state_only(views: Views) -> None:
    call = call_of(views, recording=Recording.STOPPED)
    assert call["recordingState"] == "Stopped"
    assert "userData" not in call


def test_who_may_not_record_is_shown_nothing_of_it(views: Views) -> None:
    call = call_of(views, recording=None, **RECORDED)
    assert "recordingState" not in call
    assert call["userData"] == RECORDED["user_data"]


def test_a_recording_that_is_kept(views: Views) -> None:
    kept = Kept("V-1", "V", "C1", "12", "3", "5005", ("5005", "+49"), 1_700_000_000.5, 61.25, 44)
    recording = written(views.recording(kept))
    assert (recording["uri"], recording["userUri"]) == (f"{BASE}/recordings/V-1", f"{BASE}/users/12")
    assert recording["contentUri"] == f"{BASE}/recordings/V-1/content"
    assert (recording["duration"], recording["durationMs"]) == ("61", 61_250)
    assert [party["e164Number"] for party in recording["participants"]] == ["", "+49"]


def test_uris(views: Views) -> None:
    assert views.call_uri("C1") == f"{BASE}/me/calls/C1"
    assert views.device_uri("D") == f"{BASE}/devices/D"
    assert views.user_uri("12") == f"{BASE}/users/12"


@pytest.mark.parametrize("state", CallState)
def test_calls_that_clients_may_know_of(state: CallState) -> None:
    assert shown(msgspec.structs.replace(CALL, state=state)) == (state.value not in ("Offered", "Released"))


def test_a_device(views: Views) -> None:
    device = written(views.device(AGENT, DeviceState("5005", READY)))
    environment = device.pop("voiceEnvironmentUri")
    assert environment.startswith(f"{BASE}/voice-environments/")
    assert device == {
        "id": AGENT.device.id,
        "deviceState": "Active",
        "userState": {"id": READY.id, "displayName": "Ready", "state": "Ready"},
        "phoneNumber": "5005",
        "description": "",
        "e164Number": "",
        "telephonyNetwork": "Private",
        "doNotDisturb": "Off",
        "capabilities": ["DoNotDisturbOn", "ForwardCallsOn"],
        "channels": ["voice"],
        "dynamicPhoneNumber": "",
        "uri": f"{BASE}/devices/{AGENT.device.id}",
        "path": f"/devices/{AGENT.device.id}",
    }


def test_a_device_that_is_forwarded_and_not_to_be_disturbed(views: Views) -> None:
    device = written(views.device(AGENT, DeviceState("5005", do_not_disturb=True, forward_to="5001")))
    assert (device["doNotDisturb"], device["forwardTo"]) == ("On", "5001")
    assert device["capabilities"] == ["DoNotDisturbOff", "ForwardCallsOff"]


def test_one_tenant_has_one_voice_environment(views: Views) -> None:
    mine, theirs = views.device(AGENT, DeviceState("5005")), views.device(OLGA, DeviceState("5001"))
    assert mine.voice_environment_uri == theirs.voice_environment_uri


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (LOGGED_IN, {"state": "LoggedIn"}),
        (OFFLINE, {"id": OFFLINE.id, "displayName": "Offline", "state": "LoggedOut"}),
        (
            AFTER_CALL_WORK,
            {
                "id": AFTER_CALL_WORK.id,
                "displayName": "After Call Work",
                "state": "NotReady",
                "workMode": "AfterCallWork",
            },
        ),
        (
            AgentState("Lunch", "L", "At lunch", Presence.NOT_READY, reason="food"),
            {"id": "L", "displayName": "At lunch", "state": "NotReady", "reason": "food"},
        ),
    ],
)
def test_agent_states_within_a_device(state: AgentState, expected: dict[str, str]) -> None:
    assert written(user_state(state)) == expected


def test_agent_states_in_the_settings() -> None:
    offline = written(agent_state(OFFLINE))
    assert (offline["operationName"], offline["state"], offline["id"]) == ("Offline", "Logout", OFFLINE.id)
    work = written(agent_state(AFTER_CALL_WORK))
    assert (work["state"], work["workMode"]) == ("NotReady", "AfterCallWork")


def test_the_voice_channel_is_active_within_a_session(views: Views) -> None:
    assert views.voice_channel(DeviceState("5005")).state == "Inactive"
    channel = written(views.voice_channel(DeviceState("5005", READY)))
    assert (channel["state"], channel["path"]) == ("Active", "/channels/voice")


def test_a_user_without_subresources(views: Views) -> None:
    resource = written(views.user(SUPERVISOR))
    center = resource.pop("contactCenterId")
    assert len(center) == 36
    assert resource == {
        "id": SUPERVISOR.id,
        "userName": "5900",
        "firstName": "Ann",
        "lastName": "5900",
        "emailAddress": "5900@example.org",
        "roles": ["ROLE_AGENT", "ROLE_SUPERVISOR"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "uri": f"{BASE}/users/{SUPERVISOR.id}",
        "path": f"/users/{SUPERVISOR.id}",
    }


def test_a_contact(views: Views) -> None:
    assert written(views.contact(SUPERVISOR)) == {
        "id": SUPERVISOR.id,
        "name": "5900",
        "type": "User",
        "phoneNumbers": [{"phoneNumber": "5900", "description": ""}],
        "userName": "5900",
        "firstName": "Ann",
        "lastName": "5900",
        "emailAddress": "5900@example.org",
        "businessUnits": [],
        "roles": ["ROLE_AGENT", "ROLE_SUPERVISOR"],
        "uri": f"{BASE}/contacts/{SUPERVISOR.id}",
        "path": f"/contacts/{SUPERVISOR.id}",
    }


def test_a_role_of_ones_own_is_told_too(views: Views) -> None:
    assert views.user(user("1", "auditor")).roles == ["ROLE_AUDITOR"]


def test_features_are_told_once_and_unknown_ones_are_left_out(views: Views) -> None:
    assert views.features(()) == []
    names = ("api-voice-recording", "api-voice", "flying", "api-voice")
    assert [one.id for one in views.features(names)] == ["api-voice-recording", "api-voice"]
    feature = written(views.feature("api-voice"))
    assert feature["uri"] == f"{BASE}/features/api-voice"
    assert feature["autoAssignOnContactCenterCreate"] is True


@pytest.mark.parametrize(("linked", "voice"), [(True, "Active"), (False, "Inactive")])
def test_services(views: Views, linked: bool, voice: str) -> None:
    services = views.services(linked)
    assert [(service.type, service.state) for service in services] == [("Provisioning", "Active"), ("Voice", voice)]
    assert services[0].id != services[1].id
    assert services == views.services(linked)
    assert services[0].uri == f"{BASE}/services/{services[0].id}"


MONITORING = Monitoring("5900", "5005", MonitorKind.COACH, MonitorScope.AGENT, MonitorMode.NEXT_CALL, on_call=True)


@pytest.mark.parametrize("muted", [False, True])
def test_a_monitored_call_shows_it(views: Views, muted: bool) -> None:
    call = call_of(views, monitored=msgspec.structs.replace(MONITORING, muted=muted))
    assert (call["supervisorListeningIn"], call["monitoring"]) == (True, False)
    assert call["monitoredUserMuted"] is muted
    assert call["supervisorMonitoringState"] == {"state": "Coach", "mode": "NextCall", "scope": "Agent"}


def test_here_nobody_prompts(views: Views) -> None:
    """That is no operation of this interface: a supervisor who does is shown as one who coaches."""
    call = call_of(views, monitored=msgspec.structs.replace(MONITORING, kind=MonitorKind.PROMPT))
    assert call["supervisorMonitoringState"]["state"] == "Coach"


def test_a_supervisors_own_call_is_monitoring(views: Views) -> None:
    call = call_of(views, monitors=MonitorKind.COACH)
    assert (call["supervisorListeningIn"], call["monitoring"]) == (False, True)
    assert "supervisorMonitoringState" not in call


def test_a_supervisors_device_shows_whom_it_monitors_and_what_may_be_asked(views: Views) -> None:
    """gws-v2 §4.3"""
    idle = written(views.device(SUPERVISOR, DeviceState("5900")))
    assert idle["capabilities"] == ["BargeIn", "Coach", "DoNotDisturbOn", "ForwardCallsOn", "ListenIn"]
    assert "supervisorMonitoringState" not in idle
    device = written(views.device(SUPERVISOR, DeviceState("5900", monitoring=MONITORING)))
    more = {"CancelSupervisorMonitoring", "MuteMonitoredUser"}
    assert set(device["capabilities"]) == {*idle["capabilities"], *more}
    assert device["supervisorMonitoringState"] == {
        "state": "Coach",
        "mode": "NextCall",
        "scope": "Agent",
        "targetDeviceUri": f"{BASE}/devices/{AGENT.device.id}",
    }


def test_the_device_of_somebody_who_is_gone_has_no_uri(views: Views) -> None:
    gone = msgspec.structs.replace(MONITORING, target="9999")
    device = written(views.device(SUPERVISOR, DeviceState("5900", monitoring=gone)))
    assert "targetDeviceUri" not in device["supervisorMonitoringState"]
