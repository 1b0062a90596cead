"""Whoever is taken out of a bridge by somebody else is put back; who leaves by an order, or for good, is not."""

from __future__ import annotations

import pytest
from tests.kit.asterisk_dry import Dry

from cordboard.calls.model import MonitorKind, Reason
from cordboard.calls.orders import DropLeg, HoldLeg, JoinLegs, SpyLeg, StartRecording
from cordboard.calls.reports import LegEnded, OrderDone

A, B, C = "a", "b", "c"
LOOK, ADD = "GET bridges/mix~1", "POST bridges/mix~1/addChannel"


@pytest.fixture
def dry() -> Dry:
    """A and B talk."""
    made = Dry()
    made.up(A, B, C)
    made.do(JoinLegs(1, "mix", mixed=(A, B)))
    made.asked.clear()
    return made


def kick(dry: Dry, leg: str) -> None:
    dry.likeness.kick(dry.channel(leg))
    dry.pump()


def test_who_was_kicked_out_is_put_back(dry: Dry) -> None:
    kick(dry, A)
    assert dry.asked == [LOOK, ADD]
    assert (dry.hears(A), dry.hears(B)) == (["5001"], ["5000"])


def test_who_was_heard_by_nobody_still_is_not(dry: Dry) -> None:
    dry.do(SpyLeg(2, C, "mix", "", MonitorKind.LISTEN_IN))
    kick(dry, C)
    assert (dry.hears(A), dry.hears(C)) == (["5001"], ["5000", "5001"])


def test_a_coach_and_its_snooper_come_back_to_their_own_bridge(dry: Dry) -> None:
    dry.do(SpyLeg(2, C, "mix", A, MonitorKind.COACH))
    (snooper,) = [channel for channel in dry.likeness.channels.values() if channel.snoops]
    for channel in (dry.channel(C), snooper):
        dry.likeness.kick(channel)
        dry.pump()
        assert [dry.hears(leg) for leg in (A, B, C)] == [["5001", "5002"], ["5000"], ["5000", "5001"]]


def test_a_coach_whose_bridge_is_gone_is_let_go(dry: Dry) -> None:
    dry.do(SpyLeg(2, C, "mix", A, MonitorKind.COACH))
    dry.likeness.destroy(dry.channel(C).bridge)
    assert LegEnded(C, Reason.SWITCH_ERROR) in dry.pump()


def test_a_bridge_that_is_gone_is_made_anew_with_all_who_were_in_it(dry: Dry) -> None:
    dry.do(StartRecording(2, "rec", "mix", "call", "5000"), SpyLeg(3, C, "mix", A, MonitorKind.COACH))
    dry.likeness.destroy("mix~1")
    dry.pump()
    assert [dry.hears(leg) for leg in (A, B, C)] == [["5001", "5002"], ["5000"], ["5000", "5001"]]
    assert "mix~1" not in dry.likeness.bridges


def test_a_bridge_that_is_gone_while_nobody_is_in_it_is_made_anew_for_whoever_joins(dry: Dry) -> None:
    """Somebody ended it in the moment at which all were put on hold; the recording goes on when they are back."""
    dry.do(StartRecording(2, "rec", "mix", "call", "5000"))
    dry.likeness.destroy("mix~1")
    dry.do(HoldLeg(3, music=(A, B)))
    assert (dry.hears(A), dry.likeness.bridges) == (["music"], {})
    assert dry.do(JoinLegs(4, "mix", mixed=(A, B))) == [OrderDone(4)]
    assert (dry.hears(A), dry.hears(B)) == (["5001"], ["5000"])
    assert list(dry.likeness.recordings) == ["rec.2"]


def test_whose_move_is_told_late_stays(dry: Dry) -> None:
    """Moved away and back by orders, before Asterisk's events are heard."""
    dry.tell("ChannelLeftBridge", A, bridge={"id": "mix~1"})
    assert dry.asked == [LOOK]


def test_who_left_for_music_meanwhile_is_left_alone(dry: Dry) -> None:
    dry.likeness.kick(dry.channel(A))
    dry.step()
    dry.do(HoldLeg(2, music=(A,)))
    assert ADD not in dry.asked
    assert dry.hears(A) == ["music"]


def test_who_hangs_up_leaves(dry: Dry) -> None:
    dry.likeness.hang_up(dry.channel(A))
    dry.pump()
    assert dry.asked == []


def test_who_is_dropped_leaves(dry: Dry) -> None:
    dry.do(DropLeg(2, A))
    assert dry.asked == ["DELETE channels/a"]


def test_it_is_tried_again_and_then_the_leg_is_ended(dry: Dry) -> None:
    dry.fail(500, 0, 500)
    kick(dry, A)
    assert dry.asked == [LOOK, LOOK, ADD, LOOK, ADD]
    dry.asked.clear()
    dry.forget()
    dry.fail(0, 500, 0)
    kick(dry, A)
    assert (dry.asked, dry.heard) == ([LOOK, ADD, LOOK, "DELETE channels/a"], [LegEnded(A, Reason.SWITCH_ERROR)])


def test_who_was_put_back_often_long_ago_is_put_back_again(dry: Dry) -> None:
    for _ in range(9):
        kick(dry, A)
        dry.now += 5.0
    assert dry.hears(A) == ["5001"]


def test_who_ends_while_it_is_put_back_is_gone(dry: Dry) -> None:
    dry.likeness.kick(dry.channel(A))
    dry.step()
    dry.step()
    dry.likeness.hang_up(dry.channel(A))
    assert dry.pump() == [LegEnded(A, Reason.NORMAL)]
    assert ADD in dry.asked
    assert dry.do(DropLeg(2, B)) == [OrderDone(2), LegEnded(B, Reason.NORMAL)]


def test_a_lost_link_ends_all_tries(dry: Dry) -> None:
    kick(dry, A)
    dry.cut()
    assert dry.driver._healing._tries == {}
    dry.mend()
    assert dry.hears(A) == ["5001"]
