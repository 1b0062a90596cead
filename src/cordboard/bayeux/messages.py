"""What goes over the wire: messages decoded once at the door, replies and frames encoded once on the way out.

Decoding is tolerant as bayeux §1.1 asks: unknown members are ignored, a bare object counts as an array of one, and a
member of the wrong type counts as absent or ill-formed, so that its message gets a reply of its own instead of spoiling
the batch. Deliberately absent: what a message means (``broker``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from cordboard.bayeux.errors import DoorFault
from cordboard.bayeux.limits import BayeuxLimits

# CometD takes letters and digits only; some clients number their messages with a dash or a dot, which does no harm.
# Limited in length because it is echoed.
_ID = re.compile(rb'"[A-Za-z0-9_.:\-]{0,64}"|-?[0-9]{1,32}|null')


class RequestAdvice(msgspec.Struct, frozen=True):
    """What a client asks of one connect: hold it no longer than ``timeout`` milliseconds."""

    timeout: int | float | None = None


class RequestExt(msgspec.Struct, frozen=True):
    """The extensions this server knows, undigested (``extensions``); others are ignored."""

    ack: Any = None
    timesync: Any = None
    replay: Any = None


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """One message from a client. ``id`` is the JSON text as it came, empty if there was none."""

    channel: str | None = None
    id: msgspec.Raw = msgspec.Raw()
    client_id: str | None = None
    subscription: str | list[str] | None = None
    connection_type: str | None = None
    supported_connection_types: list[str] | None = None
    advice: RequestAdvice | None = None
    ext: RequestExt | None = None


class Advice(msgspec.Struct, frozen=True):
    """What the server asks of a client; always whole, as a new one replaces the old one (bayeux §1.3). Milliseconds."""

    reconnect: str
    interval: int
    timeout: int
    multiple_clients: bool | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="multiple-clients")


class TimeSync(msgspec.Struct, frozen=True):
    """The reply of the timesync extension (bayeux §1.7), milliseconds."""

    tc: int
    ts: int
    p: int
    a: int


class ReplyExt(msgspec.Struct, frozen=True, omit_defaults=True):
    """The extensions' part of a reply."""

    ack: bool | int | msgspec.UnsetType = msgspec.UNSET
    replay: bool | msgspec.UnsetType = msgspec.UNSET
    timesync: TimeSync | msgspec.UnsetType = msgspec.UNSET


class Reply(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The answer to one message. A failed one carries ``error``."""

    successful: bool
    channel: str | msgspec.UnsetType = msgspec.UNSET
    id: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    client_id: str | msgspec.UnsetType = msgspec.UNSET
    subscription: str | list[str] | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.UNSET
    version: str | msgspec.UnsetType = msgspec.UNSET
    supported_connection_types: Sequence[str] | msgspec.UnsetType = msgspec.UNSET
    advice: Advice | msgspec.UnsetType = msgspec.UNSET
    ext: ReplyExt | msgspec.UnsetType = msgspec.UNSET


_encode = msgspec.json.Encoder().encode
_decode_batch = msgspec.json.Decoder(list[Message]).decode
_decode_one = msgspec.json.Decoder(Message).decode
_decode_any = msgspec.json.Decoder().decode


def decode_batch(body: bytes | str, limits: BayeuxLimits) -> list[Message] | DoorFault:
    """All messages of one request body or WebSocket message, or why there are none to answer."""
    if len(body) > limits.message_bytes_max:
        return DoorFault.TOO_LARGE
    try:
        batch = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return DoorFault.UNREADABLE
    if not batch:
        return DoorFault.UNREADABLE if batch is None else DoorFault.EMPTY
    return batch if len(batch) <= limits.batch_max else DoorFault.TOO_MANY


def _decode(body: bytes | str) -> list[Message] | None:
    try:
        if body[:1] == (b"[" if isinstance(body, bytes) else "["):
            return _decode_batch(body)
        return [_decode_one(body)]
    except msgspec.ValidationError:
        return _soften(_decode_any(body))


def _soften(content: object) -> list[Message] | None:
    """The slow way, for bodies in which something has another type than it should."""
    match content:
        case list():
            return [_soften_one(item) for item in content]
        case dict():
            return [_soften_one(content)]
        case _:
            return None


def _soften_one(item: object) -> Message:
    if not isinstance(item, dict):
        return Message()
    channel = item.get("channel")
    client_id = item.get("clientId")
    return Message(
        channel=channel if isinstance(channel, str) or channel is None else "",
        id=msgspec.Raw(_encode(item["id"])) if "id" in item else msgspec.Raw(),
        client_id=client_id if isinstance(client_id, str) else None,
        # An empty subscription is an ill-formed one: an absent one would get another error.
        subscription=_convert(item.get("subscription"), str | list[str] | None, ""),
        connection_type=_convert(item.get("connectionType"), str | None, ""),
        supported_connection_types=_convert(item.get("supportedConnectionTypes"), list[str] | None, None),
        advice=_convert(item.get("advice"), RequestAdvice | None, RequestAdvice()),
        ext=_convert(item.get("ext"), RequestExt | None, None),
    )


def _convert(value: object, kind: Any, otherwise: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return otherwise


def echoed_id(message: Message) -> msgspec.Raw | msgspec.UnsetType | None:
    """The id to put into the reply: UNSET when there was none, None when it is not one that may be echoed."""
    text = bytes(message.id)
    if not text:
        return msgspec.UNSET
    return msgspec.Raw(text) if _ID.fullmatch(text) else None


def encode_reply(reply: Reply) -> bytes:
    """The JSON object of a reply."""
    return _encode(reply)


def encode_delivery(channel: str, data: bytes) -> bytes:
    """The JSON object that delivers ``data``, itself ready JSON, on ``channel``. Made once, shared by all sessions."""
    return b'{"channel":%b,"data":%b}' % (_encode(channel), data)


def with_replay_id(data: bytes, replay_id: int) -> bytes:
    """``data`` with the number that the extension replay gave it. Only an object has room for one (bayeux §4)."""
    if not data.endswith(b"}"):
        return data
    members = data[:-1].rstrip()
    comma = b"" if members.endswith(b"{") else b","
    return b'%b%b"event":{"replayId":%d}}' % (members, comma, replay_id)
