"""What is kept of codes and tokens, and what goes first."""

from __future__ import annotations

import pytest

from cordboard.server.grants import Grant, Kind, Limits, Memory, digest_of


def grant(app: str = "crm", until: float = 100.0, family: str = "") -> Grant:
    return Grant(app, until, family=family)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_is_kept_apart(kind: Kind) -> None:
    memory = Memory(Limits())
    memory.keep(kind, b"1", grant(), 0.0)
    assert {other: memory.find(other, b"1") for other in Kind} == {
        other: grant() if other is kind else None for other in Kind
    }


def test_what_is_kept_again_is_replaced() -> None:
    memory = Memory(Limits(tokens_per_app_max=2))
    for digest in (b"1", b"2", b"1", b"3"):
        memory.keep(Kind.ACCESS, digest, grant(), 0.0)
    assert memory.find(Kind.ACCESS, b"1") == grant()
    assert memory.find(Kind.ACCESS, b"2") is None  # the oldest, as 1 was renewed


def test_an_app_that_asks_too_often_loses_its_own_oldest_only() -> None:
    memory = Memory(Limits(tokens_per_app_max=2))
    memory.keep(Kind.ACCESS, b"0", grant("board"), 0.0)
    for digest in (b"1", b"2", b"3"):
        memory.keep(Kind.ACCESS, digest, grant(), 0.0)
    assert [memory.find(Kind.ACCESS, digest) is not None for digest in (b"0", b"1", b"2", b"3")] == [
        *(True, False, True, True)
    ]


def test_one_is_enough_to_fill_an_app() -> None:
    memory = Memory(Limits(tokens_per_app_max=1))
    for digest in (b"1", b"2"):
        memory.keep(Kind.CODE, digest, grant(), 0.0)
    assert memory.find(Kind.CODE, b"1") is None
    assert memory.find(Kind.CODE, b"2") == grant()


def test_all_together_are_bounded() -> None:
    memory = Memory(Limits(tokens_max=2))
    for app in ("a", "b", "c"):
        memory.keep(Kind.ACCESS, app.encode(), grant(app), 0.0)
    assert [memory.find(Kind.ACCESS, app) is not None for app in (b"a", b"b", b"c")] == [False, True, True]


def test_what_is_over_goes_when_something_comes() -> None:
    memory = Memory(Limits())
    memory.keep(Kind.ACCESS, b"1", grant(until=5.0), 0.0)
    memory.keep(Kind.ACCESS, b"2", grant(until=8.0), 4.9)
    assert memory.find(Kind.ACCESS, b"1") is not None
    memory.keep(Kind.ACCESS, b"3", grant(until=9.0), 5.0)
    assert memory.find(Kind.ACCESS, b"1") is None
    assert memory.find(Kind.ACCESS, b"2") is not None


def test_a_family_ends_together_and_its_code_stays_known() -> None:
    memory = Memory(Limits())
    for kind in Kind:
        memory.keep(kind, b"1", grant(family="f"), 0.0)
        memory.keep(kind, b"2", grant(family="g"), 0.0)
    memory.end("f")
    memory.end("nobody's")
    left = {(kind, digest) for kind in Kind for digest in (b"1", b"2") if memory.find(kind, digest)}
    assert left == {(Kind.CODE, b"1"), *((kind, b"2") for kind in Kind)}


def test_a_digest_is_no_token_and_any_text_has_one() -> None:
    assert len(digest_of("token")) == 32
    assert digest_of("a") != digest_of("b")
    assert digest_of("\udcff")
