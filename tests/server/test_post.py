"""The post: order, turns of the loop, and events that can't be written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.kit.slow import SlowJournal

from cordboard.gws.notifications import Notification, Told
from cordboard.server.book import Book
from cordboard.server.post import Post


class Renderer:
    """Writes an event down as its text; those beginning with "-" concern nobody, "!" can't be written."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int]] = []

    def render(self, event: Any, now: float, spent_ns: int = 0) -> Notification | None:
        self.seen.append((now, spent_ns))
        if event.startswith("!"):
            raise ValueError(event)
        return None if event.startswith("-") else Notification("agent", "/v2/me/calls", event.encode())


class Office:
    """A post with its surroundings."""

    def __init__(self) -> None:
        self.renderer = Renderer()
        self.published: list[tuple[str, str, bytes]] = []
        self.numbers: list[int] = []
        self.turns: list[Callable[[], None]] = []
        self.ticks = iter(range(0, 1000, 10))
        self.journal = SlowJournal()
        self.post = Post(self.renderer, self.publish, self.soon, lambda: 7.0, self.ticks.__next__)

    def with_journal(self) -> None:
        book = Book(self.journal)
        self.post = Post(self.renderer, self.publish, self.soon, lambda: 7.0, self.ticks.__next__, book)

    def publish(self, identity: str, channel: str, data: bytes, number: int) -> None:
        if data == b"?":
            raise ValueError(data)
        self.published.append((identity, channel, data))
        self.numbers.append(number)

    def soon(self, turn: Callable[[], None]) -> None:
        self.turns.append(turn)

    def turn(self) -> None:
        turns, self.turns = self.turns, []
        for turn in turns:
            turn()

    @property
    def texts(self) -> list[str]:
        return [data.decode() for _, _, data in self.published]


@pytest.fixture
def office() -> Office:
    return Office()


def told(*texts: str) -> list[Told]:
    events: list[Any] = list(texts)
    return events


def test_events_of_a_command_wait_for_the_next_turn(office: Office) -> None:
    office.post.later(told("a", "b"))
    office.post.later(told("c"))
    assert office.published == []
    assert len(office.turns) == 1
    office.turn()
    assert office.published[0] == ("agent", "/v2/me/calls", b"a")
    assert office.texts == ["a", "b", "c"]
    office.post.later(told("d"))
    office.turn()
    assert office.texts == ["a", "b", "c", "d"]


def test_nothing_to_post_asks_for_no_turn(office: Office) -> None:
    office.post.later([])
    office.post.at_once([])
    assert office.turns == []


def test_events_of_the_switch_go_at_once_but_never_overtake(office: Office) -> None:
    office.post.later(told("a"))
    office.post.at_once(told("b"))
    assert office.texts == ["a", "b"]
    office.turn()
    assert office.texts == ["a", "b"]


def test_an_event_that_concerns_nobody_is_not_published(office: Office) -> None:
    office.post.at_once(told("-", "a"))
    assert office.texts == ["a"]


def test_an_event_that_fails_is_logged_and_keeps_nobody_from_the_others(office: Office) -> None:
    with capture_logs() as logs:
        office.post.at_once(told("!", "a"))
    assert office.texts == ["a"]
    assert [line["event"] for line in logs] == ["an event could not be posted"]


def test_how_long_an_event_took_is_measured(office: Office) -> None:
    office.post.at_once(told("a"))
    assert office.renderer.seen == [(7.0, 10)]


def test_a_notification_that_can_t_be_published_is_logged_and_keeps_nobody_from_the_others(office: Office) -> None:
    with capture_logs() as logs:
        office.post.at_once(told("?", "a"))
    assert office.texts == ["a"]
    assert [line["event"] for line in logs] == ["a notification could not be published"]


def test_what_is_told_is_written_down_first_and_has_the_number_of_its_line(office: Office) -> None:
    office.with_journal()
    office.post.at_once(told("a", "b"))
    office.post.later(told("c"))
    assert (office.published, office.turns) == ([], [])
    assert [line.kind for _, line in office.journal.lines()] == ["told"] * 3
    office.journal.reach(2)
    assert (office.texts, office.numbers) == (["a", "b"], [1, 2])
    office.journal.reach(3)
    office.turn()
    assert (office.texts, office.numbers) == (["a", "b", "c"], [1, 2, 3])
