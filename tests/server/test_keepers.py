"""Answers and grants that outlive the process."""

from __future__ import annotations

from cordboard.gws.answers import Response
from cordboard.journal.memory import MemoryJournal
from cordboard.server.book import Book
from cordboard.server.grants import Grant, Kind, Limits
from cordboard.server.idempotency import Kept
from cordboard.server.keepers import ANSWERS, GRANTS, Answers, Grants


def test_answers_are_there_after_a_restart_and_the_oldest_go() -> None:
    journal = MemoryJournal()
    one = Answers(2, Book(journal), journal.rows, 0.0)
    for place, key in enumerate((b"a", b"b", b"c")):
        one.keep("user", key, Kept(b"digest", Response(200, key, end_session=key == b"c"), 100.0 + place), 0.0)
    two = Answers(2, Book(journal), journal.rows, 0.0)
    assert two.find("user", b"a") is None
    assert two.find("user", b"b") == Kept(b"digest", Response(200, b"b"), 101.0)
    assert two.find("user", b"c") == Kept(b"digest", Response(200, b"c", end_session=True), 102.0)
    two.keep("user", b"d", Kept(b"digest", Response(200, b"d"), 103.0), 0.0)
    assert len(list(journal.rows(ANSWERS))) == 2
    assert two.find("user", b"b") is None


def test_grants_are_there_after_a_restart_and_end_with_their_family() -> None:
    journal = MemoryJournal()
    one = Grants(Limits(), Book(journal), journal.rows, 0.0)
    grant = Grant("app", 100.0, user="u", family="f")
    one.keep(Kind.ACCESS, b"x", grant, 0.0)
    one.keep(Kind.REFRESH, b"x", Grant("app", 200.0), 0.0)
    two = Grants(Limits(), Book(journal), journal.rows, 0.0)
    assert two.find(Kind.ACCESS, b"x") == grant
    assert two.find(Kind.REFRESH, b"x") == Grant("app", 200.0)
    two.end("f")
    assert len(list(journal.rows(GRANTS))) == 1
    three = Grants(Limits(), Book(journal), journal.rows, 0.0)
    assert three.find(Kind.ACCESS, b"x") is None


def test_without_a_journal_they_last_as_long_as_the_process() -> None:
    answers = Answers(2, Book(), lambda _: (), 0.0)
    answers.keep("user", b"a", Kept(b"", Response(200, b""), 9.0), 0.0)
    assert answers.find("user", b"a") is not None
    grants = Grants(Limits(), Book(), lambda _: (), 0.0)
    grants.keep(Kind.CODE, b"x", Grant("app", 9.0), 0.0)
    assert grants.find(Kind.CODE, b"x") is not None


def test_answers_that_come_while_too_much_waits_are_not_written_down() -> None:
    journal = MemoryJournal()
    book = Book(journal)
    answers = Answers(2, book, journal.rows, 0.0)
    book.overfull(True)
    answers.keep("user", b"a", Kept(b"", Response(400, b""), 9.0), 0.0)
    assert answers.find("user", b"a") is not None
    assert list(journal.rows(ANSWERS)) == []
