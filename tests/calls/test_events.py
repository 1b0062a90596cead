"""Events: what users are told, each of one call of one number."""

from __future__ import annotations

import pytest

from cordboard.calls.events import CallChanged, CallFailed, Change, MonitoringChanged
from cordboard.calls.model import Call, CallState, CallType, Monitoring, MonitorKind, Operation, Refusal, RefusalKind

CALL = Call("C1", "5005", "C1", "leg-1", CallState.HELD, CallType.INTERNAL, "00aa", "5005", 64.0)


def test_changes_have_the_names_of_the_contract() -> None:
    """gws-v2 §5.2, notificationType."""
    assert {change.value for change in Change} == {
        "StatusChange",
        "ParticipantsUpdated",
        "AttachedDataChanged",
        "CallRecordingStateChange",
    }


def test_a_change_carries_the_call_and_what_may_be_asked_of_it() -> None:
    event = CallChanged(Change.STATUS, CALL, frozenset({Operation.RETRIEVE}))
    assert (event.call.owner, event.permits) == ("5005", frozenset({Operation.RETRIEVE}))


def test_a_failure_says_whose_call_which_operation_and_why() -> None:
    event = CallFailed("5005", "C1", Operation.HOLD, Refusal(RefusalKind.SWITCH_UNAVAILABLE, "no"))
    assert event == CallFailed("5005", "C1", Operation.HOLD, Refusal(RefusalKind.SWITCH_UNAVAILABLE, "no"))
    with pytest.raises(AttributeError):
        event.call = "C2"  # type: ignore[misc]


def test_a_supervisor_is_told_whom_it_monitors_or_that_it_no_longer_does() -> None:
    monitoring = Monitoring("5900", "5005", MonitorKind.COACH)
    assert MonitoringChanged("5900", monitoring) == MonitoringChanged(
        "5900", Monitoring("5900", "5005", MonitorKind.COACH)
    )
    assert MonitoringChanged("5900", monitoring) != MonitoringChanged("5900", None)
