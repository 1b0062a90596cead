"""The whole benchmark of notifications, for a moment: real servers, real connections; and what it says of its aims."""

from __future__ import annotations

import os

import pytest
from bench.crowd import Row
from bench.fanout import Asked, Comparison, Found, Report, aims
from bench.measuring import Machine

from bench import crowd, fanout, npm

ROW = Row(1_000.0, 0.5, 5.0, 0.1, 0.1, 0.05, 0)
OURS = Found("cordboard", "long-polling", 1_000, 20.0, ROW, ROW)
RATIO = Comparison("faye", "long-polling", 0.4, 0.9, 3.5, 0.5)


def unmet(found: Found, *ratios: Comparison) -> list[str]:
    return [aim.what for aim in aims([found], ratios) if not aim.met]


def test_aims_are_judged_against_the_best_of_the_others() -> None:
    assert unmet(OURS, RATIO) == []
    better = Comparison("other", "long-polling", 0.6, 0.9, 2.9, 0.5)
    assert unmet(OURS, RATIO, better) == [
        "CPU time to that of the best other server, long-polling",
        "full speed over long-polling to that of the best other server",
    ]


def test_memory_latency_and_loss_are_judged_without_others() -> None:
    slow = Row(1_000.0, 0.5, 20.0, 0.1, 0.1, 0.05, 1)
    assert unmet(Found("cordboard", "websocket", 10_000, 30.0, slow, None)) == [
        "KiB for each client, at most",
        "p99 at the given rate, at most",
        "messages lost",
    ]


def test_the_report_shows_everything_that_was_found() -> None:
    crowded = Found("cordboard", "long-polling", 10_000, 20.0, ROW, None)
    found = (OURS, crowded)
    text = str(Report(Machine("a", 2, "3", "6"), Asked(), found, (RATIO,), aims(found, (RATIO,)), "no node"))
    assert "no node" in text
    assert text.count("cordboard, long-polling, 10000") == 2
    assert "aim: at least 3.0; met" in text


@pytest.mark.acceptance
@pytest.mark.parametrize("others", [("faye", "cometd-nodejs-server")])
def test_everybody_is_told_everything(monkeypatch: pytest.MonkeyPatch, others: tuple[str, ...]) -> None:
    try:
        npm.node()
    except npm.CannotInstallError:
        others = ()
    monkeypatch.setattr(crowd, "WARM_UP_S", 0.05)
    monkeypatch.setattr(crowd, "SETTLE_S", 0.05)
    cores = os.sched_getaffinity(0)
    try:
        report = fanout.run(Asked(clients=10, seconds=0.4, rounds=1, rate=200.0, others=others, crowd=20))
    finally:
        os.sched_setaffinity(0, cores)
    assert len(report.found) == 4 + (3 if others else 0)
    for found in report.found:
        assert found.paced.per_s > 0, found
        assert (found.paced.lost, found.full.lost if found.full else 0) == (0, 0), found
