"""Phone calls and records as rows: another chronicle, and other records, go on where the first ones were."""

from __future__ import annotations

from typing import Any

import msgspec
from tests.uapi.front import Front
from tests.uapi.test_chronicle import CALL, OTHER, heed, put

from cordboard.calls.model import CallState, Parked
from cordboard.journal.memory import MemoryJournal
from cordboard.uapi import keeping
from cordboard.uapi.cdr import Cdr, Record
from cordboard.uapi.chronicle import Chronicle, Ended


def written(chronicle: Chronicle, journal: MemoryJournal) -> None:
    journal.append((), keeping.phone_call_rows(chronicle.take_changed()))


def test_a_chronicle_goes_on() -> None:
    one, two, journal = Chronicle(), Chronicle(), MemoryJournal()
    heed(one, 10.0, CALL, OTHER)
    written(one, journal)
    heed(one, 12.0, put(CALL, state=CallState.ESTABLISHED), put(OTHER, state=CallState.RELEASED))
    heed(one, 13.0, put(CALL, state=CallState.ESTABLISHED, parked=Parked("3", 701, "024", 99.0)))
    written(one, journal)
    two.restore(keeping.read_phone_calls(journal.rows))
    for number in ("210", "024"):
        ((here,), (there,)) = one.of(number), two.of(number)
        assert msgspec.to_builtins(here) == msgspec.to_builtins(there)
    assert two.take_changed() == []
    heed(two, 14.0, put(CALL, state=CallState.RELEASED))
    (ended,) = two.take_ended()
    assert (ended.published, ended.answered, len(ended.parties)) == (10.0, 12.0, 2)
    written(two, journal)
    assert list(journal.rows(keeping.PHONE_CALLS)) == []


class Views:
    def record(self, one: Ended, _now: float) -> dict[str, Any]:
        return {"id": one.id}


def records(journal: MemoryJournal) -> Cdr:
    """Those of a process that begins; it keeps two."""
    made = Cdr(Front().directory, Views(), lambda instant: instant, lambda: 0.0, 2)  # type: ignore[arg-type]
    made.restore(keeping.read_records(journal.rows))
    return made


def over(name: str) -> Ended:
    chronicle = Chronicle()
    heed(chronicle, 1.0, put(CALL, owner="0003*210"), put(CALL, owner="0003*210", state=CallState.RELEASED))
    return msgspec.structs.replace(chronicle.take_ended()[0], id=name)


def test_records_go_on_and_the_oldest_go() -> None:
    journal = MemoryJournal()
    for names in ("a", "b", "cd", "efg"):
        numbered = records(journal).keep([over(name) for name in names], 5.0)
        journal.append(keeping.record_lines(numbered), keeping.record_rows(numbered))
    assert [record.id for _, record in keeping.read_records(journal.rows)] == ["f", "g"]
    assert [record.id for record in records(journal)._records] == ["f", "g"]
    lines = [line for _, line in journal.lines()]
    assert {line.kind for line in lines} == {keeping.CDR}
    assert [msgspec.msgpack.decode(line.body, type=Record).id for line in lines] == list("abcdefg")
