"""The figures of the board's benchmark: their arithmetic, not their size."""

from __future__ import annotations

import gc

import msgspec
import pytest
from bench.board import Report
from bench.measuring import Machine
from bench.recording import record

from bench import board


def test_a_report_says_which_aims_are_met() -> None:
    machine = Machine("a processor", 2, "3.11", "6")
    good = str(Report(machine, 100, 21.0, few_us=8.0, many_us=9.0, growth=1.125, kib_per_call=2.0))
    assert "125,000 inputs/s" in good
    assert good.count("; met)") == 3
    bad = str(Report(machine, 100, 21.0, few_us=20.0, many_us=40.0, growth=2.0, kib_per_call=9.0))
    assert "50,000 inputs/s" in bad
    assert bad.count("; not met)") == 3


def test_each_recording_gets_a_figure_and_the_collector_is_left_as_it_was() -> None:
    costs = board.measure([record(1, 3), record(5, 3)])
    assert len(costs) == 2
    assert all(cost > 0 for cost in costs)
    assert gc.get_freeze_count() == 0


def test_a_recording_that_leads_elsewhere_is_noticed() -> None:
    wrong = msgspec.structs.replace(record(1, 2), events=1)
    with pytest.raises(RuntimeError, match="does not lead"):
        board.measure([wrong])


def test_the_memory_of_calls_in_progress_is_measured() -> None:
    assert 0.5 < board.memory_kib(record(50, 0)) < 20


def test_the_whole_benchmark_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MANY", 20)
    monkeypatch.setattr(board, "_MEMORY_CALLS", 10)
    found = board.run(5)
    assert found.inputs_per_transfer > 10
    assert found.growth == pytest.approx(found.many_us / found.few_us)
