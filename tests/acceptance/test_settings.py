"""Settings that clients notice: the release, metrics, the limit of user data; and what a caller is shown as."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.desktops import Drivers
from tests.acceptance.refused import is_error
from tests.acceptance.server_process import serving
from tests.acceptance.stage import Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, TALKING, Told

pytestmark = pytest.mark.acceptance

CUSTOMER = "3235742879"
CLEAR = frozenset({"ClearCall"})


@pytest.fixture
def later(log: Path, drivers: Drivers, transport: str) -> Iterator[Stage]:
    """A stage whose server speaks as the later release does."""
    with serving(log, {"CORDBOARD_GWS__RELEASE": "8.5.202", "CORDBOARD_CALLS__USER_DATA_BYTES_MAX": "1024"}) as server:
        stage = Stage(server, drivers, transport)
        yield stage
        stage.close()


def test_the_later_release_clears_calls(later: Stage) -> None:
    """gws-v2 §4.1, rows 2' and 3'; user data have the limit that is configured."""
    stage = later
    stage.enter("5000", "5005")
    stage.lab.do("5000", "dial", to="5005")
    stage.told("5000", Told("A", "Dialing", ("5005",), DIALING, dnis="5005"))
    stage.told("5005", Told("A", "Ringing", ("5000",), RINGING | CLEAR, dnis="5005"))
    stage.ask("5005", "A", "Answer")
    for number, other in (("5005", "5000"), ("5000", "5005")):
        stage.told(number, Told("A", "Established", (other,), TALKING | CLEAR, dnis="5005"))
    path = f"/me/calls/{stage.ids['A']}"
    is_error(stage.agents["5005"].post(path, operationName="AttachUserData", userData={"k": "x" * 1024}), 400, 2)
    stage.ask("5000", "A", "ClearCall")
    for number, other in (("5005", "5000"), ("5000", "5005")):
        stage.told(number, Told("A", "Released", (other,), NOTHING, dnis="5005"))
    stage.hears({"5000": [], "5005": []})
    stage.nobody_is_told_more()


def test_the_earlier_release_does_not(stage: Stage) -> None:
    stage.enter("5005")
    stage.lab.do("5000", "dial", to="5005")
    stage.told("5005", Told("A", "Ringing", ("5000",), RINGING, dnis="5005"))
    is_error(stage.agents["5005"].post(f"/me/calls/{stage.ids['A']}", operationName="ClearCall"), 400, 2)
    stage.nobody_is_told_more()


def test_metrics_if_they_are_wanted(log: Path, drivers: Drivers, transport: str) -> None:
    with serving(log, {"CORDBOARD_GWS__METRICS": "true"}) as server:
        stage = Stage(server, drivers, transport)
        stage.enter("5000")
        agent = stage.agents["5000"]
        began_ms = time.time() * 1000
        stage.dial("5000", "5005")
        agent.post(f"/me/devices/{agent.device_id}", operationName="DoNotDisturbOn")
        for kind in ("CallStateChangeMessage", "DeviceStateChangeMessage"):
            data = agent.desktop.message()["data"]
            assert data["messageType"] == kind
            metrics = data["metrics"]["eventProcessing"]
            assert set(metrics) == {
                "nodeProcessingTimeNanos",
                "serverGenerationTimestamp",
                "serverProcessingTimeTotalMs",
            }
            assert 0 < metrics["nodeProcessingTimeNanos"] < 10**10
            assert abs(metrics["serverGenerationTimestamp"] - began_ms) < 10_000
        stage.close()


def test_a_caller_is_shown_as_it_wants(stage: Stage) -> None:
    stage.enter("5000")
    stage.dial("5000", CUSTOMER, outboundCallerId="18005550100", location="Berlin", userData={"case": "7"})
    data = {"case": "7"}
    stage.told("5000", Told("A", "Dialing", (CUSTOMER,), DIALING, dnis=CUSTOMER, type="Outbound", user_data=data))
    stage.wait_for(lambda: stage.lab.phone(CUSTOMER)["state"] == "ringing", "the customer's phone rings")
    assert [line["peer"] for line in stage.lab.phone(CUSTOMER)["lines"]] == ["18005550100"]
    stage.lab.do(CUSTOMER, "answer")
    stage.told("5000", Told("A", "Established", (CUSTOMER,), TALKING, dnis=CUSTOMER, type="Outbound", user_data=data))
    stage.nobody_is_told_more()
