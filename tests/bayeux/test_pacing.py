"""So many at once, so many a second, for so many keys."""

from __future__ import annotations

from cordboard.bayeux.pacing import Pace


def test_a_burst_is_admitted_and_then_the_rate() -> None:
    pace = Pace(2.0, burst=3, keys_max=10)
    assert [pace.admits("a", 100.0) for _ in range(4)] == [True, True, True, False]
    assert not pace.admits("a", 100.4)
    assert [pace.admits("a", 100.5) for _ in range(2)] == [True, False]
    assert [pace.admits("a", 200.0) for _ in range(4)] == [True, True, True, False]


def test_keys_do_not_slow_each_other_down() -> None:
    pace = Pace(1.0, burst=1, keys_max=10)
    assert pace.admits("a", 0.0)
    assert pace.admits("b", 0.0)


def test_who_has_rested_is_forgotten() -> None:
    pace = Pace(1.0, burst=5, keys_max=10)
    pace.admits("a", 0.0)
    pace.admits("b", 0.5)
    pace.forget(1.0)
    assert len(pace) == 1


def test_there_are_never_more_keys_than_allowed() -> None:
    pace = Pace(1.0, burst=1, keys_max=3)
    assert all(pace.admits(str(number), 0.0) for number in range(100))
    assert len(pace) == 3
    assert not pace.admits("99", 0.0)
