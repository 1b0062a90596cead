"""Accounting: what an input means for call detail records, found out when it has been dealt with.

``keep_up`` looks at the legs whose calls have changed in this step, so no operation can forget one; what a change of
calls does not tell, operations say: how a leg came, and who hands on whom. Segments that go on are rows, written and
undone with all others, so a restart loses none and tells of none twice (docs/decisions/0025).
"""

from __future__ import annotations

from typing import assert_never

from cordboard.calls.model import (
    Call,
    CallId,
    CallKey,
    CallState,
    ConversationId,
    LegId,
    Number,
    Operation,
    Reason,
    Refusal,
)
from cordboard.calls.procedures import Procedure
from cordboard.calls.records import Conversation, Leg
from cordboard.calls.segments import (
    VIEWS_MAX,
    Asked,
    Came,
    Phase,
    Result,
    Segment,
    ThreadId,
    Transfer,
    TransferKind,
    View,
    Way,
)
from cordboard.calls.step import Step, replace

_TALKING = frozenset({CallState.ESTABLISHED, CallState.HELD})
_KINDS = {
    Operation.COMPLETE_TRANSFER: TransferKind.TWO_STEP,
    Operation.SINGLE_STEP_TRANSFER: TransferKind.SINGLE_STEP,
    Operation.COMPLETE_CONFERENCE: TransferKind.CONFERENCE,
    Operation.SINGLE_STEP_CONFERENCE: TransferKind.SINGLE_STEP_CONFERENCE,
    Operation.PARK: TransferKind.PARK,
    Operation.TO_VOICEMAIL: TransferKind.VOICEMAIL,
}

_OF_TWO = (TransferKind.TWO_STEP, TransferKind.CONFERENCE)


def thread_of(conversation: Conversation) -> ThreadId:
    return conversation.thread or conversation.id


# -- what operations say -----------------------------------------------------------------------------------------------


def begin(step: Step, leg: Leg, came: Came, wanted: Number = "") -> None:
    """A telephone is going to ring, or has dialled."""
    if step.rehearsing:
        return
    ledger = step.ledger
    call = ledger.calls[leg.calls[0]]
    thread = thread_of(ledger.conversations[call.conversation])
    segment = Segment(
        leg.id,
        thread,
        leg.number,
        came.way,
        step.now,
        came.by,
        wanted if wanted != leg.number else "",
        call.type,
        views=(_view(call),),
        since=step.now,
        handing=came.handing,
    )
    ledger.write(ledger.segments, leg.id, segment)


def turned_away(step: Step, leg: Leg, dialled: Number, reason: Reason) -> None:
    """It dialled what leads nowhere: there was never a call."""
    now, number = step.now, leg.number
    step.records.append(
        Segment(leg.id, leg.id, number, Way.DIALLED, now, number, dialled, ended=now, reason=reason, since=now)
    )


def handing(
    step: Step, kind: TransferKind, call: Call, to: Number, whom: list[Call] | None = None, consult: CallId = ""
) -> Transfer:
    """The owner of ``call`` hands on whoever else is in it, or asks somebody in."""
    thread = thread_of(step.ledger.conversations[call.conversation])
    owners = tuple(other.owner for other in (step.ledger.others(call) if whom is None else whom))
    return Transfer(thread, kind, call.owner, call.id, step.now, step.asked, consult, owners, to)


def join(step: Step, kind: TransferKind, parent: Call, consult: Call, reason: Reason) -> None:
    """The two conversations are going to be one: at once a transfer if somebody is there to talk to, otherwise once
    whoever rings has answered."""
    if step.rehearsing:
        return
    consulted = step.ledger.others(consult)
    joined = _join_threads(step, parent.conversation, consult.conversation)
    to = [call.owner for call in consulted] or list(consult.participants)
    transfer = replace(handing(step, kind, parent, to[0], consult=consult.id), joined=joined)
    if reason is Reason.AGENT_LOST:
        transfer = replace(transfer, asked=Asked.LOSS)
    present = [call for call in consulted if call.state in _TALKING]
    rung = [call.leg for call in consulted if call.leg in step.ledger.segments]
    if present or not rung:
        _over(step, transfer, Result.COMPLETED, reached=present[0].owner if present else "")
    else:
        _attach(step, rung[0], transfer)


def parked(step: Step, call: Call, other: Call, slot: int) -> None:
    """It is open until somebody comes for whoever waits."""
    if not step.rehearsing:
        _attach(step, other.leg, handing(step, TransferKind.PARK, call, str(slot), [other]))


def done(step: Step, transfer: Transfer) -> None:
    """There is nobody who would have to answer."""
    if not step.rehearsing:
        _over(step, transfer, Result.COMPLETED, reached=transfer.to)


def in_vain(step: Step, came: Came, reason: Reason) -> None:
    """No telephone rings: what was to be completed by that has failed."""
    for transfer in came.handing if not step.rehearsing else ():
        _over(step, transfer, Result.FAILED, reason)


