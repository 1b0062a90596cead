"""Apps get tokens from the real process: by themselves, with the consent of a person at a browser, or not at all."""

from __future__ import annotations

import http.server
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from tests.acceptance import npm_packages
from tests.acceptance.person import Person, at_a_browser
from tests.acceptance.server_process import DEMO, PASSWORD, ROOT, ServerProcess, command, environment, serving

pytestmark = pytest.mark.acceptance

TOKEN = "/oauth/token.php"
AUTHORIZE = "/oauth/authorize.php"
OWN = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": PASSWORD}
STATE = "made-up-by-the-app"
USER = "0003*210"


class Crm:
    """The app: knows where people come back to, and what they bring."""

    def __init__(self) -> None:
        self.brought: list[dict[str, str]] = []
        brought = self.brought

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/back":
                    brought.append(dict(parse_qsl(parts.query)))
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><html lang=en><title>CRM</title><h1>Welcome back</h1>")

            def log_message(self, *_: Any) -> None:
                """Nothing is logged."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.back = f"http://127.0.0.1:{self._server.server_address[1]}/back"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    crm = Crm()
    yield crm
    crm.close()


@pytest.fixture(scope="module")
def server(crm: Crm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The demonstration, whose app sends people back to ours."""
    folder = tmp_path_factory.mktemp("oauth")
    demo, count = re.subn(
        r"^redirect_uris = .*$", f'redirect_uris = ["{crm.back}"]', DEMO.read_text(), flags=re.MULTILINE
    )
    assert count == 1
    (folder / "demo.toml").write_text(demo)
    settings = {"CORDBOARD_UAPI__APPS_PATH": "apps.toml"}
    with serving(folder / "log", settings, folder / "demo.toml") as server:
        yield server


@pytest.fixture
def client(server: ServerProcess) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def person() -> Iterator[Person]:
    with at_a_browser() as person:
        yield person


def asked(server: ServerProcess, crm: Crm, **change: str) -> str:
    """Where the app sends people."""
    known = {"response_type": "code", "client_id": "demo", "redirect_uri": crm.back, "state": STATE} | change
    return f"{server.url}{AUTHORIZE}?{urlencode(known)}"


def redeemed(client: httpx.Client, crm: Crm, code: str) -> httpx.Response:
    own = OWN | {"grant_type": "authorization_code", "code": code, "redirect_uri": crm.back}
    return client.post(TOKEN, data=own)


@pytest.mark.uapi("1.3 trusted app", "1.3 characters of tokens", "1.3 lifetime")
def test_a_trusted_app_as_clients_in_the_field_ask(client: httpx.Client) -> None:
    """voipnow-uapi §1.3: with fields that mean nothing, one of them misspelt, and a slash at the end."""
    more = {"type": "unifiedapi", "state": "0", "redirect_uri": "https://x/ouath/token.php"}
    answer = client.post(f"{TOKEN}/", data=OWN | more)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told = answer.json()
    assert re.fullmatch("[A-Za-z0-9_.-]{10,}", told["access_token"])
    assert (told["expires_in"], told["token_type"]) == (3600, "Bearer")


MINE = "/uapi/phoneCalls/@me/@self/"


@pytest.mark.uapi("1.3 use of tokens")
def test_a_token_opens_the_unified_api_in_the_header_and_in_the_query(client: httpx.Client) -> None:
    """voipnow-uapi §1.3"""
    token = client.post(TOKEN, data=OWN).json()["access_token"]
    ways: list[dict[str, Any]] = [
        {"headers": {"authorization": f"Bearer {token}"}},
        {"params": {"accessRequestToken": token}},
        {"params": {"accessRequestToken": f"Bearer {token}"}},
    ]
    for way in ways:
        answer = client.get(MINE, **way)
        assert (answer.status_code, answer.json()["entry"]) == (200, [])


@pytest.mark.uapi("1.3 403 or 401")
@pytest.mark.parametrize("authorization", [None, "Bearer unknown", "Bearer", "Basic eDp5"])
def test_without_a_good_token_clients_are_told_to_get_another(client: httpx.Client, authorization: str | None) -> None:
    answer = client.get(MINE, headers={"authorization": authorization} if authorization else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "access_denied")


