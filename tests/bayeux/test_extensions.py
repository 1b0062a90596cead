"""Reading and answering ack and timesync."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cordboard.bayeux.extensions import (
    Stamp,
    acknowledged,
    answer_timesync,
    read_timesync,
    replay_from,
    wants_ack,
    wants_replay,
)
from cordboard.bayeux.messages import Message, RequestExt, TimeSync


def with_ext(**members: Any) -> Message:
    return Message(channel="/meta/connect", ext=RequestExt(**members))


@pytest.mark.parametrize(
    ("ack", "wanted"),
    [(True, True), ({"enabled": True}, True), (False, False), (1, False), ({"enabled": False}, False), (None, False)],
)
def test_a_handshake_asks_for_ack_in_the_older_or_the_newer_form(ack: object, wanted: bool) -> None:
    assert wants_ack(with_ext(ack=ack)) is wanted


@pytest.mark.parametrize(("ack", "batch"), [(5, 5), (-1, -1), (True, None), ("5", None), (1.5, None), (None, None)])
def test_a_connect_acknowledges_an_integer(ack: object, batch: int | None) -> None:
    assert acknowledged(with_ext(ack=ack)) == batch


def test_without_ext_there_are_no_extensions() -> None:
    message = Message(channel="/meta/connect")
    assert not wants_ack(message)
    assert acknowledged(message) is None
    assert read_timesync(message, 1) is None


def test_timesync_is_answered_with_arrival_processing_time_and_accuracy() -> None:
    stamp = read_timesync(with_ext(timesync={"tc": 1_000, "l": 0, "o": 5}), arrived_ms=1_100)
    assert stamp == Stamp(tc=1_000, lag=0, offset=5, arrived_ms=1_100)
    assert answer_timesync(stamp, now_ms=1_130) == TimeSync(tc=1_000, ts=1_100, p=30, a=-95)


@pytest.mark.parametrize(("lag", "arrived", "answered"), [(10, 1_020, False), (10, 1_035, True), (0, 1_000, True)])
def test_timesync_is_left_out_when_the_client_knows_well_enough(lag: int, arrived: int, answered: bool) -> None:
    reply = answer_timesync(Stamp(tc=1_000, lag=lag, offset=0, arrived_ms=arrived), arrived)
    assert (reply is not msgspec.UNSET) is answered


@pytest.mark.parametrize(
    "request_", ["now", 5, {"tc": "x"}, {"tc": True}, {"tc": 1, "l": None}, {"tc": 1, "o": []}, {"tc": 1e300}, None]
)
def test_a_timesync_that_makes_no_sense_is_ignored(request_: object) -> None:
    assert read_timesync(with_ext(timesync=request_), 1) is None


def test_missing_lag_and_offset_count_as_zero() -> None:
    assert read_timesync(with_ext(timesync={"tc": 7}), 9) == Stamp(7, 0, 0, 9)


@pytest.mark.parametrize(("replay", "wanted"), [(True, True), (1, False), ({}, False), (None, False)])
def test_a_handshake_asks_for_replay_with_true(replay: object, wanted: bool) -> None:
    assert wants_replay(with_ext(replay=replay)) is wanted


@pytest.mark.parametrize(
    ("replay", "after"), [({"/a": 5}, 5), ({"/a": "x"}, "x"), ({"/b": 5}, -1), (5, -1), (None, -1)]
)
def test_a_subscription_asks_for_messages_after_a_number(replay: object, after: object) -> None:
    assert replay_from(with_ext(replay=replay), "/a") == after
    assert not wants_replay(Message())
    assert replay_from(Message(), "/a") == -1
