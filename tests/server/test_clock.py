"""The clock tells two times."""

import time

from cordboard.server.clock import Clock


def test_now_does_not_go_back() -> None:
    clock = Clock()
    first, second = clock.now(), clock.now()
    assert first <= second


def test_now_is_about_the_time_since_1970() -> None:
    assert abs(Clock().now() - time.time()) < 5.0


def test_a_clock_does_not_show_again_what_another_one_showed() -> None:
    ahead = time.time() + 1_000.0
    assert ahead <= Clock.later_than(ahead).now() <= ahead + 5.0
    assert abs(Clock.later_than(1.0).now() - time.time()) < 5.0


def test_wall_counts_from_1970() -> None:
    before = time.time()
    assert before <= Clock().wall() <= time.time()
