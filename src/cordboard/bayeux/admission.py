"""Handshakes: who gets a session, and what a refused one is told.

Deliberately absent: whom a request speaks for; that is known before a message gets here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import msgspec
from msgspec.structs import replace

from cordboard.bayeux.errors import BayeuxError
from cordboard.bayeux.extensions import wants_ack, wants_replay
from cordboard.bayeux.keeping import Keeper
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import Message, Reply
from cordboard.bayeux.pacing import Pace
from cordboard.bayeux.registry import Registry
from cordboard.bayeux.replay import Retention
from cordboard.bayeux.replies import Advices, extensions, refusal, success
from cordboard.bayeux.session import Session, Transport

VERSION = "1.0"

_Unset = msgspec.UNSET


class Admission:
    """Answers /meta/handshake."""

    def __init__(
        self,
        limits: BayeuxLimits,
        sessions: Registry,
        advice: Advices,
        new_client_id: Callable[[], str],
        transports: Collection[Transport],
        retention: Retention | None,
        keeper: Keeper,
    ) -> None:
        self._limits = limits
        self._sessions = sessions
        self._advice = advice
        self._new_client_id = new_client_id
        self._kinds = tuple(kind.value for kind in Transport if kind in transports)
        self._retention = retention
        self._keeper = keeper
        self._by_identity = Pace(limits.identity_handshakes_per_s, limits.identity_handshakes_burst, limits.paced_max)
        self._by_address = Pace(limits.address_handshakes_per_s, limits.address_handshakes_burst, limits.paced_max)

    def serves(self, connection_type: str | None) -> bool:
        """Whether a connect may name this type. Without one it is as good as the transport that it came by."""
        return connection_type is None or connection_type in self._kinds

    def unsupported(self, message: Message) -> Reply:
        """The refusal of other types; it names those that are served."""
        served = self._common_kinds(message.supported_connection_types or ())
        error = BayeuxError.CONNECTION_TYPE_UNSUPPORTED.format(",".join(served))
        return refusal(message, error, self._advice.never)

    def handshake(self, message: Message, identity: str, address: str, now: float, arrived_ms: int) -> Reply:
        """A new session, or why there is none. ``address`` is where the client is, "" if that is not known."""
        offered = message.supported_connection_types or ()
        if not any(kind in self._kinds for kind in offered):
            return self.unsupported(message)
        if not self._by_identity.admits(identity, now) or (address and not self._by_address.admits(address, now)):
            return refusal(message, BayeuxError.HANDSHAKES_TOO_FAST, self._advice.later)
        if not self._sessions.has_room(identity):
            return refusal(message, BayeuxError.HANDSHAKE_DENIED, self._advice.later)
        if self._keeper.trouble():
            return refusal(message, BayeuxError.HANDSHAKE_NOT_KEPT, self._advice.later)
        session = self._begin(message, identity, now)
        reply = success(message, session.client_id, arrived_ms)
        return replace(
            reply,
            version=VERSION,
            supported_connection_types=self._common_kinds(offered),
            advice=self._advice.retry,
            ext=extensions(
                ack=True if session.acknowledging else _Unset,
                replay=True if session.replaying else _Unset,
                timesync=reply.ext.timesync if reply.ext else _Unset,
            ),
        )

    def _begin(self, message: Message, identity: str, now: float) -> Session:
        begun, acknowledging = self._keeper.last + 1, wants_ack(message)
        session = Session(self._new_client_id(), identity, self._limits, now, acknowledging=acknowledging, begun=begun)
        if self._retention is not None and wants_replay(message):
            session.replaying = True
            self._retention.want(identity, now)
        self._sessions.add(session)
        self._keeper.keep(session.kept)
        return session

    def _common_kinds(self, offered: Collection[str]) -> tuple[str, ...]:
        """What this server does; callback-polling is named only to those who ask for it: hardly anybody should."""
        callbacks = Transport.CALLBACK_POLLING.value
        return tuple(kind for kind in self._kinds if kind != callbacks or callbacks in offered)

    def forget(self, now: float) -> None:
        """Drop what is remembered of those who have rested."""
        self._by_identity.forget(now)
        self._by_address.forget(now)
