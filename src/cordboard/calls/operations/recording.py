"""The recording of a conversation: begun, paused, taken up again, ended. How that goes on is told in ``taping``."""

from __future__ import annotations

from cordboard.calls import taping
from cordboard.calls.commands import PauseRecording, ResumeRecording, StartRecording, StopRecording
from cordboard.calls.model import Call, Operation
from cordboard.calls.operations.handler import Handler, Table, no_objection
from cordboard.calls.step import Step


def _start(step: Step, call: Call, _: StartRecording) -> None:
    taping.start(step, call)


def _pause(step: Step, call: Call, _: PauseRecording) -> None:
    taping.change(step, call, Operation.PAUSE_RECORDING)


def _resume(step: Step, call: Call, _: ResumeRecording) -> None:
    taping.change(step, call, Operation.RESUME_RECORDING)


def _stop(step: Step, call: Call, _: StopRecording) -> None:
    taping.change(step, call, Operation.STOP_RECORDING)


HANDLERS: Table = {
    StartRecording: Handler(Operation.START_RECORDING, no_objection, _start),
    PauseRecording: Handler(Operation.PAUSE_RECORDING, no_objection, _pause),
    ResumeRecording: Handler(Operation.RESUME_RECORDING, no_objection, _resume),
    StopRecording: Handler(Operation.STOP_RECORDING, no_objection, _stop),
}
