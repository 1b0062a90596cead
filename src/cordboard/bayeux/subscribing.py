"""Subscribe and unsubscribe: who may have what, within which limits, and what is told again to those who ask for it.

What is granted is kept first and takes effect when that is safe (``keeping``), in the order of requests: a subscription
begins when its reply can leave, neither earlier nor later. Deliberately absent: what is published to whom (``broker``),
what is retained (``replay``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cordboard.bayeux import channels
from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import ALL_RETAINED, NEW_ONLY, replay_from
from cordboard.bayeux.keeping import Again, Keeper
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, Reply
from cordboard.bayeux.replay import Retention, encode_again, missed
from cordboard.bayeux.replies import refusal, success
from cordboard.bayeux.session import Session


class _Found:
    """What the subscriptions of one request would have told again."""

    def __init__(self) -> None:
        self.after: dict[str, int] = {}
        self.told: set[int] = set()
        self.size = 0


class Subscribing:
    """Answers /meta/subscribe and /meta/unsubscribe.

    ``may_subscribe`` gets identity and channel or pattern; ``overflowed`` a session that can't hold what it asked for.
    """

    def __init__(
        self,
        limits: BayeuxLimits,
        may_subscribe: Callable[[str, str], bool],
        retention: Retention | None,
        keeper: Keeper,
        overflowed: Callable[[Session], None],
    ) -> None:
        self._limits = limits
        self._may_subscribe = may_subscribe
        self._retention = retention
        self._keeper = keeper
        self._overflowed = overflowed

    def subscribe(self, message: Message, session: Session, arrived_ms: int) -> Reply:
        """All of an array, or up to the first refusal; what was granted before it stays (bayeux §1.2)."""
        names = _subscriptions(message)
        if not names:
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        if self._keeper.overfull():
            return refusal(message, BayeuxError.SUBSCRIBE_NOT_KEPT)
        granted: list[str] = []
        found = _Found()
        error: str | None = None
        for name in names:
            error = self._error(name, session) or self._find(message, name, session, found)
            if error is not None:
                break
            session.wanted.setdefault(name, self._keeper.last)
            granted.append(name)
        if granted:
            self._grant(session, granted, found.after)
        return success(message, session.client_id, arrived_ms) if error is None else refusal(message, error)

    def _grant(self, session: Session, names: list[str], after: dict[str, int]) -> None:
        if after:
            session.again.append(Again(self._keeper.last + 1, after))
        number = self._keeper.keep(session.kept)
        self._keeper.when_kept(number, partial(self._begin, session, names, after, number))

    def _begin(self, session: Session, names: list[str], after: dict[str, int], number: int) -> None:
        """From now on it is told; first of all what it has missed."""
        if session.ending is not None:
            return
        session.subscriptions.update(names)
        if self._retention is None or not after:
            return
        for one in missed(self._retention, session.identity, after):
            if not session.offer(encode_again(one), number):
                self._overflowed(session)
                return

    def _error(self, name: str, session: Session) -> BayeuxError | None:
        if len(name) > self._limits.channel_length_max or not channels.is_subscription(name):
            return BayeuxError.SUBSCRIPTION_INVALID
        if channels.is_meta(name) or not self._may_subscribe(session.identity, name):
            return BayeuxError.SUBSCRIBE_DENIED
        if name not in session.wanted and len(session.wanted) >= self._limits.subscriptions_max:
            return BayeuxError.SUBSCRIPTIONS_FULL
        return None

    def _find(self, message: Message, name: str, session: Session, found: _Found) -> str | None:
        """What the client has missed on one channel or pattern, and whether it can have that."""
        if self._retention is None or not session.replaying:
            return None
        after = replay_from(message, name)
        if after == NEW_ONLY:
            return None
        if type(after) is not int or after < ALL_RETAINED:
            return BayeuxError.REPLAY_INVALID
        missed = self._retention.since(session.identity, name, after)
        if missed is None:
            return BayeuxError.REPLAY_NOT_RETAINED.format(after)
        more = [one for one in missed if one.replay_id not in found.told]
        size = found.size + sum(len(encode_again(one)) for one in more)
        if not session.has_room(len(found.told) + len(more), size):
            # Ending the session, as a full queue does elsewhere, would only lead to the same request again.
            return BayeuxError.REPLAY_TOO_LONG.format(after)
        found.after[name] = after
        found.told.update(one.replay_id for one in more)
        found.size = size
        return None

    def unsubscribe(self, message: Message, session: Session, arrived_ms: int) -> Reply:
        """Leaving what was never subscribed is a success (bayeux §2)."""
        names = _subscriptions(message)
        if not names:
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        if not all(channels.is_subscription(name) for name in names):
            return refusal(message, BayeuxError.SUBSCRIPTION_INVALID)
        if self._keeper.overfull():
            return refusal(message, BayeuxError.SUBSCRIBE_NOT_KEPT)
        for name in names:
            session.wanted.pop(name, None)
        number = self._keeper.keep(session.kept)
        self._keeper.when_kept(number, partial(session.subscriptions.difference_update, names))
        return success(message, session.client_id, arrived_ms)


def _subscriptions(message: Message) -> list[str]:
    subscription = message.subscription
    if subscription is None:
        return []
    return [subscription] if isinstance(subscription, str) else subscription
