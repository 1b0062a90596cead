"""Sessions and messages in the journal, as lines and rows."""

from __future__ import annotations

from tests.kit.slow_journal import SlowJournal

from cordboard.bayeux.keeping import Again, Keeper, KeptSession, KeptShelves, Progress, Remembered, Told
from cordboard.calls.ports import Line
from cordboard.journal.memory import MemoryJournal
from cordboard.server.cometd_keeper import JournalKeeper, told_line

ANNA = KeptSession("c1", "anna", True, True, 7, {"/a": 8}, (Again(9, {"/a": -2}),))
BERT = KeptSession("c2", "bert", False, False, 8)


def test_what_is_kept_is_remembered_in_its_newest_form() -> None:
    journal = MemoryJournal()
    keeper: Keeper = JournalKeeper(journal, lambda: 5.0)
    assert keeper.remembered() == Remembered([], Progress(0))
    assert [keeper.keep(BERT), keeper.keep(ANNA), keeper.keep(BERT)] == [1, 2, 3]
    keeper.note(Progress(4, {"c1": 6, "c2": 7}, 2, {"anna": KeptShelves(1, {"/a": 3}), "bert": KeptShelves(2)}))
    assert keeper.drop(BERT) == 5
    keeper.note(Progress(8, {}, 6, {"bert": None}))
    progress = Progress(8, {"c1": 6}, 6, {"anna": KeptShelves(1, {"/a": 3})})
    assert JournalKeeper(journal, lambda: 6.0).remembered() == Remembered([ANNA], progress)
    assert [(line.kind, line.at) for _, line in journal.lines()] == [("session", 5.0)] * 4


def test_messages_are_lines_among_others() -> None:
    journal = MemoryJournal()
    keeper = JournalKeeper(journal, lambda: 5.0)
    told = Told("anna", "/a", b'{"n":1}')
    assert keeper.tell("anna", "/a", b'{"n":1}') == 1
    journal.append([Line("tick", 6.0, b"\x80"), told_line(told, 7.0)])
    assert list(keeper.told(0)) == [(1, 5.0, told), (3, 7.0, told)]
    assert list(keeper.told(1)) == [(3, 7.0, told)]


def test_it_says_what_the_journal_says() -> None:
    journal = SlowJournal()
    keeper = JournalKeeper(journal, lambda: 5.0)
    called: list[int] = []
    keeper.when_kept(keeper.keep(ANNA), lambda: called.append(keeper.kept))
    assert (keeper.last, keeper.kept, called, keeper.trouble()) == (1, 0, [], False)
    journal.flush()
    assert (keeper.last, keeper.kept, called) == (1, 1, [1])
    journal.reason = "the disk is full"
    assert keeper.trouble()
    assert not keeper.overfull()
    assert JournalKeeper(journal, lambda: 5.0, lambda: True).overfull()
