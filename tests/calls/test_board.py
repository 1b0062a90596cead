"""The board: playbooks of whole outcomes, races that a story cannot decide, and inputs that mean nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.calls.solo import CALLER_LEG, Solo, kinds, news
from tests.kit import people
from tests.kit.law import copy_of

from cordboard.calls import orders, placing
from cordboard.calls.board import NOTHING, Board, Outcome
from cordboard.calls.commands import (
    Answer,
    AttachUserData,
    CancelMonitoring,
    Dial,
    Hangup,
    Hold,
    Monitor,
    Park,
    SingleStepTransfer,
    StartRecording,
    StopRecording,
    SwapCalls,
    TransferToVoicemail,
    UnPark,
)
from cordboard.calls.events import CallChanged, Change, MonitoringChanged
from cordboard.calls.model import Call, CallState, CallType, CallView, MonitorKind, Recording, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler
from cordboard.calls.operations.table import HANDLERS
from cordboard.calls.orders import AnswerLeg, DialLeg, DropLeg, HoldLeg, JoinLegs, RingLeg
from cordboard.calls.permits import TABLE, Link, Seat
from cordboard.calls.records import Leg, Rules
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegDigits,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    LegRinging,
    LegSeen,
    LegsTransferred,
    LegTransferred,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.calls.step import Step, replace

S = CallState
TARGET_LEG = "c0-1"
CALL = "ID000001"


def plain(state: CallState) -> frozenset[object]:
    return TABLE[state, Link.NONE, Seat.TWO_PARTY, False]


def changed(call: Call) -> CallChanged:
    return CallChanged(Change.STATUS, call, plain(call.state))  # type: ignore[arg-type]


def is_nothing(outcome: Outcome) -> bool:
    return (outcome.refusal, list(outcome.events), list(outcome.orders)) == (None, [], [])


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


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (Dial(asker="5005", to="9999"), RefusalKind.BAD_DESTINATION),
        (Dial(asker="5005", to="5005"), RefusalKind.BAD_DESTINATION),
    ],
)
def test_a_dial_that_leads_nowhere_is_refused(solo: Solo, command: Dial, kind: RefusalKind) -> None:
    before = copy_of(solo.ledger)
    outcome = solo.ask(command)
    assert outcome.refusal is not None
    assert outcome.refusal.kind is kind
    assert copy_of(solo.ledger) == before


def test_the_refusal_says_what_stands_against_it(solo: Solo) -> None:
    solo.talk()
    call = solo.call("5005").id
    before_hold = solo.ask(SwapCalls(asker="5005", call=call))
    assert before_hold.refusal == Refusal(
        RefusalKind.NOT_PERMITTED_NOW, "SwapCalls is not possible while the call is Established"
    )
    solo.accept(Hold(asker="5005", call=call))
    assert solo.ask(Hold(asker="5005", call=call)).refusal == Refusal(
        RefusalKind.NOT_PERMITTED_NOW, "Hold is not possible while another operation on it is under way"
    )


def test_a_second_call_that_is_not_there_is_unknown_before_anything_else_is_looked_at(solo: Solo) -> None:
    """#44: 6 and not 2."""
    solo.talk()
    for other, kind in (("C9", RefusalKind.UNKNOWN_CALL), (solo.call("5005").id, RefusalKind.NOT_PERMITTED_NOW)):
        refusal = solo.ask(SwapCalls(asker="5005", call=solo.call("5005").id, other=other)).refusal
        assert refusal is not None
        assert refusal.kind is kind


def test_before_the_switch_is_there_and_after_it_is_lost_it_is_not_asked() -> None:
    solo = Solo(up=False)
    outcome = solo.ask(Dial(asker="5005", to="5001"))
    assert outcome.refusal is not None
    assert outcome.refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    solo.hear(SwitchSnapshot())
    solo.talk()
    solo.hear(SwitchDown())
    refusal = solo.ask(Hangup(asker="5005", call=solo.call("5005").id)).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    attach = AttachUserData(asker="5005", call=solo.call("5005").id, user_data={"k": "v"})
    assert news(solo.accept(attach)) == ["5000 Established", "5005 Established"]


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


def test_a_dial_is_accepted_and_the_askers_own_phone_rung_first(solo: Solo) -> None:
    outcome = solo.accept(Dial(asker="5000", to="5005"))
    assert news(outcome) == ["5000 Dialing"]
    assert list(outcome.orders) == [DialLeg(1, TARGET_LEG, "5000", "5005", CALL, auto_answer=True)]


