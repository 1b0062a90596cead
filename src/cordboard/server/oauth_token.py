"""``/oauth/token.php``: an app shows its secret, a code or a refresh token, and gets a token (voipnow-uapi §1.3).

Deliberately absent: the grammar (oauthlib), what it asks (``oauth_validator``), people (``oauth_consent``).
"""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from oauthlib.oauth2 import AuthorizationCodeGrant, BearerToken, ClientCredentialsGrant, RefreshTokenGrant
from oauthlib.oauth2.rfc6749.endpoints import TokenEndpoint

from cordboard.server import ids
from cordboard.server.apps import App
from cordboard.server.auth import Authenticator
from cordboard.server.oauth import Tokens
from cordboard.server.oauth_asked import FORM, Answer, Asked, credentials
from cordboard.server.oauth_validator import Validator

_URI = "https://here/oauth/token.php"
"""oauthlib wants one. Nothing depends on it."""
_READ = {
    "client_credentials": frozenset(("grant_type", "client_id")),
    "authorization_code": frozenset(("grant_type", "client_id", "code", "redirect_uri", "code_verifier")),
    "refresh_token": frozenset(("grant_type", "client_id", "refresh_token")),
}
"""What oauthlib gets to know. It would take more for its own: a refresh token that comes with a code for the one to
give out. The secret has been proved by then, and there is only one scope."""
_HEADERS = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"pragma", b"no-cache"))


class TokenPage:
    """Answers in JSON, with ``error`` as a text and an HTTP status of 400 or more if there is one."""

    def __init__(self, tokens: Tokens, authenticator: Authenticator) -> None:
        self._tokens = tokens
        self._authenticator = authenticator

    async def answer(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return refused(405, "invalid_request", "Tokens are asked for with POST.", (b"allow", b"POST"))
        form = asked.form()
        if form is None:
            return refused(400, "invalid_request", f"The body must be {FORM}, with few fields.")
        fields = dict(form)
        proved = await self._proved(asked, fields)
        known = _READ.get(fields.get("grant_type", ""), frozenset(("grant_type",)))
        # As a text, not as pairs: of those oauthlib would not notice that a field came twice.
        read = urlencode([(name, value) for name, value in form if name in known])
        headers, body, status = self._endpoint(proved).create_token_response(_URI, "POST", read)
        challenge = headers.get("WWW-Authenticate")
        more = ((b"www-authenticate", challenge.encode()),) if challenge else ()
        return Answer(status, body.encode(), (*_HEADERS, *more), "" if status < 400 else body)

    async def _proved(self, asked: Asked, form: dict[str, str]) -> App | None:
        """The app that the request proves to come from. An unknown one is not found out sooner than a wrong secret."""
        client_id, secret = credentials(asked, form)
        app = self._tokens.register.find(client_id)
        kept = app.secret_hash if app is not None else self._tokens.register.decoy
        return app if await self._authenticator.proves(kept, secret) else None

    def _endpoint(self, proved: App | None) -> TokenEndpoint:
        validator = Validator(self._tokens, proved)
        bearer = BearerToken(validator, lambda _: ids.access_token(), self._tokens.limits.token_lifetime_s)
        own = ClientCredentialsGrant(validator)
        code, refresh = AuthorizationCodeGrant(validator), RefreshTokenGrant(validator)
        grants = {"client_credentials": own, "authorization_code": code, "refresh_token": refresh}
        # The stubs take the handler of tokens for its name.
        return TokenEndpoint("client_credentials", bearer, grants)  # type: ignore[arg-type]


def refused(status: int, error: str, why: str, *headers: tuple[bytes, bytes]) -> Answer:
    """An error in the words of OAuth (RFC 6749 §5.2)."""
    body = msgspec.json.encode({"error": error, "error_description": why})
    return Answer(status, body, (*_HEADERS, *headers), why)
