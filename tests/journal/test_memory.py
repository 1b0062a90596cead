"""A journal without a file keeps what it is told, and says at once that it does."""

from __future__ import annotations

from cordboard.calls.ports import Journal, Line, Row
from cordboard.journal.memory import MemoryJournal


def line(kind: str) -> Line:
    return Line(kind, 1.0, b"\x80")


def test_lines_have_numbers_and_are_durable_at_once() -> None:
    journal: Journal = MemoryJournal()
    assert (journal.first, journal.last, journal.durable) == (1, 0, 0)
    assert journal.append([line("a"), line("b")]) == 2
    assert journal.append([line("c")]) == 3
    assert (journal.first, journal.last, journal.durable, journal.trouble()) == (1, 3, 3, "")
    assert [(number, kept.kind) for number, kept in journal.lines(after=1)] == [(2, "b"), (3, "c")]
    called: list[int] = []
    journal.when_durable(3, lambda: called.append(journal.durable))
    assert called == [3]
    journal.close()
    assert [number for number, _ in journal.lines()] == [1, 2, 3]


def test_rows_have_their_newest_value() -> None:
    journal = MemoryJournal()
    journal.append([], [Row("calls", b"2", b"x"), Row("calls", b"1", b"y"), Row("legs", b"1", b"z")])
    journal.append([line("a")], [Row("calls", b"2", None), Row("calls", b"1", b"new"), Row("legs", b"9", None)])
    assert list(journal.rows("calls")) == [(b"1", b"new")]
    assert list(journal.rows("legs")) == [(b"1", b"z")]
    assert list(journal.rows("nothing")) == []


def test_an_entry_of_rows_only_has_a_number_that_no_line_has() -> None:
    journal = MemoryJournal()
    assert journal.append([], [Row("calls", b"1", b"x")]) == 1
    assert journal.first == 2
    assert journal.append([line("a")]) == 2
    assert [number for number, _ in journal.lines()] == [2]


def test_the_oldest_lines_are_forgotten_and_never_the_rows() -> None:
    journal = MemoryJournal(lines_max=2)
    for kind in "abc":
        journal.append([line(kind)], [Row("calls", kind.encode(), b"x")])
    assert journal.first == 2
    assert [kept.kind for _, kept in journal.lines()] == ["b", "c"]
    assert len(list(journal.rows("calls"))) == 3
