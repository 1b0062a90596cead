"""Phone calls that go on, and records of those that are over, as the journal keeps them, and back.

A record is a line, too, so that all of them can be exported, and not only the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from cordboard.calls.ports import Line, Row
from cordboard.uapi.cdr import Record
from cordboard.uapi.chronicle import PhoneCall

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

PHONE_CALLS, RECORDS = "phone_calls", "cdr"
CDR = "cdr"
"""The kind of line that one record is."""
_NUMBER_BYTES = 8

_encode = msgspec.msgpack.Encoder().encode
_phone_call = msgspec.msgpack.Decoder(PhoneCall).decode
_record = msgspec.msgpack.Decoder(Record).decode


def phone_call_rows(changed: Iterable[tuple[str, PhoneCall | None]]) -> list[Row]:
    return [Row(PHONE_CALLS, key.encode(), None if one is None else _encode(one)) for key, one in changed]


def record_rows(numbered: Iterable[tuple[int, Record | None]]) -> list[Row]:
    return [Row(RECORDS, _key(number), None if record is None else _encode(record)) for number, record in numbered]


def record_lines(numbered: Iterable[tuple[int, Record | None]]) -> list[Line]:
    return [Line(CDR, record.saved, _encode(record)) for _, record in numbered if record is not None]


def read_phone_calls(read: Read) -> list[PhoneCall]:
    return [_phone_call(value) for _, value in read(PHONE_CALLS)]


def read_records(read: Read) -> Sequence[tuple[int, Record]]:
    """With their numbers, the oldest first."""
    return sorted((int.from_bytes(key), _record(value)) for key, value in read(RECORDS))


def _key(number: int) -> bytes:
    return number.to_bytes(_NUMBER_BYTES)
