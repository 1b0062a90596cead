"""What is recorded of legs, transfers and threads. The whole stories are in `tests/transcripts/cdr*.txt`."""

from __future__ import annotations

import pytest
from tests.calls.play import CONSULTING, RECORDED, TALKING, TARGET_RINGS, Play
from tests.kit import telling_records

from cordboard.calls import accounting
from cordboard.calls.model import CallState, Reason
from cordboard.calls.reports import LegEnded, LegsTransferred
from cordboard.calls.segments import VIEWS_MAX, Asked, Came, Phase, Result, Segment, Transfer, TransferKind, Way
from cordboard.calls.step import Step, replace

SECOND_LINE = ("phone 5001 dial to=5005", "phone 5005 answer")
"""5005 takes another call on its second line: call B."""


def told(play: Play) -> list[str]:
    """What was recorded since this was asked last."""
    records, play.scene.records[:] = list(play.scene.records), []
    return [telling_records.tell(record, play.teller.letter) for record in records]


def records(play: Play) -> list[Segment | Transfer]:
    return play.scene.records


def segment(play: Play, number: str) -> Segment:
    """That of a leg which is still there."""
    return play.ledger.segments[play.leg(number).id]


# -- segments ------------------------------------------------------------------------------------------------------


def test_a_leg_has_a_segment_from_its_first_ring_on() -> None:
    play = Play(TALKING[0])
    caller, called = segment(play, "5000"), segment(play, "5005")
    assert (caller.way, caller.by, caller.wanted, caller.began) == (Way.DIALLED, "5000", "5005", 100.0)
    assert (called.way, called.by, called.wanted, called.phase) == (Way.CALLED, "5000", "", Phase.RING)
    assert caller.thread == called.thread == play.call("5000").conversation
    assert play.ledger.threads == {}
    assert told(play) == []


def test_each_second_is_counted_as_one_thing() -> None:
    play = Play(TALKING[0], "wait 3", TALKING[1], "wait 10", "5005 Hold A", "wait 4", "5005 Retrieve A", "wait 2")
    play.do("phone 5005 hangup")
    assert told(play) == [
        "record A segment 5005 Called by 5000 ring 3 talk 12 hold 4 s: A with 5000 (by itself)",
        "record A segment 5000 Dialled for 5005 ring 3 talk 16 hold 0 s: A with 5005",
    ]
    assert (play.ledger.segments, play.ledger.threads) == ({}, {})


def test_consults_are_calls_of_the_same_leg_and_thread() -> None:
    play = Play(*TARGET_RINGS, "wait 5")
    own, target = segment(play, "5005"), segment(play, "5001")
    assert own.thread == target.thread == play.call("5005", 0).conversation
    assert own.phase is Phase.HOLD
    assert play.ledger.threads == {own.thread: (play.call("5005", 1).conversation,)}
    assert [(view.type.value, view.peers, view.parent) for view in own.views] == [
        ("Internal", ("5000",), ""),
        ("Consult", ("5001",), play.call("5005", 0).id),
    ]
    play.do("phone 5001 reject")
    assert told(play) == [
        "record A segment 5001 Consulted by 5005 ring 5 talk 0 hold 0 s: B with 5005 reason=Rejected (by itself)"
    ]
    assert [view.reason for view in segment(play, "5005").views] == [Reason.NORMAL, Reason.REJECTED]


def test_of_many_calls_the_latest_are_told_of_and_those_that_go_on() -> None:
    play = Play(*TALKING)
    step = play.board._step
    leg, known = play.leg("5005"), segment(play, "5005")
    past = tuple(replace(known.views[0], call=f"old {number}", ended=1.0) for number in range(VIEWS_MAX))
    step.renew(play.scene.now)
    play.ledger.write(play.ledger.segments, leg.id, replace(known, views=(known.views[0], *past)))
    step.put(replace(play.call("5005"), state=CallState.HELD))
    accounting.keep_up(step)
    assert segment(play, "5005").left_out == 0, "nothing is new"
    play.do("5005 InitiateTransfer A to=5001")
    now = segment(play, "5005")
    assert (len(now.views), now.left_out) == (VIEWS_MAX, 2)
    assert [view.call for view in now.views[:2]] == [known.views[0].call, "old 2"]
    still = replace(now, views=tuple(replace(view, ended=0.0) for view in (*now.views, *now.views)))
    assert accounting._within_limit(still) is still


def test_a_leg_that_was_never_dialled_has_none() -> None:
    """5001 was to be called once 5000 was off hook."""
    play = Play("5000 behaves busy", "5000 Dial to=5001")
    assert told(play) == [
        "record A segment 5000 Dialled for 5001 ring 0 talk 0 hold 0 s: A with 5001 reason=Busy (by itself)"
    ]


