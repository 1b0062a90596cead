"""The checker finds what is planted in call detail records, and reads them from a journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.cdr.site import segment, transfer
from tests.chaos.accounts import judge, read
from tests.chaos.records import AnyLine, Asked, Detail, Heard
from tests.kit.journals import write

from cordboard.calls.segments import AnyRecord
from cordboard.cdr import keeping
from cordboard.cdr.shown import show

HEARD = [
    Heard(1.0, user, f"{user}/ws", 1, "T", "Released", "StatusChange", "Internal", "", msgspec.Raw(b"{}"))
    for user in ("10", "11")
]
ASKED = Asked(1.0, 1.1, "11", "T", "CompleteTransfer", "k", 200, 0, 1)
RECORDS: tuple[AnyRecord, ...] = (segment("10", "11"), segment("11", "10"), transfer())


def details(*records: AnyRecord) -> list[dict[str, Any]]:
    return [dict(msgspec.to_builtins(show(number, record, str))) for number, record in enumerate(records)]


def lines(found: list[dict[str, Any]], *others: AnyLine) -> list[AnyLine]:
    return [*HEARD, *others, *(Detail(msgspec.Raw(msgspec.json.encode(one))) for one in found)]


def test_what_is_recorded_as_it_was_is_good() -> None:
    assert list(judge(lines(details(*RECORDS), ASKED))) == []
    unsure = msgspec.structs.replace(ASKED, code=4)
    assert list(judge(lines(details(*RECORDS), unsure))) == []
    assert list(judge(lines(details(*RECORDS[:2]), unsure))) == []


def test_without_records_nothing_is_said_of_them() -> None:
    assert list(judge([*HEARD, ASKED])) == []


def twice(found: list[dict[str, Any]]) -> None:
    found.append(found[0])


def lost(found: list[dict[str, Any]]) -> None:
    del found[1]


def untold(found: list[dict[str, Any]]) -> None:
    del found[2]


def told_twice(found: list[dict[str, Any]]) -> None:
    found.append(found[2])


def apart(found: list[dict[str, Any]]) -> None:
    found[1]["thread"] = "another"


def miscounted(found: list[dict[str, Any]]) -> None:
    found[0]["talkSeconds"] = 9.0


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (twice, ["of leg leg-10 2 segments are recorded", "10 was told of T, of which 2 segments are recorded"]),
        (lost, ["11 was told of T, of which 0 segments are recorded"]),
        (untold, ["11 had 1 of TwoStepTransfer accepted, and 0 are recorded"]),
        (told_twice, ["11 had 1 of TwoStepTransfer accepted, and 2 are recorded"]),
        (apart, ["records of T are of several threads: ['T', 'another']"]),
        (miscounted, ["leg leg-10 lasted 12.0 s, of which are told [2.0, 9.0, 0.0]"]),
    ],
)
def test_what_is_planted_is_found(plant: Callable[[list[dict[str, Any]]], None], words: list[str]) -> None:
    found = details(*RECORDS)
    plant(found)
    assert list(judge(lines(found, ASKED))) == words


def test_they_are_read_from_a_journal(tmp_path: Path) -> None:
    write(tmp_path / "a.db", [(keeping.lines(list(enumerate(RECORDS, 1)), 1, str), ())])
    kinds = [msgspec.json.decode(one.record)["record"] for one in read(tmp_path / "a.db")]
    assert kinds == ["segment", "segment", "transfer"]
