"""Call detail records as the journal keeps them, and back.

A record is a line as it is shown, with which all can be exported, and a row as long as it is kept. Instants are those
of the wall from here on: before, they were the board's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from cordboard.calls.ports import Line, Row
from cordboard.calls.segments import AnyRecord, Segment
from cordboard.cdr.shown import NameOf, show

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

RECORDS = "records"
SEGMENT, TRANSFER = "segment", "transfer"
"""Kinds of lines."""
_NUMBER_BYTES = 8

replace = msgspec.structs.replace
_encode = msgspec.msgpack.Encoder().encode
_record = msgspec.msgpack.Decoder(AnyRecord).decode


def on_the_wall(record: AnyRecord, shift: float) -> AnyRecord:
    """With instants in seconds since 1970; ``shift`` is how far the wall's clock is ahead of the board's."""
    ended, began = record.ended + shift, record.began + shift
    if not isinstance(record, Segment):
        return replace(record, began=began, ended=ended)
    views = tuple(replace(view, began=view.began + shift, ended=view.ended + shift) for view in record.views)
    answered = record.answered and record.answered + shift
    return replace(record, began=began, answered=answered, ended=ended, since=0.0, views=views)


def lines(numbered: Iterable[tuple[int, AnyRecord | None]], new: int, name_of: NameOf) -> list[Line]:
    """Those of records with numbers from ``new`` on."""
    return [
        Line(SEGMENT if isinstance(record, Segment) else TRANSFER, record.ended, _encode(show(number, record, name_of)))
        for number, record in numbered
        if record is not None and number >= new
    ]


def rows(numbered: Iterable[tuple[int, AnyRecord | None]]) -> list[Row]:
    return [Row(RECORDS, number.to_bytes(_NUMBER_BYTES), record) for number, record in numbered]


def read(read_table: Read) -> Sequence[tuple[int, AnyRecord]]:
    """With their numbers, the oldest first."""
    return sorted(
        ((int.from_bytes(key), _record(value)) for key, value in read_table(RECORDS)), key=lambda numbered: numbered[0]
    )
