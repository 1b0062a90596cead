"""What browsers ask for: cross-origin requests (CORS) and tokens against forged ones (CSRF). ASGI middleware.

Both are off unless ``[gws]`` names ``allowed_origins`` or sets ``csrf`` (gws-v2 §1.2). Deliberately absent: sessions
and tokens themselves (``auth``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

from cordboard.server.auth import App, Authenticator, Scope

Headers: TypeAlias = "list[tuple[bytes, bytes]]"
Message: TypeAlias = "MutableMapping[str, Any]"

_METHODS = b"GET,POST,PUT,DELETE,OPTIONS"
_HEADERS = (
    b"X-Requested-With,Content-Type,Accept,Origin,Cookie,authorization,ssid,surl,ContactCenterId,X-CSRF-TOKEN,"
    b"Idempotency-Key"
)
_EXPOSED = b"X-CSRF-HEADER,X-CSRF-TOKEN"
_PREFLIGHT_SECONDS = b"120"

_BAD_TOKEN = b'{"statusCode":3,"statusMessage":"Missing or invalid Csrf token"}'
_CHANGING = frozenset(("POST", "PUT", "DELETE"))


def named_origins(allowed_origins: Iterable[str]) -> Callable[[str], bool]:
    """Whether an origin is one of these. A bare ``*`` does not count: it names nobody (see ``Cors``)."""
    patterns = ("[^/]*".join(map(re.escape, origin.split("*"))) for origin in allowed_origins if origin != "*")
    named = re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)", re.IGNORECASE)
    return lambda origin: named.fullmatch(origin) is not None


class Cors:
    """Tells browsers that pages from ``allowed_origins`` may call. ``*`` within an origin stands for any text.

    Named origins may send cookies. A bare ``*`` lets every page call, but with credentials of its own only (Basic):
    otherwise any page on the web could use the session of whoever looks at it.
    """

    def __init__(self, app: App, allowed_origins: Iterable[str]) -> None:
        self._app = app
        origins = tuple(allowed_origins)
        self._anybody = "*" in origins
        self._is_named = named_origins(origins)

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        origin = _header(scope, b"origin") if scope["type"] == "http" else None
        own = self.permission(origin) if origin is not None else None
        if own is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and _header(scope, b"access-control-request-method") is not None:
            await _answer(send, 200, b"", [*own, *_preflight()])
            return
        await self._app(scope, receive, _adding(own, send))

    def permission(self, origin: bytes) -> Headers | None:
        """What an answer to a page of this origin carries; None if it may not call."""
        exposed = (b"access-control-expose-headers", _EXPOSED)
        if self._is_named(origin.decode("latin-1")):
            credentials = (b"access-control-allow-credentials", b"true")
            return [(b"access-control-allow-origin", origin), credentials, exposed, (b"vary", b"Origin")]
        return [(b"access-control-allow-origin", b"*"), exposed] if self._anybody else None


class Csrf:
    """Demands a session's token from requests below ``prefix`` that change anything; a GET there tells the token.

    Notifications (``exempt``) need none: what they change is guarded by the unguessable client id of their own
    handshake, and their clients know nothing of the token.
    """

    def __init__(self, app: App, authenticator: Authenticator, prefix: str, exempt: str) -> None:
        self._app = app
        self._authenticator = authenticator
        self._prefix = prefix
        self._exempt = exempt

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and self._is_guarded(scope["path"]):
            if scope["method"] in _CHANGING:
                token = _header(scope, b"x-csrf-token") or b""
                if not self._authenticator.has_csrf_token(scope["headers"], token):
                    await _answer(send, 403, _BAD_TOKEN, [(b"content-type", b"application/json")])
                    return
            elif scope["method"] == "GET":
                send = self._telling_token(scope, send)
        await self._app(scope, receive, send)

    def _is_guarded(self, path: str) -> bool:
        return _is_below(path, self._prefix) and not _is_below(path, self._exempt)

    def _telling_token(self, scope: Scope, send: Any) -> Any:
        found = self._authenticator.authenticate(scope["headers"])
        if found is None:
            return send
        token = self._authenticator.csrf_token(found.session).encode()
        return _adding([(b"x-csrf-header", b"X-CSRF-TOKEN"), (b"x-csrf-token", token)], send)


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _header(scope: Scope, wanted: bytes) -> bytes | None:
    found: bytes | None = None
    for name, value in scope["headers"]:
        if name == wanted:
            found = value
    return found


def _preflight() -> Headers:
    return [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _HEADERS),
        (b"access-control-max-age", _PREFLIGHT_SECONDS),
    ]


def _adding(headers: Headers, send: Any) -> Any:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *headers]
        await send(message)

    return add


async def _answer(send: Any, status: int, body: bytes, headers: Headers) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
