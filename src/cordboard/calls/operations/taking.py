"""Calls that somebody takes to the own telephone: a parked party is got out of its slot, a ringing call is picked up.

These are asked of somebody else's call, so they are no Handlers. Of two who want the same call the first gets it, and
the other's telephone does not ring (call-semantics #76).
"""

from __future__ import annotations

from typing import assert_never

from cordboard.calls import accounting, permits
from cordboard.calls.commands import AnyTakingCommand, PickUp, UnPark
from cordboard.calls.model import Call, CallKey, Number, Reason, Refusal, RefusalKind, Taking
from cordboard.calls.objections import why_not_taken
from cordboard.calls.operations.handler import not_now
from cordboard.calls.seating import TAKING_PART, dial_leg, leave, offer, refresh
from cordboard.calls.segments import Came, Way
from cordboard.calls.settling import expect_back
from cordboard.calls.step import Step

TAKINGS: dict[type[AnyTakingCommand], Taking] = {UnPark: Taking.UN_PARK, PickUp: Taking.PICK_UP}


def check(step: Step, command: AnyTakingCommand) -> Refusal | None:
    call = step.ledger.visible(command.call, command.whose)
    if call is None:
        return Refusal(RefusalKind.UNKNOWN_CALL, f"there is no call {command.call}")
    if command.ring_s < 0:
        return Refusal(RefusalKind.BAD_VALUE, "no telephone rings for less than no time")
    taking = TAKINGS[type(command)]
    if taking not in permits.takings(step.ledger, call):
        return not_now(f"{taking.value} is not possible: {why_not_taken(step.ledger, call, taking)}")
    if any(key[1] == command.asker for key in step.ledger.conversations[call.conversation].members):
        return Refusal(RefusalKind.BAD_DESTINATION, f"{command.asker} is a party of this call already")
    if not _answers_by_itself(step, command.asker) and _is_not_to_ring(step, command.asker):
        return Refusal(RefusalKind.IN_USE, f"the telephone of {command.asker} is in use, and not to ring")
    return None


def _answers_by_itself(step: Step, number: Number) -> bool:
    """A telephone that is in use rings: nobody is torn out of a call."""
    return number not in step.ledger.owners


def _is_not_to_ring(step: Step, number: Number) -> bool:
    return step.diversions.do_not_disturb(number) or bool(step.diversions.forward_to(number))


def apply(step: Step, command: AnyTakingCommand) -> None:
    call = step.ledger.calls[command.call, command.whose]
    match command:
        case UnPark():
            _ring(step, command, call, Came(Way.UN_PARKED, command.whose))
        case PickUp():
            _pick_up(step, command, call)
        case _:
            assert_never(command)


def _pick_up(step: Step, command: PickUp, call: Call) -> None:
    ledger = step.ledger
    inviter = ledger.legs[call.leg].inviter
    came = Came(Way.PICKED_UP, command.whose, accounting.taken(step, call.leg))
    leave(step, call)
    if sum(one.state in TAKING_PART for one in ledger.members(call.conversation)) == 1:
        expect_back(step, call.conversation, call.owner)
    _ring(step, command, call, came, inviter)


def _ring(step: Step, command: AnyTakingCommand, call: Call, came: Came, inviter: CallKey | None = None) -> None:
    """The asker's telephone is called, and answers by itself if it can and is not in use."""
    ledger = step.ledger
    auto_answer = _answers_by_itself(step, command.asker)
    conversation = ledger.conversations[call.conversation]
    caller = command.caller_id or conversation.shown_as or conversation.members[0][1]
    ring_s = command.ring_s or step.rules.no_answer_timeout_s
    reason = call.reason if isinstance(command, PickUp) else Reason.NORMAL
    taken = offer(
        step,
        conversation.id,
        command.asker,
        caller,
        ring_s=ring_s,
        user_data=call.user_data,
        inviter=inviter,
        reason=reason,
    )
    dial_leg(step, taken.leg, caller, ring_s, came, auto_answer=auto_answer)
    refresh(step, conversation.id)
