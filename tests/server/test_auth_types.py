"""The denial is what clients look for."""

import json

import pytest

from cordboard.server.auth_types import ACCESS_DENIED, Authentication


def test_the_denial_is_the_documented_one() -> None:
    assert json.loads(ACCESS_DENIED) == {"statusCode": 20, "statusMessage": "Access denied"}


def test_an_authentication_is_a_frozen_value() -> None:
    found = Authentication("user")
    assert (found.set_cookie, found.session) == (None, "")
    with pytest.raises(AttributeError):
        found.identity = "other"  # type: ignore[misc]
