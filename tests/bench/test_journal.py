"""The journal's benchmark: its arithmetic, not its size."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.journal import Commits, Report, Start
from bench.measuring import Machine

from bench import journal

MACHINE = Machine("a processor", 2, "3.11", "6")


def test_a_report_says_which_aims_are_met() -> None:
    start = Start(10_000, 1_000_000, 60_000, mib=250.0, opened_s=0.5, restored_s=0.75, written_s=0.25)
    good = str(Report(MACHINE, 2_000, (Commits(32, 900.0, 1_000.0, 0.9),), start))
    assert "32 in flight:       900 commits/s, floor     1,000: ratio 0.90 (aim: at least 0.8; met)" in good
    assert "1,000,000 commits behind them (250 MiB): 1.50 s (aim: below 3; met)" in good
    bad = str(
        Report(
            MACHINE,
            2_000,
            (Commits(1, 100.0, 1_000.0, 0.1),),
            Start(1, 1, 1, mib=1.0, opened_s=9.0, restored_s=1.0, written_s=0.0),
        )
    )
    assert bad.count("not met") == 2


def test_the_whole_benchmark_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(journal, "IN_FLIGHT", (1, 3))
    monkeypatch.setattr(journal, "_UNFOLDED", 20)
    found = journal.run(0.05, 1, 100, 10)
    assert [one.in_flight for one in found.commits] == [1, 3]
    assert all(one.per_s > 0 and one.floor_per_s > 0 for one in found.commits)
    assert found.entry_bytes > 1_500
    assert (found.start.calls, found.start.commits) == (10, 100)
    assert list(tmp_path.iterdir()) == []


def test_a_start_that_reads_too_little_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "make_old", lambda *_: None)
    with pytest.raises(RuntimeError, match="0 calls are there"):
        journal.start_up(tmp_path / "a.db", 10, 10)
