"""User data belongs to the conversation: every party sees the same and is told of each change (gws-v2 §3)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, TALKING, TARGET_RINGS, Play

from cordboard.calls.model import CallState

WITH_DATA = (*TALKING, "5005 AttachUserData A data=a:1,b:2")


def short(lines: list[str]) -> list[str]:
    """Who is told which change, and the data."""
    return [
        " ".join([*line.split()[:3], *(word for word in line.split() if word.startswith("data="))]) for line in lines
    ]


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ("5005 AttachUserData A data=c:3", {"a": "1", "b": "2", "c": "3"}),
        ("5005 AttachUserData A data=a:9", {"a": "9", "b": "2"}),
        ("5000 UpdateUserData A data=b:9,c:3", {"a": "1", "b": "9", "c": "3"}),
        ("5005 DeleteUserDataPair A pair=a", {"b": "2"}),
        ("5005 DeleteUserDataPair A pair=unheard_of", {"a": "1", "b": "2"}),
        ("5005 DeleteUserData A", {}),
    ],
)
def test_both_parties_see_what_was_changed_and_are_told(line: str, data: dict[str, str]) -> None:
    play = Play(*WITH_DATA)
    told = play.told(line)
    assert [" ".join(each.split()[:3]) for each in told] == ["5000 A AttachedDataChanged", "5005 A AttachedDataChanged"]
    assert play.call("5000").user_data == play.call("5005").user_data == data


def test_data_that_is_written_again_is_told_though_nothing_changed() -> None:
    play = Play(*WITH_DATA)
    assert len(play.told("5005 AttachUserData A data=a:1")) == 2


def test_it_needs_no_order() -> None:
    assert Play(*TALKING).ordered("5005 AttachUserData A data=a:1") == []


def test_all_members_of_a_conference_are_told() -> None:
    play = Play(*CONFERENCE)
    assert short(play.told("5001 AttachUserData A data=a:1")) == [
        "5000 A AttachedDataChanged data=a:1",
        "5005 A AttachedDataChanged data=a:1",
        "5001 A AttachedDataChanged data=a:1",
    ]


def test_the_consult_has_data_of_its_own() -> None:
    play = Play(*TARGET_RINGS, "5005 AttachUserData B data=a:1")
    assert (play.call("5005", 0).user_data, play.call("5005", 1).user_data) == ({}, {"a": "1"})
    assert play.call("5001").user_data == {"a": "1"}


def test_a_phone_that_is_about_to_ring_gets_the_data_without_being_told() -> None:
    play = Play("hold reports", "5000 Dial to=5005")
    told = play.told("5000 AttachUserData A data=a:1")
    assert short(told) == ["5000 A AttachedDataChanged data=a:1"]
    told = play.told("5000 AttachUserData A data=a:1")
    assert short(told) == ["5000 A AttachedDataChanged data=a:1"]
    (offered,) = (call for call in play.ledger.calls.values() if call.owner == "5005")
    assert (offered.state, offered.user_data) == (CallState.OFFERED, {"a": "1"})


def test_a_supervisor_sees_and_changes_the_same_data() -> None:
    play = Play(*TALKING, "5900 ListenIn 5005")
    assert short(play.told("5900 AttachUserData A data=k:v")) == [
        "5000 A AttachedDataChanged data=k:v",
        "5005 A AttachedDataChanged data=k:v",
        "5900 A AttachedDataChanged data=k:v",
    ]


@pytest.mark.parametrize("operation", ["AttachUserData", "UpdateUserData"])
def test_there_is_a_limit_to_what_a_call_carries(operation: str) -> None:
    play = Play(*WITH_DATA, user_data_bytes_max=20)
    assert play.do(f"5005 {operation} A data=c:345678") == [
        "answer refused, limit reached: a call carries 20 bytes of user data at most"
    ]
    assert play.call("5005").user_data == {"a": "1", "b": "2"}
    assert len(play.told("5005 AttachUserData A data=b:34")) == 2
