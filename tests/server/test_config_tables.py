"""Arrays of tables, and what must be somebody's own."""

from __future__ import annotations

import msgspec
import pytest

from cordboard.server.config_reading import Reader
from cordboard.server.config_tables import Own, Tables


class Line(msgspec.Struct, frozen=True):
    number: str


@pytest.fixture
def reader() -> Reader:
    return Reader("f.toml", {})


def told(reader: Reader) -> list[str]:
    return [str(mistake).removeprefix("f.toml: ") for mistake in reader.mistakes]


def test_tables_are_counted_from_one(reader: Reader) -> None:
    found = Tables(reader, "lines").read(Line, [{"number": "1"}, {"number": "2"}])
    assert found == {"lines[#1]": Line("1"), "lines[#2]": Line("2")}
    assert told(reader) == []


def test_a_mistake_names_its_table(reader: Reader) -> None:
    Tables(reader, "lines").read(Line, [{"number": "1"}, {}])
    assert told(reader) == ["lines[#2].number: found nothing; accepted: a text"]


def test_what_is_no_array_of_tables(reader: Reader) -> None:
    assert Tables(reader, "lines").read(Line, {"number": "1"}) == {}
    assert told(reader) == ['lines: found {"number":"1"}; accepted: tables that begin with [[lines]]']


def test_what_somebody_has_is_nobody_elses(reader: Reader) -> None:
    own = Own(reader)
    assert own.claim("number", "a", "1")
    assert own.claim("name", "a", "1")
    assert own.claim("number", "b", "2")
    assert not own.claim("number", "c", "1")
    assert told(reader) == ['c: found "1"; accepted: a number of its own (a has this one)']


def test_what_is_empty_is_not_claimed(reader: Reader) -> None:
    own = Own(reader)
    assert not own.claim("number", "a", "")
    assert not own.claim("number", "b", "")
    assert told(reader) == []
