"""Devices as rows: what is read is what was written, in the states that there are now."""

from __future__ import annotations

import msgspec
from tests.kit.people import directory

from cordboard.agents.commands import EndSession, SetDoNotDisturb, StartSession, TakeState
from cordboard.agents.model import AUX_WORK, BUILT_IN_STATES, LOGGED_IN, READY, AgentState, DeviceState, Presence
from cordboard.agents.roster import Roster
from cordboard.agents.rows import TABLE, read_row, row_of
from cordboard.calls.model import Refusal
from cordboard.journal.memory import MemoryJournal

LUNCH = AgentState("Lunch", "42", "Lunch", Presence.NOT_READY)


def value_of(device: DeviceState) -> bytes:
    row = row_of(device, in_session=True)
    assert (row.table, row.key, row.value is not None) == (TABLE, b"5005", True)
    return row.value or b""


def test_a_state_that_is_still_there_is_that_one() -> None:
    for state in (READY, LOGGED_IN, AUX_WORK):
        device, in_session = read_row(value_of(DeviceState("5005", state, 3.0)), BUILT_IN_STATES)
        assert device == DeviceState("5005", state, 3.0)
        assert device.agent is state
        assert in_session


def test_a_state_that_has_another_name_now_is_known_by_its_id() -> None:
    now = msgspec.structs.replace(LUNCH, display_name="Long lunch")
    assert read_row(value_of(DeviceState("5005", LUNCH)), {"Lunch": now})[0].agent is now
    assert read_row(value_of(DeviceState("5005", LUNCH)), {})[0].agent == LUNCH


def test_a_roster_goes_on_where_another_was() -> None:
    one, journal = Roster(directory()), MemoryJournal()
    assert one.take_rows() == []
    one.ask(StartSession(asker="5005"), 1.0)
    one.ask(SetDoNotDisturb(asker="5005", on=True), 2.0)
    one.ask(StartSession(asker="5000"), 3.0)
    one.ask(EndSession(asker="5000"), 4.0)
    rows = one.take_rows()
    assert one.all_rows() == rows
    assert one.take_rows() == []
    journal.append((), rows)
    two = Roster(directory())
    two.restore(journal.rows(TABLE))
    assert (two.device("5005"), two.device("5000")) == (one.device("5005"), one.device("5000"))
    assert not isinstance(two.ask(TakeState(asker="5005", operation="AuxWork"), 5.0), Refusal)
    assert isinstance(two.ask(TakeState(asker="5000", operation="AuxWork"), 5.0), Refusal)
