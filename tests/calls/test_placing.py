"""Who hears what follows from the calls: nobody who waits is in silence (call-semantics I3)."""

from __future__ import annotations

import pytest
from tests.calls.play import COMPLETED_EARLY, CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play
from tests.calls.situations import SITUATIONS
from tests.calls.solo import CALLER_LEG, Solo, kinds

from cordboard.calls import placing
from cordboard.calls.commands import CompleteTransfer, SingleStepTransfer
from cordboard.calls.model import CallState, MonitorKind
from cordboard.calls.orders import DropLeg, HoldLeg, JoinLegs, MuteLeg, RingLeg
from cordboard.calls.permits import Permissions
from cordboard.calls.procedures import Placing
from cordboard.calls.records import MUSIC, NOWHERE, QUIET, RINGBACK, Rules, Spying
from cordboard.calls.reports import LegAnswered, OrderFailed
from cordboard.calls.step import Step, replace

MIX = "its own mix"


def step_on(play: Play) -> Step:
    return Step(play.ledger, Permissions(play.ledger, False), Rules(), play.scene.directory, play.scene.now)


# -- where a leg belongs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "number", "place"),
    [
        (TALKING[:1], "5000", RINGBACK),
        (TALKING[:1], "5005", NOWHERE),
        (TALKING, "5000", MIX),
        (TALKING, "5005", MIX),
        ((*TALKING, "5005 Hold A"), "5000", MUSIC),
        ((*TALKING, "5005 Hold A"), "5005", QUIET),
        ((*TALKING, "5005 Hold A", "5000 Hold A"), "5000", QUIET),
        (TARGET_RINGS, "5000", MUSIC),
        (TARGET_RINGS, "5005", RINGBACK),
        (TARGET_RINGS, "5001", NOWHERE),
        ((*TARGET_RINGS, "5005 SwapCalls B"), "5005", MIX),
        (CONSULTING, "5000", MUSIC),
        (CONSULTING, "5005", MIX),
        (COMPLETED_EARLY, "5000", RINGBACK),
        (SITUATIONS["waits for a recall"], "5000", MUSIC),
        (SITUATIONS["conference on hold"], "5005", QUIET),
        (SITUATIONS["conference on hold"], "5000", MIX),
        (SITUATIONS["conference asks one more"], "5000", MIX),
    ],
)
def test_where_a_leg_belongs_and_is(lines: tuple[str, ...], number: str, place: str) -> None:
    play = Play(*lines)
    call = next((view.call for view in play.scene.calls(number) if view.call.state is CallState.ESTABLISHED), None)
    leg = play.ledger.legs[(call or play.call(number)).leg]
    expected = call.conversation if place == MIX and call is not None else place
    assert placing.wanted(play.ledger, leg) == leg.place == expected


def test_whoever_waits_for_one_that_rings_while_another_holds_hears_music() -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900", "5005 Hold A", "phone 5001 hangup")
    assert placing.wanted(play.ledger, play.leg("5000")) == MUSIC


def test_a_leg_is_heard_in_its_established_call_else_in_the_one_it_dials_else_nowhere() -> None:
    play = Play(*TARGET_RINGS)
    parent, consult = play.call("5005", 0), play.call("5005", 1)
    assert placing.focus(play.ledger, play.leg("5005")) == consult
    assert (placing.is_heard(play.ledger, parent.key), placing.is_heard(play.ledger, consult.key)) == (False, True)
    play.do("5005 SwapCalls B")
    assert placing.focus(play.ledger, play.leg("5005")) == play.call("5005", 0)
    play = Play(*TALKING, "5005 Hold A")
    assert placing.focus(play.ledger, play.leg("5005")) is None


# -- ordering it --------------------------------------------------------------------------------------------------


def test_what_is_in_its_place_needs_no_order() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    step.touched = dict.fromkeys((*play.ledger.conversations, "a conversation that is over"))
    assert placing.changes(step) == {}
    placing.reconcile(step)
    assert step.orders == []


def test_one_order_names_all_places_and_one_mix() -> None:
    play = Play(*TALKING)
    step = step_on(play)
    caller, agent = play.leg("5000").id, play.leg("5005").id
    order, legs = placing.order_changes(step, {caller: "M1", agent: "M1"})
    assert step.orders == [JoinLegs(order, "M1", (caller, agent))]
    assert legs == (caller, agent)
    assert step.ledger.waiting[order] == Placing(legs)
    assert {(step.ledger.legs[leg].place, step.ledger.legs[leg].order) for leg in legs} == {("M1", order)}


def test_a_second_mix_is_left_for_a_second_order() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    caller, agent, target = (play.leg(number).id for number in ("5000", "5005", "5001"))
    _, legs = placing.order_changes(step, {caller: "M1", agent: "M2", target: QUIET})
    assert legs == (caller, target)
    assert step.orders == [JoinLegs(step.orders[0].order, "M1", (caller,), quiet=(target,))]


