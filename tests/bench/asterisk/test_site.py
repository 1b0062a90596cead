"""Who works there, and what the product is told of it."""

from __future__ import annotations

import tomllib

from bench.asterisk import site
from cordboard.server.config import Config, read


def test_everybody_has_a_number_of_their_own() -> None:
    numbers = [number for desk in range(150) for number in (vars_of(desk))]
    assert len(set(numbers)) == 450
    assert not any(number.startswith(site.RAW_PREFIX) for number in numbers)


def vars_of(desk: int) -> tuple[str, str, str]:
    people = site.people(desk)
    return people.caller, people.agent, people.target


def test_the_configuration_is_one_and_has_every_desk() -> None:
    config = read(tomllib.loads(site.configuration("http://127.0.0.1:1/ari", 2, 3)), {}, "bench.toml")
    assert isinstance(config, Config)
    assert config.switch.kind == "asterisk"
    assert config.journal.path == ":memory:"
    assert config.switch.asterisk.ami == "127.0.0.1:2"
    assert {site.people(0).agent, site.people(2).target} <= set(config.directory.numbers)
    assert len(config.directory.users) == 6
