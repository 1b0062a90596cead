import msgspec
import pytest
from tests.kit.asterisk_dry import Dry

from cordboard.calls.model import Recording
from cordboard.calls.orders import (
    DropLeg,
    HoldLeg,
    JoinLegs,
    PauseRecording,
    ResumeRecording,
    StartRecording,
    StopRecording,
)
from cordboard.calls.recordings import Recorded
from cordboard.calls.records import Remembered, Tape
from cordboard.calls.reports import OrderDone, OrderFailed, RecordingEnded, RecordingSeen, SwitchSnapshot
from cordboard.switches.ari.taping import Complete
from cordboard.switches.ari.tracker import AnswerMode

START = StartRecording(10, "rec", "mix", "call", "5000")
PAUSE, RESUME, STOP = PauseRecording(11, "rec"), ResumeRecording(12, "rec"), StopRecording(13, "rec")


@pytest.fixture
def dry() -> Dry:
    """Two talk."""
    made = Dry()
    made.up("a", "b", "c")
    made.do(JoinLegs(1, "mix", mixed=("a", "b")))
    made.forget()
    return made


@pytest.fixture
def taped(dry: Dry) -> Dry:
    assert dry.do(START) == [OrderDone(10)]
    dry.forget()
    return dry


def parts(dry: Dry) -> list[str]:
    """Those of the only recording that is complete."""
    (complete,) = dry.driver.take_recordings()
    return list(complete.parts)


def complete(*parties: str) -> Complete:
    return Complete(Recorded("rec", "mix", "call", "5000", parties, 0.0, 0.0), ("rec",))


def test_a_recording_is_made_and_told_when_it_is_over(taped: Dry) -> None:
    assert list(taped.likeness.recordings) == ["rec"]
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]
    assert taped.driver.take_recordings() == [complete("5000", "5001")]
    assert taped.driver.take_recordings() == []


def test_whoever_joins_is_one_of_its_parties(taped: Dry) -> None:
    taped.do(JoinLegs(2, "mix", mixed=("c",)), HoldLeg(3, music=("a",)), JoinLegs(4, "mix", mixed=("a",)), STOP)
    assert taped.driver.take_recordings() == [complete("5000", "5001", "5002")]


def test_a_part_ends_when_the_mix_is_empty_and_the_next_begins_when_somebody_joins(taped: Dry) -> None:
    taped.do(HoldLeg(2, music=("a", "b")))
    assert taped.likeness.recordings == {}
    taped.do(JoinLegs(3, "mix", mixed=("a",)))
    assert list(taped.likeness.recordings) == ["rec.2"]
    taped.do(STOP)
    assert parts(taped) == ["rec", "rec.2"]


def test_an_empty_mix_is_recorded_from_when_somebody_joins(dry: Dry) -> None:
    start = StartRecording(10, "rec", "other", "call", "5000")
    assert dry.do(start) == [OrderDone(10)]
    assert dry.likeness.recordings == {}
    dry.do(JoinLegs(2, "other", mixed=("c",)))
    assert list(dry.likeness.recordings) == ["rec"]


def test_it_is_paused_and_goes_on(taped: Dry) -> None:
    assert taped.do(PAUSE) == [OrderDone(11)]
    assert taped.likeness.recordings["rec"].paused
    assert taped.do(RESUME) == [OrderDone(12)]
    assert not taped.likeness.recordings["rec"].paused


def test_while_it_is_paused_no_part_begins(taped: Dry) -> None:
    taped.do(PAUSE, HoldLeg(2, music=("a", "b")), JoinLegs(3, "mix", mixed=("a", "b")))
    assert taped.likeness.recordings == {}
    assert taped.do(RESUME) == [OrderDone(12)]
    assert list(taped.likeness.recordings) == ["rec.2"]
    assert taped.do(PAUSE) == [OrderDone(11)]
    for _ in range(2):
        taped.do(HoldLeg(4, music=("a", "b")))
        taped.do(JoinLegs(5, "mix", mixed=("a", "b")))
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]


def test_a_part_is_paused_and_stopped_only_when_it_has_begun(dry: Dry) -> None:
    dry.begin(START, PAUSE, STOP)
    assert [request.path for _, request in dry.driver.outbox.requests] == ["bridges/mix~1/record"]
    assert dry.pump() == [OrderDone(10), OrderDone(11), OrderDone(13), RecordingEnded("rec")]


