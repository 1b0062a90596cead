"""Orders are answered, fail, come late or are never answered (call-semantics I2, I5, #14, #72).

The board is alone here: the test is the switch.
"""

from __future__ import annotations

import pytest
from tests.calls.solo import CALLER_LEG, Solo, kinds, news
from tests.kit import people
from tests.kit.law import copy_of

from cordboard.calls import orders
from cordboard.calls.commands import (
    Answer,
    CompleteTransfer,
    Hangup,
    Hold,
    InitiateTransfer,
    Monitor,
    MuteCall,
    MuteMonitored,
    SendDtmf,
    SingleStepConference,
    StartRecording,
    TransferToVoicemail,
    UnmuteCall,
)
from cordboard.calls.events import CallFailed
from cordboard.calls.model import CallState, MonitorKind, Operation, Reason, RefusalKind
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, HoldLeg, JoinLegs, MuteLeg, SendDigits
from cordboard.calls.permits import Permissions
from cordboard.calls.procedures import Dialing, Dropping, Muting, Placing, Signalling, Waiting
from cordboard.calls.records import Rules
from cordboard.calls.reports import LegAnswered, LegEnded, LegHeld, LegOffered, LegRinging, OrderDone, OrderFailed
from cordboard.calls.step import Step, replace
from cordboard.calls.waiting import done, drop_again, failed


@pytest.fixture
def solo() -> Solo:
    """5000 and 5005 talk."""
    solo = Solo()
    solo.talk()
    return solo


def step_on(solo: Solo) -> Step:
    return Step(solo.ledger, Permissions(solo.ledger, False), Rules(), people.directory(), solo.now)


def hold(solo: Solo) -> int:
    """5005 asks to hold; the order's number."""
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    return solo.last(HoldLeg).order


def conference(solo: Solo) -> None:
    """5001 comes in as the third."""
    solo.accept(SingleStepConference(asker="5005", call=solo.call("5005").id, to="5001"))
    solo.hear(LegAnswered(solo.leg_id("5001")))
    solo.obey()


# -- operations ---------------------------------------------------------------------------------------------------


def test_an_operation_is_applied_once_the_switch_has_done_it(solo: Solo) -> None:
    order = hold(solo)
    assert solo.call("5005").state is CallState.ESTABLISHED
    assert solo.leg("5005").pending
    outcome = solo.hear(OrderDone(order))
    assert (news(outcome), kinds(outcome)) == (["5005 Held"], [])
    assert not solo.leg("5005").pending
    assert (solo.ledger.busy, solo.ledger.waiting) == ({}, {})


def test_an_operation_that_fails_is_told_and_the_calls_are_as_before(solo: Solo) -> None:
    before = copy_of(solo.ledger)["calls"]
    outcome = solo.hear(OrderFailed(hold(solo), "no channel"))
    (event,) = outcome.events
    assert isinstance(event, CallFailed)
    assert (event.owner, event.call, event.operation) == ("5005", solo.call("5005").id, Operation.HOLD)
    assert event.refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    assert event.refusal.detail == "the switch could not do it: no channel"
    assert kinds(outcome) == ["JoinLegs"], "where the legs are is not known: they are ordered back"
    assert copy_of(solo.ledger)["calls"] == before


def test_an_operation_that_nobody_answers_fails_in_time(solo: Solo) -> None:
    hold(solo)
    assert solo.wait(4.9) == []
    assert news(solo.wait(0.2)) == ["5005 Hold failed"]
    assert solo.ledger.busy == {}


def test_an_answer_after_the_time_is_up_changes_nothing(solo: Solo) -> None:
    """A late OrderDone: the operation has failed already, and is not applied after all."""
    order = hold(solo)
    solo.wait(5.1)
    before = copy_of(solo.ledger)
    outcome = solo.hear(OrderDone(order))
    assert (list(outcome.events), list(outcome.orders)) == ([], [])
    assert copy_of(solo.ledger) == before


