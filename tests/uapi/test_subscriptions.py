"""Subscriptions outlast the process by their keeper; what they lead to is in test_extensions.py."""

from __future__ import annotations

from collections.abc import Iterable

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
    (message,) = again.messages(HAPPENING, lambda _: {"b": "2"})
    assert (message.url, message.method, message.subscription) == ("http://x/?a=1&b=2", "GET", "one")
    again.remove([added])
    assert box.kept == []
    assert again.messages(HAPPENING, lambda _: {}) == []


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
