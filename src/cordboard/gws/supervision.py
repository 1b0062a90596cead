"""Supervisors' operations on their own device: who may ask, and whom they mean (gws-v2 §3).

Deliberately absent: whether it is possible now (``calls.permits``), the form of the bodies (``bodies``).
"""

from __future__ import annotations

from cordboard.agents.model import DeviceOperation
from cordboard.calls.commands import AnySupervisorCommand
from cordboard.gws import bodies
from cordboard.gws.answers import Problem, StatusCode
from cordboard.gws.requests import Operation
from cordboard.people.directory import Directory
from cordboard.people.model import User

OPERATIONS: dict[str, type] = {
    DeviceOperation.LISTEN_IN.value: bodies.ListenIn,
    DeviceOperation.COACH.value: bodies.Coach,
    DeviceOperation.BARGE_IN.value: bodies.BargeIn,
    DeviceOperation.CANCEL_MONITORING.value: bodies.CancelMonitoring,
    DeviceOperation.MUTE_MONITORED.value: bodies.MuteMonitored,
    DeviceOperation.UNMUTE_MONITORED.value: bodies.UnmuteMonitored,
}


def command(directory: Directory, user: User, found: Operation) -> AnySupervisorCommand | Problem:
    """The command that a supervisor's request asks for."""
    if not user.supervises:
        return Problem(StatusCode.NO_PERMISSION, f"{found.name} is for supervisors who have the feature.")
    body: bodies.ListenIn | bodies.CancelMonitoring = found.body
    if not (body.target_device_uri or body.phone_number):
        if isinstance(body, bodies.MonitorBody):
            return Problem(StatusCode.PARAMETER_MISSING, f"{found.name}: the parameter targetDeviceUri is missing.")
        return body.command(user.device.number, "")
    target = _target(directory, user, body)
    if target is None:
        return Problem(StatusCode.NOT_FOUND, "There is no such device.")
    return body.command(user.device.number, target.device.number)


def _target(directory: Directory, user: User, body: bodies.TargetBody) -> User | None:
    """The owner of the device that is named; one of another tenant is as unknown as one that does not exist."""
    if body.target_device_uri:
        owner = directory.owner_of_device(bodies.last_segment(body.target_device_uri))
    else:
        route = directory.find(body.phone_number, user.device.number)
        owner = directory.owner_of(route.number) if route is not None else None
    return owner if owner is not None and owner.tenant == user.tenant else None
