"""The arithmetic of the benchmarks."""

from __future__ import annotations

import os
import time

import pytest
from bench.measuring import Window

from bench import measuring


def window(transfers: int = 1_000, cpu_s: float = 1.0, wall_s: float = 2.0) -> Window:
    return Window(transfers, wall_s, cpu_s, frames=transfers * 8, pushed_bytes=transfers * 100)


def test_figures_are_per_thousand_transfers_and_per_second() -> None:
    found = window(transfers=500, cpu_s=1.0, wall_s=4.0)
    assert found.cpu_per_thousand_s == 2.0
    assert found.per_s == 125.0
    assert found.busy == 0.25


def test_a_summary_is_made_of_medians() -> None:
    found = measuring.summary([window(cpu_s=1.0), window(cpu_s=9.0), window(cpu_s=2.0)])
    assert found.cpu_per_thousand_s == 2.0
    assert found.per_s == 500.0
    assert found.busy == 1.0
    assert found.frames_per_transfer == 8.0
    assert found.bytes_per_transfer == 100.0


def test_each_round_is_compared_with_the_floor_beside_it() -> None:
    products = [window(cpu_s=2.0), window(cpu_s=40.0), window(cpu_s=3.0)]
    floors = [window(cpu_s=1.0), window(cpu_s=10.0), window(cpu_s=1.0)]
    assert measuring.median_ratio(products, floors) == 3.0


def test_rounds_without_a_partner_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        measuring.median_ratio([window(), window()], [window()])


def test_cpu_time_is_user_and_system_time_whatever_the_name_of_the_process() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    fields = ["S", "1", "1", "1", "0", "-1", "0", "0", "0", "0", "0", str(3 * ticks), str(2 * ticks), "7", "7"]
    assert measuring.parse_stat(f"42 (a (b) c) {' '.join(fields)}") == 5.0


def test_the_own_process_uses_cpu_time() -> None:
    before = measuring.cpu_s(os.getpid())
    deadline = time.process_time() + 0.05
    while time.process_time() < deadline:
        pass
    assert measuring.cpu_s(os.getpid()) > before


def test_the_machine_is_described() -> None:
    assert f"{len(os.sched_getaffinity(0))} cores" in str(measuring.machine())


def test_server_and_load_do_not_share_a_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {5, 3, 4})
    assert measuring.two_cores() == (3, 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {3})
    assert measuring.two_cores() == (None, None)


def test_without_a_core_to_choose_nothing_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda pid, cores: pinned.append((pid, cores)))
    measuring.pin(7, None)
    measuring.pin(7, 2)
    assert pinned == [(7, {2})]
