"""An agent's day: log in, begin a session, be ready and not, end it (gws-v2 §6.1)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.acceptance.desktops import Event
from tests.acceptance.stage import ACCEPTED, Agent, Stage
from tests.acceptance.telling import DIALING, RINGING, Told

pytestmark = pytest.mark.acceptance

DENIED = {"statusCode": 20, "statusMessage": "Access denied"}
OFFLINE = {"id": "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "displayName": "Offline", "state": "LoggedOut"}
LOGGED_IN = {"state": "LoggedIn"}
READY = {"id": "9430250E-0A1B-421F-B372-F29E69366DED", "displayName": "Ready", "state": "Ready"}
NOT_READY = {"id": "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "displayName": "Not Ready", "state": "NotReady"}
AFTER_CALL_WORK = {"state": "NotReady", "workMode": "AfterCallWork"}
START = {"operationName": "StartContactCenterSession", "channels": ["voice"]}


def device(stage: Stage, agent: Agent, user_state: dict[str, str]) -> dict[str, Any]:
    """A whole device (gws-v2 §2.2); only the address of its voice environment is not known beforehand."""
    base = f"{stage.server.url}/api/v2"
    found = agent.get(f"/me/devices/{agent.device_id}")["device"]["voiceEnvironmentUri"]
    assert found.startswith(f"{base}/voice-environments/")
    return {
        "id": agent.device_id,
        "deviceState": "Active",
        "userState": user_state,
        "phoneNumber": agent.number,
        "description": "",
        "e164Number": "",
        "telephonyNetwork": "Private",
        "doNotDisturb": "Off",
        "voiceEnvironmentUri": found,
        "capabilities": ["DoNotDisturbOn", "ForwardCallsOn"],
        "channels": ["voice"],
        "dynamicPhoneNumber": "",
        "uri": f"{base}/devices/{agent.device_id}",
        "path": f"/devices/{agent.device_id}",
    }


def told_of_device(stage: Stage, agent: Agent, message: Event, user_state: dict[str, str]) -> None:
    devices = [device(stage, agent, user_state)]
    assert message == {
        "channel": "/v2/me/devices",
        "data": {"messageType": "DeviceStateChangeMessage", "devices": devices},
    }


def test_a_day_at_work(stage: Stage) -> None:
    stage.enter("5002")
    agent = stage.agents["5002"]
    user = agent.get("/me?subresources=*")["user"]
    assert (user["userName"], user["roles"], user["calls"]) == ("5002", ["ROLE_AGENT"], [])
    assert user["devices"] == [device(stage, agent, OFFLINE)]
    assert user["channels"][0]["state"] == "Inactive"

    assert agent.post("/me", **START).json() == ACCEPTED
    told_of_device(stage, agent, agent.desktop.message(), LOGGED_IN)
    told_of_device(stage, agent, agent.desktop.message(), READY)
    assert agent.get("/me/?subresources=devices")["user"]["devices"] == [device(stage, agent, READY)]

    assert agent.post("/me/channels/voice", operationName="NotReady").json() == ACCEPTED
    told_of_device(stage, agent, agent.desktop.message(), NOT_READY)
    assert agent.post("/me", operationName="Ready").json() == ACCEPTED
    told_of_device(stage, agent, agent.desktop.message(), READY)
    assert agent.post("/me/channels/voice", operationName="AfterCallWork").json() == ACCEPTED
    state = agent.desktop.message()["data"]["devices"][0]["userState"]
    assert {key: state[key] for key in AFTER_CALL_WORK} == AFTER_CALL_WORK

    assert agent.post("/me", operationName="EndContactCenterSession").json() == ACCEPTED
    told_of_device(stage, agent, agent.desktop.message(), OFFLINE)
    stage.nobody_is_told_more()


def test_the_cookie_of_the_first_request_is_enough_until_the_session_ends(stage: Stage) -> None:
    """A client that forgets its password: the cookie opens the desktop, too. Ending the session makes it worthless."""
    agent = Agent("5003", stage.server.client("5003"))
    assert agent.client.get("/api/v2/me").status_code == 200
    cookie = f"JSESSIONID={agent.client.cookies['JSESSIONID']}"
    with stage.server.client() as client:
        client.headers["Cookie"] = cookie
        assert client.get("/api/v2/me").json()["user"]["userName"] == "5003"
        desktop = stage.desktop("5003", cookie=cookie)
        assert client.post("/api/v2/me", json=START).json() == ACCEPTED
        states = [desktop.message()["data"]["devices"][0]["userState"] for _ in range(2)]
        assert states == [LOGGED_IN, READY]

        desktop.disconnect()
        assert client.post("/api/v2/me", json={"operationName": "EndContactCenterSession"}).json() == ACCEPTED
        answers = [client.get("/api/v2/me"), client.post("/api/v2/notifications", json=[])]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(403, DENIED), (403, DENIED)]
    assert agent.get("/me?subresources=devices")["user"]["devices"][0]["userState"] == OFFLINE
    agent.client.close()


def test_wrong_credentials_open_nothing(stage: Stage) -> None:
    with stage.server.client() as client:
        answers = [
            client.get("/api/v2/me"),
            client.get("/api/v2/me", auth=("5002", "wrong")),
            client.get("/api/v2/me", auth=("nobody", "cordboard")),
            client.get("/api/v2/me", headers={"Authorization": "Basic ?"}),
            client.get("/api/v2/me", headers={"Cookie": "JSESSIONID=0123"}),
            client.post("/api/v2/notifications/handshake", json=[{"channel": "/meta/handshake"}]),
        ]
    for answer in answers:
        assert (answer.status_code, answer.json()) == (403, DENIED)
        assert answer.headers["content-type"].partition(";")[0] == "application/json"
        assert "www-authenticate" not in answer.headers


def test_who_logs_in_during_a_call_finds_it(stage: Stage) -> None:
    """Nothing is told twice: a client that comes late reads the state, and hears what follows (gws-v2 §5.3)."""
    stage.lab.do("5000", "dial", to="5004")
    stage.wait_for(lambda: stage.lab.phone("5004")["state"] == "ringing", "5004 rings")
    stage.enter("5000", "5004")
    calls = stage.agents["5004"].get("/me?subresources=calls")["user"]["calls"]
    stage.ids.bind("A", calls[0])
    stage.shows("5004", Told("A", "Ringing", ("5000",), RINGING, dnis="5004"))
    stage.shows("5000", Told("A", "Dialing", ("5004",), DIALING, dnis="5004"))
    stage.nobody_is_told_more()
