"""Recordings that are complete: what a switch hands over, and what is kept of it. Values only.

Deliberately absent: recordings that are being made (``records.Tape``), files (``server``).
"""

from __future__ import annotations

from enum import Enum

import msgspec

from cordboard.calls.model import CallId, ConversationId, Number, RecordingId


def message_name(conversation: ConversationId, count: int) -> RecordingId:
    """What the recording of a message for a mailbox is called; its starter is the number of the mailbox."""
    return f"{conversation}-v{count}"


def is_message(recording: RecordingId) -> bool:
    return recording.rpartition("-")[2].startswith("v")


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A complete recording, as the switch knows it: ``parties`` are the numbers that were in the mix meanwhile, in the
    order in which they came; ``began`` is an instant of the switch's clock; pauses don't count as ``seconds``."""

    id: RecordingId
    conversation: ConversationId
    call: CallId
    starter: Number
    parties: tuple[Number, ...]
    began: float
    seconds: float


class Kept(msgspec.Struct, frozen=True, gc=False):
    """A recording that is kept; of a message for a mailbox also whether it was ``heard``. ``owner`` is the id of the
    user who began it, or whose mailbox it is, ``tenant`` that user's; ``began`` counts seconds since 1970."""

    id: RecordingId
    conversation: ConversationId
    call: CallId
    owner: str
    tenant: str
    starter: Number
    parties: tuple[Number, ...]
    began: float
    seconds: float
    bytes: int
    heard: bool = False


class MailboxChange(Enum):
    """What became of a message; the values are the names that clients read."""

    LEFT = "NewMessage"
    MARKED = "MessageMarked"
    DELETED = "MessageDeleted"


class MailboxChanged(msgspec.Struct, frozen=True, gc=False):
    """Something became of a message; so many ``new`` ones are in its mailbox now, and so many that were heard."""

    change: MailboxChange
    message: Kept
    new: int
    heard: int
