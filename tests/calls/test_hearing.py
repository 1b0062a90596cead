"""What becomes of reports: orders that are answered, keys of telephones, the link, and what is no news."""

from __future__ import annotations

import pytest
from tests.calls.solo import CALL, CALLER_LEG, TARGET_LEG, Solo, is_nothing, kinds, news, recorded
from tests.kit.law import copy_of

from cordboard.calls import asking
from cordboard.calls.commands import Answer, CompleteTransfer, Hold
from cordboard.calls.events import CallChanged, Change
from cordboard.calls.model import CallState, Recording, Refusal, RefusalKind
from cordboard.calls.orders import AnswerLeg, HoldLeg
from cordboard.calls.records import Leg
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

S = CallState


@pytest.fixture
def solo() -> Solo:
    return Solo()


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


def test_an_answer_is_not_done_when_its_order_is(solo: Solo) -> None:
    solo.ring()
    solo.accept(Answer(asker="5005", call=CALL))
    assert is_nothing(solo.hear(OrderDone(solo.last(AnswerLeg).order)))
    assert solo.call("5005").state is S.RINGING


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


def test_a_recording_that_the_switch_ends_is_told(solo: Solo) -> None:
    name = recorded(solo)
    assert solo.hear(RecordingEnded(name)).events == [
        CallChanged(Change.RECORDING, solo.call("5002"), solo.board.calls_of("5002")[0].permits)
    ]
    assert solo.call("5002").recording is Recording.STOPPED


# -- what goes on -------------------------------------------------------------------------------------------------


def test_an_operation_is_applied_when_its_legs_are_placed(solo: Solo) -> None:
    solo.consult()
    solo.accept(CompleteTransfer(asker="5005", call=solo.call("5005").id))
    assert solo.call("5005").state is S.DIALING
    assert "5005 Released" in news(solo.hear(OrderDone(solo.orders[-1].order)))


def test_a_leg_that_ends_releases_its_call(solo: Solo) -> None:
    solo.talk()
    assert "5005 Released" in news(solo.hear(LegEnded(TARGET_LEG)))


def test_what_was_under_way_is_done_again_when_the_link_is_back(solo: Solo) -> None:
    solo.consult()
    solo.accept(CompleteTransfer(asker="5005", call=solo.call("5005").id))
    seen = tuple(LegSeen(leg.id, leg.number, answered=True) for leg in solo.ledger.legs.values())
    solo.restart()
    ordered = len(solo.orders)
    solo.hear(SwitchSnapshot(legs=seen))
    assert len(solo.orders) > ordered
    assert "5005 Released" in news(solo.obey())


def test_what_can_not_be_done_again_is_told(solo: Solo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of another version may have other rules."""
    solo.talk()
    solo.accept(Hold(asker="5005", call=solo.call("5005").id))
    seen = tuple(LegSeen(leg.id, leg.number, answered=True) for leg in solo.ledger.legs.values())
    solo.restart()
    refusal = Refusal(RefusalKind.FORBIDDEN, "no longer")
    monkeypatch.setattr(asking, "objection", lambda *_: refusal)
    told = news(solo.hear(SwitchSnapshot(legs=seen)))
    assert "5005 Hold failed" in told
    assert solo.ledger.busy == {}
