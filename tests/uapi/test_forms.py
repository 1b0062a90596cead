"""What webhooks say (voipnow-uapi §3.1)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.uapi.front import OUTSIDE, directory

from cordboard.calls.model import Reason
from cordboard.uapi.chronicle import Happening, Kind
from cordboard.uapi.forms import Forms

IN = Happening(Kind.DIAL_IN, "0003*210", "ab", OUTSIDE, "0003*210", "0003*210", answered=False)
PLAIN, WITH_REASONS = Forms(directory()), Forms(directory(), reasons=True)


@pytest.mark.uapi("3.1 parameters")
def test_every_parameter_is_there() -> None:
    assert PLAIN.describe(IN) == {
        "CallID": "ab",
        "CallAPIID": "ab",
        "CallerIDNum": OUTSIDE,
        "CallerIDName": "John Doe",
        "CallerExtension": "",
        "CalledExtension": "0003*210",
        "CalledNumber": "0003*210",
        "CalledDID": "",
        "CallStatus": "CALLING",
        "CallFlow": "IN",
    }


@pytest.mark.uapi("3.1 CalledDID")
@pytest.mark.parametrize(
    ("called", "dialled", "number"),
    [
        ("0003*210", "210", ""),
        ("0003*210", "0003*024", ""),
        ("0003*210", "4930123", "4930123"),
        (OUTSIDE, OUTSIDE, OUTSIDE),
        ("0003*210", "", ""),
    ],
)
def test_the_public_number_of_who_is_called(called: str, dialled: str, number: str) -> None:
    assert PLAIN.describe(replace(IN, called=called, dnis=dialled))["CalledDID"] == number


@pytest.mark.uapi("3.1 CallFlow", "3.1 parameters")
def test_the_flow_is_as_the_extension_sees_it() -> None:
    out = replace(IN, kind=Kind.DIAL_OUT, caller="0003*024", number="0003*024", outgoing=True)
    assert PLAIN.describe(out)["CallFlow"] == "OUT"
    assert (PLAIN.describe(out)["CallerIDName"], PLAIN.describe(out)["CallerExtension"]) == ("Jane Roe", "0003*024")
    assert PLAIN.describe(replace(IN, caller="3334444"))["CallerIDName"] == "3334444"


@pytest.mark.uapi("3.1 CallStatus")
@pytest.mark.parametrize(
    ("kind", "answered", "reason", "plain", "with_reason"),
    [
        (Kind.DIAL_IN, False, Reason.NORMAL, "CALLING", "CALLING"),
        (Kind.DIAL_OUT, False, Reason.NORMAL, "CALLING", "CALLING"),
        (Kind.ANSWERED, True, Reason.NORMAL, "ANSWER", "ANSWER"),
        (Kind.ANSWERED_THERE, True, Reason.NORMAL, "ANSWER", "ANSWER"),
        (Kind.HANGUP, True, Reason.BUSY, "ANSWER", "ANSWER"),
        (Kind.HANGUP, False, Reason.NORMAL, "UNKNOWN", "CANCEL"),
        (Kind.HANGUP, False, Reason.BUSY, "UNKNOWN", "BUSY"),
        (Kind.HANGUP, False, Reason.REJECTED, "UNKNOWN", "BUSY"),
        (Kind.HANGUP, False, Reason.NO_ANSWER, "UNKNOWN", "NOANSWER"),
        (Kind.HANGUP, False, Reason.UNREACHABLE, "UNKNOWN", "CHANUNAVAIL"),
        (Kind.HANGUP, False, Reason.SWITCH_ERROR, "UNKNOWN", "CONGESTION"),
        (Kind.HANGUP, False, Reason.AGENT_LOST, "UNKNOWN", "UNKNOWN"),
    ],
)
def test_the_status(kind: Kind, answered: bool, reason: Reason, plain: str, with_reason: str) -> None:
    happening = replace(IN, kind=kind, answered=answered, reason=reason)
    assert PLAIN.describe(happening)["CallStatus"] == plain
    assert WITH_REASONS.describe(happening)["CallStatus"] == with_reason
