"""``/oauth/token.php``: what clients send, and what they get."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from tests.kit.oauth import ANNA, BACK, BOARD, CRM, SECRET, World, got, header, posted

from cordboard.server import passwords
from cordboard.server.apps import App
from cordboard.server.grants import Grant, Kind
from cordboard.server.oauth_asked import Answer, Asked
from cordboard.server.oauth_token import TokenPage

OWN = {"grant_type": "client_credentials", "client_id": "crm", "client_secret": SECRET}


async def ask(world: World, asked: Asked) -> tuple[int, dict[str, Any], Answer]:
    answer = await TokenPage(world.tokens, world.authenticator).answer(asked)
    assert header(answer, "content-type") == "application/json"
    assert header(answer, "cache-control") == "no-store"
    assert bool(answer.why) is (answer.status >= 400)
    return answer.status, msgspec.json.decode(answer.body), answer


@pytest.mark.uapi("1.3 trusted app", "1.3 lifetime", "1.3 answer")
async def test_a_trusted_app_gets_a_token_for_an_hour() -> None:
    world = World()
    status, told, _ = await ask(world, posted(**OWN))
    assert status == 200
    assert re.fullmatch("[A-Za-z0-9_-]{43}", told.pop("access_token"))
    assert told == {"expires_in": 3600, "token_type": "Bearer", "scope": "unifiedapi"}


@pytest.mark.uapi("1.3 trusted app")
@pytest.mark.parametrize(
    "more",
    [
        {"type": "unifiedapi", "redirect_uri": "https://x/ouath/token.php", "state": "0"},
        {"scope": "everything else", "response_mode": "x"},
        {"client_secret": SECRET, "code": "x", "refresh_token": "y"},
        {"type": ""},
    ],
)
async def test_what_else_clients_send_is_ignored(more: dict[str, str]) -> None:
    """voipnow-uapi §1.3"""
    world = World()
    status, told, _ = await ask(world, posted(**OWN | more))
    assert status == 200
    assert world.account(told["access_token"]) == ("anna", "user", "crm")


async def test_credentials_may_come_in_the_header() -> None:
    world = World()
    basic = {"authorization": "Basic " + b64encode(f"board:{SECRET}".encode()).decode()}
    status, told, _ = await ask(world, posted(headers=basic, grant_type="client_credentials"))
    assert status == 200
    assert world.account(told["access_token"]) == ("anna", "organization", "board")


@pytest.mark.uapi("1.3 errors of tokens")
@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (OWN | {"client_id": "nobody"}, 401, "invalid_client"),
        (OWN | {"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        (OWN | {"grant_type": "authorization_code"}, 400, "invalid_request"),
        (OWN | {"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
        (OWN | {"grant_type": "refresh_token"}, 400, "invalid_request"),
        (OWN | {"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "client_id": "crm"}, 401, "invalid_client"),
    ],
)
async def test_errors_are_texts(fields: dict[str, str], status: int, error: str) -> None:
    got_status, told, answer = await ask(World(), posted(**fields))
    assert (got_status, told["error"]) == (status, error)
    assert bool(header(answer, "www-authenticate")) is (status == 401)


async def test_a_field_may_come_once() -> None:
    status, told, _ = await ask(World(), posted([("grant_type", "client_credentials")], **OWN))
    assert (status, told["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (got(**OWN), 405),
        (Asked("DELETE", "", {}, b""), 405),
        (posted(**OWN, headers={"content-type": "application/json"}), 400),
        (posted([("a", "b")] * 101), 400),
        (Asked("POST", "", {}, b"\xff\x00=%"), 400),
        (Asked("POST", "grant_type=client_credentials", {}, b""), 400),
    ],
)
async def test_what_is_no_request_for_a_token(asked: Asked, status: int) -> None:
    found, told, answer = await ask(World(), asked)
    assert (found, told["error"]) == (status, "invalid_request")
    assert header(answer, "allow") == ("POST" if status == 405 else "")


async def test_a_secret_that_is_kept_as_a_slow_hash() -> None:
    app = App("slow", passwords.slow_hash(SECRET), ANNA)
    world = World(apps=(app,))
    assert (await ask(world, posted(**OWN | {"client_id": "slow"})))[0] == 200
    assert (await ask(world, posted(**OWN | {"client_id": "slow", "client_secret": "wrong"})))[0] == 401


async def test_without_any_apps_nobody_gets_anything() -> None:
    assert (await ask(World(apps=()), posted(**OWN)))[0] == 401


def coded(world: World, app: App = CRM, challenge: str = "", method: str = "") -> dict[str, str]:
    """What to redeem a code with."""
    grant = Grant(app.client_id, 0.0, ANNA.id, "f", BACK, challenge, method)
    world.tokens.give(Kind.CODE, "the-code", grant)
    own = OWN | {"grant_type": "authorization_code", "client_id": app.client_id}
    return own | {"code": "the-code", "redirect_uri": BACK}


@pytest.mark.uapi("1.3 code", "1.3 answer")
async def test_a_code_becomes_tokens_once() -> None:
    world = World()
    fields = coded(world)
    status, told, _ = await ask(world, posted(**fields))
    assert (status, told["expires_in"]) == (200, 3600)
    assert world.account(told["access_token"]) == ("anna", "user", "crm")
    status, again, _ = await ask(world, posted(**fields))
    assert (status, again["error"]) == (400, "invalid_grant")
    assert world.account(told["access_token"]) is None


async def test_an_app_does_not_choose_its_tokens() -> None:
    world = World()
    more = {"refresh_token": "weak", "access_token": "weak", "extra_credentials": "weak", "user": "olga"}
    _, told, _ = await ask(world, posted(**coded(world) | more))
    assert "weak" not in told.values()
    assert world.tokens.find(Kind.REFRESH, "weak") is None
    assert world.account(told["access_token"]) == ("anna", "user", "crm")


async def test_a_code_may_leave_out_where_the_only_way_back_leads() -> None:
    world = World()
    fields = coded(world)
    del fields["redirect_uri"]
    assert (await ask(world, posted(**fields)))[0] == 200


@pytest.mark.uapi("1.3 code")
@pytest.mark.parametrize("change", [{"redirect_uri": BACK + "x"}, {"client_id": "board"}, {"code": "other"}])
async def test_a_code_is_bound_to_its_app_and_its_way_back(change: dict[str, str]) -> None:
    world = World()
    status, told, _ = await ask(world, posted(**coded(world) | change))
    assert (status, told["error"] in ("invalid_grant", "invalid_request")) == (400, True)


@pytest.mark.uapi("1.3 code")
async def test_a_code_expires() -> None:
    world = World()
    fields = coded(world)
    world.instant += 600
    assert (await ask(world, posted(**fields)))[1]["error"] == "invalid_grant"


async def test_a_challenge_must_be_met() -> None:
    """RFC 7636"""
    world = World()
    digest = sha256(b"v" * 43).digest()
    challenge = b64encode(digest, b"-_").decode().rstrip("=")
    fields = coded(world, challenge=challenge, method="S256")
    assert (await ask(world, posted(**fields)))[0] == 400
    assert (await ask(world, posted(**fields, code_verifier="w" * 43)))[1]["error"] == "invalid_grant"
    assert (await ask(world, posted(**fields, code_verifier="v" * 43)))[0] == 200


@pytest.mark.uapi("1.3 refresh")
async def test_a_refresh_token_stays_good_and_is_its_apps_own() -> None:
    world = World()
    _, told, _ = await ask(world, posted(**coded(world)))
    fields = OWN | {"grant_type": "refresh_token", "refresh_token": told["refresh_token"], "scope": "more"}
    for _ in range(2):
        world.instant += 3_600
        status, again, _ = await ask(world, posted(**fields))
        assert (status, again["refresh_token"]) == (200, told["refresh_token"])
        assert world.account(again["access_token"]) == ("anna", "user", "crm")
    assert world.account(told["access_token"]) is None
    status, refused, _ = await ask(world, posted(**fields | {"client_id": BOARD.client_id}))
    assert (status, refused["error"]) == (400, "invalid_grant")