def taken(step: Step, leg_id: LegId) -> tuple[Transfer, ...]:
    """Somebody else's telephone rings instead: what it was to complete, that one may."""
    segment = step.ledger.segments.get(leg_id)
    if segment is None or step.rehearsing:
        return ()
    step.ledger.write(step.ledger.segments, leg_id, replace(segment, handing=()))
    return segment.handing


def _attach(step: Step, leg_id: LegId, transfer: Transfer) -> None:
    """A leg of a version that had no segments has none: then nobody knows what comes of it."""
    segments = step.ledger.segments
    segment = segments.get(leg_id)
    if segment is None:
        _over(step, transfer, Result.COMPLETED)
        return
    step.ledger.write(segments, leg_id, replace(segment, handing=(*segment.handing, transfer)))
    step.seen[leg_id] = None


def _over(step: Step, transfer: Transfer, result: Result, reason: Reason = Reason.NORMAL, reached: Number = "") -> None:
    step.records.append(replace(transfer, result=result, reason=reason, reached=reached, ended=step.now))


def _join_threads(step: Step, into: ConversationId, of: ConversationId) -> ThreadId:
    """Two threads become one, that of ``into``; the other one, or "" if they were one before."""
    ledger = step.ledger
    target, source = thread_of(ledger.conversations[into]), thread_of(ledger.conversations[of])
    if target == source:
        return ""
    moved = [one for one in (source, *ledger.threads.get(source, ())) if one in ledger.conversations]
    for conversation_id in moved:
        conversation = ledger.conversations[conversation_id]
        for key in (*conversation.members, *ledger.supervisors.get(conversation_id, ())):
            _rename(step, ledger.calls[key].leg, target)
        ledger.write(ledger.conversations, conversation_id, replace(conversation, thread=target))
    ledger.write(ledger.threads, source, None)
    ledger.write(ledger.threads, target, (*ledger.threads.get(target, ()), *moved))
    return source


def _rename(step: Step, leg_id: LegId, thread: ThreadId) -> None:
    """Its segment, if it has one, is of this thread now."""
    segment = step.ledger.segments.get(leg_id)
    if segment is not None:
        open_ones = tuple(replace(transfer, thread=thread) for transfer in segment.handing)
        step.ledger.write(step.ledger.segments, leg_id, replace(segment, thread=thread, handing=open_ones))


# -- what follows by itself --------------------------------------------------------------------------------------------


def keep_up(step: Step) -> None:
    """To be called at the end of each input."""
    ledger = step.ledger
    for procedure, refusal in step.failures:
        _failed(step, procedure, refusal)
    for leg_id in step.seen:
        segment, leg = ledger.segments.get(leg_id), ledger.legs.get(leg_id)
        if segment is not None and leg is not None:
            _look(step, segment, leg)
    for leg_id, (reason, by_itself) in step.over.items():
        segment = ledger.segments.get(leg_id)
        if segment is not None:
            _end(step, segment, reason, by_itself)


def _failed(step: Step, procedure: Procedure, refusal: Refusal) -> None:
    """An operation that was accepted did not come about."""
    kind, command = _KINDS.get(procedure.operation), procedure.command
    call = _known(step, procedure.call)
    segment = step.ledger.segments.get(call.leg) if call is not None else None
    if kind is None or call is None or segment is None:
        return
    consult = _consult(step, call, getattr(command, "consult", None)) if kind in _OF_TWO else None
    parent = _known(step, consult.parent_key) if consult is not None else None
    transfer = Transfer(
        segment.thread,
        kind,
        call.owner,
        (parent or call).id,
        step.now,
        step.asked,
        consult.id if consult is not None else "",
        (parent or call).participants,
        consult.participants[0] if consult is not None else getattr(command, "to", getattr(command, "mailbox", "")),
        detail=refusal.detail,
    )
    _over(step, transfer, Result.FAILED)


def _consult(step: Step, call: Call, named: CallId | None) -> Call | None:
    """That of a pair, of which ``call`` is one."""
    if call.parent is not None:
        return call
    keys = [(named, call.owner)] if named is not None else step.ledger.consults.get(call.key, ())
    return next((found for key in keys if (found := _known(step, key)) is not None), None)


def _known(step: Step, key: CallKey | None) -> Call | None:
    """A call that is there, or was until this step."""
    return (step.ledger.calls.get(key) or step.gone.get(key)) if key is not None else None


def _look(step: Step, segment: Segment, leg: Leg) -> None:
    """What its calls are now. Of a leg at which nothing has changed nothing is written."""
    ledger, phase = step.ledger, Phase.RING
    calls, views = ledger.calls, segment.views
    is_same = len(views) == len(leg.calls)
    for place, key in enumerate(leg.calls):
        call = calls[key]
        state = call.state
        if state is CallState.ESTABLISHED and call.parked is None:
            phase = Phase.TALK
        elif phase is Phase.RING and state in _TALKING:
            phase = Phase.HOLD
        if is_same:
            view = views[place]
            is_same = view.call == call.id and not view.ended and view.peers == call.participants
    changed = segment
    if not is_same and (fresh := _views(step, segment, leg)) is not views:
        changed = _within_limit(replace(changed, views=fresh))
    if phase is not segment.phase:
        changed = _turn(changed, phase, step.now)
    if ledger.taped or ledger.messages:
        changed = _note_recordings(step, changed, leg)
    if changed.handing:
        changed = _look_at_handing(step, changed, leg)
    if changed is not segment:
        ledger.write(ledger.segments, leg.id, changed)


