"""Who is told what, on which channel (gws-v2 §5)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.gws.test_views import CALL, PERMITS
from tests.kit.people import AGENT, directory

from cordboard.agents.events import DeviceChanged
from cordboard.agents.model import LOGGED_IN, DeviceState
from cordboard.calls.events import CallChanged, CallFailed, Change
from cordboard.calls.model import CallState, Operation, Reason, Refusal, RefusalKind
from cordboard.calls.recordings import Kept, MailboxChange, MailboxChanged
from cordboard.gws.notifications import Renderer, Told
from cordboard.gws.views import GwsSettings

FAILED = CallFailed("5005", "C1", Operation.COMPLETE_TRANSFER, Refusal(RefusalKind.SWITCH_UNAVAILABLE, "no line"))
RENDERER = Renderer(directory(), GwsSettings("https://gw.example"))


def told(event: Told, renderer: Renderer = RENDERER, spent_ns: int = 0) -> tuple[str, dict[str, Any]]:
    notification = renderer.render(event, 12.5, spent_ns)
    assert notification is not None
    assert notification.identity == AGENT.id
    return notification.channel, json.loads(notification.data)


MESSAGE = Kept("V-v1", "V", "C", AGENT.id, "3", "5005", ("5000", "5005"), 1_700_000_000.0, 2.5, 40_044)
LEFT = MailboxChanged(MailboxChange.LEFT, MESSAGE, 2, 1)
EVENTS = [CallChanged(Change.STATUS, CALL, PERMITS), FAILED, DeviceChanged(DeviceState("5005")), LEFT]


@pytest.mark.parametrize("event", EVENTS)
def test_what_nobody_listens_to_is_not_written_down(event: Told) -> None:
    asked: list[tuple[str, str]] = []

    def is_heard(identity: str, channel: str) -> bool:
        asked.append((identity, channel))
        return False

    assert Renderer(directory(), GwsSettings("https://gw.example"), is_heard=is_heard).render(event, 12.5) is None
    assert asked == [(AGENT.id, told(event)[0])]


@pytest.mark.parametrize("change", Change)
def test_a_changed_call_is_told_whole(change: Change) -> None:
    channel, data = told(CallChanged(change, CALL, PERMITS))
    call = data.pop("call")
    assert channel == "/v2/me/calls"
    assert data == {
        "messageType": "CallStateChangeMessage",
        "notificationType": change.value,
        "phoneNumber": "5005",
        "extensions": {"BusinessCall": 0, "WrapUpTime": 0},
    }
    assert (call["id"], call["state"], call["duration"]) == ("C1", "Established", "2")


def test_the_reason_is_told_unless_it_is_the_normal_one() -> None:
    busy = msgspec.structs.replace(CALL, reason=Reason.BUSY)
    _, data = told(CallChanged(Change.STATUS, busy, PERMITS))
    assert data["extensions"] == {"BusinessCall": 0, "WrapUpTime": 0, "Reason": "Busy"}


def test_a_failure_is_told_as_an_error_message() -> None:
    assert told(FAILED) == (
        "/v2/me/calls",
        {
            "messageType": "ErrorMessage",
            "errorCode": 4,
            "errorMessage": "CompleteTransfer: no line",
            "callUri": "https://gw.example/api/v2/me/calls/C1",
            "callPath": "/calls/C1",
        },
    )


def test_a_changed_device_is_told_whole() -> None:
    channel, data = told(DeviceChanged(DeviceState("5005", LOGGED_IN)))
    devices = data.pop("devices")
    assert channel == "/v2/me/devices"
    assert data == {"messageType": "DeviceStateChangeMessage"}
    assert [(one["id"], one["userState"]) for one in devices] == [(AGENT.device.id, {"state": "LoggedIn"})]


def test_what_becomes_of_a_message_its_owner_is_told() -> None:
    channel, data = told(LEFT)
    voicemail = data.pop("voicemail")
    assert channel == "/v2/me/voicemails"
    assert data == {
        "messageType": "VoicemailStateChangeMessage",
        "notificationType": "NewMessage",
        "newMessages": 2,
        "heardMessages": 1,
    }
    assert (voicemail["id"], voicemail["caller"], voicemail["heard"]) == ("V-v1", "5000", False)
    assert voicemail["uri"] == "https://gw.example/api/v2/me/voicemails/V-v1"


@pytest.mark.parametrize(
    "event",
    [
        msgspec.structs.replace(LEFT, message=msgspec.structs.replace(MESSAGE, owner="")),
        CallChanged(Change.STATUS, msgspec.structs.replace(CALL, owner="3235742879"), PERMITS),
        CallChanged(Change.STATUS, msgspec.structs.replace(CALL, state=CallState.OFFERED), PERMITS),
        msgspec.structs.replace(FAILED, owner="3235742879"),
        DeviceChanged(DeviceState("3235742879")),
    ],
)
def test_what_concerns_nobody_or_does_not_ring_yet_is_not_told(event: Told) -> None:
    assert RENDERER.render(event, 12.5) is None


@pytest.mark.parametrize("event", EVENTS)
def test_metrics_are_told_if_they_are_switched_on(event: Told) -> None:
    renderer = Renderer(directory(), GwsSettings("https://gw.example", metrics=True, epoch=1000.0))
    _, data = told(event, renderer, spent_ns=2_500_000)
    assert data["metrics"] == {
        "eventProcessing": {
            "nodeProcessingTimeNanos": 2_500_000,
            "serverGenerationTimestamp": 1_012_500,
            "serverProcessingTimeTotalMs": 2,
        }
    }
    assert "metrics" not in told(event)[1]
