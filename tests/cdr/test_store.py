"""What is kept, for how long, and who finds what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.cdr.site import DIRECTORY, OUTSIDE, segment, transfer

from cordboard.calls.segments import AnyRecord, Segment, Way
from cordboard.cdr.store import Limits, Query, Store

DAY = 86_400.0


def store_of(*records: AnyRecord, **limits: Any) -> Store:
    store = Store(DIRECTORY, Limits(**limits))
    store.keep(records)
    return store


def found(store: Store, tenant: str | None = None, **query: Any) -> list[int]:
    return [number for number, _ in store.find(Query(**query), tenant).records]


# -- keeping -------------------------------------------------------------------------------------------------------


def test_records_are_numbered_as_they_come() -> None:
    store = Store(DIRECTORY, Limits())
    one, two, three = segment("10", "11"), segment("11", "10"), transfer()
    assert store.keep([one, two]) == [(1, one), (2, two)]
    assert store.keep([three]) == [(3, three)]
    assert store.last == 3


def test_the_oldest_go_when_there_are_too_many() -> None:
    store = store_of(segment("10", "11"), segment("11", "10"), kept_max=2)
    new = transfer()
    assert store.keep([new]) == [(3, new), (1, None)]
    assert found(store) == [2, 3]
    assert found(store, call="T") == [2, 3]


def test_or_too_old() -> None:
    store = store_of(segment("10", "11", thread="old"), segment("11", "10", thread="old"), keep_days=1.0)
    new = segment("12", "11", ended=1000 + DAY + 1)
    assert store.keep([new]) == [(3, new), (1, None), (2, None)]
    assert (found(store, call="old"), found(store, thread="old"), found(store)) == ([], [], [3])


def test_a_process_goes_on_where_another_was() -> None:
    store = store_of(*[segment("10", "11")] * 3, kept_max=2)
    other = Store(DIRECTORY, Limits(kept_max=2))
    other.restore([(2, segment("10", "11")), (3, segment("10", "11"))])
    new = transfer()
    assert store.keep([new]) == other.keep([new]) == [(4, new), (2, None)]
    assert found(other) == [3, 4]
    other.restore([])
    assert Store(DIRECTORY, Limits()).keep([]) == []


def test_threads_that_are_joined_are_one() -> None:
    one, two, three = segment("10", "11", thread="A"), segment("12", "11", thread="B"), segment("21", "11", thread="B")
    store = store_of(one, two, three)
    joining = transfer("A", joined="B")
    assert store.keep([joining]) == [(2, replace(two, thread="A")), (3, replace(three, thread="A")), (4, joining)]
    assert found(store, thread="A") == found(store, call="B") == [1, 2, 3, 4]
    assert found(store, thread="B") == []
    again = transfer("C", joined="nothing of it is kept")
    assert store.keep([again]) == [(5, again)]


# -- looking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"newest_first": True}, [4, 3, 2, 1]),
        ({"start": 2000.0}, [3, 4]),
        ({"end": 2000.0}, [1, 2]),
        ({"number": "10"}, [1, 4]),
        ({"number": OUTSIDE}, [2]),
        ({"kind": "segment"}, [1, 3, 4]),
        ({"kind": "transfer"}, [2]),
        ({"kind": "TwoStepTransfer"}, [2]),
        ({"kind": "Park"}, []),
        ({"thread": "T"}, [1, 2]),
        ({"thread": "T", "newest_first": True}, [2, 1]),
        ({"call": "U"}, [3, 4]),
        ({"call": "T2"}, [1, 2]),
        ({"call": "U", "thread": "T"}, []),
        ({"call": "unknown"}, []),
        ({"after": 2}, [3, 4]),
        ({"after": 3, "newest_first": True}, [2, 1]),
        ({"after": 9}, []),
    ],
)
def test_what_is_found(query: dict[str, Any], numbers: list[int]) -> None:
    store = store_of(
        segment("10", "11"),
        transfer(),
        segment("20", "21", thread="U", ended=2000.0),
        segment("21", "20", "10", thread="U", ended=2001.0),
    )
    assert found(store, **query) == numbers


def test_pages_follow_one_another() -> None:
    store = store_of(*[segment("10", "11")] * 5)
    page = store.find(Query(limit=2), None)
    assert ([number for number, _ in page.records], page.next) == ([1, 2], 2)
    page = store.find(Query(limit=2, after=4), None)
    assert ([number for number, _ in page.records], page.next) == ([5], None)


def test_a_page_is_not_looked_for_too_long() -> None:
    store = store_of(*[segment("10", "11")] * 5, segment("21", "20"), looked_at_max=4)
    assert store.find(Query(number="21"), None).next == 4
    assert store.find(Query(number="21"), None).records == []
    page = store.find(Query(number="21", after=4), None)
    assert ([number for number, _ in page.records], page.next) == ([6], None)


def test_an_organisation_sees_its_own() -> None:
    store = store_of(
        segment("10", "21"),
        segment("21", "10"),
        segment(OUTSIDE, "11"),
        transfer(),
        Segment("leg", "leg", OUTSIDE, Way.DIALLED, 1.0, OUTSIDE, "999", ended=2.0),
    )
    assert found(store, "north") == [1, 3, 4]
    assert found(store, "south") == [2]
    assert found(store) == [1, 2, 3, 4, 5]
