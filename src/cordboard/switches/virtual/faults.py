"""The link between the board and the exchange, and how it misbehaves when asked to.

Everything that passes between the two passes here, so that orders can fail, be late or vanish, and the link can be
down. Dry, as the exchange is: time arrives, reports are returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from heapq import heappop, heappush
from typing import Annotated, assert_never, get_args

import msgspec

from cordboard.calls.model import LegId, Number
from cordboard.calls.orders import (
    AnyOrder,
    HoldLeg,
    JoinLegs,
    PauseRecording,
    ResumeRecording,
    RingLeg,
    StartRecording,
    StopRecording,
)
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.persons import AnyAction, Cannot
from cordboard.switches.virtual.phones import DELAY_MAX_MS

FAULTS_MAX = 100
"""So many faults can be pending."""

COUNT_MAX = 1_000_000

ORDER_NAMES: tuple[str, ...] = tuple(order.__name__ for order in get_args(AnyOrder))
"""What ``Fault.match`` can name."""


class Misdeed(Enum):
    FAIL = "fail"
    DELAY = "delay"
    DROP = "drop"


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The next ``count`` orders of the class ``match`` (any, if None) fail unheard, come late, or vanish."""

    orders: Misdeed
    match: str | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)] = 1
    delay_ms: Annotated[int, msgspec.Meta(ge=0, le=DELAY_MAX_MS)] = 0


class Link:
    """Hands orders to the exchange and reports back. Instants are seconds on the caller's clock."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.down = False
        self._faults: list[Fault] = []
        self._late: list[tuple[float, int, AnyOrder]] = []
        self._late_count = 0

    # -- orders ----------------------------------------------------------------------------------------------------

    def submit(self, orders: Sequence[AnyOrder], now: float) -> list[AnyReport]:
        """The reports that follow at once; those of late orders follow from ``tick``."""
        if not (self.down or self._faults or self._late):
            return self.exchange.carry_out(orders, now)
        reports: list[AnyReport] = []
        for order in orders:
            reports += self._submit_one(order, now)
        return reports

    def _submit_one(self, order: AnyOrder, now: float) -> list[AnyReport]:
        if self.down:
            return [OrderFailed(order.order, "the link to the switch is down")]
        fault = self._use_fault(type(order).__name__)
        due = self._due_behind(order)
        match fault.orders if fault is not None else None:
            case Misdeed.FAIL:
                return [OrderFailed(order.order, "the lab lets this order fail")]
            case Misdeed.DROP:
                return []
            case Misdeed.DELAY:
                assert fault is not None
                return self._put_off(order, max(due, now + fault.delay_ms / 1000))
            case None:
                return self._put_off(order, due) if due else self.exchange.carry_out((order,), now)
            case _ as never:
                assert_never(never)

    def _use_fault(self, name: str) -> Fault | None:
        """The first fault that fits; its count goes down by one."""
        for index, fault in enumerate(self._faults):
            if fault.match is None or fault.match == name:
                if fault.count > 1:
                    self._faults[index] = msgspec.structs.replace(fault, count=fault.count - 1)
                else:
                    del self._faults[index]
                return fault
        return None

    def _due_behind(self, order: AnyOrder) -> float:
        """When the last late order that shares a leg with this one is due, 0 if there is none."""
        if not self._late:
            return 0.0
        legs = _legs(order)
        return max((due for due, _, late in self._late if not legs.isdisjoint(_legs(late))), default=0.0)

    def _put_off(self, order: AnyOrder, due: float) -> list[AnyReport]:
        self._late_count += 1
        heappush(self._late, (due, self._late_count, order))
        return []

    # -- people and time -------------------------------------------------------------------------------------------

    def act(self, number: Number, action: AnyAction) -> list[AnyReport] | Cannot:
        """See ``Exchange.act``. While the link is down people go on, and the board is not told."""
        done = self.exchange.act(number, action)
        return done if isinstance(done, Cannot) else self._tell(done)

    def _tell(self, reports: list[AnyReport]) -> list[AnyReport]:
        return [] if self.down else reports

    def next_deadline(self) -> float | None:
        """When ``tick`` has something to do, None if never."""
        deadline = self.exchange.next_deadline()
        if self._late and (deadline is None or self._late[0][0] < deadline):
            return self._late[0][0]
        return deadline

    def tick(self, now: float) -> list[AnyReport]:
        """Let happen what was due by ``now``, in the order in which it was due."""
        reports: list[AnyReport] = []
        while (at := self.next_deadline()) is not None and at <= now:
            reports += self._tell(self.exchange.tick(at))
            while self._late and self._late[0][0] <= at:
                reports += self.exchange.carry_out((heappop(self._late)[2],), at)
        return reports

    # -- faults ----------------------------------------------------------------------------------------------------

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Those that are not used up."""
        return tuple(self._faults)

    def add(self, fault: Fault) -> bool:
        """Whether there was room for one more."""
        if len(self._faults) >= FAULTS_MAX:
            return False
        self._faults.append(fault)
        return True

    def cut(self) -> list[AnyReport]:
        """The link goes down. Orders that are still on their way fail."""
        if self.down:
            return []
        reports = self.lose_late("the link to the switch went down")
        self.down = True
        return [*reports, SwitchDown()]

    def mend(self) -> list[AnyReport]:
        """The link is back, and the board is told which legs there are."""
        if not self.down:
            return []
        self.down = False
        return [self.exchange.snapshot()]

    def reset(self) -> list[AnyReport]:
        """No calls, no faults, everything as at the start. Orders that are still on their way fail."""
        reports = self.lose_late("the lab was reset")
        self._faults.clear()
        reports += self._tell(self.exchange.reset())
        return reports + self.mend()

    def lose_late(self, detail: str) -> list[AnyReport]:
        """Orders that are still on their way fail: whoever gave them is told by a snapshot what there is, and that does
        not tell of what comes later."""
        late = [order for _, _, order in sorted(self._late, key=lambda entry: entry[:2])]
        self._late.clear()
        return [OrderFailed(order.order, detail) for order in late]


def _legs(order: AnyOrder) -> frozenset[LegId]:
    """The legs that an order names, or the recording."""
    match order:
        case JoinLegs() | HoldLeg() | RingLeg():
            return frozenset((*order.mixed, *order.music, *order.ringback, *order.quiet))
        case StartRecording() | PauseRecording() | ResumeRecording() | StopRecording():
            return frozenset((order.recording,))
        case _:
            return frozenset((order.leg,))
