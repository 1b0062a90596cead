"""The samples of the documentation against this room alone: notifications written, requests understood.

The same samples are driven end to end elsewhere; here the values come from the samples themselves.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import AGENT, directory
from tests.kit.vectors import compare, load, names

from cordboard.calls import commands
from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, CallState, CallType, Operation, Recording
from cordboard.gws.notifications import Renderer
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import FEATURES, GwsSettings

NOW = 1000.0
SETTINGS = GwsSettings("http://127.0.0.1:8080")
STEPS = [(name, index, step) for name in names() for index, step in enumerate(load(name))]


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(step[kind], id=f"{name}-{index}") for name, index, step in STEPS if kind in step]


def event_of(data: dict[str, Any]) -> CallChanged:
    """The event that must have been behind a sample."""
    sample = data["call"]
    user_data = sample.get("userData", {})
    parent = sample.get("parentCallUri", "").rpartition("/")[2]
    call = Call(
        id=sample["id"],
        owner=data["phoneNumber"],
        conversation="V",
        leg="L",
        state=CallState(sample["state"]),
        type=CallType(sample["callType"]),
        conn_id=sample["connId"],
        dnis=sample["dnis"],
        began=NOW - int(sample["duration"]),
        participants=tuple(participant["phoneNumber"] for participant in sample["participants"]),
        user_data={key: value for key, value in user_data.items() if not key.startswith("GSIP_")},
        recording=Recording(sample["recordingState"]) if "recordingState" in sample else None,
        recorded_as=user_data.get("GSIP_REC_FN", ""),
        parent=parent or None,
    )
    return CallChanged(Change(data["notificationType"]), call, frozenset(map(Operation, sample["capabilities"])))


@pytest.mark.parametrize("sample", of_kind("notification"))
def test_every_notification_is_written_as_in_the_sample(sample: dict[str, Any]) -> None:
    notification = Renderer(directory(), SETTINGS).render(event_of(sample["data"]), NOW)
    assert notification is not None
    actual = {"channel": notification.channel, "data": json.loads(notification.data)}
    assert compare(sample, actual, exact_duration=True) == []


EXPECTED: dict[str, commands.AnyCommand] = {
    "initiate_transfer_1": commands.InitiateTransfer(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000M", to="15002"),
    "initiate_transfer_2-1": commands.Answer(asker="5005", call="011DJV5JI898NB2L04000VTAES000005"),
    "initiate_transfer_2-3": commands.InitiateTransfer(
        asker="5005", call="011DJV5JI898NB2L04000VTAES000005", to="5001"
    ),
    "initiate_transfer_2-6": commands.CompleteTransfer(asker="5005", call="011DJV5JI898NB2L04000VTAES000006"),
    "single_step_transfer_1": commands.SingleStepTransfer(
        asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000D", to="15002"
    ),
    "single_step_transfer_2": commands.SingleStepTransfer(
        asker="5005",
        call="01RCC3N118B1V0SL8O7GK2LAES00000G",
        to="15002",
        user_data={"TransferReason": "Escalation", "TransferAgent": "WillardC"},
    ),
    "complete_transfer_1": commands.CompleteTransfer(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000N"),
    "complete_conference_1": commands.CompleteConference(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000B"),
    "start_call_recording_1": commands.StartRecording(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000V"),
    "pause_call_recording_1": commands.PauseRecording(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000V"),
    "stop_call_recording_1": commands.StopRecording(asker="5005", call="01RCC3N118B1V0SL8O7GK2LAES00000V"),
}
for step in (1, 3, 6):
    EXPECTED[f"complete_transfer_2-{step}"] = EXPECTED[f"initiate_transfer_2-{step}"]


WITH_EVERYTHING = msgspec.structs.replace(AGENT, features=tuple(FEATURES))
REQUESTS = [pytest.param(*item, id=f"{item[0]}-{item[1]}") for item in STEPS if "request" in item[2]]


@pytest.mark.parametrize(("name", "index", "step"), REQUESTS)
def test_every_request_is_understood_and_answered_as_in_the_sample(name: str, index: int, step: dict[str, Any]) -> None:
    desk, people = FakeDesk(), directory()
    request = step["request"]
    body = msgspec.json.encode(request["body"])
    response = Gws(desk, FakeAgentDesk(people), people, SETTINGS).handle(
        Request(WITH_EVERYTHING, request["method"], request["path"], "", body)
    )
    assert desk.asked == [EXPECTED.get(name) or EXPECTED[f"{name}-{index}"]]
    following = load(name)[index + 1]
    expected = following.get("answer", {"statusCode": 0})
    assert (response.status, json.loads(response.body)) == (200, expected)
