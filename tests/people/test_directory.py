"""Look-ups in a directory of two tenants and a trunk."""

import re

import pytest
from msgspec.structs import replace

from cordboard.people.directory import Destination, Directory
from cordboard.people.model import RECORDING_FEATURE, Device, Tenant, TrunkNumber, User
from cordboard.people.services import Callback

NORTH = Tenant("3", "North", "0003")
SOUTH = Tenant("4", "South", "0004")
PLAIN = Tenant("5", "Plain")


def user(name: str, number: str, tenant: Tenant) -> User:
    return User(f"id-{name}", name, "hash", Device(f"device-{name}", number), tenant)


ANNA = user("anna", "5005", NORTH)
JOHN = user("john", "0003*210", NORTH)
SARA = user("sara", "0004*210", SOUTH)
PAUL = user("paul", "700", PLAIN)


@pytest.fixture
def directory() -> Directory:
    return Directory([ANNA, JOHN, SARA, PAUL], [NORTH, SOUTH, PLAIN], [TrunkNumber("3334444", "Customer")])


def test_users_are_found_by_each_of_their_names(directory: Directory) -> None:
    assert directory.user_named("anna") is ANNA
    assert directory.user("id-anna") is ANNA
    assert directory.owner_of("5005") is ANNA
    assert directory.owner_of_device("device-anna") is ANNA


def test_services_are_found_by_their_numbers_and_belong_to_somebody() -> None:
    callback = Callback("0003*400", JOHN)
    directory = Directory([ANNA, JOHN, SARA], [NORTH, SOUTH], [], services=[callback])
    assert directory.service("0003*400", SARA) is directory.service("400", ANNA) is callback
    assert directory.service("400", SARA) is None
    assert (directory.charged_to("0003*400"), directory.charged_to("5005"), directory.charged_to("7")) == (
        JOHN,
        ANNA,
        None,
    )
    assert directory.find("0003*400", "5005") is None


def test_colleagues_are_those_of_the_same_tenant(directory: Directory) -> None:
    assert list(directory.colleagues(ANNA)) == list(directory.colleagues(JOHN)) == [ANNA, JOHN]
    assert list(directory.colleagues(PAUL)) == [PAUL]


def test_strangers_are_not_found(directory: Directory) -> None:
    assert directory.user_named("5005") is None
    assert directory.user("anna") is None
    assert directory.owner_of("3334444") is None
    assert directory.owner_of_device("5005") is None


def test_all_numbers_are_listed_once_users_first(directory: Directory) -> None:
    assert directory.numbers == ("5005", "0003*210", "0004*210", "700", "3334444")


def test_tenants_and_trunk_numbers_are_kept(directory: Directory) -> None:
    assert directory.tenants == {"3": NORTH, "4": SOUTH, "5": PLAIN}
    assert directory.trunk_numbers == (TrunkNumber("3334444", "Customer"),)


@pytest.mark.parametrize(
    ("dialled", "caller", "found"),
    [
        pytest.param("5005", "700", Destination("5005"), id="canonical"),
        pytest.param("3334444", "5005", Destination("3334444", external=True), id="beyond the trunk"),
        pytest.param("0003*210", "0004*210", Destination("0003*210"), id="canonical that is extended, across tenants"),
        pytest.param("0003*5005", "700", Destination("5005"), id="extended form of a plain number"),
        pytest.param("0004*5005", "700", None, id="extended with another tenant's prefix"),
        pytest.param("0003*999", "700", None, id="extended form of nobody"),
        pytest.param("*5005", "700", None, id="no prefix before the star"),
        pytest.param("*700", "5005", Destination("700"), id="an empty prefix is the prefix of a tenant without one"),
        pytest.param("210", "5005", Destination("0003*210"), id="short form in the caller's tenant"),
        pytest.param("210", "0004*210", Destination("0004*210"), id="the same short form in another tenant"),
        pytest.param("210", "700", None, id="short form where the tenant has no prefix"),
        pytest.param("210", "3334444", None, id="short form from outside"),
        pytest.param("999", "5005", None, id="unknown"),
        pytest.param("", "5005", None, id="nothing dialled"),
    ],
)
def test_find(directory: Directory, dialled: str, caller: str, found: Destination | None) -> None:
    assert directory.find(dialled, caller) == found


def test_a_users_number_wins_over_the_same_trunk_number() -> None:
    directory = Directory([ANNA], [NORTH], [TrunkNumber("5005")])
    assert directory.find("5005", "") == Destination("5005", external=False)


def test_who_may_record_has_the_feature_for_it() -> None:
    """call-semantics decision 11."""
    recorder = replace(ANNA, features=("api-voice", RECORDING_FEATURE))
    directory = Directory([recorder, PAUL], [NORTH], [])
    assert [directory.may_record(number) for number in ("5005", "700", "3334444")] == [True, False, False]


def test_numbers_outside_have_names_and_patterns() -> None:
    found = Directory([ANNA], [NORTH], [TrunkNumber("3334444", "Customer")], re.compile(r"\+?[0-9]{6,}"))
    assert (found.name_of("3334444"), found.name_of("1")) == ("Customer", "")
    assert found.find("+49301234567", "5005") == Destination("+49301234567", external=True)
    assert found.find("12345", "5005") is None
    assert found.find("5005", "700") == Destination("5005")


def test_whether_there_are_numbers_outside(directory: Directory) -> None:
    assert directory.knows_outside
    assert not Directory([ANNA], [NORTH], []).knows_outside
    assert Directory([ANNA], [NORTH], [], re.compile("[0-9]{6,}")).knows_outside
