"""Frames: what is written on one side is read on the other, and by that side only."""

from __future__ import annotations

import msgspec
import pytest

from cordboard.calls.model import MonitorKind, Reason
from cordboard.calls.orders import DialLeg, DropLeg, HoldLeg, JoinLegs, SpyLeg, StartRecording
from cordboard.calls.recordings import Recorded
from cordboard.calls.reports import LegEnded, LegSeen, OrderFailed, RecordingSeen, SwitchDown, SwitchSnapshot
from cordboard.switches.virtual.frames import (
    PROTOCOL,
    Fetched,
    Handed,
    Ordered,
    Plan,
    Take,
    ToExchange,
    Told,
    ToServer,
    Welcome,
    read_by_exchange,
    read_by_server,
    written,
)

TO_SERVER: tuple[ToServer, ...] = (
    Welcome(PROTOCOL, 7),
    Told(8, (SwitchSnapshot((LegSeen("a", "10", True, place="music"),), (RecordingSeen("r", True),)),)),
    Told(8, (OrderFailed(3, "why"), LegEnded("a", Reason.BUSY), SwitchDown())),
    Handed(Recorded("r", "m", "c", "10", ("10", "20"), 99.5, 3.25), 4.5),
)
TO_EXCHANGE: tuple[ToExchange, ...] = (
    Take(PROTOCOL, 7, Plan(("10", "0003*20"), ("0900",), 2)),
    Ordered(
        8,
        (
            DialLeg(1, "a", "10", "20", "C", auto_answer=True),
            JoinLegs(2, "m", mixed=("a", "b"), music=("c",)),
            HoldLeg(3, quiet=("a",)),
            SpyLeg(4, "a", "m", "b", MonitorKind.COACH),
            StartRecording(5, "r", "m", "C", "10"),
            DropLeg(6, "a", Reason.NO_ANSWER),
        ),
    ),
    Fetched("r"),
)


@pytest.mark.parametrize("frame", TO_SERVER)
def test_what_the_exchange_writes_the_server_reads(frame: ToServer) -> None:
    assert read_by_server(written(frame)) == frame


@pytest.mark.parametrize("frame", TO_EXCHANGE)
def test_what_the_server_writes_the_exchange_reads(frame: ToExchange) -> None:
    assert read_by_exchange(written(frame)) == frame


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type":"Hello"}', written(Welcome(1, 1)), '{"type":"Fetched"}'])
def test_anything_else_is_no_frame_for_an_exchange(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_by_exchange(text)


def test_servers_do_not_take_from_each_other() -> None:
    with pytest.raises(msgspec.DecodeError):
        read_by_server(written(Fetched("r")))
