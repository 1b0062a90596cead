"""The comparer itself: what it must see and what it must let pass."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from tests.kit.vectors import VECTORS, Bindings, compare, load, names

CONSULT = load("initiate_transfer_2")[5]["notification"]


def changed(**members: Any) -> dict[str, Any]:
    actual = copy.deepcopy(CONSULT)
    actual["data"]["call"].update(members)
    return actual


def test_a_sample_equals_itself() -> None:
    assert compare(CONSULT, copy.deepcopy(CONSULT), exact_duration=True) == []


def test_order_of_capabilities_and_other_ids_and_hosts_do_not_count() -> None:
    text = str(CONSULT).replace("011DJV5JI898NB2L04000VTAES", "X").replace("http://127.0.0.1:8080", "https://a.b")
    actual = eval(text)  # a literal that Python has just printed
    actual["data"]["call"]["capabilities"].reverse()
    actual["data"]["call"]["duration"] = "77"
    assert compare(CONSULT, actual) == []


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"state": "Held"}, "data.call.state"),
        ({"capabilities": ["Hangup"]}, "data.call.capabilities"),
        ({"capabilities": [*CONSULT["data"]["call"]["capabilities"], "Hangup"]}, "data.call.capabilities"),
        ({"duration": 0}, "data.call.duration"),
        ({"duration": "soon"}, "data.call.duration"),
        ({"callUuid": "another"}, "data.call.callUuid"),
        ({"uri": "http://127.0.0.1:8080/api/v2/calls/011DJV5JI898NB2L04000VTAES000006"}, "data.call.uri"),
        ({"uri": "/api/v2/me/calls/011DJV5JI898NB2L04000VTAES000006"}, "data.call.uri"),
        ({"uri": "nothing"}, "data.call.uri"),
        ({"path": "/calls/011DJV5JI898NB2L04000VTAES000005"}, "data.call.path"),
        ({"participants": []}, "data.call.participants"),
        ({"surprise": 1}, "data.call.surprise"),
        ({"mute": "On"}, "data.call.mute"),
    ],
)
def test_a_difference_is_told_with_its_place(members: dict[str, Any], place: str) -> None:
    differences = compare(CONSULT, changed(**members))
    assert differences
    assert all(line.startswith(place) for line in differences)


def test_duration_counts_if_the_test_sets_the_clock() -> None:
    assert compare(CONSULT, changed(duration="1")) == []
    assert compare(CONSULT, changed(duration="1"), exact_duration=True) == [
        "data.call.duration: '1' instead of '0'",
    ]


def test_a_member_that_is_missing_is_told() -> None:
    actual = copy.deepcopy(CONSULT)
    del actual["data"]["phoneNumber"]
    assert compare(CONSULT, actual) == ["data.phoneNumber: missing"]


def test_tolerated_members_may_be_added_but_a_parent_only_to_a_consult() -> None:
    assert compare(CONSULT, changed(monitoring=False)) == []
    assert compare(CONSULT, changed(parentCallPath="/calls/1")) == []
    parent = load("initiate_transfer_2")[4]["notification"]
    actual = copy.deepcopy(parent)
    actual["data"]["call"]["parentCallPath"] = "/calls/1"
    assert compare(parent, actual) == ["data.call.parentCallPath: not in the sample"]


def test_bindings_are_one_to_one_and_kept() -> None:
    bindings = Bindings()
    assert not bindings.differ("call", "S1", "R1")
    assert not bindings.differ("call", "S1", "R1")
    assert bindings.differ("call", "S1", "R2")
    assert bindings.differ("call", "S2", "R1")
    assert bindings.real("call", "S1") == "R1"
    with pytest.raises(KeyError):
        bindings.real("call", "S9")


def test_every_vector_has_a_provenance() -> None:
    provenance = tomllib.loads((VECTORS / "PROVENANCE.toml").read_text("utf-8"))
    assert sorted(provenance["files"]) == [f"{name}.json" for name in names()]
    assert all(set(repair["files"]) <= set(provenance["files"]) for repair in provenance["repairs"])
