"""Records in the journal, and back."""

from __future__ import annotations

import msgspec
from tests.cdr.site import segment, transfer

from cordboard.calls.ports import packed
from cordboard.calls.segments import AnyRecord, Segment
from cordboard.cdr import keeping
from cordboard.cdr.shown import show


def name_of(_: str) -> str:
    return "somebody"


def test_rows_come_back_in_order() -> None:
    numbered: list[tuple[int, AnyRecord]] = [(number, segment("10", "11")) for number in (255, 256, 3)]
    numbered.append((70_000, transfer()))
    rows = keeping.rows([*numbered, (2, None)])
    assert [row.value is None for row in rows] == [False] * 4 + [True]
    kept = [(row.key, value) for row in rows if (value := packed(row.value)) is not None]
    assert all(row.table == "records" for row in rows)
    assert keeping.read(lambda table: kept if table == "records" else ()) == sorted(numbered, key=lambda one: one[0])


def test_lines_are_what_is_shown_of_new_ones() -> None:
    numbered = [(1, segment("10", "11")), (2, segment("12", "11")), (3, transfer()), (1, None)]
    lines = keeping.lines(numbered, 2, name_of)
    assert [(line.kind, line.at) for line in lines] == [("segment", 1000.0), ("transfer", 1000.0)]
    shown = [msgspec.to_builtins(show(number, record, name_of)) for number, record in numbered[1:3] if record]
    assert [msgspec.msgpack.decode(line.body) for line in lines] == msgspec.json.decode(msgspec.json.encode(shown))


def test_instants_become_those_of_the_wall() -> None:
    moved = keeping.on_the_wall(segment("10", "11"), 500.0)
    assert isinstance(moved, Segment)
    assert (moved.began, moved.answered, moved.ended) == (1488.0, 1490.0, 1500.0)
    assert [(view.began, view.ended) for view in moved.views] == [(1488.0, 1500.0)]
    unanswered = keeping.on_the_wall(msgspec.structs.replace(segment("10", "11"), answered=0.0), 500.0)
    assert isinstance(unanswered, Segment)
    assert unanswered.answered == 0.0
    other = keeping.on_the_wall(transfer(), 500.0)
    assert (other.began, other.ended) == (1500.0, 1500.0)
