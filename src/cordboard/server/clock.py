"""The clock. Dry rooms are handed its instants; nobody else reads the time.

Deliberately absent: waiting (the event loop does that) and formats (``logs``).
"""

from __future__ import annotations

import time

import msgspec


def _offset() -> float:
    return time.time() - time.monotonic()


class Clock(msgspec.Struct, frozen=True):
    """Real time. Tests put anything with the same two methods in its place.

    ``offset`` is when the machine's monotonic clock was 0, as far as was known at the start.
    """

    offset: float = msgspec.field(default_factory=_offset)

    @classmethod
    def later_than(cls, instant: float) -> Clock:
        """A clock that has not yet shown this instant: the machine's may have been set back since."""
        clock = cls()
        return cls(clock.offset + max(0.0, instant - clock.now()))

    def now(self) -> float:
        """Seconds since 1970 as they were known at the start, and from then on a clock that never goes back: what it
        shows means something after a restart."""
        return time.monotonic() + self.offset

    def wall(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()
