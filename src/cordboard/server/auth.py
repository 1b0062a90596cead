"""Who is asking: HTTP Basic credentials and the sessions that stand for them afterwards (gws-v2 §1.2).

A request with valid Basic credentials gets a session and its cookie; later requests may bring the cookie only. Wrong
credentials are denied even beside a valid cookie. Credentials that were right once are remembered as the exact bytes
of their header, so that a repeated request costs a look-up. Deliberately absent: what a user may do (``gws``), the
words of the denial (``auth_types``), how a password is compared (``passwords``).

A session is *claimed* when its cookie comes back for the first time. Until then requests of the same user that bring
no cookie share it: a client that never keeps cookies has one session, not one for each request.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol, TypeAlias

import msgspec

from cordboard.people.directory import Directory
from cordboard.people.model import User
from cordboard.server import ids, passwords
from cordboard.server.auth_types import Authentication

RawHeaders: TypeAlias = "Iterable[tuple[bytes, bytes]]"
"""As ASGI gives them: names in lower case."""
Scope: TypeAlias = "MutableMapping[str, Any]"
App: TypeAlias = "Callable[[Scope, Any, Any], Awaitable[None]]"

COOKIE = b"JSESSIONID"


class Limits(msgspec.Struct, frozen=True):
    """See ``config.Gws``."""

    session_timeout_s: float = 1_800.0
    sessions_per_user_max: int = 100
    credentials_cached_max: int = 10_000
    proofs_at_once_max: int = 2


class Instants(Protocol):
    def now(self) -> float: ...


class Keeper(Protocol):
    """Remembers sessions beyond the process."""

    def begun(self, session: str, user_id: str) -> None: ...

    def ended(self, session: str) -> None: ...

    def find(self, session: bytes) -> str | None:
        """The user of a session of an earlier process; the answer is given once."""


class _Session:
    """One HTTP session. The two answers that it ever gives are made once."""

    __slots__ = ("claimed", "id", "known", "new", "used", "user")

    def __init__(self, session: str, user: str, used: float, cookie_attributes: str) -> None:
        self.id = session
        self.user = user
        self.used = used
        self.claimed = False
        cookie = f"{COOKIE.decode()}={session}; {cookie_attributes}".encode()
        self.known = Authentication(user, None, session)
        self.new = Authentication(user, cookie, session)


class Authenticator:
    """Finds the user of a request. All methods but ``prove`` return at once and cost microseconds.

    ``clock`` tells the time that sessions age by, ``new_session_id`` makes their unguessable ids. ``secure`` keeps
    cookies off plain HTTP: set it when the external address is https.
    """

    def __init__(
        self,
        directory: Directory,
        clock: Instants,
        limits: Limits | None = None,
        new_session_id: Callable[[], str] = ids.session_id,
        *,
        secure: bool = False,
        keeper: Keeper | None = None,
    ) -> None:
        self._directory = directory
        self._now = clock.now
        self._limits = limits or Limits()
        self._new_session_id = new_session_id
        self._keeper = keeper
        self._cookie_attributes = "Path=/; HttpOnly" + ("; Secure" if secure else "")
        self._verified: dict[bytes, str] = {}
        self._sessions: dict[bytes, _Session] = {}
        self._sessions_of: dict[str, dict[str, _Session]] = {}
        self._unclaimed: dict[str, _Session] = {}
        self._proving = asyncio.Semaphore(self._limits.proofs_at_once_max)

    def authenticate(self, headers: RawHeaders) -> Authentication | None:
        """Who the request with these headers speaks for; None means: deny it.

        Right credentials whose password is kept as a slow hash are denied until ``prove`` has seen them.
        """
        basic, cookies = _credentials(headers)
        session = self._session(cookies) if cookies is not None else None
        if basic is None:
            return session.known if session is not None else None
        user_id = self._verified.get(basic) or self._verify_quickly(basic)
        if user_id is None:
            return None
        if session is not None and session.user == user_id:
            return session.known
        return self._unclaimed_session(user_id).new

    def must_prove(self, headers: RawHeaders) -> bool:
        """Whether ``prove`` should be awaited before ``authenticate``."""
        basic, _ = _credentials(headers)
        if basic is None or basic in self._verified:
            return False
        user, _ = self._user_and_password(basic)
        return user is not None and not passwords.is_quick(user.password_hash)

    async def prove(self, headers: RawHeaders) -> None:
        """Check credentials whose password is kept as a slow hash, in a thread, and remember them if they are right."""
        basic, _ = _credentials(headers)
        if basic is None:
            return
        user, password = self._user_and_password(basic)
        async with self._proving:
            if user is None or basic in self._verified:
                return
            if await asyncio.to_thread(passwords.matches, user.password_hash, password):
                self._remember(basic, user.id)

    async def authenticate_slowly(self, headers: RawHeaders) -> Authentication | None:
        """Like ``authenticate``, after proof where that is needed."""
        if self.must_prove(headers):
            await self.prove(headers)
        return self.authenticate(headers)

    async def proves(self, kept: str, secret: str) -> bool:
        """Whether ``secret`` is the one that ``kept`` was made from; slow hashes are checked in a thread."""
        if passwords.is_quick(kept):
            return passwords.matches(kept, secret)
        async with self._proving:
            return await asyncio.to_thread(passwords.matches, kept, secret)

    async def user_with(self, name: str, password: str) -> User | None:
        """The user who has this name and password. Finding out that nobody has the name takes as long."""
        user = self._directory.user_named(name)
        decoy = next((other.password_hash for other in self._directory.users), "")
        return user if await self.proves(user.password_hash if user else decoy, password) else None

    def end_session(self, session: str) -> None:
        """Forget a session; its cookie is worth nothing from now on. An unknown one is nobody's business."""
        ended = self._sessions.get(session.encode())
        if ended is not None:
            self._drop(ended)

    def csrf_token(self, session: str) -> str:
        """The token that requests of this session must repeat; "" if there is no such session."""
        return ids.csrf_token(session) if session.encode() in self._sessions else ""

    def has_csrf_token(self, headers: RawHeaders, token: bytes) -> bool:
        """Whether the request brings a session's cookie and that session's token (gws-v2 §1.2: Basic is not enough)."""
        _, cookies = _credentials(headers)
        session = self._session(cookies) if cookies is not None else None
        return session is not None and hmac.compare_digest(ids.csrf_token(session.id).encode(), token)

    def _session(self, cookies: bytes) -> _Session | None:
        """The session that a Cookie header names first among those that exist."""
        for part in cookies.split(b";"):
            name, _, value = part.strip().partition(b"=")
            if name != COOKIE:
                continue
            session = self._sessions.get(value) or self._wake(value)
            if session is not None and self._is_alive(session):
                return session
        return None

    def _wake(self, value: bytes) -> _Session | None:
        """A session that an earlier process began; its time begins anew, as nobody could have used it meanwhile."""
        user_id = self._keeper.find(value) if self._keeper is not None else None
        if user_id is None or self._directory.user(user_id) is None:
            return None
        session = _Session(value.decode(), user_id, self._now(), self._cookie_attributes)
        session.claimed = True
        self._add(session)
        return session

    def _is_alive(self, session: _Session) -> bool:
        now = self._now()
        if now - session.used > self._limits.session_timeout_s:
            self._drop(session)
            return False
        session.used = now
        if not session.claimed:
            session.claimed = True
            self._unclaimed.pop(session.user, None)
        return True

    def _unclaimed_session(self, user_id: str) -> _Session:
        now = self._now()
        session = self._unclaimed.get(user_id)
        if session is None or now - session.used > self._limits.session_timeout_s:
            if session is not None:
                self._drop(session)
            session = self._begin(user_id, now)
        session.used = now
        return session

    def _begin(self, user_id: str, now: float) -> _Session:
        session = self._unclaimed[user_id] = _Session(self._new_session_id(), user_id, now, self._cookie_attributes)
        self._add(session)
        if self._keeper is not None:
            self._keeper.begun(session.id, user_id)
        return session

    def _add(self, session: _Session) -> None:
        own = self._sessions_of.setdefault(session.user, {})
        while len(own) >= self._limits.sessions_per_user_max:
            self._drop(min(own.values(), key=lambda session: session.used))
        self._sessions[session.id.encode()] = own[session.id] = session

    def _drop(self, session: _Session) -> None:
        self._sessions.pop(session.id.encode(), None)
        self._sessions_of.get(session.user, {}).pop(session.id, None)
        if self._unclaimed.get(session.user) is session:
            del self._unclaimed[session.user]
        if self._keeper is not None:
            self._keeper.ended(session.id)

    def _verify_quickly(self, basic: bytes) -> str | None:
        user, password = self._user_and_password(basic)
        if user is None or not passwords.is_quick(user.password_hash):
            return None
        if not passwords.matches(user.password_hash, password):
            return None
        self._remember(basic, user.id)
        return user.id

    def _remember(self, basic: bytes, user_id: str) -> None:
        if len(self._verified) >= self._limits.credentials_cached_max:
            self._verified.clear()
        self._verified[basic] = user_id

    def _user_and_password(self, basic: bytes) -> tuple[User | None, str]:
        """What the header claims, unverified; no user if it can't be read or names nobody (RFC 7617 §2)."""
        scheme, _, code = basic.partition(b" ")
        if scheme.lower() != b"basic":
            return None, ""
        try:
            name, colon, password = base64.b64decode(code.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None, ""
        return (self._directory.user_named(name), password) if colon else (None, "")


class Proving:
    """ASGI middleware that has slow passwords proved before the request goes on. Quick ones pass untouched."""

    def __init__(self, app: App, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and self._authenticator.must_prove(scope["headers"]):
            await self._authenticator.prove(scope["headers"])
        await self._app(scope, receive, send)


def _credentials(headers: RawHeaders) -> tuple[bytes | None, bytes | None]:
    """The Authorization header and the Cookie header; several Cookie headers count as one (RFC 9113 §8.2.3)."""
    basic = cookies = None
    for name, value in headers:
        if name == b"authorization":
            basic = value
        elif name == b"cookie":
            cookies = value if cookies is None else cookies + b"; " + value
    return basic, cookies
