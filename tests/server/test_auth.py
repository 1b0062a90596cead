"""Credentials and sessions: who a request speaks for, and what it may not cost."""

import asyncio
import base64
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import argon2
import pytest

from cordboard.people.directory import Directory
from cordboard.people.model import Device, Tenant, User
from cordboard.server import ids, passwords
from cordboard.server.auth import Authenticator, Limits, Proving
from cordboard.server.auth_types import Authentication

TENANT = Tenant("3", "North")
SLOW = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("geheim")


def user(name: str, kept: str) -> User:
    return User(f"id-{name}", name, kept, Device(f"device-{name}", name), TENANT)


PEOPLE = Directory(
    [
        user("anna", passwords.conceal("secret", b"1")),
        user("olga", passwords.conceal("pass:word", b"2")),
        user("paul", SLOW),
    ],
    [TENANT],
    [],
)


class Clock:
    def __init__(self) -> None:
        self.instant = 1000.0

    def now(self) -> float:
        return self.instant


@pytest.fixture
def clock() -> Clock:
    return Clock()


def authenticator(clock: Clock, limits: Limits | None = None, *, secure: bool = False) -> Authenticator:
    numbers: Iterator[int] = itertools.count(1)
    return Authenticator(PEOPLE, clock, limits, lambda: f"S{next(numbers)}", secure=secure)


def basic(name: str, password: str) -> tuple[bytes, bytes]:
    return (b"authorization", b"Basic " + base64.b64encode(f"{name}:{password}".encode()))


def cookie(session: str) -> tuple[bytes, bytes]:
    return (b"cookie", f"JSESSIONID={session}".encode())


ANNA = basic("anna", "secret")
OLGA = basic("olga", "pass:word")
PAUL = basic("paul", "geheim")


def test_credentials_get_a_session_and_its_cookie(clock: Clock) -> None:
    found = authenticator(clock).authenticate([(b"host", b"x"), ANNA])
    assert found == Authentication("id-anna", b"JSESSIONID=S1; Path=/; HttpOnly", "S1")


def test_a_cookie_is_kept_off_plain_http_if_asked_for(clock: Clock) -> None:
    found = authenticator(clock, secure=True).authenticate([ANNA])
    assert found is not None
    assert found.set_cookie == b"JSESSIONID=S1; Path=/; HttpOnly; Secure"


def test_a_password_may_have_a_colon(clock: Clock) -> None:
    found = authenticator(clock).authenticate([OLGA])
    assert found is not None
    assert found.identity == "id-olga"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="nothing"),
        pytest.param([basic("anna", "wrong")], id="wrong password"),
        pytest.param([basic("otto", "secret")], id="unknown user"),
        pytest.param([cookie("S9")], id="unknown session"),
        pytest.param([cookie("")], id="empty cookie"),
        pytest.param([(b"cookie", b"; =;JSESSIONID")], id="broken cookie"),
        pytest.param([(b"authorization", b"")], id="empty header"),
        pytest.param([(b"authorization", b"Basic")], id="no credentials"),
        pytest.param([(b"authorization", b"Basic ???")], id="not base64"),
        pytest.param([(b"authorization", b"Basic " + base64.b64encode(b"\xff:x"))], id="not UTF-8"),
        pytest.param([(b"authorization", b"Basic " + base64.b64encode(b"anna"))], id="no colon"),
        pytest.param([(b"authorization", b"Bearer " + ANNA[1][6:])], id="another scheme"),
        pytest.param([PAUL], id="right, but slow to check and not proved"),
    ],
)
def test_denied(clock: Clock, headers: list[tuple[bytes, bytes]]) -> None:
    assert authenticator(clock).authenticate(headers) is None


def test_the_schemes_name_has_no_case(clock: Clock) -> None:
    assert authenticator(clock).authenticate([(b"authorization", b"bASIC " + ANNA[1][6:])]) is not None


