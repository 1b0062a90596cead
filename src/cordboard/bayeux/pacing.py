"""How fast somebody may do something: so many at once after a rest, and so many a second in the long run.

For each key only the instant is kept at which it will have rested completely. Deliberately absent: what is paced
(``admission``).
"""

from __future__ import annotations


class Pace:
    """One limit for many keys."""

    def __init__(self, per_s: float, burst: int, keys_max: int) -> None:
        self._step_s = 1.0 / per_s
        self._ahead_s = burst / per_s
        self._keys_max = keys_max
        self._rested_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._rested_at)

    def admits(self, key: str, now: float) -> bool:
        """Whether one more is within the limit; if so it is counted."""
        rested_at = max(self._rested_at.get(key, now), now) + self._step_s
        # A little more than nothing, so that sums of fractions do not cost the last of a burst.
        if rested_at - now > self._ahead_s + 1e-6:
            return False
        self._rested_at[key] = rested_at
        if len(self._rested_at) > self._keys_max:
            del self._rested_at[next(iter(self._rested_at))]  # whoever is known longest; a bound must be kept
        return True

    def forget(self, now: float) -> None:
        """Drop the keys that have rested."""
        rested = [key for key, at in self._rested_at.items() if at <= now]
        for key in rested:
            del self._rested_at[key]
