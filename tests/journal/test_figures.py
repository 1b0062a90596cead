"""What is told of durations."""

from __future__ import annotations

from cordboard.journal.figures import Durations


def test_each_counts_in_the_first_bucket_that_is_large_enough() -> None:
    durations = Durations((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        durations.add(seconds)
    assert (durations.counts, durations.sum_s) == ([2, 1, 1], 7.65)
