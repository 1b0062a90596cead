"""A supervisor 5900 listens to 5005, who talks with the customer 5000; coaches, barges in, and follows a transfer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.acceptance.stage import ACCEPTED, Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, TALKING, USER_DATA, Told

pytestmark = [pytest.mark.acceptance, pytest.mark.usefixtures("nobody_is_monitored_afterwards")]

CUSTOMER, AGENT, SUPERVISOR, COLLEAGUE = "5000", "5005", "5900", "5001"
SUPERVISING = USER_DATA | {"Hangup"}
IDLE = frozenset({"DoNotDisturbOn", "ForwardCallsOn", "ListenIn", "Coach", "BargeIn"})
WAITING = IDLE | {"CancelSupervisorMonitoring"}
ON_CALL = WAITING | {"MuteMonitoredUser"}


@pytest.fixture
def nobody_is_monitored_afterwards(stage: Stage) -> Iterator[None]:
    """Monitoring does not end with the calls; it ends with the supervisor's session."""
    yield
    stage.agents[SUPERVISOR].post("/me", operationName="EndContactCenterSession")


def supervise(stage: Stage, operation: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    supervisor = stage.agents[SUPERVISOR]
    answer = supervisor.post(f"/me/devices/{supervisor.device_id}", operationName=operation, **parameters)
    return answer.status_code, answer.json()


def monitor(stage: Stage, kind: str, scope: str = "Call", mode: str = "AllCalls") -> dict[str, str]:
    """Ask for it; what the call shows of it from then on."""
    target = f"{stage.server.url}/api/v2/devices/{stage.agents[AGENT].device_id}"
    chosen = {"supervisorMonitoringScope": scope, "supervisorMonitoringMode": mode}
    assert supervise(stage, kind, targetDeviceUri=target, **chosen) == (200, ACCEPTED)
    return {"state": kind, "mode": mode, "scope": scope}


def device_told(stage: Stage, may: frozenset[str], monitoring: dict[str, str] | None) -> None:
    """The supervisor is told of the own device: what may be asked, and whom it monitors."""
    (desktop,) = stage.agents[SUPERVISOR].desktops
    message = desktop.message()
    assert message["channel"] == "/v2/me/devices"
    (device,) = message["data"]["devices"]
    target = f"{stage.server.url}/api/v2/devices/{stage.agents[AGENT].device_id}"
    expected = {**monitoring, "targetDeviceUri": target} if monitoring is not None else None
    assert device.get("supervisorMonitoringState") == expected
    assert set(device["capabilities"]) == may


def talk(stage: Stage) -> None:
    stage.enter(CUSTOMER, AGENT, SUPERVISOR)
    stage.dial(CUSTOMER, AGENT)
    stage.told(CUSTOMER, Told("A", "Dialing", (AGENT,), DIALING, dnis=AGENT))
    stage.told(AGENT, Told("A", "Ringing", (CUSTOMER,), RINGING, dnis=AGENT))
    stage.ask(AGENT, "A", "Answer")
    stage.told(AGENT, Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT))
    stage.told(CUSTOMER, Told("A", "Established", (AGENT,), TALKING, dnis=AGENT))


def listen_in(stage: Stage, scope: str = "Call", mode: str = "AllCalls") -> dict[str, str]:
    state = monitor(stage, "ListenIn", scope, mode)
    device_told(stage, WAITING, state)
    stage.told(
        SUPERVISOR,
        Told("A", "Dialing", (AGENT, CUSTOMER), SUPERVISING, dnis=AGENT, monitoring=True),
        Told("A", "Established", (AGENT, CUSTOMER), SUPERVISING, dnis=AGENT, monitoring=True),
    )
    device_told(stage, ON_CALL, state)
    stage.told(AGENT, Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT, monitored=state))
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER], SUPERVISOR: [CUSTOMER, AGENT]})
    return state


def test_from_listening_to_barging_in_and_back(stage: Stage) -> None:
    talk(stage)
    listen_in(stage)

    state = monitor(stage, "Coach")
    device_told(stage, ON_CALL, state)
    stage.told(AGENT, Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT, monitored=state))
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER, SUPERVISOR], SUPERVISOR: [CUSTOMER, AGENT]})
    (device,) = stage.agents[SUPERVISOR].get("/me/devices?fields=*")["devices"]
    assert (device["supervisorMonitoringState"]["state"], set(device["capabilities"])) == ("Coach", ON_CALL)

    state = monitor(stage, "BargeIn")
    device_told(stage, ON_CALL, state)
    three = {"change": "ParticipantsUpdated", "dnis": AGENT}
    stage.told(
        AGENT,
        Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT, monitored=state),
        Told("A", "Established", (SUPERVISOR, CUSTOMER), TALKING, monitored=state, **three),
    )
    stage.told(CUSTOMER, Told("A", "Established", (SUPERVISOR, AGENT), TALKING, **three))
    stage.hears({CUSTOMER: [AGENT, SUPERVISOR], AGENT: [CUSTOMER, SUPERVISOR], SUPERVISOR: [CUSTOMER, AGENT]})
    stage.shows(AGENT, Told("A", "Established", (SUPERVISOR, CUSTOMER), TALKING, dnis=AGENT, monitored=state))

    assert supervise(stage, "MuteMonitoredUser") == (200, ACCEPTED)
    device_told(stage, WAITING | {"UnmuteMonitoredUser"}, state)
    others, silenced = (SUPERVISOR, CUSTOMER), {"monitored": state, "silenced": True}
    stage.told(AGENT, Told("A", "Established", others, TALKING, dnis=AGENT, **silenced))
    stage.hears({CUSTOMER: [SUPERVISOR], SUPERVISOR: [CUSTOMER]})

    assert supervise(stage, "CancelSupervisorMonitoring") == (200, ACCEPTED)
    stage.told(SUPERVISOR, Told("A", "Released", (AGENT, CUSTOMER), NOTHING, dnis=AGENT, monitoring=True))
    device_told(stage, IDLE, None)
    stage.told(
        AGENT,
        Told("A", "Established", others, TALKING, dnis=AGENT),
        Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT, change="ParticipantsUpdated"),
    )
    stage.told(CUSTOMER, Told("A", "Established", (AGENT,), TALKING, dnis=AGENT, change="ParticipantsUpdated"))
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER], SUPERVISOR: []})
    stage.nobody_is_told_more()


