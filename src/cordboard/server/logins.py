"""HTTP sessions as rows of the journal: whoever was logged in before a restart still is (implements ``auth.Keeper``).

The id of a session is a secret, so only its digest is kept. Deliberately absent: what a session is good for (``auth``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import TypeAlias

from cordboard.calls.ports import Row
from cordboard.server.book import Book

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

TABLE = "logins"
_DIGEST_BYTES = 32


class Logins:
    """``timeout_s`` is how long somebody who was there before may take to come back; ``now`` tells the instant."""

    def __init__(self, book: Book, read: Read, now: Callable[[], float], timeout_s: float) -> None:
        self._book = book
        self._now = now
        self._until = now() + timeout_s
        self._left = {digest: user_id.decode() for digest, user_id in read(TABLE)}

    def begun(self, session: str, user_id: str) -> None:
        self._forget_who_stays_away()
        if self._book.is_overfull:
            return  # who only reads begins sessions, too; after a crash he would have to log in again
        self._write(Row(TABLE, _digest(session.encode()), user_id.encode()))

    def ended(self, session: str) -> None:
        self._write(Row(TABLE, _digest(session.encode()), None))

    def find(self, session: bytes) -> str | None:
        self._forget_who_stays_away()
        return self._left.pop(_digest(session), None) if self._left else None

    def _forget_who_stays_away(self) -> None:
        if self._left and self._now() > self._until:
            left, self._left = self._left, {}
            self._write(*(Row(TABLE, digest, None) for digest in left))

    def _write(self, *rows: Row) -> None:
        if self._book.keeps:
            self._book.add((), rows)


def _digest(session: bytes) -> bytes:
    return blake2b(session, digest_size=_DIGEST_BYTES).digest()
