"""The recorder: lengths without the pauses, and who was there."""

from __future__ import annotations

import pytest

from cordboard.calls.orders import PauseRecording, ResumeRecording, StartRecording, StopRecording
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import RecordingSeen
from cordboard.switches.virtual.recorder import Recorder

START = StartRecording(1, "A-1", "A", "C", "10")


@pytest.fixture
def recorder() -> Recorder:
    """A-1 is being recorded since 100, with 10 and 20 in the mix."""
    recorder = Recorder()
    assert recorder.start(START, ["20", "10"], 100.0) is None
    return recorder


def test_pauses_do_not_count(recorder: Recorder) -> None:
    assert recorder.pause(PauseRecording(2, "A-1"), 103.0) is None
    assert recorder.seen() == (RecordingSeen("A-1", paused=True),)
    assert recorder.pause(PauseRecording(3, "A-1"), 105.0) is None
    assert recorder.resume(ResumeRecording(4, "A-1"), 110.0) is None
    assert recorder.resume(ResumeRecording(5, "A-1"), 111.0) is None
    assert recorder.seen() == (RecordingSeen("A-1", paused=False),)
    assert recorder.stop(StopRecording(6, "A-1"), 114.5)
    assert recorder.take() == [Recorded("A-1", "A", "C", "10", ("10", "20"), 100.0, 7.5)]
    assert (recorder.take(), recorder.seen()) == ([], ())


def test_one_that_ends_in_a_pause_is_as_long_as_before_it(recorder: Recorder) -> None:
    recorder.pause(PauseRecording(2, "A-1"), 103.0)
    recorder.stop(StopRecording(3, "A-1"), 200.0)
    assert recorder.take()[0].seconds == 3.0


def test_a_clock_that_seems_to_go_back_takes_nothing_away(recorder: Recorder) -> None:
    recorder.stop(StopRecording(3, "A-1"), 99.0)
    assert recorder.take()[0].seconds == 0.0


def test_whoever_comes_into_the_mix_is_a_party_once(recorder: Recorder) -> None:
    for mix, number in (("A", "30"), ("other", "40"), ("A", "20")):
        recorder.joined(mix, number)
    recorder.stop(StopRecording(2, "A-1"), 101.0)
    recorder.joined("A", "50")
    assert recorder.take()[0].parties == ("10", "20", "30")


def test_what_is_not_there_can_be_stopped_but_nothing_else(recorder: Recorder) -> None:
    assert recorder.pause(PauseRecording(2, "A-2"), 101.0) == "there is no recording 'A-2'"
    assert recorder.resume(ResumeRecording(2, "A-2"), 101.0) == "there is no recording 'A-2'"
    assert not recorder.stop(StopRecording(2, "A-2"), 101.0)
    assert recorder.seen() == (RecordingSeen("A-1"),)


def test_a_recording_has_a_name_of_its_own(recorder: Recorder) -> None:
    assert recorder.start(START, (), 105.0) == "recording 'A-1' exists already"
    assert recorder.start(StartRecording(2, "", "B", "C", "10"), (), 105.0) == "a recording needs a name"
    assert recorder.seen() == (RecordingSeen("A-1"),)


def test_all_are_ended_when_the_switch_lets_go(recorder: Recorder) -> None:
    assert recorder.start(StartRecording(2, "A-2", "A", "C", "30"), (), 101.0) is None
    recorder.stop_all(105.0)
    assert [(one.id, one.seconds) for one in recorder.take()] == [("A-1", 5.0), ("A-2", 4.0)]
    assert recorder.seen() == ()
    assert recorder.start(START, (), 106.0) is None


def test_a_mailbox_is_told_from_other_recordings_of_a_mix(recorder: Recorder) -> None:
    recorder.start(StartRecording(7, "M-1", "M", "C", "5002"), ["5000"], 0.0)
    assert not recorder.takes_message("M")
    recorder.start(StartRecording(8, "M-v2", "M", "C", "5001"), ["5000"], 0.0)
    assert recorder.takes_message("M")
    assert not recorder.takes_message("N")
