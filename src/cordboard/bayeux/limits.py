"""The limits of the notification room, each with a name, so that a configuration can set it and a test can cross it.

Deliberately absent: reading them from a file (``server.config``).
"""

from __future__ import annotations

import msgspec


class BayeuxLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How long, how many and how large. Seconds, milliseconds, counts and bytes as the names say."""

    timeout_s: float = 30.0
    """How long a connect is held when there is nothing to deliver; told to clients as advice."""
    interval_ms: int = 0
    """How long a client is asked to wait between a connect reply and its next connect."""
    max_interval_s: float = 10.0
    """How long, beyond the interval, a session outlives its last connect reply."""
    queue_max: int = 1_000
    """Undelivered messages of one session; one more ends the session."""
    queue_bytes_max: int = 4_194_304
    """Bytes of undelivered messages of one session; more end the session."""
    message_bytes_max: int = 65_536
    """One request body, or one WebSocket message, from a client."""
    batch_max: int = 64
    """Bayeux messages in one request body or WebSocket message."""
    channel_length_max: int = 256
    """Characters of a channel name or pattern."""
    subscriptions_max: int = 64
    """Subscriptions of one session."""
    sessions_per_identity_max: int = 32
    """Sessions that speak for the same identity."""
    sessions_max: int = 20_000
    """Sessions in total."""
    websocket_unsent_bytes_max: int = 262_144
    """Bytes handed to a WebSocket in one write, and bytes of replies that may wait for it before it is read further."""

    @property
    def grace_s(self) -> float:
        """How long a session lives without a parked connect (bayeux §1.6)."""
        return self.interval_ms / 1_000 + self.max_interval_s
