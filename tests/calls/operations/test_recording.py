"""The four operations on a recording, each asked of a call that offers it (gws-v2 §3, §4.1 rows 3r, 3p, 3q)."""

from __future__ import annotations

import pytest
from tests.calls.play import RECORDABLE, RECORDED, Play

from cordboard.calls.model import Operation

PAUSED = (*RECORDED, "5002 PauseRecording A")


@pytest.mark.parametrize(
    ("before", "operation", "order", "state", "offers"),
    [
        (RECORDABLE, "StartRecording", "StartRecording A-1 for 5002", "Recording", "PauseCallRecording"),
        (RECORDED, "PauseRecording", "PauseRecording A-1", "Paused", "ResumeCallRecording"),
        (PAUSED, "ResumeRecording", "ResumeRecording A-1", "Recording", "PauseCallRecording"),
        (RECORDED, "StopRecording", "StopRecording A-1", "Stopped", "StartCallRecording"),
        (PAUSED, "StopRecording", "StopRecording A-1", "Stopped", "StartCallRecording"),
    ],
)
def test_what_is_asked_is_ordered_and_told_to_who_may_record(
    before: tuple[str, ...], operation: str, order: str, state: str, offers: str
) -> None:
    said = Play(*before).do(f"5002 {operation} A")
    told = [line for line in said if line.startswith("told ")]
    assert said[0] == "answer accepted"
    assert len(told) == 1
    assert told[0].startswith(f"told 5002 A CallRecordingStateChange Established Internal [5000] recording={state} ")
    assert offers in told[0]
    assert f"order {order}" in said


def test_nothing_of_it_is_offered_to_who_may_not_record() -> None:
    recording = {operation for operation in Operation if "Recording" in operation.value}
    assert len(recording) == 4
    assert not recording & Play(*RECORDED).permits("5000")


def test_the_recording_of_a_held_call_goes_on_and_can_be_ended_once_it_is_retrieved() -> None:
    play = Play(*RECORDED, "5002 Hold A")
    assert play.do("5002 StopRecording A")[0].startswith("answer refused")
    assert "answer accepted" in play.do("5002 Retrieve A")
    assert "kept A-1 by 5002: 0 s of 5002 5000" in play.do("5002 StopRecording A")
