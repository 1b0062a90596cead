"""What was written is what is read; anything else is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.journals import line, row

from cordboard.calls.ports import Line, Row, packed
from cordboard.journal import format as shape
from cordboard.journal.failures import DamagedError

LINES = st.builds(Line, st.text(max_size=5), st.floats(allow_nan=False), st.binary(max_size=20))
ROWS = st.builds(Row, st.text(max_size=5), st.binary(max_size=5), st.none() | st.binary(max_size=20))
ENTRIES = st.lists(
    st.tuples(st.lists(LINES, max_size=3).map(tuple), st.lists(ROWS, max_size=3).map(tuple)), min_size=1, max_size=5
)


@given(ENTRIES, st.integers(0, 2**62))
def test_entries_come_back_as_they_went(entries: list[shape.Entry], before: int) -> None:
    body = shape.encode(entries)
    first, last = before + 1, before + sum(map(shape.length, entries))
    assert shape.decode("x", last, first, body, shape.commit_crc(last, body)) == entries
    numbered = list(shape.numbered(first, entries))
    assert [line for _, line in numbered] == [line for lines, _ in entries for line in lines]
    assert [number for number, _ in numbered] == sorted({number for number, _ in numbered})
    assert all(first <= number <= last for number, _ in numbered)


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner | st.none(), max_size=3),
)


@given(VALUES)
def test_a_value_may_stand_there_itself(value: object) -> None:
    body = shape.encode([((), (Row("calls", b"k", value), Row("calls", b"l", None)))])
    ((_, found),) = shape.decode("x", 1, 1, body, shape.commit_crc(1, body))
    assert found == (Row("calls", b"k", packed(value)), Row("calls", b"l", None))


@given(ENTRIES, st.data())
def test_a_bit_that_flips_is_noticed(entries: list[shape.Entry], data: st.DataObject) -> None:
    body, last = shape.encode(entries), sum(map(shape.length, entries))
    at = data.draw(st.integers(0, len(body) * 8 - 1))
    spoiled = bytearray(body)
    spoiled[at // 8] ^= 1 << at % 8
    with pytest.raises(DamagedError, match=f"x: damaged: what was written as 1 to {last}"):
        shape.decode("x", last, 1, bytes(spoiled), shape.commit_crc(last, body))


def test_a_commit_in_the_wrong_place_is_noticed() -> None:
    entries: list[shape.Entry] = [((line(), line()), (row(b"1"),))]
    body = shape.encode(entries)
    crc = shape.commit_crc(2, body)
    for last, first in ((3, 2), (2, 2)):
        with pytest.raises(DamagedError):
            shape.decode("x", last, first, body, crc)


def test_what_is_no_messagepack_is_noticed_even_with_its_checksum() -> None:
    with pytest.raises(DamagedError):
        shape.decode("x", 1, 1, b"\xc1", shape.commit_crc(1, b"\xc1"))


def test_values_of_another_type_are_noticed() -> None:
    with pytest.raises(DamagedError):
        shape.decode("x", 1, 1, None, 0)  # type: ignore[arg-type]
    for spoiled in ((b"calls", b"k", b"v"), ("calls", "k", b"v"), ("calls", b"k", 1.5)):
        with pytest.raises(DamagedError):
            shape.check_row("x", *spoiled, 0)  # type: ignore[arg-type]


def test_rows_have_a_checksum_of_name_key_and_value() -> None:
    crc = shape.row_crc("calls", b"k", b"v")
    shape.check_row("x", "calls", b"k", b"v", crc)
    for spoiled in (("legs", b"k", b"v"), ("calls", b"l", b"v"), ("calls", b"k", b"w")):
        with pytest.raises(DamagedError, match="a row of"):
            shape.check_row("x", *spoiled, crc)
