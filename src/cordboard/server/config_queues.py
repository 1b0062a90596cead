"""Reads ``[[queues]]``: which agents a queue has. Deliberately absent: look-ups (``people.queues``)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.people.queues import Queue
from cordboard.server.config_reading import Reader, nearest
from cordboard.server.config_tables import Number, Own, Tables


class QueueTable(msgspec.Struct, frozen=True):
    number: Number
    owner: str
    agents: tuple[str, ...] = ()


def read_queues(reader: Reader, found: object, directory: Directory) -> tuple[Queue, ...]:
    """The queues in ``found``. Mistakes are left with ``reader``; with any, the result is not to be used."""
    own = Own(reader)
    for number in (*directory.numbers, *directory.services):
        own.claim("number", "a user or trunk number", number)
    queues = []
    for key, table in Tables(reader, "queues").read(QueueTable, found).items():
        own.claim("number", f"{key}.number", table.number)
        owner = _user(reader, f"{key}.owner", table.owner, directory.users, "the name or id of a user")
        if owner is not None:
            colleagues, wanted = directory.colleagues(owner), f"names or ids of users of {owner.name}'s tenant"
            agents = [_user(reader, f"{key}.agents", name, colleagues, wanted) for name in table.agents]
            queues.append(Queue(table.number, owner, tuple(dict.fromkeys(user for user in agents if user is not None))))
    return tuple(queues)


def _user(reader: Reader, key: str, named: str, users: Sequence[User], wanted: str) -> User | None:
    """The one among ``users`` with this name, or else this id."""
    by_name = {user.id: user for user in users} | {user.name: user for user in users}
    user = by_name.get(named)
    if user is None and not reader.is_mistaken(key):
        reader.mistake(key, named, f"{wanted}{nearest(named, [one.name for one in users])}")
    return user
