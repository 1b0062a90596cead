"""What makes two worlds the same, so that the explorer walks on from one of them only.

Ids of calls, legs and orders are replaced by their rank of appearance, instants by how far away they are. Counters,
what only people see (since when a call is there, which digits were heard), and call detail records do not count.
Everything else does: a field that somebody adds to a call, a conversation or a leg is compared as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import msgspec
from tests.kit.explorer_world import World, forget_stale_timers

from cordboard.calls.model import Call, Number
from cordboard.calls.procedures import Placing, Procedure, Waiting
from cordboard.calls.records import Conversation, Leg, Monitor, Spying
from cordboard.calls.reports import AnyReport, OrderDone, OrderFailed
from cordboard.switches.virtual.phones import Line


def likeness(world: World) -> int:
    """Equal for worlds that are the same."""
    return hash(Likeness(world).value())


def _rest(kind: type[msgspec.Struct], *treated: str) -> attrgetter[Any]:
    """Reads the fields that are the same in two worlds, or are not; those treated one by one apart."""
    return attrgetter(*(name for name in kind.__struct_fields__ if name not in treated))


_call_rest = _rest(Call, "id", "owner", "conversation", "leg", "conn_id", "began", "user_data", "parent", "parked")
_conversation_rest = _rest(Conversation, "id", "conn_id", "members", "recall", "hops", "until", "thread")
_leg_rest = _rest(Leg, "id", "calls", "place", "order", "deadline", "inviter", "spying")
_HOPS_SEEN = 4
"""Farther from the limit than that, the number of hops makes no difference that could be reached."""


class Likeness:
    """One world under other names. Calls are met owner by owner: names depend on who is where, not on when."""

    __slots__ = ("calls", "ledger", "legs", "now", "orders", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = world.ledger
        self.now = world.scene.now
        self.calls: dict[str, Any] = {}
        self.legs: dict[str, int] = {}
        self.orders: dict[int, int] = {}

    def value(self) -> tuple[Any, ...]:
        ledger, world = self.ledger, self.world
        self._name_everything()
        keys = [key for number in world.numbers for key in ledger.owners.get(number, ())]
        calls = tuple([self._call(ledger.calls[key]) for key in keys])
        conversations = tuple([self._conversation(ledger.conversations[name]) for name in self._conversations()])
        legs = tuple([self._leg(ledger.legs[leg_id]) for leg_id in list(self.legs) if leg_id in ledger.legs])
        rows = (calls, conversations, legs, self._links(), self._tapes())
        return (*rows, self._under_way(), self._timers(), self._exchange())

    # -- names -----------------------------------------------------------------------------------------------------

    def _name_everything(self) -> None:
        ledger, calls, legs = self.ledger, self.calls, self.legs
        for number in self.world.numbers:
            for key in ledger.owners.get(number, ()):
                call = ledger.calls[key]
                calls.setdefault(call.id, len(calls))
                calls.setdefault(call.conversation, len(calls))
                legs.setdefault(call.leg, len(legs))
        for rank, order in enumerate(sorted(ledger.waiting)):
            self.orders[order] = rank

    def _conversations(self) -> list[str]:
        return [name for name in self.calls if name in self.ledger.conversations]

    def _key(self, key: tuple[str, Number] | None) -> Any:
        return None if key is None else (self.calls.get(key[0], -1), key[1])

    def _keys(self, keys: Sequence[tuple[str, Number]]) -> tuple[Any, ...]:
        calls = self.calls
        return tuple([(calls.get(call_id, -1), owner) for call_id, owner in keys])

    def _leg_name(self, leg_id: str) -> Any:
        """A leg without calls, such as one that is being dropped, is named when it is met."""
        return self.legs.setdefault(leg_id, len(self.legs))

    def _place(self, place: str) -> Any:
        return self.calls.get(place, place if len(place) < 10 else "a mix that is over")

    # -- rows ------------------------------------------------------------------------------------------------------

    def _call(self, call: Call) -> tuple[Any, ...]:
        calls = self.calls
        data = tuple(sorted(call.user_data.items())) if call.user_data else ()
        parent = None if call.parent is None else calls.get(call.parent, -1)
        names = (calls[call.id], call.owner, calls[call.conversation], self.legs[call.leg], parent)
        parked = call.parked and (call.parked.lot, call.parked.slot, call.parked.by, self._left(call.parked.until))
        return (names, data, parked, _call_rest(call))

    def _left(self, until: float) -> float:
        return round(until - self.now, 3)

    def _conversation(self, conversation: Conversation) -> tuple[Any, ...]:
        recall = conversation.recall
        if recall is not None and recall.until:
            recall = msgspec.structs.replace(recall, until=self._left(recall.until))
        left = min(self.world.scene.board._rules.hops_max - conversation.hops, _HOPS_SEEN)
        released = tuple([owner for owner in self.world.numbers if (conversation.id, owner) in self.world.law.released])
        until = conversation.until and self._left(conversation.until)
        rest = _conversation_rest(conversation)
        return (self._keys(conversation.members), recall, left, released, until, rest)

    def _leg(self, leg: Leg) -> tuple[Any, ...]:
        waits = round(leg.deadline - self.now, 3) if leg.deadline and not leg.answered else 0
        order = self.orders.get(leg.order, -1)
        return (
            self._keys(leg.calls),
            self._place(leg.place),
            order,
            waits,
            self._key(leg.inviter),
            self._heard(leg.spying),
            _leg_rest(leg),
        )

    def _links(self) -> tuple[Any, ...]:
        ledger = self.ledger
        consults = tuple([(self._key(key), self._keys(keys)) for key, keys in ledger.consults.items()])
        busy = tuple([(self._key(key), self.orders.get(order, -1)) for key, order in ledger.busy.items()])
        shown = tuple([self._key(key) for key in ledger.shown_busy])
        monitors = tuple([(row.monitoring, self._key(row.call), self._past(row)) for row in ledger.monitors.values()])
        beside = tuple([(self._place(name), self._keys(keys)) for name, keys in ledger.supervisors.items()])
        supervising = (frozenset(monitors), frozenset(beside))
        return (frozenset(consults), frozenset(busy), frozenset(shown), bool(ledger.switch), supervising)

    def _past(self, row: Monitor) -> frozenset[Any]:
        """Calls that are over are never asked for."""
        return frozenset(self._keys([key for key in row.past if key in self.ledger.calls]))

    def _heard(self, spying: Spying | None) -> Any:
        return None if spying is None else (spying.kind, self.legs.get(spying.target, -1))

    def _under_way(self) -> tuple[Any, ...]:
        ledger = self.ledger
        waiting = tuple([(self.orders[order], self._waiting(row)) for order, row in sorted(ledger.waiting.items())])
        dropping = tuple([(self._leg_name(leg_id), row.reason, row.tries) for leg_id, row in ledger.dropping.items()])
        reports = tuple([self._report(report) for report in self.world.scene.reports if self._is_news(report)])
        return (waiting, dropping, reports)

    def _is_news(self, report: AnyReport) -> bool:
        """What is said of an order that nobody waits for makes no difference."""
        return not isinstance(report, OrderDone | OrderFailed) or report.order in self.orders

    def _waiting(self, row: Waiting) -> Any:
        match row:
            case Procedure():
                command = self._fields(row.command)
                return (self._key(row.call), command, self._keys(row.busy), tuple(map(self._leg_name, row.legs)))
            case Placing(legs):
                return ("placing", *map(self._leg_name, legs))
            case _:
                return self._fields(row)

    def _report(self, report: AnyReport) -> Any:
        match report:
            case OrderDone(order) | OrderFailed(order):
                return (type(report), self.orders.get(order, -1))
            case _:
                return self._fields(report)

    def _fields(self, value: msgspec.Struct) -> tuple[Any, ...]:
        """Any other value: texts that are ids are renamed, wherever they stand."""
        named: list[Any] = [type(value)]
        for name in value.__struct_fields__:
            field = getattr(value, name)
            if name in ("leg", "other") and field is not None and field not in self.calls:
                named.append(self._leg_name(field))
            elif isinstance(field, str):
                named.append(self.calls.get(field, field))
            elif not isinstance(field, dict):
                named.append(field)
        return tuple(named)

    def _timers(self) -> tuple[Any, ...]:
        ledger, now = self.ledger, self.now
        orders = [(round(when - now, 3), self.orders[o]) for when, o in ledger._order_timers if o in ledger.waiting]
        forget_stale_timers(ledger)
        others = [(round(when - now, 3), kind, self._timer_key(key)) for when, _, kind, key in ledger._timers]
        return (tuple(orders), tuple(others))

    def _timer_key(self, key: Any) -> Any:
        if isinstance(key, tuple):
            return tuple(map(self._leg_name, key))
        return self.calls[key] if key in self.calls else self._leg_name(key)

    def _tapes(self) -> tuple[Any, ...]:
        """What is being recorded; how long it is already makes no difference."""
        ledger = self.ledger
        tapes = [(tape, self.orders.get(tape.order, -1)) for tape in ledger.tapes.values()]
        named = [(self.calls.get(t.conversation, -1), t.id, t.state, order, t.ending, t.tries) for t, order in tapes]
        messages = frozenset(self.calls.get(name, -1) for name in ledger.messages)
        return (frozenset(named), frozenset(ledger.taped), messages, frozenset(self.world.plant.recorder.seen()))

    # -- the exchange ----------------------------------------------------------------------------------------------

    def _exchange(self) -> tuple[Any, ...]:
        plant = self.world.plant
        phones = []
        for number in self.world.numbers:
            lines = plant.phones[number].lines
            for slot in sorted(lines):
                line = lines[slot]
                lives = line.leg in plant.lines
                name = self._leg_name(line.leg) if lives else -1
                phones.append((number, slot, name, line.stage, self._place(line.place), *self._talks(line)))
        return tuple(phones)

    def _talks(self, line: Line) -> tuple[Any, ...]:
        return (line.held, line.muted, self._heard(line.spying))
