"""``[uapi]``: its defaults are those of the limits, and nothing is out of range unseen."""

from __future__ import annotations

import pytest

from cordboard.server.config_reading import Reader
from cordboard.server.config_uapi import Uapi
from cordboard.server.grants import Limits


def test_the_defaults_are_those_of_the_limits() -> None:
    assert Uapi().grants() == Limits()
    assert Uapi(tokens_max=7, code_lifetime_s=8).grants() == Limits(tokens_max=7, code_lifetime_s=8)


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("auth_failure_status", 402, "401 or 403"),
        ("token_lifetime_s", 0, "from 1 up to 86400"),
        ("refresh_lifetime_s", 31_536_001, "up to 31536000"),
        ("tokens_per_app_max", 0, "from 1"),
        ("tokens_max", 1.5, "a whole number"),
        ("enabled", "yes", "true or false"),
    ],
)
def test_values_out_of_range_are_mistakes(name: str, value: object, accepted: str) -> None:
    reader = Reader("f.toml", {})
    reader.table(Uapi, {name: value}, "uapi")
    (mistake,) = reader.mistakes
    assert mistake.key == f"uapi.{name}"
    assert accepted in mistake.accepted


def test_the_environment_can_say_401() -> None:
    reader = Reader("f.toml", {"CORDBOARD_UAPI__AUTH_FAILURE_STATUS": "401"})
    assert reader.table(Uapi, {}, "uapi").auth_failure_status == 401
    assert reader.mistakes == []