def test_an_operation_that_places_nobody_anew_is_done_at_once(solo: Solo) -> None:
    """5000 holds, and goes on hearing nothing while it is handed over."""
    solo.talk()
    solo.hear(LegHeld(CALLER_LEG))
    solo.obey()
    outcome = solo.accept(SingleStepTransfer(asker="5005", call=solo.call("5005").id, to="5001"))
    assert news(outcome)[0] == "5005 Released"
    assert solo.ledger.busy == {}


def test_an_order_that_failed_fails_its_operation(solo: Solo) -> None:
    solo.talk()
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    assert news(solo.hear(OrderFailed(solo.last(HoldLeg).order))) == ["5005 Hold failed"]


def test_an_operation_that_has_become_impossible_is_not_applied(solo: Solo) -> None:
    """The person pressed hold while the switch was about to do the same for a client."""
    solo.talk()
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    order = solo.last(HoldLeg).order
    assert news(solo.hear(LegHeld(TARGET_LEG))) == ["5005 Held"]
    assert news(solo.hear(OrderDone(order))) == ["5005 Hold failed", "5005 Held"]


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


@pytest.mark.parametrize(
    "report",
    [
        LegRinging(TARGET_LEG),
        LegAnswered(TARGET_LEG),
        LegAnswered(CALLER_LEG),
        LegRetrieved(TARGET_LEG),
        LegDigits(TARGET_LEG, "1"),
        LegOffered(CALLER_LEG, "5000", "5005"),
        LegOffered(TARGET_LEG, "5005", "5000"),
        LegTransferred(TARGET_LEG, "9999"),
        LegTransferred(TARGET_LEG, "5005"),
        LegsTransferred(TARGET_LEG, "gone"),
        LegsTransferred("gone", TARGET_LEG),
        LegEnded("gone"),
        OrderDone(999),
    ],
    ids=repr,
)
def test_what_is_no_news_changes_nothing_for_those_who_talk(solo: Solo, report: AnyReport) -> None:
    solo.talk()
    before = copy_of(solo.ledger)["calls"]
    outcome = solo.hear(report)
    assert list(outcome.events) == []
    assert copy_of(solo.ledger)["calls"] == before


# -- orders and timers --------------------------------------------------------------------------------------------


def test_done_orders_that_nothing_follows_from_cost_nothing(solo: Solo) -> None:
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    assert solo.hear(OrderDone(solo.last(DialLeg).order)) is NOTHING
    assert is_nothing(NOTHING)


def test_an_order_that_is_not_answered_has_failed(solo: Solo) -> None:
    solo.talk()
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    assert news(solo.wait(5.0)) == ["5005 Hold failed"]


def test_an_answer_is_not_done_when_its_order_is(solo: Solo) -> None:
    solo.ring()
    solo.accept(Answer(asker="5005", call=CALL))
    assert is_nothing(solo.hear(OrderDone(solo.last(AnswerLeg).order)))
    assert solo.call("5005").state is S.RINGING


def test_an_order_that_was_answered_wakes_nobody(solo: Solo) -> None:
    solo.ledger.set_timer(solo.now, "order", 99)
    assert is_nothing(solo.board.tick(solo.now))


@pytest.mark.parametrize("kind", ["ring", "recall", "place"])
def test_timers_of_what_is_over_wake_nobody(solo: Solo, kind: str) -> None:
    solo.ledger.set_timer(solo.now, kind, ("gone",) if kind == "place" else "gone")
    assert is_nothing(solo.board.tick(solo.now))


# -- the phone's own keys -----------------------------------------------------------------------------------------


def test_the_keys_of_the_phone_hold_and_retrieve(solo: Solo) -> None:
    solo.talk()
    held = solo.hear(LegHeld(TARGET_LEG))
    assert (news(held), kinds(held)) == (["5005 Held"], ["HoldLeg"])
    solo.obey()
    back = solo.hear(LegRetrieved(TARGET_LEG))
    assert (news(back), kinds(back)) == (["5005 Established"], ["JoinLegs"])


def test_the_transfer_key_asks_for_a_single_step_transfer(solo: Solo) -> None:
    solo.talk()
    outcome = solo.hear(LegTransferred(TARGET_LEG, "5001"))
    assert news(outcome)[0] == "5005 Released"
    assert kinds(outcome) == ["DropLeg", "DialLeg", "RingLeg"], "it does not wait for the switch: who pressed may leave"
    assert solo.call("5001").state is S.OFFERED


def test_the_transfer_key_is_in_vain_where_the_operation_is_not_permitted(solo: Solo) -> None:
    solo.talk()
    assert is_nothing(solo.hear(LegTransferred(TARGET_LEG, "9999")))
    assert is_nothing(solo.hear(LegTransferred(TARGET_LEG, "5000")))


