"""How far all has come: what is noted, and when there is nothing to note."""

from __future__ import annotations

from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.keeping import KeptShelves, Progress, Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.progress import Noting
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.replay import RecentMessages
from cordboard.bayeux.session import Session
from cordboard.calls.ports import Line
from cordboard.server.cometd_keeper import JournalKeeper

LIMITS = BayeuxLimits(replay_messages_max=1)


class Notes(Unkept):
    def __init__(self) -> None:
        super().__init__()
        self.noted: list[Progress] = []
        self.in_trouble = False

    def note(self, progress: Progress) -> None:
        self.noted.append(progress)

    def trouble(self) -> bool:
        return self.in_trouble


class Office:
    """Two sessions, of which the first acknowledges."""

    def __init__(self, retention: RecentMessages | None = None) -> None:
        self.notes = Notes()
        self.registry = Registry(LIMITS)
        self.acker = Session("c1", "anna", LIMITS, 0.0, acknowledging=True, begun=1)
        self.plain = Session("c2", "anna", LIMITS, 0.0, acknowledging=False, begun=2)
        for session in (self.acker, self.plain):
            self.registry.add(session)
        self.noting = Noting(self.notes, self.registry, retention)

    def note(self, published: int) -> list[Progress]:
        self.notes.noted.clear()
        self.noting.note(published)
        return self.notes.noted


def test_when_nothing_waits_all_has_arrived_and_that_is_noted_once() -> None:
    office = Office()
    assert office.note(10) == [Progress(10)]
    assert office.note(10) == []
    assert office.note(12) == [Progress(12)]


def test_who_is_behind_holds_it_up_but_not_before_what_was_noted() -> None:
    office = Office()
    office.note(10)
    office.acker.offer(b"1", 11)
    assert office.note(11) == []
    assert office.note(20) == []
    office.acker.batch(1)
    office.acker.sent(1, office.acker.turn)
    office.acker.acknowledge(11)
    assert office.note(21) == [Progress(21)]


def test_who_is_further_than_the_last_is_noted_beside_unless_it_acknowledges() -> None:
    office = Office()
    for session in (office.acker, office.plain):
        session.offer(b"1", 11)
        session.offer(b"2", 12)
    office.note(12)
    office.plain.sent(2, office.plain.turn)
    office.plain.confirm(2)
    office.plain.offer(b"3", 13)
    assert office.note(13) == [Progress(1, {"c2": 12})]
    assert office.note(13) == []


def test_what_is_retained_goes_along() -> None:
    retention = RecentMessages(LIMITS)
    office = Office(retention)
    retention.retain("anna", "/a", b"{}", 4)
    retention.want("anna", 0.0)
    assert office.note(4) == [Progress(4, {}, 5, {"anna": KeptShelves(4)})]
    for number in (5, 6):
        retention.retain("anna", "/a", b"{}", number)
    assert office.note(6) == [Progress(6, {}, 6, {"anna": KeptShelves(4, {"/a": 5})})]


def test_while_nothing_can_be_kept_nothing_is_noted_and_nothing_forgotten() -> None:
    retention = RecentMessages(LIMITS)
    office = Office(retention)
    retention.want("anna", 0.0)
    office.notes.in_trouble = True
    assert office.note(4) == []
    office.notes.in_trouble = False
    assert office.note(4) == [Progress(4, {}, 1, {"anna": KeptShelves(0)})]


def test_what_was_safe_at_the_last_look_needs_no_message_to_count() -> None:
    office = Office()
    for last in (50, 70, 70, 70):
        office.notes.last = last
        office.noting.look(10)
    assert office.notes.noted == [Progress(10), Progress(70)]


def test_a_note_is_no_news() -> None:
    journal = SlowJournal()
    noting = Noting(JournalKeeper(journal, lambda: 0.0), Registry(LIMITS), None)
    journal.append([Line("tick", 0.0, b"")])
    for expected in (1, 2, 2, 2, 2):
        journal.flush()
        noting.look(0)
        assert journal.last == expected
