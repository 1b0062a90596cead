"""What was heard, compared with the samples of the documentation."""

from __future__ import annotations

from typing import Any

from tests.acceptance.desktops import Event
from tests.kit import vectors


def notifications(vector: str) -> list[dict[str, Any]]:
    """Those that a sample prints, in its order."""
    return [step["notification"] for step in vectors.load(vector) if "notification" in step]


def agree(vector: str, heard: list[Event]) -> None:
    """Assert that what was heard is what the sample prints, all of it."""
    are_alike(notifications(vector), heard)


def are_alike(printed: list[dict[str, Any]], heard: list[Event]) -> None:
    bindings = vectors.Bindings()
    assert len(printed) == len(heard)
    for sample, message in zip(printed, heard, strict=True):
        assert vectors.compare(sample, message, bindings) == []
