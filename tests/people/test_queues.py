"""Queues are found by their numbers."""

from __future__ import annotations

from tests.uapi.front import ANN, JOHN, QUEUES

from cordboard.people.queues import Queues


def test_a_queue_is_found_by_its_number_and_at_home_by_the_short_one() -> None:
    queues = Queues(QUEUES)
    ours, theirs = QUEUES
    assert queues.find("0003*300", ANN) is ours
    assert (queues.find("300", JOHN), queues.find("300", ANN)) == (ours, theirs)
    assert queues.find("0003*301", JOHN) is None
    assert Queues().find("300", JOHN) is None
