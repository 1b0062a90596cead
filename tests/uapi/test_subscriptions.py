"""Subscriptions outlast the process by their keeper; what they lead to is in test_extensions.py."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import pytest

from cordboard.uapi.chronicle import Happening, Kind
from cordboard.uapi.problems import Problem
from cordboard.uapi.subscriptions import Subscription, Subscriptions

HAPPENING = Happening(Kind.DIAL_IN, "210", "ab", "024", "210", "210", answered=False)


class Box:
    def __init__(self) -> None:
        self.kept: list[Subscription] = []

    def load(self) -> Iterable[Subscription]:
        return self.kept

    def save(self, subscriptions: Iterable[Subscription]) -> None:
        self.kept = list(subscriptions)


def test_they_are_kept_and_found_again() -> None:
    box = Box()
    first = Subscriptions(box, lambda: "one")
    added = first.add("210", {"type": 0, "url": "http://x/?a=1", "method": 0}, now=5.0)
    assert added == Subscription("one", "210", "0", "http://x/?a=1", "0", "1", "", 5.0)
    again = Subscriptions(box, lambda: "two")
    assert again.of("210") == [added]
    assert (again.has("210"), again.has("024")) == (True, False)
    (message,) = again.messages(HAPPENING, lambda _: {"b": "2"})
    assert (message.url, message.method, message.subscription) == ("http://x/?a=1&b=2", "GET", "one")
    again.remove([added])
    assert box.kept == []
    assert again.messages(HAPPENING, lambda _: {}) == []


@pytest.mark.uapi("3.1 order of a call")
def test_addresses_of_one_receiver_share_a_lane_for_each_call() -> None:
    rows = Subscriptions(Box(), map(str, count()).__next__)
    for url in ("http://x:8/in", "http://x:8/also", "http://y/in"):
        rows.add("210", {"type": 0, "url": url}, now=1.0)
    lanes = [message.lane for message in rows.messages(HAPPENING, lambda _: {"b": "2"})]
    assert lanes == ["ab x:8", "ab x:8", "ab y"]


def test_who_wants_to_hear_no_more_is_forgotten() -> None:
    gone: list[str] = []
    rows = Subscriptions(Box(), iter(("one", "two")).__next__, forget=gone.extend)
    first, second = (rows.add("210", {"type": 0, "url": "http://x"}, now=1.0) for _ in range(2))
    assert isinstance(first, Subscription)
    assert isinstance(second, Subscription)
    assert (rows.wants("one"), rows.wants("two"), rows.wants("three")) == (True, True, False)
    rows.change(first, {"status": 0}, now=2.0)
    assert (gone, rows.wants("one")) == (["one"], False)
    rows.remove([second])
    assert gone == ["one", "two"]


def test_what_can_t_be_kept_has_not_happened() -> None:
    class Full(Box):
        def save(self, subscriptions: Iterable[Subscription]) -> None:
            if self.kept:
                raise OSError("full")
            super().save(subscriptions)

    rows = Subscriptions(Full(), iter(("one", "two")).__next__)
    first = rows.add("210", {"type": 0, "url": "http://x"}, now=1.0)
    assert isinstance(first, Subscription)
    with pytest.raises(OSError, match="full"):
        rows.add("210", {"type": 0, "url": "http://y"}, now=1.0)
    with pytest.raises(OSError, match="full"):
        rows.remove([first])
    assert rows.of("210") == [first]


def test_what_is_wrong_changes_nothing() -> None:
    box = Box()
    rows = Subscriptions(box, lambda: "one", per_extension_max=1)
    assert isinstance(rows.add("210", {"type": 0, "url": []}, now=1.0), Problem)
    assert box.kept == []
    row = rows.add("210", {"type": "4", "url": "https://x"}, now=1.0)
    assert isinstance(row, Subscription)
    assert isinstance(rows.add("210", {"type": "4", "url": "https://x"}, now=1.0), Problem)
    assert isinstance(rows.change(row, {"status": "on"}, now=2.0), Problem)
    assert rows.of("210") == [row]
    assert rows.messages(HAPPENING, lambda _: {}) == []
