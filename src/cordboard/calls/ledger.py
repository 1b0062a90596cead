"""The ledger: the only thing in this room that changes. Tables by id, an undo list, and timers.

Deliberately absent: any rule. Whoever writes here does so through ``step.Step``; a step that breaks off is undone.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from typing import Any, TypeAlias

from cordboard.calls import timers
from cordboard.calls.model import Call, CallId, CallKey, CallState, ConversationId, LegId, Number, OrderId, RecordingId
from cordboard.calls.procedures import Dropping, Placing, Procedure, Taping, Waiting
from cordboard.calls.records import Conversation, Leg, Monitor, Tape
from cordboard.calls.segments import Segment, ThreadId

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ID_DIGITS = 6
"""Of a call id's 32 characters the last six count calls in base 36, as the originals' ids seem to (gws-v2 §1.1)."""

Written: TypeAlias = "tuple[dict[Any, Any], Any, Any]"
"""A table, a key, and the value before (None if there was none)."""

Numbers: TypeAlias = "tuple[str, str, int, int, int]"
"""What ids are made of: their prefixes, and how many calls, legs and orders there were."""

Mark: TypeAlias = "tuple[int, int, int, int]"
"""A point in a step to go back to."""


class Ledger:
    """Calls, conversations, legs and what is under way. Every table is a dict; nothing here is scanned per input."""

    def __init__(self, id_prefix: str, conn_prefix: str) -> None:
        self.calls: dict[CallKey, Call] = {}
        self.conversations: dict[ConversationId, Conversation] = {}
        self.legs: dict[LegId, Leg] = {}
        self.owners: dict[Number, tuple[CallKey, ...]] = {}
        self.consults: dict[CallKey, tuple[CallKey, ...]] = {}
        self.busy: dict[CallKey, OrderId] = {}
        self.shown_busy: dict[CallKey, bool] = {}
        self.waiting: dict[OrderId, Waiting] = {}
        self.dropping: dict[LegId, Dropping] = {}
        self.tapes: dict[RecordingId, Tape] = {}
        self.taped: dict[ConversationId, RecordingId] = {}
        """The recording that is being made of a conversation."""
        self.monitors: dict[Number, Monitor] = {}
        """By the number that is monitored."""
        self.monitored_by: dict[Number, Number] = {}
        """The number that a supervisor monitors."""
        self.supervisors: dict[ConversationId, tuple[CallKey, ...]] = {}
        """Calls of supervisors beside a conversation, whose members they are not."""
        self.slots: dict[tuple[str, int], CallKey] = {}
        """Who is parked, by lot and slot."""
        self.messages: dict[ConversationId, RecordingId] = {}
        """The recording of the message that is being left in a conversation."""
        self.rooms: dict[str, ConversationId] = {}
        """The conversation in each room that somebody is in or called into."""
        self.segments: dict[LegId, Segment] = {}
        """What is to be told in the end of each leg that the switch was told of, or told of."""
        self.threads: dict[ThreadId, tuple[ConversationId, ...]] = {}
        """The conversations that belong to a thread, but for the one whose id it bears."""
        self.switch: dict[str, bool] = {}
        """``{"up": True}`` while the link to the switch is there, else empty."""
        self.links = 0
        """How often that has changed in this process."""
        self.overdue = 0
        """So many orders the switch did not answer in time; for whoever counts, no rule asks."""
        self._id_prefix = id_prefix
        self._conn_prefix = conn_prefix
        self._calls_born = 0
        self._legs_born = 0
        self._orders_given = 0
        self._order_timers: deque[tuple[float, OrderId]] = deque()
        self._timers: list[tuple[float, int, str, Any]] = []
        self._timers_set = 0
        self._undo: list[Written] = []
        self._changes: list[Written] = []
        self._numbers_taken: Numbers | None = None
        self._not_before = -math.inf
        """After a restart nothing is due until the switch has said what there is, or has had time for that."""

    # -- writing, undoing ------------------------------------------------------------------------------------------

    def write(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        """Set one row, or remove it with None. Undone by ``roll_back`` until ``commit``."""
        before = table.get(key)
        self._undo.append((table, key, before))
        if value is not None:
            table[key] = value
        elif before is not None:
            del table[key]

    def commit(self) -> None:
        self._changes, self._undo = self._undo, []

    def take_changes(self) -> list[Written]:
        """What was written between the last two commits, in order; but once."""
        changes, self._changes = self._changes, []
        return changes

    def mark(self) -> Mark:
        return len(self._undo), self._calls_born, self._legs_born, self._orders_given

    def undo(self) -> None:
        """Everything since the last commit never happened. Numbers given out stay used."""
        self.roll_back((0, self._calls_born, self._legs_born, self._orders_given))

    def roll_back(self, to: Mark) -> None:
        """Everything since that mark never happened; numbers given out since then are given again."""
        undo = self._undo
        length, self._calls_born, self._legs_born, self._orders_given = to
        while len(undo) > length:
            table, key, value = undo.pop()
            if value is None:
                table.pop(key, None)
            else:
                table[key] = value

    # -- numbers ---------------------------------------------------------------------------------------------------

    def next_call_id(self) -> tuple[CallId, str]:
        """A fresh call id and its connection id: 32 upper-case alphanumerics and 16 lower-case hex digits."""
        self._calls_born += 1
        count, text = self._calls_born, ""
        for _ in range(ID_DIGITS):
            count, digit = divmod(count, 36)
            text = _DIGITS[digit] + text
        return self._id_prefix + text, f"{self._conn_prefix}{self._calls_born & 0xFFFFFFFF:08x}"

    def next_leg_id(self) -> LegId:
        """A fresh leg id. It begins with this board's own prefix, so that a switch can tell whose leg it is."""
        self._legs_born += 1
        return f"{self._conn_prefix}-{self._legs_born}"

    def next_order(self) -> OrderId:
        self._orders_given += 1
        return self._orders_given

    @property
    def numbers(self) -> Numbers:
        """What the next ids are made of."""
        return self._id_prefix, self._conn_prefix, self._calls_born, self._legs_born, self._orders_given

    def take_numbers(self) -> Numbers | None:
        """The same; None if that is as it was when they were taken last."""
        numbers = self.numbers
        if numbers == self._numbers_taken:
            return None
        self._numbers_taken = numbers
        return numbers

    def set_numbers(self, numbers: Numbers) -> None:
        """Go on counting where another ledger has stopped."""
        self._id_prefix, self._conn_prefix, self._calls_born, self._legs_born, self._orders_given = numbers
        self._numbers_taken = numbers

    # -- timers ----------------------------------------------------------------------------------------------------

    def set_order_timer(self, when: float, order: OrderId) -> None:
        """Orders all have the same time, so theirs are due in the order in which they were set."""
        self._order_timers.append((when, order))

    def set_timer(self, when: float, kind: str, key: Any) -> None:
        """Timers are not cancelled: whoever is woken looks whether the row still waits for it."""
        self._timers_set += 1
        heapq.heappush(self._timers, (when, self._timers_set, kind, key))

    def wait_until(self, when: float) -> None:
        """Nothing is due before."""
        self._not_before = when

    def due(self, now: float) -> tuple[float, str, Any] | None:
        """Take the earliest timer that is due, as (when, kind, key)."""
        earliest = self._earliest()
        if earliest is None or max(earliest, self._not_before) > now:
            return None
        if self._order_timers and self._order_timers[0][0] == earliest:
            when, order = self._order_timers.popleft()
            return when, timers.ORDER, order
        when, _, kind, key = heapq.heappop(self._timers)
        return when, kind, key

    def next_timer(self) -> float | None:
        """When the first timer is due."""
        earliest = self._earliest()
        return None if earliest is None else max(earliest, self._not_before)

    def _earliest(self) -> float | None:
        """For when the first timer was set. Those of orders that are answered are forgotten here."""
        order_timers, waiting = self._order_timers, self.waiting
        while order_timers and order_timers[0][1] not in waiting:
            order_timers.popleft()
        earliest = self._timers[0][0] if self._timers else None
        if order_timers and (earliest is None or order_timers[0][0] <= earliest):
            return order_timers[0][0]
        return earliest

    def is_routine(self, order: OrderId) -> bool:
        """Strike off an order that is done, if nothing follows from that; or leave it to a step."""
        waiting = self.waiting.get(order)
        if isinstance(waiting, Procedure | Taping):
            return False
        if isinstance(waiting, Placing):
            legs = self.legs
            if any(leg_id in legs and legs[leg_id].failures for leg_id in waiting.legs):
                return False
        if waiting is not None:
            del self.waiting[order]
            self._changes = [(self.waiting, order, waiting)]
        return True

    # -- reading ---------------------------------------------------------------------------------------------------

    def visible(self, call_id: CallId, owner: Number) -> Call | None:
        """The call that its owner has been told of and that is not over."""
        call = self.calls.get((call_id, owner))
        return None if call is None or call.state is CallState.OFFERED else call

    def calls_of(self, owner: Number) -> list[Call]:
        """Visible calls of a number, oldest first."""
        calls = self.calls
        rows = (calls[key] for key in self.owners.get(owner, ()))
        return [call for call in rows if call.state is not CallState.OFFERED]

    def members(self, conversation: ConversationId) -> list[Call]:
        """All calls of a conversation, in the order in which they joined."""
        row = self.conversations.get(conversation)
        return [self.calls[key] for key in row.members] if row is not None else []

    def monitor_of(self, supervisor: Number) -> Monitor | None:
        """What a supervisor monitors."""
        target = self.monitored_by.get(supervisor)
        return None if target is None else self.monitors[target]

    def others(self, call: Call) -> list[Call]:
        """The other calls of the conversation, in the order in which they joined."""
        own, calls = call.owner, self.calls
        row = self.conversations.get(call.conversation)
        return [calls[key] for key in row.members if key[1] != own] if row is not None else []
