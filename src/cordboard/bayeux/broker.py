"""The broker: answers Bayeux messages and hands published ones to the sessions that subscribed to them.

It is given the time and fresh ids, and knows no more of a client than the *identity* it speaks for, an opaque string.
All of its methods are plain functions that never wait, so they need no locks. What must survive a restart goes to a
``Keeper``; replies that promise something may leave when that is safe (``Answer.number``).

Deliberately absent: connections and timers (``server.cometd``), what is published and why (``server.post``), publishing
by clients (always refused), who gets a session (``admission``) and what he may subscribe to (``subscribing``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

import msgspec
from msgspec.structs import replace

from cordboard.bayeux import channels
from cordboard.bayeux.admission import Admission
from cordboard.bayeux.browsers import Browsers
from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import acknowledged, read_timesync
from cordboard.bayeux.finishing import Finishing
from cordboard.bayeux.keeping import Keeper, Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, Reply, echoed_id, encode_delivery, encode_reply, with_replay_id
from cordboard.bayeux.progress import Noting
from cordboard.bayeux.registry import Figures, Registry
from cordboard.bayeux.replay import Retention
from cordboard.bayeux.replies import Advices, refusal, success
from cordboard.bayeux.restoring import Restoring
from cordboard.bayeux.session import Connect, Ending, Session, Transport
from cordboard.bayeux.subscribing import Subscribing
from cordboard.bayeux.visits import Answer, Caller, Delivery, missed_reply

FAREWELL = encode_reply(Reply(channel="/meta/disconnect", successful=True))

_Unset = msgspec.UNSET


class Broker:
    """All sessions of one server. ``now`` is always monotonic seconds; ``epoch_ms`` serves the timesync extension."""

    def __init__(
        self,
        limits: BayeuxLimits,
        new_client_id: Callable[[], str],
        may_subscribe: Callable[[str, str], bool],
        epoch_ms: Callable[[], int],
        *,
        transports: Collection[Transport] = tuple(Transport),
        retention: Retention | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        """``new_client_id`` gives letters and digits with 128 random bits; ``may_subscribe`` gets identity, channel.

        Without ``retention`` there is no extension replay. Without ``keeper`` nothing survives the process.
        """
        self.limits = limits
        self.transports = frozenset(transports)
        self._epoch_ms = epoch_ms
        self._retention = retention
        self._sessions = Registry(limits)
        self._browsers = Browsers(limits.sessions_per_browser_max)
        self._advice = Advices(limits)
        self._finishing = Finishing(limits, self._browsers, self._advice, epoch_ms)
        self._may_subscribe = may_subscribe
        self._keeper: Keeper = keeper or Unkept()
        self._admission = Admission(
            limits, self._sessions, self._advice, new_client_id, self.transports, retention, self._keeper
        )
        self._subscribing = Subscribing(limits, may_subscribe, retention, self._keeper, self._overflowed)
        survives = not isinstance(self._keeper, Unkept)
        self._noting = Noting(self._keeper, self._sessions, retention) if survives else None
        self._published = 0
        self._promised = 0
        self._stopped = False
        self._lazy: dict[Session, float] = {}

    @property
    def session_count(self) -> int:
        """How many sessions are alive."""
        return len(self._sessions)

    def figures(self) -> Figures:
        """How it is with all sessions, in numbers."""
        return self._sessions.figures()

    # ------------------------------------------------------------------ from the server

    def restore(self, now: float) -> int:
        """Let the sessions of an earlier process live on, before anything else happens; returns how many.

        Their time begins with ``open``.
        """
        restoring = Restoring(self.limits, self._may_subscribe, self._retention, self._keeper)
        sessions, self._published = restoring.restore(now)
        for session in sessions:
            if self._sessions.has_room(session.identity):
                self._sessions.add(session)
            else:
                self._keeper.drop(session.kept)
        return len(self._sessions)

    def open(self, now: float) -> None:
        """From now on clients can connect, and those that were restored had better do so."""
        longer_s = max(0.0, self.limits.restart_interval_s - self.limits.grace_s)
        for session in self._sessions:
            session.end_connect(0, now, longer_s)

    def is_kept(self, number: int) -> bool:
        """Whether everything up to this number is safe."""
        return number <= self._keeper.kept

    def when_kept(self, number: int, then: Callable[[], None]) -> None:
        """Call when it is; at once if so already."""
        if number <= self._keeper.kept:
            then()
        else:
            self._keeper.when_kept(number, then)

    def publish(self, identity: str, channel: str, data: bytes, number: int = 0) -> None:
        """Hand ``data``, ready JSON, to every session of the identity that is subscribed to the channel.

        It has its ``number`` from an owner who has kept it, in the order of numbers; otherwise it is kept first. A
        session whose queue is full is ended: its client handshakes anew and reads the state again, which is better than
        a gap that nobody notices.
        """
        if number or self._noting is None:
            self._publish(number or self._keeper.tell(identity, channel, data), identity, channel, data)
        else:
            self._keep_and_publish(identity, channel, data)

    def publish_lazily(self, identity: str, channel: str, data: bytes, now: float, number: int = 0) -> None:
        """Like ``publish``, without hurry: the message waits for others, or for ``lazy_max_s`` (bayeux §2)."""
        due = now + self.limits.lazy_max_s
        if number:
            self._publish(number, identity, channel, data, due)
        else:
            self._keep_and_publish(identity, channel, data, due)

    def _keep_and_publish(self, identity: str, channel: str, data: bytes, due: float | None = None) -> None:
        number = self._keeper.tell(identity, channel, data)
        self._keeper.when_kept(number, partial(self._publish, number, identity, channel, data, due))

    def _publish(self, number: int, identity: str, channel: str, data: bytes, due: float | None = None) -> None:
        self._published = number
        retained = self._retention is not None and self._retention.retain(identity, channel, data, number)
        plain: bytes | None = None
        numbered: bytes | None = None
        full: list[Session] = []
        names = channels.covering(channel)
        for session in self._sessions.of(identity):
            if session.subscriptions.isdisjoint(names):
                continue
            if session.replaying and retained:
                frame = numbered = numbered or encode_delivery(channel, with_replay_id(data, number))
            else:
                frame = plain = plain or encode_delivery(channel, data)
            if not session.offer(frame, number, lazily=due is not None):
                full.append(session)
            elif due is not None:
                self._lazy.setdefault(session, due)
        for session in full:
            self._overflowed(session)

    def _overflowed(self, session: Session) -> None:
        self._end(session, Ending.OVERFLOWED)

    def is_heard(self, identity: str, channel: str) -> bool:
        """Whether ``publish`` would reach anybody, now or by a replay: what nobody hears need not be written down."""
        if self._retention is not None and self._retention.retains(identity):
            return True
        names = channels.covering(channel)
        return any(not session.subscriptions.isdisjoint(names) for session in self._sessions.of(identity))

    def sweep(self, now: float) -> int:
        """End the sessions whose time is over; returns how many. Their clients learn it with a 402.

        Once a second is often enough; lazy messages and what is kept for a while are looked after as well. When the
        server stops no time is over any more: nobody can connect.
        """
        if self._stopped:
            return 0
        over = [session for session in self._sessions if session.expires_at <= now]
        for session in over:
            self._end(session, Ending.EXPIRED)
        if self.limits.inactivity_max_s:
            self._end_inactive(now)
        for session in [session for session, due in self._lazy.items() if due <= now]:
            del self._lazy[session]
            session.press()
        if self._retention is not None:
            self._sweep_retention(self._retention, now)
        self._admission.forget(now)
        if self._noting is not None:
            self._noting.look(self._published)
        return len(over)

    def _end_inactive(self, now: float) -> None:
        """The extension activity: neither a message to the session since, nor one from its client but heartbeats."""
        oldest = now - self.limits.inactivity_max_s
        for session in tuple(self._sessions):
            if session.last != session.noticed:
                session.noticed, session.active_at = session.last, now
            elif session.active_at <= oldest:
                self._end(session, Ending.KICKED, FAREWELL)

    def _sweep_retention(self, retention: Retention, now: float) -> None:
        for session in self._sessions:
            if session.replaying:
                retention.want(session.identity, now)
        retention.sweep(now)

    def kick(self, identity: str) -> None:
        """End all sessions of an identity; clients that listen are told so and do not come back by themselves."""
        for session in tuple(self._sessions.of(identity)):
            self._end(session, Ending.KICKED, FAREWELL)

    def stop(self) -> None:
        """The server stops. Whoever holds connects does not answer them any more.

        Sessions that are kept stay: their next server has them, with all that is published until the very end of this
        one. Others end. Clients that are told to shake hands when there is nobody to do it with may give up for good
        (npm cometd, in pages of other origins) or wait for very long (faye, aiocometd-ng). Those whose connects fail
        try again until there is a server, and learn from that one if their session is gone.
        """
        self._stopped = True
        if self._noting is None:
            for session in tuple(self._sessions):
                self._end(session, Ending.STOPPED)
            return
        self._noting.note(self._published)
        for session in self._sessions:
            if session.carrier is not None:
                session.carrier.wake()

    def _end(self, session: Session, ending: Ending, farewell: bytes | None = None) -> None:
        self._sessions.remove(session, ending)
        self._browsers.release(session)
        self._lazy.pop(session, None)
        self._keeper.drop(session.kept)
        session.end(ending, farewell)

    # ------------------------------------------------------------------ connects

    def finish(self, connect: Connect) -> Delivery:
        """The messages that wait for the session of a connect, and the reply to it (``Finishing.finish``)."""
        return self._finishing.finish(connect)

    def written(self, connect: Connect, delivery: Delivery, now: float) -> None:
        """The delivery was written to a living connection: the session's clock starts."""
        self._finishing.written(connect, delivery, now)

    def give_up(self, connect: Connect, now: float) -> None:
        """The connection of a connect is gone: everything stays, and the session's clock starts."""
        self._finishing.give_up(connect, now)

    # ------------------------------------------------------------------ from clients

    def receive(self, caller: Caller, batch: list[Message], now: float) -> Answer:
        """Answer a batch of messages of one client, in order. Every message gets a reply, now or with its connect."""
        self._promised = 0
        for message in batch:
            if message.channel == "/meta/handshake":
                # A handshake stands alone in its request; what came with it is ignored (bayeux §1.2).
                return Answer([encode_reply(self._reply(message, caller, now))], [], self._promised)
        replies: list[bytes] = []
        connects: list[Connect] = []
        alone = len(batch) == 1
        for message in batch:
            outcome = self._connect(message, caller, now, alone=alone)
            if isinstance(outcome, Reply):
                replies.append(encode_reply(outcome))
            elif not alone and any(connect.session is outcome.session for connect in connects):
                replies.append(_overtake(connects, outcome))
            else:
                connects.append(outcome)
        return Answer(replies, connects, self._promised)

    def _connect(self, message: Message, caller: Caller, now: float, *, alone: bool) -> Connect | Reply:
        id_ = echoed_id(message)
        session = self._sessions.find(message.client_id, caller.identity)
        if message.channel != "/meta/connect" or session is None or id_ is None:
            return self._reply(message, caller, now)
        if not self._admission.serves(message.connection_type):
            return self._admission.unsupported(message)
        batch = acknowledged(message)
        if session.acknowledging and batch is not None:
            session.acknowledge(batch)
        cycle = session.begin_connect(caller.connection, missed=missed_reply(message, session, caller))
        hold_s = self._hold_s(session, message, caller.transport) if alone else 0.0
        crowded = not self._may_hold(session, caller, hold_s)
        advise = message.advice is not None or session.crowded or session.advised is not caller.transport
        session.connected = True
        session.advised = caller.transport
        session.crowded = crowded
        stamp = read_timesync(message, self._epoch_ms()) if message.ext else None
        return Connect(session, cycle, id_, advise, 0.0 if crowded else hold_s, stamp, crowded, caller.line)

    def _may_hold(self, session: Session, caller: Caller, hold_s: float) -> bool:
        """Whether the browser has room for one more held connect; WebSockets are not counted (bayeux §2)."""
        if hold_s <= 0 or caller.transport is Transport.WEBSOCKET:
            self._browsers.release(session)
            return True
        return self._browsers.hold(caller.browser, session)

    def _hold_s(self, session: Session, message: Message, transport: Transport) -> float:
        """How long to hold a connect. The first is answered at once; so is one for which messages wait (bayeux §2)."""
        carried = transport is not Transport.WEBSOCKET or session.with_connects
        if not session.connected or (carried and session.pressing):
            return 0.0
        asked_ms = message.advice.timeout if message.advice else None
        if asked_ms is None or asked_ms < 0:
            return self.limits.timeout_s
        return min(self.limits.timeout_s, asked_ms / 1_000)

    def _reply(self, message: Message, caller: Caller, now: float) -> Reply:
        before = self._keeper.last
        reply = self._answer_one(message, caller, now)
        last = self._keeper.last
        if last != before:
            self._promised = last
        return reply

    def _answer_one(self, message: Message, caller: Caller, now: float) -> Reply:
        if echoed_id(message) is None:
            return refusal(message, BayeuxError.MESSAGE_ID_INVALID)
        if message.channel is None:
            return refusal(message, BayeuxError.CHANNEL_MISSING)
        if message.channel == "/meta/handshake":
            return self._admission.handshake(message, caller.identity, caller.address, now, self._epoch_ms())
        session = self._sessions.find(message.client_id, caller.identity)
        if session is None:
            return self._unknown(message)
        session.touch(now)
        match message.channel:
            case "/meta/subscribe":
                return self._subscribing.subscribe(message, session, self._epoch_ms())
            case "/meta/unsubscribe":
                return self._subscribing.unsubscribe(message, session, self._epoch_ms())
            case "/meta/disconnect":
                self._end(session, Ending.DISCONNECTED)
                return success(message, session.client_id, self._epoch_ms())
            case channel:
                valid = channels.is_channel(channel)
                return refusal(message, BayeuxError.PUBLISH_DENIED if valid else BayeuxError.CHANNEL_INVALID)

    def _unknown(self, message: Message) -> Reply:
        # Without the advice a client would repeat its connect for ever (bayeux §1.3).
        advice = self._advice.again if message.channel == "/meta/connect" else _Unset
        # Like CometD, without the subscription that was asked for: aiocometd-ng would take it out of its list, and not
        # ask for it again after the handshake that follows.
        return replace(refusal(message, BayeuxError.SESSION_UNKNOWN, advice), subscription=_Unset)


def _overtake(connects: list[Connect], newer: Connect) -> bytes:
    """Two connects of one session in one batch: the older one is answered empty-handed, the newer one counts."""
    index = next(i for i, connect in enumerate(connects) if connect.session is newer.session)
    older, connects[index] = connects[index], newer
    return encode_reply(Reply(channel="/meta/connect", successful=True, id=older.id))
