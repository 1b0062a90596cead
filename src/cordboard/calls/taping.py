"""Recordings: begun, paused and ended at the switch; who is told; and that none outlives its conversation.

House rules: a conversation has one recording at a time, and clients are told what the switch has done, not what it was
asked to do (docs/decisions/0009). A recording goes on while anybody takes part who may record, whoever began it; when
nobody is left who could see or stop it, it ends. What the switch did not do is ordered again until it is so: an
ended recording is stopped, another is as its state says. Deliberately absent: what may be asked (``permits``), where
recordings are kept (``server``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from cordboard.calls import timers
from cordboard.calls.events import CallFailed, Change
from cordboard.calls.model import (
    Call,
    CallId,
    CallState,
    ConversationId,
    Number,
    Operation,
    OrderId,
    Recording,
    RecordingId,
    Refusal,
    RefusalKind,
)
from cordboard.calls.orders import PauseRecording, ResumeRecording, StartRecording, StopRecording
from cordboard.calls.procedures import Messaging, Taping
from cordboard.calls.recordings import message_name
from cordboard.calls.records import Conversation, Tape
from cordboard.calls.reports import RecordingSeen
from cordboard.calls.step import Step, replace

_BECOMES = {
    Operation.START_RECORDING: Recording.RECORDING,
    Operation.PAUSE_RECORDING: Recording.PAUSED,
    Operation.RESUME_RECORDING: Recording.RECORDING,
    Operation.STOP_RECORDING: Recording.STOPPED,
}
_ORDERS: dict[Operation, type[PauseRecording | ResumeRecording | StopRecording]] = {
    Operation.PAUSE_RECORDING: PauseRecording,
    Operation.RESUME_RECORDING: ResumeRecording,
    Operation.STOP_RECORDING: StopRecording,
}


def seen_by(step: Step, conversation: Conversation, owner: Number) -> Recording | None:
    """What a party sees of the recording; None if it may not record."""
    if not step.may_record(owner):
        return None
    recording = step.ledger.taped.get(conversation.id)
    return step.ledger.tapes[recording].state if recording is not None else Recording.STOPPED


# -- what clients ask for ----------------------------------------------------------------------------------------------


def start(step: Step, call: Call) -> None:
    """Its name counts on from the conversation's last: one that failed may be known to the switch all the same."""
    conversation = step.ledger.conversations[call.conversation]
    conversation = replace(conversation, takes=conversation.takes + 1)
    recording = f"{conversation.id}-{conversation.takes}"
    step.put_conversation(conversation)
    waiting = Taping(recording, call.key, Operation.START_RECORDING)
    tape = Tape(recording, conversation.id, call=call.id, starter=call.owner, began=step.now, parties=(call.owner,))
    _put(step, tape)
    order_again(step, waiting)
    step.ledger.write(step.ledger.taped, conversation.id, recording)


def change(step: Step, call: Call, operation: Operation) -> None:
    """Pause, go on, or stop."""
    order_again(step, Taping(step.ledger.taped[call.conversation], call.key, operation))


def order_again(step: Step, waiting: Taping) -> None:
    """What a client wants is ordered, for the first time or once more."""
    tape, operation = step.ledger.tapes[waiting.recording], waiting.operation
    assert operation is not None
    assert waiting.call is not None
    if operation is Operation.START_RECORDING:
        order = step.order(StartRecording, waiting, tape.id, tape.conversation, *waiting.call)
    else:
        order = step.order(_ORDERS[operation], waiting, tape.id)
    _put(step, replace(tape, order=order))


def is_done(operation: Operation, seen: RecordingSeen | None) -> bool:
    """Whether the switch has done it, going by what it says of the recording."""
    if operation is Operation.STOP_RECORDING:
        return seen is None
    return seen is not None and seen.paused is (operation is Operation.PAUSE_RECORDING)


# -- what the switch says ----------------------------------------------------------------------------------------------


