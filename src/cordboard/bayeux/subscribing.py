"""Subscribe and unsubscribe: who may have what, within which limits, and what is told again to those who ask for it.

Deliberately absent: what is published to whom (``broker``), what is kept (``replay``).
"""

from __future__ import annotations

from collections.abc import Callable

from cordboard.bayeux import channels
from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import ALL_RETAINED, NEW_ONLY, replay_from
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, Reply, encode_delivery, with_replay_id
from cordboard.bayeux.replay import Retained, Retention
from cordboard.bayeux.replies import refusal, success
from cordboard.bayeux.session import Session


class Subscribing:
    """Answers /meta/subscribe and /meta/unsubscribe. ``may_subscribe`` gets identity and channel or pattern."""

    def __init__(
        self, limits: BayeuxLimits, may_subscribe: Callable[[str, str], bool], retention: Retention | None
    ) -> None:
        self._limits = limits
        self._may_subscribe = may_subscribe
        self._retention = retention

    def subscribe(self, message: Message, session: Session, arrived_ms: int) -> Reply:
        """All of an array, or up to the first refusal; what was granted before it stays (bayeux §1.2)."""
        names = _subscriptions(message)
        if not names:
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        told: set[int] = set()
        for name in names:
            error = self._error(name, session) or self._tell_again(message, name, session, told)
            if error is not None:
                return refusal(message, error)
            session.subscriptions.add(name)
        return success(message, session.client_id, arrived_ms)

    def _error(self, name: str, session: Session) -> BayeuxError | None:
        if len(name) > self._limits.channel_length_max or not channels.is_subscription(name):
            return BayeuxError.SUBSCRIPTION_INVALID
        if channels.is_meta(name) or not self._may_subscribe(session.identity, name):
            return BayeuxError.SUBSCRIBE_DENIED
        if name not in session.subscriptions and len(session.subscriptions) >= self._limits.subscriptions_max:
            return BayeuxError.SUBSCRIPTIONS_FULL
        return None

    def _tell_again(self, message: Message, name: str, session: Session, told: set[int]) -> str | None:
        """Queue what the client has missed on one channel or pattern; ``told`` are those of the same request."""
        if self._retention is None or not session.replaying:
            return None
        after = replay_from(message, name)
        if after == NEW_ONLY:
            return None
        if type(after) is not int or after < ALL_RETAINED:
            return BayeuxError.REPLAY_INVALID
        found = self._retention.since(session.identity, name, after)
        if found is None:
            return BayeuxError.REPLAY_NOT_RETAINED.format(after)
        missed = [one for one in found if one.replay_id not in told]
        frames = [_frame(one) for one in missed]
        if not session.has_room(len(frames), sum(map(len, frames))):
            # Ending the session, as a full queue does elsewhere, would only lead to the same request again.
            return BayeuxError.REPLAY_TOO_LONG.format(after)
        for frame in frames:
            session.offer(frame)
        told.update(one.replay_id for one in missed)
        return None

    def unsubscribe(self, message: Message, session: Session, arrived_ms: int) -> Reply:
        """Leaving what was never subscribed is a success (bayeux §2)."""
        names = _subscriptions(message)
        if not names:
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        if not all(channels.is_subscription(name) for name in names):
            return refusal(message, BayeuxError.SUBSCRIPTION_INVALID)
        session.subscriptions.difference_update(names)
        return success(message, session.client_id, arrived_ms)


def _frame(message: Retained) -> bytes:
    return encode_delivery(message.channel, with_replay_id(message.data, message.replay_id))


def _subscriptions(message: Message) -> list[str]:
    subscription = message.subscription
    if subscription is None:
        return []
    return [subscription] if isinstance(subscription, str) else subscription