@pytest.mark.parametrize("report", [OrderDone, OrderFailed])
def test_the_time_that_is_up_after_the_answer_changes_nothing(solo: Solo, report: type) -> None:
    solo.hear(report(hold(solo)))
    solo.obey()
    assert solo.wait(60.0) == []


def test_an_order_is_answered_once(solo: Solo) -> None:
    order = hold(solo)
    solo.hear(OrderDone(order))
    for report in (OrderDone(order), OrderFailed(order), OrderDone(999), OrderFailed(999)):
        outcome = solo.hear(report)
        assert (list(outcome.events), list(outcome.orders)) == ([], [])


@pytest.mark.parametrize(
    "waiting",
    [
        Placing(("gone",)),
        Dialing("gone"),
        Dropping("gone", Reason.NORMAL),
        Signalling("5005", "C1"),
        Muting("gone", True),
        None,
    ],
    ids=lambda waiting: type(waiting).__name__,
)
def test_an_order_that_no_operation_waits_for_is_struck_off_when_done(solo: Solo, waiting: Waiting | None) -> None:
    step = step_on(solo)
    step.wait(99, waiting)
    assert done(step, 99) is None
    assert solo.ledger.waiting == {}
    assert (step.events, step.orders) == ([], [])


def test_an_operation_whose_call_ends_meanwhile_is_told_as_failed_before_the_end(solo: Solo) -> None:
    order = hold(solo)
    outcome = solo.hear(LegEnded(CALLER_LEG))
    assert news(outcome) == ["5000 Released", "5005 Hold failed", "5005 Released"]
    late = solo.hear(OrderFailed(order))
    assert (list(late.events), list(late.orders)) == ([], []), "there is nothing left that could fail"
    assert solo.ledger.waiting.keys() <= {solo.last(DropLeg).order}


def test_an_order_that_fails_after_its_operation_was_abandoned_heals(solo: Solo) -> None:
    """The completion was under way when the caller left; the consult stays and is placed again (#14)."""
    solo.accept(InitiateTransfer(asker="5005", call=solo.call("5005").id, to="5001"))
    solo.obey()
    solo.hear(LegAnswered(solo.leg_id("5001")))
    solo.obey()
    solo.accept(CompleteTransfer(asker="5005", call=solo.call("5005").id))
    order = solo.last(JoinLegs).order
    assert news(solo.hear(LegEnded(CALLER_LEG)))[:2] == ["5000 Released", "5005 CompleteTransfer failed"]
    assert isinstance(solo.ledger.waiting[order], Placing)
    assert solo.call("5005").state is CallState.ESTABLISHED
    again = solo.last(JoinLegs)
    assert solo.leg_id("5001") in again.mixed or solo.leg("5001").order == again.order
    outcome = solo.hear(OrderFailed(order))
    assert news(outcome) == []
    solo.obey()
    assert solo.leg("5001").place == solo.leg("5005").place == solo.call("5001").conversation


def test_an_operation_that_has_become_impossible_meanwhile_is_told_as_failed(solo: Solo) -> None:
    """5005 wants to transfer to 5001, who is asked in by 5000 while the switch puts 5000 on hold."""
    solo.accept(InitiateTransfer(asker="5005", call=solo.call("5005").id, to="5001"))
    order = solo.last(HoldLeg).order
    solo.accept(SingleStepConference(asker="5000", call=solo.call("5000").id, to="5001"))
    outcome = solo.hear(OrderDone(order))
    (event,) = (event for event in outcome.events if isinstance(event, CallFailed))
    assert (event.operation, event.refusal.kind) == (Operation.INITIATE_TRANSFER, RefusalKind.BAD_DESTINATION)
    assert len(solo.ledger.owners["5001"]) == 1


# -- answering ----------------------------------------------------------------------------------------------------


def test_an_answer_is_done_when_the_phone_says_so_and_not_before() -> None:
    solo = Solo()
    solo.ring()
    solo.accept(Answer(asker="5005", call=solo.call("5005").id))
    outcome = solo.hear(OrderDone(solo.last(AnswerLeg).order))
    assert list(outcome.events) == []
    assert solo.call("5005").key in solo.ledger.busy
    assert news(solo.hear(LegAnswered(solo.leg_id("5005")))) == ["5005 Established", "5000 Established"]
    assert solo.ledger.busy == {}