def test_whoever_dials_what_is_nobodys_number_or_its_own_is_told_of() -> None:
    play = Play("phone 5000 dial to=9999")
    assert told(play) == ["record - segment 5000 Dialled for 9999 ring 0 talk 0 hold 0 s: no call reason=InvalidNumber"]
    assert play.ledger.segments == {}


def test_recordings_are_those_that_were_made_while_it_was_there() -> None:
    play = Play(*RECORDED, "5002 InitiateTransfer A to=5003", "phone 5003 answer", "5002 StartRecording B")
    play.do("5002 CompleteTransfer B")
    play.do("phone 5000 hangup")
    assert [line.partition("recorded as ")[2] for line in told(play) if "segment" in line] == [
        "A-1 B-1",
        "A-1 (by itself)",
        "B-1 A-1",
    ]


# -- transfers -----------------------------------------------------------------------------------------------------


def test_a_transfer_is_complete_at_once_if_somebody_is_there() -> None:
    play = Play(*CONSULTING, "5005 CompleteTransfer B")
    assert told(play)[0] == "record A TwoStepTransfer by 5005 on A+B: 5000 to 5001 Completed with 5001"


def test_one_that_nobody_answered_yet_is_open_until_somebody_does() -> None:
    play = Play(*TARGET_RINGS, "5005 CompleteTransfer B", "wait 3")
    (open_one,) = segment(play, "5001").handing
    assert (open_one.result, open_one.to) == (None, "5001")
    play.do("phone 5001 answer")
    assert told(play)[1] == "record A TwoStepTransfer by 5005 on A+B: 5000 to 5001 Completed with 5001 after 3 s"
    assert segment(play, "5001").handing == ()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("phone 5001 reject", "Failed after 3 s reason=Rejected"),
        ("phone 5000 hangup", "Abandoned after 3 s"),
        ("5900 PickUp 5001 A", "Completed with 5900 after 3 s"),
    ],
)
def test_what_comes_of_a_single_step_transfer(line: str, what: str) -> None:
    play = Play(*TALKING, "5005 SingleStepTransfer A to=5001", "wait 3")
    told(play)
    play.do(line)
    assert f"record A SingleStepTransfer by 5005 on A: 5000 to 5001 {what}" in told(play)


def test_a_transfer_for_which_no_telephone_rings_has_failed_at_once() -> None:
    play = Play(*TALKING, "5001 do-not-disturb on", "5005 SingleStepTransfer A to=5001")
    assert "record A SingleStepTransfer by 5005 on A: 5000 to 5001 Failed reason=Busy" in told(play)


def test_a_lost_telephone_completes_a_transfer_and_that_is_said() -> None:
    play = Play(*CONSULTING)
    play.hear(LegEnded(play.leg("5005").id))
    assert told(play)[0].endswith("5000 to 5001 by TelephoneLost Completed with 5001")


def test_keys_of_a_telephone_are_told_apart() -> None:
    play = Play(*TALKING, "phone 5005 transfer to=5001", "phone 5001 answer")
    transfer = next(record for record in records(play) if isinstance(record, Transfer))
    assert (transfer.asked, transfer.result) == (Asked.KEYS, Result.COMPLETED)


def test_whoever_hands_on_to_nobody_has_done_so_at_once() -> None:
    """The one who was consulted has hung up, and is going to be called back."""
    play = Play(*CONSULTING)
    step = play.board._step
    step.renew(play.scene.now)
    parent, consult = play.call("5005", 0), play.call("5005", 1)
    other = play.call("5001")
    play.ledger.calls[other.key] = replace(other, state=CallState.RINGING)
    del play.ledger.segments[other.leg]
    accounting.join(step, TransferKind.TWO_STEP, parent, consult, Reason.NORMAL)
    (record,) = step.records
    assert isinstance(record, Transfer)
    assert (record.to, record.reached, record.result) == ("5001", "", Result.COMPLETED)


@pytest.mark.parametrize(
    ("fault", "line", "said"),
    [
        ("JoinLegs", "5005 CompleteTransfer B", "TwoStepTransfer by 5005 on A+B: 5000 to 5001"),
        ("JoinLegs", "5005 CompleteTransfer A", "TwoStepTransfer by 5005 on A+B: 5000 to 5001"),
        ("JoinLegs", "5005 CompleteConference A consult=B", "TwoStepConference by 5005 on A+B: 5000 to 5001"),
        ("RingLeg", "5005 SingleStepTransfer A to=5900", "SingleStepTransfer by 5005 on A: 5000 to 5900"),
        ("HoldLeg", "5005 Park A", "Park by 5005 on A: 5000 to -"),
        ("HoldLeg", "5005 Hold A", ""),
    ],
)
def test_an_operation_that_fails_later_is_told_of(fault: str, line: str, said: str) -> None:
    play = Play(*(CONSULTING if "Complete" in line else TALKING), f"fault fail {fault}")
    play.do(line)
    whys = [one.partition(" Failed (")[0] for one in told(play)]
    assert whys == ([f"record A {said}"] if said else [])


