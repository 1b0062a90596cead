"""Several sessions of one browser: which of them hold a connect over HTTP (bayeux §1.3, §2).

A browser opens only a few connections to a host; were each of its tabs to hold one, nothing else would get through. So
some are held, and the others are answered at once with advice to come back a little later. A browser is known by its
cookie, and counted for each identity: users who share a cookie jar, as in one process of a test, do not slow each other
down. Deliberately absent: the cookie (``server.cometd``).
"""

from __future__ import annotations

from cordboard.bayeux.session import Session


class Browsers:
    """Counts the connects that are held."""

    def __init__(self, held_max: int) -> None:
        self._held_max = held_max
        self._held: dict[tuple[str, str], set[str]] = {}
        self._key_of: dict[str, tuple[str, str]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def hold(self, browser: str, session: Session) -> bool:
        """Whether a connect of this session may be held; if so it counts until it is released."""
        self.release(session)
        if not browser:
            return True
        key = (session.identity, browser)
        holders = self._held.get(key)
        if holders is None:
            holders = self._held[key] = set()
        elif len(holders) >= self._held_max:
            return False
        holders.add(session.client_id)
        self._key_of[session.client_id] = key
        return True

    def release(self, session: Session) -> None:
        """The connect of this session is held no longer; nothing happens if it was not."""
        key = self._key_of.pop(session.client_id, None)
        if key is None:
            return
        holders = self._held[key]
        holders.discard(session.client_id)
        if not holders:
            del self._held[key]