def test_what_is_over_before_it_has_begun_is_as_good_as_stopped(dry: Dry) -> None:
    assert dry.begin(START, STOP, HoldLeg(2, music=("a", "b"))) == [OrderDone(13), RecordingEnded("rec")]
    assert OrderDone(10) in dry.pump()
    assert dry.likeness.recordings == {}


def test_a_recording_that_is_over_can_be_stopped_again(taped: Dry) -> None:
    taped.begin(STOP, StopRecording(14, "rec"))
    assert taped.heard == [OrderDone(14)]
    taped.pump()
    assert taped.do(StopRecording(15, "rec")) == [OrderDone(15)]


def test_names_are_used_once(taped: Dry) -> None:
    assert taped.do(START) == [OrderFailed(10, "there is a recording 'rec' already")]


@pytest.mark.parametrize("order", [PAUSE, RESUME])
def test_what_is_not_recorded_is_not_paused(dry: Dry, order: PauseRecording | ResumeRecording) -> None:
    assert dry.do(order) == [OrderFailed(order.order, "there is no recording 'rec'")]


# -- failures --------------------------------------------------------------------------------------------------------


def test_a_recording_that_can_t_be_made_is_none(dry: Dry) -> None:
    dry.fail(500)
    assert dry.do(START) == [OrderFailed(10, "POST bridges/mix~1/record: 500 it was told to fail")]
    assert dry.driver.take_recordings() == []
    assert dry.do(START) == [OrderDone(10)]


def test_nor_is_one_that_had_nobody_to_record_when_its_mix_could_not_be_made(dry: Dry) -> None:
    dry.fail(500)
    (failed,) = dry.do(StartRecording(10, "rec", "other", "call", "5000"))
    assert isinstance(failed, OrderFailed)
    assert "other" not in dry.driver._tracker.mixes


def test_a_part_that_can_t_be_made_ends_the_recording_and_that_is_told(taped: Dry) -> None:
    taped.do(HoldLeg(2, music=("a", "b")))
    taped.begin(JoinLegs(3, "mix", mixed=("a", "b")))
    taped.fail(500)
    assert RecordingEnded("rec") in taped.pump()
    assert parts(taped) == ["rec", "rec.2"]


def test_a_pause_that_fails_changes_nothing(taped: Dry) -> None:
    taped.fail(500)
    (failed,) = taped.do(PAUSE)
    assert isinstance(failed, OrderFailed)
    assert taped.driver._taping.seen() == (RecordingSeen("rec"),)


def test_a_recording_that_can_t_be_stopped_goes_on(taped: Dry) -> None:
    taped.begin(STOP)
    ((number, _),) = taped.driver.outbox.requests
    taped.driver.outbox.requests.clear()
    taped.driver.answered(number, 500, "", 0.0)
    taped.flush()
    assert taped.heard == [OrderFailed(13, "POST recordings/live/rec/stop: 500")]
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]


def test_a_recording_that_asterisk_ends_has_ended(taped: Dry) -> None:
    taped.tell("RecordingFailed", recording=taped.likeness.recordings.pop("rec").shown())
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]


@pytest.mark.parametrize("kind", ["RecordingStarted", "RecordingFinished"])
def test_other_programs_recordings_are_not_ours(taped: Dry, kind: str) -> None:
    for name in ("theirs", "rec.7"):
        assert taped.tell(kind, recording={"name": name, "state": "done"}) == []
    assert list(taped.driver.recordings) == ["rec"]


# -- after the link was lost -----------------------------------------------------------------------------------------


def test_a_recording_goes_on_while_there_is_no_link(taped: Dry) -> None:
    taped.likeness.recordings["rec"].paused = True
    taped.cut()
    snapshot = taped.mend()[0]
    assert isinstance(snapshot, SwitchSnapshot)
    assert snapshot.recordings == (RecordingSeen("rec", paused=True),)


def test_one_that_ended_meanwhile_goes_on_with_another_part(taped: Dry) -> None:
    taped.cut()
    del taped.likeness.recordings["rec"]
    taped.mend()
    assert list(taped.likeness.recordings) == ["rec.2"]


