"""What agents set for themselves: states of the house, do-not-disturb, forwarding; and whom they find to call."""

from __future__ import annotations

from typing import Any

import pytest
from tests.acceptance.stage import ACCEPTED, Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, Told

pytestmark = pytest.mark.acceptance


def set_device(stage: Stage, number: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """An operation on one's own device, which is told as the device is then."""
    agent = stage.agents[number]
    answer = agent.post(f"/me/devices/{agent.device_id}", operationName=operation, **parameters)
    assert answer.json() == ACCEPTED
    device: dict[str, Any] = agent.desktop.message()["data"]["devices"][0]
    return device


def test_a_state_of_the_house_from_the_list_to_the_desktop(stage: Stage) -> None:
    stage.enter("5004")
    agent = stage.agents["5004"]
    lunch = agent.get("/settings/agent-states")["settings"][-1]
    assert (lunch["operationName"], lunch["state"], lunch["workMode"]) == ("Lunch", "NotReady", "AuxWork")
    assert agent.post("/me/channels/voice", operationName="Lunch").json()["statusCode"] == 2
    assert agent.post("/me", operationName="StartContactCenterSession", channels=["voice"]).json() == ACCEPTED
    assert [agent.desktop.message()["data"]["devices"][0]["userState"]["state"] for _ in range(2)] == [
        "LoggedIn",
        "Ready",
    ]
    assert agent.post("/me/channels/voice", operationName="Lunch").json() == ACCEPTED
    state = agent.desktop.message()["data"]["devices"][0]["userState"]
    assert state == {
        "id": lunch["id"],
        "displayName": "At lunch",
        "state": "NotReady",
        "workMode": "AuxWork",
        "reason": "lunch",
    }
    assert agent.post("/me", operationName="EndContactCenterSession").json() == ACCEPTED
    assert agent.desktop.message()["data"]["devices"][0]["userState"]["state"] == "LoggedOut"


def test_a_telephone_that_is_not_to_ring_is_busy(stage: Stage) -> None:
    stage.enter("5000", "5005")
    device = set_device(stage, "5005", "DoNotDisturbOn")
    assert (device["doNotDisturb"], device["capabilities"]) == ("On", ["DoNotDisturbOff", "ForwardCallsOn"])
    stage.lab.do("5000", "dial", to="5005")
    stage.told(
        "5000",
        Told("A", "Dialing", ("5005",), DIALING, dnis="5005"),
        Told("A", "Released", ("5005",), NOTHING, dnis="5005", reason="Busy"),
    )
    stage.hears({"5000": ["busy"], "5005": []})
    stage.lab.do("5000", "hangup")
    assert set_device(stage, "5005", "DoNotDisturbOff")["doNotDisturb"] == "Off"
    stage.nobody_is_told_more()


def test_calls_go_where_they_are_forwarded_to(stage: Stage) -> None:
    stage.enter("5000", "5001", "5005")
    device = set_device(stage, "5005", "ForwardCallsOn", destination={"phoneNumber": "5001"})
    assert (device["forwardTo"], device["capabilities"]) == ("5001", ["DoNotDisturbOn", "ForwardCallsOff"])
    stage.lab.do("5000", "dial", to="5005")
    stage.told(
        "5000",
        Told("A", "Dialing", ("5005",), DIALING, dnis="5005"),
        Told("A", "Dialing", ("5001",), DIALING, dnis="5005", change="ParticipantsUpdated"),
    )
    stage.told("5001", Told("A", "Ringing", ("5000",), RINGING, dnis="5005"))
    stage.hears({"5000": ["ringback"], "5001": [], "5005": []})
    stage.lab.do("5000", "hangup")
    stage.told("5000", Told("A", "Released", ("5001",), NOTHING, dnis="5005"))
    stage.told("5001", Told("A", "Released", ("5000",), NOTHING, dnis="5005"))
    assert "forwardTo" not in set_device(stage, "5005", "ForwardCallsOff")
    stage.nobody_is_told_more()


def test_the_voice_service_is_inactive_while_the_switch_is_not_there(stage: Stage) -> None:
    with stage.server.client("5005") as client, stage.server.client() as anybody:
        for switch, state in (("down", "Inactive"), ("up", "Active")):
            assert anybody.post("/lab/v1/faults", json={"switch": switch}).status_code == 200

            def as_expected(wanted: str = state) -> bool:
                services = client.get("/api/v2/services?fields=*").json()["services"]
                return [one["state"] for one in services if one["type"] == "Voice"] == [wanted]

            stage.wait_for(as_expected, f"the switch is {switch}")


def test_somebody_to_call_is_found_and_called(stage: Stage) -> None:
    stage.enter("5000")
    found = stage.agents["5000"].get(
        "/contacts?type=User&includeUsersInBusinessUnits=AG_DEV&roles=ROLE_AGENT&limit=100"
        "&filterName=NamesOrPhoneNumberMatches&filterParameters=jo*&sortBy=name&order=Ascending"
    )
    (john,) = found["contacts"]
    assert (found["totalCount"], john["firstName"], john["type"]) == (1, "John", "User")
    assert stage.agents["5000"].get(f"{john['path']}?type=User")["contact"] == john
    number = john["phoneNumbers"][0]["phoneNumber"]
    stage.dial("5000", number)
    stage.told("5000", Told("A", "Dialing", (number,), DIALING, dnis=number))
    stage.nobody_is_told_more()
