"""The invariants of call detail records (call-semantics I10) as checks on a scene. Part of the law."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cordboard.calls.accounting import thread_of
from cordboard.calls.commands import (
    CompleteConference,
    CompleteTransfer,
    Park,
    SingleStepConference,
    SingleStepTransfer,
    TransferToVoicemail,
)
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import CallState, ConversationId, LegId
from cordboard.calls.orders import DialLeg
from cordboard.calls.segments import AnyRecord, Asked, Phase, Segment, ThreadId, Transfer

HANDS_ON = (
    CompleteTransfer,
    CompleteConference,
    SingleStepTransfer,
    SingleStepConference,
    Park,
    TransferToVoicemail,
)
_EXACT = 1e-6


class Accounts:
    """Remembers what has been recorded, to see that nothing is told twice or left out."""

    def __init__(self, scene: Any) -> None:
        self.scene = scene
        self.segments: dict[LegId, Segment] = {}
        self.legs: set[LegId] = set()
        self._joined: dict[ThreadId, ThreadId] = {}
        self._records_seen = self._orders_seen = 0
        self._before = 0

    def memory(self) -> int:
        """How many of those that were accepted have not come to an end, to be given back to ``remember``."""
        return self._before + self._accepted() - len(self._told())

    def remember(self, memory: int) -> None:
        """All is as it was then; of what had ended nothing is known."""
        self._before = memory
        self.scene.accepted.clear()
        self.scene.records.clear()
        self.segments.clear()
        self.legs.clear()
        self._records_seen, self._orders_seen = 0, len(self.scene.orders)

    def _told(self) -> list[Transfer]:
        """Those that are over, and that somebody has asked for with a command."""
        return [one for one in self.scene.records if isinstance(one, Transfer) and one.asked is Asked.COMMAND]

    def _accepted(self) -> int:
        return sum(isinstance(command, HANDS_ON) for command in self.scene.accepted)

    def check_always(self) -> None:
        ledger = self.scene.board.ledger
        self.legs |= {order.leg for order in self.scene.orders[self._orders_seen :] if isinstance(order, DialLeg)}
        self.legs |= {leg.id for leg in ledger.legs.values() if leg.dialled}
        self._orders_seen = len(self.scene.orders)
        for record in self.scene.records[self._records_seen :]:
            self._note(record)
        self._records_seen = len(self.scene.records)
        _check_open(ledger)
        missing = self.legs - set(self.segments) - set(ledger.segments)
        assert not missing, f"of these legs nothing is told: {missing}"

    def _note(self, record: AnyRecord) -> None:
        if isinstance(record, Transfer):
            assert record.result is not None, record
            assert record.joined != record.thread, record
            if record.joined:
                self._joined[record.joined] = record.thread
            return
        assert record.leg not in self.segments, f"{record.leg} is told of twice"
        assert record.leg not in self.scene.board.ledger.segments, record
        lasted = record.ended - record.began
        assert abs(lasted - record.ring_s - record.talk_s - record.hold_s) < _EXACT, record
        assert all(view.ended for view in record.views), record
        assert not record.handing, record
        assert record.answered or not record.talk_s + record.hold_s, record
        self.segments[record.leg] = record

    def check_at_rest(self) -> None:
        """Whatever was accepted has come to something, or is still open; and nothing has twice."""
        accepted = self._before + self._accepted()
        told = [*self._told(), *(one for one in self._open() if one.asked is Asked.COMMAND)]
        assert len(told) == accepted, f"{accepted} were accepted, of which is told: {told}"
        self._check_threads()

    def _open(self) -> Iterator[Transfer]:
        for segment in self.scene.board.ledger.segments.values():
            yield from segment.handing

    def _check_threads(self) -> None:
        """All who were in a conversation share an id, whatever became of them."""
        threads: dict[ConversationId, ThreadId] = {}
        for segment in (*self.segments.values(), *self.scene.board.ledger.segments.values()):
            thread = self._found(segment.thread)
            for view in segment.views:
                assert threads.setdefault(view.conversation, thread) == thread, segment

    def _found(self, thread: ThreadId) -> ThreadId:
        while thread in self._joined:
            thread = self._joined[thread]
        return thread


def _check_open(ledger: Ledger) -> None:
    """One segment for each leg at the switch; it tells of the calls that the leg has, and nothing else."""
    assert set(ledger.segments) == {leg.id for leg in ledger.legs.values() if leg.dialled}
    for leg_id, segment in ledger.segments.items():
        leg = ledger.legs[leg_id]
        calls = [ledger.calls[key] for key in leg.calls]
        assert {view.call for view in segment.views if not view.ended} == {call.id for call in calls}, segment
        threads = {thread_of(ledger.conversations[call.conversation]) for call in calls}
        assert threads == {segment.thread}, segment
        talks = any(call.state is CallState.ESTABLISHED and call.parked is None for call in calls)
        waits = any(call.state is CallState.HELD or call.parked is not None for call in calls)
        assert segment.phase is (Phase.TALK if talks else Phase.HOLD if waits else Phase.RING), segment
        assert all(transfer.thread == segment.thread for transfer in segment.handing), segment
    by_thread: dict[ThreadId, set[ConversationId]] = {}
    for conversation in ledger.conversations.values():
        if conversation.thread:
            by_thread.setdefault(conversation.thread, set()).add(conversation.id)
    assert by_thread == {thread: set(found) for thread, found in ledger.threads.items()}