def _turn(segment: Segment, phase: Phase, now: float) -> Segment:
    """From now on its seconds are counted as something else."""
    answered, spent = segment.answered or (now if phase is not Phase.RING else 0.0), now - segment.since
    match segment.phase:
        case Phase.RING:
            return replace(segment, phase=phase, since=now, answered=answered, ring_s=segment.ring_s + spent)
        case Phase.TALK:
            return replace(segment, phase=phase, since=now, answered=answered, talk_s=segment.talk_s + spent)
        case Phase.HOLD:
            return replace(segment, phase=phase, since=now, answered=answered, hold_s=segment.hold_s + spent)
        case _:
            assert_never(segment.phase)


def _views(step: Step, segment: Segment, leg: Leg) -> tuple[View, ...]:
    """The same tuple if nothing is new."""
    calls, views = step.ledger.calls, segment.views
    keys = dict(leg.calls)  # owners, by the ids of calls
    found, is_new = [], False
    for view in views:
        call = calls.get((view.call, segment.number)) if view.call in keys else None
        fresh = view if view.ended else _seen(step, segment, view, call)
        is_new = is_new or fresh is not view
        found.append(fresh)
        keys.pop(view.call, None)
    for call_id, owner in keys.items():
        found.append(_view(calls[call_id, owner]))
        is_new = True
    return tuple(found) if is_new else views


def _view(call: Call) -> View:
    return View(call.id, call.conversation, call.type, call.began, call.parent or "", call.participants)


def _within_limit(segment: Segment) -> Segment:
    over = len(segment.views) - VIEWS_MAX
    past = [view for view in segment.views if view.ended][: max(0, over)]
    if not past:
        return segment
    views = tuple(view for view in segment.views if view not in past)
    return replace(segment, views=views, left_out=segment.left_out + len(past))


def _seen(step: Step, segment: Segment, view: View, call: Call | None) -> View:
    if call is None:
        return _over_now(step, segment, view)
    new = [number for number in call.participants if number not in view.peers]
    return replace(view, peers=(*view.peers, *new)) if new else view


def _over_now(step: Step, segment: Segment, view: View) -> View:
    last = step.gone.get((view.call, segment.number))
    return replace(view, ended=step.now, reason=last.reason if last is not None else Reason.NORMAL)


def _note_recordings(step: Step, segment: Segment, leg: Leg) -> Segment:
    """Those that are being made while it is there; of one that has not begun nobody knows whether it will."""
    ledger, found = step.ledger, list(segment.recordings)
    for key in leg.calls:
        conversation = ledger.calls[key].conversation
        for table in (ledger.taped, ledger.messages):
            recording = table.get(conversation)
            if recording is not None and recording not in found and ledger.tapes[recording].until:
                found.append(recording)
    return replace(segment, recordings=tuple(found)) if len(found) > len(segment.recordings) else segment


def _look_at_handing(step: Step, segment: Segment, leg: Leg) -> Segment:
    """Whoever was called has answered; somebody has come for whoever was parked, or its time is up."""
    open_ones: list[Transfer] = []
    for transfer in segment.handing:
        if transfer.kind is TransferKind.PARK:
            if any(step.ledger.calls[key].parked is not None for key in leg.calls):
                open_ones.append(transfer)
            else:
                _taken_out(step, transfer, leg)
        elif segment.phase is Phase.RING:
            open_ones.append(transfer)
        else:
            _over(step, transfer, Result.COMPLETED, reached=segment.number)
    return segment if len(open_ones) == len(segment.handing) else replace(segment, handing=tuple(open_ones))


def _taken_out(step: Step, transfer: Transfer, leg: Leg) -> None:
    ledger = step.ledger
    company = [other for key in leg.calls for other in ledger.others(ledger.calls[key]) if other.state in _TALKING]
    if company:
        _over(step, transfer, Result.COMPLETED, reached=company[0].owner)
    else:
        _over(step, transfer, Result.FAILED, Reason.NO_ANSWER)


def _end(step: Step, segment: Segment, reason: Reason, by_itself: bool) -> None:
    """The leg is gone: its segment is complete."""
    ledger, now = step.ledger, step.now
    result = Result.FAILED if by_itself or reason is not Reason.NORMAL else Result.ABANDONED
    for transfer in segment.handing:
        _over(step, transfer, Result.ABANDONED if transfer.kind is TransferKind.PARK else result, reason)
    counted = _turn(segment, segment.phase, now)
    views = tuple([view if view.ended else _over_now(step, segment, view) for view in segment.views])
    step.records.append(replace(counted, views=views, handing=(), ended=now, reason=reason, by_itself=by_itself))
    ledger.write(ledger.segments, segment.leg, None)
