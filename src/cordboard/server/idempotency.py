"""Idempotency keys: a request that comes again with its key gets the first answer again, byte for byte, and nothing is
done twice (call-semantics decision 9, #32; docs/decisions/0006).

Requests are worked on one after the other, so two with the same key are simply the first and its repetition.
Deliberately absent: what a request does (``gws``), keeping answers beyond the end of the process (``keepers``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Protocol, TypeAlias

import msgspec

from cordboard.gws import answers
from cordboard.gws.answers import Response, StatusCode
from cordboard.gws.requests import Request

Handle: TypeAlias = "Callable[[Request], Response]"
RawHeaders: TypeAlias = "Iterable[tuple[bytes, bytes]]"

HEADER = b"idempotency-key"
_CHANGING = frozenset(("POST", "PUT"))
_DIGEST_BYTES = 32


class Limits(msgspec.Struct, frozen=True):
    """See ``config.Gws``."""

    idempotency_kept_s: float = 86_400.0
    idempotency_answers_per_user_max: int = 1_000
    idempotency_key_length_max: int = 255


class Kept(msgspec.Struct, frozen=True, gc=False):
    """The answer to a request, until when it is repeated, and a digest that tells this request from others."""

    request: bytes
    response: Response
    until: float


class Keeper(Protocol):
    """Where answers are kept. Instants are seconds since 1970, so that they mean something after a restart."""

    def find(self, user_id: str, key: bytes) -> Kept | None:
        """What is kept for a user under this key, whether its time is over or not."""

    def keep(self, user_id: str, key: bytes, kept: Kept, now: float) -> None:
        """Keep an answer; those whose time is over by ``now`` may go."""


class Memory:
    """Keeps answers as long as the process runs: of each user at most ``per_user_max``, the oldest goes first."""

    def __init__(self, per_user_max: int) -> None:
        self._per_user_max = per_user_max
        self._kept: dict[str, dict[bytes, Kept]] = {}

    def find(self, user_id: str, key: bytes) -> Kept | None:
        return self._kept.get(user_id, {}).get(key)

    def keep(self, user_id: str, key: bytes, kept: Kept, now: float) -> None:
        own = self._kept.setdefault(user_id, {})
        own.pop(key, None)  # a key whose time was over begins anew, as the youngest
        while own:
            oldest = next(iter(own))
            if len(own) < self._per_user_max and own[oldest].until > now:
                break
            del own[oldest]
            self._changed(user_id, oldest, None)
        own[key] = kept
        self._changed(user_id, key, kept)

    def _changed(self, user_id: str, key: bytes, kept: Kept | None) -> None:
        """For a keeper that lasts longer."""


class Idempotency:
    """Lets a request through once. ``wall`` tells the seconds since 1970."""

    def __init__(self, keeper: Keeper, limits: Limits, wall: Callable[[], float]) -> None:
        self._keeper = keeper
        self._limits = limits
        self._wall = wall

    def once(self, headers: RawHeaders, request: Request, handle: Handle) -> Response:
        """The answer of ``handle``, or the one that it gave when the request came with this key before."""
        if request.method not in _CHANGING:
            return handle(request)
        keys = [value for name, value in headers if name == HEADER]
        if not keys:
            return handle(request)
        key, length_max = keys[0], self._limits.idempotency_key_length_max
        if len(keys) > 1 or not 0 < len(key) <= length_max:
            return answers.error(
                StatusCode.OUT_OF_RANGE, f"Idempotency-Key must be one text of 1 to {length_max} characters."
            )
        return self._with_key(key, request, handle)

    def _with_key(self, key: bytes, request: Request, handle: Handle) -> Response:
        user_id, now, digest = request.user.id, self._wall(), _digest(request)
        kept = self._keeper.find(user_id, key)
        if kept is not None and kept.until > now:
            return kept.response if kept.request == digest else answers.KEY_OF_ANOTHER_REQUEST
        response = handle(request)
        if response.status != answers.SERVICE_UNAVAILABLE:
            # "Try again later" says that nothing was done; whoever does try again is to have a chance.
            kept = Kept(digest, response, now + self._limits.idempotency_kept_s)
            self._keeper.keep(user_id, key, kept, now)
        return response


def _digest(request: Request) -> bytes:
    """The same for the same method, path, query and body; the lengths keep one part from running into the next."""
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in (request.method.encode(), request.path.encode("utf-8", "surrogatepass"), request.query.encode()):
        digest.update(b"%d:" % len(part) + part)
    digest.update(request.body)
    return digest.digest()
