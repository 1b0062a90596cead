"""Rooms of conferences and their pins."""

from __future__ import annotations

from cordboard.people.model import Device, Tenant, User
from cordboard.people.services import Conference

OWNER = User("1", "anna", "", Device("1", "100"), Tenant("3", "Here", "0003"))


def test_a_conference_has_a_room_and_those_that_are_scheduled() -> None:
    conference = Conference("500", OWNER, "4711", {"77": "", "78": "1"})
    assert [conference.room(number) for number in ("", "77", "79")] == ["500", "500#77", None]


def test_who_knows_the_pin_is_admitted() -> None:
    conference = Conference("500", OWNER, "4711", {"77": "", "78": "1"})
    assert [conference.admits("", pin) for pin in ("4711", "", "1")] == [True, False, False]
    assert [conference.admits(number, "x") for number in ("77", "78")] == [True, False]
    assert Conference("500", OWNER).admits("", "whatever")