@pytest.fixture
def lingering(taped: Dry) -> Dry:
    """The first part could not be stopped when its mix was to be empty, and the second is being made."""
    taped.fail(0, 0, 500, 500)  # nor could the last be taken out
    taped.do(HoldLeg(20, music=("a", "b")))
    taped.do(JoinLegs(22, "mix", mixed=("a", "b")))
    assert list(taped.likeness.recordings) == ["rec", "rec.2"]
    return taped


def test_a_part_that_was_to_end_before_the_link_was_lost_ends(lingering: Dry) -> None:
    lingering.cut()
    lingering.mend()
    assert list(lingering.likeness.recordings) == ["rec.2"]


def test_one_whose_mix_is_gone_is_over(taped: Dry) -> None:
    taped.cut()
    taped.likeness.restart()
    assert taped.mend()[1:] == [RecordingEnded("rec")]


def test_a_mailbox_begins_with_a_tone(dry: Dry) -> None:
    dry.do(StartRecording(10, "mix-v1", "mix", "call", "5002"))
    assert [request.rpartition("/")[2] for request in dry.asked] == ["play", "record"]
    assert list(dry.likeness.recordings) == ["mix-v1"]


def kick(dry: Dry, *legs: str) -> None:
    """Somebody takes these out of their bridge at Asterisk's console, all of them at once."""
    for leg in legs:
        dry.likeness.kick(dry.channel(leg))
    dry.pump()


def test_a_recording_that_ended_as_all_were_taken_out_goes_on_when_they_are_back(taped: Dry) -> None:
    kick(taped, "a", "b")
    assert list(taped.likeness.recordings) == ["rec.2"]
    taped.do(STOP)
    assert parts(taped) == ["rec", "rec.2"]


def test_a_recording_that_somebody_stayed_in_goes_on(taped: Dry) -> None:
    kick(taped, "a")
    taped.do(PAUSE)
    kick(taped, "a")
    taped.do(STOP)
    assert parts(taped) == ["rec"]


def test_asterisk_is_asked_again_whether_it_goes_on_and_not_for_ever(taped: Dry) -> None:
    taped.fail(0, 0, *[500] * 9)
    kick(taped, "a")
    assert taped.asked.count("GET recordings/live/rec") == 4


def test_whoever_ended_it_meanwhile_has_ended_it(taped: Dry) -> None:
    taped.likeness.kick(taped.channel("a"))
    while "GET recordings/live/rec" not in taped.asked:
        taped.begin(*[STOP] if taped.asked and "addChannel" in taped.asked[-1] else [])
        taped.step()
    taped.pump()
    assert parts(taped) == ["rec"]


def test_of_a_recording_that_pauses_between_two_parts_nothing_is_asked(taped: Dry) -> None:
    taped.do(HoldLeg(2, music=("a", "b")), PAUSE, JoinLegs(3, "mix", mixed=("a", "b")))
    taped.asked.clear()
    kick(taped, "a")
    assert taped.asked == ["GET bridges/mix~1", "POST bridges/mix~1/addChannel"]


def test_what_was_to_be_paused_is_over_when_the_next_part_can_t_be_made(taped: Dry) -> None:
    taped.do(HoldLeg(2, music=("a", "b")))
    taped.begin(JoinLegs(3, "mix", mixed=("a", "b")), PAUSE)
    while "record" not in str(taped.driver.outbox.requests[:1]):
        taped.step()
    taped.fail(500)
    assert OrderDone(11) in taped.pump()
    assert not taped.driver.outbox._open


def test_whoever_leaves_as_it_begins_is_not_in_it(dry: Dry) -> None:
    """An agent who sends a caller to a mailbox is still there when the message is ordered."""
    dry.do(StartRecording(10, "rec", "mix", "call", "5003"), DropLeg(11, "b"))
    dry.do(STOP)
    (one,) = dry.driver.take_recordings()
    assert one.recorded.parties == ("5003", "5000")


# -- a process that is gone -------------------------------------------------------------------------------------------


def anew(dry: Dry, *tapes: Tape) -> SwitchSnapshot:
    """The process is started anew, and knows that these recordings were made."""
    for queue in (dry.driver.outbox.requests, dry.driver.outbox.reports):
        queue.clear()
    dry.driver = Dry().driver
    dry.driver.resume(Remembered(tapes), 5.0)
    (snapshot,) = [report for report in dry.mend() if isinstance(report, SwitchSnapshot)]
    return snapshot


TAPE = Tape("rec", "mix", Recording.RECORDING, call="call", starter="5000", began=2.0, parties=("5000", "5001", "5003"))


