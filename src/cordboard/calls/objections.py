"""Why something is not permitted now, in words for whoever asked. What is permitted is decided in ``permits`` alone."""

from __future__ import annotations

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, Operation, Taking
from cordboard.calls.permits import (
    ANSWERED,
    CONSULTS,
    HANDING_ON,
    LEAVING,
    RECORDINGS,
    Link,
    is_pinned,
    is_tape_busy,
    link_of,
)


def why_not(ledger: Ledger, call: Call, operation: Operation) -> str:
    """What to tell somebody who asked for what is not permitted now."""
    if operation in HANDING_ON and is_pinned(ledger, call):
        return "it is with a number outside that may not be handed on"
    records = operation in RECORDINGS
    if call.key in ledger.busy or (records and is_tape_busy(ledger, call)):
        return "another operation on it is under way"
    if records and call.state is CallState.ESTABLISHED:
        state = "not available to you" if call.recording is None else call.recording.value
        return f"recording is {state}"
    if operation in LEAVING and call.state in ANSWERED and link_of(ledger, call) not in CONSULTS:
        return "there is not exactly one other party who has answered"
    return f"the call is {call.state.value}{_LINKED_AS[link_of(ledger, call)]}"


_LINKED_AS: dict[Link, str] = {
    Link.NONE: "",
    Link.PARENT_WAITING: " and has a consult call",
    Link.PARENT_DIALING: " and has a consult call",
    Link.PARENT_ANSWERED: " and has a consult call",
    Link.CONSULT_WAITING: " and is a consult call",
    Link.CONSULT_DIALING: " and is a consult call",
    Link.CONSULT_ANSWERED: " and is a consult call",
}
"""What a link adds to the reason of a refusal."""


def why_not_taken(ledger: Ledger, call: Call, taking: Taking) -> str:
    """What to tell somebody who wanted to take a call and may not."""
    if taking is Taking.PICK_UP and call.connects_to:
        return "it rings to be connected"
    if taking is Taking.PICK_UP and len(ledger.conversations[call.conversation].members) < 2:
        return "nobody else is there"
    if taking is Taking.PICK_UP:
        busy = call.state is CallState.RINGING and call.key in ledger.busy
        return "it is just being answered" if busy else "it does not ring"
    return "it is not parked" if call.parked is None else "somebody is being called for it"
