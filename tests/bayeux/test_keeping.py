"""Sessions as values, and a keeper that keeps nothing."""

from __future__ import annotations

import msgspec

from cordboard.bayeux.keeping import Again, Keeper, KeptSession, Progress, Unkept

ANNA = KeptSession("c1", "anna", True, True, 7, {"/a": 8}, (Again(9, {"/a": -2}),))


def test_a_session_survives_being_written_down() -> None:
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(ANNA), type=KeptSession) == ANNA


def test_who_keeps_nothing_gives_numbers_that_are_safe_at_once() -> None:
    keeper: Keeper = Unkept(101)
    assert (keeper.last, keeper.kept) == (100, 100)
    assert [keeper.keep(ANNA), keeper.tell("anna", "/a", b"1"), keeper.drop(ANNA)] == [101, 102, 103]
    assert (keeper.last, keeper.kept, keeper.trouble(), keeper.overfull()) == (103, 103, False, False)
    called: list[int] = []
    keeper.when_kept(103, lambda: called.append(1))
    assert called == [1]


def test_and_remembers_nothing() -> None:
    keeper = Unkept(101)
    keeper.note(Progress(100))
    assert keeper.remembered().sessions == []
    assert keeper.remembered().progress == Progress(100)
    assert list(keeper.told(0)) == []
