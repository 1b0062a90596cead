"""Whatever comes in at the doors of OAuth, an answer goes out, and nobody who proved nothing gets anything."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from tests.kit.oauth import BACK, SECRET, STATE, World, header

from cordboard.server.oauth_asked import FORM, Asked
from cordboard.server.oauth_consent import ConsentPage
from cordboard.server.oauth_token import TokenPage

NAMES = st.sampled_from(
    (
        *("grant_type", "client_id", "client_secret", "code", "redirect_uri", "refresh_token", "response_type"),
        *("state", "scope", "code_challenge", "code_challenge_method", "code_verifier", "decision", "name"),
        *("password", "form", "response_mode", "nonce", "claims", "user", "client", "scopes", "request_token"),
    )
)
VALUES = st.one_of(
    st.sampled_from(["client_credentials", "authorization_code", "refresh_token", "crm", "board", BACK, STATE, "code"])
    | st.sampled_from(["allow", "deny", "none", "S256", "plain", "anna", "anna's", "\x00", "%", "a b", "ü"]),
    st.text(max_size=20),
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8).map(lambda pairs: urlencode(pairs, errors="replace"))
TEXTS = st.one_of(PAIRS, st.binary(max_size=60).map(lambda body: body.decode("latin-1")))
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from([FORM, "application/json", ""]),
        "authorization": st.one_of(st.sampled_from(["Basic", "Basic Y3JtOng=", "Bearer x"]), st.text(max_size=10)),
        "cookie": st.text(max_size=60),
    },
)
REQUESTS = st.builds(
    lambda method, query, headers, body: Asked(method, query, headers, body.encode("latin-1")),
    st.sampled_from(["POST", "GET", "PUT"]),
    TEXTS,
    HEADERS,
    TEXTS,
)


@given(REQUESTS)
@example(Asked("POST", "", {}, f"grant_type=client_credentials&client_id=crm&client_secret={SECRET}x".encode()))
def test_who_has_no_secret_gets_no_token(asked: Asked) -> None:
    world = World()
    answer = asyncio.run(TokenPage(world.tokens, world.authenticator).answer(asked))
    assert answer.status in (400, 401, 405)
    assert isinstance(msgspec.json.decode(answer.body)["error"], str)


@given(REQUESTS)
@example(Asked("GET", urlencode({"client_id": "crm", "response_type": "code", "state": STATE}), {}, b""))
def test_who_has_no_form_of_ours_allows_nothing(asked: Asked) -> None:
    world = World()
    answer = asyncio.run(ConsentPage(world.tokens, world.authenticator, b"key", secure=True).answer(asked))
    assert answer.status in (200, 303, 400, 403, 405)
    location = header(answer, "location")
    assert bool(location) is (answer.status == 303)
    assert location.startswith((f"{BACK}?error=", "http://127.0.0.1:9/b?c=d&error=")) or not location
    assert all(byte not in b"\r\n" for _, value in answer.headers for byte in value)
