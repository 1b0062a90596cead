"""Taking a seat, being rung, moving, leaving: the mechanics alone."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play

from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import Call, CallState, CallType, MonitorKind, Reason
from cordboard.calls.orders import DialLeg, DropLeg
from cordboard.calls.permits import Permissions
from cordboard.calls.procedures import Dialing, Dropping
from cordboard.calls.records import Leg, Rules
from cordboard.calls.seating import converse, dial_leg, drop, leave, move, offer, refresh, seat
from cordboard.calls.segments import Came, Way
from cordboard.calls.step import Step, replace

CAME = Came(Way.CALLED, "5005")


def step_on(play: Play) -> Step:
    return Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, 130.0)


def told(step: Step) -> list[str]:
    changed = [event for event in step.events if isinstance(event, CallChanged)]
    return [f"{event.call.owner} {event.change.value} {event.call.state.value}" for event in changed]


# -- taking a seat ------------------------------------------------------------------------------------------------


def test_the_first_member_makes_a_conversation_and_gives_its_call_the_same_id() -> None:
    play = Play()
    step = step_on(play)
    conversation = converse(step, CallType.OUTBOUND, "5001", ani="5000")
    assert (conversation.dnis, conversation.ani, conversation.hops) == ("5001", "5000", 0)
    assert play.ledger.conversations == {}
    leg = Leg("leg", "5005")
    call = seat(step, conversation, leg, CallState.DIALING, participants=("5001",), user_data={"k": "v"}, location="L")
    assert (call.id, call.conn_id) == (conversation.id, conversation.conn_id)
    assert (call.type, call.dnis, call.ani, call.began) == (CallType.OUTBOUND, "5001", "5000", 130.0)
    assert (call.participants, call.user_data, call.location, call.parent) == (("5001",), {"k": "v"}, "L", None)
    assert play.ledger.conversations[conversation.id].members == (call.key,)
    assert play.ledger.legs["leg"].calls == (call.key,)
    assert told(step) == ["5005 StatusChange Dialing"]


def test_everybody_in_a_conversation_sees_the_same_id() -> None:
    """gws-v2 §2.3"""
    play = Play(*TALKING)
    assert play.call("5000").id == play.call("5005").id
    assert play.call("5000").key != play.call("5005").key


def test_whoever_comes_back_gets_a_new_id() -> None:
    """A Released id never comes back (call-semantics I6)."""
    play = Play(*CONFERENCE, "phone 5001 hangup")
    step = step_on(play)
    conversation = play.conversation("5005")
    assert "5001" in conversation.past
    call = seat(step, conversation, Leg("leg", "5001"), CallState.RINGING)
    assert call.id != conversation.id
    assert call.conversation == conversation.id
    assert call.conn_id != conversation.conn_id


def test_a_conversation_that_comes_of_another_goes_on_with_its_thread() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    first = replace(play.conversation("5005"), hops=3)
    second = converse(step, CallType.CONSULT, "5001", of=first)
    assert (second.hops, second.thread, converse(step, CallType.CONSULT, "5900", of=second).thread) == (
        3,
        first.id,
        first.id,
    )


# -- being rung ---------------------------------------------------------------------------------------------------


def test_a_phone_that_is_offered_a_call_is_dialled_and_nobody_is_told_yet() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    conversation = play.call("5005").conversation
    call = offer(
        step, conversation, "5001", "5005", ring_s=15.0, user_data={"k": "v"}, came=CAME, reason=Reason.TRANSFER_RECALL
    )
    assert (call.state, call.participants, call.user_data) == (CallState.OFFERED, ("5005", "5000"), {"k": "v"})
    assert call.reason is Reason.TRANSFER_RECALL
    (order,) = step.orders
    assert order == DialLeg(order.order, call.leg, "5001", "5005", call.id)
    assert step.ledger.waiting[order.order] == Dialing(call.leg, "5005")
    assert (145.0, "ring", call.leg) in step.timers
    leg = step.ledger.legs[call.leg]
    assert (leg.dialled, leg.deadline) == (True, 145.0)
    assert told(step) == []


def test_a_phone_can_be_kept_for_later() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    call = offer(step, play.call("5005").conversation, "5001", "5005", ring_s=15.0, user_data={})
    assert step.orders == []
    assert step.ledger.legs[call.leg].dialled is False
    dial_leg(step, call.leg, "5005", 9.0, CAME, auto_answer=True)
    (order,) = step.orders
    assert isinstance(order, DialLeg)
    assert order.auto_answer


# -- leaving ------------------------------------------------------------------------------------------------------


def test_whoever_leaves_is_told_and_their_leg_is_dropped() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    call, leg = play.call("5005"), play.leg("5005")
    leave(step, call, Reason.BUSY)
    assert told(step) == ["5005 StatusChange Released"]
    (order,) = step.orders
    assert order == DropLeg(order.order, leg.id, Reason.BUSY)
    assert step.ledger.dropping == {leg.id: Dropping(leg.id, Reason.BUSY)}
    assert leg.id not in step.ledger.legs
    conversation = step.ledger.conversations[call.conversation]
    assert (conversation.members, conversation.past) == ((play.call("5000").key,), frozenset({"5005"}))


def test_a_leg_that_carries_another_call_stays() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    parent, consult = play.call("5005", 0), play.call("5005", 1)
    leave(step, consult)
    assert step.orders == []
    assert step.ledger.legs[parent.leg].calls == (parent.key,)
    assert set(step.touched) == {parent.conversation, consult.conversation}


@pytest.mark.parametrize(("index", "watched"), [(0, 1), (1, 0)], ids=["parent leaves", "consult leaves"])
def test_the_other_call_of_a_pair_is_told_what_it_may_do_now(index: int, watched: int) -> None:
    """gws-v2 §6.4"""
    play = Play(*CONSULTING)
    step = step_on(play)
    other = play.call("5005", watched)
    leave(step, play.call("5005", index))
    step.tell_watched()
    assert told(step)[-1] == f"5005 StatusChange {other.state.value}"


def test_a_call_whose_leg_is_gone_just_ends() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    step.forget_leg(play.leg("5005").id, Reason.NORMAL, by_itself=True)
    leave(step, play.call("5005"))
    assert step.orders == []
    assert told(step) == ["5005 StatusChange Released"]


@pytest.mark.parametrize(
    ("leg", "ordered"),
    [
        (Leg("leg", "5005", dialled=True), True),
        (Leg("leg", "5005", outgoing=False), True),
        (Leg("leg", "5005"), False),
    ],
    ids=["dialled by us", "came from a phone", "not dialled yet"],
)
def test_only_a_leg_that_the_switch_knows_is_dropped_there(leg: Leg, ordered: bool) -> None:
    step = step_on(Play())
    step.put_leg(leg)
    drop(step, leg, Reason.NO_ANSWER, tries=2)
    assert [type(order) for order in step.orders] == ([DropLeg] if ordered else [])
    assert step.ledger.dropping == ({"leg": Dropping("leg", Reason.NO_ANSWER, 2)} if ordered else {})
    assert step.ledger.legs == {}


# -- moving -------------------------------------------------------------------------------------------------------


def moved(play: Play, step: Step, number: str, index: int = -1) -> Call:
    target = step.ledger.conversations[play.call("5005", 0).conversation]
    return move(step, play.call(number, index), target, {"k": "v"})


def test_a_party_that_moves_keeps_its_leg_and_state_and_gets_a_new_view() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    before = play.call("5001")
    after = moved(play, step, "5001")
    assert told(step) == ["5001 StatusChange Released", "5001 StatusChange Established"]
    assert (after.id, after.leg, after.state) == (play.call("5005", 0).id, before.leg, CallState.ESTABLISHED)
    assert (after.participants, after.user_data) == (("5005", "5000"), {"k": "v"})
    assert step.ledger.legs[before.leg].calls == (after.key,)
    assert step.orders == []


def test_consults_of_whoever_moves_belong_to_the_new_view_and_are_told_so() -> None:
    play = Play(*CONSULTING, "5001 InitiateTransfer B to=5900")
    step = step_on(play)
    consult = play.call("5001", 1)
    after = moved(play, step, "5001", 0)
    assert step.ledger.calls[consult.key].parent == after.id
    assert step.ledger.consults[after.key] == (consult.key,)
    assert told(step)[-1] == "5001 StatusChange Dialing"


def test_a_microphone_stays_off_on_the_way() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    step.put(replace(play.call("5001"), muted=True))
    assert moved(play, step, "5001").muted


# -- who sees whom ------------------------------------------------------------------------------------------------


def test_the_latest_participant_comes_first() -> None:
    """gws-v2 §2.4"""
    play = Play(*CONFERENCE)
    assert play.call("5005").participants == ("5001", "5000")
    assert play.call("5000").participants == ("5001", "5005")


def test_whoever_is_only_rung_counts_while_there_is_nobody_else() -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900")
    assert play.call("5005").participants == ("5001", "5000")
    assert Play(*TARGET_RINGS).call("5005").participants == ("5001",)


def test_each_owner_is_told_once_of_everything_that_is_refreshed() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    agent, caller = play.call("5005"), play.call("5000")
    step.put(replace(caller, participants=("5001",)))
    step.events.clear()
    refresh(step, agent.conversation, {"k": "v"}, {agent.key: CallState.HELD})
    assert told(step) == ["5000 ParticipantsUpdated Established", "5005 StatusChange Held"]
    assert play.ledger.calls[agent.key].user_data == {"k": "v"}


def test_nothing_is_told_if_nothing_changed() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    refresh(step, play.call("5005").conversation)
    refresh(step, "a conversation that is over")
    assert step.events == []


def test_whoever_is_alone_still_sees_whom_it_talked_to() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    call = play.call("5005")
    leave(step, play.call("5000"))
    refresh(step, call.conversation)
    assert play.ledger.calls[call.key].participants == ("5000",)
    assert [event.change for event in step.events if isinstance(event, CallChanged)] == [Change.STATUS]


# -- supervisors --------------------------------------------------------------------------------------------------


def test_a_supervisor_sits_beside_a_conversation() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    conversation = play.conversation("5005")
    call = seat(step, conversation, Leg("leg", "5900"), CallState.ESTABLISHED, monitors=MonitorKind.COACH)
    assert (call.id, call.monitors) == (conversation.id, MonitorKind.COACH)
    assert play.conversation("5005").members == conversation.members
    assert play.ledger.supervisors == {conversation.id: (call.key,)}


def test_whoever_is_beside_a_conversation_becomes_a_party_under_a_new_id() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    call = seat(step_on(play), play.conversation("5005"), Leg("leg", "5900"), CallState.OFFERED)
    assert call.id != call.conversation


@pytest.mark.parametrize(("kind", "seen"), [("ListenIn", ()), ("Coach", ()), ("BargeIn", ("5900",))])
def test_a_supervisor_is_a_participant_while_everybody_hears_it(kind: str, seen: tuple[str, ...]) -> None:
    play = Play(*TALKING, f"5900 {kind} 5005")
    assert play.call("5000").participants == (*seen, "5005")
    assert play.call("5900").participants == ("5005", "5000")


def test_a_supervisor_whose_phone_is_only_called_is_no_participant() -> None:
    play = Play(*TALKING, "hold reports", "5900 BargeIn 5005")
    assert play.call("5000").participants == ("5005",)


def test_supervisors_see_each_other_if_they_are_heard() -> None:
    play = Play(*TALKING, "5900 BargeIn 5005", "15000 ListenIn 5000")
    assert play.call("15000").participants == ("5900", "5005", "5000")
    assert play.call("5900").participants == ("5005", "5000")


def test_what_is_refreshed_is_refreshed_for_supervisors() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    step = step_on(play)
    refresh(step, play.call("5005").conversation, {"k": "v"})
    assert told(step)[-1] == "5900 AttachedDataChanged Established"


def test_a_conversation_that_is_over_is_not_refreshed() -> None:
    step = step_on(Play())
    refresh(step, "unheard of")
    assert step.events == []


def test_whoever_leaves_a_parking_lot_by_hanging_up_frees_the_slot() -> None:
    play = Play(*TALKING, "5005 Park A")
    step = step_on(play)
    assert len(play.ledger.slots) == 1
    leave(step, play.call("5000"))
    assert play.ledger.slots == {}
    last = step.events[-1]
    assert isinstance(last, CallChanged)
    assert last.call.parked is None
