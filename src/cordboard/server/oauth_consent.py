"""``/oauth/authorize.php``: a person is asked whether an app may speak for them; if it may, the app gets a code
(voipnow-uapi §1.3, RFC 6749 §4.1).

The person shows their password in the very form that allows, so no session can be used behind their back; a signed form
and its cookie keep other pages from sending it. Errors go to the app only where it is registered to be, and to the
person otherwise. Deliberately absent: what the page looks like (``consent_page``).
"""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlencode

import msgspec
from oauthlib.oauth2 import AuthorizationCodeGrant, BearerToken
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint

from cordboard.people.accounts import may_act_for
from cordboard.people.model import User
from cordboard.server import consent_page, ids
from cordboard.server.apps import App
from cordboard.server.auth import Authenticator
from cordboard.server.consent_page import Consent
from cordboard.server.oauth import Tokens
from cordboard.server.oauth_asked import Answer, Asked, fields
from cordboard.server.oauth_validator import SCOPE, Validator

STATE_LENGTH_MIN = 16
COOKIE = "CORDBOARD_CONSENT"
_URI = "https://here/oauth/authorize.php"
_COOKIE = re.compile(rf"(?:^|;) *{COOKIE}=([A-Za-z0-9_-]{{43}}) *(?:;|$)")
_KNOWN = {
    "response_type": 50,
    "client_id": 100,
    "redirect_uri": 2_000,
    "state": 2_000,
    "code_challenge": 128,
    "code_challenge_method": 20,
}
"""What an app asks with, and how long each may be. All else is ignored, ``scope`` too: there is only one."""

_STALE = "This page was open for too long, or your browser keeps no cookies. Please decide again."
_WRONG = "The name or the password is wrong."
_NOT_YOURS = "This app is not registered to speak for you."


class _Request(msgspec.Struct, frozen=True):
    """What an app asks for, when it may be asked."""

    pairs: tuple[tuple[str, str], ...]
    app: App
    redirect_uri: str
    state: str


class ConsentPage:
    """``key`` signs forms; ``secure`` keeps the cookie off plain HTTP."""

    def __init__(self, tokens: Tokens, authenticator: Authenticator, key: bytes, *, secure: bool) -> None:
        self._tokens = tokens
        self._authenticator = authenticator
        self._key = key
        self._cookie_attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")

    async def answer(self, asked: Asked) -> Answer:
        if asked.method not in ("GET", "POST"):
            return _page(405, consent_page.problem_page("This page is got or posted."), (b"allow", b"GET, POST"))
        found = fields(asked.query) if asked.method == "GET" else asked.form()
        if found is None:
            return _problem("The request is no form, or has too many fields.")
        pairs = tuple((name, value) for name, value in found if name in _KNOWN)
        if any(len(value) > _KNOWN[name] for name, value in pairs):
            return _problem("A part of the request is too long.")
        request = self._request(pairs)
        if isinstance(request, Answer):
            return request
        form = dict(found)
        if asked.method == "GET" or "decision" not in form:
            return self._show(asked, request)
        return await self._decide(asked, request, form)

    def _request(self, pairs: tuple[tuple[str, str], ...]) -> _Request | Answer:
        """The request, or what is wrong with it, told to whom it may be told."""
        try:
            _, found = self._endpoint().validate_authorization_request(_URI, "GET", urlencode(pairs))
        except errors.FatalClientError as error:
            return _problem(f"The app sent you here with a request that can’t be trusted: {_words(error)}.")
        except errors.OAuth2Error as error:
            return _back(error.in_uri(error.redirect_uri or ""), _words(error))
        request = _Request(pairs, found["request"].client, found["redirect_uri"], found["state"] or "")
        if len(request.state) < STATE_LENGTH_MIN:
            # Without it the app can't tell its own requests from those that somebody else made up.
            short = errors.InvalidRequestError(f"state must have at least {STATE_LENGTH_MIN} characters")
            short.state = request.state
            return _back(short.in_uri(request.redirect_uri), _words(short))
        return request

    def _show(self, asked: Asked, request: _Request, name: str = "", problem: str = "", status: int = 200) -> Answer:
        app = request.app
        cookie = _cookie(asked) or ids.access_token()
        owner = f"{app.user.first_name} {app.user.last_name}".strip() or app.user.name
        hidden = (*request.pairs, ("form", self._signature(cookie, request)))
        shown = Consent(app.title, f"{owner} ({app.user.tenant.name})", request.redirect_uri, hidden, name, problem)
        # Two pages that are open at once share the cookie, so that either can be sent.
        keep = (b"set-cookie", f"{COOKIE}={cookie}; {self._cookie_attributes}".encode())
        return Answer(status, shown.page(), (*consent_page.headers(request.redirect_uri), keep), problem)

    async def _decide(self, asked: Asked, request: _Request, form: dict[str, str]) -> Answer:
        cookie = _cookie(asked)
        signature = self._signature(cookie, request).encode()
        name = form.get("name", "")
        if not cookie or not hmac.compare_digest(signature, form.get("form", "").encode()):
            return self._show(asked, request, name, _STALE, 403)
        if form["decision"] != "allow":
            denied = errors.AccessDeniedError(state=request.state)
            return _back(denied.in_uri(request.redirect_uri), "denied")
        user = await self._authenticator.user_with(name, form.get("password", ""))
        if user is None:
            return self._show(asked, request, name, _WRONG, 403)
        if not may_act_for(request.app.account, user):
            return self._show(asked, request, name, _NOT_YOURS, 403)
        return self._allow(request, user)

    def _allow(self, request: _Request, user: User) -> Answer:
        """A code for the app; unless it was taken off the register while the person was thinking."""
        try:
            made, _, _ = self._endpoint().create_authorization_response(
                _URI, "POST", urlencode(request.pairs), None, [SCOPE], {"user": user}
            )
        except errors.FatalClientError as error:
            return _problem(f"The app can’t be trusted any more: {_words(error)}.")
        return _back(made["Location"], "")

    def _endpoint(self) -> AuthorizationEndpoint:
        validator = Validator(self._tokens)
        grants = {"code": AuthorizationCodeGrant(validator)}
        # The stubs take the handler of tokens for its name.
        return AuthorizationEndpoint("code", BearerToken(validator), grants)  # type: ignore[arg-type]

    def _signature(self, cookie: str, request: _Request) -> str:
        signed = msgspec.json.encode((cookie, request.pairs))
        return hmac.digest(self._key, signed, "sha256").hex()


def _cookie(asked: Asked) -> str:
    """The value of our cookie; "" if there is none, or one that is not ours."""
    found = _COOKIE.search(asked.headers.get("cookie", ""))
    return found[1] if found is not None else ""


def _words(error: errors.OAuth2Error) -> str:
    return str(error.description or error.error).rstrip(".")


def _problem(words: str) -> Answer:
    return _page(400, consent_page.problem_page(words), why=words)


def _page(status: int, page: bytes, *headers: tuple[bytes, bytes], why: str = "") -> Answer:
    return Answer(status, page, (*consent_page.headers(), *headers), why)


def _back(location: str, why: str) -> Answer:
    """To the app, by GET: what was posted here is not for its eyes."""
    headers = ((b"location", location.encode()), (b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"))
    return Answer(303, b"", headers, why)
