"""What apps were given: codes, access tokens and refresh tokens; who they speak for, until when, and what ends them.

Kept by their digests, so that whoever reads what is kept can't use it. Instants are seconds since 1970, so that they
mean something after a restart. Deliberately absent: the grammar of OAuth (``oauth_validator``), keeping anything beyond
the end of the process (``keepers``).
"""

from __future__ import annotations

from enum import Enum
from hashlib import sha256
from typing import Protocol, TypeVar

import msgspec

K = TypeVar("K")
V = TypeVar("V")


class Kind(Enum):
    """What a text stands for."""

    CODE = "code"
    ACCESS = "access"
    REFRESH = "refresh"


class Limits(msgspec.Struct, frozen=True):
    """See ``config_uapi.Uapi``. The numbers are those of each kind."""

    token_lifetime_s: int = 3_600
    code_lifetime_s: int = 600
    refresh_lifetime_s: int = 2_592_000
    tokens_per_app_max: int = 1_000
    tokens_max: int = 100_000


class Grant(msgspec.Struct, frozen=True, gc=False):
    """One of them. ``user`` is who consented; "" if the app speaks for the user that it is registered to. What came of
    one consent is one ``family``. The rest is a code's: what must come with it again, and whether it was redeemed."""

    app: str
    until: float
    user: str = ""
    family: str = ""
    redirect_uri: str = ""
    challenge: str = ""
    challenge_method: str = ""
    redeemed: bool = False


class Keeper(Protocol):
    """Where grants are kept."""

    def find(self, kind: Kind, digest: bytes) -> Grant | None:
        """What is kept, whether its time is over or not."""

    def keep(self, kind: Kind, digest: bytes, grant: Grant, now: float) -> None:
        """Keep a grant, or what has become of it; those whose time is over by ``now`` may go."""

    def end(self, family: str) -> None:
        """Forget all tokens that came of one consent."""


class Memory:
    """Keeps grants as long as the process runs: of each kind a limited number, in all and for each app. One more ends
    the oldest."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[Kind, dict[bytes, Grant]] = {kind: {} for kind in Kind}
        self._of_app: dict[tuple[Kind, str], dict[bytes, None]] = {}
        self._of_family: dict[str, dict[tuple[Kind, bytes], None]] = {}

    def find(self, kind: Kind, digest: bytes) -> Grant | None:
        return self._kept[kind].get(digest)

    def keep(self, kind: Kind, digest: bytes, grant: Grant, now: float) -> None:
        kept = self._kept[kind]
        self._drop(kind, digest)  # what is renewed goes to the end: the front is what expires first
        while kept:
            oldest = next(iter(kept))
            if len(kept) < self._limits.tokens_max and kept[oldest].until > now:
                break
            self._drop(kind, oldest)
        own = self._of_app.setdefault((kind, grant.app), {})
        if len(own) >= self._limits.tokens_per_app_max:
            self._drop(kind, next(iter(own)))
            own = self._of_app.setdefault((kind, grant.app), {})
        kept[digest], own[digest] = grant, None
        if grant.family:
            self._of_family.setdefault(grant.family, {})[kind, digest] = None
        self._changed(kind, digest, grant)

    def end(self, family: str) -> None:
        for kind, digest in tuple(self._of_family.get(family, ())):
            if kind is not Kind.CODE:
                self._drop(kind, digest)

    def _drop(self, kind: Kind, digest: bytes) -> None:
        grant = self._kept[kind].pop(digest, None)
        if grant is None:
            return
        self._changed(kind, digest, None)
        _remove(self._of_app, (kind, grant.app), digest)
        if grant.family:
            _remove(self._of_family, grant.family, (kind, digest))

    def _changed(self, kind: Kind, digest: bytes, grant: Grant | None) -> None:
        """For a keeper that lasts longer."""


def _remove(index: dict[K, dict[V, None]], key: K, value: V) -> None:
    own = index[key]
    del own[value]
    if not own:
        del index[key]


def digest_of(text: str) -> bytes:
    """What a code or token is kept by."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