def test_a_phone_that_never_says_so_has_not_answered() -> None:
    solo = Solo()
    solo.ring()
    solo.accept(Answer(asker="5005", call=solo.call("5005").id))
    solo.hear(OrderDone(solo.last(AnswerLeg).order))
    assert news(solo.wait(5.1)) == ["5005 Answer failed"]
    assert solo.call("5005").state is CallState.RINGING


# -- dialling and dropping ----------------------------------------------------------------------------------------


def test_a_leg_that_cannot_be_placed_is_given_up_with_its_calls() -> None:
    """Rather than left in silence (I3). Those that went with it are not given up a second time."""
    solo = Solo(placing_tries=1)
    solo.answer()
    outcome = solo.hear(OrderFailed(solo.last(JoinLegs).order))
    assert sorted(news(outcome)) == ["5000 Released", "5005 Released"]
    assert solo.ledger.calls == {}
    assert [order.reason for order in outcome.orders if isinstance(order, DropLeg)] == [Reason.SWITCH_ERROR] * 2


def test_a_phone_that_cannot_be_dialled_is_lost() -> None:
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    dial = solo.last(DialLeg)
    outcome = solo.hear(OrderFailed(dial.order))
    assert news(outcome) == ["5000 Released"]
    assert outcome.events[0].call.reason is Reason.SWITCH_ERROR  # type: ignore[union-attr]
    assert [order.leg for order in outcome.orders if isinstance(order, DropLeg)] == [dial.leg, CALLER_LEG]


def test_a_dial_that_fails_after_its_leg_ended_changes_nothing() -> None:
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    dial = solo.last(DialLeg)
    solo.hear(LegEnded(dial.leg, Reason.BUSY))
    outcome = solo.hear(OrderFailed(dial.order))
    assert (list(outcome.events), list(outcome.orders)) == ([], [])


def test_a_leg_that_does_not_end_is_asked_again_ever_more_slowly(solo: Solo) -> None:
    solo.hear(LegEnded(CALLER_LEG))
    drop = solo.last(DropLeg)
    for pause_s in (0.2, 0.4, 0.6):
        assert kinds(solo.hear(OrderFailed(solo.last(DropLeg).order))) == []
        solo.wait(pause_s - 0.05)
        count = len(solo.orders)
        solo.wait(0.1)
        assert len(solo.orders) == count + 1
        assert solo.last(DropLeg).leg == drop.leg
    assert solo.ledger.dropping[drop.leg].tries == 4


def test_the_pause_between_two_tries_has_a_limit() -> None:
    solo = Solo(drop_pause_s=1.0, drop_pause_max_s=2.0)
    solo.talk()
    solo.hear(LegEnded(CALLER_LEG))
    for _ in range(5):
        solo.hear(OrderFailed(solo.last(DropLeg).order))
        count = len(solo.orders)
        solo.wait(2.0)
        assert len(solo.orders) == count + 1


def test_a_pause_that_no_leg_waits_for_any_more_orders_nothing(solo: Solo) -> None:
    step = step_on(solo)
    drop_again(step, "gone")
    assert step.orders == []


def test_a_leg_that_ended_is_not_asked_again(solo: Solo) -> None:
    solo.hear(LegEnded(CALLER_LEG))
    drop = solo.last(DropLeg)
    solo.hear(OrderFailed(drop.order))
    solo.hear(LegEnded(drop.leg))
    count = len(solo.orders)
    solo.wait(60.0)
    assert len(solo.orders) == count
    assert solo.ledger.dropping == {}


def test_a_drop_that_fails_after_its_leg_ended_is_not_repeated(solo: Solo) -> None:
    solo.hear(LegEnded(CALLER_LEG))
    drop = solo.last(DropLeg)
    solo.hear(LegEnded(drop.leg))
    solo.hear(OrderFailed(drop.order))
    assert solo.board.next_deadline() is None or solo.wait(60.0) == []
    assert solo.last(DropLeg) == drop


