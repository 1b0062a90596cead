"""Cross-origin requests and forged ones, at a door that answers everything."""

import base64
from typing import Any

import pytest

from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, User
from cordboard.server import passwords
from cordboard.server.auth import Authenticator
from cordboard.server.clock import Clock
from cordboard.server.cors import Cors, Csrf, named_origins

Answer = tuple[int, dict[bytes, bytes], bytes]
ANNA = User("1", "anna", passwords.conceal("secret", b"1"), Device("d", "5005"), Tenant("3", "North"))
BASIC = {b"authorization": b"Basic " + base64.b64encode(b"anna:secret")}


async def door(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": [(b"own", b"yes")]})
    await send({"type": "http.response.body", "body": b"inside"})


async def ask(app: Any, method: str, path: str, headers: dict[bytes, bytes], kind: str = "http") -> Answer:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": kind, "method": method, "path": path, "headers": list(headers.items())}, None, send)
    start, body = sent
    return start["status"], dict(start["headers"]), body["body"]


ORIGIN = {b"origin": b"https://desk.example.org"}
PREFLIGHT = ORIGIN | {b"access-control-request-method": b"POST"}


@pytest.mark.parametrize("allowed", ["https://desk.example.org", "https://*.example.org", "HTTPS://DESK.example.org"])
async def test_an_allowed_origin_is_told_so(allowed: str) -> None:
    status, headers, body = await ask(Cors(door, ["http://other", allowed]), "POST", "/", ORIGIN)
    assert (status, body) == (299, b"inside")
    assert headers == {
        b"own": b"yes",
        b"access-control-allow-origin": b"https://desk.example.org",
        b"access-control-allow-credentials": b"true",
        b"access-control-expose-headers": b"X-CSRF-HEADER,X-CSRF-TOKEN",
        b"vary": b"Origin",
    }


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [
        (["https://desk.example.org"], b"https://desk.example.org.evil.net"),
        (["https://desk.example.org"], b"https://deskXexample.org"),
        (["https://*.example.org"], b"https://evil.net/.example.org"),
        ([], b"https://desk.example.org"),
        (["https://desk.example.org"], b"\xff"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
async def test_other_origins_pass_untold(allowed: list[str], origin: bytes, method: str) -> None:
    asked = {b"origin": origin, b"access-control-request-method": b"POST"}
    assert await ask(Cors(door, allowed), method, "/", asked) == (299, {b"own": b"yes"}, b"inside")


async def test_anybody_may_call_but_not_with_a_session() -> None:
    _, headers, _ = await ask(Cors(door, ["*", "https://named.example"]), "POST", "/", ORIGIN)
    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"access-control-allow-credentials" not in headers


def test_named_origins_are_told_from_others() -> None:
    is_named = named_origins(["*", "https://*.example.org"])
    assert is_named("https://desk.example.org")
    assert not is_named("https://desk.example.net")


async def test_a_preflight_is_answered_at_the_door() -> None:
    status, headers, body = await ask(Cors(door, ["*"]), "OPTIONS", "/", PREFLIGHT)
    assert (status, body) == (200, b"")
    assert headers[b"access-control-allow-methods"] == b"GET,POST,PUT,DELETE,OPTIONS"
    assert b"X-CSRF-TOKEN" in headers[b"access-control-allow-headers"]
    assert headers[b"access-control-max-age"] == b"120"
    assert b"own" not in headers


@pytest.mark.parametrize(("headers", "kind"), [({}, "http"), (ORIGIN, "websocket")])
async def test_what_is_no_cross_origin_http_request_passes(headers: dict[bytes, bytes], kind: str) -> None:
    assert (await ask(Cors(door, ["*"]), "GET", "/", headers, kind))[1] == {b"own": b"yes"}


@pytest.fixture
def guard() -> Csrf:
    authenticator = Authenticator(Directory([ANNA], [ANNA.tenant], []), Clock(), new_session_id=lambda: "S1")
    return Csrf(door, authenticator, "/api/v2", exempt="/api/v2/notifications")


async def token_of(guard: Csrf) -> bytes:
    _, headers, _ = await ask(guard, "GET", "/api/v2/me", BASIC)
    assert headers[b"x-csrf-header"] == b"X-CSRF-TOKEN"
    return headers[b"x-csrf-token"]


async def test_a_get_tells_the_token_and_a_post_with_it_passes(guard: Csrf) -> None:
    token = await token_of(guard)
    assert len(token) == 36
    asked = {b"cookie": b"JSESSIONID=S1", b"x-csrf-token": token}
    for method in ("POST", "PUT", "DELETE"):
        assert (await ask(guard, method, "/api/v2/me/calls/1", asked))[0] == 299


@pytest.mark.parametrize("headers", [{}, BASIC, {b"cookie": b"JSESSIONID=S1"}, {b"x-csrf-token": b""}])
async def test_a_post_without_token_or_cookie_is_refused(guard: Csrf, headers: dict[bytes, bytes]) -> None:
    token = await token_of(guard)
    for asked in (headers, headers | {b"x-csrf-token": b"x" + token[1:]}):
        status, answered, body = await ask(guard, "POST", "/api/v2/me", asked)
        assert status == 403
        assert answered[b"content-type"] == b"application/json"
        assert body == b'{"statusCode":3,"statusMessage":"Missing or invalid Csrf token"}'


async def test_the_token_without_the_cookie_is_refused(guard: Csrf) -> None:
    token = await token_of(guard)
    assert (await ask(guard, "POST", "/api/v2/me", BASIC | {b"x-csrf-token": token}))[0] == 403


async def test_a_stranger_is_told_no_token(guard: Csrf) -> None:
    assert await ask(guard, "GET", "/api/v2/me", {}) == (299, {b"own": b"yes"}, b"inside")


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("POST", "/api/v2/notifications", "http"),
        ("POST", "/api/v2/notifications/connect", "http"),
        ("POST", "/lab/v1/reset", "http"),
        ("POST", "/api/v20", "http"),
        ("OPTIONS", "/api/v2/me", "http"),
        ("GET", "/api/v2/me", "websocket"),
    ],
)
async def test_what_is_not_guarded_passes(guard: Csrf, method: str, path: str, kind: str) -> None:
    assert await ask(guard, method, path, {}, kind) == (299, {b"own": b"yes"}, b"inside")
