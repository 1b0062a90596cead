"""The roster: each command, what it changes, what it tells, what it refuses."""

from __future__ import annotations

import pytest
from tests.kit.people import directory

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
    AFTER_CALL_WORK,
    AUX_WORK,
    BUILT_IN_STATES,
    LOGGED_IN,
    NOT_READY,
    OFFLINE,
    READY,
    AgentState,
    DeviceState,
    Presence,
)
from cordboard.agents.roster import Roster
from cordboard.calls.events import MonitoringChanged
from cordboard.calls.model import Monitoring, MonitorKind, Refusal, RefusalKind

ME = "5005"


@pytest.fixture
def roster() -> Roster:
    return Roster(directory())


def start(roster: Roster) -> None:
    roster.ask(StartSession(asker=ME), 1.0)


def refusal_of(answer: object) -> RefusalKind:
    assert isinstance(answer, Refusal)
    assert answer.detail
    return answer.kind


def test_a_device_that_nothing_happened_to_is_offline(roster: Roster) -> None:
    assert roster.device("4711") == DeviceState("4711", OFFLINE, 0.0)


def test_a_session_starts_with_logged_in_and_then_ready(roster: Roster) -> None:
    assert roster.ask(StartSession(asker=ME), 7.0) == [
        DeviceChanged(DeviceState(ME, LOGGED_IN, 7.0)),
        DeviceChanged(DeviceState(ME, READY, 7.0)),
    ]
    assert roster.device(ME) == DeviceState(ME, READY, 7.0)


def test_the_first_state_can_be_another() -> None:
    roster = Roster(directory(), first=NOT_READY)
    start(roster)
    assert roster.device(ME).agent is NOT_READY


def test_starting_twice_changes_nothing(roster: Roster) -> None:
    start(roster)
    roster.ask(TakeState(asker=ME, operation="NotReady"), 2.0)
    assert roster.ask(StartSession(asker=ME), 3.0) == []
    assert roster.device(ME) == DeviceState(ME, NOT_READY, 2.0)


def test_ending_a_session_logs_out_once(roster: Roster) -> None:
    start(roster)
    assert roster.ask(EndSession(asker=ME), 9.0) == [DeviceChanged(DeviceState(ME, OFFLINE, 9.0))]
    assert roster.ask(EndSession(asker=ME), 10.0) == []


@pytest.mark.parametrize("state", [NOT_READY, AFTER_CALL_WORK, AUX_WORK, OFFLINE])
def test_every_state_can_be_taken_in_a_session(roster: Roster, state: AgentState) -> None:
    start(roster)
    answer = roster.ask(TakeState(asker=ME, operation=state.operation), 5.0)
    assert answer == [DeviceChanged(DeviceState(ME, state, 5.0))]


def test_taking_the_state_one_is_in_tells_nothing(roster: Roster) -> None:
    start(roster)
    assert roster.ask(TakeState(asker=ME, operation="Ready"), 5.0) == []
    assert roster.device(ME).since == 1.0


@pytest.mark.parametrize("operation", sorted(BUILT_IN_STATES))
def test_no_state_can_be_taken_without_a_session(roster: Roster, operation: str) -> None:
    answer = roster.ask(TakeState(asker=ME, operation=operation), 5.0)
    assert refusal_of(answer) is RefusalKind.NOT_PERMITTED_NOW
    assert roster.device(ME) == DeviceState(ME)


def test_a_state_that_nobody_knows_is_a_bad_value(roster: Roster) -> None:
    start(roster)
    answer = roster.ask(TakeState(asker=ME, operation="Lunch"), 5.0)
    assert refusal_of(answer) is RefusalKind.BAD_VALUE


def test_a_state_of_ones_own_can_be_taken() -> None:
    lunch = AgentState("Lunch", "L", "At lunch", Presence.NOT_READY, reason="lunch")
    roster = Roster(directory(), {**BUILT_IN_STATES, "Lunch": lunch})
    start(roster)
    assert roster.ask(TakeState(asker=ME, operation="Lunch"), 5.0) == [DeviceChanged(DeviceState(ME, lunch, 5.0))]