def done(step: Step, order: OrderId, waiting: Taping) -> None:
    step.wait(order, None)
    tape = step.ledger.tapes.get(waiting.recording)
    if tape is None:
        if waiting.operation is Operation.START_RECORDING:
            _end(step, Tape(waiting.recording, ""))
    elif waiting.operation is None:
        if tape.ending:
            _forget(step, tape)
        else:
            _put(step, replace(tape, tries=0))
    elif tape.order == order and not tape.ending:
        tape = replace(tape, state=_BECOMES[waiting.operation], order=0)
        _put(step, tape)
        if waiting.operation is Operation.START_RECORDING:
            _begun(step, tape)
        elif waiting.operation is Operation.STOP_RECORDING:
            _forget(step, tape)
        _show(step, tape.conversation)


def _begun(step: Step, tape: Tape) -> None:
    conversation = step.ledger.conversations[tape.conversation]
    step.put_conversation(replace(conversation, recorded_as=tape.id))
    until = step.now + step.rules.recording_max_s
    _put(step, replace(tape, until=until))
    step.timers.append((until, timers.TAPE_FULL, tape.id))


def failed(step: Step, order: OrderId, waiting: Taping, detail: str) -> None:
    """The switch did not do it, or did not say so in time: then it may do it yet, and is told what is wanted."""
    step.wait(order, None)
    tape = step.ledger.tapes.get(waiting.recording)
    if waiting.operation is None or waiting.call is None:
        if tape is not None:
            _later(step, tape)
        return
    call_id, owner = waiting.call
    if waiting.call in step.ledger.calls:
        refusal = Refusal(RefusalKind.SWITCH_UNAVAILABLE, f"the switch could not do it: {detail}")
        step.events.append(CallFailed(owner, call_id, waiting.operation, refusal))
    if tape is None or tape.ending:
        return
    if waiting.operation is Operation.START_RECORDING:
        _end(step, tape)
    else:
        tape = replace(tape, order=0)
        _put(step, tape)
        _insist(step, tape)
    _tell(step, tape.conversation)


def ended(step: Step, recording: RecordingId) -> None:
    """It is complete; if nobody asked for that the switch could not go on."""
    tape = step.ledger.tapes.get(recording)
    if tape is not None:
        _forget(step, tape)
        if not tape.ending:
            _show(step, tape.conversation)


def begin_message(step: Step, call: Call, mailbox: Number) -> RecordingId:
    """What ``call``'s owner says from now on is for a mailbox. Nobody who talks is shown anything of it."""
    conversation = step.ledger.conversations[call.conversation]
    conversation = replace(conversation, takes=conversation.takes + 1)
    recording = message_name(conversation.id, conversation.takes)
    step.put_conversation(conversation)
    order_message(step, conversation.id, recording, call.id, mailbox)
    until = step.now + step.rules.voicemail_max_s
    tape = Tape(recording, conversation.id, call=call.id, starter=mailbox, began=step.now, parties=(mailbox,))
    _put(step, replace(tape, state=Recording.RECORDING, until=until))
    step.timers.append((until, timers.MESSAGE, recording))
    return recording


def order_message(
    step: Step, conversation_id: ConversationId, recording: RecordingId, call_id: CallId, mailbox: Number
) -> None:
    step.order(StartRecording, Messaging(recording), recording, conversation_id, call_id, mailbox)


def end_message(step: Step, recording: RecordingId) -> None:
    tape = step.ledger.tapes.get(recording)
    if tape is not None:
        _end(step, tape)


def compare(step: Step, snapshot: Iterable[RecordingSeen], ordered: Container[RecordingId] = ()) -> None:
    """The link is there again, and the switch is the truth (I9); but for what has been ``ordered`` just now."""
    seen = {one.recording: one for one in snapshot}
    for tape in list(step.ledger.tapes.values()):
        one = seen.pop(tape.id, None)
        if tape.id in ordered:
            continue
        if one is None:
            ended(step, tape.id)
        elif tape.ending:
            _insist(step, tape)
        else:
            _put(step, replace(tape, state=Recording.PAUSED if one.paused else Recording.RECORDING))
            _show(step, tape.conversation)
    for stray in seen:
        _end(step, Tape(stray, ""))


# -- how recordings end by themselves ----------------------------------------------------------------------------------