def consulting() -> Solo:
    solo = Solo()
    solo.consult()
    solo.hear(LegAnswered(solo.leg_id("5001")))
    solo.obey()
    return solo


def test_whoever_hands_a_call_over_may_stay_where_it_is_until_it_is_dropped() -> None:
    solo = consulting()
    caller, agent, target = (solo.leg_id(number) for number in ("5000", "5005", "5001"))
    solo.accept(CompleteTransfer(asker="5005", call=solo.call("5005").id))
    order = solo.last(JoinLegs)
    assert (set(order.mixed), order.leaving) == ({caller, target}, (agent,))
    solo.obey()
    assert solo.last(DropLeg).leg == agent


def test_whoever_could_not_hand_it_over_is_placed_again_with_the_others() -> None:
    solo = consulting()
    agent, target, consult = solo.leg_id("5005"), solo.leg_id("5001"), solo.call("5001").conversation
    solo.accept(CompleteTransfer(asker="5005", call=solo.call("5005").id))
    solo.hear(OrderFailed(solo.last(JoinLegs).order))
    again = solo.last(JoinLegs)
    assert (again.mix, set(again.mixed), again.leaving) == (consult, {agent, target}, ())


def test_where_nobody_is_brought_together_nobody_is_in_the_way() -> None:
    solo = Solo()
    solo.talk()
    solo.accept(SingleStepTransfer(asker="5005", call=solo.call("5005").id, to="5001"))
    assert solo.last(RingLeg).leaving == ()


@pytest.mark.parametrize(
    ("places", "kind"),
    [
        ({"5000": "M1", "5005": QUIET}, JoinLegs),
        ({"5000": MUSIC, "5005": RINGBACK}, HoldLeg),
        ({"5000": RINGBACK, "5005": QUIET}, HoldLeg),
        ({"5000": RINGBACK}, RingLeg),
    ],
)
def test_an_order_has_the_name_of_what_it_is_for(places: dict[str, str], kind: type) -> None:
    play = Play(*TALKING)
    step = step_on(play)
    placing.order_changes(step, {play.leg(number).id: place for number, place in places.items()})
    assert [type(order) for order in step.orders] == [kind]


def test_legs_that_an_operation_waits_for_are_left_alone_and_others_are_reconciled_mix_by_mix() -> None:
    play = Play(*CONSULTING)
    step = step_on(play)
    for number in ("5000", "5005", "5001"):
        step.put_leg(replace(play.leg(number), place=NOWHERE, pending=number == "5000"))
        step.touch_leg(play.leg(number))
    placing.reconcile(step)
    agent, target = play.leg("5005").id, play.leg("5001").id
    (order,) = step.orders
    assert order == JoinLegs(order.order, play.call("5001").conversation, (agent, target))


def test_two_mixes_are_reconciled_by_two_orders() -> None:
    play = Play(*TALKING, "phone 5001 dial to=5900", "phone 5900 answer")
    step = step_on(play)
    for number in ("5000", "5005", "5001", "5900"):
        step.put_leg(replace(play.leg(number), place=NOWHERE))
        step.touch_leg(play.leg(number))
    placing.reconcile(step)
    assert [type(order) for order in step.orders] == [JoinLegs, JoinLegs]
    assert placing.changes(step) == {}


# -- microphones --------------------------------------------------------------------------------------------------


def test_a_microphone_follows_the_call_that_its_leg_is_heard_in() -> None:
    play = Play(*CONFERENCE)
    assert play.ordered("5005 MuteCall A") == ["MuteLeg 5005 on"]
    assert play.leg("5005").muted
    assert "MuteLeg 5005 off" in play.ordered("5005 InitiateTransfer A to=5900")
    assert "MuteLeg 5005 on" in play.ordered("5005 SwapCalls A")
    assert play.ordered("5005 UnmuteCall A") == ["MuteLeg 5005 off"]


def test_a_microphone_waits_for_an_operation_that_places_its_leg() -> None:
    play = Play(*CONFERENCE)
    step = step_on(play)
    step.put_leg(replace(play.leg("5005"), pending=True))
    step.put(replace(play.call("5005"), muted=True))
    placing.reconcile(step)
    assert step.orders == []


def test_a_leg_that_is_heard_nowhere_is_not_muted() -> None:
    play = Play(*CONFERENCE, "5005 MuteCall A")
    assert play.ordered("5005 Hold A")[-1] == "MuteLeg 5005 off"
    assert [type(order) for order in play.scene.orders].count(MuteLeg) == 2


# -- when the switch did it, or did not ---------------------------------------------------------------------------


def join_of(solo: Solo) -> JoinLegs:
    return solo.last(JoinLegs)


def fail_joins(solo: Solo, count: int) -> None:
    """One after the other, and each time the pause until the next."""
    for _ in range(count):
        solo.hear(OrderFailed(join_of(solo).order))
        solo.wait(0.25)


