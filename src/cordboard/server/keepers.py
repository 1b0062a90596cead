"""Answers to idempotency keys, and what apps were given, as rows of the journal: they outlive the process.

Written with the entry of the input that they belong to (``book``), so either both are there after a restart or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from cordboard.calls.ports import Row
from cordboard.gws.answers import Response
from cordboard.server import grants, idempotency
from cordboard.server.book import Book

Read: TypeAlias = "Callable[[str], Iterable[tuple[bytes, bytes]]]"
"""Gives the keys and values of a table."""

ANSWERS, GRANTS = "answers", "grants"

_encode = msgspec.msgpack.Encoder().encode
_answer_key = msgspec.msgpack.Decoder(tuple[str, bytes]).decode
_answer = msgspec.msgpack.Decoder(tuple[bytes, int, bytes, bool, float]).decode
_grant_key = msgspec.msgpack.Decoder(tuple[grants.Kind, bytes]).decode
_grant = msgspec.msgpack.Decoder(grants.Grant).decode


class Answers(idempotency.Memory):
    """Implements ``idempotency.Keeper``."""

    def __init__(self, per_user_max: int, book: Book, read: Read, now: float) -> None:
        super().__init__(per_user_max)
        self._book: Book | None = None
        found = [(_answer_key(key), _answer(value)) for key, value in read(ANSWERS)]
        for (user_id, key), (request, status, body, end_session, until) in sorted(found, key=lambda one: one[1][-1]):
            self.keep(user_id, key, idempotency.Kept(request, Response(status, body, end_session), until), now)
        self._book = book

    def _changed(self, user_id: str, key: bytes, kept: idempotency.Kept | None) -> None:
        if self._book is None or not self._book.keeps or self._book.is_overfull:
            return  # commands are refused then, so it is not known after a crash that a request was refused before
        value = None
        if kept is not None:
            response = kept.response
            value = _encode((kept.request, response.status, response.body, response.end_session, kept.until))
        self._book.add((), (Row(ANSWERS, _encode((user_id, key)), value),))


class Grants(grants.Memory):
    """Implements ``grants.Keeper``."""

    def __init__(self, limits: grants.Limits, book: Book, read: Read, now: float) -> None:
        super().__init__(limits)
        self._book: Book | None = None
        found = [(_grant_key(key), _grant(value)) for key, value in read(GRANTS)]
        for (kind, digest), grant in sorted(found, key=lambda one: one[1].until):
            self.keep(kind, digest, grant, now)
        self._book = book

    def _changed(self, kind: grants.Kind, digest: bytes, grant: grants.Grant | None) -> None:
        if self._book is not None and self._book.keeps:
            value = None if grant is None else _encode(grant)
            self._book.add((), (Row(GRANTS, _encode((kind, digest)), value),))
