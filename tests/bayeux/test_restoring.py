"""Sessions come back with what they may have missed, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import inf
from typing import Any

from cordboard.bayeux.keeping import Again, KeptSession, KeptShelves, Progress, Remembered, Told, Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.replay import RecentMessages
from cordboard.bayeux.restoring import Restoring
from cordboard.bayeux.session import Session

LIMITS = BayeuxLimits(replay_messages_max=3, replay_age_max_s=60.0)
NOW = 1_000.0


class Memory(Unkept):
    """What an earlier process has left: messages on channels, numbered from 11, one a second."""

    def __init__(self, *sessions: KeptSession, told: str = "", progress: Progress | None = None) -> None:
        super().__init__()
        self.left = Remembered(list(sessions), progress or Progress(10))
        self.messages = [
            (number, 980.0 + number, Told(whom, f"/{channel}", b'{"n":%d}' % number))
            for number, (whom, channel) in enumerate((one.split("/") for one in told.split()), 11)
        ]
        self.asked: list[int] = []

    def remembered(self) -> Remembered:
        return self.left

    def told(self, after: int) -> Iterator[tuple[int, float, Told]]:
        self.asked.append(after)
        return (one for one in self.messages if one[0] > after)


def kept(
    identity: str = "anna",
    client_id: str = "c1",
    begun: int = 5,
    again: tuple[Again, ...] = (),
    *,
    replaying: bool = False,
    **subscriptions: int,
) -> KeptSession:
    names = {f"/{name}": after for name, after in subscriptions.items()}
    return KeptSession(client_id, identity, True, replaying, begun, names, again)


def restored(memory: Memory, retention: RecentMessages | None = None) -> tuple[list[Session], int]:
    return Restoring(LIMITS, lambda who, name: name != "/not", retention, memory).restore(NOW)


def heard(session: Session) -> list[Any]:
    return [json.loads(frame)["data"] for frame in session.view()[0]]


def numbers(session: Session) -> list[int]:
    return [data["n"] for data in heard(session)]


def test_a_session_is_as_it_was_and_its_time_stands_still() -> None:
    (session,), last = restored(Memory(kept(a=6, b=7)))
    assert (session.client_id, session.identity, session.acknowledging, session.replaying) == (
        "c1",
        "anna",
        True,
        False,
    )
    assert (session.wanted, session.subscriptions) == ({"/a": 6, "/b": 7}, {"/a", "/b"})
    assert (session.expires_at, session.view(), last) == (inf, ([], 0), 10)


def test_it_hears_what_its_identity_was_told_since_it_subscribed_and_all_had_arrived() -> None:
    memory = Memory(kept(a=6, b=12), kept("bert", "c2", a=6), told="anna/a anna/b bert/a anna/b anna/c")
    (anna, bert), last = restored(memory)
    assert (numbers(anna), numbers(bert), last) == ([11, 14], [13], 15)
    assert memory.asked == [10]
    assert anna.batch(2) == 14


def test_who_was_further_than_the_others_begins_there() -> None:
    progress = Progress(10, {"c2": 13})
    memory = Memory(
        kept(a=6), kept(client_id="c2", a=6), kept(client_id="c3", begun=12, a=6), told="anna/a " * 4, progress=progress
    )
    assert [numbers(session) for session in restored(memory)[0]] == [[11, 12, 13, 14], [14], [13, 14]]


def test_what_it_may_not_hear_any_more_it_does_not() -> None:
    session = kept(a=6)
    session.subscriptions["/not"] = 6
    (one,), _ = restored(Memory(session, told="anna/not anna/a"))
    assert (numbers(one), one.subscriptions) == ([12], {"/a"})


def test_who_has_replay_is_told_the_numbers_and_what_was_retained_is_so_again() -> None:
    retention = RecentMessages(LIMITS)
    shelves = {"anna": KeptShelves(2, {"/a": 8}), "carl": None}
    memory = Memory(kept(replaying=True, a=6), told="anna/a anna/b bert/a", progress=Progress(12, {}, 9, shelves))
    memory.messages.insert(0, (9, 989.0, Told("anna", "/a", b'{"n":9}')))
    (session,), last = restored(memory, retention)
    assert (heard(session), last, memory.asked) == ([], 13, [8])
    found = retention.since("anna", "/**", 8)
    assert found is not None
    assert [(one.replay_id, one.kept_at) for one in found] == [(9, 989.0), (11, 991.0), (12, 992.0)]
    assert retention.since("anna", "/a", 7) is None
    assert not retention.retains("bert")
    assert not retention.retains("carl")


def test_who_asked_for_replay_just_before_the_end_is_not_forgotten() -> None:
    retention = RecentMessages(LIMITS)
    memory = Memory(kept(begun=12, replaying=True, a=12), told="anna/a anna/a anna/a")
    (session,), _ = restored(memory, retention)
    assert heard(session) == [{"n": 13, "event": {"replayId": 13}}]
    assert [one.replay_id for one in retention.since("anna", "/a", 10) or ()] == [11, 12, 13]
    assert retention.since("anna", "/a", 9) is None


def test_what_a_session_asked_to_be_told_again_comes_in_its_place() -> None:
    again = (Again(13, {"/a": -2}), Again(10, {"/b": -2}))
    retention = RecentMessages(LIMITS)
    memory = Memory(
        kept(again=again, replaying=True, a=12), told="anna/a anna/a bert/b anna/a", progress=Progress(10, {}, 0, {})
    )
    (session,), _ = restored(memory, retention)
    assert numbers(session) == [11, 12, 14]
    assert session.again == [again[0]]
    assert session.numbers.reach(13) == 2


def test_without_retention_nobody_has_replay() -> None:
    again = (Again(13, {"/a": -2}),)
    (session,), _ = restored(Memory(kept(again=again, replaying=True, a=12), told="anna/a anna/a anna/a"))
    assert (session.replaying, heard(session)) == (False, [{"n": 13}])


def test_with_nothing_to_restore_nothing_is_read() -> None:
    memory = Memory(told="anna/a")
    memory.messages.clear()
    memory.last = 77
    assert restored(memory) == ([], 77)
    assert memory.asked == []
