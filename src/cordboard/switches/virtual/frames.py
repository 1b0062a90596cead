"""What an exchange and the server that has it say to each other: JSON texts over one WebSocket (docs/lab.md).

The exchange begins with ``Welcome``; whoever answers with ``Take`` has the exchange from then on and is told its
snapshot. Snapshots are numbered, and orders carry the number of the one that they were decided after: nothing is done
for somebody who knew less than the last, and nothing twice. Values only.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from cordboard.calls.model import Number, RecordingId
from cordboard.calls.orders import AnyOrder
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import AnyReport

PROTOCOL = 1
"""Of both sides: another number is another language."""

PATH = "/link"


class Welcome(msgspec.Struct, frozen=True, tag=True):
    """The exchange's first word: ``snapshot`` is the number of the last one."""

    protocol: int
    snapshot: int


class Told(msgspec.Struct, frozen=True, tag=True):
    """Reports, in order. ``snapshot`` is the number of the last snapshot, which may be among them."""

    snapshot: int
    reports: tuple[AnyReport, ...]


class Handed(msgspec.Struct, frozen=True, tag=True):
    """A complete recording, which began ``age_s`` ago: clocks differ, distances do not. It is handed over again on
    every link until it is ``Fetched``."""

    recorded: Recorded
    age_s: float


class Plan(msgspec.Struct, frozen=True):
    """The phones that a server needs: ``trunk_numbers`` are parties outside."""

    numbers: tuple[Number, ...] = ()
    trunk_numbers: tuple[Number, ...] = ()
    lines_per_phone: int = 4


class Take(msgspec.Struct, frozen=True, tag=True):
    """The exchange is mine now. It is not if ``snapshot`` is not the last one: then somebody else was quicker, or this
    comes late."""

    protocol: int
    snapshot: int
    plan: Plan


class Ordered(msgspec.Struct, frozen=True, tag=True):
    """Orders that were decided after ``snapshot``; if that is not the last one, each is answered by OrderFailed."""

    snapshot: int
    orders: tuple[AnyOrder, ...]


class Fetched(msgspec.Struct, frozen=True, tag=True):
    """This recording need not be handed over again."""

    recording: RecordingId


ToServer: TypeAlias = Welcome | Told | Handed
ToExchange: TypeAlias = Take | Ordered | Fetched

TAKEN_OVER = 4001
"""Close codes. Another server has the exchange: whoever is told this leaves it alone until it is started again."""
TOO_LATE = 4002
"""Somebody took it in between: try again."""
NOT_UNDERSTOOD = 4003
"""Another version, or no version at all."""

_encoder = msgspec.json.Encoder()
_to_server = msgspec.json.Decoder(ToServer)
_to_exchange = msgspec.json.Decoder(ToExchange)


def written(frame: ToServer | ToExchange) -> str:
    return _encoder.encode(frame).decode()


def read_by_server(text: str) -> ToServer:
    """Raises msgspec.DecodeError."""
    frame: ToServer = _to_server.decode(text)
    return frame


def read_by_exchange(text: str) -> ToExchange:
    """Raises msgspec.DecodeError."""
    frame: ToExchange = _to_exchange.decode(text)
    return frame
