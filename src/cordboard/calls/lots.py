"""Parking lots: who is in which slot. Each organisation has a lot of its own; all have the same numbers of slots.

Whoever is parked is alone in its conversation, so it hears music (``placing``), and the conversation has a ``Recall``
that is due when the time in the lot is up (``settling``). Deliberately absent: who may park whom (``permits``), what
the parker and others ask (``operations.parking``, ``operations.taking``).
"""

from __future__ import annotations

from cordboard.calls.model import Call, ConversationId, Parked
from cordboard.calls.step import Step, replace


def free_slot(step: Step, lot: str) -> int | None:
    """The first slot that nobody is in."""
    slots, rules = step.ledger.slots, step.rules
    numbers = range(rules.park_first, rules.park_first + rules.park_slots)
    return next((number for number in numbers if (lot, number) not in slots), None)


def enter(step: Step, call: Call, parked: Parked) -> None:
    step.ledger.write(step.ledger.slots, (parked.lot, parked.slot), call.key)
    step.put(replace(call, parked=parked))


def leave(step: Step, conversation_id: ConversationId) -> None:
    """Nobody of this conversation is parked any more. Whoever was is told when it is known what comes of it."""
    for call in step.ledger.members(conversation_id) if step.ledger.slots else ():
        if call.parked is not None:
            free(step, call.parked)
            step.put(replace(call, parked=None))
            step.show_later(call.key)


def free(step: Step, parked: Parked) -> None:
    step.ledger.write(step.ledger.slots, (parked.lot, parked.slot), None)
