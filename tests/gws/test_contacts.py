"""The directory of contacts: who is found by what, in which order (gws-v2 §1.5)."""

from __future__ import annotations

import msgspec
import pytest
from tests.kit.people import user

from cordboard.gws.contacts import FILTER_PARAMETERS_MAX, Contacts, is_like
from cordboard.gws.views import GwsSettings, Views
from cordboard.people.directory import Directory
from cordboard.people.model import Tenant, User

ELSEWHERE = Tenant("9", "Elsewhere")


def named(number: str, first: str, last: str, *roles: str) -> User:
    return msgspec.structs.replace(user(number, *roles), first_name=first, last_name=last)


ANNA, ZOE = named("5005", "Anna", "Roe"), named("5001", "zoë", "Adams", "supervisor")
MAX = named("6001", "Max", "Roebuck", "admin", "agent")
STRANGER = msgspec.structs.replace(named("7001", "Anna", "Roe"), tenant=ELSEWHERE)


@pytest.fixture
def contacts() -> Contacts:
    directory = Directory([ANNA, ZOE, MAX, STRANGER], [ANNA.tenant, ELSEWHERE], [])
    return Contacts(directory, Views(directory, GwsSettings("http://h")))


def found(contacts: Contacts, **parameters: str) -> list[str]:
    return [contact.name for contact in contacts.find(ANNA, parameters)]


MATCHES = {"filterName": "NamesOrPhoneNumberMatches"}


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["5005", "5001", "6001"]),
        ({"type": "User"}, ["5005", "5001", "6001"]),
        ({"type": "Queue"}, []),
        ({"type": "Custom", "name": "5005"}, []),
        ({"name": "5001,6001,7001"}, ["5001", "6001"]),
        ({"name": "500*"}, []),
        ({"phoneNumber": "6001"}, ["6001"]),
        ({"phoneNumber": "*"}, ["5005", "5001", "6001"]),
        ({"roles": "ROLE_SUPERVISOR,ROLE_ADMIN"}, ["5001", "6001"]),
        ({"roles": "ROLE_AGENT"}, ["5005", "6001"]),
        ({**MATCHES, "filterParameters": "*"}, ["5005", "5001", "6001"]),
        ({**MATCHES}, ["5005", "5001", "6001"]),
        ({**MATCHES, "filterParameters": "roe"}, ["5005"]),
        ({**MATCHES, "filterParameters": "ROE*"}, ["5005", "6001"]),
        ({**MATCHES, "filterParameters": "ROE*,max"}, ["6001"]),
        ({**MATCHES, "filterParameters": "ZOË"}, ["5001"]),
        ({**MATCHES, "filterParameters": "*00*, *1"}, ["5001", "6001"]),
        ({"filterParameters": "nobody"}, ["5005", "5001", "6001"]),
        ({"sortBy": "name"}, ["5001", "5005", "6001"]),
        ({"sortBy": "name", "order": "Descending"}, ["6001", "5005", "5001"]),
        ({"sortBy": "lastName", "order": "Ascending"}, ["5001", "5005", "6001"]),
        ({"sortBy": "firstName"}, ["5005", "6001", "5001"]),
        ({"sortBy": "userName"}, ["5001", "5005", "6001"]),
        ({"includeUsersInBusinessUnits": "AG_DEV", "limit": "1", "colour": "red"}, ["5005", "5001", "6001"]),
    ],
)
def test_who_is_found(contacts: Contacts, parameters: dict[str, str], names: list[str]) -> None:
    assert found(contacts, **parameters) == names


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "user"},
        {"filterName": "NamesLike"},
        {"sortBy": "age"},
        {"sortBy": "name", "order": "ascending"},
        {**MATCHES, "filterParameters": ",".join(map(str, range(FILTER_PARAMETERS_MAX + 1)))},
    ],
)
def test_parameters_that_can_not_be(contacts: Contacts, parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"must be|at most"):
        contacts.find(ANNA, parameters)


def test_as_many_filters_as_there_may_be(contacts: Contacts) -> None:
    many = ",".join("*" * (count + 1) for count in range(FILTER_PARAMETERS_MAX))
    assert len(found(contacts, **MATCHES, filterParameters=many)) == 3


def test_one_contact(contacts: Contacts) -> None:
    one = contacts.contact(ANNA, ZOE.id, {})
    assert one is not None
    assert one.first_name == "zoë"
    assert contacts.contact(ANNA, ZOE.id, {"type": "User"}) == one
    assert contacts.contact(ANNA, ZOE.id, {"type": "Queue"}) is None
    assert contacts.contact(ANNA, "nobody", {}) is None
    with pytest.raises(ValueError, match="type must be User or Queue or Custom"):
        contacts.contact(ANNA, ZOE.id, {"type": "Friend"})


def test_other_tenants_are_other_worlds(contacts: Contacts) -> None:
    assert contacts.contact(ANNA, STRANGER.id, {}) is None
    assert [contact.name for contact in contacts.find(STRANGER, {})] == ["7001"]


@pytest.mark.parametrize(
    ("text", "pattern", "like"),
    [
        ("roe", "roe", True),
        ("roe", "ro", False),
        ("", "", True),
        ("", "*", True),
        ("roe", "*", True),
        ("roe", "r*", True),
        ("roe", "*e", True),
        ("roe", "r*e", True),
        ("roe", "x*", False),
        ("roe", "*x", False),
        ("roe", "*o*", True),
        ("roe", "*x*", False),
        ("roe", "**o**", True),
        ("roe", "*o*r*", False),
        ("aa", "aa*aa", False),
        ("aaa", "aa*aa", False),
        ("abcabc", "*abc*abc", True),
        ("a" * 100, "*a" * 60 + "b", False),
    ],
)
def test_patterns(text: str, pattern: str, like: bool) -> None:
    assert is_like(text, pattern) is like
