"""What a switch hands over, and what is kept of it."""

from __future__ import annotations

import pytest

from cordboard.calls.recordings import Kept, Recorded, is_message, message_name

RECORDED = Recorded("A-1", "A", "A", "5002", ("5002", "5000"), 100.0, 12.5)
KEPT = Kept("A-1", "A", "A", "id", "3", "5002", ("5002", "5000"), 1.7e9, 12.5, 200_044)


@pytest.mark.parametrize("value", [RECORDED, KEPT], ids=lambda value: type(value).__name__)
def test_a_complete_recording_does_not_change(value: Recorded | Kept) -> None:
    with pytest.raises(AttributeError):
        value.seconds = 13.0  # type: ignore[misc]


def test_what_is_kept_tells_everything_that_was_handed_over() -> None:
    assert set(Recorded.__struct_fields__) < set(Kept.__struct_fields__)


def test_messages_are_told_from_other_recordings_by_their_names() -> None:
    assert message_name("C1", 2) == "C1-v2"
    assert is_message("C1-v2")
    assert not is_message("C1-2")
    assert not is_message("")
