"""Tokens: where they are looked for, whom they speak for, and until when."""

from __future__ import annotations

import msgspec
import pytest
from tests.kit.oauth import ANNA, BOARD, CRM, OLGA, PAUL, World

from cordboard.people.model import Account, User
from cordboard.server.apps import App
from cordboard.server.grants import Grant, Kind, Limits


@pytest.fixture
def world() -> World:
    world = World()
    world.tokens.give(Kind.ACCESS, "t-1", Grant("crm", 0.0))
    return world


def headers(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), *((b"authorization", value.encode()) for value in values)]


@pytest.mark.uapi("1.3 use of tokens")
@pytest.mark.parametrize("header", ["Bearer t-1", "bearer t-1", "BEARER  t-1 "])
def test_a_token_in_the_header(world: World, header: str) -> None:
    assert world.tokens.account_of(headers(header), b"") == Account(ANNA, "user", "crm")


@pytest.mark.uapi("1.3 use of tokens")
@pytest.mark.parametrize(
    "query",
    [b"accessRequestToken=t-1", b"a=b&accessRequestToken=Bearer%20t-1&c=d", b"accessRequestToken=bearer+t-1"],
)
def test_a_token_in_the_query_with_or_without_the_word(world: World, query: bytes) -> None:
    """voipnow-uapi §1.3"""
    assert world.tokens.account_of(headers(), query) == Account(ANNA, "user", "crm")
    assert world.tokens.account_of(headers("Basic x"), query) == Account(ANNA, "user", "crm")
    assert world.tokens.account_of(headers("Bearer "), query) == Account(ANNA, "user", "crm")


def test_the_header_comes_first(world: World) -> None:
    assert world.tokens.account_of(headers("Bearer t-2"), b"accessRequestToken=t-1") is None


@pytest.mark.uapi("1.3 403 or 401")
@pytest.mark.parametrize(
    ("header", "query"),
    [
        (["Bearer t-2"], b""),
        (["Bearer " + "x" * 1_001], b""),
        (["Bearer \xff"], b""),
        (["Basic t-1"], b""),
        (["t-1"], b""),
        ([], b""),
        ([], b"accessRequestToken="),
        ([], b"accessRequestToken=%FF"),
        ([], b"xaccessRequestToken=t-1"),
        ([], b"accessRequestToken=Bearer"),
        ([], b"token=t-1"),
    ],
)
def test_anything_else_speaks_for_nobody(world: World, header: list[str], query: bytes) -> None:
    assert world.tokens.account_of(headers(*header), query) is None


@pytest.mark.uapi("1.3 lifetime")
def test_a_token_expires_to_the_second(world: World) -> None:
    world.instant += 3_599
    assert world.account("t-1") == ("anna", "user", "crm")
    world.instant += 1
    assert world.account("t-1") is None


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_its_own_lifetime(kind: Kind) -> None:
    lifetimes = {Kind.CODE: 1, Kind.ACCESS: 2, Kind.REFRESH: 3}
    world = World(Limits(code_lifetime_s=1, token_lifetime_s=2, refresh_lifetime_s=3))
    world.tokens.give(kind, "x", Grant("crm", 0.0))
    grant = world.tokens.find(kind, "x")
    assert grant is not None
    assert grant.until == world.instant + lifetimes[kind]


def test_a_redeemed_code_is_remembered_as_such(world: World) -> None:
    world.tokens.give(Kind.CODE, "c", Grant("crm", 0.0))
    grant = world.tokens.find(Kind.CODE, "c")
    assert grant is not None
    world.tokens.redeem("c", grant)
    assert world.tokens.find(Kind.CODE, "c") == msgspec.structs.replace(grant, redeemed=True)


def test_a_family_ends(world: World) -> None:
    world.tokens.give(Kind.ACCESS, "t-2", Grant("crm", 0.0, "id-anna", "f"))
    world.tokens.end("f")
    assert world.account("t-2") is None
    assert world.account("t-1") is not None


@pytest.mark.uapi("1.2 scope by level", "1.3 consent")
@pytest.mark.parametrize(
    ("app", "user", "whom"),
    [
        (CRM, None, ("anna", "user", "crm")),
        (BOARD, None, ("anna", "organization", "board")),
        (CRM, ANNA, ("anna", "user", "crm")),
        (CRM, OLGA, None),
        (BOARD, OLGA, ("olga", "user", "board")),
        (BOARD, PAUL, None),
    ],
)
def test_consent_is_for_one_user_and_no_further_than_the_app_reaches(
    app: App, user: User | None, whom: tuple[str, str, str] | None
) -> None:
    world = World()
    world.tokens.give(Kind.ACCESS, "t", Grant(app.client_id, 0.0, user.id if user is not None else ""))
    assert world.account("t") == whom


def test_without_its_app_or_its_user_a_token_is_worth_nothing(world: World) -> None:
    world.tokens.give(Kind.ACCESS, "t-2", Grant("gone", 0.0))
    world.tokens.give(Kind.ACCESS, "t-3", Grant("board", 0.0, "gone"))
    assert (world.account("t-2"), world.account("t-3")) == (None, None)
