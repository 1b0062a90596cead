"""The link to the switch is lost and comes back; then the switch is the truth (call-semantics I9, #80 to #87)."""

from __future__ import annotations

import pytest
from tests.calls.play import TALKING, Play
from tests.calls.solo import CALLER_LEG, Solo, kinds, news
from tests.kit.law import copy_of

from cordboard.calls.commands import Dial, Hangup, Hold, StartRecording
from cordboard.calls.events import CallFailed
from cordboard.calls.model import CallState, Reason, RefusalKind
from cordboard.calls.orders import DialLeg, DropLeg, MuteLeg
from cordboard.calls.procedures import Muting
from cordboard.calls.reports import (
    LegAnswered,
    LegEnded,
    LegOffered,
    LegRinging,
    LegSeen,
    RecordingSeen,
    SwitchDown,
    SwitchSnapshot,
)
from cordboard.calls.step import replace


@pytest.fixture
def solo() -> Solo:
    """5000 and 5005 talk."""
    solo = Solo()
    solo.talk()
    return solo


def everything(solo: Solo) -> list[LegSeen]:
    """What a switch that agrees with the board would say."""
    legs = solo.ledger.legs.values()
    return [
        LegSeen(leg.id, leg.number, leg.answered or not leg.outgoing, place=leg.place, muted=leg.muted) for leg in legs
    ]


def test_operations_that_were_under_way_have_failed(solo: Solo) -> None:
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    outcome = solo.hear(SwitchDown())
    (event,) = outcome.events
    assert isinstance(event, CallFailed)
    assert (event.owner, event.refusal.kind) == ("5005", RefusalKind.SWITCH_UNAVAILABLE)
    assert (solo.ledger.busy, solo.ledger.waiting, list(outcome.orders)) == ({}, {}, [])


def test_other_orders_are_no_longer_waited_for() -> None:
    solo = Solo()
    solo.ring()
    solo.accept(Hangup(asker="5000", call=solo.call("5000").id))
    assert solo.ledger.waiting
    assert news(solo.hear(SwitchDown())) == []
    assert solo.ledger.waiting == {}


def test_calls_stay_as_they_are_while_the_link_is_down(solo: Solo) -> None:
    before = copy_of(solo.ledger)["calls"]
    solo.hear(SwitchDown())
    assert solo.wait(600.0) == []
    assert copy_of(solo.ledger)["calls"] == before
    assert solo.ledger.switch == {}


def test_nothing_is_told_twice_when_nothing_happened_meanwhile(solo: Solo) -> None:
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot(tuple(everything(solo))))
    assert (list(outcome.events), list(outcome.orders)) == ([], [])
    assert solo.ledger.switch == {"up": True}


def test_what_was_missed_is_told_once() -> None:
    """#80: the phone was answered meanwhile."""
    solo = Solo()
    solo.ring()
    solo.hear(SwitchDown())
    seen = (LegSeen(CALLER_LEG, "5000", True, place="ringback"), LegSeen(solo.leg_id("5005"), "5005", answered=True))
    assert news(solo.hear(SwitchSnapshot(seen))) == ["5005 Established", "5000 Established"]
    assert news(solo.hear(SwitchSnapshot(tuple(everything(solo))))) == []


def test_a_phone_that_has_begun_to_ring_meanwhile_rings() -> None:
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, "5000", "5005"))
    solo.hear(SwitchDown())
    seen = (LegSeen(CALLER_LEG, "5000", False), LegSeen(solo.leg_id("5005"), "5005", answered=False, ringing=True))
    assert news(solo.hear(SwitchSnapshot(seen))) == ["5005 Ringing"]
    assert solo.call("5005").state is CallState.RINGING


def test_calls_whose_legs_are_gone_are_over(solo: Solo) -> None:
    """#86: an empty snapshot ends everything, once, with the reason."""
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot())
    assert news(outcome) == ["5000 Released", "5005 Released"]
    assert {event.call.reason for event in outcome.events} == {Reason.SWITCH_LOST}  # type: ignore[union-attr]
    assert (solo.ledger.calls, solo.ledger.legs) == ({}, {})


