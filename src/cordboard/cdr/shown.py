"""How call detail records look outside: the same in the journal's lines, as JSON and as CSV (docs/cdr.md).

Instants are texts of UTC, with milliseconds; durations are seconds. Deliberately absent: which are shown to whom
(``store``).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

import msgspec

from cordboard.calls.model import Number
from cordboard.calls.segments import AnyRecord, Segment, Transfer, View, Way

NameOf: TypeAlias = "Callable[[Number], str]"
"""The name of the user with this number; "" if it is nobody's here."""


class ShownCall(msgspec.Struct, frozen=True, rename="camel"):
    """One call of a segment, as clients saw it."""

    call_id: str
    conversation: str
    call_type: str
    parent_call_id: str
    began: str
    ended: str
    reason: str
    participants: tuple[str, ...]


class ShownSegment(msgspec.Struct, frozen=True, rename="camel", tag_field="record", tag="segment"):
    """One leg: a telephone, or somebody beyond the trunk, from its first ring to its end."""

    id: int
    thread: str
    leg: str
    phone_number: str
    user_name: str
    direction: str
    way: str
    by: str
    wanted: str
    call_type: str
    began: str
    answered: str
    ended: str
    ring_seconds: float
    talk_seconds: float
    hold_seconds: float
    reason: str
    ended_by_telephone: bool
    calls: tuple[ShownCall, ...]
    calls_left_out: int
    recordings: tuple[str, ...]


class ShownTransfer(msgspec.Struct, frozen=True, rename="camel", tag_field="record", tag="transfer"):
    """Somebody was handed on, or asked in."""

    id: int
    thread: str
    kind: str
    asked: str
    by: str
    user_name: str
    call_id: str
    consult_call_id: str
    whom: tuple[str, ...]
    to: str
    reached: str
    began: str
    ended: str
    result: str
    reason: str
    detail: str
    joined: str


Shown: TypeAlias = ShownSegment | ShownTransfer


def show(number: int, record: AnyRecord, name_of: NameOf) -> Shown:
    return _segment(number, record, name_of) if isinstance(record, Segment) else _transfer(number, record, name_of)


def instant(seconds: float) -> str:
    """ "" for what has not happened."""
    if not seconds:
        return ""
    whole, thousandths = divmod(round(round(seconds, 3) * 1_000), 1_000)
    return f"{_second(whole)}.{thousandths:03}Z"


@lru_cache(maxsize=4_096)
def _second(seconds: int) -> str:
    """Remembered: the records of a call have few."""
    return datetime.fromtimestamp(seconds, UTC).isoformat("T", "seconds").removesuffix("+00:00")


def _segment(number: int, one: Segment, name_of: NameOf) -> ShownSegment:
    return ShownSegment(
        number,
        one.thread,
        one.leg,
        one.number,
        name_of(one.number),
        "out" if one.way is Way.DIALLED else "in",
        one.way.value,
        one.by,
        one.wanted,
        one.type.value,
        instant(one.began),
        instant(one.answered),
        instant(one.ended),
        round(one.ring_s, 3),
        round(one.talk_s, 3),
        round(one.hold_s, 3),
        one.reason.value,
        one.by_itself,
        tuple(_call(view) for view in one.views),
        one.left_out,
        one.recordings,
    )


def _call(view: View) -> ShownCall:
    return ShownCall(
        view.call,
        view.conversation,
        view.type.value,
        view.parent,
        instant(view.began),
        instant(view.ended),
        view.reason.value,
        view.peers,
    )


def _transfer(number: int, one: Transfer, name_of: NameOf) -> ShownTransfer:
    return ShownTransfer(
        number,
        one.thread,
        one.kind.value,
        one.asked.value,
        one.by,
        name_of(one.by),
        one.call,
        one.consult,
        one.whom,
        one.to,
        one.reached,
        instant(one.began),
        instant(one.ended),
        one.result.value if one.result is not None else "",
        one.reason.value,
        one.detail,
        one.joined,
    )
