"""Every row of the table that can be read is read; the others can't, for a reason that is written down."""

from __future__ import annotations

import pytest
from tests.kit.rows import REACHABLE, UNREACHABLE, Cell, cells_of, stories, why_unreachable

from cordboard.calls.permits import TABLE


def read() -> set[Cell]:
    return set().union(*(cells_of(story) for story in stories()))


def test_every_row_that_can_be_reached_is_reached_and_no_other() -> None:
    assert read() == REACHABLE


@pytest.mark.parametrize("reason", [reason for reason, _ in UNREACHABLE])
def test_each_reason_is_needed(reason: str) -> None:
    others = [applies for other, applies in UNREACHABLE if other != reason]
    alone = [cell for cell in TABLE if why_unreachable(cell) and not any(applies(*cell) for applies in others)]
    assert alone
