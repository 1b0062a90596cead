"""What passes between the broker and the connections: who brings messages, and what is to be written when.

Deliberately absent: what messages lead to (``broker``), connections (``server``).
"""

from __future__ import annotations

import msgspec

from cordboard.bayeux.messages import Message
from cordboard.bayeux.session import Connect, Line, Session, Transport


class Caller(msgspec.Struct, frozen=True):
    """Where messages come from: the identity they speak for, and what is known of the way they came."""

    identity: str
    transport: Transport
    connection: object | None = None
    """The WebSocket; None for a request."""
    line: Line | None = None
    """The TCP connection of a request, if the server beneath tells of it."""
    browser: str = ""
    """Its cookie, "" without one (``browsers``)."""
    address: str = ""
    """Where handshakes are counted (``admission``); "" if they are not to be."""


class Answer(msgspec.Struct, frozen=True):
    """What a batch leads to: encoded replies to write now, and connects to answer, now or later (``Broker.finish``)."""

    replies: list[bytes]
    connects: list[Connect]
    number: int = 0
    """What must be kept before anything of this is written (``Broker.when_kept``)."""


class Delivery(msgspec.Struct, frozen=True):
    """The end of a connect: messages up to position ``through``, then its own reply; all encoded."""

    frames: list[bytes]
    through: int
    reply: bytes | None
    turn: int = 0

    @property
    def parts(self) -> list[bytes]:
        """All of it in order."""
        return self.frames if self.reply is None else [*self.frames, self.reply]


def missed_reply(message: Message, session: Session, caller: Caller) -> bool:
    """Whether the client seems to have had no reply to its last connect.

    npm cometd asks for an answer at once after a failure, and only then; faye repeats the message, id and all; others
    turn up on another connection when the one to which the reply was written is closed. Clients that always do so say
    nothing by it: it must be a change of their habits.
    """
    last, before = session.connect_ids
    id_ = bytes(message.id)
    hurried = message.advice is not None and message.advice.timeout == 0
    missed = (hurried and not session.hurried) or (id_ == last and b"" != last != before)
    if session.line is not None:
        strayed = session.line is not caller.line and session.line.lost
        missed = missed or (strayed and not session.strayed)
        session.line, session.strayed = None, strayed
    if caller.transport is Transport.WEBSOCKET:
        session.strayed = False  # what was a habit before says nothing of what comes after
    session.connect_ids = (id_, last)
    session.hurried = hurried
    return missed
