"""Hold, retrieve, swap; and the hold key of the phone itself."""

from __future__ import annotations

from cordboard.calls.commands import Hold, Retrieve, SwapCalls
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, CallState, Operation, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table, no_objection, not_now
from cordboard.calls.records import Leg
from cordboard.calls.seating import hold_heard
from cordboard.calls.step import Step, replace


def _hold(step: Step, call: Call, _: Hold) -> None:
    step.put(replace(call, state=CallState.HELD))


def _retrieve(step: Step, call: Call, _: Retrieve) -> None:
    """What was Established on the leg is held, and told after (as printed for a swap)."""
    step.put(replace(call, state=CallState.ESTABLISHED))
    hold_heard(step, call.leg, but=call.key)


def _check_swap(step: Step, call: Call, command: SwapCalls) -> Refusal | None:
    other = _other(step.ledger, call, command)
    return other if isinstance(other, Refusal) else None


def _swap(step: Step, call: Call, command: SwapCalls) -> None:
    other = _other(step.ledger, call, command)
    assert isinstance(other, Call)  # checked just before
    held = [one for one in (call, other) if one.state is CallState.HELD]
    if held:
        _retrieve(step, held[0], Retrieve(asker=call.owner, call=held[0].id))
    else:
        active = call if call.state is CallState.ESTABLISHED else other
        step.put(replace(active, state=CallState.HELD))


def _other(ledger: Ledger, call: Call, command: SwapCalls) -> Call | Refusal:
    linked = [ledger.calls[key] for key in ledger.consults.get(call.key, ())]
    parent = ledger.calls.get(call.parent_key) if call.parent_key is not None else None
    if parent is not None:
        linked.append(parent)
    if command.other is not None:
        if ledger.visible(command.other, call.owner) is None:
            return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.other}")
        named = [one for one in linked if one.id == command.other]
        return named[0] if named else not_now(f"calls {call.id} and {command.other} are not related")
    if len(linked) > 1:
        linked = [one for one in linked if one.state is not CallState.HELD]
    return linked[0] if len(linked) == 1 else not_now("it has several consult calls: name one with otherCallUri")


def leg_held(step: Step, leg: Leg) -> None:
    """The person at the phone pressed hold."""
    hold_heard(step, leg.id)


def leg_retrieved(step: Step, leg: Leg) -> None:
    """The person at the phone took the line back: the call begun last, if it is heard in none."""
    calls = [step.ledger.calls[key] for key in leg.calls]
    if not any(call.state in (CallState.ESTABLISHED, CallState.DIALING) for call in calls):
        for call in reversed(calls):
            if call.state is CallState.HELD:
                step.put(replace(call, state=CallState.ESTABLISHED))
                return


HANDLERS: Table = {
    Hold: Handler(Operation.HOLD, no_objection, _hold, placed=True),
    Retrieve: Handler(Operation.RETRIEVE, no_objection, _retrieve, placed=True),
    SwapCalls: Handler(Operation.SWAP_CALLS, _check_swap, _swap, placed=True),
}
