"""The step: one input being worked on. Operations read and write the ledger through it, and nothing else does.

It derives the events from what changes (so that no operation can forget to notify), collects the orders, and is
committed or undone as a whole by ``board``. See docs/decisions/0004.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from cordboard.calls.events import AnyEvent, CallChanged, CallFailed, Change, MonitoringChanged
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import (
    Call,
    CallKey,
    CallState,
    ConversationId,
    Diversions,
    LegId,
    NoDiversions,
    NoRecorders,
    Number,
    OrderId,
    Permits,
    Reason,
    Recorders,
    Refusal,
    RefusalKind,
    Routes,
)
from cordboard.calls.orders import AnyOrder, Order
from cordboard.calls.permits import NOTHING, Permissions
from cordboard.calls.procedures import Placing, Procedure, Waiting
from cordboard.calls.records import Conversation, Leg, Monitor, Rules
from cordboard.calls.segments import AnyRecord, Asked

replace = msgspec.structs.replace
NO_DIVERSIONS = NoDiversions()
NO_RECORDERS = NoRecorders()
_Order = TypeVar("_Order", bound=Order)
_Result = TypeVar("_Result")


class Step:
    """What one input leads to, while it is being found out."""

    __slots__ = (
        "_recorders",
        "_watched",
        "_write",
        "asked",
        "diversions",
        "events",
        "failures",
        "gone",
        "ledger",
        "now",
        "orders",
        "over",
        "permissions",
        "records",
        "rehearsing",
        "routes",
        "rules",
        "seen",
        "timers",
        "touched",
    )

    def __init__(
        self,
        ledger: Ledger,
        permissions: Permissions,
        rules: Rules,
        routes: Routes,
        now: float,
        diversions: Diversions = NO_DIVERSIONS,
        recorders: Recorders = NO_RECORDERS,
    ) -> None:
        self.ledger = ledger
        self.permissions = permissions
        self.rules = rules
        self.routes = routes
        self.diversions = diversions
        self._recorders = recorders
        self._write = ledger.write
        self.renew(now)

    def renew(self, now: float) -> None:
        """Begin with the next input; what the last one led to is no longer this step's."""
        self.now = now
        self.events: list[AnyEvent] = []
        self.orders: list[AnyOrder] = []
        self.timers: list[tuple[float, str, Any]] = []
        self.touched: dict[ConversationId, None] = {}
        self._watched: dict[CallKey, Permits] = {}
        self.rehearsing = False  # the last input may have met a bug amid a rehearsal
        self.records: list[AnyRecord] = []
        # What `accounting` looks at in the end: legs whose calls have changed, what is over, and what has failed.
        self.asked = Asked.COMMAND
        self.seen: dict[LegId, None] = {}
        self.gone: dict[CallKey, Call] = {}
        self.over: dict[LegId, tuple[Reason, bool]] = {}
        self.failures: list[tuple[Procedure, Refusal]] = []

    # -- calls -----------------------------------------------------------------------------------------------------

    def put(self, call: Call) -> None:
        """Enter or replace a call; its owner is told if something visible changed."""
        ledger, key = self.ledger, (call.id, call.owner)
        before = ledger.calls.get(key)
        if before is None:
            self._index(call, key)
        self._write(ledger.calls, key, call)
        self.touched[call.conversation] = None
        if not self.rehearsing:
            change = _change(before, call)
            if change is not None:
                if call.state is not CallState.RINGING or change is Change.PARTICIPANTS:
                    self.seen[call.leg] = None
                self.tell(call, change)
            elif ledger.taped or (before is not None and before.parked is not call.parked):
                self.seen[call.leg] = None

    def remove(self, call: Call) -> None:
        """A call is over: ``call`` is its last value. Its owner is told unless the call was never announced."""
        ledger, key = self.ledger, call.key
        announced = ledger.calls[key].state is not CallState.OFFERED
        ledger.write(ledger.calls, key, None)
        self._unindex(call, key)
        self.touched[call.conversation] = None
        self._watched.pop(key, None)
        order = ledger.busy.get(key)
        if order is not None:
            self._abandon(order)
            self._watched.pop(key, None)
        if self.rehearsing:
            return
        self.gone[key] = call
        self.seen[call.leg] = None
        if announced:
            self.events.append(CallChanged(Change.STATUS, call, self.permissions.of(call)))

    def tell(self, call: Call, change: Change) -> None:
        if self.rehearsing:
            return
        key = call.key
        self._watched.pop(key, None)
        if key in self.ledger.busy:
            self.ledger.write(self.ledger.shown_busy, key, True)
        self.events.append(CallChanged(change, call, self.permissions.of(call)))

    def watch(self, key: CallKey) -> None:
        """A call linked to this one is about to end: if that changes what is permitted, its owner is told at the end
        of the step (gws-v2 §6.4), unless something else is told of it until then."""
        call = self.ledger.calls.get(key)
        if call is not None and key not in self._watched and not self.rehearsing:
            self._watched[key] = self.permissions.of(call)

    def show_later(self, key: CallKey) -> None:
        """The owner is told of the call at the end of the step, unless something else is told of it until then."""
        self._watched[key] = NOTHING

    def _show_again(self, key: CallKey) -> None:
        """The owner was told of the call while it was busy and permitted little: that is over now (I7)."""
        self.ledger.write(self.ledger.shown_busy, key, None)
        self.show_later(key)

    @property
    def watching(self) -> bool:
        return bool(self._watched)

    def tell_watched(self) -> None:
        for key, before in list(self._watched.items()):
            call = self.ledger.calls.get(key)
            if call is not None and call.state is not CallState.OFFERED and self.permissions.of(call) != before:
                self.tell(call, Change.STATUS)

    def _index(self, call: Call, key: CallKey) -> None:
        ledger = self.ledger
        if not self.rehearsing:  # nobody asks for anybody's calls meanwhile
            ledger.write(ledger.owners, call.owner, (*ledger.owners.get(call.owner, ()), key))
        if call.parent_key is not None:
            ledger.write(ledger.consults, call.parent_key, (*ledger.consults.get(call.parent_key, ()), key))

    def _unindex(self, call: Call, key: CallKey) -> None:
        ledger = self.ledger
        if not self.rehearsing:
            ledger.write(ledger.owners, call.owner, without(ledger.owners[call.owner], key) or None)
        if call.parent_key is not None and call.parent_key in ledger.consults:
            ledger.write(ledger.consults, call.parent_key, without(ledger.consults[call.parent_key], key) or None)
        if key in ledger.consults:
            ledger.write(ledger.consults, key, None)

    def may_record(self, number: Number) -> bool:
        return self._recorders.may_record(number)

    # -- conversations and legs ------------------------------------------------------------------------------------

    def put_conversation(self, conversation: Conversation) -> None:
        """Enter or replace a conversation; one without members is over."""
        if conversation.thread:
            self._list(conversation)
        self._write(self.ledger.conversations, conversation.id, conversation if conversation.members else None)
        self.touched[conversation.id] = None

    def _list(self, conversation: Conversation) -> None:
        """It is found with the thread that it belongs to, as long as somebody is in it."""
        threads, name = self.ledger.threads, conversation.thread
        known = threads.get(name, ())
        if (conversation.id in known) is not bool(conversation.members):
            others = tuple(one for one in known if one != conversation.id)
            self.ledger.write(threads, name, ((*others, conversation.id) if conversation.members else others) or None)

    def put_leg(self, leg: Leg) -> None:
        self._write(self.ledger.legs, leg.id, leg)

    def forget_leg(self, leg_id: LegId, reason: Reason, by_itself: bool) -> None:
        """It is over, for this reason; ``by_itself`` if its telephone, or the switch, has ended it."""
        self.ledger.write(self.ledger.legs, leg_id, None)
        if not self.rehearsing:
            self.over.setdefault(leg_id, (reason, by_itself))

    def touch_leg(self, leg: Leg) -> None:
        """What this leg should hear may have changed: it is looked at when the step ends."""
        calls = self.ledger.calls
        for key in leg.calls:
            call = calls.get(key)
            if call is not None:
                self.touched[call.conversation] = None

    # -- monitoring ------------------------------------------------------------------------------------------------

    def put_monitor(self, monitor: Monitor) -> None:
        """Enter or replace a row of monitoring; its supervisor is told if something visible changed."""
        ledger, now = self.ledger, monitor.monitoring
        before = ledger.monitors.get(now.target)
        ledger.write(ledger.monitors, now.target, monitor)
        if before is None:
            ledger.write(ledger.monitored_by, now.supervisor, now.target)
        if before is None or before.monitoring != now:
            self.events.append(MonitoringChanged(now.supervisor, now))

    def remove_monitor(self, monitor: Monitor) -> None:
        ledger, last = self.ledger, monitor.monitoring
        ledger.write(ledger.monitors, last.target, None)
        ledger.write(ledger.monitored_by, last.supervisor, None)
        self.events.append(MonitoringChanged(last.supervisor, None))

    # -- orders and what waits for them ----------------------------------------------------------------------------

    def order(self, kind: type[_Order], waiting: Waiting | None, *fields: Any) -> OrderId:
        """Give an order and note what waits for its answer; ``fields`` are those after the order's number."""
        number = self.ledger.next_order()
        self.orders.append(kind(number, *fields))  # type: ignore[arg-type]  # every kind is one of AnyOrder
        if waiting is not None:
            self.wait(number, waiting)
        return number

    def wait(self, order: OrderId, waiting: Waiting | None) -> None:
        self._write(self.ledger.waiting, order, waiting)

    def begin(self, order: OrderId, procedure: Procedure) -> None:
        """An operation waits for this order; its calls are busy until then."""
        self.wait(order, procedure)
        for key in procedure.busy:
            self.ledger.write(self.ledger.busy, key, order)

    def end(self, order: OrderId, procedure: Procedure) -> None:
        """An operation no longer waits; whatever it leads to comes next."""
        ledger = self.ledger
        self.wait(order, None)
        for key in procedure.busy:
            if ledger.busy.get(key) == order:
                ledger.write(ledger.busy, key, None)
                if key in ledger.calls:
                    self.touched[ledger.calls[key].conversation] = None
                if key in ledger.shown_busy:
                    self._show_again(key)
        for leg_id in procedure.legs:
            leg = ledger.legs.get(leg_id)
            if leg is not None and leg.order == order:
                self.put_leg(replace(leg, pending=False))
                self.touch_leg(leg)

    def _abandon(self, order: OrderId) -> None:
        """A call of a procedure ended before its order was answered; the order itself may still fail."""
        procedure = self.ledger.waiting.get(order)
        if isinstance(procedure, Procedure):
            self.end(order, procedure)
            if procedure.legs:
                self.wait(order, Placing(procedure.legs))
            self.tell_failed(procedure, Refusal(RefusalKind.NOT_PERMITTED_NOW, "a call it needs has ended"))

    def tell_failed(self, procedure: Procedure, refusal: Refusal) -> None:
        call_id, owner = procedure.call
        if not self.rehearsing:
            self.failures.append((procedure, refusal))
        self.events.append(CallFailed(owner, call_id, procedure.operation, refusal))

    # -- trying out ------------------------------------------------------------------------------------------------

    def rehearse(self, act: Callable[[], None], look: Callable[[], _Result]) -> _Result:
        """What ``look`` sees if ``act`` were done; it is not done."""
        mark, touched, watched = self.ledger.mark(), self.touched, self._watched
        lengths = len(self.events), len(self.orders), len(self.timers)
        self.touched, self._watched, self.rehearsing = {}, {}, True
        act()
        seen = look()
        self.rehearsing = False
        self.ledger.roll_back(mark)
        self.touched, self._watched = touched, watched
        del self.events[lengths[0] :], self.orders[lengths[1] :], self.timers[lengths[2] :]
        return seen


def _change(before: Call | None, after: Call) -> Change | None:
    if after.state is CallState.OFFERED:
        return None
    if before is None or before.state is CallState.OFFERED:
        return Change.STATUS
    if before.participants != after.participants:
        return Change.PARTICIPANTS
    if before.state is not after.state or before.muted is not after.muted or before.monitored is not after.monitored:
        return Change.STATUS
    if before.parked is None and after.parked is not None:
        return Change.STATUS
    if before.recording is not after.recording:
        return Change.RECORDING
    if before.user_data != after.user_data:
        return Change.USER_DATA
    return None


def without(keys: tuple[CallKey, ...], key: CallKey) -> tuple[CallKey, ...]:
    if len(keys) == 1 and keys[0] == key:
        return ()
    return tuple(other for other in keys if other != key)