def reconcile(step: Step) -> None:
    """End the recordings of the touched conversations that are over, or that nobody is left in who may record; note who
    is in the others."""
    ledger = step.ledger
    for conversation_id in step.touched:
        recording = ledger.taped.get(conversation_id)
        if recording is not None:
            conversation = ledger.conversations.get(conversation_id)
            members = conversation.members if conversation is not None else ()
            if not any(step.may_record(owner) for _, owner in members):
                _end(step, ledger.tapes[recording])
                recording = None
        recording = recording or ledger.messages.get(conversation_id)
        if recording is not None:
            _note_parties(step, ledger.tapes[recording])


def _note_parties(step: Step, tape: Tape) -> None:
    """Whoever has joined is written down, so that it is known after a restart, even of those who have left by then."""
    ledger, mix = step.ledger, tape.conversation
    keys = (*ledger.conversations[mix].members, *ledger.supervisors.get(mix, ()))
    legs = (ledger.legs[ledger.calls[key].leg] for key in keys)
    present = (leg.number for leg in legs if leg.place == mix and not leg.pending)
    parties = tuple(dict.fromkeys((*tape.parties, *present)))
    if len(parties) > len(tape.parties):
        _put(step, replace(tape, parties=parties))


def full(step: Step, recording: RecordingId) -> None:
    """It is as long as a recording may be."""
    tape = step.ledger.tapes.get(recording)
    if tape is not None and not tape.ending:
        _end(step, tape)
        _show(step, tape.conversation)


def again(step: Step, recording: RecordingId) -> None:
    """The pause after an order that failed is over."""
    tape = step.ledger.tapes.get(recording)
    if tape is not None:
        _insist(step, tape)


def _end(step: Step, tape: Tape) -> None:
    if step.ledger.taped.get(tape.conversation) == tape.id:
        step.ledger.write(step.ledger.taped, tape.conversation, None)
    tape = replace(tape, ending=True, order=0, tries=0)
    _put(step, tape)
    _insist(step, tape)


def _insist(step: Step, tape: Tape) -> None:
    """Order what should be, unless a client's order does that or nothing can be ordered: then the snapshot will."""
    if not step.ledger.switch or tape.order:
        return
    if tape.ending:
        operation = Operation.STOP_RECORDING
    elif tape.state is Recording.PAUSED:
        operation = Operation.PAUSE_RECORDING
    else:
        operation = Operation.RESUME_RECORDING
    step.order(_ORDERS[operation], Taping(tape.id), tape.id)


def _later(step: Step, tape: Tape) -> None:
    tape = replace(tape, tries=tape.tries + 1)
    _put(step, tape)
    pause_s = min(step.rules.drop_pause_s * tape.tries, step.rules.drop_pause_max_s)
    step.timers.append((step.now + pause_s, timers.TAPE, tape.id))


def _put(step: Step, tape: Tape) -> None:
    step.ledger.write(step.ledger.tapes, tape.id, tape)


def _forget(step: Step, tape: Tape) -> None:
    ledger = step.ledger
    ledger.write(ledger.tapes, tape.id, None)
    if ledger.taped.get(tape.conversation) == tape.id:
        ledger.write(ledger.taped, tape.conversation, None)


# -- who is told -------------------------------------------------------------------------------------------------------


def _show(step: Step, conversation_id: ConversationId) -> None:
    """Every party that may record is told how it stands now."""
    conversation = step.ledger.conversations.get(conversation_id)
    if conversation is None:
        return  # it ended earlier in this step, and the recording does at the end of it
    for call in step.ledger.members(conversation_id):
        state = seen_by(step, conversation, call.owner)
        recorded_as = conversation.recorded_as if state is not None else ""
        step.put(replace(call, recording=state, recorded_as=recorded_as))


def _tell(step: Step, conversation_id: ConversationId) -> None:
    """Tell them though nothing has changed: while the order was under way less was permitted (I5, I7)."""
    for call in step.ledger.members(conversation_id):
        if call.recording is not None and call.state is not CallState.OFFERED:
            step.tell(call, Change.RECORDING)
