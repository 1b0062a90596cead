"""Kinds of timers. The key of each is named beside it."""

from __future__ import annotations

ORDER = "order"
"""An order that nobody answered has failed (the order's number)."""
RING = "ring"
"""Nobody answered (the leg)."""
RECALL = "recall"
"""The pause before the next recall is over (the conversation)."""
PLACE = "place"
"""The pause after a failed placement is over (a tuple of the legs)."""
DROP = "drop"
"""The pause before a leg is asked to end again is over (the leg)."""
