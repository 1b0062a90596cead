"""``/oauth/authorize.php``: who is asked, what they may answer, and where they are sent."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.kit.oauth import BACK, STATE, World, got, header, posted

from cordboard.server.grants import Kind
from cordboard.server.oauth_asked import Answer, Asked
from cordboard.server.oauth_consent import COOKIE, ConsentPage

ASKED = {"response_type": "code", "client_id": "crm", "redirect_uri": BACK, "state": STATE}


class Desk:
    """A browser, as far as that matters: keeps the cookie, and sends what a form holds."""

    def __init__(self, world: World | None = None, *, secure: bool = False) -> None:
        self.world = world or World()
        self.page = ConsentPage(self.world.tokens, self.world.authenticator, b"key", secure=secure)
        self.cookie = ""
        self.form: dict[str, str] = {}

    async def open(self, **asked: str) -> Answer:
        return self._see(await self.page.answer(got(self._headers(), **(asked or ASKED))))

    async def send(self, decision: str = "allow", name: str = "anna", password: str = "anna's", **more: str) -> Answer:
        fields = self.form | {"decision": decision, "name": name, "password": password} | more
        return self._see(await self.page.answer(posted(headers=self._headers(), **fields)))

    def _headers(self) -> dict[str, str]:
        return {"cookie": self.cookie} if self.cookie else {}

    def _see(self, answer: Answer) -> Answer:
        self.cookie = header(answer, "set-cookie").partition(";")[0] or self.cookie
        found = re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', answer.body.decode())
        self.form = {unescape(name): unescape(value) for name, value in found} or self.form
        return answer


def sent(answer: Answer) -> tuple[str, dict[str, str]]:
    """Where to, and what is told there."""
    assert answer.status == 303
    parts = urlsplit(header(answer, "location"))
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


@pytest.mark.uapi("1.3 consent", "1.3 state")
async def test_who_allows_is_sent_back_with_a_code_for_the_app() -> None:
    desk = Desk()
    shown = await desk.open()
    assert (shown.status, shown.why) == (200, "")
    assert "The &lt;CRM&gt;" in shown.body.decode()
    assert "Anna (North)" in shown.body.decode()
    assert desk.form == ASKED | {"form": desk.form["form"]}
    target, told = sent(await desk.send())
    assert (target, set(told), told["state"]) == (BACK, {"code", "state"}, STATE)
    grant = desk.world.tokens.find(Kind.CODE, told["code"])
    assert grant is not None
    assert (grant.app, grant.user, grant.redirect_uri) == ("crm", "id-anna", BACK)
    assert grant.until == desk.world.instant + 600


@pytest.mark.uapi("1.3 consent")
async def test_who_denies_need_not_say_who_they_are() -> None:
    desk = Desk()
    await desk.open()
    answer = await desk.send("deny", name="", password="")
    assert sent(answer) == (BACK, {"error": "access_denied", "state": STATE})
    assert answer.why == "denied"


async def test_an_app_may_send_people_with_a_form_of_its_own() -> None:
    """voipnow-uapi §1.3: GET or POST"""
    desk = Desk()
    shown = await desk.page.answer(posted(**ASKED))
    assert shown.status == 200
    assert "<form" in shown.body.decode()


async def test_an_app_with_one_way_back_need_not_name_it() -> None:
    desk = Desk()
    await desk.open(response_type="code", client_id="crm", state=STATE)
    assert sent(await desk.send())[0] == BACK


async def test_a_way_back_keeps_its_own_query() -> None:
    desk = Desk()
    await desk.open(**ASKED | {"client_id": "board", "redirect_uri": "http://127.0.0.1:9/b?c=d"})
    target, told = sent(await desk.send(name="olga", password="olga's"))
    assert (target, told["c"], told["state"]) == ("http://127.0.0.1:9/b", "d", STATE)


async def test_a_challenge_is_kept_with_the_code() -> None:
    desk = Desk()
    await desk.open(**ASKED, code_challenge="x" * 43, code_challenge_method="S256")
    _, told = sent(await desk.send())
    grant = desk.world.tokens.find(Kind.CODE, told["code"])
    assert grant is not None
    assert (grant.challenge, grant.challenge_method) == ("x" * 43, "S256")


@pytest.mark.parametrize(
    ("name", "password", "problem"),
    [
        ("anna", "wrong", "The name or the password is wrong."),
        ("nobody", "anna's", "The name or the password is wrong."),
        ("", "", "The name or the password is wrong."),
        ("olga", "olga's", "This app is not registered to speak for you."),
    ],
)
async def test_who_may_not_allow_is_told_and_can_try_again(name: str, password: str, problem: str) -> None:
    desk = Desk()
    await desk.open()
    answer = await desk.send(name=name, password=password)
    assert (answer.status, answer.why) == (403, problem)
    assert problem in answer.body.decode()
    assert f'value="{name}"' in answer.body.decode()
    assert 'value="wrong"' not in answer.body.decode()
    assert sent(await desk.send())[0] == BACK


@pytest.mark.parametrize("user", ["anna", "olga", "paul"])
async def test_an_app_of_an_organization_may_ask_all_of_it(user: str) -> None:
    desk = Desk()
    await desk.open(**ASKED | {"client_id": "board"})
    answer = await desk.send(name=user, password=f"{user}'s")
    assert answer.status == (403 if user == "paul" else 303)


@pytest.mark.parametrize(
    "change",
    [{"state": "fedcba9876543210"}, {"client_id": "board"}, {"form": "0" * 64}, {"form": "\u00fc"}],
)
async def test_a_form_that_we_did_not_sign_is_not_taken(change: dict[str, str]) -> None:
    desk = Desk()
    await desk.open()
    answer = await desk.send(**change)
    assert answer.status == 403
    assert "Please decide again" in answer.body.decode()
    assert sent(await desk.send())[0] == BACK


@pytest.mark.parametrize("cookie", ["", f"{COOKIE}=short", f"{COOKIE}={'x' * 43}", "other=1"])
async def test_a_form_without_its_cookie_is_not_taken(cookie: str) -> None:
    """So no other page can send it."""
    desk = Desk()
    await desk.open()
    desk.cookie = cookie
    assert (await desk.send()).status == 403


async def test_two_pages_at_once_share_the_cookie() -> None:
    desk = Desk()
    await desk.open()
    first, desk.cookie = desk.form, f"a=b; {desk.cookie}; c=d"
    again = await desk.open(**ASKED | {"state": "another-state-of-16"})
    assert header(again, "set-cookie").partition(";")[0] in desk.cookie
    desk.form = first
    assert sent(await desk.send())[1]["state"] == STATE


@pytest.mark.parametrize("secure", [True, False])
async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(secure: bool) -> None:
    attributes = header(await Desk(secure=secure).open(), "set-cookie").split("; ")[1:]
    assert attributes == ["Path=/", "HttpOnly", "SameSite=Lax", *(["Secure"] if secure else [])]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"client_id": "crm"} | {"redirect_uri": "https://evil.example"}, "redirect URI"),
        ({"redirect_uri": BACK}, "client_id"),
        ({"client_id": "nobody", "redirect_uri": BACK}, "client_id"),
        ({"client_id": "board", "state": STATE, "response_type": "code"}, "redirect URI"),
        ({"client_id": "crm", "redirect_uri": "back"}, "redirect URI"),
        ({"client_id": "x" * 101}, "too long"),
        ({}, "client_id"),
    ],
)
async def test_nobody_is_sent_to_where_an_app_is_not_registered_to_be(asked: dict[str, str], words: str) -> None:
    answer = await Desk().page.answer(got(**asked))
    assert answer.status == 400
    assert words in answer.body.decode()
    assert header(answer, "location") == header(answer, "set-cookie") == ""


@pytest.mark.uapi("1.3 state")
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": "0123456789abcde"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "none"}, "unauthorized_client"),
        ({"code_challenge": "x", "code_challenge_method": "md5"}, "invalid_request"),
    ],
)
async def test_what_else_is_wrong_is_told_to_the_app(change: dict[str, str], error: str) -> None:
    answer = await Desk().page.answer(got(**ASKED | change))
    target, told = sent(answer)
    assert (target, told["error"]) == (BACK, error)
    assert told.get("state", "") == (ASKED | change)["state"]
    assert answer.why


async def test_what_comes_twice_cannot_be_trusted() -> None:
    answer = await Desk().page.answer(posted([("state", STATE)], **ASKED))
    assert answer.status == 400


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Asked("PUT", "", {}, b""), 405),
        (Asked("POST", "", {"content-type": "application/json"}, b"{}"), 400),
        (posted([("a", "b")] * 101), 400),
    ],
)
async def test_what_is_no_request(asked: Asked, status: int) -> None:
    answer = await Desk().page.answer(asked)
    assert answer.status == status
    assert header(answer, "content-type") == "text/html; charset=utf-8"
    assert header(answer, "allow") == ("GET, POST" if status == 405 else "")


async def test_an_app_that_is_gone_meanwhile_gets_nothing() -> None:
    desk = Desk()
    await desk.open()
    proves = desk.world.authenticator.user_with

    async def user_with(name: str, password: str) -> object:
        desk.world.register._apps.clear()
        return await proves(name, password)

    desk.world.authenticator.user_with = user_with  # type: ignore[method-assign, assignment]
    assert (await desk.send()).status == 400
