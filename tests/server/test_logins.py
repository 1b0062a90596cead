"""Who was logged in is known after a restart, without their sessions' ids being written down."""

from __future__ import annotations

from cordboard.journal.memory import MemoryJournal
from cordboard.server.auth import Keeper
from cordboard.server.book import Book
from cordboard.server.logins import Logins


class Office:
    """One process after the other on the same journal."""

    def __init__(self, journal: MemoryJournal | None = None) -> None:
        self.journal = journal or MemoryJournal()
        self.now = 100.0
        self.logins: Keeper = Logins(Book(self.journal), self.journal.rows, lambda: self.now, 60.0)

    def restarted(self) -> Office:
        return Office(self.journal)


def test_a_session_is_found_once_by_its_id_which_is_nowhere_written_down() -> None:
    office = Office()
    office.logins.begun("S1", "anna")
    office.logins.begun("S2", "bert")
    office.logins.ended("S2")
    again = office.restarted().logins
    assert [again.find(session) for session in (b"S1", b"S1", b"S2", b"S3")] == ["anna", None, None, None]
    assert all(b"S1" not in key + value for key, value in office.journal.rows("logins"))


def test_who_does_not_come_back_in_time_is_forgotten_for_good() -> None:
    office = Office()
    for session in ("S1", "S2"):
        office.logins.begun(session, "anna")
    again = office.restarted()
    again.now += 60.0
    assert again.logins.find(b"S1") == "anna"
    again.now += 0.1
    again.logins.begun("S3", "anna")
    assert again.logins.find(b"S2") is None
    assert len(list(office.journal.rows("logins"))) == 2
    assert again.restarted().logins.find(b"S3") == "anna"


def test_without_a_journal_nobody_is_remembered() -> None:
    logins = Logins(Book(), lambda table: (), lambda: 0.0, 60.0)
    logins.begun("S1", "anna")
    assert logins.find(b"S1") is None


def test_who_comes_while_too_much_waits_to_be_written_is_not_written_down() -> None:
    journal = MemoryJournal()
    book = Book(journal)
    logins = Logins(book, journal.rows, lambda: 1.0, 60.0)
    book.overfull(True)
    logins.begun("S1", "anna")
    book.overfull(False)
    logins.begun("S2", "anna")
    assert len(list(journal.rows("logins"))) == 1
