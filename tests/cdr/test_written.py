"""Pages as bytes."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest
from msgspec.structs import replace
from tests.cdr.site import OUTSIDE, segment, transfer

from cordboard.cdr.shown import show
from cordboard.cdr.written import COLUMNS, Answer, as_csv, as_json

RECORDS = [show(1, segment(OUTSIDE, "10", "11"), str), show(2, transfer(), str)]


def rows(answer: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(answer).decode(), newline="")))


def test_json_is_an_object_with_the_next_page() -> None:
    found = msgspec.json.decode(as_json(Answer(RECORDS, "/cdr?after=2")))
    assert [one["record"] for one in found["records"]] == ["segment", "transfer"]
    assert found["next"] == "/cdr?after=2"
    assert msgspec.json.decode(as_json(Answer([], None))) == {"records": [], "next": None}


def test_csv_has_a_line_for_each_record() -> None:
    first, second = rows(Answer(RECORDS, None))
    assert tuple(first) == COLUMNS
    assert (first["record"], first["phoneNumber"], first["talkSeconds"]) == ("segment", OUTSIDE, "10.0")
    assert (first["calls"], first["endedByTelephone"], first["kind"]) == ("T", "false", "")
    assert (second["record"], second["kind"], second["whom"]) == ("transfer", "TwoStepTransfer", OUTSIDE)
    ended = show(3, replace(segment("10", "11"), by_itself=True), str)
    assert rows(Answer([ended], None))[0]["endedByTelephone"] == "true"


@pytest.mark.parametrize(
    ("dialled", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("+1-1", "'+1-1"),
        ("-1+cmd", "'-1+cmd"),
        ("+4989", "+4989"),
        ("*55", "*55"),
    ],
)
def test_nothing_is_a_formula(dialled: str, written: str) -> None:
    shown = show(1, replace(segment("10", "11"), wanted=dialled), str)
    assert rows(Answer([shown], None))[0]["wanted"] == written
