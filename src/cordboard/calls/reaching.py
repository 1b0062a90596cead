"""Whether somebody may be asked into a conversation: known, not there already, not in a ring of transfers."""

from __future__ import annotations

from cordboard.calls.model import Call, ConversationId, Refusal, RefusalKind
from cordboard.calls.step import Step


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
