"""``[cdr]``: how many call detail records are kept, how long, and how many are told at once."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cordboard.cdr.store import Limits


class Cdr(msgspec.Struct, frozen=True):
    """``[cdr]`` (docs/cdr.md)."""

    keep_days: Annotated[float, Meta(ge=0.05, le=36_500)] = 90.0
    kept_max: Annotated[int, Meta(ge=1, le=10_000_000)] = 50_000
    page_max: Annotated[int, Meta(ge=1, le=100_000)] = 1_000
    looked_at_max: Annotated[int, Meta(ge=1, le=10_000_000)] = 10_000

    def limits(self) -> Limits:
        """The same in the words of the room."""
        return Limits(**msgspec.structs.asdict(self))
