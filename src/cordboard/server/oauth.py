"""Tokens: which are given out, and whom a request with one speaks for (voipnow-uapi §1.3).

Deliberately absent: what must be shown for a token (``oauth_validator``), where grants are kept (``grants``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias
from urllib.parse import parse_qsl

import msgspec

from cordboard.people.accounts import may_act_for
from cordboard.people.directory import Directory
from cordboard.people.model import Account
from cordboard.server.apps import Register
from cordboard.server.grants import Grant, Keeper, Kind, Limits, digest_of

RawHeaders: TypeAlias = "Iterable[tuple[bytes, bytes]]"
"""As ASGI gives them: names in lower case."""

QUERY = "accessRequestToken"
_QUERY = QUERY.encode()
_LENGTH_MAX = 1_000
"""No text that is longer is looked at: ours have 43 characters."""


class Tokens:
    """What was given out, and to whom. ``wall`` tells the seconds since 1970."""

    def __init__(
        self, register: Register, directory: Directory, keeper: Keeper, limits: Limits, wall: Callable[[], float]
    ) -> None:
        self.register = register
        self.limits = limits
        self._directory = directory
        self._keeper = keeper
        self._wall = wall

    def account_of(self, headers: RawHeaders, query_string: bytes) -> Account | None:
        """Whom a request speaks for; None if it has no token, or one that is unknown or expired."""
        token = _bearer(headers) or _in_query(query_string)
        grant = self.find(Kind.ACCESS, token) if token else None
        return self._account(grant) if grant is not None else None

    def find(self, kind: Kind, text: str) -> Grant | None:
        """What a code or token stands for; None if it is unknown or its time is over."""
        if len(text) > _LENGTH_MAX:
            return None
        grant = self._keeper.find(kind, digest_of(text))
        return grant if grant is not None and grant.until > self._wall() else None

    def give(self, kind: Kind, text: str, grant: Grant) -> None:
        """From now on, and for as long as this kind lives, ``text`` stands for this grant."""
        now = self._wall()
        self._keeper.keep(kind, digest_of(text), msgspec.structs.replace(grant, until=now + self._lifetime(kind)), now)

    def redeem(self, code: str, grant: Grant) -> None:
        """A code has been used. It is remembered, so that whoever uses it again is found out."""
        self._keeper.keep(Kind.CODE, digest_of(code), msgspec.structs.replace(grant, redeemed=True), self._wall())

    def end(self, family: str) -> None:
        """Nothing that came of this consent is worth anything from now on."""
        self._keeper.end(family)

    def _lifetime(self, kind: Kind) -> int:
        limits = self.limits
        lifetimes = {
            Kind.CODE: limits.code_lifetime_s,
            Kind.ACCESS: limits.token_lifetime_s,
            Kind.REFRESH: limits.refresh_lifetime_s,
        }
        return lifetimes[kind]

    def _account(self, grant: Grant) -> Account | None:
        """As the app is registered now: what it lost since then, its tokens have lost, too. Whoever consented consented
        for one user only, and lets no app reach further than it is registered for."""
        app = self.register.find(grant.app)
        if app is None or not grant.user:
            return app.account if app is not None else None
        user = self._directory.user(grant.user)
        return Account(user, "user", app.client_id) if user is not None and may_act_for(app.account, user) else None


def _bearer(headers: RawHeaders) -> str:
    """The token in the header Authorization; "" if there is none (RFC 6750 §2.1)."""
    for name, value in headers:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return value[7:].strip().decode("latin-1")
    return ""


def _in_query(query_string: bytes) -> str:
    """The token in the query, with or without the word Bearer before it: clients do both (voipnow-uapi §1.3)."""
    if _QUERY not in query_string:
        return ""
    for name, value in parse_qsl(query_string.decode("latin-1")):
        if name == QUERY:
            return value[7:].strip() if value[:7].lower() == "bearer " else value.strip()
    return ""
