"""Recordings begin, pause and end; whatever the switch does, what clients are told comes true (I2, I5, I7, I9).

The board is alone here: the test is the switch.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.calls.solo import CALLER_LEG, Solo, kinds
from tests.kit.law import copy_of

from cordboard.calls import commands, orders
from cordboard.calls.board import Outcome
from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, Change
from cordboard.calls.model import Operation, Recording, RefusalKind
from cordboard.calls.procedures import Taping
from cordboard.calls.reports import (
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    LegSeen,
    OrderDone,
    OrderFailed,
    RecordingEnded,
    RecordingSeen,
    SwitchDown,
    SwitchSnapshot,
)

RECORDING = Recording.RECORDING
PAUSED = Recording.PAUSED
STOPPED = Recording.STOPPED


@pytest.fixture
def solo() -> Solo:
    """5000 and 5002, who may record, talk."""
    return talking("5000")


def talking(caller: str) -> Solo:
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, caller, "5002"))
    solo.hear(LegRinging(solo.leg_id("5002")))
    solo.hear(LegAnswered(solo.leg_id("5002")))
    solo.obey()
    return solo


def ask(solo: Solo, kind: type[commands.CallCommand], number: str = "5002") -> Outcome:
    return solo.ask(kind(asker=number, call=solo.call(number).id))


def recorded(solo: Solo) -> str:
    """5002 records; the name of the recording."""
    assert ask(solo, commands.StartRecording).refusal is None
    solo.obey()
    return solo.last(orders.StartRecording).recording


def told(events: Outcome | Any) -> list[str]:
    """Who was told what of recordings."""
    listed: list[AnyEvent] = list(events.events) if isinstance(events, Outcome) else events
    return [line for event in listed if (line := _told(event))]


def _told(event: AnyEvent) -> str:
    if isinstance(event, CallFailed):
        return f"{event.owner} {event.operation.value} failed"
    assert isinstance(event, CallChanged)
    state = event.call.recording
    return f"{event.call.owner} {state.value}" if event.change is Change.RECORDING and state is not None else ""


def tapes(solo: Solo) -> dict[str, tuple[Recording, bool]]:
    return {tape.id: (tape.state, tape.ending) for tape in solo.ledger.tapes.values()}


# -- as asked -----------------------------------------------------------------------------------------------------


def test_a_start_is_told_once_the_switch_has_done_it(solo: Solo) -> None:
    call = solo.call("5002")
    outcome = ask(solo, commands.StartRecording)
    assert (outcome.refusal, list(outcome.events)) == (None, [])
    order = solo.last(orders.StartRecording)
    assert order == orders.StartRecording(order.order, f"{call.conversation}-1", call.conversation, call.id, "5002")
    assert solo.call("5002").recording is STOPPED
    assert told(solo.hear(OrderDone(order.order))) == ["5002 Recording"]
    assert solo.call("5002").recorded_as == order.recording
    assert (solo.call("5000").recording, solo.call("5000").recorded_as) == (None, "")


def test_pause_go_on_and_stop(solo: Solo) -> None:
    name = recorded(solo)
    for kind, order, state in (
        (commands.PauseRecording, orders.PauseRecording, PAUSED),
        (commands.ResumeRecording, orders.ResumeRecording, RECORDING),
        (commands.StopRecording, orders.StopRecording, STOPPED),
    ):
        assert ask(solo, kind).refusal is None
        assert solo.last(order).recording == name
        assert told(solo.obey()) == [f"5002 {state.value}"]
    assert (solo.ledger.tapes, solo.ledger.taped) == ({}, {})
    assert solo.call("5002").recorded_as == name, "what was recorded can still be found"
    assert recorded(solo) == name.removesuffix("1") + "2"


def test_while_the_switch_works_on_it_nothing_else_can_be_asked_of_it(solo: Solo) -> None:
    offered = {Operation.START_RECORDING, Operation.PAUSE_RECORDING, Operation.STOP_RECORDING}
    ask(solo, commands.StartRecording)
    view = solo.board.calls_of("5002")[0]
    assert not offered & view.permits
    assert Operation.HOLD in view.permits, "the rest of the call is not concerned"
    refusal = ask(solo, commands.StartRecording).refusal
    assert refusal is not None
    assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW
    assert "under way" in refusal.detail


def test_what_a_refused_operation_on_a_recording_is_told() -> None:
    solo = talking("5000")
    strange, early = ask(solo, commands.StartRecording, "5000").refusal, ask(solo, commands.StopRecording).refusal
    assert strange is not None
    assert early is not None
    assert strange.detail == "StartCallRecording is not possible while recording is not available to you"
    assert early.detail == "StopCallRecording is not possible while recording is Stopped"


# -- the switch fails ----------------------------------------------------------------------------------------------


def test_a_start_that_fails_is_told_and_stopped_as_it_may_have_begun(solo: Solo) -> None:
    ask(solo, commands.StartRecording)
    order = solo.last(orders.StartRecording)
    outcome = solo.hear(OrderFailed(order.order, "no disk"))
    assert told(outcome) == ["5002 StartCallRecording failed", "5002 Stopped"]
    assert kinds(outcome) == ["StopRecording"]
    assert tapes(solo) == {order.recording: (STOPPED, True)}
    solo.hear(OrderDone(solo.last(orders.StopRecording).order))
    assert tapes(solo) == {}
    assert solo.call("5002").recorded_as == ""


@pytest.mark.parametrize(
    ("before", "command", "order", "state", "again"),
    [
        ((), commands.PauseRecording, orders.PauseRecording, RECORDING, "ResumeRecording"),
        ((commands.PauseRecording,), commands.ResumeRecording, orders.ResumeRecording, PAUSED, "PauseRecording"),
        ((commands.PauseRecording,), commands.StopRecording, orders.StopRecording, PAUSED, "PauseRecording"),
    ],
)
def test_what_fails_is_told_and_the_state_before_is_ordered(
    solo: Solo, before: tuple[Any, ...], command: Any, order: Any, state: Recording, again: str
) -> None:
    name = recorded(solo)
    for kind in before:
        ask(solo, kind)
    solo.obey()
    ask(solo, command)
    outcome = solo.hear(OrderFailed(solo.last(order).order))
    assert told(outcome) == [f"5002 {HANDLED[command]} failed", f"5002 {state.value}"]
    assert kinds(outcome) == [again]
    assert tapes(solo) == {name: (state, False)}


HANDLED = {
    commands.PauseRecording: "PauseCallRecording",
    commands.ResumeRecording: "ResumeCallRecording",
    commands.StopRecording: "StopCallRecording",
}


def test_the_state_before_is_ordered_until_it_is_so(solo: Solo) -> None:
    name = recorded(solo)
    ask(solo, commands.PauseRecording)
    solo.hear(OrderFailed(solo.last(orders.PauseRecording).order))
    for tries in (1, 2):
        before = len(solo.orders)
        assert solo.hear(OrderFailed(solo.last(orders.ResumeRecording).order)).events == []
        assert solo.ledger.tapes[name].tries == tries
        assert solo.wait(0.2 * tries) == []
        assert [type(order).__name__ for order in solo.orders[before:]] == ["ResumeRecording"]
    solo.hear(OrderDone(solo.last(orders.ResumeRecording).order))
    assert solo.ledger.tapes[name].tries == 0


def test_a_client_s_order_makes_ours_unnecessary(solo: Solo) -> None:
    recorded(solo)
    ask(solo, commands.PauseRecording)
    solo.hear(OrderFailed(solo.last(orders.PauseRecording).order))
    solo.hear(OrderFailed(solo.last(orders.ResumeRecording).order))
    ask(solo, commands.PauseRecording)
    before = len(solo.orders)
    solo.wait(0.3)
    assert solo.orders[before:] == []


def test_who_asked_and_left_is_not_told_that_it_failed() -> None:
    solo = talking("5003")
    ask(solo, commands.StartRecording, "5003")
    solo.hear(LegEnded(CALLER_LEG))
    assert told(solo.hear(OrderFailed(solo.last(orders.StartRecording).order))) == []


def test_an_order_that_fails_after_its_recording_ended_is_told_all_the_same(solo: Solo) -> None:
    name = recorded(solo)
    ask(solo, commands.PauseRecording)
    assert told(solo.hear(RecordingEnded(name))) == ["5002 Stopped"]
    assert told(solo.hear(OrderFailed(solo.last(orders.PauseRecording).order))) == ["5002 PauseCallRecording failed"]
    assert tapes(solo) == {}


def test_an_order_of_ours_that_fails_after_the_end_is_nothing(solo: Solo) -> None:
    name = recorded(solo)
    ask(solo, commands.PauseRecording)
    solo.hear(OrderFailed(solo.last(orders.PauseRecording).order))
    solo.hear(RecordingEnded(name))
    before = copy_of(solo.ledger)["tapes"]
    assert solo.hear(OrderFailed(solo.last(orders.ResumeRecording).order)).events == []
    assert solo.ledger.tapes == before == {}


# -- ends by itself ------------------------------------------------------------------------------------------------


def test_a_recording_ends_with_its_conversation(solo: Solo) -> None:
    name = recorded(solo)
    outcome = solo.hear(LegEnded(CALLER_LEG))
    assert kinds(outcome) == ["DropLeg", "StopRecording"]
    assert tapes(solo) == {name: (RECORDING, True)}
    solo.hear(OrderFailed(solo.last(orders.StopRecording).order))
    solo.wait(0.2)
    solo.hear(OrderDone(solo.last(orders.StopRecording).order))
    assert (solo.ledger.tapes, solo.ledger.taped) == ({}, {})


def test_a_start_that_is_done_after_the_end_does_not_bring_it_back(solo: Solo) -> None:
    ask(solo, commands.StartRecording)
    solo.hear(LegEnded(CALLER_LEG))
    assert told(solo.hear(OrderDone(solo.last(orders.StartRecording).order))) == []
    solo.hear(OrderDone(solo.last(orders.StopRecording).order))
    assert solo.ledger.tapes == {}


def test_it_ends_when_nobody_is_left_who_may_record_and_not_before() -> None:
    solo = talking("5003")
    recorded(solo)
    solo.accept(commands.SingleStepTransfer(asker="5002", call=solo.call("5002").id, to="5001"))
    solo.obey()
    assert solo.call("5003").recording is RECORDING
    solo.hear(LegRinging(solo.leg_id("5001")))
    solo.accept(commands.SingleStepConference(asker="5003", call=solo.call("5003").id, to="5000"))
    outcome = solo.hear(LegEnded(CALLER_LEG))
    assert "StopRecording" in kinds(outcome)


def test_other_conversations_are_not_concerned(solo: Solo) -> None:
    name = recorded(solo)
    solo.hear(LegOffered("phone-2", "5005", "5001"))
    solo.hear(LegEnded("phone-2"))
    assert tapes(solo) == {name: (RECORDING, False)}


def test_it_ends_when_it_is_full(solo: Solo) -> None:
    name = recorded(solo)
    assert told(solo.wait(14_400)) == ["5002 Stopped"]
    assert solo.last(orders.StopRecording).recording == name
    solo.obey()
    assert tapes(solo) == {}


def test_being_full_is_no_news_once_it_is_over(solo: Solo) -> None:
    recorded(solo)
    solo.hear(LegEnded(CALLER_LEG))
    before = copy_of(solo.ledger)
    solo.ledger.set_timer(solo.now, "tape full", next(iter(solo.ledger.tapes)))
    assert solo.wait(0) == []
    assert copy_of(solo.ledger) == before


def test_the_switch_may_end_it(solo: Solo) -> None:
    assert told(solo.hear(RecordingEnded(recorded(solo)))) == ["5002 Stopped"]
    assert told(solo.hear(RecordingEnded("unheard of"))) == []


def test_an_ended_one_that_the_switch_says_is_over_is_forgotten(solo: Solo) -> None:
    name = recorded(solo)
    solo.hear(LegEnded(CALLER_LEG))
    assert told(solo.hear(RecordingEnded(name))) == []
    assert tapes(solo) == {}


# -- the link is lost ----------------------------------------------------------------------------------------------


def snapshot(solo: Solo, *recordings: RecordingSeen) -> Outcome:
    legs = [LegSeen(leg.id, leg.number, leg.answered, place=leg.place) for leg in solo.ledger.legs.values()]
    return solo.hear(SwitchSnapshot(tuple(legs), recordings))


def test_what_is_under_way_when_the_link_breaks_has_failed(solo: Solo) -> None:
    name = recorded(solo)
    ask(solo, commands.PauseRecording)
    outcome = solo.hear(SwitchDown())
    assert told(outcome) == ["5002 PauseCallRecording failed", "5002 Recording"]
    assert kinds(outcome) == [], "nobody can be told"
    assert told(snapshot(solo, RecordingSeen(name, paused=True))) == ["5002 Paused"]


def test_a_start_that_the_link_broke_off_is_ended_if_it_began(solo: Solo) -> None:
    ask(solo, commands.StartRecording)
    name = solo.last(orders.StartRecording).recording
    solo.hear(SwitchDown())
    assert tapes(solo) == {name: (STOPPED, True)}
    assert kinds(snapshot(solo, RecordingSeen(name))) == ["StopRecording"]


def test_what_is_gone_when_the_link_is_back_has_ended(solo: Solo) -> None:
    recorded(solo)
    solo.hear(SwitchDown())
    assert told(snapshot(solo)) == ["5002 Stopped"]
    assert tapes(solo) == {}


def test_what_goes_on_though_its_calls_are_gone_is_ended(solo: Solo) -> None:
    name = recorded(solo)
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot((), (RecordingSeen(name),)))
    assert (told(outcome), solo.ledger.calls) == ([], {})
    assert kinds(outcome)[-1] == "StopRecording"
    assert tapes(solo) == {name: (RECORDING, True)}


def test_a_recording_that_nobody_knows_is_ended(solo: Solo) -> None:
    assert kinds(snapshot(solo, RecordingSeen("stray"))) == ["StopRecording"]
    solo.obey()
    assert tapes(solo) == {}


def test_a_start_that_is_done_though_a_snapshot_did_not_show_it_is_ended(solo: Solo) -> None:
    ask(solo, commands.StartRecording)
    assert told(snapshot(solo)) == []
    outcome = solo.hear(OrderDone(solo.last(orders.StartRecording).order))
    assert (told(outcome), kinds(outcome)) == ([], ["StopRecording"])


def test_an_order_of_ours_that_was_lost_with_the_link_is_not_repeated_before_the_snapshot(solo: Solo) -> None:
    recorded(solo)
    solo.hear(LegEnded(CALLER_LEG))
    solo.hear(SwitchDown())
    before = len(solo.orders)
    solo.wait(1)
    assert solo.orders[before:] == []


def test_a_pause_that_is_over_after_the_recording_is_nothing(solo: Solo) -> None:
    solo.ledger.set_timer(solo.now, "tape", "long gone")
    assert solo.wait(0) == []


def test_done_is_no_news_for_an_order_of_ours_when_the_recording_is_over(solo: Solo) -> None:
    name = recorded(solo)
    solo.hear(LegEnded(CALLER_LEG))
    solo.hear(RecordingEnded(name))
    assert isinstance(solo.ledger.waiting[solo.last(orders.StopRecording).order], Taping)
    assert solo.hear(OrderDone(solo.last(orders.StopRecording).order)).events == []
    assert tapes(solo) == {}


def test_a_message_for_a_mailbox_is_shown_to_nobody(solo: Solo) -> None:
    call = solo.call("5000")
    solo.accept(commands.TransferToVoicemail(asker="5002", call=call.id, mailbox="5001"))
    started = solo.last(orders.StartRecording)
    assert (started.recording, started.starter) == (f"{call.id}-v1", "5001")
    assert (solo.ledger.taped, list(solo.ledger.tapes)) == ({}, [started.recording])
    solo.hear(LegEnded(CALLER_LEG))
    assert solo.last(orders.StopRecording).recording == started.recording


def test_since_when_and_with_whom_is_written_down(solo: Solo) -> None:
    """A driver that forgets it at a restart is told."""
    name = recorded(solo)
    tape = solo.ledger.tapes[name]
    assert (tape.began, sorted(tape.parties)) == (solo.now, ["5000", "5002"])
