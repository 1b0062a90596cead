"""The clock. Dry rooms are handed its instants; nobody else reads the time.

Deliberately absent: waiting (the event loop does that) and formats (``logs``).
"""

from __future__ import annotations

import time

import msgspec


class Clock(msgspec.Struct, frozen=True):
    """Real time. Tests put anything with the same two methods in its place."""

    def now(self) -> float:
        """Seconds on a clock that never goes back; its zero means nothing."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()
