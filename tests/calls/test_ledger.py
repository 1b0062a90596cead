"""The ledger: rows written and undone, numbers given out, timers taken in order."""

from __future__ import annotations

import re

import pytest
from tests.kit.law import copy_of

from cordboard.calls import timers
from cordboard.calls.commands import Hold
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, CallType, Monitoring, MonitorKind, Operation
from cordboard.calls.procedures import Dialing, Placing, Procedure, Taping, Waiting
from cordboard.calls.records import Conversation, Leg, Monitor

PREFIX, CONN = "0" * 26, "00aa00bb"


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(PREFIX, CONN)


def call(owner: str, state: CallState = CallState.ESTABLISHED) -> Call:
    return Call("C1", owner, "C1", f"leg-{owner}", state, CallType.INTERNAL, "00aa", "5005", 0.0)


def enter(ledger: Ledger, *calls: Call) -> None:
    """Rows of one conversation, as steps leave them."""
    for one in calls:
        ledger.write(ledger.calls, one.key, one)
        ledger.write(ledger.owners, one.owner, (*ledger.owners.get(one.owner, ()), one.key))
    members = tuple(one.key for one in calls)
    ledger.write(ledger.conversations, "C1", Conversation("C1", "00aa", CallType.INTERNAL, members=members))
    ledger.commit()


# -- writing, undoing ---------------------------------------------------------------------------------------------


def test_rows_are_set_replaced_and_removed(ledger: Ledger) -> None:
    ledger.write(ledger.busy, ("C1", "5005"), 1)
    assert ledger.busy == {("C1", "5005"): 1}
    ledger.write(ledger.busy, ("C1", "5005"), 2)
    assert ledger.busy == {("C1", "5005"): 2}
    ledger.write(ledger.busy, ("C1", "5005"), None)
    ledger.write(ledger.busy, ("C1", "5005"), None)
    assert ledger.busy == {}


def test_a_roll_back_undoes_entries_replacements_and_removals(ledger: Ledger) -> None:
    enter(ledger, call("5005"), call("5000"))
    before, mark = copy_of(ledger), ledger.mark()
    ledger.write(ledger.busy, ("C1", "5005"), 1)
    ledger.write(ledger.calls, ("C1", "5005"), call("5005", CallState.HELD))
    ledger.write(ledger.calls, ("C1", "5000"), None)
    ledger.write(ledger.switch, "down", None)
    assert copy_of(ledger) != before
    ledger.roll_back(mark)
    assert copy_of(ledger) == before


def test_a_roll_back_goes_to_the_mark_and_not_further(ledger: Ledger) -> None:
    ledger.write(ledger.busy, ("C1", "5005"), 1)
    mark = ledger.mark()
    ledger.write(ledger.busy, ("C1", "5005"), 2)
    ledger.write(ledger.busy, ("C1", "5000"), 2)
    ledger.roll_back(mark)
    assert ledger.busy == {("C1", "5005"): 1}


def test_what_is_committed_stays(ledger: Ledger) -> None:
    ledger.write(ledger.busy, ("C1", "5005"), 1)
    ledger.commit()
    ledger.roll_back(ledger.mark())
    assert ledger.busy == {("C1", "5005"): 1}


def test_numbers_given_out_since_the_mark_are_given_again(ledger: Ledger) -> None:
    mark = ledger.mark()
    first = ledger.next_call_id(), ledger.next_leg_id(), ledger.next_order()
    ledger.roll_back(mark)
    assert (ledger.next_call_id(), ledger.next_leg_id(), ledger.next_order()) == first


# -- numbers ------------------------------------------------------------------------------------------------------


def test_ids_look_like_the_originals_and_never_repeat(ledger: Ledger) -> None:
    ids = [ledger.next_call_id() for _ in range(100)]
    assert all(re.fullmatch(r"[0-9A-Z]{32}", call_id) for call_id, _ in ids)
    assert all(re.fullmatch(r"[0-9a-f]{16}", conn_id) for _, conn_id in ids)
    assert len(set(ids)) == len({call_id for call_id, _ in ids}) == 100


def test_calls_are_counted_in_base_36(ledger: Ledger) -> None:
    ids = [ledger.next_call_id() for _ in range(37)]
    assert ids[0] == (PREFIX + "000001", CONN + "00000001")
    assert ids[34] == (PREFIX + "00000Z", CONN + "00000023")
    assert ids[36] == (PREFIX + "000011", CONN + "00000025")


def test_a_leg_tells_whose_it_is_and_orders_are_counted(ledger: Ledger) -> None:
    assert [ledger.next_leg_id(), ledger.next_leg_id()] == [f"{CONN}-1", f"{CONN}-2"]
    assert [ledger.next_order(), ledger.next_order()] == [1, 2]


# -- timers -------------------------------------------------------------------------------------------------------


def test_timers_are_taken_when_they_are_due_the_earliest_first(ledger: Ledger) -> None:
    for when, key in ((3.0, "c"), (1.0, "a"), (2.0, "b")):
        ledger.set_timer(when, "ring", key)
    assert ledger.next_timer() == 1.0
    assert ledger.due(0.9) is None
    assert [ledger.due(2.0), ledger.due(2.0), ledger.due(2.0)] == [(1.0, "ring", "a"), (2.0, "ring", "b"), None]
    assert ledger.next_timer() == 3.0


