"""Who may be asked into a conversation, and whose telephone rings then (docs/decisions/0007).

A number that exists, is not there yet, and is not in a ring of transfers or forwards. Deliberately absent: what people
have set at their telephones (``agents``; the port is ``model.Diversions``).
"""

from __future__ import annotations

import msgspec

from cordboard.calls.model import Call, ConversationId, Number, Reason, Refusal, RefusalKind
from cordboard.calls.step import Step


class Target(msgspec.Struct, frozen=True, gc=False):
    """The number whose telephone is to ring, after so many forwards; or the ``reason`` why none does."""

    number: Number
    forwards: int = 0
    reason: Reason = Reason.NORMAL


LOOP = Target("", reason=Reason.LOOP_DETECTED)


def check_destination(step: Step, call: Call, dialled: str) -> Refusal | None:
    """What speaks against this destination (call-semantics #4, #48). Checked before anything is touched."""
    route = step.routes.find(dialled, call.owner)
    if route is None:
        return Refusal(RefusalKind.BAD_DESTINATION, f"{dialled!r} is no number of this system")
    if route.number == call.owner:
        return Refusal(RefusalKind.BAD_DESTINATION, "the destination is the caller's own number")
    if any(key[1] == route.number for key in step.ledger.conversations[call.conversation].members):
        return Refusal(RefusalKind.BAD_DESTINATION, f"{route.number} is a party of this call already")
    return None


def too_many_hops(step: Step, conversation_id: ConversationId) -> bool:
    """Whether one more transfer would be the one too many (#50)."""
    return step.ledger.conversations[conversation_id].hops >= step.rules.hops_max


def reach(step: Step, conversation_id: ConversationId, number: Number) -> Target:
    """Follow the forwards that begin at ``number``. Each is a hop, so that a ring of them ends (#50)."""
    diversions, forwards = step.diversions, 0
    hops_left = step.rules.hops_max - step.ledger.conversations[conversation_id].hops
    while to := diversions.forward_to(number):
        forwards += 1
        if forwards > hops_left:
            return LOOP
        number = to
    if forwards and number in _present(step, conversation_id):
        return LOOP
    if diversions.do_not_disturb(number):
        return Target(number, forwards, Reason.BUSY)
    return Target(number, forwards)


def _present(step: Step, conversation_id: ConversationId) -> set[Number]:
    """Those who take part, and those who wait on hold for what this consult leads to: a call does not come back to
    them."""
    ledger = step.ledger
    present: set[Number] = set()
    for key in ledger.conversations[conversation_id].members:
        present.add(key[1])
        parent = ledger.calls.get(ledger.calls[key].parent_key or ("", ""))
        if parent is not None:
            present.update(owner for _, owner in ledger.conversations[parent.conversation].members)
    return present
