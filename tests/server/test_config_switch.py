"""[switch]: what an Asterisk's settings may be, and what goes together."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.server.config import Config, read
from cordboard.server.config_reading import Mistakes
from cordboard.server.config_switch import Asterisk


def told(asterisk: dict[str, Any], kind: str = "asterisk", **environ: str) -> list[str]:
    found = read({"switch": {"kind": kind, "asterisk": asterisk}}, environ, "f.toml")
    return [str(mistake) for mistake in found.all] if isinstance(found, Mistakes) else []


def test_a_password_is_all_that_is_needed() -> None:
    found = read({"switch": {"kind": "asterisk", "asterisk": {"password": "geheim"}}}, {}, "f.toml")
    assert isinstance(found, Config)
    assert found.switch.asterisk == Asterisk(password="geheim")


def test_without_a_password_there_is_no_asterisk() -> None:
    (mistake,) = told({"user": "desk"})
    assert mistake == (
        'f.toml: switch.asterisk.password: found nothing; accepted: the password of "desk" in ari.conf; it can be '
        "given as CORDBOARD_SWITCH__ASTERISK__PASSWORD"
    )
    assert told({}, CORDBOARD_SWITCH__ASTERISK__PASSWORD="geheim") == []
    assert told({}, kind="virtual") == []


def test_a_manager_needs_a_password_too() -> None:
    (mistake,) = told({"password": "geheim", "ami": "127.0.0.1:5038"})
    assert mistake.startswith("f.toml: switch.asterisk.ami_password: found nothing; accepted: the secret of")
    assert told({"password": "geheim", "ami": "127.0.0.1:5038", "ami_password": "geheim"}) == []


def test_a_password_that_is_no_text_is_told_once_and_not_shown() -> None:
    mistakes = told({"password": 12345, "ami": "127.0.0.1:5038", "ami_password": 67890})
    assert mistakes == [
        "f.toml: switch.asterisk.password: found a value (not shown); accepted: a text",
        "f.toml: switch.asterisk.ami_password: found a value (not shown); accepted: a text",
    ]


@pytest.mark.parametrize(
    ("key", "value", "accepted"),
    [
        ("url", "http://127.0.0.1:8088", "an http:// or https:// address that ends in /ari"),
        ("url", "127.0.0.1:8088/ari", "an http:// or https:// address that ends in /ari"),
        ("url", "http://user:x@127.0.0.1/ari", "an http:// or https:// address that ends in /ari"),
        ("user", "a:b", "1 to 100 characters without a colon"),
        ("application", "a,b", "1 to 64 letters, digits and _ . -"),
        ("ami", "127.0.0.1", 'HOST:PORT, such as 127.0.0.1:5038, or "" for none'),
        ("ami", "127.0.0.1:70000", "HOST:PORT"),
        ("endpoint", "PJSIP/15000", 'a dial string with {number} in it once, such as "PJSIP/{number}"'),
        ("endpoint", "{number}", "a dial string with {number} in it once"),
        ("trunk", "PJSIP/trunk", 'a dial string with {number} in it once, such as "PJSIP/{number}@trunk", or "" for'),
        ("music", "", "a class in musiconhold.conf"),
        ("answer", "magic", '"auto" or "nailed_up" or "notify"'),
    ],
)
def test_mistakes_say_what_is_accepted(key: str, value: str, accepted: str) -> None:
    (mistake,) = told({"password": "geheim", key: value})
    assert mistake.startswith(f'f.toml: switch.asterisk.{key}: found "{value}"; accepted: {accepted}')


@pytest.mark.parametrize(
    "right",
    [
        {"url": "https://pbx.example.org/ari"},
        {"url": "http://[::1]:8088/asterisk/ari/"},
        {"endpoint": "PJSIP/{number}@desks", "trunk": "PJSIP/+{number}@trunk"},
        {"ami": "pbx.example.org:5038", "ami_password": "geheim"},
        {"music": "jazz-2"},
    ],
)
def test_what_is_right_is_taken(right: dict[str, Any]) -> None:
    assert told({"password": "geheim", **right}) == []


def test_passwords_are_not_shown() -> None:
    assert "geheim" not in repr(Asterisk(password="geheim", ami_password="geheim"))
    assert "pbx" in repr(Asterisk(url="http://pbx/ari"))


@pytest.mark.parametrize("address", ["", "127.0.0.1:8090", "[::1]:8090", "pbx.example.org:65535"])
def test_an_exchange_has_an_address(address: str) -> None:
    found = read({"switch": {"virtual": {"exchange": address}}}, {}, "f.toml")
    assert isinstance(found, Config)
    assert found.switch.virtual.exchange == address


@pytest.mark.parametrize("address", ["8090", "pbx", "http://pbx:8090", "pbx:70000", "pbx:8090/link"])
def test_what_is_no_address_of_an_exchange(address: str) -> None:
    found = read({"switch": {"virtual": {"exchange": address}}}, {}, "f.toml")
    assert isinstance(found, Mistakes)
    (mistake,) = found.all
    accepted = 'HOST:PORT of a "cordboard exchange", such as 127.0.0.1:8090, or "" for one of its own'
    assert str(mistake) == f'f.toml: switch.virtual.exchange: found "{address}"; accepted: {accepted}'
