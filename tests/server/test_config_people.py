"""Tenants, users and trunk numbers: what is made of them and which mistakes are seen."""

import re
from typing import Any, get_args

import argon2
import pytest

from cordboard.gws.views import FEATURES
from cordboard.people.directory import Destination, Directory
from cordboard.people.model import Tenant, TrunkNumber
from cordboard.server import passwords
from cordboard.server.config_people import DEFAULT_TENANT, Feature, device_id, read_directory, user_id
from cordboard.server.config_reading import Reader

ANNA: dict[str, Any] = {"name": "anna", "number": "5005", "password": "secret"}
HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")
NORTH = {"id": "3", "name": "North", "prefix": "0003"}
SOUTH = {"id": "4", "name": "South"}


def people(users: Any = (), tenants: Any = (), trunks: Any = ()) -> tuple[Directory, list[str]]:
    reader = Reader("f.toml", {})
    as_lists = [list(found) if isinstance(found, tuple) else found for found in (tenants, users, trunks)]
    directory = read_directory(reader, dict(zip(("tenants", "users", "trunk_numbers"), as_lists, strict=True)))
    return directory, [str(mistake).removeprefix("f.toml: ") for mistake in reader.mistakes]


def test_a_user_has_stable_ids_a_concealed_password_and_the_only_tenant() -> None:
    directory, mistakes = people([ANNA], [NORTH])
    assert mistakes == []
    (anna,) = directory.users
    assert re.fullmatch("[0-9a-f]{32}", anna.id)
    assert anna.id == user_id("anna")
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", anna.device.id)
    assert anna.device.id == device_id("5005")
    assert anna.tenant == Tenant("3", "North", "0003")
    assert passwords.matches(anna.password_hash, "secret")
    assert passwords.is_quick(anna.password_hash)


def test_equal_passwords_are_not_kept_alike() -> None:
    directory, _ = people([ANNA, ANNA | {"name": "olga", "number": "5001"}])
    assert len({user.password_hash for user in directory.users}) == 2


def test_what_the_file_says_of_a_user_is_kept() -> None:
    said = {"id": "12", "roles": ["admin", "supervisor"], "tenant": "4", "first_name": "Anna", "last_name": "Roe"}
    more = {"email": "a@example.org", "features": ["api-voice"]}
    directory, mistakes = people([ANNA | said | more], [NORTH, SOUTH])
    assert mistakes == []
    (anna,) = directory.users
    assert (anna.id, anna.roles, anna.tenant) == ("12", ("admin", "supervisor"), Tenant("4", "South"))
    assert (anna.first_name, anna.last_name, anna.email, anna.features) == (
        "Anna",
        "Roe",
        "a@example.org",
        ("api-voice",),
    )


def test_without_features_there_is_voice_and_the_workplace_is_the_number() -> None:
    directory, _ = people([ANNA, {"name": "b", "number": "1", "password": "x", "features": [], "workplace": "Desk 1"}])
    assert [user.features for user in directory.users] == [("api-voice",), ()]
    assert [user.device.workplace for user in directory.users] == ["5005", "Desk 1"]


def test_features_are_those_that_clients_are_told_of() -> None:
    assert set(get_args(Feature)) == set(FEATURES)


def test_an_argon2_hash_is_kept_as_it_is() -> None:
    directory, mistakes = people([{"name": "anna", "number": "5005", "password_hash": HASH}])
    assert mistakes == []
    assert directory.users[0].password_hash == HASH


def test_without_tenants_there_is_a_default_one() -> None:
    directory, mistakes = people([ANNA])
    assert mistakes == []
    assert directory.users[0].tenant == DEFAULT_TENANT


def test_trunk_numbers_are_kept() -> None:
    directory, mistakes = people(trunks=[{"number": "3334444", "name": "Customer"}])
    assert mistakes == []
    assert directory.trunk_numbers == (TrunkNumber("3334444", "Customer"),)


