"""The step: one input being worked on. Operations read and write the ledger through it, and nothing else does.

It derives the events from what changes (so that no operation can forget to notify), collects the orders, and is
committed or undone as a whole by ``board``. See docs/decisions/0004.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, Change
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallKey,
    CallState,
    ConversationId,
    LegId,
    OrderId,
    Permits,
    Refusal,
    Routes,
)
from cordboard.calls.orders import AnyOrder, Order
from cordboard.calls.permits import Permissions
from cordboard.calls.procedures import Placing, Procedure, Waiting
from cordboard.calls.records import NOWHERE, Conversation, Leg, Rules

replace = msgspec.structs.replace
_Order = TypeVar("_Order", bound=Order)


class Step:
    """What one input leads to, while it is being found out."""

    __slots__ = ("_watched", "events", "ledger", "now", "orders", "permissions", "routes", "rules", "touched")

    def __init__(self, ledger: Ledger, permissions: Permissions, rules: Rules, routes: Routes, now: float) -> None:
        self.ledger = ledger
        self.permissions = permissions
        self.rules = rules
        self.routes = routes
        self.now = now
        self.events: list[AnyEvent] = []
        self.orders: list[AnyOrder] = []
        self.touched: dict[ConversationId, None] = {}
        self._watched: dict[CallKey, Permits] = {}

    # -- calls -----------------------------------------------------------------------------------------------------

    def put(self, call: Call) -> None:
        """Enter or replace a call; its owner is told if something visible changed."""
        ledger, key = self.ledger, (call.id, call.owner)
        before = ledger.calls.get(key)
        if before is None:
            self._index(call, key)
        ledger.write(ledger.calls, key, call)
        self.touched[call.conversation] = None
        change = _change(before, call)
        if change is not None:
            self.tell(call, change)

    def remove(self, call: Call) -> None:
        """A call is over: ``call`` is its last value. Its owner is told unless the call was never announced."""
        ledger, key = self.ledger, call.key
        announced = ledger.calls[key].state is not CallState.OFFERED
        ledger.write(ledger.calls, key, None)
        self._unindex(call, key)
        self.touched[call.conversation] = None
        self._watched.pop(key, None)
        if announced:
            self.events.append(CallChanged(Change.STATUS, call, self.permissions.of(call)))
        procedure = ledger.busy.get(key)
        if procedure is not None:
            self.abandon(procedure, key)

    def tell(self, call: Call, change: Change) -> None:
        self._watched.pop(call.key, None)
        self.events.append(CallChanged(change, call, self.permissions.of(call)))

    def watch(self, key: CallKey) -> None:
        """A call linked to this one is about to end: if that changes what is permitted, its owner is told at the end
        of the step (gws-v2 §6.4), unless something else is told of it until then."""
        call = self.ledger.calls.get(key)
        if call is not None and key not in self._watched:
            self._watched[key] = self.permissions.of(call)

    def tell_watched(self) -> None:
        for key, before in list(self._watched.items()):
            call = self.ledger.calls.get(key)
            if call is not None and call.state is not CallState.OFFERED and self.permissions.of(call) != before:
                self.tell(call, Change.STATUS)

    def _index(self, call: Call, key: CallKey) -> None:
        ledger = self.ledger
        ledger.write(ledger.owners, call.owner, (*ledger.owners.get(call.owner, ()), key))
        if call.parent_key is not None:
            ledger.write(ledger.consults, call.parent_key, (*ledger.consults.get(call.parent_key, ()), key))

    def _unindex(self, call: Call, key: CallKey) -> None:
        ledger = self.ledger
        ledger.write(ledger.owners, call.owner, _without(ledger.owners[call.owner], key))
        if call.parent_key is not None and call.parent_key in ledger.consults:
            ledger.write(ledger.consults, call.parent_key, _without(ledger.consults[call.parent_key], key))
        if key in ledger.consults:
            ledger.write(ledger.consults, key, None)

    # -- conversations and legs ------------------------------------------------------------------------------------

    def put_conversation(self, conversation: Conversation) -> None:
        self.ledger.write(self.ledger.conversations, conversation.id, conversation)
        self.touched[conversation.id] = None

    def drop_conversation(self, conversation_id: ConversationId) -> None:
        self.ledger.write(self.ledger.conversations, conversation_id, None)

    def put_leg(self, leg: Leg) -> None:
        self.ledger.write(self.ledger.legs, leg.id, leg)

    def drop_leg_row(self, leg_id: LegId) -> None:
        self.ledger.write(self.ledger.legs, leg_id, None)

    # -- orders and what waits for them ----------------------------------------------------------------------------

    def order(self, kind: type[_Order], *fields: Any) -> OrderId:
        """Give an order; ``fields`` are those after the order's number. Returns its number."""
        number = self.ledger.next_order()
        self.orders.append(kind(number, *fields))  # type: ignore[arg-type]  # every kind is one of AnyOrder
        return number

    def wait(self, order: OrderId, waiting: Waiting) -> None:
        self.ledger.write(self.ledger.waiting, order, waiting)

    def begin(self, order: OrderId, procedure: Procedure) -> None:
        """An operation waits for this order; its calls are busy until then."""
        self.wait(order, procedure)
        for key in procedure.busy:
            self.ledger.write(self.ledger.busy, key, order)

    def end(self, order: OrderId, procedure: Procedure) -> None:
        """An operation no longer waits; whatever it leads to comes next."""
        ledger = self.ledger
        ledger.write(ledger.waiting, order, None)
        for key in procedure.busy:
            if ledger.busy.get(key) == order:
                ledger.write(ledger.busy, key, None)
        for leg_id in procedure.legs:
            leg = ledger.legs.get(leg_id)
            if leg is not None and leg.order == order:
                self.put_leg(replace(leg, pending=False))
                self.touch_leg(leg)

    def abandon(self, order: OrderId, ended: CallKey) -> None:
        """A call of a procedure ended before its order was answered; the order itself may still fail."""
        procedure = self.ledger.waiting.get(order)
        if not isinstance(procedure, Procedure):
            return
        self.end(order, procedure)
        if procedure.legs:
            self.wait(order, Placing(procedure.legs, self.now))
        if procedure.call != ended or len(procedure.busy) > 1:
            self.tell_failed(procedure, f"call {ended[0]} ended first")
        elif not procedure.silent:
            self.tell_failed(procedure, "the call ended first")

    def tell_failed(self, procedure: Procedure, detail: str) -> None:
        from cordboard.calls.model import RefusalKind

        if procedure.silent:
            return
        call_id, owner = procedure.call
        refusal = Refusal(RefusalKind.SWITCH_UNAVAILABLE, detail)
        self.events.append(CallFailed(owner, call_id, procedure.operation, refusal))

    def touch_leg(self, leg: Leg) -> None:
        calls = self.ledger.calls
        for key in leg.calls:
            call = calls.get(key)
            if call is not None:
                self.touched[call.conversation] = None

    def forget_place(self, leg: Leg) -> None:
        """What this leg hears is not known: an order about it failed."""
        self.put_leg(replace(leg, place=NOWHERE, pending=False))
        self.touch_leg(leg)


def _change(before: Call | None, after: Call) -> Change | None:
    if after.state is CallState.OFFERED:
        return None
    if before is None or before.state is CallState.OFFERED:
        return Change.STATUS
    if before.participants != after.participants:
        return Change.PARTICIPANTS
    if before.state is not after.state or before.muted is not after.muted:
        return Change.STATUS
    if before.user_data != after.user_data:
        return Change.USER_DATA
    return None


def _without(keys: tuple[CallKey, ...], key: CallKey) -> tuple[CallKey, ...] | None:
    return tuple(other for other in keys if other != key) or None
