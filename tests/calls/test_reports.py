"""Reports: those about a leg name it first, so that the board finds it without knowing what happened."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordboard.calls import reports
from cordboard.calls.model import Reason
from cordboard.calls.reports import (
    AnyReport,
    LegDigits,
    LegEnded,
    LegOffered,
    LegReport,
    LegRinging,
    LegSeen,
    LegsTransferred,
    OrderFailed,
    RecordingSeen,
    SwitchDown,
    SwitchSnapshot,
)

KINDS: tuple[type[msgspec.Struct], ...] = get_args(AnyReport)
OF_LEGS: tuple[type[msgspec.Struct], ...] = get_args(LegReport)


def test_the_union_names_every_report() -> None:
    """``LegSeen`` and ``RecordingSeen`` are lines in a snapshot, not reports."""
    named = {value for value in vars(reports).values() if isinstance(value, type) and issubclass(value, msgspec.Struct)}
    assert set(KINDS) == named - {LegSeen, RecordingSeen}
    assert set(OF_LEGS) < set(KINDS)


@pytest.mark.parametrize("kind", [*OF_LEGS, LegOffered, LegSeen], ids=lambda kind: kind.__name__)
def test_reports_about_legs_name_the_leg_first(kind: type[msgspec.Struct]) -> None:
    assert kind.__struct_fields__[0] == "leg"


def test_what_a_switch_does_not_say_is_the_usual() -> None:
    assert LegEnded("leg").reason is Reason.NORMAL
    assert LegOffered("leg", "5000", "5005").external is False
    assert SwitchSnapshot() == SwitchSnapshot(legs=(), recordings=())
    assert RecordingSeen("A-1").paused is False
    assert LegSeen("leg", "5000", answered=True) == LegSeen("leg", "5000", True, False, "", False)


def test_reports_are_frozen() -> None:
    with pytest.raises(AttributeError):
        LegEnded("leg").leg = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "report",
    [
        OrderFailed(7, "why"),
        LegOffered("leg", "5000", "5005", external=True),
        LegRinging("leg"),
        LegDigits("leg", "1"),
        LegsTransferred("leg", "other"),
        LegEnded("leg", Reason.BUSY),
        SwitchDown(),
        SwitchSnapshot((LegSeen("leg", "5000", True, place="music"),), (RecordingSeen("A-1", paused=True),)),
    ],
    ids=lambda report: type(report).__name__,
)
def test_a_report_that_was_written_down_is_read_as_the_same(report: AnyReport) -> None:
    assert msgspec.json.decode(msgspec.json.encode(report), type=AnyReport) == report
