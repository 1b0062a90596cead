"""Roster: the state of every device and the agent at it, by number. The one mutable thing in this room.

Serves the board as its ``Diversions``. Deliberately absent: sessions of clients (``server``), the effect of a state on
calls (``calls``). A device that was
never asked for anything is Offline and takes no memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, assert_never

import msgspec

from cordboard.agents.commands import (
    AnyAgentCommand,
    EndSession,
    ForwardCalls,
    SetDoNotDisturb,
    StartSession,
    StopForwarding,
    TakeState,
)
from cordboard.agents.events import DeviceChanged
from cordboard.agents.model import (
    BUILT_IN_STATES,
    LOGGED_IN,
    OFFLINE,
    READY,
    AgentState,
    DeviceOperation,
    DeviceState,
    permits,
)
from cordboard.agents.rows import read_row, row_of
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import Number, Refusal, RefusalKind, Routes
from cordboard.calls.ports import Row

Answer: TypeAlias = "Refusal | list[DeviceChanged]"


class Roster:
    """Applies commands to devices. ``states``: the agent states that may be taken, by the name of the operation."""

    __slots__ = ("_changed", "_devices", "_first", "_routes", "_sessions", "states")

    def __init__(
        self, routes: Routes, states: Mapping[str, AgentState] = BUILT_IN_STATES, first: AgentState = READY
    ) -> None:
        self._routes = routes
        self._first = first
        self._devices: dict[Number, DeviceState] = {}
        self._sessions: set[Number] = set()
        self._changed: set[Number] = set()
        self.states = states

    def device(self, number: Number) -> DeviceState:
        """The state of a number's device; Offline if nothing has happened to it."""
        return self._devices.get(number) or DeviceState(number)

    def do_not_disturb(self, number: Number) -> bool:
        """For the board (``calls.model.Diversions``), like ``forward_to``."""
        device = self._devices.get(number)
        return device is not None and device.do_not_disturb

    def forward_to(self, number: Number) -> Number:
        device = self._devices.get(number)
        return device.forward_to if device is not None else ""

    def take_rows(self) -> list[Row]:
        """The rows of state that have changed since this was called last."""
        changed, self._changed = self._changed, set()
        return self._rows(changed)

    def all_rows(self) -> list[Row]:
        """All rows of state."""
        return self._rows(self._devices.keys() | self._sessions)

    def _rows(self, numbers: Iterable[Number]) -> list[Row]:
        return [row_of(self.device(number), in_session=number in self._sessions) for number in sorted(numbers)]

    def restore(self, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Be the roster that wrote these rows."""
        for _, value in rows:
            device, in_session = read_row(value, self.states)
            self._devices[device.number] = device
            if in_session:
                self._sessions.add(device.number)

    def ask(self, command: AnyAgentCommand, now: float) -> Answer:
        """Apply a command; the events to tell in this order, none if nothing changed, or why it was refused."""
        device = self.device(command.asker)
        match command:
            case StartSession():
                self._sessions.add(device.number)
                self._changed.add(device.number)
                return [] if device.logged_in else self._change(now, device, self._first)
            case EndSession():
                self._sessions.discard(device.number)
                self._changed.add(device.number)
                return self._change(now, device, OFFLINE)
            case TakeState(operation=operation):
                return self._take(now, device, operation)
            case SetDoNotDisturb(on=on):
                return self._disturb(device, on)
            case ForwardCalls(to=to):
                return self._forward(device, to)
            case StopForwarding():
                operation_wanted = DeviceOperation.FORWARD_CALLS_OFF
                return _refused(operation_wanted, device) or self._put(msgspec.structs.replace(device, forward_to=""))
            case _:
                assert_never(command)

    def monitoring_changed(self, event: MonitoringChanged) -> DeviceChanged:
        """The board tells whom a supervisor monitors: that is shown with the supervisor's device."""
        device = msgspec.structs.replace(self.device(event.supervisor), monitoring=event.monitoring)
        return self._put(device)[0]

    def _take(self, now: float, device: DeviceState, operation: str) -> Answer:
        state = self.states.get(operation)
        if state is None:
            return Refusal(RefusalKind.BAD_VALUE, f"There is no agent state '{operation}'.")
        if device.number not in self._sessions:
            return Refusal(RefusalKind.NOT_PERMITTED_NOW, f"{operation}: no contact-center session is started.")
        return self._change(now, device, state)

    def _disturb(self, device: DeviceState, on: bool) -> Answer:
        wanted = DeviceOperation.DO_NOT_DISTURB_ON if on else DeviceOperation.DO_NOT_DISTURB_OFF
        return _refused(wanted, device) or self._put(msgspec.structs.replace(device, do_not_disturb=on))

    def _forward(self, device: DeviceState, to: str) -> Answer:
        refusal = _refused(DeviceOperation.FORWARD_CALLS_ON, device)
        if refusal is not None:
            return refusal
        route = self._routes.find(to, device.number)
        if route is None or route.number == device.number:
            return Refusal(RefusalKind.BAD_DESTINATION, f"Calls can't be forwarded to '{to}'.")
        return self._put(msgspec.structs.replace(device, forward_to=route.number))

    def _change(self, now: float, device: DeviceState, state: AgentState) -> list[DeviceChanged]:
        """Take a state; whoever was logged out is logged in first (gws-v2 §3). Nothing if it is the state already."""
        if state is device.agent:
            return []
        events = []
        if not device.logged_in:
            events += self._put(msgspec.structs.replace(device, agent=LOGGED_IN, since=now))
        return events + self._put(msgspec.structs.replace(device, agent=state, since=now))

    def _put(self, device: DeviceState) -> list[DeviceChanged]:
        self._devices[device.number] = device
        self._changed.add(device.number)
        return [DeviceChanged(device)]


def _refused(wanted: DeviceOperation, device: DeviceState) -> Refusal | None:
    if wanted in permits(device):
        return None
    return Refusal(RefusalKind.NOT_PERMITTED_NOW, f"{wanted.value} is not possible for this device now.")