@pytest.mark.parametrize("report", [LegRinging("stray"), LegAnswered("stray")], ids=lambda r: type(r).__name__)
def test_a_leg_that_nobody_knows_is_dropped_when_it_shows_signs_of_life(solo: Solo, report: LegRinging) -> None:
    outcome = solo.hear(report)
    assert [type(order) for order in outcome.orders] == [DropLeg]
    assert solo.last(DropLeg).leg == "stray"
    assert kinds(solo.hear(report)) == [], "it is being dropped already"


def test_the_end_of_a_leg_that_nobody_knows_is_no_news(solo: Solo) -> None:
    before = copy_of(solo.ledger)
    outcome = solo.hear(LegEnded("stray"))
    assert (list(outcome.events), list(outcome.orders)) == ([], [])
    assert copy_of(solo.ledger) == before


# -- digits and microphones ---------------------------------------------------------------------------------------


def test_digits_that_were_not_sent_are_told(solo: Solo) -> None:
    solo.accept(SendDtmf(asker="5005", call=solo.call("5005").id, digits="1"))
    outcome = solo.hear(OrderFailed(solo.last(SendDigits).order, "no"))
    assert news(outcome) == ["5005 SendDtmf failed"]


def test_nobody_is_told_of_digits_of_a_call_that_is_over(solo: Solo) -> None:
    solo.accept(SendDtmf(asker="5005", call=solo.call("5005").id, digits="1"))
    order = solo.last(SendDigits).order
    solo.accept(Hangup(asker="5005", call=solo.call("5005").id))
    assert news(solo.hear(OrderFailed(order))) == []


@pytest.mark.parametrize(("kind", "operation"), [(MuteCall, "MuteCall"), (UnmuteCall, "UnmuteCall")])
def test_a_microphone_that_could_not_be_switched_is_as_before_and_its_owner_is_told(
    solo: Solo, kind: type[MuteCall | UnmuteCall], operation: str
) -> None:
    conference(solo)
    if kind is UnmuteCall:
        solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
        solo.obey()
    before = solo.call("5005").muted
    assert news(solo.accept(kind(asker="5005", call=solo.call("5005").id))) == []
    outcome = solo.hear(OrderFailed(solo.last(MuteLeg).order))
    assert news(outcome) == [f"5005 {operation} failed"]
    assert (solo.call("5005").muted, solo.leg("5005").muted) == (before, before)
    assert kinds(outcome) == []


def test_a_microphone_is_told_off_when_it_is_and_waits_its_turn(solo: Solo) -> None:
    conference(solo)
    call = solo.call("5005").id
    solo.accept(MuteCall(asker="5005", call=call))
    assert solo.ask(UnmuteCall(asker="5005", call=call)).refusal is not None
    assert news(solo.hear(OrderDone(solo.last(MuteLeg).order))) == ["5005 Established"]
    assert solo.call("5005").muted


