"""How passwords are kept and checked.

A password that stands in the configuration as plain text is kept in memory as a salted HMAC: anybody who could read
the process's memory could read the file too, and a slow hash would cost every start seconds. A ``password_hash`` from
the configuration is an argon2 hash: checking it takes tens of milliseconds and megabytes on purpose, so it is never
done on the event loop (``auth``).
"""

from __future__ import annotations

import hmac

import argon2

_QUICK = "hmac-sha256$"
_HASHER = argon2.PasswordHasher()


def conceal(password: str, salt: bytes) -> str:
    """What is kept of a plain-text password."""
    return f"{_QUICK}{salt.hex()}${hmac.digest(salt, password.encode(), 'sha256').hex()}"


def slow_hash(secret: str) -> str:
    """What is kept of a secret where others may read it. Takes tens of milliseconds."""
    return _HASHER.hash(secret)


def is_quick(kept: str) -> bool:
    """Whether checking takes microseconds, so that the event loop may do it."""
    return kept.startswith(_QUICK)


def is_argon2(text: str) -> bool:
    """Whether ``text`` is an argon2 hash."""
    try:
        argon2.extract_parameters(text)
    except (argon2.exceptions.InvalidHashError, ValueError):
        return False
    return True


def matches(kept: str, password: str) -> bool:
    """Whether ``password`` is the one that ``kept`` was made from; quick ones are compared in constant time."""
    if is_quick(kept):
        _, salt, _ = kept.split("$")
        return hmac.compare_digest(kept, conceal(password, bytes.fromhex(salt)))
    try:
        return _HASHER.verify(kept, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