def test_a_placement_that_failed_is_ordered_again_at_once_then_after_a_pause() -> None:
    solo = Solo(placing_pause_s=0.2)
    solo.answer()
    first = join_of(solo)
    again = solo.hear(OrderFailed(first.order))
    assert kinds(again) == ["JoinLegs"]
    assert join_of(solo).mixed == first.mixed
    later = solo.hear(OrderFailed(join_of(solo).order))
    assert kinds(later) == []
    assert solo.leg("5005").pending
    solo.now += 0.2
    assert kinds(solo.board.tick(solo.now)) == ["JoinLegs"]


def test_a_leg_that_was_placed_at_last_has_not_failed() -> None:
    solo = Solo()
    solo.answer()
    fail_joins(solo, 2)
    assert solo.leg("5005").failures == 2
    solo.obey()
    assert (solo.leg("5005").failures, solo.leg("5000").failures) == (0, 0)


def test_a_leg_that_cannot_be_placed_at_all_is_given_up() -> None:
    solo = Solo(placing_tries=3)
    solo.answer()
    fail_joins(solo, 3)
    assert solo.ledger.calls == {}
    assert CALLER_LEG in solo.ledger.dropping


def test_the_failure_of_an_order_that_was_overtaken_changes_nothing() -> None:
    solo = Solo()
    solo.answer()
    overtaken = join_of(solo).order
    step = Step(solo.ledger, Permissions(solo.ledger, False), Rules(), None, solo.now)  # type: ignore[arg-type]
    step.put_leg(replace(solo.leg("5005"), order=overtaken + 1))
    assert placing.misplaced(step, (solo.leg_id("5005"), "gone"), overtaken) == []
    placing.placed(step, (solo.leg_id("5005"), "gone"), overtaken)
    assert solo.leg("5005").failures == 0


def test_a_pause_that_nothing_waits_for_any_more_is_over_without_effect() -> None:
    """The leg is gone, or was placed by something else meanwhile."""
    play = Play(*TALKING)
    step = step_on(play)
    leg = play.leg("5005")
    step.put_leg(replace(leg, pending=True))
    placing.look_again(step, (leg.id, "gone"))
    step.put_leg(leg)
    placing.look_again(step, (leg.id,))
    assert step.touched == {}


# -- supervisors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ((*TALKING, "5900 ListenIn 5005"), MIX),
        ((*TALKING, "hold reports", "5900 ListenIn 5005"), NOWHERE),
        ((*TALKING, "5900 ListenIn 5005", "5005 Hold A"), MUSIC),
        ((*TALKING, "5900 ListenIn 5005", "5005 Hold A", "5000 Hold A"), MUSIC),
        ((*TALKING, "5900 BargeIn 5005", "5005 SingleStepTransfer A to=5001"), RINGBACK),
        ((*TALKING, "5900 ListenIn 5005", "phone 5900 hold"), QUIET),
        ((*CONSULTING, "5005 CompleteConference B", "5900 Coach 5005"), MIX),
    ],
)
def test_where_a_supervisor_belongs_and_is(lines: tuple[str, ...], place: str) -> None:
    play = Play(*lines)
    own = play.call("5900")
    expected = own.conversation if place == MIX else place
    assert placing.wanted(play.ledger, play.leg("5900")) == play.leg("5900").place == expected


def test_a_role_names_the_leg_of_the_monitored_agent_while_it_is_there() -> None:
    play = Play(*TALKING, "5900 Coach 5005")
    assert placing.spying_of(play.ledger, play.call("5900")) == Spying(MonitorKind.COACH, play.leg("5005").id)
    assert placing.spying_of(play.ledger, play.call("5005")) is None
    play.do("5005 SingleStepTransfer A to=5001")
    assert placing.spying_of(play.ledger, play.call("5900")) == Spying(MonitorKind.COACH, "")


def test_a_supervisor_is_ordered_to_a_new_role_where_it_is() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    assert play.ordered("5900 BargeIn 5005") == ["SpyLeg 5900 BargeIn for 5005"]
    assert play.ordered("5900 BargeIn 5005 scope=Agent") == []


def test_a_supervisor_whose_order_failed_twice_is_left_alone_for_a_moment() -> None:
    play = Play(*TALKING, "fault fail SpyLeg count=2", "5900 ListenIn 5005")
    assert play.leg("5900").pending
    assert play.ordered("5005 AttachUserData A data=k:v") == []
    assert play.ordered("wait 1") == ["SpyLeg 5900 ListenIn for 5005"]


def test_whoever_the_supervisor_muted_is_muted_on_the_monitored_call_only() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    assert play.ordered("5900 MuteMonitored") == ["MuteLeg 5005 on"]
    assert "MuteLeg 5005 off" in play.ordered("5005 InitiateTransfer A to=5001")
    assert "MuteLeg 5005 on" in play.ordered("5005 SwapCalls B")


def test_whoever_leaves_a_message_is_alone_in_a_mix() -> None:
    play = Play(*TALKING, "5005 Hold A")
    assert play.ordered("5005 TransferToVoicemail A mailbox=5001")[0] == "JoinLegs mixed=5000"
    assert play.leg("5000").place == play.call("5000").conversation
