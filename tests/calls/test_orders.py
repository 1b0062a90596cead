"""Orders: one number each, and three names for a placement by what it is for."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from cordboard.calls import orders
from cordboard.calls.model import MonitorKind
from cordboard.calls.orders import (
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    Order,
    PlaceLegs,
    RingLeg,
    SendDigits,
    SpyLeg,
    StartRecording,
)

KINDS: tuple[type[Order], ...] = get_args(AnyOrder)


def test_the_union_names_every_order_but_the_common_parts() -> None:
    named = {value for value in vars(orders).values() if isinstance(value, type) and issubclass(value, Order)}
    assert set(KINDS) == named - {Order, PlaceLegs}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_number_comes_first_in_every_order(kind: type[Order]) -> None:
    """Reports carry it, and drivers find it without knowing what is ordered."""
    assert kind.__struct_fields__[0] == "order"


@pytest.mark.parametrize("kind", [JoinLegs, HoldLeg, RingLeg])
def test_a_placement_leaves_alone_whoever_it_does_not_name(kind: type[PlaceLegs]) -> None:
    order = kind(7)
    assert (order.mix, order.mixed, order.music, order.ringback, order.quiet) == ("", (), (), (), ())


def test_placements_for_different_ends_are_different_orders() -> None:
    placements: list[PlaceLegs] = [JoinLegs(7), HoldLeg(7), RingLeg(7)]
    assert [one == other for one in placements for other in placements].count(True) == 3


def test_orders_are_frozen_and_compare_by_what_they_are() -> None:
    order = MuteLeg(3, "leg", True)
    assert order == MuteLeg(3, "leg", muted=True)
    with pytest.raises(AttributeError):
        order.leg = "other"  # type: ignore[misc]


def test_nobody_is_answered_by_force_unless_it_is_said() -> None:
    assert DialLeg(1, "leg", "5005", "5000", "C1").auto_answer is False
    assert DropLeg(2, "leg").reason.value == ""


def test_a_supervisor_is_no_placement() -> None:
    """A driver that knows placements only would let everybody hear it."""
    assert not isinstance(SpyLeg(1, "leg", "C1", "agent", MonitorKind.COACH), PlaceLegs)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_order_that_was_written_down_is_read_as_the_same(kind: type[Order]) -> None:
    fields = {DialLeg: ("leg", "5005", "5000", "C1"), MuteLeg: ("leg", True)}
    fields |= {SpyLeg: ("leg", "C1", "agent", MonitorKind.COACH), SendDigits: ("leg", "12#")}
    fields |= {StartRecording: ("C1-1", "C1", "C1", "5000"), JoinLegs: ("C1", ("a", "b"), ("c",))}
    order = kind(7, *fields.get(kind, () if issubclass(kind, PlaceLegs) else ("leg",)))
    assert msgspec.json.decode(msgspec.json.encode(order), type=AnyOrder) == order