def test_timers_of_the_same_instant_are_taken_in_the_order_in_which_they_were_set(ledger: Ledger) -> None:
    """Whatever their kinds and keys are: those need not be comparable."""
    ledger.set_timer(1.0, "ring", "leg")
    ledger.set_timer(1.0, "order", 7)
    ledger.set_timer(1.0, "order", 3)
    assert [ledger.due(1.0), ledger.due(1.0), ledger.due(1.0)] == [
        (1.0, "ring", "leg"),
        (1.0, "order", 7),
        (1.0, "order", 3),
    ]
    assert ledger.next_timer() is None


def test_an_order_is_due_unless_it_is_answered_by_then(ledger: Ledger) -> None:
    for order in (1, 2, 3):
        ledger.set_order_timer(order, order)
        ledger.write(ledger.waiting, order, Dialing("leg"))
    ledger.write(ledger.waiting, 1, None)
    assert ledger.next_timer() == 2
    assert ledger.due(2.5) == (2, timers.ORDER, 2)
    ledger.write(ledger.waiting, 3, None)
    assert (ledger.next_timer(), ledger.due(9.0)) == (None, None)


def test_timers_of_orders_and_others_are_taken_in_one_order(ledger: Ledger) -> None:
    ledger.write(ledger.waiting, 7, Dialing("leg"))
    ledger.set_order_timer(2.0, 7)
    ledger.set_timer(1.0, "ring", "early")
    ledger.set_timer(2.0, "ring", "late")
    assert [ledger.due(2.0)[2], ledger.due(2.0)[2], ledger.due(2.0)[2]] == ["early", 7, "late"]  # type: ignore[index]


# -- orders that are done -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "waiting", [Dialing("leg"), Placing(("leg", "gone")), None], ids=["dialing", "placing", "none"]
)
def test_an_order_that_nothing_follows_from_is_struck_off(ledger: Ledger, waiting: Waiting | None) -> None:
    ledger.write(ledger.legs, "leg", Leg("leg", "5005"))
    ledger.write(ledger.waiting, 1, waiting)
    assert ledger.is_routine(1)
    assert ledger.waiting == {}


def test_an_order_that_an_operation_waits_for_is_left_to_a_step(ledger: Ledger) -> None:
    waiting = Procedure(Operation.HOLD, ("C1", "5005"), Hold(asker="5005", call="C1"), ())
    ledger.write(ledger.waiting, 1, waiting)
    assert not ledger.is_routine(1)
    assert ledger.waiting == {1: waiting}


def test_an_order_that_a_recording_waits_for_is_left_to_a_step(ledger: Ledger) -> None:
    ledger.write(ledger.waiting, 1, Taping("C1-1"))
    assert not ledger.is_routine(1)
    assert ledger.waiting == {1: Taping("C1-1")}


def test_a_placement_that_had_failed_before_is_left_to_a_step(ledger: Ledger) -> None:
    ledger.write(ledger.legs, "leg", Leg("leg", "5005", failures=1))
    ledger.write(ledger.waiting, 1, Placing(("leg",)))
    assert not ledger.is_routine(1)
    assert ledger.waiting == {1: Placing(("leg",))}


# -- reading ------------------------------------------------------------------------------------------------------


def test_a_call_that_its_owner_was_not_told_of_is_not_visible(ledger: Ledger) -> None:
    enter(ledger, call("5000"), call("5005", CallState.OFFERED))
    assert ledger.visible("C1", "5000") == call("5000")
    assert ledger.visible("C1", "5005") is None
    assert (ledger.calls_of("5000"), ledger.calls_of("5005")) == ([call("5000")], [])


def test_a_call_of_somebody_else_or_of_nobody_is_not_visible(ledger: Ledger) -> None:
    enter(ledger, call("5000"))
    assert ledger.visible("C1", "5001") is None
    assert ledger.visible("C2", "5000") is None
    assert ledger.calls_of("5001") == []


def test_members_are_listed_in_the_order_in_which_they_joined(ledger: Ledger) -> None:
    enter(ledger, call("5000"), call("5005"), call("5001"))
    assert [member.owner for member in ledger.members("C1")] == ["5000", "5005", "5001"]
    assert [other.owner for other in ledger.others(call("5005"))] == ["5000", "5001"]


def test_a_conversation_that_is_over_has_no_members(ledger: Ledger) -> None:
    assert ledger.members("C1") == []
    assert ledger.others(call("5005")) == []


def test_a_supervisor_monitors_one_number_at_most(ledger: Ledger) -> None:
    monitor = Monitor(Monitoring("5900", "5005", MonitorKind.COACH))
    ledger.write(ledger.monitors, "5005", monitor)
    ledger.write(ledger.monitored_by, "5900", "5005")
    assert ledger.monitor_of("5900") == monitor
    assert ledger.monitor_of("5005") is None
