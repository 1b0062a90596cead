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
TAPE = "tape"
"""The pause before the switch is asked again to set a recording right is over (the recording)."""
TAPE_FULL = "tape full"
"""A recording is as long as one may be (the recording)."""
