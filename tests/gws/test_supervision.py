"""Who may supervise, whom they mean, and the commands that their requests become (gws-v2 §3)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.kit.people import AGENT, OLGA, SUPERVISOR, TENANT, directory, user

from cordboard.calls import commands
from cordboard.calls.model import MonitorKind, MonitorMode, MonitorScope, Supervision
from cordboard.gws.answers import Problem, StatusCode
from cordboard.gws.requests import read_operation
from cordboard.gws.supervision import OPERATIONS, command
from cordboard.people.directory import Directory
from cordboard.people.model import Tenant, User

ABSOLUTE = f"http://h/api/v2/devices/{AGENT.device.id}"


def asked(operation: str, who: User = SUPERVISOR, people: Directory | None = None, **parameters: Any) -> Any:
    found = read_operation(msgspec.json.encode({"operationName": operation, **parameters}), OPERATIONS)
    return found if isinstance(found, Problem) else command(people or directory(), who, found)


def code(answer: Any) -> StatusCode:
    assert isinstance(answer, Problem)
    return answer.code


def test_they_have_the_names_of_the_table() -> None:
    assert set(OPERATIONS) == {one.value for one in Supervision}


@pytest.mark.parametrize("kind", [kind for kind in MonitorKind if kind is not MonitorKind.PROMPT])
def test_each_way_is_a_command(kind: MonitorKind) -> None:
    assert asked(kind.value, targetDeviceUri=ABSOLUTE) == commands.Monitor(asker="5900", target="5005", kind=kind)


@pytest.mark.parametrize(
    "parameters",
    [
        {"targetDeviceUri": ABSOLUTE},
        {"targetDeviceUri": f"/devices/{AGENT.device.id}"},
        {"targetDeviceUri": AGENT.device.id},
        {"phoneNumber": "5005"},
        {"phoneNumber": "0003*5005"},
        {"targetDeviceUri": AGENT.device.id, "phoneNumber": "5001"},
    ],
)
def test_the_target_is_named_by_its_device_or_its_number(parameters: dict[str, str]) -> None:
    assert asked("ListenIn", **parameters).target == "5005"


def test_scope_and_mode_are_read() -> None:
    chosen = {"supervisorMonitoringScope": "Agent", "supervisorMonitoringMode": "NextCall"}
    assert asked("BargeIn", phoneNumber="5005", **chosen) == commands.Monitor(
        asker="5900",
        target="5005",
        kind=MonitorKind.BARGE_IN,
        scope=MonitorScope.AGENT,
        mode=MonitorMode.NEXT_CALL,
    )


@pytest.mark.parametrize("name", ["supervisorMonitoringScope", "supervisorMonitoringMode", "targetDeviceUri"])
def test_wrong_values_are_out_of_range(name: str) -> None:
    assert code(asked("ListenIn", **{"targetDeviceUri": ABSOLUTE, name: 7})) is StatusCode.OUT_OF_RANGE


def test_whom_to_monitor_must_be_said() -> None:
    assert code(asked("Coach")) is StatusCode.PARAMETER_MISSING


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("CancelSupervisorMonitoring", commands.CancelMonitoring),
        ("MuteMonitoredUser", commands.MuteMonitored),
        ("UnmuteMonitoredUser", commands.UnmuteMonitored),
    ],
)
def test_whom_not_to_monitor_may_be_left_out(operation: str, kind: type[commands.CancelMonitoring]) -> None:
    assert asked(operation) == kind(asker="5900")
    assert asked(operation, targetDeviceUri=OLGA.device.id) == kind(asker="5900", target="5001")


@pytest.mark.parametrize(
    "parameters",
    [
        {"targetDeviceUri": "unheard of"},
        {"phoneNumber": "9999"},
        {"phoneNumber": "3235742879"},
    ],
    ids=["device", "number", "beyond a trunk"],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_device_that_does_not_exist(operation: str, parameters: dict[str, str]) -> None:
    assert code(asked(operation, **parameters)) is StatusCode.NOT_FOUND


def test_the_device_of_another_tenant_does_not_exist() -> None:
    stranger = msgspec.structs.replace(user("7001"), tenant=Tenant("9", "Elsewhere"))
    people = Directory([SUPERVISOR, stranger], [TENANT, stranger.tenant], [])
    assert code(asked("ListenIn", people=people, targetDeviceUri=stranger.device.id)) is StatusCode.NOT_FOUND
    assert code(asked("ListenIn", people=people, phoneNumber="7001")) is StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    "who",
    [
        AGENT,
        user("5901", "agent", features=("api-supervisor-monitoring",)),
        user("5901", "supervisor"),
    ],
    ids=["agent", "no supervisor", "without the feature"],
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_only_supervisors_with_the_feature_may(operation: str, who: User) -> None:
    """Whether the device exists is not told, either."""
    assert code(asked(operation, who, targetDeviceUri="unheard of")) is StatusCode.NO_PERMISSION
