"""Rows: what an input changed, as bytes; and a ledger that is filled from them."""

from __future__ import annotations

from tests.calls.play import TALKING, Play
from tests.kit.keeping import due
from tests.kit.law import copy_of

from cordboard.calls import rows, timers
from cordboard.calls.commands import Hold
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, CallType, Operation
from cordboard.calls.ports import Row
from cordboard.calls.procedures import Placing, Procedure
from cordboard.calls.records import Tape
from cordboard.journal.memory import MemoryJournal

CALL = Call("C1", "5005", "C1", "leg", CallState.RINGING, CallType.INTERNAL, "00aa", "5005", 1.5, user_data={"k": [1]})


def ledger() -> Ledger:
    return Ledger("0" * 26, "00aa00bb")


def taken(one: Ledger) -> list[Row]:
    return rows.take(one, rows.names_of(one))


def tables(found: list[Row]) -> list[tuple[str, bool]]:
    return [(row.table, row.value is not None) for row in found]


def test_each_row_that_was_written_is_taken_once() -> None:
    one = ledger()
    one.write(one.calls, CALL.key, CALL)
    one.write(one.taped, "C1", "a")
    one.write(one.taped, "C1", "b")
    one.write(one.busy, CALL.key, 1)
    one.write(one.switch, "up", True)
    one.commit()
    assert tables(taken(one)) == [("calls", True), ("taped", True), ("numbers", True)]
    assert taken(one) == []
    one.write(one.taped, "C1", None)
    one.commit()
    assert tables(taken(one)) == [("taped", False)]


def test_what_came_and_went_in_one_input_is_nothing() -> None:
    one = ledger()
    taken(one)
    one.write(one.taped, "C1", "a")
    one.write(one.taped, "C1", None)
    one.commit()
    assert taken(one) == []


def test_what_was_undone_is_nothing() -> None:
    one = ledger()
    taken(one)
    one.write(one.taped, "C1", "a")
    one.undo()
    one.commit()
    assert taken(one) == []


def test_numbers_go_on_where_they_were() -> None:
    one, two, journal = ledger(), Ledger("1" * 26, "ffffffff"), MemoryJournal()
    one.next_call_id(), one.next_leg_id(), one.next_order()
    journal.append((), taken(one))
    rows.fill(two, journal.rows)
    assert taken(two) == []
    assert two.next_call_id() == ("0" * 31 + "2", "00aa00bb00000002")
    assert (two.next_leg_id(), two.next_order()) == ("00aa00bb-2", 2)
    assert tables(taken(two)) == [("numbers", True)]


def test_what_is_filled_equals_what_was_written() -> None:
    more = ("phone 5900 dial to=5002", "5002 Answer B", "5002 StartRecording B", "5005 InitiateTransfer A to=5001")
    play = Play(*TALKING, *more)
    twin = play.scene.twin().ledger
    assert copy_of(twin) == copy_of(play.ledger) | {"switch": {}}
    assert due(twin) == due(play.ledger)
    assert {kind for _, kind, _ in due(twin)} == {timers.RING, timers.TAPE_FULL}


def test_timers_are_set_from_what_they_are_about() -> None:
    play = Play(*TALKING, "5005 Park A")
    assert {kind for _, kind, _ in due(play.scene.twin().ledger)} == {timers.RECALL}
    play = Play(*TALKING, "5005 TransferToVoicemail A mailbox=5001")
    assert {kind for _, kind, _ in due(play.scene.twin().ledger)} == {timers.MESSAGE}
    play = Play("5000 Dial to=5005 lasts_s=90", "phone 5005 answer")
    assert {(when, kind) for when, kind, _ in due(play.scene.twin().ledger)} == {(play.scene.now + 90.0, timers.LIMIT)}


def test_the_order_of_rows_does_not_depend_on_the_journal() -> None:
    one = ledger()
    rows.fill(one, lambda table: [(b"\xa12", b"\xa1b"), (b"\xa11", b"\xa1a")] if table == "taped" else [])
    assert list(one.taped.items()) == [("1", "a"), ("2", "b")]


def test_all_there_is_comes_back_with_what_is_busy() -> None:
    one, two, journal = ledger(), ledger(), MemoryJournal()
    hold = Procedure(Operation.HOLD, CALL.key, Hold(asker="5005", call="C1"), (CALL.key,))
    for table, key, value in ((one.calls, CALL.key, CALL), (one.waiting, 1, hold), (one.busy, CALL.key, 1)):
        one.write(table, key, value)
    one.write(one.waiting, 2, Placing(("leg",)))
    one.write(one.tapes, "C1-1", Tape("C1-1", "C1"))  # it has not begun, so it has no end either
    found = rows.everything(one)
    assert all(type(row.value) is bytes for row in found)
    journal.append((), found)
    rows.fill(two, journal.rows)
    assert (two.calls, two.waiting, two.busy, two.tapes) == (one.calls, one.waiting, one.busy, one.tapes)
    assert due(two) == set()
