"""How replies are put together: what each repeats of its message, and the advice a client can get (bayeux §1.2, §1.3).

Deliberately absent: deciding which reply a message gets (``broker``).
"""

from __future__ import annotations

import msgspec

from cordboard.bayeux.extensions import answer_timesync, read_timesync
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Advice, Message, Reply, ReplyExt, TimeSync, echoed_id

_Unset = msgspec.UNSET
_NO_EXT = ReplyExt()


class Advices:
    """All the advice there is, made once."""

    def __init__(self, limits: BayeuxLimits) -> None:
        timeout_ms = int(limits.timeout_s * 1_000)
        self.retry = Advice("retry", limits.interval_ms, timeout_ms)
        """Go on."""
        self.crowded = Advice("retry", limits.browser_interval_ms, timeout_ms, multiple_clients=True)
        """Another session of the same browser holds its connect already: come back now and then (bayeux §1.3)."""
        self.again = Advice("handshake", 0, timeout_ms)
        """The session is gone: shake hands at once."""
        self.later = Advice("handshake", int(limits.grace_s * 1_000), timeout_ms)
        """No room: sessions that died unnoticed make some within the grace, so it is worth coming back then."""
        self.never = Advice("none", 0, timeout_ms)
        """Stop."""


def refusal(message: Message, error: str, advice: Advice | msgspec.UnsetType = msgspec.UNSET) -> Reply:
    """The reply to a message that failed."""
    return Reply(
        channel=_Unset if message.channel is None else message.channel,
        successful=False,
        id=echoed_id(message) or _Unset,
        subscription=_Unset if message.subscription is None else message.subscription,
        error=error,
        advice=advice,
    )


def success(message: Message, client_id: str, arrived_ms: int) -> Reply:
    """The reply to a message that did what it asked for. ``arrived_ms`` is the time of the epoch, for timesync."""
    stamp = read_timesync(message, arrived_ms) if message.ext else None
    return Reply(
        channel=message.channel or _Unset,
        successful=True,
        id=echoed_id(message) or _Unset,
        client_id=client_id,
        subscription=_Unset if message.subscription is None else message.subscription,
        ext=extensions(timesync=answer_timesync(stamp, arrived_ms)) if stamp else _Unset,
    )


def extensions(
    ack: bool | int | msgspec.UnsetType = msgspec.UNSET,
    timesync: TimeSync | msgspec.UnsetType = msgspec.UNSET,
    replay: bool | msgspec.UnsetType = msgspec.UNSET,
) -> ReplyExt | msgspec.UnsetType:
    """The ``ext`` of a reply; unset if there is nothing in it."""
    ext = ReplyExt(ack=ack, replay=replay, timesync=timesync)
    return _Unset if ext == _NO_EXT else ext
