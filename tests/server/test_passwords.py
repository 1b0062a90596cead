"""What is kept of passwords, and what matches it."""

import argon2
import pytest

from cordboard.server.passwords import conceal, is_argon2, is_quick, matches, slow_hash

QUICK = conceal("secret", b"salt")
SLOW = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")


@pytest.mark.parametrize("kept", [QUICK, SLOW], ids=["quick", "argon2"])
def test_only_the_password_matches(kept: str) -> None:
    assert matches(kept, "secret")
    assert not matches(kept, "Secret")
    assert not matches(kept, "")


def test_the_password_itself_is_not_kept_and_the_salt_counts() -> None:
    assert "secret" not in QUICK
    assert conceal("secret", b"other") != QUICK


def test_quick_ones_are_told_from_slow_ones() -> None:
    assert is_quick(QUICK)
    assert not is_quick(SLOW)


@pytest.mark.parametrize("text", ["", "secret", "$argon2id$", "$argon2id$v=19$m=x,t=1,p=1$c2FsdA$aGFzaA", QUICK])
def test_what_is_no_argon2_hash_is_told_and_matches_nothing(text: str) -> None:
    assert not is_argon2(text)
    if not is_quick(text):
        assert not matches(text, "secret")


def test_an_argon2_hash_is_known() -> None:
    assert is_argon2(SLOW)
    assert is_argon2(slow_hash("secret"))
    assert matches(slow_hash("secret"), "secret")