def test_a_leg_that_was_not_dialled_yet_is_not_missed() -> None:
    """Its owner's own phone comes first; the switch has not heard of the destination's leg."""
    solo = Solo()
    solo.accept(Dial(asker="5000", to="5005"))
    solo.hear(SwitchDown())
    own = solo.leg_id("5000")
    assert news(solo.hear(SwitchSnapshot((LegSeen(own, "5000", answered=False),)))) == []
    assert len(solo.ledger.calls) == 2


def test_legs_are_brought_to_where_they_belong(solo: Solo) -> None:
    solo.hear(SwitchDown())
    agent = solo.leg_id("5005")
    seen = (LegSeen(CALLER_LEG, "5000", True, place="music"), LegSeen(agent, "5005", True, place=""))
    outcome = solo.hear(SwitchSnapshot(seen))
    assert kinds(outcome) == ["JoinLegs"]
    assert set(outcome.orders[0].mixed) == {CALLER_LEG, agent}  # type: ignore[union-attr]


def test_a_microphone_that_is_off_at_the_switch_is_switched_on_if_its_call_is_not_muted(solo: Solo) -> None:
    """The order that was to switch it on may have been lost with the link."""
    solo.hear(SwitchDown())
    seen = [replace(leg, muted=leg.leg == CALLER_LEG) for leg in everything(solo)]
    outcome = solo.hear(SwitchSnapshot(tuple(seen)))
    assert outcome.orders == [MuteLeg(solo.last(MuteLeg).order, CALLER_LEG, False)]


def test_a_leg_that_waited_for_a_failed_operation_waits_no_more(solo: Solo) -> None:
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    solo.hear(SwitchDown())
    solo.hear(SwitchSnapshot(tuple(everything(solo))))
    assert not solo.leg("5005").pending


# -- legs that should not be there --------------------------------------------------------------------------------


def test_a_leg_that_nobody_knows_is_dropped(solo: Solo) -> None:
    outcome = solo.hear(SwitchSnapshot((*everything(solo), LegSeen("stray", "5900", answered=True))))
    assert [order.leg for order in outcome.orders if isinstance(order, DropLeg)] == ["stray"]


def test_a_leg_that_was_being_dropped_and_still_exists_is_dropped_with_its_reason(solo: Solo) -> None:
    solo.hear(LegEnded(CALLER_LEG, Reason.BUSY))
    drop = solo.last(DropLeg)
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot((LegSeen(drop.leg, "5005", answered=True),)))
    (again,) = outcome.orders
    assert isinstance(again, DropLeg)
    assert (again.leg, again.reason) == (drop.leg, Reason.BUSY)


def test_a_leg_that_was_being_dropped_and_is_gone_is_forgotten(solo: Solo) -> None:
    solo.hear(LegEnded(CALLER_LEG))
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot())
    assert (list(outcome.events), list(outcome.orders)) == ([], [])
    assert solo.ledger.dropping == {}


def test_an_order_for_a_recording_that_was_under_way_has_failed_too() -> None:
    solo = Solo()
    solo.hear(LegOffered(CALLER_LEG, "5000", "5002"))
    solo.hear(LegAnswered(solo.leg_id("5002")))
    solo.obey()
    solo.accept(StartRecording(asker="5002", call=solo.call("5002").id))
    assert news(solo.hear(SwitchDown())) == ["5002 StartCallRecording failed", "5002 Established"]
    assert solo.ledger.waiting == {}


def test_a_snapshot_tells_of_recordings_as_well(solo: Solo) -> None:
    outcome = solo.hear(SwitchSnapshot(tuple(everything(solo)), (RecordingSeen("stray"),)))
    assert kinds(outcome) == ["StopRecording"]


def test_a_supervisor_is_ordered_to_its_role_again() -> None:
    """A snapshot does not tell who hears it."""
    play = Play(*TALKING, "5900 Coach 5005", "switch down")
    assert play.ordered("switch up") == ["SpyLeg 5900 Coach for 5005"]


@pytest.mark.parametrize("muted", [True, False])
def test_who_is_muted_is_muted_again_if_the_switch_can_t_tell(solo: Solo, muted: bool) -> None:
    leg = solo.ledger.legs[CALLER_LEG]
    solo.ledger.write(solo.ledger.legs, leg.id, replace(leg, muted=muted))
    for key in leg.calls:
        solo.ledger.write(solo.ledger.calls, key, replace(solo.ledger.calls[key], muted=muted))
    solo.ledger.commit()
    solo.hear(SwitchDown())
    seen = [replace(one, muted=None) for one in everything(solo)]
    orders = [order for order in solo.hear(SwitchSnapshot(tuple(seen))).orders if isinstance(order, MuteLeg)]
    assert [(order.leg, order.muted) for order in orders] == ([(CALLER_LEG, True)] if muted else [])


