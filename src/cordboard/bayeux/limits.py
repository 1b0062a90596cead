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
    restart_interval_s: float = 60.0
    """How long restored sessions have at least: who found no server tries again at growing intervals."""
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
    sessions_per_browser_max: int = 1
    """Connects that are held over HTTP for one browser and identity; others are answered at once (bayeux §2)."""
    browser_interval_ms: int = 2_000
    """How long those others are asked to wait between a connect reply and their next connect."""
    identity_handshakes_per_s: float = 20.0
    """Handshakes of one identity, in the long run."""
    identity_handshakes_burst: int = 100
    """Handshakes of one identity at once, after a time of rest."""
    address_handshakes_per_s: float = 500.0
    """Handshakes from one address, in the long run; there may be many clients behind it."""
    address_handshakes_burst: int = 10_000
    """Handshakes from one address at once: after a restart all of its clients come back together."""
    paced_max: int = 20_000
    """Identities, and addresses, whose handshakes are counted at the same time."""
    lazy_max_s: float = 5.0
    """How long a lazy message waits for company."""
    deliver_on_connect_only: bool = False
    """Whether messages travel with connect replies only, on WebSockets as well."""
    inactivity_max_s: float = 0.0
    """How long a session may do nothing but keep itself alive; 0 is for ever (the extension activity)."""
    replay_messages_max: int = 100
    """Messages kept for replay, for each identity and channel."""
    replay_age_max_s: float = 600.0
    """How long a message is kept for replay, and how long an identity is remembered to want that."""
    websocket_unsent_bytes_max: int = 262_144
    """Bytes handed to a WebSocket in one write, and bytes of replies that may wait for it before it is read further."""
    websocket_ask_pause_s: float = 2.0
    """How long a WebSocket is left alone, at least, after it was asked, by a ping, what has arrived."""
    websocket_idle_timeout_s: float = 10.0
    """How long a WebSocket may stay open without carrying a session."""

    @property
    def grace_s(self) -> float:
        """How long a session lives without a parked connect (bayeux §1.6)."""
        return self.interval_ms / 1_000 + self.max_interval_s
