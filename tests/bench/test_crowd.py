"""The arithmetic of rounds."""

from __future__ import annotations

import os

import pytest
from bench.crowd import Served, quantile_ms, resident_kib, row


def served(delivered: int = 1_000, cpu_s: float = 0.5, lost: int = 0) -> Served:
    return Served(delivered, 2.0, cpu_s, 0.1, 1.0, 5.0, lost)


def test_a_row_is_made_of_medians_but_whatever_was_lost_counts() -> None:
    found = row([served(cpu_s=0.5), served(cpu_s=9.0, lost=1), served(delivered=500, cpu_s=0.5, lost=2)])
    assert found.per_s == 500.0
    assert found.cpu_per_thousand_s == 1.0
    assert found.busy == 0.25
    assert found.load_busy == 0.05
    assert found.lost == 3


@pytest.mark.parametrize(("share", "found"), [(0.5, 0.051), (0.99, 0.1), (1.0, 0.1)])
def test_a_quantile_is_what_this_share_did_not_exceed(share: float, found: float) -> None:
    assert quantile_ms(list(range(100, 0, -1)), share) == found


def test_memory_is_that_of_the_process() -> None:
    assert 1_000 < resident_kib(os.getpid()) < 10_000_000
