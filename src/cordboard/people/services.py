"""Services: extensions that are no telephones and that calls are begun for by request: callbacks and conferences.

Deliberately absent: what a call for them does (``calls``), who may begin one (``uapi``).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cordboard.people.model import User


class Service(msgspec.Struct, frozen=True):
    """An extension of ``owner``. Calls by way of it are charged to its number, and are of nobody's telephone."""

    number: str
    owner: User


class Callback(Service, frozen=True):
    """Connects two numbers outside."""


class Conference(Service, frozen=True):
    """Has a room that people are called into, and one for each conference that is ``scheduled``, by its number. Who
    invites somebody must know the ``pin``, or that of the scheduled conference; "" if there is none."""

    pin: str = ""
    scheduled: Mapping[str, str] = {}

    def room(self, number: str) -> str | None:
        """The name of a room, the extension's own if ``number`` is ""; None if there is no such conference."""
        if not number:
            return self.number
        return f"{self.number}#{number}" if number in self.scheduled else None

    def admits(self, number: str, pin: str) -> bool:
        """Whether this is the pin of the room, if it has one."""
        wanted = self.scheduled.get(number, "") if number else self.pin
        return wanted in ("", pin)
