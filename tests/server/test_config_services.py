"""``[[callbacks]]`` and ``[[conferences]]``: what is made of them, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.people.model import Device, Tenant, User
from cordboard.people.services import Callback, Conference, Service
from cordboard.server.config_reading import Reader
from cordboard.server.config_services import read_services

ANNA = User("12", "anna", "", Device("d", "100"), Tenant("3", "Here", "0003"))


def read(**people: Any) -> tuple[list[Service], list[str]]:
    reader = Reader("f.toml", {})
    services = read_services(reader, people, [ANNA])
    return list(services.values()), [str(mistake).removeprefix("f.toml: ") for mistake in reader.mistakes]


def test_services_are_read() -> None:
    assert read() == ([], [])
    callback = {"number": "400", "owner": "anna"}
    conference = {"number": "500", "owner": "12", "pin": "4711", "scheduled": {"77": ""}}
    assert read(callbacks=[callback], conferences=[conference]) == (
        [Callback("400", ANNA), Conference("500", ANNA, "4711", {"77": ""})],
        [],
    )


@pytest.mark.parametrize(
    ("people", "mistake"),
    [
        ({"callbacks": [{"number": "400", "owner": "ana"}]}, 'callbacks[#1].owner: found "ana"; accepted: the name or'),
        ({"callbacks": [{"number": "400", "owner": 1}]}, "callbacks[#1].owner: found 1; accepted:"),
        ({"callbacks": [{"number": "a b", "owner": "12"}]}, 'callbacks[#1].number: found "a b"; accepted: 1 to 40'),
        ({"conferences": {}}, "conferences: found {}; accepted: tables that begin with [[conferences]]"),
        ({"conferences": [{"number": "5", "owner": "x"}]}, 'conferences[#1].owner: found "x"; accepted: the name or'),
        ({"conferences": [{"number": "5", "owner": "12", "pin": "x"}]}, "conferences[#1].pin: found"),
        ({"conferences": [{"number": "5", "owner": "12", "scheduled": 5}]}, "conferences[#1].scheduled: found 5;"),
    ],
)
def test_mistakes(people: dict[str, Any], mistake: str) -> None:
    _, mistakes = read(**people)
    assert len(mistakes) == 1, mistakes
    assert mistakes[0].startswith(mistake), mistakes