@pytest.mark.uapi("1.3 403 or 401")
def test_they_can_be_told_with_another_status(log: Path) -> None:
    with serving(log, {"CORDBOARD_UAPI__AUTH_FAILURE_STATUS": "401"}) as server, server.client() as client:
        answer = client.get(MINE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_denied")


@pytest.mark.uapi("1.3 consent", "1.3 code", "1.3 refresh")
def test_a_person_allows_with_the_keyboard_alone(
    server: ServerProcess, crm: Crm, person: Person, client: httpx.Client
) -> None:
    person.open(asked(server, crm))
    assert person.hears == [
        ("heading", "Allow Demo app to make calls for you?"),
        ("heading", "What it could do"),
        ("heading", "Your decision"),
        ("textbox", "Your name"),
        ("textbox", "Your password"),
        ("button", "Allow"),
        ("button", "Deny"),
    ]
    person.press("Tab")
    assert person.focus == ("textbox", "Your name", "")
    person.type(USER)
    person.press("Tab")
    assert person.focus == ("textbox", "Your password", "")
    person.type("wrong")
    person.enter()
    problem = "The name or the password is wrong."
    assert "alert" in {role for role, _ in person.hears}
    person.press("Tab", 2)
    assert person.focus == ("textbox", "Your password", problem)
    person.type(PASSWORD)
    person.press("Tab")
    assert person.focus[:2] == ("button", "Allow")
    crm.brought.clear()
    person.enter()
    assert person.hears == [("heading", "Welcome back")]
    (brought,) = crm.brought
    assert brought["state"] == STATE
    tokens = redeemed(client, crm, brought["code"]).json()
    assert tokens["expires_in"] == 3600
    refresh = OWN | {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert client.post(TOKEN, data=refresh).json()["access_token"] != tokens["access_token"]
    again = redeemed(client, crm, brought["code"])
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    assert client.post(TOKEN, data=refresh).json() == {"error": "invalid_grant"}


@pytest.mark.uapi("1.3 consent")
def test_a_person_denies(server: ServerProcess, crm: Crm, person: Person) -> None:
    person.open(asked(server, crm))
    person.press("Tab", 4)
    assert person.focus[:2] == ("button", "Deny")
    crm.brought.clear()
    person.enter()
    assert crm.brought == [{"error": "access_denied", "state": STATE}]


def test_somebody_else_cannot_allow(server: ServerProcess, crm: Crm, person: Person) -> None:
    person.open(asked(server, crm))
    person.press("Tab")
    person.type("5005")
    person.press("Tab")
    person.type(PASSWORD)
    crm.brought.clear()
    person.enter()
    assert urlsplit(person.address).path == AUTHORIZE
    assert crm.brought == []


def test_the_browser_finds_no_fault_with_the_page(server: ServerProcess, crm: Crm, person: Person) -> None:
    """Such as a style that the policy does not allow."""
    person.complaints.clear()
    person.open(asked(server, crm))
    assert [text for text in person.complaints if "favicon" not in text] == []


@pytest.mark.uapi("1.3 consent")
@pytest.mark.parametrize("width", [320, 1_280], ids=["telephone or four times larger", "desk"])
def test_everybody_can_use_the_page(server: ServerProcess, crm: Crm, person: Person, width: int) -> None:
    """By the rules of WCAG that a machine can check: contrast, labels, language, landmarks and so on; at four times the
    size nobody has to scroll sideways (1.4.10)."""
    npm_packages.node()
    person.open(asked(server, crm))
    assert person.faults(width) == []
    person.press("Tab")
    person.type(USER)
    person.press("Tab")
    person.type("wrong")
    person.enter()
    assert "alert" in {role for role, _ in person.hears}
    assert person.faults(width) == []
    person.open(asked(server, crm, redirect_uri="https://evil.example/back"))
    assert person.faults(width) == []


def test_an_app_that_cannot_be_trusted_sends_nobody_anywhere(server: ServerProcess, crm: Crm, person: Person) -> None:
    person.open(asked(server, crm, redirect_uri="https://evil.example/back"))
    assert person.hears[0] == ("heading", "This can’t go on")
    assert {role for role, _ in person.hears} == {"heading", "alert"}


def test_an_app_that_is_added_is_known_at_once(client: httpx.Client, server: ServerProcess) -> None:
    folder = server._log.parent
    add = command("apps", "add", "--config", str(folder / "demo.toml"), "--user", "5005", "--name", "New")
    settings = environment({"CORDBOARD_UAPI__APPS_PATH": "apps.toml"})
    ran = subprocess.run(add, cwd=ROOT, env=settings, capture_output=True, text=True, check=True)
    found = re.search(r"client_id: +(\S+)\nclient_secret: (\S+)\n", ran.stdout)
    assert found is not None
    own = OWN | {"client_id": found[1], "client_secret": found[2]}
    assert client.post(TOKEN, data=own).status_code == 200
    assert client.post(TOKEN, data=own | {"client_secret": "x"}).json() == {"error": "invalid_client"}
    assert found[2] not in (folder / "apps.toml").read_text()


FORM = {"content-type": "application/x-www-form-urlencoded"}
BAD: list[tuple[str, str, bytes, dict[str, str], int]] = [
    ("POST", TOKEN, urlencode(OWN | {"client_id": "nobody"}).encode(), FORM, 401),
    ("POST", TOKEN, urlencode(OWN | {"client_secret": "x" * 100_000}).encode(), FORM, 401),
    ("POST", TOKEN, urlencode(OWN | {"grant_type": "authorization_code", "code": "\x00\xff"}).encode(), FORM, 400),
    ("POST", TOKEN, urlencode(OWN | {"grant_type": "password"}).encode(), FORM, 400),
    ("POST", TOKEN, b"x" * 300_000, FORM, 413),
    ("POST", TOKEN, b"&" * 100_000, FORM, 400),
    ("POST", TOKEN, b"a=1&" * 1_000, FORM, 400),
    ("POST", TOKEN, b"\xff\xfe\x00%%%", FORM, 400),
    ("POST", TOKEN, b'{"grant_type":"client_credentials"}', {"content-type": "application/json"}, 400),
    ("POST", TOKEN, b"--x--", {"content-type": "multipart/form-data; boundary=x"}, 400),
    ("POST", TOKEN, b"grant_type=client_credentials", FORM | {"authorization": "Basic \xff"}, 401),
    ("GET", f"{TOKEN}?{urlencode(OWN)}", b"", {}, 405),
    ("DELETE", TOKEN, b"", {}, 405),
    ("GET", "/oauth", b"", {}, 404),
    ("GET", "/oauth/../oauth/else", b"", {}, 404),
    ("GET", AUTHORIZE, b"", {}, 400),
    ("GET", f"{AUTHORIZE}?%FF=%00&client_id=%FF", b"", {}, 400),
    ("GET", f"{AUTHORIZE}?client_id=demo&state={'x' * 3_000}", b"", {}, 400),
    ("GET", f"{AUTHORIZE}?client_id=demo&client_id=demo", b"", {}, 400),
    ("GET", f"{AUTHORIZE}?response_type=code&client_id=demo&state=short", b"", {}, 303),
    ("POST", AUTHORIZE, b"client_id=demo&response_type=code&state=0123456789abcdef&decision=allow", FORM, 403),
    ("POST", AUTHORIZE, b"{}", {"content-type": "application/json"}, 400),
    ("PUT", AUTHORIZE, b"", {}, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "headers", "status"), BAD, ids=range(len(BAD)))
def test_bad_input_is_refused_in_one_line_of_the_log(
    server: ServerProcess, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    server.check_log()
    with server.client() as client:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = client.request(method, path, content=body, headers=encoded, follow_redirects=False)
    assert answer.status_code == status
    if not path.startswith(AUTHORIZE):
        assert isinstance(answer.json()["error"], str)
    assert len(server.check_log()) <= 1


def test_the_page_cannot_be_framed_or_kept(server: ServerProcess, crm: Crm, client: httpx.Client) -> None:
    headers = client.get(asked(server, crm)).headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "SameSite=Lax" in headers["set-cookie"]
    assert "HttpOnly" in headers["set-cookie"]


def test_lifetimes_are_settings_and_no_log_tells_a_token(log: Path) -> None:
    settings = {"CORDBOARD_UAPI__TOKEN_LIFETIME_S": "60", "CORDBOARD_LOG__LEVEL": "debug"}
    with serving(log, settings) as server, server.client() as client:
        told = client.post(TOKEN, data=OWN).json()
        assert told["expires_in"] == 60
        assert told["access_token"] not in server.log_text()


@pytest.mark.uapi("1.3 lifetime")
def test_a_token_is_good_after_the_process_was_killed(tmp_path: Path) -> None:
    settings = {"CORDBOARD_JOURNAL__PATH": str(tmp_path / "journal.db")}
    first = ServerProcess(tmp_path / "first.log", settings)
    with first.client() as client:
        token = client.post(TOKEN, data=OWN).json()["access_token"]
    first.kill()
    with serving(tmp_path / "second.log", settings) as second, second.client() as client:
        assert client.get(MINE, headers={"authorization": f"Bearer {token}"}).status_code == 200
        assert client.get(MINE, headers={"authorization": f"Bearer x{token}"}).status_code == 403


def test_without_the_unified_api_its_tokens_are_not_served(log: Path) -> None:
    with serving(log, {"CORDBOARD_UAPI__ENABLED": "false"}) as server, server.client() as client:
        assert client.post(TOKEN, data=OWN).status_code == 404
