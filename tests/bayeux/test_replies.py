"""What a reply repeats of its message, and the advice."""

from __future__ import annotations

import msgspec
import pytest

from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Advice, Message, Reply, ReplyExt, RequestExt, TimeSync
from cordboard.bayeux.replies import Advices, extensions, refusal, success

ID = msgspec.Raw(b'"1"')


def test_a_refusal_repeats_channel_id_and_subscription_and_names_the_error() -> None:
    message = Message(channel="/meta/subscribe", id=ID, subscription=["/a"], client_id="c")
    assert refusal(message, BayeuxError.SUBSCRIBE_DENIED) == Reply(
        channel="/meta/subscribe", successful=False, id=ID, subscription=["/a"], error="403::subscribe_denied"
    )


def test_a_refusal_repeats_nothing_that_was_not_there_or_may_not_be_echoed() -> None:
    advice = Advice("none", 0, 1)
    message = Message(id=msgspec.Raw(b"[1]"))
    assert refusal(message, BayeuxError.CHANNEL_MISSING, advice) == Reply(
        successful=False, error="400::channel_missing", advice=advice
    )


def test_a_success_names_the_client_and_answers_timesync() -> None:
    message = Message(channel="/meta/disconnect", id=ID, ext=RequestExt(timesync={"tc": 90}))
    assert success(message, "c", arrived_ms=100) == Reply(
        channel="/meta/disconnect",
        successful=True,
        id=ID,
        client_id="c",
        ext=ReplyExt(timesync=TimeSync(tc=90, ts=100, p=0, a=-10)),
    )


@pytest.mark.parametrize("ext", [None, RequestExt(), RequestExt(timesync={"tc": 90, "l": 10})])
def test_a_success_without_timesync_has_no_ext(ext: RequestExt | None) -> None:
    assert success(Message(channel="/a", ext=ext), "c", arrived_ms=100) == Reply(
        channel="/a", successful=True, client_id="c"
    )


def test_extensions_with_nothing_in_them_are_left_out() -> None:
    assert extensions() is msgspec.UNSET
    assert extensions(ack=0) == ReplyExt(ack=0)


def test_all_advice_is_whole() -> None:
    advices = Advices(BayeuxLimits(timeout_s=20.0, interval_ms=100, max_interval_s=5.0))
    assert advices.retry == Advice("retry", 100, 20_000)
    assert advices.crowded == Advice("retry", 2_000, 20_000, multiple_clients=True)
    assert advices.again == Advice("handshake", 0, 20_000)
    assert advices.later == Advice("handshake", 5_100, 20_000)
    assert advices.never == Advice("none", 0, 20_000)