def test_a_microphone_that_did_not_follow_its_call_is_ordered_once_more_and_told_as_it_is(solo: Solo) -> None:
    conference(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    solo.obey()
    step = step_on(solo)
    step.wait(99, Muting(solo.leg("5005").id, True))
    failed(step, 99, "no")
    assert [type(event).__name__ for event in step.events] == ["CallChanged", "CallFailed"]
    assert (solo.call("5005").muted, solo.leg("5005").muted) == (False, False)
    assert next(order for order in step.orders if isinstance(order, MuteLeg)).muted is False
    step.wait(98, Muting(solo.leg("5005").id, True))
    before = len(step.orders)
    failed(step, 98, "overtaken: the leg is on by now")
    assert len(step.orders) == before


def test_a_microphone_that_was_switched_for_another_call_changes_no_call(solo: Solo) -> None:
    """The leg was unmuted because its muted call was held for a consult; nobody asked for that."""
    conference(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    solo.obey()
    solo.accept(InitiateTransfer(asker="5005", call=solo.call("5005").id, to="5900"))
    solo.obey()
    step = step_on(solo)
    leg = solo.leg("5005")
    assert leg.muted is False
    step.put_leg(replace(leg, muted=True))
    step.wait(99, Muting(leg.id, True))
    failed(step, 99, "no")
    assert step.events == []
    assert solo.leg("5005").muted is False


def test_a_microphone_that_stays_off_on_hold_is_known_to_be_off(solo: Solo) -> None:
    """The leg is heard in no call, so there is nobody to tell; but the leg is as it is."""
    conference(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    solo.obey()
    solo.hear(LegHeld(solo.leg("5005").id))
    assert (solo.last(MuteLeg).muted, solo.leg("5005").muted) == (False, False)
    outcome = solo.hear(OrderFailed(solo.last(MuteLeg).order))
    assert (news(outcome), solo.leg("5005").muted, solo.last(MuteLeg).muted) == ([], True, True)


def test_a_microphone_whose_call_is_over_is_nobodys_news(solo: Solo) -> None:
    conference(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    order = solo.last(MuteLeg).order
    solo.accept(Hangup(asker="5005", call=solo.call("5005").id))
    assert news(solo.hear(OrderFailed(order))) == []


def test_a_call_that_was_held_by_hand_meanwhile_is_not_muted_and_the_microphone_is_on_again(solo: Solo) -> None:
    conference(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    order = solo.last(MuteLeg).order
    solo.hear(LegHeld(solo.leg("5005").id))
    outcome = solo.hear(OrderDone(order))
    assert "5005 MuteCall failed" in news(outcome)
    assert solo.leg("5005").muted is False
    assert solo.last(MuteLeg).muted is False


# -- recordings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "told"), [(OrderDone, ["5002 Established"]), (OrderFailed, [])])
def test_what_becomes_of_orders_for_recordings_is_seen_to_elsewhere(answer: type, told: list[str]) -> None:
    """Here only that it is: see ``taping``."""
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, "5000", "5002"))
    solo.hear(LegAnswered(solo.leg_id("5002")))
    solo.accept(StartRecording(asker="5002", call=solo.call("5002").id))
    outcome = solo.hear(answer(solo.last(orders.StartRecording).order))
    failures = [event for event in outcome.events if isinstance(event, CallFailed)]
    assert len(failures) == (0 if told else 1)
    assert solo.ledger.tapes[f"{solo.call('5002').conversation}-1"].ending is not bool(told)


def test_whoever_the_supervisor_could_not_mute_is_heard_and_the_supervisor_is_told(solo: Solo) -> None:
    monitored(solo)
    assert kinds(solo.accept(MuteMonitored(asker="5900"))) == ["MuteLeg"]
    outcome = solo.hear(OrderFailed(solo.last(MuteLeg).order))
    assert news(outcome) == ["5005 Established", "5900 MuteMonitoredUser failed"]
    assert (solo.call("5005").inaudible, solo.leg("5005").muted, solo.last(MuteLeg).muted) == (False, False, False)


def test_whoever_was_muted_by_both_and_could_not_be_again_is_heard_and_both_are_told(solo: Solo) -> None:
    """As after a swap, when the microphone is switched off because the call is heard again."""
    monitored(solo)
    solo.accept(MuteCall(asker="5005", call=solo.call("5005").id))
    solo.accept(MuteMonitored(asker="5900"))
    solo.obey()
    step = step_on(solo)
    step.wait(99, Muting(solo.leg("5005").id, True))
    failed(step, 99, "no")
    assert [event.owner for event in step.events if isinstance(event, CallFailed)] == ["5900", "5005"]
    assert not solo.call("5005").inaudible


def monitored(solo: Solo) -> None:
    """5900 listens to 5005, in a conference."""
    conference(solo)
    solo.accept(Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN))
    solo.hear(LegAnswered(solo.leg_id("5900")))
    solo.obey()


def test_a_message_that_is_not_recorded_ends_the_call(solo: Solo) -> None:
    solo.accept(TransferToVoicemail(asker="5005", call=solo.call("5005").id, mailbox="5001"))
    started = solo.last(orders.StartRecording)
    assert news(solo.hear(OrderFailed(started.order, "no"))) == ["5000 Released"]