def test_the_cookie_alone_is_enough_afterwards(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    assert door.authenticate([cookie("S1")]) == Authentication("id-anna", None, "S1")


def test_the_cookie_is_found_among_others_and_behind_a_stale_one(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    among = [(b"cookie", b"a=b; XJSESSIONID=S7; JSESSIONID=S8"), (b"cookie", b"JSESSIONID=S1;c=d")]
    assert door.authenticate(among) == Authentication("id-anna", None, "S1")


def test_credentials_with_the_cookie_of_the_same_user_keep_the_session(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    assert door.authenticate([ANNA, cookie("S1")]) == Authentication("id-anna", None, "S1")


def test_wrong_credentials_are_denied_beside_a_valid_cookie(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    assert door.authenticate([cookie("S1"), basic("anna", "wrong")]) is None


def test_credentials_win_over_the_cookie_of_somebody_else(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    found = door.authenticate([OLGA, cookie("S1")])
    assert found == Authentication("id-olga", b"JSESSIONID=S2; Path=/; HttpOnly", "S2")
    assert door.authenticate([cookie("S1")]) is not None


def test_a_client_without_cookies_has_one_session(clock: Clock) -> None:
    door = authenticator(clock)
    sessions = {found.session for _ in range(50) if (found := door.authenticate([ANNA])) is not None}
    assert sessions == {"S1"}


def test_a_session_is_a_clients_own_once_its_cookie_came_back(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    door.authenticate([cookie("S1")])
    second = door.authenticate([ANNA])
    assert second is not None
    assert second.session == "S2"


def test_an_idle_session_expires_and_a_used_one_does_not(clock: Clock) -> None:
    door = authenticator(clock, Limits(session_timeout_s=10))
    door.authenticate([ANNA])
    for _ in range(5):
        clock.instant += 10
        assert door.authenticate([cookie("S1")]) is not None
    clock.instant += 10.1
    assert door.authenticate([cookie("S1")]) is None


def test_an_unclaimed_session_expires_too(clock: Clock) -> None:
    door = authenticator(clock, Limits(session_timeout_s=10))
    door.authenticate([ANNA])
    clock.instant += 10.1
    found = door.authenticate([ANNA])
    assert found is not None
    assert found.session == "S2"
    assert door.authenticate([cookie("S1")]) is None


def test_too_many_sessions_cost_the_one_unused_for_longest(clock: Clock) -> None:
    door = authenticator(clock, Limits(sessions_per_user_max=2))
    for session in ("S1", "S2"):
        clock.instant += 1
        door.authenticate([ANNA])
        door.authenticate([cookie(session)])
    clock.instant += 1
    door.authenticate([cookie("S1")])
    door.authenticate([OLGA])
    door.authenticate([ANNA])
    alive = [session for session in ("S1", "S2", "S3", "S4") if door.authenticate([cookie(session)])]
    assert alive == ["S1", "S3", "S4"]


def test_an_ended_session_is_gone(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    door.end_session("S1")
    door.end_session("S1")
    assert door.authenticate([cookie("S1")]) is None
    found = door.authenticate([ANNA])
    assert found is not None
    assert found.session == "S2"


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that are compared from now on."""
    compared: list[str] = []
    original: Callable[[str, str], bool] = passwords.matches

    def matches(kept: str, password: str) -> bool:
        compared.append(password)
        return original(kept, password)

    monkeypatch.setattr(passwords, "matches", matches)
    return compared


def test_a_password_is_compared_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = counted(monkeypatch)
    door = authenticator(clock)
    for _ in range(3):
        assert door.authenticate([ANNA])
    assert compared == ["secret"]


def test_remembered_credentials_are_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = counted(monkeypatch)
    door = authenticator(clock, Limits(credentials_cached_max=1))
    for header in (ANNA, ANNA, OLGA, OLGA, ANNA):
        assert door.authenticate([header])
    assert compared == ["secret", "pass:word", "secret"]


def test_only_slow_credentials_need_proof(clock: Clock) -> None:
    door = authenticator(clock)
    assert door.must_prove([PAUL])
    assert door.must_prove([basic("paul", "wrong")])
    assert not any(map(door.must_prove, ([], [ANNA], [cookie("S1")], [basic("otto", "x")])))


async def test_proved_credentials_are_admitted_from_then_on(clock: Clock) -> None:
    door = authenticator(clock)
    await door.prove([PAUL])
    assert not door.must_prove([PAUL])
    found = door.authenticate([PAUL])
    assert found is not None
    assert found.identity == "id-paul"


@pytest.mark.parametrize("headers", [[], [basic("paul", "wrong")], [basic("otto", "geheim")]])
async def test_what_cannot_be_proved_stays_denied(clock: Clock, headers: list[tuple[bytes, bytes]]) -> None:
    door = authenticator(clock)
    await door.prove(headers)
    assert door.authenticate(headers) is None


async def test_slow_authentication_proves_first(clock: Clock) -> None:
    door = authenticator(clock)
    found = await door.authenticate_slowly([PAUL])
    assert found is not None
    assert found.identity == "id-paul"
    assert await door.authenticate_slowly([basic("paul", "wrong")]) is None
    assert await door.authenticate_slowly([ANNA]) == door.authenticate([ANNA])


async def test_requests_that_come_together_are_proved_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = counted(monkeypatch)
    door = authenticator(clock, Limits(proofs_at_once_max=1))
    await asyncio.gather(*(door.prove([PAUL]) for _ in range(5)))
    assert compared == ["geheim"]


async def test_the_middleware_proves_before_it_passes_on(clock: Clock) -> None:
    door = authenticator(clock)
    seen: list[Authentication | None] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(door.authenticate(scope.get("headers", [])))

    proving = Proving(app, door)
    await proving({"type": "http", "headers": [PAUL]}, None, None)
    await proving({"type": "websocket", "headers": [ANNA]}, None, None)
    await proving({"type": "lifespan"}, None, None)
    assert [found and found.identity for found in seen] == ["id-paul", "id-anna", None]


def test_a_csrf_token_lives_with_its_session(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    token = door.csrf_token("S1")
    assert token
    assert door.csrf_token("S1") == token
    assert door.has_csrf_token([cookie("S1")], token.encode())
    door.end_session("S1")
    assert door.csrf_token("S1") == ""
    assert not door.has_csrf_token([cookie("S1")], token.encode())


def test_a_csrf_token_needs_its_own_session(clock: Clock) -> None:
    door = authenticator(clock)
    door.authenticate([ANNA])
    door.authenticate([OLGA])
    token = door.csrf_token("S1").encode()
    assert not door.has_csrf_token([cookie("S2")], token)
    assert not door.has_csrf_token([cookie("S2")], b"")
    assert not door.has_csrf_token([cookie("S1")], b"")
    assert not door.has_csrf_token([ANNA], token)


class Memory:
    """A keeper that was there before."""

    def __init__(self, **left: str) -> None:
        self.left = left
        self.noted: list[tuple[str, ...]] = []

    def begun(self, session: str, user_id: str) -> None:
        self.noted.append(("begun", session, user_id))

    def ended(self, session: str) -> None:
        self.noted.append(("ended", session))

    def find(self, session: bytes) -> str | None:
        return self.left.pop(session.decode(), None)


def test_whoever_was_logged_in_before_a_restart_still_is(clock: Clock) -> None:
    memory = Memory(S7="id-anna", S8="id-olga", S9="id-nobody")
    door = Authenticator(PEOPLE, clock, Limits(session_timeout_s=60.0), keeper=memory, new_session_id=lambda: "S1")
    assert door.authenticate([ANNA]) == Authentication("id-anna", b"JSESSIONID=S1; Path=/; HttpOnly", "S1")
    for _ in range(2):
        assert door.authenticate([cookie("S7")]) == Authentication("id-anna", None, "S7")
    assert door.authenticate([ANNA]) == Authentication("id-anna", b"JSESSIONID=S1; Path=/; HttpOnly", "S1")
    assert door.has_csrf_token([cookie("S7")], ids.csrf_token("S7").encode())
    assert door.authenticate([cookie("S9")]) is None
    assert door.authenticate([cookie("S6")]) is None
    clock.instant += 61.0
    assert door.authenticate([cookie("S7")]) is None
    door.end_session("S1")
    assert memory.noted == [("begun", "S1", "id-anna"), ("ended", "S7"), ("ended", "S1")]


def test_a_session_from_before_counts_among_those_of_its_user(clock: Clock) -> None:
    memory = Memory(S7="id-anna")
    door = Authenticator(PEOPLE, clock, Limits(sessions_per_user_max=1), keeper=memory, new_session_id=lambda: "S1")
    door.authenticate([ANNA])
    assert door.authenticate([cookie("S7")]) is not None
    assert door.authenticate([cookie("S1")]) is None


@pytest.mark.parametrize(
    ("name", "password", "found"),
    [
        ("anna", "secret", "id-anna"),
        ("paul", "geheim", "id-paul"),
        ("anna", "geheim", None),
        ("paul", "secret", None),
        ("otto", "secret", None),
        ("", "", None),
    ],
)
async def test_a_name_and_a_password_by_themselves(clock: Clock, name: str, password: str, found: str | None) -> None:
    """Otto is nobody, and anna's password, with which his is compared, does not make him somebody."""
    user = await authenticator(clock).user_with(name, password)
    assert (user.id if user is not None else None) == found


async def test_where_nobody_is_nobody_is_found(clock: Clock) -> None:
    assert await Authenticator(Directory([], [], []), clock).user_with("anna", "secret") is None