@pytest.mark.parametrize("scope", ["Agent", "Call"])
def test_a_monitored_agent_hands_the_call_over(stage: Stage, scope: str) -> None:
    """call-semantics #74, #75"""
    talk(stage)
    state = listen_in(stage, scope)
    stage.ask(AGENT, "A", "SingleStepTransfer", destination={"phoneNumber": COLLEAGUE})
    stage.told(AGENT, Told("A", "Released", (CUSTOMER,), NOTHING, dnis=AGENT, monitored=state))
    joined = Told("A", "Established", (COLLEAGUE,), TALKING, dnis=AGENT, change="ParticipantsUpdated")
    stage.told(CUSTOMER, joined)
    alone = Told("A", "Established", (CUSTOMER,), SUPERVISING, AGENT, change="ParticipantsUpdated", monitoring=True)
    stage.told(SUPERVISOR, alone)
    if scope == "Agent":
        stage.told(SUPERVISOR, Told("A", "Released", (CUSTOMER,), NOTHING, dnis=AGENT, monitoring=True))
    device_told(stage, WAITING, state)
    stage.wait_for(lambda: stage.lab.phone(COLLEAGUE)["state"] == "ringing", "the colleague's phone rings")
    stage.hears({CUSTOMER: ["ringback"], SUPERVISOR: ["ringback"] if scope == "Call" else []})
    stage.lab.do(COLLEAGUE, "answer")
    stage.told(CUSTOMER, Told("A", "Established", (COLLEAGUE,), TALKING, dnis=AGENT))
    if scope == "Call":
        two = (COLLEAGUE, CUSTOMER)
        stage.told(SUPERVISOR, Told("A", "Established", two, SUPERVISING, AGENT, change=alone.change, monitoring=True))
    there = [CUSTOMER, COLLEAGUE] if scope == "Call" else []
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER], SUPERVISOR: there})


def test_the_next_call_is_waited_for(stage: Stage) -> None:
    stage.enter(SUPERVISOR, AGENT)
    state = monitor(stage, "BargeIn", mode="NextCall")
    device_told(stage, WAITING, state)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.told(AGENT, Told("A", "Ringing", (CUSTOMER,), RINGING, dnis=AGENT))
    stage.ask(AGENT, "A", "Answer")
    stage.hears({CUSTOMER: [AGENT, SUPERVISOR], SUPERVISOR: [CUSTOMER, AGENT]})
    stage.lab.do(CUSTOMER, "hangup")
    stage.hears({SUPERVISOR: []})
    assert "supervisorMonitoringState" not in stage.agents[SUPERVISOR].get("/me/devices?fields=*")["devices"][0]


def test_who_may_not(stage: Stage) -> None:
    stage.enter(SUPERVISOR, AGENT)
    own = {device: f"/devices/{stage.agents[device].device_id}" for device in (SUPERVISOR, AGENT)}
    assert refused(supervise(stage, "ListenIn")) == (400, 1)
    assert refused(supervise(stage, "ListenIn", targetDeviceUri=own[SUPERVISOR])) == (400, 2)
    assert refused(supervise(stage, "ListenIn", targetDeviceUri="/devices/none")) == (404, 6)
    assert refused(supervise(stage, "ListenIn", phoneNumber=AGENT, supervisorMonitoringScope="Team")) == (400, 10)
    assert refused(supervise(stage, "CancelSupervisorMonitoring")) == (400, 2)
    agent = stage.agents[AGENT]
    answer = agent.post(f"/me{own[AGENT]}", operationName="ListenIn", phoneNumber=CUSTOMER)
    assert refused((answer.status_code, answer.json())) == (403, 5)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.told(AGENT, Told("A", "Ringing", (CUSTOMER,), RINGING, dnis=AGENT))
    stage.ask(AGENT, "A", "Answer")
    stage.told(AGENT, Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT))
    stage.lab.do(AGENT, "hold")
    stage.hears({CUSTOMER: ["music"]})
    assert refused(supervise(stage, "BargeIn", phoneNumber=AGENT)) == (400, 2)  # call-semantics #73


def refused(answer: tuple[int, dict[str, Any]]) -> tuple[int, int]:
    return answer[0], answer[1]["statusCode"]
