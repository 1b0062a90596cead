"""Agent states with the ids that clients store, and the table of what a device accepts."""

from __future__ import annotations

import pytest

from cordboard.agents.model import BUILT_IN_STATES, LOGGED_IN, READY, DeviceOperation, DeviceState, permits
from cordboard.calls.model import Monitoring, MonitorKind
from cordboard.calls.permits import supervision


@pytest.mark.parametrize(
    ("operation", "state_id", "presence", "work_mode"),
    [
        ("Ready", "9430250E-0A1B-421F-B372-F29E69366DED", "Ready", None),
        ("NotReady", "900D55CC-2BB0-431F-8BF9-D3525B383BE6", "NotReady", None),
        ("AfterCallWork", "D3663509-3D82-4DD3-A82E-2EA8EFA02AEF", "NotReady", "AfterCallWork"),
        ("AuxWork", "2B36138D-C564-4562-A8CB-3C32D564F296", "NotReady", "AuxWork"),
        ("Offline", "0F7F5003-EF26-4D13-A6Ef-D0C7EC819BEB", "LoggedOut", None),
    ],
)
def test_built_in_states_are_those_of_the_wire_format(operation, state_id, presence, work_mode) -> None:
    state = BUILT_IN_STATES[operation]
    assert (state.operation, state.id, state.presence.value) == (operation, state_id, presence)
    assert (state.work_mode.value if state.work_mode else None) == work_mode


def test_there_are_five_built_in_states_and_logged_in_is_none_of_them() -> None:
    assert len(BUILT_IN_STATES) == 5
    assert LOGGED_IN not in BUILT_IN_STATES.values()


def test_a_device_is_logged_in_from_its_first_state_on() -> None:
    assert not DeviceState("5005").logged_in
    assert DeviceState("5005", LOGGED_IN).logged_in
    assert DeviceState("5005", READY).logged_in


@pytest.mark.parametrize(
    ("device", "offered"),
    [
        (DeviceState("1"), {"DoNotDisturbOn", "ForwardCallsOn"}),
        (DeviceState("1", do_not_disturb=True), {"DoNotDisturbOff", "ForwardCallsOn"}),
        (DeviceState("1", forward_to="2"), {"DoNotDisturbOn", "ForwardCallsOff"}),
        (DeviceState("1", do_not_disturb=True, forward_to="2"), {"DoNotDisturbOff", "ForwardCallsOff"}),
    ],
)
def test_what_is_switched_on_can_be_switched_off_and_the_other_way_round(device, offered) -> None:
    assert permits(device) == {DeviceOperation(name) for name in offered}


def test_a_supervisors_device_has_the_operations_of_the_calls_table_besides() -> None:
    """gws-v2 §4.3; the table is ``calls.permits.supervision``."""
    monitoring = Monitoring("5900", "5005", MonitorKind.COACH, on_call=True)
    for now in (None, monitoring):
        device = DeviceState("5900", monitoring=now)
        names = {operation.value for operation in permits(device, supervises=True) - permits(device)}
        assert names == {operation.value for operation in supervision(now)}
