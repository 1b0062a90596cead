"""Whether call detail records tell of what clients heard and asked: of each call once, and of each transfer once.

Part of the checker, and dry but for ``read``. What is in the journal is compared with what clients know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from tests.chaos.records import AnyLine, Asked, Detail, Heard, of

from cordboard.journal.reading import Reading

KINDS = {
    "CompleteTransfer": "TwoStepTransfer",
    "CompleteConference": "TwoStepConference",
    "SingleStepTransfer": "SingleStepTransfer",
    "SingleStepConference": "SingleStepConference",
}
UNSURE = 4
"""The statusCode of what may have been done all the same."""
_EXACT_S = 0.005


def read(journal: Path) -> Iterator[Detail]:
    """All that is written down, also while a server writes."""
    with Reading(journal) as reading:
        for _, line in reading.lines():
            if line.kind in ("segment", "transfer"):
                yield Detail(msgspec.Raw(msgspec.json.encode(msgspec.msgpack.decode(line.body))))


def judge(lines: Sequence[AnyLine]) -> Iterator[str]:
    details = [msgspec.json.decode(detail.record) for detail in of(lines, Detail)]
    if not details:
        return
    segments = [one for one in details if one["record"] == "segment"]
    transfers = [one for one in details if one["record"] == "transfer"]
    yield from _legs(segments)
    yield from _calls(segments, of(lines, Heard))
    yield from _transfers(transfers, of(lines, Asked))
    yield from _threads(segments)


def _legs(segments: Sequence[dict[str, Any]]) -> Iterator[str]:
    for leg, count in Counter(one["leg"] for one in segments).items():
        if count > 1:
            yield f"of leg {leg} {count} segments are recorded"
    for one in segments:
        counted = [one["ringSeconds"], one["talkSeconds"], one["holdSeconds"]]
        lasted_s = (datetime.fromisoformat(one["ended"]) - datetime.fromisoformat(one["began"])).total_seconds()
        if min(counted) < 0 or abs(sum(counted) - lasted_s) > _EXACT_S:
            yield f"leg {one['leg']} lasted {lasted_s} s, of which are told {counted}"


def _calls(segments: Sequence[dict[str, Any]], heard: Sequence[Heard]) -> Iterator[str]:
    recorded = Counter((one["phoneNumber"], call["callId"]) for one in segments for call in one["calls"])
    for user, call in {(one.user, one.call) for one in heard if one.state}:
        if recorded[user, call] != 1:
            yield f"{user} was told of {call}, of which {recorded[user, call]} segments are recorded"


def _transfers(transfers: Sequence[dict[str, Any]], asked: Sequence[Asked]) -> Iterator[str]:
    recorded = Counter((one["by"], one["kind"]) for one in transfers if one["asked"] == "Command")
    accepted = Counter((one.user, KINDS[one.operation]) for one in asked if one.operation in KINDS and one.code == 0)
    unsure = Counter((one.user, KINDS[one.operation]) for one in asked if one.operation in KINDS and one.code == UNSURE)
    for key in {*recorded, *accepted}:
        if not accepted[key] <= recorded[key] <= accepted[key] + unsure[key]:
            user, kind = key
            yield f"{user} had {accepted[key]} of {kind} accepted, and {recorded[key]} are recorded"


def _threads(segments: Sequence[dict[str, Any]]) -> Iterator[str]:
    threads: dict[str, set[str]] = defaultdict(set)
    for one in segments:
        for call in one["calls"]:
            threads[call["conversation"]].add(one["thread"])
    for conversation, known in threads.items():
        if len(known) > 1:
            yield f"records of {conversation} are of several threads: {sorted(known)}"
