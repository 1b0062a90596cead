"""Every error text that a Bayeux reply can carry, in CometD's numbering (bayeux §1.5): code, arguments, text.

Deliberately absent: HTTP statuses and WebSocket close codes (``server.cometd``, ``server.cometd_ws``).
"""

from __future__ import annotations

from enum import StrEnum


class BayeuxError(StrEnum):
    """The value of a reply's ``error`` member."""

    CONNECTION_TYPE_UNSUPPORTED = "301:websocket,long-polling:connection_type_unsupported"
    CHANNEL_MISSING = "400::channel_missing"
    SESSION_UNKNOWN = "402::session_unknown"
    HANDSHAKE_DENIED = "403::handshake_denied"
    SUBSCRIPTION_MISSING = "403::subscription_missing"
    SUBSCRIPTION_INVALID = "403::subscription_invalid"
    SUBSCRIBE_DENIED = "403::subscribe_denied"
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