def test_whose_microphone_was_being_switched_when_the_process_died_is_as_it_should_be() -> None:
    play = Play(*TALKING)
    leg = play.call("5000").leg
    play.ledger.write(play.ledger.waiting, 99, Muting(leg, False))
    play.ledger.commit()
    play.scene.kept.note(play.board.take_rows())
    play.scene.link.cut()
    play.scene.die()
    snapshot = play.scene.exchange.snapshot()
    unsure = SwitchSnapshot(tuple(replace(one, muted=None) for one in snapshot.legs))
    outcome = play.board.hear(unsure, play.scene.now)
    assert [(order.leg, order.muted) for order in outcome.orders if isinstance(order, MuteLeg)] == [(leg, False)]


def test_whoever_dialled_while_nobody_listened_is_put_through() -> None:
    solo = Solo()
    solo.hear(SwitchDown())
    seen = LegSeen("phone-9", "5000", answered=False, dialled="5005")
    assert news(solo.hear(SwitchSnapshot((seen,)))) == ["5000 Dialing"]
    solo.accept(Hangup(asker="5000", call=solo.call("5000").id))
    solo.hear(SwitchDown())
    outcome = solo.hear(SwitchSnapshot((seen,)))
    assert (news(outcome), kinds(outcome)) == ([], ["DropLeg"])  # that call is over


def test_whom_a_telephone_holds_since_hears_music(solo: Solo) -> None:
    solo.hear(SwitchDown())
    agent = solo.leg_id("5005")
    seen = [replace(one, held=one.leg == agent) for one in everything(solo)]
    outcome = solo.hear(SwitchSnapshot(tuple(seen)))
    assert (news(outcome), kinds(outcome)) == (["5005 Held"], ["HoldLeg"])
    solo.hear(SwitchDown())
    assert news(solo.hear(SwitchSnapshot(tuple(replace(one, held=one.held) for one in everything(solo))))) == []


def test_what_is_just_being_taken_back_is_not_held() -> None:
    """The telephone holds it still, as the order never left."""
    play = Play(*TALKING, "phone 5005 hold", "server dies before ordering", "5005 Retrieve A")
    assert (play.states("5005"), play.scene.hears("5000")) == (["Established"], ["5005"])


def test_whoever_is_to_be_gone_goes_before_anything_is_recorded() -> None:
    play = Play(*TALKING, "server dies before ordering")
    ordered = play.ordered("5005 TransferToVoicemail A mailbox=5001")
    again = ordered[len(ordered) // 2 :]
    assert again.index("DropLeg 5005") < again.index("StartRecording A-v1 for 5001"), ordered


LOST_DIAL = (*TALKING, "fault drop DialLeg", "5005 InitiateTransfer A to=5001")


@pytest.mark.parametrize(
    ("meanwhile", "rings"),
    [
        ((), True),
        (("5001 do-not-disturb on",), False),
        (("5001 forwards to=5900",), False),
        (("5005 Hangup B",), False),
    ],
)
def test_a_telephone_that_was_to_ring_when_the_process_died_rings_if_it_may(
    meanwhile: tuple[str, ...], rings: bool
) -> None:
    play = Play(*LOST_DIAL, *meanwhile, "server dies")
    assert bool(play.states("5001")) is rings
    dials = [order for order in play.scene.orders if isinstance(order, DialLeg) and order.number == "5001"]
    assert len(dials) == 1 + rings


def test_a_telephone_that_has_rung_is_not_called_once_more() -> None:
    play = Play(*LOST_DIAL)
    (leg,) = (leg.id for leg in play.ledger.legs.values() if leg.number == "5001")
    play.hear(LegRinging(leg))
    assert play.states("5001") == ["Ringing"]
    play.do("server dies")
    assert play.states("5001") == []


@pytest.mark.parametrize("line", ["5000 Dial to=5900 also=5001", "500 Invite to=5001 room=500"])
def test_one_whose_call_is_shown_at_once_may_not_have_rung(line: str) -> None:
    play = Play("server dies before ordering", line, "phone 5001 answer")
    assert play.states("5001") == ["Established"]
