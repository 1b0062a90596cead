"""The whole benchmark of transfers, for a moment: real processes, real connections."""

from __future__ import annotations

import os

import pytest
from bench.measuring import Machine, Summary
from bench.operations import Report

from bench import load, operations

SUMMARY = Summary(1.0, 900.0, 0.9, 8.0, 13_000.0)


def report(ratio: float) -> Report:
    machine = Machine("a processor", 2, "3.11", "6")
    return Report(machine, 8, 3, 5, 7, SUMMARY, SUMMARY, SUMMARY, ratio, 1.5, SUMMARY, 9.0, SUMMARY, ratio - 1.35)


@pytest.mark.parametrize(("ratio", "word"), [(2.5, "met"), (2.51, "not met")])
def test_the_report_says_whether_the_aim_is_met(ratio: float, word: str) -> None:
    assert f"2.5; {word})" in str(report(ratio))
    assert f"1.15; {word}), 9.00" in str(report(ratio))


@pytest.mark.acceptance
def test_the_floor_answers_as_many_requests_and_frames_as_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "WARM_UP_S", 0.05)
    cores = os.sched_getaffinity(0)
    try:
        found = operations.run(0.6, 1, 2)
    finally:
        os.sched_setaffinity(0, cores)
    assert found.requests == 5
    assert found.notifications == 7
    assert found.product.per_s > 0
    assert found.floor.per_s > 0
    assert found.kept.per_s > 0
    # A transfer may have begun before the measured moment or end after it, so the averages differ a little.
    assert found.floor.frames_per_transfer == pytest.approx(found.product.frames_per_transfer, rel=0.2)
    assert found.floor.bytes_per_transfer == pytest.approx(found.product.bytes_per_transfer, rel=0.2)
