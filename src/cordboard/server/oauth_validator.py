"""What oauthlib asks while it works on a request: is this app known, this code good? And what it has us keep.

One validator answers for one request. Whose secret it brought has been proved before (``oauth_token``): that may take
time, and these answers may not. Deliberately absent: the grammar (oauthlib), where grants are kept (``grants``).
"""

from __future__ import annotations

from typing import Any

from oauthlib.oauth2 import RequestValidator

from cordboard.server.apps import App
from cordboard.server.grants import Grant, Kind, digest_of
from cordboard.server.oauth import Tokens

SCOPE = "unifiedapi"
"""The only one. What clients ask for is not looked at: how far an app reaches, its registration says."""
GRANT_TYPES = frozenset(("client_credentials", "authorization_code", "refresh_token"))


class Validator(RequestValidator):
    """``proved`` is the app whose secret the request brought, if it did. Methods are named and called by oauthlib. Its
    requests have no types that would say what is in them; their client is an ``App``."""

    def __init__(self, tokens: Tokens, proved: App | None = None) -> None:
        super().__init__()
        self._tokens = tokens
        self._proved = proved
        self._grant: Grant | None = None

    # Who asks

    def authenticate_client(self, request: Any, *_: object, **__: object) -> bool:
        request.client = self._proved
        return self._proved is not None

    def validate_client_id(self, client_id: str, request: Any, *_: object, **__: object) -> bool:
        request.client = self._tokens.register.find(client_id)
        return request.client is not None

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *_: object, **__: object
    ) -> bool:
        return grant_type in GRANT_TYPES

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *_: object, **__: object
    ) -> bool:
        return response_type == "code"

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *_: object, **__: object) -> bool:
        return redirect_uri in self._redirect_uris(client_id)

    def get_default_redirect_uri(self, client_id: str, request: Any, *_: object, **__: object) -> Any:
        known = self._redirect_uris(client_id)
        return known[0] if len(known) == 1 else None

    def get_default_scopes(self, client_id: str, request: Any, *_: object, **__: object) -> list[str]:
        return [SCOPE]

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *_: object, **__: object
    ) -> bool:
        return scopes == [SCOPE]

    # Codes

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *_: object, **__: object) -> None:
        grant = Grant(
            app=client_id,
            until=0.0,
            user=request.user.id,
            family=digest_of(code["code"]).hex(),
            redirect_uri=request.redirect_uri,
            challenge=request.code_challenge or "",
            challenge_method=request.code_challenge_method or "",
        )
        self._tokens.give(Kind.CODE, code["code"], grant)

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *_: object, **__: object) -> bool:
        """A code that comes a second time is in the wrong hands, and so may be what it was redeemed for (RFC 6749
        §4.1.2)."""
        grant = self._own(Kind.CODE, code, client_id)
        if grant is not None and grant.redeemed:
            self._tokens.end(grant.family)
            return False
        return grant is not None

    def get_code_challenge(self, code: str, request: Any) -> Any:
        return self._granted.challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> Any:
        return self._granted.challenge_method or None

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return False

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any, *_: object, **__: object
    ) -> bool:
        return redirect_uri == self._granted.redirect_uri

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *_: object, **__: object) -> None:
        self._tokens.redeem(code, self._granted)

    # Tokens

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *_: object, **__: object) -> bool:
        return self._own(Kind.REFRESH, refresh_token, client.client_id) is not None

    def get_original_scopes(self, refresh_token: str, request: Any, *_: object, **__: object) -> list[str]:
        return [SCOPE]

    def rotate_refresh_token(self, request: Any) -> bool:
        """Never: apps keep secrets, and one that did not get the answer can ask again (RFC 9700 §2.2.2)."""
        return False

    def save_bearer_token(self, token: Any, request: Any, *_: object, **__: object) -> None:
        consented = self._grant
        user, family = (consented.user, consented.family) if consented is not None else ("", "")
        grant = Grant(request.client_id, 0.0, user, family)
        self._tokens.give(Kind.ACCESS, token["access_token"], grant)
        if "refresh_token" in token:
            self._tokens.give(Kind.REFRESH, token["refresh_token"], grant)

    @property
    def _granted(self) -> Grant:
        """What the code of this request stands for; oauthlib asks only after it was found good."""
        assert self._grant is not None
        return self._grant

    def _own(self, kind: Kind, text: str, client_id: str) -> Grant | None:
        """What a text stands for, if it was given to this app."""
        grant = self._tokens.find(kind, text)
        self._grant = grant if grant is not None and grant.app == client_id else None
        return self._grant

    def _redirect_uris(self, client_id: str) -> tuple[str, ...]:
        app = self._tokens.register.find(client_id)
        return app.redirect_uris if app is not None else ()
