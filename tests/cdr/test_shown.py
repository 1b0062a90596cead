"""Field by field, as docs/cdr.md tells them."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from msgspec.structs import replace
from tests.cdr.site import segment, transfer

from cordboard.calls.segments import Segment, Way
from cordboard.cdr.shown import ShownCall, ShownSegment, ShownTransfer, instant, show

PAGE = Path(__file__).parents[2] / "docs" / "cdr.md"


def name_of(number: str) -> str:
    return f"user{number}"


def test_a_segment() -> None:
    shown = show(7, segment("11", "10"), name_of)
    assert msgspec.to_builtins(shown) == {
        "record": "segment",
        "id": 7,
        "thread": "T",
        "leg": "leg-11",
        "phoneNumber": "11",
        "userName": "user11",
        "direction": "in",
        "way": "Called",
        "by": "10",
        "wanted": "",
        "callType": "Internal",
        "began": "1970-01-01T00:16:28.000Z",
        "answered": "1970-01-01T00:16:30.000Z",
        "ended": "1970-01-01T00:16:40.000Z",
        "ringSeconds": 2.0,
        "talkSeconds": 10.0,
        "holdSeconds": 0.0,
        "reason": "",
        "endedByTelephone": False,
        "calls": (
            {
                "callId": "T",
                "conversation": "T",
                "callType": "Internal",
                "parentCallId": "",
                "began": "1970-01-01T00:16:28.000Z",
                "ended": "1970-01-01T00:16:40.000Z",
                "reason": "",
                "participants": ("10",),
            },
        ),
        "callsLeftOut": 0,
        "recordings": (),
    }


def test_a_transfer() -> None:
    shown = show(8, transfer(), name_of)
    assert msgspec.to_builtins(shown) == {
        "record": "transfer",
        "id": 8,
        "thread": "T",
        "kind": "TwoStepTransfer",
        "asked": "Command",
        "by": "11",
        "userName": "user11",
        "callId": "T",
        "consultCallId": "T2",
        "whom": ("+49891234",),
        "to": "12",
        "reached": "12",
        "began": "1970-01-01T00:16:40.000Z",
        "ended": "1970-01-01T00:16:40.000Z",
        "result": "Completed",
        "reason": "",
        "detail": "",
        "joined": "",
    }
    open_one = show(8, replace(transfer(), result=None), name_of)
    assert isinstance(open_one, ShownTransfer)
    assert open_one.result == ""


def test_whoever_dials_calls_out_and_what_has_not_happened_has_no_instant() -> None:
    shown = show(1, Segment("leg", "T", "10", Way.DIALLED, 5.0, ended=6.25, ring_s=1.25004), name_of)
    assert isinstance(shown, ShownSegment)
    assert (shown.direction, shown.answered, shown.ring_seconds) == ("out", "", 1.25)
    assert instant(6.2504) == "1970-01-01T00:00:06.250Z"


def test_the_page_tells_of_every_field() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    fields = [name for kind in (ShownSegment, ShownCall, ShownTransfer) for name in kind.__struct_encode_fields__]
    assert [row for row in rows if row != "record"] == fields
