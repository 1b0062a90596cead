"""Finishing: what a connect is answered with, and what follows from how that went.

Deliberately absent: when a connect is answered (``server``), what messages wait for it (``session``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import msgspec

from cordboard.bayeux.browsers import Browsers
from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import answer_timesync
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Advice, Reply, encode_reply
from cordboard.bayeux.replies import Advices, extensions
from cordboard.bayeux.session import Connect, Ending
from cordboard.bayeux.visits import Delivery

_Unset = msgspec.UNSET


class Finishing:
    """``epoch_ms`` serves the timesync extension."""

    def __init__(self, limits: BayeuxLimits, browsers: Browsers, advice: Advices, epoch_ms: Callable[[], int]) -> None:
        self._limits = limits
        self._browsers = browsers
        self._advice = advice
        self._epoch_ms = epoch_ms

    def finish(self, connect: Connect) -> Delivery:
        """The messages that wait for the session of a connect, and the reply to it.

        Tell ``written`` when it went through, ``give_up`` when it did not. An overtaken connect gets nothing at all:
        what waits belongs to its successor.
        """
        session = connect.session
        if connect.overtaken:
            return Delivery([], 0, None)
        frames, through = session.view()
        return Delivery(frames, through, encode_reply(self._reply(connect, through)), session.turn)

    def written(self, connect: Connect, delivery: Delivery, now: float) -> None:
        """The delivery was written to a living connection: the session's clock starts."""
        session = connect.session
        session.sent(delivery.through, delivery.turn)
        if connect.overtaken:
            return
        session.replied(delivery.through, connect.line)
        session.end_connect(connect.cycle, now, self._limits.browser_interval_ms / 1_000 if connect.crowded else 0.0)
        self._browsers.release(session)

    def give_up(self, connect: Connect, now: float) -> None:
        """The connection of a connect is gone: everything stays, and the session's clock starts."""
        if not connect.overtaken:
            connect.session.end_connect(connect.cycle, now)
            self._browsers.release(connect.session)

    def _reply(self, connect: Connect, through: int) -> Reply:
        session = connect.session
        timesync = answer_timesync(connect.stamp, self._epoch_ms()) if connect.stamp else _Unset
        error, advice = self._verdict(connect)
        return Reply(
            channel="/meta/connect",
            successful=error is _Unset,
            id=connect.id,
            client_id=session.client_id if error is _Unset else _Unset,
            error=error,
            advice=advice,
            ext=extensions(ack=session.batch(through) if session.acknowledging else _Unset, timesync=timesync),
        )

    def _verdict(self, connect: Connect) -> tuple[str | msgspec.UnsetType, Advice | msgspec.UnsetType]:
        match connect.session.ending:
            case None if connect.crowded:
                return _Unset, self._advice.crowded
            case None:
                return _Unset, self._advice.retry if connect.advise else _Unset
            case Ending.DISCONNECTED | Ending.KICKED:
                return _Unset, self._advice.never
            case Ending.EXPIRED | Ending.OVERFLOWED | Ending.STOPPED:
                return BayeuxError.SESSION_UNKNOWN, self._advice.again
            case never:
                assert_never(never)