def test_a_call_that_ends_amid_an_operation_is_known_all_the_same() -> None:
    play = Play(*CONSULTING, "fault drop JoinLegs", "5005 CompleteTransfer B", "phone 5001 hangup")
    assert told(play)[0] == ("record A TwoStepTransfer by 5005 on A+B: 5000 to 5001 Failed (a call it needs has ended)")


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("wait 7", "5001 UnPark 5000 A"), "Completed with 5001 after 7 s"),
        (("wait 7", "phone 5000 hangup"), "Abandoned after 7 s"),
        (("wait 180",), "Failed after 180 s reason=NoAnswer"),
    ],
)
def test_what_comes_of_a_parking(lines: tuple[str, ...], what: str) -> None:
    play = Play(*TALKING, "5005 Park A")
    assert segment(play, "5000").phase is Phase.HOLD
    for line in lines:
        play.do(line)
    assert f"record A Park by 5005 on A: 5000 to 701 {what}" in told(play)


def test_a_mailbox_need_not_answer() -> None:
    play = Play(*TALKING, "5005 TransferToVoicemail A mailbox=5900", "wait 3", "phone 5000 hangup")
    transfer, _, own = told(play)
    assert transfer == "record A TransferToVoicemail by 5005 on A: 5000 to 5900 Completed with 5900"
    assert own.endswith("recorded as A-v1 (by itself)")


def test_legs_of_a_version_without_segments_are_no_bug() -> None:
    play = Play(*CONSULTING)
    play.ledger.segments.clear()
    play.ledger.threads.clear()
    for line in ("5005 CompleteTransfer B", "5001 Park A", "5900 UnPark 5000 A", "phone 5000 hangup"):
        assert "refused" not in " ".join(play.do(line)), line
    assert [line.partition(" by ")[0] for line in told(play)] == [
        "record A TwoStepTransfer",
        "record A Park",
        "record A segment 5900 UnParked",
    ]


def test_a_rehearsal_leaves_nothing() -> None:
    play = Play(*CONSULTING)
    step: Step = play.board._step
    step.renew(play.scene.now)
    parent, consult, other = play.call("5005", 0), play.call("5005", 1), play.call("5000")
    before = dict(play.ledger.segments)
    transfer = accounting.handing(step, TransferKind.VOICEMAIL, parent, "5900")
    step.rehearsing = True
    accounting.begin(step, play.leg("5005"), Came(Way.CALLED))
    accounting.join(step, TransferKind.TWO_STEP, parent, consult, Reason.NORMAL)
    accounting.parked(step, parent, other, 701)
    accounting.done(step, transfer)
    accounting.in_vain(step, Came(Way.TRANSFERRED, "5005", (transfer,)), Reason.BUSY)
    assert accounting.taken(step, play.leg("5005").id) == ()
    assert (play.ledger.segments, step.records) == (before, [])


# -- threads -------------------------------------------------------------------------------------------------------


def test_two_threads_that_are_joined_are_that_of_the_one_that_was_held() -> None:
    play = Play(*TALKING, *SECOND_LINE, "5001 InitiateTransfer B to=5900", "phone 5900 answer", "5001 SwapCalls B")
    first, second = play.call("5005", 0), play.call("5005", 1)
    assert segment(play, "5900").thread == second.conversation != first.conversation
    legs = [call.leg for call in (first, second)]
    play.hear(LegsTransferred(*legs))
    (transfer,) = (record for record in records(play) if isinstance(record, Transfer))
    assert (transfer.thread, transfer.joined, transfer.asked) == (first.conversation, second.conversation, Asked.KEYS)
    assert {one.thread for one in play.ledger.segments.values()} == {first.conversation}
    assert {accounting.thread_of(one) for one in play.ledger.conversations.values()} == {first.conversation}
    assert set(play.ledger.threads) == {first.conversation}
    assert all(isinstance(one, Transfer) or one.thread == first.conversation for one in records(play))


def test_legs_without_segments_come_along() -> None:
    play = Play(*TALKING, *SECOND_LINE)
    legs = [play.call("5005", index).leg for index in (0, 1)]
    del play.ledger.segments[play.leg("5001").id]
    play.hear(LegsTransferred(*legs))
    assert {accounting.thread_of(one) for one in play.ledger.conversations.values()} == {play.call("5000").conversation}
