"""All living sessions, by clientId and by identity, within the limits of their number.

Deliberately absent: what sessions are told when they come and go (``broker``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Ending, Session


class Figures(NamedTuple):
    """``begun`` and ``ended`` count since the start; ``queued`` are messages that are not known to have arrived."""

    alive: int
    begun: int
    ended: Mapping[Ending, int]
    queued: int


class Registry:
    """Finds sessions without searching."""

    def __init__(self, limits: BayeuxLimits) -> None:
        self._limits = limits
        self._by_client_id: dict[str, Session] = {}
        self._by_identity: dict[str, dict[str, Session]] = {}
        self._begun = 0
        self._ended = dict.fromkeys(Ending, 0)

    def __len__(self) -> int:
        return len(self._by_client_id)

    def __iter__(self) -> Iterator[Session]:
        return iter(self._by_client_id.values())

    def has_room(self, identity: str) -> bool:
        """Whether one more session may speak for this identity."""
        return (
            len(self._by_client_id) < self._limits.sessions_max
            and len(self._by_identity.get(identity, ())) < self._limits.sessions_per_identity_max
        )

    def add(self, session: Session) -> None:
        """Let a session live."""
        self._begun += 1
        self._by_client_id[session.client_id] = session
        self._by_identity.setdefault(session.identity, {})[session.client_id] = session

    def remove(self, session: Session, ending: Ending) -> None:
        """Forget a session; nothing happens if it is not known."""
        if self._by_client_id.pop(session.client_id, None) is None:
            return
        self._ended[ending] += 1
        siblings = self._by_identity[session.identity]
        del siblings[session.client_id]
        if not siblings:
            del self._by_identity[session.identity]

    def find(self, client_id: str | None, identity: str) -> Session | None:
        """The session of that id, if it speaks for that identity; another's is as good as unknown."""
        session = self._by_client_id.get(client_id) if client_id is not None else None
        return session if session is not None and session.identity == identity else None

    def of(self, identity: str) -> Collection[Session]:
        """The living sessions of an identity; not to be kept, it changes with them."""
        siblings = self._by_identity.get(identity)
        return siblings.values() if siblings is not None else ()

    def figures(self) -> Figures:
        """How it is with all sessions; looks at each of them."""
        queued = sum(session.waiting + session.unconfirmed for session in self)
        return Figures(len(self), self._begun, self._ended, queued)
