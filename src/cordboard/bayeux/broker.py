"""The broker: answers Bayeux messages and hands published ones to the sessions that subscribed to them.

It is given the time and fresh ids, and knows no more of a client than the *identity* it speaks for, an opaque string.
All of its methods are plain functions that never wait, so they need no locks.

Deliberately absent: connections and timers (``server.cometd``), what is published and why (``server.post``), publishing
by clients (always refused), lazy messages and the ``replay`` extension.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import msgspec
from msgspec.structs import replace

from cordboard.bayeux import channels
from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import acknowledged, answer_timesync, read_timesync, wants_ack
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Advice, Message, Reply, echoed_id, encode_delivery, encode_reply
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.replies import Advices, extensions, refusal, success
from cordboard.bayeux.session import Connect, Ending, Session, Transport

VERSION = "1.0"
CONNECTION_TYPES = (Transport.WEBSOCKET.value, Transport.LONG_POLLING.value)
FAREWELL = encode_reply(Reply(channel="/meta/disconnect", successful=True))

_Unset = msgspec.UNSET
_KNOWN_TYPES = (*CONNECTION_TYPES, None)


class Answer(msgspec.Struct, frozen=True):
    """What a batch leads to: encoded replies to write now, and connects to answer, now or later (``Broker.finish``)."""

    replies: list[bytes]
    connects: list[Connect]


class Delivery(msgspec.Struct, frozen=True):
    """The end of a connect: messages up to position ``through``, then its own reply; all encoded."""

    frames: list[bytes]
    through: int
    reply: bytes | None


class Broker:
    """All sessions of one server. ``now`` is always monotonic seconds; ``epoch_ms`` serves the timesync extension."""

    def __init__(
        self,
        limits: BayeuxLimits,
        new_client_id: Callable[[], str],
        may_subscribe: Callable[[str, str], bool],
        epoch_ms: Callable[[], int],
    ) -> None:
        """``new_client_id`` gives letters and digits with 128 random bits; ``may_subscribe`` gets identity, channel."""
        self.limits = limits
        self._new_client_id = new_client_id
        self._may_subscribe = may_subscribe
        self._epoch_ms = epoch_ms
        self._sessions = Registry(limits)
        self._advice = Advices(limits)

    @property
    def session_count(self) -> int:
        """How many sessions are alive."""
        return len(self._sessions)

    # ------------------------------------------------------------------ from the server

    def publish(self, identity: str, channel: str, data: bytes) -> None:
        """Hand ``data``, ready JSON, to every session of the identity that is subscribed to the channel.

        A session whose queue is full is ended: its client handshakes anew and reads the state again, which is better
        than a gap that nobody notices.
        """
        frame: bytes | None = None
        full: list[Session] = []
        names = channels.covering(channel)
        for session in self._sessions.of(identity):
            if session.subscriptions.isdisjoint(names):
                continue
            if frame is None:
                frame = encode_delivery(channel, data)
            if not session.offer(frame):
                full.append(session)
        for session in full:
            self._end(session, Ending.OVERFLOWED)

    def is_heard(self, identity: str, channel: str) -> bool:
        """Whether ``publish`` would reach anybody: what nobody hears need not be written down."""
        names = channels.covering(channel)
        return any(not session.subscriptions.isdisjoint(names) for session in self._sessions.of(identity))

    def sweep(self, now: float) -> int:
        """End the sessions whose time is over; returns how many. Their clients learn it with a 402."""
        over = [session for session in self._sessions if session.expires_at <= now]
        for session in over:
            self._end(session, Ending.EXPIRED)
        return len(over)

    def kick(self, identity: str) -> None:
        """End all sessions of an identity; clients that listen are told so and do not come back by themselves."""
        for session in tuple(self._sessions.of(identity)):
            self._end(session, Ending.KICKED, FAREWELL)

    def stop(self) -> None:
        """End all sessions because the server stops; parked connects are told to handshake again later."""
        for session in tuple(self._sessions):
            self._end(session, Ending.STOPPED)

    def _end(self, session: Session, ending: Ending, farewell: bytes | None = None) -> None:
        self._sessions.remove(session)
        session.end(ending, farewell)

    # ------------------------------------------------------------------ connects

    def finish(self, connect: Connect) -> Delivery:
        """The messages that wait for the session of a connect, and the reply to it.

        Tell ``written`` when it went through, ``Session.end_connect`` when it did not. An overtaken connect gets
        nothing at all: what waits belongs to its successor.
        """
        session = connect.session
        if connect.overtaken:
            return Delivery([], 0, None)
        frames, through = session.view()
        return Delivery(frames, through, encode_reply(self._connect_reply(connect, through)))

    def written(self, connect: Connect, delivery: Delivery, now: float) -> None:
        """The delivery reached a living connection: its messages are sent, and the session's clock starts."""
        connect.session.sent(delivery.through)
        connect.session.end_connect(connect.cycle, now)

    def _connect_reply(self, connect: Connect, through: int) -> Reply:
        session = connect.session
        timesync = answer_timesync(connect.stamp, self._epoch_ms()) if connect.stamp else _Unset
        error, advice = self._connect_verdict(session, advise=connect.advise)
        return Reply(
            channel="/meta/connect",
            successful=error is _Unset,
            id=connect.id,
            client_id=session.client_id if error is _Unset else _Unset,
            error=error,
            advice=advice,
            ext=extensions(ack=through if session.acknowledging else _Unset, timesync=timesync),
        )

    def _connect_verdict(
        self, session: Session, *, advise: bool
    ) -> tuple[str | msgspec.UnsetType, Advice | msgspec.UnsetType]:
        match session.ending:
            case None:
                return _Unset, self._advice.retry if advise else _Unset
            case Ending.DISCONNECTED | Ending.KICKED:
                return _Unset, self._advice.never
            case Ending.STOPPED:
                return BayeuxError.SESSION_UNKNOWN, self._advice.restarting
            case Ending.EXPIRED | Ending.OVERFLOWED:
                return BayeuxError.SESSION_UNKNOWN, self._advice.again
            case never:
                assert_never(never)

    # ------------------------------------------------------------------ from clients

    def receive(self, identity: str, batch: list[Message], transport: Transport, now: float) -> Answer:
        """Answer a batch of messages of one client, in order. Every message gets a reply, now or with its connect."""
        handshake = next((message for message in batch if message.channel == "/meta/handshake"), None)
        if handshake is not None:
            # A handshake stands alone in its request; what came with it is ignored (bayeux §1.2).
            return Answer([encode_reply(self._answer_one(handshake, identity, now))], [])
        answer = Answer([], [])
        alone = len(batch) == 1
        for message in batch:
            outcome = self._connect(message, identity, transport, now, alone=alone)
            if isinstance(outcome, Reply):
                answer.replies.append(encode_reply(outcome))
            elif any(connect.session is outcome.session for connect in answer.connects):
                self._overtake(answer, outcome)
            else:
                answer.connects.append(outcome)
        return answer

    def _overtake(self, answer: Answer, newer: Connect) -> None:
        """Two connects of one session in one batch: the older one is answered empty-handed, the newer one counts."""
        index = next(i for i, connect in enumerate(answer.connects) if connect.session is newer.session)
        older = answer.connects[index]
        answer.replies.append(encode_reply(Reply(channel="/meta/connect", successful=True, id=older.id)))
        answer.connects[index] = newer

    def _connect(
        self, message: Message, identity: str, transport: Transport, now: float, *, alone: bool
    ) -> Connect | Reply:
        id_ = echoed_id(message)
        session = self._sessions.find(message.client_id, identity)
        if message.channel != "/meta/connect" or session is None or id_ is None:
            return self._answer_one(message, identity, now)
        if message.connection_type not in _KNOWN_TYPES:
            return refusal(message, BayeuxError.CONNECTION_TYPE_UNSUPPORTED, self._advice.never)
        batch = acknowledged(message)
        if session.acknowledging and batch is not None:
            session.acknowledge(batch)
        advise = message.advice is not None or session.advised is not transport
        hold_s = self._hold_s(session, message, transport) if alone else 0.0
        session.connected = True
        session.advised = transport
        stamp = read_timesync(message, self._epoch_ms()) if message.ext else None
        return Connect(session, session.begin_connect(), id_, advise, hold_s, stamp)

    def _hold_s(self, session: Session, message: Message, transport: Transport) -> float:
        """How long to hold a connect. The first is answered at once; so is one for which messages wait (bayeux §2)."""
        carried = transport is Transport.LONG_POLLING or session.acknowledging
        if not session.connected or (carried and session.waiting):
            return 0.0
        asked_ms = message.advice.timeout if message.advice else None
        if asked_ms is None or asked_ms < 0:
            return self.limits.timeout_s
        return min(self.limits.timeout_s, asked_ms / 1_000)

    def _answer_one(self, message: Message, identity: str, now: float) -> Reply:
        if echoed_id(message) is None:
            return refusal(message, BayeuxError.MESSAGE_ID_INVALID)
        if message.channel is None:
            return refusal(message, BayeuxError.CHANNEL_MISSING)
        if message.channel == "/meta/handshake":
            return self._handshake(message, identity, now)
        session = self._sessions.find(message.client_id, identity)
        if session is None:
            return self._unknown(message)
        session.touch(now)
        match message.channel:
            case "/meta/subscribe":
                return self._subscribe(message, session)
            case "/meta/unsubscribe":
                return self._unsubscribe(message, session)
            case "/meta/disconnect":
                self._end(session, Ending.DISCONNECTED)
                return success(message, session.client_id, self._epoch_ms())
            case channel:
                valid = channels.is_channel(channel)
                return refusal(message, BayeuxError.PUBLISH_DENIED if valid else BayeuxError.CHANNEL_INVALID)

    def _unknown(self, message: Message) -> Reply:
        # Without the advice a client would repeat its connect for ever (bayeux §1.3).
        advice = self._advice.again if message.channel == "/meta/connect" else _Unset
        return refusal(message, BayeuxError.SESSION_UNKNOWN, advice)

    def _handshake(self, message: Message, identity: str, now: float) -> Reply:
        offered = message.supported_connection_types or ()
        if not any(kind in CONNECTION_TYPES for kind in offered):
            return refusal(message, BayeuxError.CONNECTION_TYPE_UNSUPPORTED, self._advice.never)
        if not self._sessions.has_room(identity):
            return refusal(message, BayeuxError.HANDSHAKE_DENIED, self._advice.later)
        session = Session(self._new_client_id(), identity, self.limits, now, acknowledging=wants_ack(message))
        self._sessions.add(session)
        reply = success(message, session.client_id, self._epoch_ms())
        timesync = reply.ext.timesync if reply.ext else _Unset
        return replace(
            reply,
            version=VERSION,
            supported_connection_types=CONNECTION_TYPES,
            advice=self._advice.retry,
            ext=extensions(ack=True if session.acknowledging else _Unset, timesync=timesync),
        )

    def _subscribe(self, message: Message, session: Session) -> Reply:
        """All of an array, or up to the first refusal; what was granted before it stays (bayeux §1.2)."""
        for name in _subscriptions(message):
            error = self._subscription_error(name, session)
            if error is not None:
                return refusal(message, error)
            session.subscriptions.add(name)
        if not _subscriptions(message):
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        return success(message, session.client_id, self._epoch_ms())

    def _subscription_error(self, name: str, session: Session) -> BayeuxError | None:
        if len(name) > self.limits.channel_length_max or not channels.is_subscription(name):
            return BayeuxError.SUBSCRIPTION_INVALID
        if channels.is_meta(name) or not self._may_subscribe(session.identity, name):
            return BayeuxError.SUBSCRIBE_DENIED
        if name not in session.subscriptions and len(session.subscriptions) >= self.limits.subscriptions_max:
            return BayeuxError.SUBSCRIPTIONS_FULL
        return None

    def _unsubscribe(self, message: Message, session: Session) -> Reply:
        """Leaving what was never subscribed is a success (bayeux §2)."""
        names = _subscriptions(message)
        if not names:
            return refusal(message, BayeuxError.SUBSCRIPTION_MISSING)
        if not all(channels.is_subscription(name) for name in names):
            return refusal(message, BayeuxError.SUBSCRIPTION_INVALID)
        session.subscriptions.difference_update(names)
        return success(message, session.client_id, self._epoch_ms())


def _subscriptions(message: Message) -> list[str]:
    subscription = message.subscription
    if subscription is None:
        return []
    return [subscription] if isinstance(subscription, str) else subscription
