"""Which consult a completion is about, posted on whichever call of the pair (call-semantics #45, #46)."""

from __future__ import annotations

from typing import NamedTuple

from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallId, CallState, Operation, Purpose, Refusal, RefusalKind
from cordboard.calls.permits import can_be_joined

_ANSWERED = (CallState.ESTABLISHED, CallState.HELD)


class Pair(NamedTuple):
    """Two calls of the controller: the one it had first, and the consult."""

    parent: Call
    consult: Call


def pair_up(ledger: Ledger, call: Call, named: CallId | None, operation: Operation) -> Pair | Refusal:
    """The pair that a completion on ``call`` is about, or why there is none. ``named`` is the consult asked for."""
    parent = ledger.calls.get(call.parent_key) if call.parent_key is not None else None
    if parent is not None and named in (None, call.id, parent.id):
        candidates = [Pair(parent, call)]
    else:
        consults = [ledger.calls[key] for key in ledger.consults.get(call.key, ())]
        candidates = [Pair(call, consult) for consult in consults if named is None or consult.id == named]
    if not candidates:
        return _refuse(f"{named} is no consult call of call {call.id}" if named else "it has no consult call")
    ready = [pair for pair in candidates if can_complete(ledger, pair, operation)]
    if not ready:
        return _refuse("not answered yet")
    if len(ready) > 1:
        ready = [pair for pair in ready if pair.consult.state is not CallState.HELD]
    if len(ready) == 1:
        return ready[0]
    return _refuse("it has several consult calls: name one with consultCallUri")


def can_complete(ledger: Ledger, pair: Pair, operation: Operation) -> bool:
    """A conference needs an answered consult; a transfer begun as one does not (call-semantics decision 4)."""
    if not can_be_joined(ledger, pair.parent, pair.consult):
        return False
    if pair.consult.state in _ANSWERED:
        return True
    return operation is Operation.COMPLETE_TRANSFER and pair.consult.purpose is Purpose.TRANSFER


def _refuse(detail: str) -> Refusal:
    return Refusal(RefusalKind.NOT_PERMITTED_NOW, detail)
