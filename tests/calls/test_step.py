"""The step: events follow from what changes, and whatever is only tried out leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
from tests.kit import people
from tests.kit.law import copy_of

from cordboard.calls.commands import Hold
from cordboard.calls.events import CallChanged, CallFailed, Change, MonitoringChanged
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallState,
    CallType,
    Monitoring,
    MonitorKind,
    Operation,
    Parked,
    Reason,
    Recording,
    Refusal,
    RefusalKind,
)
from cordboard.calls.orders import DropLeg, HoldLeg
from cordboard.calls.permits import NOTHING, STARTS, Permissions
from cordboard.calls.procedures import Dialing, Placing, Procedure
from cordboard.calls.records import Conversation, Leg, Monitor, Rules
from cordboard.calls.step import Step, replace, without

AGENT, CALLER, CONSULT = ("C1", "5005"), ("C1", "5000"), ("C2", "5005")
HOLD = Procedure(Operation.HOLD, AGENT, Hold(asker="5005", call="C1"), (AGENT,), ("leg-5005",))


def call(owner: str, state: CallState = CallState.ESTABLISHED, **fields: Any) -> Call:
    return Call("C1", owner, "C1", f"leg-{owner}", state, CallType.INTERNAL, "00aa", "5005", 64.0, **fields)


@pytest.fixture
def step() -> Step:
    """5000 and 5005 talk in C1; nothing of that is news."""
    ledger = Ledger("0" * 26, "00aa00bb")
    begun = a_step(ledger)
    for members in ((CALLER,), (CALLER, AGENT)):
        owner = members[-1][1]
        begun.put_conversation(Conversation("C1", "00aa", CallType.INTERNAL, members=members))
        begun.put_leg(Leg(f"leg-{owner}", owner, calls=(("C1", owner),), answered=True))
        begun.put(call(owner))
    ledger.commit()
    return a_step(ledger)


def a_step(ledger: Ledger) -> Step:
    return Step(ledger, Permissions(ledger, False), Rules(), people.directory(), 100.0)


def test_whoever_is_parked_is_told_and_told_in_the_end_that_it_is_over(step: Step) -> None:
    parked = replace(call("5000"), parked=Parked("", 701, "5005", 200.0))
    step.put(parked)
    assert [event.change for event in step.events if isinstance(event, CallChanged)] == [Change.STATUS]
    step.put(replace(parked, parked=None))
    step.show_later(CALLER)
    assert len(step.events) == 1
    step.tell_watched()
    assert len(step.events) == 2


def add_consult(step: Step) -> Call:
    consult = replace(call("5005", CallState.DIALING), id="C2", conversation="C2", parent="C1")
    step.put_conversation(Conversation("C2", "00ab", CallType.CONSULT, members=(CONSULT,)))
    step.put(consult)
    step.events.clear()
    return consult


def changes(step: Step) -> list[tuple[str, Change]]:
    return [(event.call.owner, event.change) for event in step.events if isinstance(event, CallChanged)]


# -- calls and what is told of them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "change"),
    [
        ({"state": CallState.HELD}, Change.STATUS),
        ({"muted": True}, Change.STATUS),
        ({"participants": ("5001",)}, Change.PARTICIPANTS),
        ({"participants": ("5001",), "state": CallState.HELD}, Change.PARTICIPANTS),
        ({"user_data": {"k": "v"}}, Change.USER_DATA),
        ({"user_data": {"k": "v"}, "state": CallState.HELD}, Change.STATUS),
        ({"recording": Recording.RECORDING, "recorded_as": "C1-1"}, Change.RECORDING),
        ({"recording": Recording.RECORDING, "state": CallState.HELD}, Change.STATUS),
        ({"state": CallState.OFFERED}, None),
        ({"location": "elsewhere"}, None),
        ({}, None),
    ],
)
def test_what_changed_decides_what_is_told(step: Step, fields: dict[str, Any], change: Change | None) -> None:
    """A change of participants wins over a change of state (gws-v2 §5.2)."""
    step.put(replace(call("5005"), **fields))
    assert changes(step) == ([] if change is None else [("5005", change)])
    assert step.touched == {"C1": None}


@pytest.mark.parametrize("state", [CallState.RINGING, CallState.DIALING])
def test_a_call_that_appears_is_told_as_a_change_of_status(step: Step, state: CallState) -> None:
    step.put(call("5001", state))
    assert changes(step) == [("5001", Change.STATUS)]
    assert step.ledger.owners["5001"] == (("C1", "5001"),)


def test_a_call_that_is_only_offered_is_told_when_it_rings(step: Step) -> None:
    step.put(call("5001", CallState.OFFERED))
    assert changes(step) == []
    step.put(call("5001", CallState.RINGING, participants=("5000",)))
    assert changes(step) == [("5001", Change.STATUS)]


def test_an_event_carries_what_may_be_asked_from_then_on(step: Step) -> None:
    step.put(call("5005", CallState.HELD))
    (event,) = step.events
    assert isinstance(event, CallChanged)
    assert Operation.RETRIEVE in event.permits
    assert event.permits == step.permissions.of(event.call)


def test_a_call_that_ends_is_told_once_with_nothing_permitted_and_leaves_no_rows(step: Step) -> None:
    consult = add_consult(step)
    assert step.ledger.consults == {AGENT: (CONSULT,)}
    released = replace(consult, state=CallState.RELEASED, reason=Reason.BUSY)
    step.remove(released)
    assert step.events == [CallChanged(Change.STATUS, released, NOTHING)]
    assert step.ledger.consults == {}
    assert step.ledger.owners["5005"] == (AGENT,)
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    assert "5005" not in step.ledger.owners


def test_a_parent_that_ends_forgets_its_consults(step: Step) -> None:
    consult = add_consult(step)
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    assert step.ledger.consults == {}
    step.remove(replace(consult, state=CallState.RELEASED))
    assert step.ledger.owners == {"5000": (CALLER,)}


def test_a_call_that_nobody_was_told_of_ends_in_silence(step: Step) -> None:
    step.put(call("5001", CallState.OFFERED))
    step.remove(call("5001", CallState.RELEASED))
    assert step.events == []


# -- calls whose permits change because of others ------------------------------------------------------------------


def test_a_watched_call_is_told_at_the_end_if_something_else_is_permitted_then(step: Step) -> None:
    consult = add_consult(step)
    step.watch(AGENT)
    assert step.watching
    step.remove(replace(consult, state=CallState.RELEASED))
    step.events.clear()
    step.tell_watched()
    assert changes(step) == [("5005", Change.STATUS)]


def test_a_watched_call_is_not_told_if_nothing_else_is_permitted(step: Step) -> None:
    step.watch(AGENT)
    step.tell_watched()
    assert step.events == []


def test_a_watched_call_is_not_told_twice(step: Step) -> None:
    add_consult(step)
    step.watch(AGENT)
    step.put(call("5005", CallState.HELD))
    step.tell_watched()
    assert changes(step) == [("5005", Change.STATUS)]
    assert not step.watching


def test_calls_that_are_over_or_unheard_of_are_not_watched(step: Step) -> None:
    step.watch(("C9", "5005"))
    assert not step.watching
    step.watch(AGENT)
    step.watch(AGENT)
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    assert not step.watching


def test_a_watched_call_that_vanished_is_passed_over(step: Step) -> None:
    step.watch(AGENT)
    step.ledger.write(step.ledger.calls, AGENT, None)
    step.tell_watched()
    assert step.events == []


def test_who_may_record_is_said_by_those_who_know(step: Step) -> None:
    told = Step(step.ledger, step.permissions, step.rules, step.routes, 100.0, recorders=people.directory())
    assert [told.may_record(number) for number in ("5002", "5005")] == [True, False]
    assert not step.may_record("5002"), "without anybody who knows nobody may"


# -- conversations and legs ---------------------------------------------------------------------------------------


def test_a_conversation_without_members_is_over(step: Step) -> None:
    step.put_conversation(replace(step.ledger.conversations["C1"], members=()))
    assert step.ledger.conversations == {}
    assert step.touched == {"C1": None}


def test_conversations_are_found_with_their_thread_while_somebody_is_in_them(step: Step) -> None:
    threads = step.ledger.threads
    for name in ("C2", "C3"):
        step.put_conversation(Conversation(name, "00ab", CallType.CONSULT, members=((name, "5005"),), thread="C1"))
    assert threads == {"C1": ("C2", "C3")}
    step.put_conversation(replace(step.ledger.conversations["C2"], hops=1))
    assert threads == {"C1": ("C2", "C3")}
    for name in ("C2", "C3"):
        step.put_conversation(replace(step.ledger.conversations[name], members=()))
    assert threads == {}


def test_a_rehearsal_notes_nothing_for_what_is_recorded(step: Step) -> None:
    procedure = Procedure(Operation.HOLD, CALLER, Hold(asker="5000", call="C1"), (CALLER,))

    def act() -> None:
        step.forget_leg("leg-5005", Reason.NORMAL, by_itself=True)
        step.tell_failed(procedure, Refusal(RefusalKind.NOT_PERMITTED_NOW, "so"))

    step.rehearse(act, lambda: None)
    assert (step.over, step.failures) == ({}, [])
    act()
    assert (step.over, len(step.failures)) == ({"leg-5005": (Reason.NORMAL, True)}, 1)


def test_a_leg_touches_the_conversations_of_all_its_calls(step: Step) -> None:
    add_consult(step)
    step.touched.clear()
    step.touch_leg(Leg("leg-5005", "5005", calls=(AGENT, CONSULT, ("C9", "5005"))))
    assert step.touched == {"C1": None, "C2": None}


def test_a_forgotten_leg_has_no_row(step: Step) -> None:
    step.forget_leg("leg-5005", Reason.NORMAL, by_itself=False)
    assert set(step.ledger.legs) == {"leg-5000"}


# -- orders -------------------------------------------------------------------------------------------------------


def test_an_order_has_a_number_and_what_waits_for_it(step: Step) -> None:
    number = step.order(DropLeg, Dialing("leg-5005"), "leg-5005", Reason.BUSY)
    assert step.orders == [DropLeg(number, "leg-5005", Reason.BUSY)]
    assert step.ledger.waiting == {number: Dialing("leg-5005")}


def test_an_order_that_nothing_waits_for_has_no_entry(step: Step) -> None:
    step.order(DropLeg, None, "leg-5005", Reason.BUSY)
    assert step.ledger.waiting == {}


def begin(step: Step) -> int:
    order = step.order(HoldLeg, None)
    step.put_leg(replace(step.ledger.legs["leg-5005"], order=order, pending=True))
    step.begin(order, HOLD)
    return order


def test_a_procedure_makes_its_calls_busy_until_it_ends(step: Step) -> None:
    order = begin(step)
    assert (step.ledger.busy, step.ledger.waiting) == ({AGENT: order}, {order: HOLD})
    step.touched.clear()
    step.end(order, HOLD)
    assert (step.ledger.busy, step.ledger.waiting) == ({}, {})
    assert step.ledger.legs["leg-5005"].pending is False
    assert step.touched == {"C1": None}
    assert not step.watching, "its owner was not told while it was busy"


def test_what_belongs_to_a_later_order_stays_when_a_procedure_ends(step: Step) -> None:
    order = begin(step)
    step.ledger.write(step.ledger.busy, AGENT, 77)
    step.put_leg(replace(step.ledger.legs["leg-5005"], order=77))
    step.end(order, HOLD)
    assert step.ledger.busy == {AGENT: 77}
    assert step.ledger.legs["leg-5005"].pending is True


def test_a_procedure_ends_though_its_leg_is_gone(step: Step) -> None:
    order = begin(step)
    step.forget_leg("leg-5005", Reason.NORMAL, by_itself=False)
    step.end(order, HOLD)
    assert step.ledger.waiting == {}


def test_whoever_was_told_little_because_a_call_was_busy_is_told_again_when_it_is_not(step: Step) -> None:
    """I7: what was shown is what is accepted, also after the procedure."""
    order = begin(step)
    step.put(call("5005", user_data={"k": "v"}))
    (event,) = step.events
    assert isinstance(event, CallChanged)
    assert not event.permits & STARTS
    assert step.ledger.shown_busy == {AGENT: True}
    step.end(order, HOLD)
    step.tell_watched()
    assert changes(step) == [("5005", Change.USER_DATA), ("5005", Change.STATUS)]
    assert step.events[-1].permits >= STARTS  # type: ignore[union-attr]
    assert step.ledger.shown_busy == {}


def test_an_operation_whose_call_ends_is_abandoned_and_its_owner_told(step: Step) -> None:
    order = begin(step)
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    failed, released = step.events
    assert isinstance(failed, CallFailed)
    assert (failed.owner, failed.operation, failed.refusal.kind) == (
        "5005",
        Operation.HOLD,
        RefusalKind.NOT_PERMITTED_NOW,
    )
    assert isinstance(released, CallChanged)
    assert step.ledger.busy == {}
    assert step.ledger.waiting == {order: Placing(("leg-5005",))}, "the order itself may still fail"
    assert not step.watching


def test_an_abandoned_operation_that_places_no_legs_waits_for_nothing(step: Step) -> None:
    order = step.order(HoldLeg, None)
    step.begin(order, replace(HOLD, legs=()))
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    assert step.ledger.waiting == {}


def test_a_busy_call_whose_procedure_is_unheard_of_just_ends(step: Step) -> None:
    step.ledger.write(step.ledger.busy, AGENT, 99)
    step.remove(replace(call("5005"), state=CallState.RELEASED))
    assert changes(step) == [("5005", Change.STATUS)]


# -- trying out ---------------------------------------------------------------------------------------------------


def test_what_is_rehearsed_is_seen_and_leaves_no_trace(step: Step) -> None:
    step.put(call("5005", user_data={"k": "v"}))
    step.watch(CALLER)
    before = copy_of(step.ledger)
    told, touched = list(step.events), dict(step.touched)

    def act() -> None:
        step.put(call("5000", CallState.HELD))
        step.watch(AGENT)
        step.order(DropLeg, Dialing("leg-5005"), "leg-5005", Reason.NORMAL)
        step.remove(replace(call("5005"), state=CallState.RELEASED))
        step.tell(call("5000"), Change.STATUS)

    seen = step.rehearse(act, lambda: (step.ledger.calls[CALLER].state, AGENT in step.ledger.calls, len(step.orders)))
    assert seen == (CallState.HELD, False, 1)
    assert copy_of(step.ledger) == before
    assert (step.events, step.orders, step.timers, step.touched) == (told, [], [], touched)
    assert step.watching
    step.put(call("5005", CallState.HELD))
    assert len(step.events) == len(told) + 1, "after a rehearsal things are told again"


def test_after_a_bug_amid_a_rehearsal_things_are_told_again(step: Step) -> None:
    with pytest.raises(ZeroDivisionError):
        step.rehearse(lambda: None, lambda: 1 / 0)
    step.ledger.undo()
    step.renew(1.0)
    step.put(call("5005", CallState.HELD))
    assert len(step.events) == 1


def test_a_number_that_a_rehearsal_used_is_given_again(step: Step) -> None:

    def act() -> None:
        step.order(DropLeg, None, "leg-5005", Reason.NORMAL)

    step.rehearse(act, lambda: None)
    assert step.order(DropLeg, None, "leg-5005", Reason.NORMAL) == 1


# -- monitoring ---------------------------------------------------------------------------------------------------


def test_a_supervisor_is_told_of_what_can_be_seen_of_its_monitoring(step: Step) -> None:
    monitoring = Monitoring("5900", "5005", MonitorKind.COACH)
    coaching = replace(monitoring, on_call=True)
    step.put_monitor(Monitor(monitoring))
    step.put_monitor(Monitor(monitoring, call=("C1", "5900")))
    step.put_monitor(Monitor(coaching, call=("C1", "5900")))
    assert step.events == [MonitoringChanged("5900", monitoring), MonitoringChanged("5900", coaching)]
    assert (list(step.ledger.monitors), step.ledger.monitored_by) == (["5005"], {"5900": "5005"})


def test_monitoring_that_is_over_leaves_no_rows(step: Step) -> None:
    monitor = Monitor(Monitoring("5900", "5005", MonitorKind.COACH))
    step.put_monitor(monitor)
    step.remove_monitor(monitor)
    assert step.events[1:] == [MonitoringChanged("5900", None)]
    assert (step.ledger.monitors, step.ledger.monitored_by) == ({}, {})


def test_without_takes_out_one_key() -> None:
    assert without((AGENT, CALLER), AGENT) == (CALLER,)
    assert without((AGENT,), AGENT) == ()
    assert without((AGENT,), CALLER) == (AGENT,)


def test_a_call_that_is_only_tried_out_is_nobody_s(step: Step) -> None:
    seen = step.rehearse(lambda: add_consult(step), lambda: (CONSULT in step.ledger.calls, dict(step.ledger.owners)))
    assert seen == (True, {"5000": (CALLER,), "5005": (AGENT,)})
    assert CONSULT not in step.ledger.calls