def test_a_recording_of_an_earlier_process_goes_on(taped: Dry) -> None:
    assert anew(taped, TAPE).recordings == (RecordingSeen("rec"),)
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]
    (one,) = taped.driver.take_recordings()
    assert (one.parts, one.recorded.began, one.recorded.starter) == (("rec",), 2.0, "5000")
    assert one.recorded.parties == ("5000", "5001", "5003"), "the last has left"


def test_parts_that_are_complete_belong_to_it(taped: Dry) -> None:
    taped.do(HoldLeg(20, music=("a", "b")))
    taped.do(JoinLegs(21, "mix", mixed=("a", "b")))
    assert list(taped.likeness.recordings) == ["rec.2"]
    assert anew(taped, TAPE).recordings == (RecordingSeen("rec"),)
    taped.do(STOP)
    assert parts(taped) == ["rec", "rec.2"]


def test_parts_that_were_to_end_do(lingering: Dry) -> None:
    assert anew(lingering, TAPE).recordings == (RecordingSeen("rec"),)
    assert list(lingering.likeness.recordings) == ["rec.2"]
    lingering.do(STOP)
    assert parts(lingering) == ["rec", "rec.2"]


def test_one_that_is_paused_stays_so(taped: Dry) -> None:
    taped.do(PAUSE)
    taped.do(HoldLeg(20, music=("a", "b")))
    taped.do(JoinLegs(21, "mix", mixed=("a", "b")))
    assert not taped.likeness.recordings
    assert anew(taped, msgspec.structs.replace(TAPE, state=Recording.PAUSED)).recordings == (
        RecordingSeen("rec", True),
    )
    taped.pump()
    assert not taped.likeness.recordings
    taped.do(RESUME)
    assert list(taped.likeness.recordings) == ["rec.2"]


def test_one_that_asterisk_does_not_know_is_none(dry: Dry) -> None:
    ordered = msgspec.structs.replace(TAPE, state=Recording.STOPPED)
    assert anew(dry, ordered, Tape("stray", "")).recordings == ()
    assert dry.driver.remembered == ()


def test_one_of_an_earlier_process_that_nobody_was_in_yet_waits_for_somebody(dry: Dry) -> None:
    dry.do(HoldLeg(29, music=("a", "b")))
    assert anew(dry, TAPE).recordings == (RecordingSeen("rec"),)
    assert not dry.likeness.recordings
    dry.do(JoinLegs(30, "mix", mixed=("a",)))
    assert list(dry.likeness.recordings) == ["rec"]


def test_one_of_an_earlier_process_goes_on_in_another_bridge_if_its_own_is_gone(taped: Dry) -> None:
    for leg in ("a", "b"):
        taped.likeness.hang_up(taped.channel(leg))
    taped.likeness.bridges.clear()
    taped.likeness.take()
    taped.forget()
    assert anew(taped, TAPE).recordings == (RecordingSeen("rec"),)
    assert not taped.likeness.bridges
    assert taped.do(JoinLegs(30, "mix", mixed=("c",))) == [OrderDone(30)]
    assert list(taped.likeness.recordings) == ["rec.2"]
    taped.do(STOP)
    assert parts(taped) == ["rec", "rec.2"]


def test_one_of_an_earlier_process_whose_mix_nobody_needs_leaves_nothing(taped: Dry) -> None:
    taped.likeness.bridges.clear()
    for leg in ("a", "b"):
        taped.likeness.hang_up(taped.channel(leg))
    anew(taped, TAPE)
    assert taped.do(STOP) == [OrderDone(13), RecordingEnded("rec")]
    assert (taped.asked, taped.driver._tracker.mixes) == ([], {})


def test_one_in_whose_bridge_only_a_line_without_a_call_is_left_waits(taped: Dry) -> None:
    """Whoever is taken out is the last, and Asterisk ends the recording then, without a word."""
    (waiting,) = taped.likeness.lines("5000")
    taped.likeness.hang_up(taped.channel("b"))
    taped.driver = Dry(AnswerMode.NAILED_UP).driver
    taped.driver.resume(Remembered((TAPE,)), 5.0)
    taped.mend()
    assert (waiting.bridge, taped.likeness.recordings) == ("", {})
    taped.do(STOP)
    assert parts(taped) == ["rec"]
