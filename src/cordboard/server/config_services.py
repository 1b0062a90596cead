"""Reads ``[[callbacks]]`` and ``[[conferences]]``: extensions that are no telephones.

Deliberately absent: look-ups (``people.directory``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from cordboard.people.model import User
from cordboard.people.services import Callback, Conference, Service
from cordboard.server.config_reading import Reader, nearest
from cordboard.server.config_tables import Number, Tables

Digits = Annotated[str, Meta(pattern=r"^[0-9]{0,16}\Z", description="up to 16 digits")]


class CallbackTable(msgspec.Struct, frozen=True):
    number: Number
    owner: str


class ConferenceTable(msgspec.Struct, frozen=True):
    number: Number
    owner: str
    pin: Digits = ""
    scheduled: Annotated[dict[str, Digits], Meta(description="pins by the numbers of rooms, up to 16 digits each")] = {}


def read_services(reader: Reader, people: Mapping[str, Any], users: Sequence[User]) -> dict[str, Service]:
    """The services of a configuration, by the key of each. Mistakes are left with ``reader``."""
    found: dict[str, Service] = {}
    for key, callback in Tables(reader, "callbacks").read(CallbackTable, people.get("callbacks", [])).items():
        owner = _owner(reader, key, callback.owner, users)
        if owner is not None:
            found[key] = Callback(callback.number, owner)
    for key, conference in Tables(reader, "conferences").read(ConferenceTable, people.get("conferences", [])).items():
        owner = _owner(reader, key, conference.owner, users)
        if owner is not None:
            found[key] = Conference(conference.number, owner, conference.pin, conference.scheduled)
    return found


def _owner(reader: Reader, key: str, named: str, users: Sequence[User]) -> User | None:
    """The user with this name, or else this id."""
    by_name = {user.id: user for user in users} | {user.name: user for user in users}
    user = by_name.get(named)
    if user is None and not reader.is_mistaken(f"{key}.owner"):
        close = nearest(named, [one.name for one in users])
        reader.mistake(f"{key}.owner", named, f"the name or id of a user{close}")
    return user
