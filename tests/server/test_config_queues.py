"""``[[queues]]``: what is made of them, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, TrunkNumber, User
from cordboard.people.queues import Queue
from cordboard.server.config_queues import read_queues
from cordboard.server.config_reading import Reader

HERE, THERE = Tenant("3", "Here", "0003"), Tenant("4", "There", "0004")
ANNA, BERT, CARL = (
    User(number, name, "", Device(number, number), tenant)
    for number, name, tenant in (("100", "anna", HERE), ("101", "bert", HERE), ("200", "carl", THERE))
)
QUEUE: dict[str, Any] = {"number": "300", "owner": "anna", "agents": ["bert", "100", "101"]}


def read(*found: Any) -> tuple[tuple[Queue, ...], list[str]]:
    reader = Reader("f.toml", {})
    queues = read_queues(reader, list(found), Directory([ANNA, BERT, CARL], [HERE, THERE], [TrunkNumber("7")]))
    return queues, [str(mistake).removeprefix("f.toml: queues[#1].") for mistake in reader.mistakes]


def test_users_are_named_by_name_or_id_and_counted_once() -> None:
    assert read(QUEUE) == ((Queue("300", ANNA, (BERT, ANNA)),), [])
    assert read({"number": "301", "owner": "200"}) == ((Queue("301", CARL),), [])
    assert read() == ((), [])


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"number": "100"}, 'number: found "100"; accepted: a number of its own (a user or trunk number'),
        ({"number": "7"}, 'number: found "7"; accepted: a number of its own (a user or trunk number'),
        ({"number": "a b"}, 'number: found "a b"; accepted: 1 to 40 letters'),
        ({"owner": "ana"}, 'owner: found "ana"; accepted: the name or id of a user'),
        ({"owner": 5}, "owner: found 5; accepted:"),
        ({"agents": ["carl"]}, 'agents: found "carl"; accepted: names or ids of users of anna\'s tenant'),
        ({"name": "x"}, "name: "),
    ],
)
def test_mistakes(change: dict[str, Any], mistake: str) -> None:
    _, mistakes = read(QUEUE | change)
    assert len(mistakes) == 1
    assert mistakes[0].startswith(mistake), mistakes


def test_two_queues_have_two_numbers() -> None:
    assert len(read(QUEUE, QUEUE)[1]) == 1
