"""The board: playbooks of whole outcomes, races that a story cannot decide, and inputs that mean nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.calls.solo import CALL, CALLER_LEG, TARGET_LEG, Solo, is_nothing, news, recorded
from tests.kit import people
from tests.kit.law import copy_of

from cordboard.calls import orders, placing
from cordboard.calls.board import NOTHING, Board, Outcome
from cordboard.calls.commands import (
    Answer,
    Hangup,
    Hold,
    Monitor,
    TransferToVoicemail,
)
from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, CallState, CallType, CallView, MonitorKind, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, JoinLegs, RingLeg
from cordboard.calls.permits import TABLE, Link, Seat
from cordboard.calls.records import Rules
from cordboard.calls.reports import (
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    OrderDone,
    OrderFailed,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.calls.segments import Segment
from cordboard.calls.step import Step, replace

S = CallState


def plain(state: CallState) -> frozenset[object]:
    return TABLE[state, Link.NONE, Seat.TWO_PARTY, False]


def changed(call: Call) -> CallChanged:
    return CallChanged(Change.STATUS, call, plain(call.state))  # type: ignore[arg-type]


@pytest.fixture
def solo() -> Solo:
    return Solo()


# -- a playbook ---------------------------------------------------------------------------------------------------


def test_a_call_from_beginning_to_end(solo: Solo) -> None:
    """Each outcome whole: who is told what, in which order, and what the switch is told."""
    caller = Call(CALL, "5000", CALL, CALLER_LEG, S.DIALING, CallType.INTERNAL, "c000000001", "5005", 100.0, ("5005",))
    agent = replace(caller, owner="5005", leg=TARGET_LEG, state=S.RINGING, participants=("5000",))

    assert solo.hear(LegOffered(CALLER_LEG, "5000", "5005")) == Outcome(
        None,
        [changed(caller)],
        [DialLeg(1, TARGET_LEG, "5005", "5000", CALL), RingLeg(2, ringback=(CALLER_LEG,))],
    )
    assert solo.hear(LegRinging(TARGET_LEG)) == Outcome(None, [changed(agent)], [])
    assert solo.ask(Answer(asker="5005", call=CALL)) == Outcome(None, [], [AnswerLeg(3, TARGET_LEG)])
    agent, caller = replace(agent, state=S.ESTABLISHED), replace(caller, state=S.ESTABLISHED)
    assert solo.hear(LegAnswered(TARGET_LEG)) == Outcome(
        None,
        [changed(agent), changed(caller)],
        [JoinLegs(4, CALL, (CALLER_LEG, TARGET_LEG))],
    )
    caller, agent = replace(caller, state=S.RELEASED), replace(agent, state=S.RELEASED)
    assert solo.hear(LegEnded(CALLER_LEG)) == Outcome(None, [changed(caller), changed(agent)], [DropLeg(5, TARGET_LEG)])
    assert is_nothing(solo.hear(LegEnded(TARGET_LEG)))
    assert (solo.ledger.calls, solo.ledger.conversations, solo.ledger.legs) == ({}, {}, {})


def test_an_outcome_is_not_changed_by_later_inputs(solo: Solo) -> None:
    """Whoever posts or submits it may do so later."""
    outcomes = [solo.hear(LegOffered(CALLER_LEG, "5000", "5005")), solo.hear(LegRinging(TARGET_LEG))]
    before = [(list(outcome.events), list(outcome.orders)) for outcome in outcomes]
    solo.hear(LegEnded(CALLER_LEG))
    assert [(list(outcome.events), list(outcome.orders)) for outcome in outcomes] == before


def test_the_same_inputs_give_the_same_outcomes() -> None:
    one, two = Solo(), Solo()
    for solo in (one, two):
        solo.consult()
        solo.wait(20.0)
    assert one.orders == two.orders
    assert copy_of(one.ledger) == copy_of(two.ledger)


# -- commands -----------------------------------------------------------------------------------------------------


def test_a_refusal_comes_alone(solo: Solo) -> None:
    refusal = Refusal(RefusalKind.UNKNOWN_CALL, "there is no call C9")
    assert solo.ask(Hangup(asker="5005", call="C9")) == Outcome(refusal, (), ())


def test_a_bug_is_raised_and_its_input_undone(solo: Solo, monkeypatch: pytest.MonkeyPatch) -> None:
    solo.talk()
    before = copy_of(solo.ledger)
    handlers: dict[Any, Handler] = HANDLERS
    hang_up = handlers[Hangup]

    def break_off(step: Step, call: Call, command: Hangup) -> None:
        hang_up.apply(step, call, command)
        raise ZeroDivisionError

    monkeypatch.setitem(handlers, Hangup, hang_up._replace(apply=break_off))
    with pytest.raises(ZeroDivisionError):
        solo.ask(Hangup(asker="5005", call=solo.call("5005").id))
    assert copy_of(solo.ledger) == before
    monkeypatch.undo()
    assert news(solo.accept(Hangup(asker="5005", call=solo.call("5005").id))) == ["5005 Released", "5000 Released"]


def test_a_report_that_meets_a_bug_is_undone(solo: Solo, monkeypatch: pytest.MonkeyPatch) -> None:
    solo.talk()
    before = copy_of(solo.ledger)
    monkeypatch.setattr("cordboard.calls.board.placing.reconcile", lambda step: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        solo.hear(LegEnded(CALLER_LEG))
    assert copy_of(solo.ledger) == before


def test_a_timer_of_an_unknown_kind_is_a_bug(solo: Solo) -> None:
    solo.ledger.set_timer(solo.now, "unheard of", "key")
    with pytest.raises(ValueError, match="no timer of kind 'unheard of'"):
        solo.board.tick(solo.now)


# -- looking ------------------------------------------------------------------------------------------------------


def test_calls_are_seen_by_their_owner_with_what_may_be_asked(solo: Solo) -> None:
    solo.talk()
    call = solo.call("5005")
    view = CallView(call, plain(S.ESTABLISHED))  # type: ignore[arg-type]
    assert (solo.board.call(call.id, "5005"), solo.board.calls_of("5005")) == (view, [view])
    assert (solo.board.call(call.id, "5001"), solo.board.calls_of("5001")) == (None, [])


def test_the_board_says_when_it_wants_to_be_woken(solo: Solo) -> None:
    assert solo.board.next_deadline() is None
    solo.ring()
    assert solo.board.next_deadline() == 160.0
    assert is_nothing(solo.board.tick(159.0))
    assert news(solo.board.tick(160.0)) == ["5005 Released", "5000 Released"]


def test_each_tick_does_one_thing(solo: Solo) -> None:
    """What is due at the same instant is told in outcomes of its own."""
    solo.ledger.set_timer(100.0, "drop", "gone")
    solo.ledger.set_timer(100.0, "drop", "gone")
    solo.board.tick(100.0)
    assert solo.board.next_deadline() == 100.0
    solo.board.tick(100.0)
    assert solo.board.next_deadline() is None


# -- orders and timers --------------------------------------------------------------------------------------------


def test_done_orders_that_nothing_follows_from_cost_nothing(solo: Solo) -> None:
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    assert solo.hear(OrderDone(solo.last(DialLeg).order)) is NOTHING
    assert is_nothing(NOTHING)


def test_an_order_that_is_not_answered_has_failed(solo: Solo) -> None:
    solo.talk()
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    assert news(solo.wait(5.0)) == ["5005 Hold failed"]


def test_an_order_that_was_answered_wakes_nobody(solo: Solo) -> None:
    solo.ledger.set_timer(solo.now, "order", 99)
    assert is_nothing(solo.board.tick(solo.now))


@pytest.mark.parametrize("kind", ["ring", "recall", "place"])
def test_timers_of_what_is_over_wake_nobody(solo: Solo, kind: str) -> None:
    solo.ledger.set_timer(solo.now, kind, ("gone",) if kind == "place" else "gone")
    assert is_nothing(solo.board.tick(solo.now))


# -- recordings ---------------------------------------------------------------------------------------------------


def test_a_recording_ends_when_it_is_full_and_is_stopped_until_it_is(solo: Solo) -> None:
    recorded(solo)
    assert news(solo.wait(14_400)) == ["5002 Established"]
    solo.hear(OrderFailed(solo.last(orders.StopRecording).order))
    before = len(solo.orders)
    solo.wait(0.2)
    assert [type(order) for order in solo.orders[before:]] == [orders.StopRecording]


def test_without_anybody_who_knows_who_may_record_nobody_may() -> None:
    solo = Solo()
    solo.board = Board(Rules(), people.directory(), "ID", "c0")
    solo.hear(SwitchSnapshot())
    solo.hear(LegOffered(CALLER_LEG, "5002", "5003"))
    assert solo.call("5002").recording is None


def test_after_a_bug_in_a_rehearsal_events_are_told_again(solo: Solo, monkeypatch: pytest.MonkeyPatch) -> None:
    """One step serves all inputs: what a broken one left behind must not silence the next."""
    solo.talk()

    def stumble(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(placing, "changes", stumble)
        with pytest.raises(ZeroDivisionError):
            solo.ask(Hold(asker="5005", call=solo.call("5005").id))
    assert news(solo.hear(LegEnded(CALLER_LEG))) == ["5000 Released", "5005 Released"]


# -- monitoring ---------------------------------------------------------------------------------------------------


def test_a_message_ends_when_it_is_as_long_as_one_may_be() -> None:
    solo = Solo(voicemail_max_s=30.0)
    solo.talk()
    solo.accept(TransferToVoicemail(asker="5005", call=solo.call("5005").id, mailbox="5001"))
    solo.obey()
    assert news(solo.wait(30.0)) == ["5000 Released"]
    assert solo.ledger.messages == {}


# -- what outlives the process -------------------------------------------------------------------------------------


def test_a_board_goes_on_where_another_ended(solo: Solo) -> None:
    solo.talk()
    before = copy_of(solo.ledger)["calls"]
    assert ("waiting", None) in [(row.table, row.value) for row in solo.board.take_rows()]  # the last order is done
    solo.restart()
    assert copy_of(solo.ledger)["calls"] == before
    assert not solo.board.is_linked()
    assert not solo.board.is_busy(solo.call("5005").key)


def test_a_link_that_was_lost_and_is_there_again_is_another_one(solo: Solo) -> None:
    """By that a desk knows which orders must not leave any more."""
    before = solo.board.links
    solo.talk()
    assert solo.board.links == before
    solo.hear(SwitchDown())
    lost = solo.board.links
    solo.hear(SwitchSnapshot())
    assert before < lost < solo.board.links


def test_a_supervisor_leaves_with_those_he_listens_to(solo: Solo) -> None:
    solo.talk()
    solo.accept(Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN))
    solo.hear(LegAnswered(solo.leg_id("5900")))
    assert "5900 Released" in news(solo.accept(Hangup(asker="5005", call=solo.call("5005").id)))


def test_what_is_recorded_is_handed_over_once(solo: Solo) -> None:
    solo.talk()
    assert solo.board.take_records() == []
    solo.hear(LegEnded(CALLER_LEG))
    records = solo.board.take_records()
    assert [record.number for record in records if isinstance(record, Segment)] == ["5000", "5005"]
    assert solo.board.take_records() == []
