"""Every error text that a Bayeux reply can carry, in CometD's numbering (bayeux §1.5): code, arguments, text.

Deliberately absent: HTTP statuses and WebSocket close codes (``server.cometd``, ``server.cometd_ws``).
"""

from __future__ import annotations

from enum import StrEnum


class BayeuxError(StrEnum):
    """The value of a reply's ``error`` member; braces stand for the value that it names."""

    CONNECTION_TYPE_UNSUPPORTED = "301:{}:connection_type_unsupported"
    CHANNEL_MISSING = "400::channel_missing"
    SESSION_UNKNOWN = "402::session_unknown"
    REPLAY_INVALID = "400::replay_id_invalid"
    REPLAY_NOT_RETAINED = "400:{}:replay_id_not_retained"
    REPLAY_TOO_LONG = "400:{}:replay_too_long"
    HANDSHAKE_DENIED = "403::handshake_denied"
    HANDSHAKES_TOO_FAST = "403:handshakes_per_s:handshake_denied"
    HANDSHAKE_NOT_KEPT = "503::handshake_denied"
    SUBSCRIPTION_MISSING = "403::subscription_missing"
    SUBSCRIPTION_INVALID = "403::subscription_invalid"
    SUBSCRIBE_DENIED = "403::subscribe_denied"
    SUBSCRIBE_NOT_KEPT = "503::subscribe_denied"
    SUBSCRIPTIONS_FULL = "403:subscriptions_max:subscribe_denied"
    PUBLISH_DENIED = "403::publish_denied"
    CHANNEL_INVALID = "405::channel_invalid"
    MESSAGE_ID_INVALID = "405::message_id_invalid"


class DoorFault(StrEnum):
    """Why a whole request cannot be answered message by message."""

    UNREADABLE = "The body is not a JSON array of Bayeux messages."
    EMPTY = "The array holds no message."
    TOO_LARGE = "The body is larger than this server accepts."
    TOO_MANY = "The array holds more messages than this server accepts."
