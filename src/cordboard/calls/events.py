"""Events: what users are told. Past tense. Each concerns exactly one number."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

import msgspec

from cordboard.calls.model import Call, CallId, Monitoring, Number, Operation, Permits, Refusal, Supervision


class Change(Enum):
    """What about a call changed. A change of participants wins over a change of state (gws-v2 §7.2, 13)."""

    STATUS = "StatusChange"
    PARTICIPANTS = "ParticipantsUpdated"
    USER_DATA = "AttachedDataChanged"
    RECORDING = "CallRecordingStateChange"


class CallChanged(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A call appeared, changed or was released; ``permits`` is what may be asked of it from then on."""

    change: Change
    call: Call
    permits: Permits


class CallFailed(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An operation that had been accepted failed later; the calls are as they were (call-semantics decision 7)."""

    owner: Number
    call: CallId
    operation: Operation | Supervision
    refusal: Refusal


class MonitoringChanged(msgspec.Struct, frozen=True, gc=False, tag=True):
    """A supervisor began to monitor somebody, does it in another way, or (None) no longer does.

    It is shown with the supervisor's device, so whoever keeps those tells of it (docs/decisions/0008).
    """

    supervisor: Number
    monitoring: Monitoring | None


AnyEvent: TypeAlias = CallChanged | CallFailed | MonitoringChanged
