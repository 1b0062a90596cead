"""The clock tells two times."""

import time

from cordboard.server.clock import Clock


def test_now_does_not_go_back() -> None:
    clock = Clock()
    first, second = clock.now(), clock.now()
    assert first <= second


def test_wall_counts_from_1970() -> None:
    before = time.time()
    assert before <= Clock().wall() <= time.time()
