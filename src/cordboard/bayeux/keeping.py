"""Sessions as values that can be kept and restored, and the port of what keeps them.

Everything that is kept gets a number that grows: messages (their replay id, bayeux §4) and changes of sessions alike.
What became of each message is not kept; that would cost more than the messages. Now and then it is noted how far all
has arrived (``Progress``), and a restored session is given what comes after: everything that was told to its identity,
on channels that it is subscribed to, since it was. So without acknowledgements some may come twice, and with them the
client's next connect says what it has (bayeux §1.7).

Deliberately absent: keeping (the owner of a broker brings it; ``Unkept`` is for those who need none), and becoming a
living session again (``restoring``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import msgspec


class Again(msgspec.Struct, frozen=True, array_like=True):
    """Messages that a session asked to be told again: by subscriptions, after which number each.

    ``number`` is their place among the messages of the session.
    """

    number: int
    after: dict[str, int]


class KeptSession(msgspec.Struct, frozen=True, array_like=True):
    """All of a session that outlives its process. ``subscriptions`` tells after which number each of them began."""

    client_id: str
    identity: str
    acknowledging: bool
    replaying: bool
    begun: int
    subscriptions: dict[str, int] = {}
    again: tuple[Again, ...] = ()


class KeptShelves(msgspec.Struct, frozen=True, array_like=True):
    """What is lost of what was retained for an identity: all up to ``begun_after``, and more on some channels."""

    begun_after: int
    lost_through: dict[str, int] = {}


class Progress(msgspec.Struct, frozen=True):
    """How far everything has come.

    What is numbered up to ``arrived`` has arrived wherever it was to; ``arrived_at`` has the sessions that are further.
    ``retained_from`` is the first message that is still retained, ``shelves`` what changed of them (None: all gone).
    """

    arrived: int
    arrived_at: Mapping[str, int] = {}
    retained_from: int = 0
    shelves: Mapping[str, KeptShelves | None] = {}


class Told(msgspec.Struct, frozen=True, array_like=True):
    """One message that was published."""

    identity: str
    channel: str
    data: bytes


class Remembered(msgspec.Struct, frozen=True):
    """All that was kept but the messages. ``progress`` is the sum of all that were noted."""

    sessions: list[KeptSession]
    progress: Progress


class Keeper(Protocol):
    """Keeps sessions and messages. Nothing waits here; numbers up to ``kept`` are safe."""

    @property
    def last(self) -> int:
        """The number that was given last; what is kept next gets the one after it."""

    @property
    def kept(self) -> int: ...

    def keep(self, session: KeptSession) -> int:
        """A session is new or has changed."""

    def drop(self, session: KeptSession) -> int:
        """A session has ended."""

    def tell(self, identity: str, channel: str, data: bytes) -> int:
        """A message is published."""

    def note(self, progress: Progress) -> None:
        """How far all has come."""

    def when_kept(self, number: int, then: Callable[[], None]) -> None:
        """Call when everything up to this number is safe, in the order of numbers; at once if it is."""

    def trouble(self) -> bool:
        """Whether nothing can be kept now."""

    def overfull(self) -> bool:
        """Whether so much waits to be kept that nothing more may come."""

    def remembered(self) -> Remembered:
        """What an earlier process has left."""

    def told(self, after: int) -> Iterator[tuple[int, float, Told]]:
        """What was published after this number, and when; in order."""


class Unkept:
    """Keeps nothing, and gives numbers all the same."""

    def __init__(self, first: int = 1) -> None:
        self.last = first - 1

    @property
    def kept(self) -> int:
        return self.last

    def _next(self) -> int:
        self.last += 1
        return self.last

    def keep(self, session: KeptSession) -> int:  # noqa: ARG002  # see the class
        return self._next()

    def drop(self, session: KeptSession) -> int:  # noqa: ARG002  # see the class
        return self._next()

    def tell(self, identity: str, channel: str, data: bytes) -> int:  # noqa: ARG002  # see the class
        self.last += 1
        return self.last

    def note(self, progress: Progress) -> None:
        pass

    def when_kept(self, number: int, then: Callable[[], None]) -> None:  # noqa: ARG002  # see the class
        then()

    def trouble(self) -> bool:
        return False

    def overfull(self) -> bool:
        return False

    def remembered(self) -> Remembered:
        return Remembered([], Progress(self.last))

    def told(self, after: int) -> Iterator[tuple[int, float, Told]]:  # noqa: ARG002  # see the class
        return iter(())
