"""What each user must be told, written out in full from gws-v2 §5.2a; compared member by member with what came.

Ids differ from run to run: a test calls them A and B, and each letter stands for one id, for everybody.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

USER_DATA = frozenset({"AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"})
STARTS = frozenset({"InitiateTransfer", "SingleStepTransfer", "InitiateConference", "SingleStepConference"})

# The rows of gws-v2 §4.1 and §4.2.
DIALING = USER_DATA | {"Hangup", "SendDtmf"}
RINGING = USER_DATA | {"Answer"}
TALKING = USER_DATA | STARTS | {"Hangup", "Hold", "SendDtmf"}
HELD = USER_DATA | STARTS | {"Hangup", "Retrieve"}
HELD_CONSULT_DIALING = USER_DATA | STARTS | {"Hangup", "SwapCalls", "CompleteTransfer"}
CONSULT_DIALING = USER_DATA | {"Hangup", "SendDtmf", "SwapCalls", "CompleteTransfer"}
CONFERENCE_CONSULT_DIALING = USER_DATA | {"Hangup", "SendDtmf", "SwapCalls"}
CONSULT_TALKING = USER_DATA | {"Hangup", "Hold", "SendDtmf", "SwapCalls", "CompleteTransfer", "CompleteConference"}
CONSULT_HELD = CONSULT_TALKING - {"Hold", "SendDtmf"}
TALKING_CONSULT_HELD = TALKING | {"SwapCalls", "CompleteTransfer", "CompleteConference"}
HELD_CONSULT_TALKING = HELD - {"Retrieve"} | {"SwapCalls", "CompleteTransfer", "CompleteConference"}
CONFERENCE = TALKING | {"MuteCall"}
CONFERENCE_OWNER = CONFERENCE | {"RemoveParticipantFromConference"}
NOTHING: frozenset[str] = frozenset()

CALL_ID = re.compile(r"[0-9A-Z]{32}")
CONN_ID = re.compile(r"[0-9a-f]{16}")


class Told(msgspec.Struct, frozen=True):
    """One notification about a call: ``call`` is its letter, ``others`` the parties, most recently added first.

    ``monitored`` is the state of the supervisor who monitors it, ``monitoring`` is set on that supervisor's own call.
    """

    call: str
    state: str
    others: tuple[str, ...]
    may: frozenset[str]
    dnis: str
    type: str = "Internal"
    change: str = "StatusChange"
    parent: str = ""
    user_data: dict[str, Any] = {}
    ani: str = ""
    mute: str = "Off"
    reason: str = ""
    recording: str = ""
    monitored: dict[str, str] = {}
    silenced: bool = False
    monitoring: bool = False


class Ids:
    """Which id each letter stands for, one to one; and the switch's own id, which stays with a call."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, str]] = {}

    def __getitem__(self, letter: str) -> str:
        return self._of[letter][0]

    def bind(self, letter: str, call: dict[str, Any]) -> tuple[str, str]:
        """The ids that ``letter`` stands for, from now on those of ``call`` if it stood for none."""
        if letter not in self._of:
            ids = (call["id"], call["connId"])
            assert CALL_ID.fullmatch(ids[0])
            assert CONN_ID.fullmatch(ids[1])
            assert all(ids[0] != other[0] and ids[1] != other[1] for other in self._of.values()), (letter, ids)
            self._of[letter] = ids
        return self._of[letter]


class Expectations:
    """Writes whole notifications. ``base`` is the address of the API, ``devices`` the device ids by number."""

    def __init__(self, base: str, devices: dict[str, str], ids: Ids) -> None:
        self._base = base
        self._devices = devices
        self._ids = ids

    def check(self, number: str, told: Told, message: dict[str, Any], age_s_max: float) -> None:
        """Assert that ``message`` is exactly what ``told`` says, to the user at ``number``."""
        assert "call" in message["data"], f"{number} was told {message['data']} instead of {told}"
        call = message["data"]["call"]
        self.check_call(number, told, call, age_s_max)
        assert message == {
            "channel": "/v2/me/calls",
            "data": {
                "messageType": "CallStateChangeMessage",
                "notificationType": told.change,
                "phoneNumber": number,
                "extensions": {"BusinessCall": 0, "WrapUpTime": 0, **({"Reason": told.reason} if told.reason else {})},
                "call": call,
            },
        }

    def check_call(self, number: str, told: Told, call: dict[str, Any], age_s_max: float) -> None:
        """The same for a call as such, as it is read, too."""
        duration = call["duration"]
        assert isinstance(duration, str)
        assert duration.isdecimal()
        assert int(duration) <= age_s_max
        capabilities = call["capabilities"]
        assert len(capabilities) == len(set(capabilities)), capabilities
        actual, expected = {**call, "capabilities": sorted(capabilities)}, self._call(number, told, call)
        other = {key: (actual.get(key), expected.get(key)) for key in actual | expected}
        other = {key: values for key, values in other.items() if values[0] != values[1]}
        assert not other, f"{number} was told of {told.call}, {told.state}: (what came, what should have come) {other}"

    def _call(self, number: str, told: Told, actual: dict[str, Any]) -> dict[str, Any]:
        call_id, conn_id = self._ids.bind(told.call, actual)
        call: dict[str, Any] = {
            "id": call_id,
            "callUuid": call_id,
            "connId": conn_id,
            "state": told.state,
            "callType": told.type,
            "deviceUri": f"{self._base}/devices/{self._devices[number]}",
            "participants": [_participant(other) for other in told.others],
            "dnis": told.dnis,
            "capabilities": sorted(told.may),
            "duration": actual["duration"],
            "mute": told.mute,
            "supervisorListeningIn": bool(told.monitored),
            "monitoredUserMuted": told.silenced,
            "monitoring": told.monitoring,
            "uri": f"{self._base}/me/calls/{call_id}",
            "path": f"/calls/{call_id}",
        }
        if told.recording:
            call["recordingState"] = told.recording
        if told.parent:
            call["parentCallUri"] = f"{self._base}/me/calls/{self._ids[told.parent]}"
            call["parentCallPath"] = f"/calls/{self._ids[told.parent]}"
        if told.user_data:
            call["userData"] = told.user_data
        if told.monitored:
            call["supervisorMonitoringState"] = told.monitored
        if told.ani:
            call["ani"] = told.ani
        return call


def _participant(number: str) -> dict[str, str]:
    e164 = number if number.startswith("+") else ""
    return {"e164Number": e164, "formattedPhoneNumber": number, "phoneNumber": number, "digits": number}
