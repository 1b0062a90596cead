"""Inputs per second through the dry core alone, with few and with many calls in progress, and the memory of a call.

Recorded transfers are played to two boards in turns, a chunk at a time, so that what else the machine does falls on
both. Deliberately absent: the script (``recording``).
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Sequence

import msgspec

from bench import measuring
from bench.measuring import Machine
from bench.recording import Input, Recording, play, prepared, record
from cordboard.calls.board import Board

AIM_PER_S = 100_000
AIM_GROWTH = 1.3
AIM_KIB = 8.0
FEW, MANY = 10, 10_000
_MEMORY_CALLS = 1_000
_CHUNK_INPUTS = 2_500


class Report(msgspec.Struct, frozen=True):
    """What ``board`` found. ``few_us`` and ``many_us`` are microseconds for each input, medians over chunks."""

    machine: Machine
    transfers: int
    inputs_per_transfer: float
    few_us: float
    many_us: float
    growth: float
    kib_per_call: float

    @property
    def per_s(self) -> float:
        return 1_000_000 / self.few_us

    def __str__(self) -> str:
        speed = f"aim: {AIM_PER_S:,}; {_met(self.per_s >= AIM_PER_S)}"
        growth = f"aim: below {AIM_GROWTH}; {_met(self.growth < AIM_GROWTH)}"
        memory = f"aim: below {AIM_KIB:g}; {_met(self.kib_per_call < AIM_KIB)}"
        return "\n".join(
            (
                "board: commands and reports through the dry core alone",
                f"{self.transfers} two-step transfers of {self.inputs_per_transfer:.1f} inputs each",
                str(self.machine),
                "",
                f"{self.per_s:,.0f} inputs/s ({speed})",
                f"{self.few_us:.2f} µs each with {FEW} calls in progress",
                f"{self.many_us:.2f} µs each with {MANY:,}: ratio {self.growth:.2f} ({growth})",
                f"{self.kib_per_call:.1f} KiB for each call in progress ({memory})",
            )
        )


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


def run(transfers: int) -> Report:
    """Measure with so many transfers."""
    few, many = record(FEW, transfers), record(MANY, transfers)
    per_input_few, per_input_many = measure([few, many])
    return Report(
        machine=measuring.machine(),
        transfers=transfers,
        inputs_per_transfer=few.counted / transfers,
        few_us=per_input_few,
        many_us=per_input_many,
        growth=per_input_many / per_input_few,
        kib_per_call=memory_kib(record(_MEMORY_CALLS, 0)),
    )


def measure(recordings: list[Recording]) -> list[float]:
    """Microseconds of CPU for each input, one figure for each recording: the median of its chunks."""
    gc.collect()
    gc.freeze()  # the recordings are not the board's: the collector must not walk through them
    try:
        boards = [_board_after_setup(recording) for recording in recordings]
        found: list[list[float]] = [[] for _ in recordings]
        for start in range(0, max(len(recording.inputs) for recording in recordings), _CHUNK_INPUTS):
            for index, recording in enumerate(recordings):
                found[index] += _cost_us(boards[index], recording.inputs[start : start + _CHUNK_INPUTS])
        return [statistics.median(costs) for costs in found]
    finally:
        gc.unfreeze()


def _board_after_setup(recording: Recording) -> Board:
    """A board with the calls in progress. Another one has shown before that the recording leads to what it led to."""
    check = recording.board()
    play(check, recording.setup)
    if play(check, recording.inputs) != (recording.events, recording.orders):
        raise RuntimeError("the recording, played again, does not lead to what it led to")
    board = recording.board()
    play(board, recording.setup)
    return board


def _cost_us(board: Board, inputs: Sequence[Input]) -> list[float]:
    """Microseconds for each command and report among these inputs, ticks included; nothing if there are none."""
    script, counted = prepared(board, inputs), sum(one.kind != "tick" for one in inputs)
    began = time.thread_time_ns()
    for method, arguments in script:
        method(*arguments)
    spent_ns = time.thread_time_ns() - began
    return [spent_ns / 1_000 / counted] if counted else []


def memory_kib(recording: Recording) -> float:
    """KiB that a board keeps for each call in progress: both parties' views, their legs and what finds them."""
    gc.collect()
    tracemalloc.start()
    try:
        board = recording.board()
        before, _ = tracemalloc.get_traced_memory()
        play(board, recording.setup)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / 1024 / recording.calls_in_progress
