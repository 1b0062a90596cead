"""The operations that clients of Genesys Web Services v2 may ask for, by family, and which of them are served.

The list is that of the interface, not ours: what is not served shows as missing.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from tools.publish.stage import Stage

from cordboard.gws import bodies
from cordboard.gws.requests import CALL_BODIES
from cordboard.gws.routes import DEVICE_OPERATIONS, DIAL


class Family(msgspec.Struct, frozen=True):
    """Operations on one resource. ``url`` is for people, ``target`` for ``Stage.path``; ``besides`` is said of all."""

    title: str
    url: str
    target: str
    operations: tuple[str, ...]
    besides: str = ""


CALLS = Family(
    "Calls",
    "/api/v2/me/calls/{id of a call}",
    "A",
    (
        *("Answer", "Hangup", "Hold", "Retrieve"),
        *("InitiateTransfer", "CompleteTransfer", "SingleStepTransfer"),
        *("InitiateConference", "CompleteConference", "SingleStepConference"),
        *("SwapCalls", "RemoveParticipantFromConference", "ClearCall", "MuteCall", "UnmuteCall", "SendDtmf"),
        *("AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"),
        *("StartCallRecording", "PauseCallRecording", "ResumeCallRecording", "StopCallRecording"),
    ),
)
DIALING = Family("Dialling", "/api/v2/me/devices/{id of the device}/calls", "calls", ("Dial",))
DEVICES = Family(
    "Devices",
    "/api/v2/me/devices/{id of the device}",
    "device",
    ("DoNotDisturbOn", "DoNotDisturbOff", "ForwardCallsOn", "ForwardCallsOff"),
)
SUPERVISION = Family(
    "Supervision",
    "/api/v2/me/devices/{id of the supervisor's device}",
    "device",
    (
        *("ListenIn", "Coach", "BargeIn"),
        *("CancelSupervisorMonitoring", "MuteMonitoredUser", "UnmuteMonitoredUser"),
    ),
)
STATES = Family(
    "Agent states",
    "/api/v2/me/channels/voice",
    "voice",
    ("Ready", "NotReady", "AfterCallWork", "AuxWork", "Offline"),
    "May be posted to `/api/v2/me` as well. States of one's own come from the"
    " [configuration](../configuration.md#people-and-numbers) and are taken by their `operation_name` in the same way.",
)
SESSIONS = Family("Sessions", "/api/v2/me", "me", ("StartContactCenterSession", "EndContactCenterSession"))
FAMILIES = (CALLS, DIALING, DEVICES, SUPERVISION, STATES, SESSIONS)

NOT_OPERATIONS: dict[str, str] = {
    "Reject": "A call that rings can't be rejected; it rings until the caller gives up or the time is over.",
    "AlternateCalls": "The name elsewhere for [SwapCalls](SwapCalls.md).",
    "MergeCalls": "The name elsewhere for [CompleteConference](CompleteConference.md).",
    "Redirect": "A call that rings can't be sent on; answer it and use [SingleStepTransfer](SingleStepTransfer.md).",
    "RedirectCall": "As Redirect.",
    "ReconnectCall": "Two requests here: [Hangup](Hangup.md) on the consult, [Retrieve](Retrieve.md) on its parent.",
}
"""Names that are known from neighbouring interfaces, or that clients send, and that this one does not have."""


def body_of(operation: str) -> type[Any]:
    """The typed body that an operation is read into."""
    known = {**CALL_BODIES, **DIAL, **DEVICE_OPERATIONS, "StartContactCenterSession": bodies.StartSession}
    return known.get(operation, bodies.Bare)


def is_served(family: Family, operation: str) -> bool:
    """Whether the server knows the name on the family's resource; asked of the server itself."""
    stage = Stage()
    stage.play("phone 5000 dial to=5005")
    number = "5900" if family is SUPERVISION else "5005"
    body = json.dumps({"operationName": operation}).encode()
    response = stage.send(number, "POST", stage.path(number, family.target), body)
    return "is not known here" not in json.loads(response.body).get("statusMessage", "")


def missing() -> list[str]:
    return [name for family in FAMILIES for name in family.operations if not is_served(family, name)]
