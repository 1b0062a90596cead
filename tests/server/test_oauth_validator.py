"""What oauthlib is told: each question by itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from tests.kit.oauth import ANNA, BACK, BOARD, CRM, World

from cordboard.server.grants import Grant, Kind
from cordboard.server.oauth_validator import SCOPE, Validator


def request(**known: Any) -> Any:
    return SimpleNamespace(
        **{"client": None, "client_id": "crm", "redirect_uri": BACK, "user": ANNA, "code_challenge": None}
        | {"code_challenge_method": None}
        | known
    )


def test_an_app_is_who_proved_to_be_it() -> None:
    asked = request()
    assert Validator(World().tokens, CRM).authenticate_client(asked)
    assert asked.client is CRM
    assert not Validator(World().tokens).authenticate_client(asked)
    assert asked.client is None


def test_what_is_known_and_what_is_not() -> None:
    validator = Validator(World().tokens)
    asked = request()
    assert validator.validate_client_id("crm", asked)
    assert asked.client is CRM
    assert not validator.validate_client_id("nobody", asked)
    grants = ("client_credentials", "authorization_code", "refresh_token", "password", "implicit")
    assert [validator.validate_grant_type("crm", grant, CRM, asked) for grant in grants] == [*[True] * 3, False, False]
    responses = ("code", "none", "token", "code token")
    assert [validator.validate_response_type("crm", asks, CRM, asked) for asks in responses] == [True, *[False] * 3]
    assert validator.get_default_scopes("crm", asked) == validator.get_original_scopes("x", asked) == [SCOPE]
    assert validator.validate_scopes("crm", [SCOPE], CRM, asked)
    assert not validator.validate_scopes("crm", ["more"], CRM, asked)
    assert not validator.is_pkce_required("crm", asked)
    assert not validator.rotate_refresh_token(asked)


@pytest.mark.parametrize(
    ("app", "uri", "known", "default"),
    [
        ("crm", BACK, True, BACK),
        ("crm", BACK + "/", False, BACK),
        ("crm", BACK.upper(), False, BACK),
        ("board", BACK, True, None),
        ("nobody", BACK, False, None),
    ],
)
def test_people_are_sent_back_where_an_app_is_registered_to_be(
    app: str, uri: str, known: bool, default: str | None
) -> None:
    validator = Validator(World().tokens)
    assert validator.validate_redirect_uri(app, uri, request()) is known
    assert validator.get_default_redirect_uri(app, request()) == default


def coded(world: World, **known: Any) -> Validator:
    validator = Validator(world.tokens, CRM)
    validator.save_authorization_code("crm", {"code": "c"}, request(**known))
    return validator


def test_a_code_stands_for_what_it_was_given_for() -> None:
    world = World()
    validator = coded(world, code_challenge="abc", code_challenge_method="S256")
    assert validator.validate_code("crm", "c", CRM, request())
    assert validator.get_code_challenge("c", request()) == "abc"
    assert validator.get_code_challenge_method("c", request()) == "S256"
    assert validator.confirm_redirect_uri("crm", "c", BACK, CRM, request())
    assert not validator.confirm_redirect_uri("crm", "c", BACK + "x", CRM, request())


def test_a_code_without_a_challenge() -> None:
    validator = coded(World())
    assert validator.validate_code("crm", "c", CRM, request())
    assert validator.get_code_challenge("c", request()) is None
    assert validator.get_code_challenge_method("c", request()) is None


def test_a_code_is_its_apps_own_and_lives_ten_minutes() -> None:
    world = World()
    validator = coded(world)
    assert not validator.validate_code("board", "c", BOARD, request())
    assert not validator.validate_code("crm", "d", CRM, request())
    world.instant += 600
    assert not validator.validate_code("crm", "c", CRM, request())


def test_a_code_that_comes_twice_ends_what_it_was_redeemed_for() -> None:
    """RFC 6749 §4.1.2"""
    world = World()
    validator = coded(world)
    assert validator.validate_code("crm", "c", CRM, request())
    validator.save_bearer_token({"access_token": "t", "refresh_token": "r"}, request())
    validator.invalidate_authorization_code("crm", "c", request())
    assert world.account("t") == ("anna", "user", "crm")
    assert Validator(world.tokens).validate_refresh_token("r", CRM, request())
    assert not Validator(world.tokens).validate_code("crm", "c", CRM, request())
    assert world.account("t") is None
    assert not Validator(world.tokens).validate_refresh_token("r", CRM, request())


def test_a_token_of_an_app_by_itself_is_nobodys_consent() -> None:
    world = World()
    Validator(world.tokens, BOARD).save_bearer_token({"access_token": "t"}, request(client_id="board"))
    assert world.account("t") == ("anna", "organization", "board")
    assert world.tokens.find(Kind.REFRESH, "t") is None


def test_a_refresh_token_is_its_apps_own_and_lives_on_when_used() -> None:
    world = World()
    world.tokens.give(Kind.REFRESH, "r", Grant("crm", 0.0, ANNA.id, "f"))
    validator = Validator(world.tokens, CRM)
    assert not validator.validate_refresh_token("r", BOARD, request())
    world.instant += 2_591_999
    assert validator.validate_refresh_token("r", CRM, request())
    validator.save_bearer_token({"access_token": "t", "refresh_token": "r"}, request())
    assert world.account("t") == ("anna", "user", "crm")
    world.instant += 2_591_999
    assert validator.validate_refresh_token("r", CRM, request())
    world.instant += 1
    assert not validator.validate_refresh_token("r", CRM, request())
