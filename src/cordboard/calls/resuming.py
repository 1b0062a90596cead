"""After a restart: what was under way is done again, unless the switch has done it or can't any more.

An operation that was accepted is in the ledger, and so is what it waits for; whether its orders left before the process
died nobody knows. The switch's snapshot says what has come of them: what is so is done, what is not is ordered again
(call-semantics, "the control server or the link fails"). Orders for legs need nothing here: ``placing`` orders what is
missing, as ever. Deliberately absent: digits, which would be heard twice; whoever sent them is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from cordboard.calls import taping
from cordboard.calls.events import CallFailed
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Operation, OrderId, RecordingId, Refusal, RefusalKind
from cordboard.calls.procedures import (
    Dialing,
    Dropping,
    Messaging,
    Muting,
    Placing,
    Procedure,
    Signalling,
    Taping,
)
from cordboard.calls.records import Remembered
from cordboard.calls.reports import RecordingSeen, SwitchSnapshot
from cordboard.calls.seating import order_dial
from cordboard.calls.step import Step

_UNSURE = Refusal(RefusalKind.SWITCH_UNAVAILABLE, "the server was started anew: it may not have been done")


def remembered(ledger: Ledger) -> Remembered:
    """For the driver, before it looks what there is."""
    dialing = frozenset(waiting.leg for waiting in ledger.waiting.values() if isinstance(waiting, Dialing))
    return Remembered(tuple(ledger.tapes.values()), tuple(ledger.legs.values()), dialing, frozenset(ledger.waiting))


def recordings(step: Step, snapshot: Iterable[RecordingSeen]) -> frozenset[RecordingId]:
    """Orders for recordings that nobody has answered: done, or ordered again. Those that the snapshot can't know."""
    seen = {one.recording: one for one in snapshot}
    again: set[RecordingId] = set()
    for order, waiting in list(step.ledger.waiting.items()):
        if isinstance(waiting, Taping):
            ordered = _taping(step, order, waiting, seen.get(waiting.recording))
        elif isinstance(waiting, Messaging):
            ordered = _message(step, order, waiting, seen.get(waiting.recording))
        else:
            continue
        again.update([waiting.recording] if ordered else ())
    return frozenset(again)


def _taping(step: Step, order: OrderId, waiting: Taping, seen: RecordingSeen | None) -> bool:
    """Whether it is ordered again."""
    tape = step.ledger.tapes.get(waiting.recording)
    if waiting.operation is None or tape is None or tape.order != order:
        step.wait(order, None)  # nobody asked for it: what is so and what should be are compared
    elif taping.is_done(waiting.operation, seen):
        taping.done(step, order, waiting)
    elif seen is None and waiting.operation is not Operation.START_RECORDING:
        taping.failed(step, order, waiting, "the recording has ended")
    else:
        step.wait(order, None)
        taping.order_again(step, waiting)
        return True
    return False


def _message(step: Step, order: OrderId, waiting: Messaging, seen: RecordingSeen | None) -> bool:
    """Whether it is ordered again."""
    step.wait(order, None)
    conversation_id = waiting.recording.rpartition("-")[0]
    speakers = [call for call in step.ledger.members(conversation_id) if call.mailbox]  # who may have left meanwhile
    if seen is not None or not speakers:
        return False
    taping.order_message(step, conversation_id, waiting.recording, speakers[0].id, speakers[0].mailbox)
    return True


def others(step: Step, snapshot: SwitchSnapshot, unanswered: Iterable[OrderId]) -> Iterator[Procedure]:
    """What else nobody has answered; yields the operations that have to be done again, one after the other: those that
    are to follow are still under way meanwhile."""
    seen = {leg.leg for leg in snapshot.legs}
    for order in unanswered:
        waiting = step.ledger.waiting.get(order)
        match waiting:
            case Procedure():
                step.end(order, waiting)
                yield waiting
            case Dialing(leg_id):
                step.wait(order, None)
                leg = step.ledger.legs.get(leg_id)
                if leg is not None and leg_id not in seen:
                    order_dial(step, leg, waiting)
            case Signalling(owner, call_id):
                step.wait(order, None)
                if (call_id, owner) in step.ledger.calls:
                    step.events.append(CallFailed(owner, call_id, Operation.SEND_DTMF, _UNSURE))
            case Placing() | Dropping() | Muting():
                step.wait(order, None)
            case Taping() | Messaging() | None:
                pass
            case _:
                assert_never(waiting)
