"""The values that everything else speaks of."""

from __future__ import annotations

from enum import Enum

import msgspec
import pytest

from cordboard.calls import model
from cordboard.calls.model import (
    Call,
    CallState,
    CallType,
    CallView,
    Monitoring,
    MonitorKind,
    MonitorMode,
    MonitorScope,
    Operation,
    Reason,
    Refusal,
    RefusalKind,
    Supervision,
    Taking,
)

CALL = Call("C1", "5005", "C1", "leg-1", CallState.HELD, CallType.INTERNAL, "00aa", "5005", 64.0)
CONSULT = Call("C2", "5005", "C2", "leg-1", CallState.DIALING, CallType.CONSULT, "00ab", "5001", 70.0, parent="C1")
MONITORING = Monitoring("5900", "5005", MonitorKind.COACH)


def test_a_call_is_known_by_its_id_and_who_sees_it() -> None:
    """Two agents in one conversation see the same id (gws-v2 §2.3)."""
    assert CALL.key == ("C1", "5005")


def test_a_consult_has_a_parent_of_the_same_owner_and_others_have_none() -> None:
    assert CONSULT.parent_key == ("C1", "5005") == CALL.key
    assert CALL.parent_key is None


def test_a_call_begins_with_nothing_special_about_it() -> None:
    assert (CALL.participants, CALL.user_data, CALL.muted, CALL.reason) == ((), {}, False, Reason.NORMAL)
    assert (CALL.ani, CALL.purpose, CALL.location) == ("", None, "")


@pytest.mark.parametrize(
    "value",
    [CALL, CallView(CALL, frozenset()), Refusal(RefusalKind.BAD_VALUE, "why"), MONITORING],
    ids=lambda value: type(value).__name__,
)
def test_values_are_frozen_and_compare_by_what_they_are(value: Call | CallView | Refusal | Monitoring) -> None:
    assert value == type(value)(*(getattr(value, field) for field in value.__struct_fields__))
    with pytest.raises(AttributeError):
        setattr(value, value.__struct_fields__[0], "other")


def test_states_and_types_have_the_names_of_the_contract() -> None:
    """gws-v2 §2.3; OFFERED is never shown to anybody."""
    shown = {state.value for state in CallState} - {CallState.OFFERED.value}
    assert shown == {"Dialing", "Ringing", "Established", "Held", "Released"}
    assert {kind.value for kind in CallType} == {"Internal", "Inbound", "Outbound", "Consult"}


def test_operations_are_those_of_the_contract() -> None:
    """gws-v2 §3, the operations on calls and Dial; voipnow-uapi §2.4.3, those that leave somebody somewhere."""
    assert {operation.value for operation in Operation} == {
        *("Dial", "Answer", "Hangup", "Hold", "Retrieve", "SwapCalls", "SendDtmf", "ClearCall"),
        *("InitiateTransfer", "CompleteTransfer", "SingleStepTransfer"),
        *("InitiateConference", "CompleteConference", "SingleStepConference", "RemoveParticipantFromConference"),
        *("MuteCall", "UnmuteCall"),
        *("AttachUserData", "UpdateUserData", "DeleteUserData", "DeleteUserDataPair"),
        *("StartCallRecording", "StopCallRecording", "PauseCallRecording", "ResumeCallRecording"),
        *("Park", "TransferToVoicemail", "Decline"),
    }
    assert {taking.value for taking in Taking} == {"UnPark", "PickUp"}


def test_a_call_that_ends_as_calls_do_gives_no_reason() -> None:
    assert [reason for reason in Reason if not reason.value] == [Reason.NORMAL]


def test_monitoring_has_the_names_of_the_contract() -> None:
    """gws-v2 §2.2, §3."""
    assert {kind.value for kind in MonitorKind} - {"Prompt"} == {"ListenIn", "Coach", "BargeIn"}
    assert {scope.value for scope in MonitorScope} == {"Agent", "Call"}
    assert {mode.value for mode in MonitorMode} == {"NextCall", "AllCalls"}
    more = {"CancelSupervisorMonitoring", "MuteMonitoredUser", "UnmuteMonitoredUser"}
    assert {one.value for one in Supervision} == {"ListenIn", "Coach", "BargeIn"} | more
    assert (MONITORING.scope, MONITORING.mode) == (MonitorScope.CALL, MonitorMode.ALL_CALLS)


def test_a_call_is_inaudible_when_muted_by_its_owner_or_by_the_supervisor() -> None:
    replace = msgspec.structs.replace
    assert not CALL.inaudible
    assert not replace(CALL, monitored=MONITORING).inaudible
    assert replace(CALL, muted=True).inaudible
    assert replace(CALL, monitored=replace(MONITORING, muted=True)).inaudible


WORDS = [CallState, CallType, Operation, Reason, RefusalKind, model.Purpose, Supervision, MonitorKind, MonitorMode]


@pytest.mark.parametrize("kind", WORDS)
def test_words_can_be_looked_up_and_are_all_different(kind: type[Enum]) -> None:
    table = {word: word.value for word in kind}
    assert all(table[kind(value)] == value for value in table.values())
    assert len(set(table.values())) == len(kind)


def test_without_anybody_to_ask_all_calls_are_taken() -> None:
    diversions: model.Diversions = model.NoDiversions()
    assert (diversions.do_not_disturb("5005"), diversions.forward_to("5005")) == (False, "")
