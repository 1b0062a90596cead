"""What a journal can say of itself in numbers, for whoever watches over it. Deliberately absent: who asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

COMMIT_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""The upper bounds of what is told of how long commits take."""


class Durations:
    """A histogram: how many took up to each bound, and beyond the last; and how long all took together."""

    __slots__ = ("bounds", "counts", "sum_s")

    def __init__(self, bounds: Sequence[float] = COMMIT_S) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum_s = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum_s += seconds


class Figures(NamedTuple):
    """Lines that were appended, and that are durable, since the start; ``unfolded`` are those whose rows are not in
    order, so that a start would have to read them."""

    appended: int
    durable: int
    unfolded: int
    waiting_bytes: int
    """About: of what is appended and not durable."""
    file_bytes: int
    commits: Durations
