"""Apps: programs that speak for users with tokens of OAuth 2.0 (voipnow-uapi §1.3).

Deliberately absent: how they are written down (``config_apps``, ``app_store``), tokens (``grants``, ``oauth``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from cordboard.people.model import Account, User


class App(msgspec.Struct, frozen=True):
    """A program that is registered. Its own account is that of ``user``; ``level`` is how far it reaches (``Account``).
    ``secret_hash`` is kept as passwords are."""

    client_id: str
    secret_hash: str
    user: User
    level: str = "user"
    redirect_uris: tuple[str, ...] = ()
    name: str = ""

    @property
    def account(self) -> Account:
        """What the app may do by itself, without anybody's consent."""
        return Account(self.user, self.level, self.client_id)

    @property
    def title(self) -> str:
        """What people are told that it is called."""
        return self.name or self.client_id


Stored = Callable[[], "Mapping[str, App] | None"]


class Register:
    """All apps by their ``client_id``: those of the configuration, and those that are stored beside it.

    ``stored`` tells the latter; None if they have not changed since it was asked last, or can't be read. It may block.
    """

    def __init__(self, configured: Iterable[App], stored: Stored | None = None) -> None:
        self._configured = {app.client_id: app for app in configured}
        self._apps = dict(self._configured)
        self._stored = stored

    def find(self, client_id: str) -> App | None:
        return self._apps.get(client_id)

    @property
    def decoy(self) -> str:
        """A kept secret to compare with when there is no such app, so that finding that out takes as long."""
        return next((app.secret_hash for app in self._apps.values()), "")

    @property
    def is_stored(self) -> bool:
        """Whether there can be others than those of the configuration."""
        return self._stored is not None

    def refresh(self) -> None:
        """See what has been stored meanwhile. May block: not for the event loop."""
        found = self._stored() if self._stored is not None else None
        if found is not None:
            self._apps = {**found, **self._configured}
