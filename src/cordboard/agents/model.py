"""The values that agents and their devices are in: agent states, device states, what may be asked of a device.

Everything here is frozen. Deliberately absent: how a state is written for a client (``gws``), who owns a number
(``people``), what do-not-disturb and forwarding do to a call (``calls``).
"""

from __future__ import annotations

from enum import Enum

import msgspec

from cordboard.calls import permits as calls_permits
from cordboard.calls.model import Monitoring, Number, Supervision


class Presence(Enum):
    """The ``state`` of an agent state (gws-v2 §2.2). LOGGED_IN is passed through only, on the way to a real one."""

    LOGGED_OUT = "LoggedOut"
    LOGGED_IN = "LoggedIn"
    READY = "Ready"
    NOT_READY = "NotReady"


class WorkMode(Enum):
    """What a NotReady agent does instead of taking calls."""

    AFTER_CALL_WORK = "AfterCallWork"
    AUX_WORK = "AuxWork"


class AgentState(msgspec.Struct, frozen=True, gc=False):
    """One state an agent can be in. ``operation`` is the name it is asked for by; ``id`` is stored by clients."""

    operation: str
    id: str
    display_name: str
    presence: Presence
    work_mode: WorkMode | None = None
    reason: str = ""


# The ids are constants of the wire format, the odd lower-case letter in the last included (gws-v2 §2.2).
READY = AgentState("Ready", "9430250E-0A1B-421F-B372-F29E69366DED", "Ready", Presence.READY)
NOT_READY = AgentState("NotReady", "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "Not Ready", Presence.NOT_READY)
AFTER_CALL_WORK = AgentState(
    "AfterCallWork",
    "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF",
    "After Call Work",
    Presence.NOT_READY,
    WorkMode.AFTER_CALL_WORK,
)
AUX_WORK = AgentState(
    "AuxWork", "2B36138D-C564-4562-A8CB-3C32D564F296", "Auxiliary Work", Presence.NOT_READY, WorkMode.AUX_WORK
)
OFFLINE = AgentState("Offline", "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "Offline", Presence.LOGGED_OUT)
LOGGED_IN = AgentState("", "", "", Presence.LOGGED_IN)
"""Between the start of a session and its first state; clients are told its ``presence`` and nothing else."""

BUILT_IN_STATES: dict[str, AgentState] = {
    state.operation: state for state in (READY, NOT_READY, AFTER_CALL_WORK, AUX_WORK, OFFLINE)
}


class DeviceOperation(Enum):
    """What may be asked of a device. The values are the names that the field's APIs use."""

    DO_NOT_DISTURB_ON = "DoNotDisturbOn"
    DO_NOT_DISTURB_OFF = "DoNotDisturbOff"
    FORWARD_CALLS_ON = "ForwardCallsOn"
    FORWARD_CALLS_OFF = "ForwardCallsOff"
    LISTEN_IN = Supervision.LISTEN_IN.value
    COACH = Supervision.COACH.value
    BARGE_IN = Supervision.BARGE_IN.value
    CANCEL_MONITORING = Supervision.CANCEL.value
    MUTE_MONITORED = Supervision.MUTE.value
    UNMUTE_MONITORED = Supervision.UNMUTE.value


class DeviceState(msgspec.Struct, frozen=True, gc=False):
    """A device and the agent at it. ``since``: instant of the agent state; ``forward_to``: "" if not forwarded;
    ``monitoring``: whom a supervisor at it monitors (kept by ``calls``, see docs/decisions/0008)."""

    number: Number
    agent: AgentState = OFFLINE
    since: float = 0.0
    do_not_disturb: bool = False
    forward_to: Number = ""
    monitoring: Monitoring | None = None

    @property
    def logged_in(self) -> bool:
        """Whether an agent is logged in at the device. One who is Offline is not, though in a session perhaps."""
        return self.agent.presence is not Presence.LOGGED_OUT


def permits(device: DeviceState, supervises: bool = False) -> frozenset[DeviceOperation]:
    """THE table for devices: what is offered is accepted, what is not offered is refused (gws-v2 §4.3). A device whose
    owner ``supervises`` has the operations of a supervisor besides."""
    offered = _PERMITS[device.do_not_disturb, bool(device.forward_to)]
    if not supervises:
        return offered
    return offered | {DeviceOperation(one.value) for one in calls_permits.supervision(device.monitoring)}


_PERMITS: dict[tuple[bool, bool], frozenset[DeviceOperation]] = {
    (disturb, forward): frozenset(
        {
            DeviceOperation.DO_NOT_DISTURB_OFF if disturb else DeviceOperation.DO_NOT_DISTURB_ON,
            DeviceOperation.FORWARD_CALLS_OFF if forward else DeviceOperation.FORWARD_CALLS_ON,
        }
    )
    for disturb in (False, True)
    for forward in (False, True)
}
