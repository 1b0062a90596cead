"""Queues: extensions that stand for several agents. Which there are, and by which numbers they are found.

Deliberately absent: what the agents are at (``agents``), calls (``calls``): nobody is called by way of a queue here.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cordboard.people.model import User


class Queue(msgspec.Struct, frozen=True):
    """``owner`` is the user whose extension it is; the agents are of the owner's tenant."""

    number: str
    owner: User
    agents: tuple[User, ...] = ()


class Queues:
    """All queues of a configuration. Built once, never changed."""

    def __init__(self, queues: Iterable[Queue] = ()) -> None:
        self._queues = {queue.number: queue for queue in queues}

    def find(self, text: str, asker: User) -> Queue | None:
        """The queue with this number, canonical or short; short numbers count within the asker's tenant."""
        return self._queues.get(text) or self._queues.get(f"{asker.tenant.prefix}*{text}")
