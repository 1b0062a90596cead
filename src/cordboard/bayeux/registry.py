"""All living sessions, by clientId and by identity, within the limits of their number.

Deliberately absent: what sessions are told when they come and go (``broker``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.session import Session


class Registry:
    """Finds sessions without searching."""

    def __init__(self, limits: BayeuxLimits) -> None:
        self._limits = limits
        self._by_client_id: dict[str, Session] = {}
        self._by_identity: dict[str, dict[str, Session]] = {}

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
        self._by_client_id[session.client_id] = session
        self._by_identity.setdefault(session.identity, {})[session.client_id] = session

    def remove(self, session: Session) -> None:
        """Forget a session; nothing happens if it is not known."""
        if self._by_client_id.pop(session.client_id, None) is None:
            return
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