@pytest.mark.parametrize(
    ("users", "tenants", "trunks", "mistake"),
    [
        (
            [ANNA, ANNA | {"number": "1"}],
            (),
            (),
            'users[#2].name: found "anna"; accepted: a name of its own (users[#1]',
        ),
        ([ANNA, ANNA | {"name": "b"}], (), (), 'users[#2].number: found "5005"; accepted: a number of its own'),
        ([ANNA], (), [{"number": "5005"}], 'trunk_numbers[#1].number: found "5005"; accepted: a number of its own'),
        (
            [ANNA | {"id": "7"}, {"name": "b", "number": "1", "password": "x", "id": "7"}],
            (),
            (),
            'users[#2].id: found "7"; accepted: a user id of its own',
        ),
        (
            [ANNA, {"name": "b", "number": "1", "password": "x", "id": user_id("anna")}],
            (),
            (),
            f'users[#2].id: found "{user_id("anna")}"; accepted: a user id of its own',
        ),
        ((), [NORTH, NORTH | {"prefix": ""}], (), 'tenants[#2].id: found "3"; accepted: a tenant id of its own'),
        (
            (),
            [NORTH, SOUTH | {"prefix": "0003"}],
            (),
            'tenants[#2].prefix: found "0003"; accepted: a prefix of its own',
        ),
        ([ANNA], [NORTH, SOUTH], (), 'users[#1].tenant: found nothing; accepted: the id of a tenant: "3", "4"'),
        (
            [ANNA | {"tenant": "33"}],
            [NORTH],
            (),
            'users[#1].tenant: found "33"; accepted: the id of a tenant: "3" (did you',
        ),
        ([{"name": "a", "number": "1"}], (), (), "users[#1]: found neither; accepted: one of password"),
        ([ANNA | {"password_hash": HASH}], (), (), "users[#1]: found both; accepted: one of password"),
        (
            [{"name": "a", "number": "1", "password_hash": "secret"}],
            (),
            (),
            "users[#1].password_hash: found a value (not shown); accepted: an argon2 hash",
        ),
        ([ANNA | {"password": 5}], (), (), "users[#1].password: found a value (not shown); accepted: a text"),
        (
            [ANNA | {"name": "a:b"}],
            (),
            (),
            'users[#1].name: found "a:b"; accepted: 1 to 100 characters without a colon',
        ),
        ([ANNA | {"number": "5005\n"}], (), (), 'users[#1].number: found "5005\\n"; accepted: 1 to 40'),
        ([ANNA | {"id": "a/b"}], (), (), 'users[#1].id: found "a/b"; accepted: up to 64'),
        (
            [ANNA | {"roles": ["boss"]}],
            (),
            (),
            'users[#1].roles: found ["boss"]; accepted: a list, each item "admin" or',
        ),
        (
            [ANNA, {"name": "b", "number": "1", "password": "x", "workplace": "5005"}],
            (),
            (),
            'users[#2].workplace: found "5005"; accepted: a workplace of its own (users[#1]',
        ),
        ([ANNA | {"features": ["api-voices"]}], (), (), 'users[#1].features: found ["api-voices"]; accepted: a list,'),
        (["anna"], (), (), 'users[#1]: found "anna"; accepted: a table'),
        ({"name": "anna"}, (), (), 'users: found {"name":"anna"}; accepted: tables that begin with [[users]]'),
        ([ANNA | {"pasword": "x"}], (), (), "users[#1].pasword: found an unknown key; accepted: the keys name,"),
        ((), (), [{}], "trunk_numbers[#1].number: found nothing; accepted: 1 to 40"),
    ],
)
def test_mistakes(users: Any, tenants: Any, trunks: Any, mistake: str) -> None:
    _, mistakes = people(users, tenants, trunks)
    assert mistakes
    assert mistakes[0].startswith(mistake)


def test_the_secret_of_a_wrong_user_is_never_told() -> None:
    _, mistakes = people(
        [{"name": "a", "number": "1", "pasword": "hunter2", "password": ["hunter2"], "password_hash": 2}]
    )
    assert len(mistakes) == 3
    assert "hunter2" not in "".join(mistakes)


def test_a_telephone_may_be_dialled_and_answer_in_a_way_of_its_own() -> None:
    directory, mistakes = people([{**ANNA, "endpoint": "PJSIP/anna-desk", "answer": "nailed_up"}])
    assert mistakes == []
    device = directory.users[0].device
    assert (device.endpoint, device.answer) == ("PJSIP/anna-desk", "nailed_up")


def test_telephones_answer_in_the_ways_that_there_are() -> None:
    _, mistakes = people([{**ANNA, "answer": "shout"}])
    assert len(mistakes) == 1
    assert "users[#1].answer" in mistakes[0]


def test_a_pattern_for_numbers_outside_must_be_a_regular_expression() -> None:
    reader = Reader("f.toml", {})
    tables = {"users": [ANNA], "tenants": [], "trunk_numbers": []}
    assert read_directory(reader, tables, "[0-9]{7,}").find("4420555", "5005") == Destination("4420555", external=True)
    assert reader.mistakes == []
    read_directory(reader, tables, "[0-9")
    (mistake,) = reader.mistakes
    assert "numbering.outside" in str(mistake)
    assert "regular expression" in str(mistake)
