"""Subscriptions with replay; those without are in ``test_broker`` as clients see them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.keeping import Again, Keeper, Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, RequestExt
from cordboard.bayeux.replay import RecentMessages
from cordboard.bayeux.session import Ending, Session
from cordboard.bayeux.subscribing import Subscribing
from cordboard.server.cometd_keeper import JournalKeeper

LIMITS = BayeuxLimits(subscriptions_max=3, channel_length_max=20, queue_max=4, replay_messages_max=10)


class Desk:
    """One session, and three messages that it missed: 1 and 3 on /v/a, 2 on /v/b."""

    def __init__(self, *, replaying: bool = True, retention: bool = True, keeper: Keeper | None = None) -> None:
        self.memory = memory = RecentMessages(LIMITS)
        memory.want("anna", 0.0)
        for number, channel in enumerate(("/v/a", "/v/b", "/v/a"), 1):
            memory.retain("anna", channel, b'{"n":%d}' % number, number)
        self.full: list[Session] = []
        kept = memory if retention else None
        self.subscribing = Subscribing(
            LIMITS, lambda who, name: name != "/not", kept, keeper or Unkept(4), self.full.append
        )
        self.session = Session("c1", "anna", LIMITS, 0.0, acknowledging=False)
        self.session.replaying = replaying

    def subscribe(self, names: Any, replay: Any = None) -> str:
        """The error, "" if there is none."""
        message = Message(channel="/meta/subscribe", subscription=names, ext=RequestExt(replay=replay))
        reply = self.subscribing.subscribe(message, self.session, 0)
        return "" if reply.successful else str(reply.error)

    def unsubscribe(self, names: Any) -> str:
        message = Message(channel="/meta/unsubscribe", subscription=names)
        reply = self.subscribing.unsubscribe(message, self.session, 0)
        return "" if reply.successful else str(reply.error)

    @property
    def told(self) -> list[tuple[int, int]]:
        frames = [json.loads(frame)["data"] for frame in self.session.view()[0]]
        return [(data["n"], data["event"]["replayId"]) for data in frames]


def test_subscriptions_are_granted_refused_and_limited() -> None:
    desk = Desk()
    assert desk.subscribe(None) == "403::subscription_missing"
    assert desk.subscribe("//") == desk.subscribe("/" + "a" * 20) == "403::subscription_invalid"
    assert desk.subscribe("/meta/x") == desk.subscribe("/not") == "403::subscribe_denied"
    assert desk.subscribe(["/a", "/b", "/c"]) == desk.subscribe("/a") == ""
    assert desk.subscribe("/d") == "403:subscriptions_max:subscribe_denied"
    assert desk.unsubscribe([]) == "403::subscription_missing"
    assert desk.unsubscribe("a") == "403::subscription_invalid"
    assert desk.unsubscribe(["/a", "/x"]) == ""
    assert desk.session.subscriptions == {"/b", "/c"}


@pytest.mark.parametrize(
    ("names", "replay", "told"),
    [
        ("/v/a", None, []),
        ("/v/a", {}, []),
        ("/v/a", {"/v/a": -1}, []),
        ("/v/a", {"/v/a": -2}, [(1, 1), (3, 3)]),
        ("/v/a", {"/v/a": 1}, [(3, 3)]),
        ("/v/*", {"/v/*": 1}, [(2, 2), (3, 3)]),
        (["/v/a", "/v/*"], {"/v/a": -2, "/v/*": -2}, [(1, 1), (2, 2), (3, 3)]),
        ("/v/a", "all", []),
    ],
)
def test_what_was_missed_is_told_again_as_far_as_it_is_asked_for(names: Any, replay: Any, told: list[Any]) -> None:
    desk = Desk()
    assert desk.subscribe(names, replay) == ""
    assert desk.told == told


@pytest.mark.parametrize(
    ("after", "error"),
    [
        (9, "400:9:replay_id_not_retained"),
        (-3, "400::replay_id_invalid"),
        ("1", "400::replay_id_invalid"),
        (True, "400::replay_id_invalid"),
        (1.5, "400::replay_id_invalid"),
        (None, "400::replay_id_invalid"),
    ],
)
def test_a_number_that_is_not_there_is_refused_and_nothing_is_subscribed(after: Any, error: str) -> None:
    desk = Desk()
    assert desk.subscribe("/v/a", {"/v/a": after}) == error
    assert (desk.told, desk.session.subscriptions) == ([], set())


def test_more_than_the_queue_holds_is_refused_instead_of_ending_the_session_again_and_again() -> None:
    desk = Desk()
    assert all(desk.session.offer(b"{}", number) for number in (4, 5))
    assert desk.subscribe("/v/*", {"/v/*": -2}) == "400:-2:replay_too_long"
    assert desk.session.waiting == 2
    assert desk.subscribe("/v/a", {"/v/a": -2}) == ""


@pytest.mark.parametrize("desk", [{"replaying": False}, {"retention": False}])
def test_without_the_extension_nothing_is_told_again(desk: dict[str, bool]) -> None:
    without = Desk(**desk)
    assert without.subscribe("/v/a", {"/v/a": -2}) == ""
    assert without.told == []


def test_a_subscription_begins_when_it_is_kept_and_what_it_missed_until_then_comes_first() -> None:
    journal = SlowJournal()
    desk = Desk(keeper=JournalKeeper(journal, lambda: 0.0))
    assert desk.subscribe("/v/a", {"/v/a": 1}) == ""
    assert (desk.told, desk.session.subscriptions) == ([], set())
    desk.memory.retain("anna", "/v/a", b'{"n":4}', 4)
    journal.flush()
    assert desk.told == [(3, 3), (4, 4)]
    assert desk.session.subscriptions == {"/v/a"}
    assert desk.session.kept.again == (Again(1, {"/v/a": 1}),)


def test_requests_take_effect_in_their_order_and_not_after_the_end() -> None:
    journal = SlowJournal()
    desk = Desk(keeper=JournalKeeper(journal, lambda: 0.0))
    assert desk.subscribe("/v/a") == desk.unsubscribe("/v/a") == desk.subscribe("/v/b") == ""
    journal.flush()
    assert desk.session.subscriptions == {"/v/b"}
    desk.subscribe("/v/c")
    desk.session.end(Ending.KICKED)
    journal.flush()
    assert desk.session.subscriptions == set()


def test_what_no_longer_fits_when_it_is_kept_ends_the_session() -> None:
    journal = SlowJournal()
    desk = Desk(keeper=JournalKeeper(journal, lambda: 0.0))
    assert desk.subscribe("/v/*", {"/v/*": -2}) == ""
    assert all(desk.session.offer(b"{}", number) for number in (4, 5))
    journal.flush()
    assert desk.full == [desk.session]


def test_while_too_much_waits_to_be_kept_nothing_changes() -> None:
    full: list[int] = []
    keeper = JournalKeeper(SlowJournal(), lambda: 1.0, lambda: bool(full))
    desk = Desk(keeper=keeper)
    assert desk.subscribe("/a") == ""
    full.append(1)
    last = keeper.last
    assert desk.subscribe("/b") == desk.unsubscribe("/a") == "503::subscribe_denied"
    assert (keeper.last, set(desk.session.wanted)) == (last, {"/a"})
    full.clear()
    assert desk.unsubscribe("/a") == ""
