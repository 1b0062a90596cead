"""Voicemail: whoever is transferred to a mailbox is alone with it, hears a tone, and is recorded.

A message goes on until its speaker leaves or is joined by somebody, or it is as long as one may be. Its recording is
like any other at the switch, but no client is shown it while it is made (``taping``). Deliberately absent: who may be
sent to a mailbox (``permits``), where messages are kept and who hears them (``server``, ``gws``).
"""

from __future__ import annotations

from cordboard.calls import taping
from cordboard.calls.model import Call, ConversationId, Number, Reason, RecordingId
from cordboard.calls.seating import TAKING_PART
from cordboard.calls.settling import release_all
from cordboard.calls.step import Step, replace


def begin(step: Step, call: Call, mailbox: Number) -> None:
    recording = taping.begin_message(step, call, mailbox)
    step.ledger.write(step.ledger.messages, call.conversation, recording)
    step.show_later(call.key)
    step.put(replace(call, mailbox=mailbox, participants=(mailbox,)))


def reconcile(step: Step) -> None:
    """A message ends with its conversation, or when its speaker has company."""
    for conversation_id in list(step.touched):
        look(step, conversation_id)


def look(step: Step, conversation_id: ConversationId) -> None:
    """Whether a message that is left in this conversation goes on."""
    ledger = step.ledger
    recording = ledger.messages.get(conversation_id)
    if recording is None:
        return
    present = [call for call in ledger.members(conversation_id) if call.state in TAKING_PART]
    if [bool(call.mailbox) for call in present] != [True]:
        ledger.write(ledger.messages, conversation_id, None)
        taping.end_message(step, recording)
        for call in present:
            if call.mailbox:
                step.put(replace(call, mailbox=""))
                step.show_later(call.key)


def over(step: Step, recording: RecordingId, reason: Reason = Reason.NORMAL) -> None:
    """It is as long as it may be, or can't be recorded: its speaker is released."""
    ledger, conversation_id = step.ledger, recording.rpartition("-")[0]
    if ledger.messages.get(conversation_id) == recording:
        release_all(step, ledger.members(conversation_id), reason)


def compare(step: Step) -> None:
    """The link is there again, and the switch no longer records some of them."""
    for recording in list(step.ledger.messages.values()):
        if recording not in step.ledger.tapes:
            over(step, recording, Reason.SWITCH_LOST)