def test_the_transfer_key_with_two_lines_connects_their_far_ends(solo: Solo) -> None:
    solo.talk()
    solo.hear(LegHeld(TARGET_LEG))
    solo.hear(LegOffered("second", "5005", "5001"))
    solo.hear(LegAnswered(solo.leg_id("5001")))
    solo.obey()
    told = news(solo.hear(LegsTransferred("second", TARGET_LEG)))
    assert told[:2] == ["5005 Released", "5005 Released"]
    solo.obey()
    assert solo.leg("5000").place == solo.leg("5001").place == solo.call("5000").conversation


def test_a_line_without_a_call_is_not_transferred(solo: Solo) -> None:
    solo.ledger.legs["line"] = Leg("line", "5900")
    assert is_nothing(solo.hear(LegTransferred("line", "5001")))


# -- the link comes back ------------------------------------------------------------------------------------------


def test_what_a_snapshot_says_is_heard_as_reports(solo: Solo) -> None:
    solo.ring()
    solo.hear(SwitchDown())
    seen = (LegSeen(CALLER_LEG, "5000", answered=False), LegSeen(TARGET_LEG, "5005", answered=True))
    assert news(solo.hear(SwitchSnapshot(seen))) == ["5005 Established", "5000 Established"]


def test_while_the_link_is_down_nothing_is_ordered(solo: Solo) -> None:
    solo.talk()
    assert solo.board.is_linked()
    solo.hear(SwitchDown())
    assert not solo.board.is_linked()
    assert kinds(solo.hear(LegHeld(TARGET_LEG))) == []


# -- recordings ---------------------------------------------------------------------------------------------------


def recorded(solo: Solo) -> str:
    """5000 and 5002, who may record, talk and are recorded."""
    solo.hear(LegOffered(CALLER_LEG, "5000", "5002"))
    solo.hear(LegRinging(solo.leg_id("5002")))
    solo.hear(LegAnswered(solo.leg_id("5002")))
    solo.accept(StartRecording(asker="5002", call=solo.call("5002").id))
    solo.obey()
    return solo.call("5002").recorded_as


def test_a_recording_that_the_switch_ends_is_told(solo: Solo) -> None:
    name = recorded(solo)
    assert solo.hear(RecordingEnded(name)).events == [
        CallChanged(Change.RECORDING, solo.call("5002"), solo.board.calls_of("5002")[0].permits)
    ]
    assert solo.call("5002").recording is Recording.STOPPED


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


def test_a_supervisor_is_called_told_and_refused() -> None:
    solo = Solo()
    solo.talk()
    monitor = Monitor(asker="5900", target="5005", kind=MonitorKind.LISTEN_IN)
    outcome = solo.accept(monitor)
    assert isinstance(outcome.events[0], MonitoringChanged)
    assert kinds(outcome) == ["DialLeg"]
    outcome = solo.hear(LegAnswered(solo.leg_id("5900")))
    assert kinds(outcome) == ["SpyLeg"]
    solo.hear(SwitchDown())
    refusal = solo.ask(monitor).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE
    outcome = solo.accept(CancelMonitoring(asker="5900"))
    assert (kinds(outcome), solo.ledger.monitors) == (["DropLeg"], {})


def test_who_asks_for_a_recording_waits_until_the_switch_makes_it(solo: Solo) -> None:
    recorded(solo)
    key = (solo.call("5002").id, "5002")
    assert not solo.board.is_busy(key)
    for kind in (StopRecording, StartRecording):
        solo.accept(kind(asker="5002", call=key[0]))
        assert solo.board.is_busy(key)
        solo.obey()
        assert not solo.board.is_busy(key)


def test_a_parked_party_is_got_out_and_only_once(solo: Solo) -> None:
    solo.talk()
    call = solo.call("5000")
    solo.accept(Park(asker="5005", call=call.id))
    assert solo.board.is_busy((call.id, "5005"))
    solo.obey()
    assert not solo.board.is_busy((call.id, "5005"))
    command = UnPark(asker="5900", whose="5000", call=call.id)
    assert kinds(solo.accept(command)) == ["DialLeg", "RingLeg"]
    refused = solo.ask(command).refusal
    assert refused is not None
    assert refused.kind is RefusalKind.NOT_PERMITTED_NOW
    solo.hear(SwitchDown())
    refused = solo.ask(command).refusal
    assert refused is not None
    assert refused.kind is RefusalKind.SWITCH_UNAVAILABLE


def test_a_message_ends_when_it_is_as_long_as_one_may_be() -> None:
    solo = Solo(voicemail_max_s=30.0)
    solo.talk()
    solo.accept(TransferToVoicemail(asker="5005", call=solo.call("5005").id, mailbox="5001"))
    solo.obey()
    assert news(solo.wait(30.0)) == ["5000 Released"]
    assert solo.ledger.messages == {}
