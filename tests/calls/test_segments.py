"""Call detail records as values: what is written down of them, and that it comes back the same."""

from __future__ import annotations

import msgspec

from cordboard.calls.model import CallType, Reason
from cordboard.calls.segments import AnyRecord, Asked, Came, Phase, Result, Segment, Transfer, TransferKind, View, Way

TRANSFER = Transfer(
    "T", TransferKind.TWO_STEP, "5005", "P", 10.0, Asked.KEYS, "K", ("5000",), "5001", "5001", 12.5, Result.COMPLETED
)
SEGMENT = Segment(
    "leg-1",
    "T",
    "5005",
    Way.CALLED,
    1.0,
    "5000",
    views=(View("P", "P", CallType.INTERNAL, 1.0, peers=("5000",), ended=9.0, reason=Reason.BUSY),),
    phase=Phase.TALK,
    handing=(TRANSFER,),
)


def test_records_come_back_the_same_and_say_what_they_are() -> None:
    for record in (TRANSFER, SEGMENT):
        packed = msgspec.msgpack.encode(record)
        assert msgspec.msgpack.decode(packed, type=AnyRecord) == record
        assert msgspec.msgpack.decode(packed)["record"] == type(record).__name__.lower()


def test_what_is_usual_is_not_written_down() -> None:
    plain = Segment("leg-1", "T", "5005", Way.DIALLED, 1.0)
    assert set(msgspec.msgpack.decode(msgspec.msgpack.encode(plain))) == {
        *("record", "leg", "thread", "number", "way", "began")
    }


def test_a_telephone_that_rings_need_not_complete_anything() -> None:
    assert Came(Way.CALLED, "5000") == Came(Way.CALLED, "5000", ())
