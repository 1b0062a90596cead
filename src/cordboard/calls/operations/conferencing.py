"""Conferences: made in two steps or one, parties removed, microphones muted."""

from __future__ import annotations

from cordboard.calls import accounting, joining
from cordboard.calls.commands import (
    CompleteConference,
    MuteCall,
    RemoveParticipant,
    SingleStepConference,
    UnmuteCall,
)
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, ConversationId, Operation, Refusal, RefusalKind
from cordboard.calls.operations.handler import Handler, Table, no_objection, not_now
from cordboard.calls.orders import MuteLeg
from cordboard.calls.pairing import Pair, pair_up
from cordboard.calls.procedures import Procedure
from cordboard.calls.reaching import check_destination
from cordboard.calls.seating import leave
from cordboard.calls.segments import Came, TransferKind, Way
from cordboard.calls.settling import ring, settle
from cordboard.calls.step import Step, replace
from cordboard.calls.user_data import check_added


def _check_complete(step: Step, call: Call, command: CompleteConference) -> Refusal | None:
    pair = _pair(step.ledger, call, command)
    if isinstance(pair, Refusal):
        return pair
    joining_party_count = len(step.ledger.others(pair.consult))
    return _check_size(step, pair.parent.conversation, joining_party_count)


def _complete(step: Step, call: Call, command: CompleteConference) -> None:
    pair = _pair(step.ledger, call, command)
    assert not isinstance(pair, Refusal)  # checked just before
    joining.conference(step, pair.parent, pair.consult)


def _pair(ledger: Ledger, call: Call, command: CompleteConference) -> Pair | Refusal:
    return pair_up(ledger, call, command.consult, Operation.COMPLETE_CONFERENCE)


def _check_size(step: Step, conversation_id: ConversationId, more: int) -> Refusal | None:
    size = len(step.ledger.conversations[conversation_id].members) + more
    if size > step.rules.conference_max:
        return Refusal(RefusalKind.LIMIT_REACHED, f"a conference has {step.rules.conference_max} parties at most")
    return None


def _check_single_step(step: Step, call: Call, command: SingleStepConference) -> Refusal | None:
    refusal = check_destination(step, call, command.to) or _check_size(step, call.conversation, 1)
    return refusal or check_added(step.rules, call.user_data, command.user_data)


def _single_step(step: Step, call: Call, command: SingleStepConference) -> None:
    """The others go on talking while the new party is rung, and are told when it joins."""
    route = step.routes.find(command.to, call.owner)
    assert route is not None  # checked just before
    data = {**call.user_data, **command.user_data}
    handing = accounting.handing(step, TransferKind.SINGLE_STEP_CONFERENCE, call, route.number)
    joining.own(step, call.conversation, call)
    ring(
        step,
        call.conversation,
        route.number,
        call.owner,
        ring_s=step.rules.no_answer_timeout_s,
        user_data=data,
        came=Came(Way.INVITED, call.owner, (handing,)),
        inviter=call.key,
        location=command.location,
    )


def _check_removal(step: Step, call: Call, command: RemoveParticipant) -> Refusal | None:
    route = step.routes.find(command.participant, call.owner)
    number = route.number if route is not None else command.participant
    if any(key[1] == number for key in step.ledger.supervisors.get(call.conversation, ())):
        return not_now("a supervisor leaves by itself only")
    if number == call.owner:
        return not_now("a party does not remove itself: hang up instead")
    if _party(step, call, number) is None:
        return Refusal(RefusalKind.UNKNOWN_PARTICIPANT, f"{command.participant!r} is no party of this call")
    return None


def _remove(step: Step, call: Call, command: RemoveParticipant) -> None:
    route = step.routes.find(command.participant, call.owner)
    party = _party(step, call, route.number if route is not None else command.participant)
    assert party is not None  # checked just before
    leave(step, party)
    settle(step, call.conversation)


def _party(step: Step, call: Call, number: str) -> Call | None:
    return next((other for other in step.ledger.others(call) if other.owner == number), None)


def _order_mute(step: Step, call: Call, command: MuteCall | UnmuteCall) -> None:
    """Told when the microphone is off, not before. It stays off while a supervisor mutes the call's owner."""
    operation = Operation.MUTE_CALL if isinstance(command, MuteCall) else Operation.UNMUTE_CALL
    muted = operation is Operation.MUTE_CALL or (call.monitored is not None and call.monitored.muted)
    leg = step.ledger.legs[call.leg]
    order = step.order(MuteLeg, None, leg.id, muted)
    step.put_leg(replace(leg, muted=muted))
    step.begin(order, Procedure(operation, call.key, command, leg.calls))


def _mute(step: Step, call: Call, command: MuteCall | UnmuteCall) -> None:
    step.put(replace(call, muted=isinstance(command, MuteCall)))


HANDLERS: Table = {
    CompleteConference: Handler(Operation.COMPLETE_CONFERENCE, _check_complete, _complete, placed=True),
    SingleStepConference: Handler(Operation.SINGLE_STEP_CONFERENCE, _check_single_step, _single_step),
    RemoveParticipant: Handler(Operation.REMOVE_PARTICIPANT, _check_removal, _remove),
    MuteCall: Handler(Operation.MUTE_CALL, no_objection, _mute, begin=_order_mute),
    UnmuteCall: Handler(Operation.UNMUTE_CALL, no_objection, _mute, begin=_order_mute),
}