@pytest.mark.parametrize(
    ("switch_on", "switch_off", "on"),
    [
        (SetDoNotDisturb(asker=ME, on=True), SetDoNotDisturb(asker=ME, on=False), {"do_not_disturb": True}),
        (ForwardCalls(asker=ME, to="5001"), StopForwarding(asker=ME), {"forward_to": "5001"}),
        (ForwardCalls(asker=ME, to="3235742879"), StopForwarding(asker=ME), {"forward_to": "3235742879"}),
    ],
)
def test_switching_on_and_off_and_never_twice(
    roster: Roster, switch_on: AnyAgentCommand, switch_off: AnyAgentCommand, on: dict[str, object]
) -> None:
    assert refusal_of(roster.ask(switch_off, 1.0)) is RefusalKind.NOT_PERMITTED_NOW
    assert roster.ask(switch_on, 1.0) == [DeviceChanged(DeviceState(ME, **on))]  # type: ignore[arg-type]
    assert refusal_of(roster.ask(switch_on, 1.0)) is RefusalKind.NOT_PERMITTED_NOW
    assert roster.ask(switch_off, 1.0) == [DeviceChanged(DeviceState(ME))]
    assert roster.device(ME) == DeviceState(ME)


@pytest.mark.parametrize("to", ["nowhere", "", ME])
def test_calls_are_not_forwarded_to_nowhere_or_in_a_circle(roster: Roster, to: str) -> None:
    assert refusal_of(roster.ask(ForwardCalls(asker=ME, to=to), 1.0)) is RefusalKind.BAD_DESTINATION
    assert roster.device(ME) == DeviceState(ME)


def test_forwarding_keeps_the_canonical_number(roster: Roster) -> None:
    roster.ask(ForwardCalls(asker=ME, to="0003*5001"), 1.0)
    assert roster.device(ME).forward_to == "5001"


def test_one_device_does_not_change_another(roster: Roster) -> None:
    start(roster)
    assert roster.device("5001") == DeviceState("5001")


def test_the_board_can_ask_what_is_set(roster: Roster) -> None:
    """It is the board's ``Diversions``."""
    assert (roster.do_not_disturb(ME), roster.forward_to(ME)) == (False, "")
    roster.ask(SetDoNotDisturb(asker=ME, on=True), 1.0)
    roster.ask(ForwardCalls(asker=ME, to="0003*5001"), 1.0)
    assert (roster.do_not_disturb(ME), roster.forward_to(ME)) == (True, "5001")
    assert (roster.do_not_disturb("5001"), roster.forward_to("5001")) == (False, "")


def test_offline_ends_the_login_and_not_the_session(roster: Roster) -> None:
    start(roster)
    assert roster.ask(TakeState(asker=ME, operation="Offline"), 5.0) == [DeviceChanged(DeviceState(ME, OFFLINE, 5.0))]
    assert roster.ask(TakeState(asker=ME, operation="Offline"), 6.0) == []
    assert roster.ask(TakeState(asker=ME, operation="NotReady"), 7.0) == [
        DeviceChanged(DeviceState(ME, LOGGED_IN, 7.0)),
        DeviceChanged(DeviceState(ME, NOT_READY, 7.0)),
    ]


def test_a_session_that_is_started_again_logs_in_whoever_is_offline(roster: Roster) -> None:
    start(roster)
    roster.ask(TakeState(asker=ME, operation="Offline"), 5.0)
    answer = roster.ask(StartSession(asker=ME), 6.0)
    assert isinstance(answer, list)
    assert [event.device.agent for event in answer] == [LOGGED_IN, READY]


def test_the_end_of_a_session_counts_for_whoever_is_offline_too(roster: Roster) -> None:
    start(roster)
    roster.ask(TakeState(asker=ME, operation="Offline"), 5.0)
    assert roster.ask(EndSession(asker=ME), 6.0) == []
    assert refusal_of(roster.ask(TakeState(asker=ME, operation="Ready"), 7.0)) is RefusalKind.NOT_PERMITTED_NOW


def test_whom_a_supervisor_monitors_is_kept_with_its_device(roster: Roster) -> None:
    monitoring = Monitoring(ME, "5001", MonitorKind.COACH)
    roster.ask(SetDoNotDisturb(asker=ME, on=True), 1.0)
    kept = DeviceState(ME, do_not_disturb=True, monitoring=monitoring)
    assert roster.monitoring_changed(MonitoringChanged(ME, monitoring)) == DeviceChanged(kept)
    assert roster.device(ME) == kept
    roster.monitoring_changed(MonitoringChanged(ME, None))
    assert roster.device(ME).monitoring is None
