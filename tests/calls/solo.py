"""The board alone: a test is the switch, and says what it reports and when. For races and playbooks."""

from __future__ import annotations

from typing import Any, TypeVar

from tests.kit import people
from tests.kit.keeping import Rows

from cordboard.agents.roster import Roster
from cordboard.calls.board import Board, Outcome
from cordboard.calls.commands import Answer, AnyCommand, InitiateTransfer, StartRecording
from cordboard.calls.events import AnyEvent, CallFailed, MonitoringChanged
from cordboard.calls.ledger import Ledger
from cordboard.calls.model import Call, LegId, Number
from cordboard.calls.orders import AnyOrder
from cordboard.calls.records import Leg, Rules
from cordboard.calls.reports import AnyReport, LegAnswered, LegOffered, LegRinging, OrderDone, SwitchSnapshot

_Order = TypeVar("_Order", bound=AnyOrder)
CALLER_LEG = "phone-1"
"""The leg with which 5000 calls."""
TARGET_LEG = "c0-1"
"""The leg that is rung first."""
CALL = "ID000001"
"""The call of ``Solo.ring``."""


class Solo:
    """Instants are seconds from 100 on. Orders are answered only when the test says so."""

    def __init__(self, up: bool = True, **rules: Any) -> None:
        self._rules = Rules(**rules)
        self.roster = Roster(people.directory())
        self.board = self._new_board()
        self.now = 100.0
        self.orders: list[AnyOrder] = []
        self._obeyed = 0
        if up:
            self.hear(SwitchSnapshot())

    def _new_board(self) -> Board:
        directory = people.directory()
        return Board(self._rules, directory, "ID", "c0", self.roster, directory)

    # -- inputs ----------------------------------------------------------------------------------------------------

    def ask(self, command: AnyCommand) -> Outcome:
        return self._take(self.board.ask(command, self.now))

    def accept(self, command: AnyCommand) -> Outcome:
        outcome = self.ask(command)
        assert outcome.refusal is None
        return outcome

    def hear(self, report: AnyReport) -> Outcome:
        return self._take(self.board.hear(report, self.now))

    def wait(self, seconds: float) -> list[AnyEvent]:
        """Time passes, and the board is woken at the end of it for everything that is due; what is told of it."""
        self.now += seconds
        told: list[AnyEvent] = []
        while (deadline := self.board.next_deadline()) is not None and deadline <= self.now:
            told += self._take(self.board.tick(self.now)).events
        return told

    def obey(self) -> list[AnyEvent]:
        """The switch has done everything that it was told; what is told of it."""
        told: list[AnyEvent] = []
        while self._obeyed < len(self.orders):
            order = self.orders[self._obeyed]
            self._obeyed += 1
            told += self.hear(OrderDone(order.order)).events
        return told

    def restart(self) -> None:
        """The board is gone, and another filled from its rows."""
        rows = Rows()
        rows.note(self.board.all_rows())
        self.board = self._new_board()
        self.board.restore(rows.read, self.now)

    def _take(self, outcome: Outcome) -> Outcome:
        self.orders += outcome.orders
        return outcome

    # -- beginnings ------------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """5000 calls 5005, whose phone rings."""
        self.hear(LegOffered(CALLER_LEG, "5000", "5005"))
        self.hear(LegRinging(self.leg_id("5005")))
        self.obey()

    def answer(self) -> None:
        """5005 has answered, but the switch has not joined them yet."""
        self.ring()
        self.accept(Answer(asker="5005", call=self.call("5005").id))
        self.hear(LegAnswered(self.leg_id("5005")))

    def talk(self) -> None:
        """They talk."""
        self.answer()
        self.obey()

    def consult(self) -> None:
        """5005 has put 5000 on hold, and 5001 rings."""
        self.talk()
        self.accept(InitiateTransfer(asker="5005", call=self.call("5005").id, to="5001"))
        self.obey()
        self.hear(LegRinging(self.leg_id("5001")))

    # -- looking ---------------------------------------------------------------------------------------------------

    @property
    def ledger(self) -> Ledger:
        return self.board.ledger

    def call(self, number: Number, index: int = -1) -> Call:
        """A call of this number, told of or not, by default the newest."""
        return self.ledger.calls[self.ledger.owners[number][index]]

    def leg_id(self, number: Number) -> LegId:
        return self.call(number).leg

    def leg(self, number: Number) -> Leg:
        return self.ledger.legs[self.leg_id(number)]

    def last(self, kind: type[_Order]) -> _Order:
        """The latest order of this kind."""
        return next(order for order in reversed(self.orders) if isinstance(order, kind))


def news(events: Outcome | list[AnyEvent]) -> list[str]:
    """Who was told what, in short: "5005 Held" or "5005 Hold failed"."""
    told = events.events if isinstance(events, Outcome) else events
    return [
        f"{event.owner} {event.operation.value} failed"
        if isinstance(event, CallFailed)
        else f"{event.call.owner} {event.call.state.value}"
        for event in told
        if not isinstance(event, MonitoringChanged)
    ]


def kinds(outcome: Outcome) -> list[str]:
    """The kinds of the orders of an outcome."""
    return [type(order).__name__ for order in outcome.orders]


def is_nothing(outcome: Outcome) -> bool:
    return (outcome.refusal, list(outcome.events), list(outcome.orders)) == (None, [], [])


def recorded(solo: Solo) -> str:
    """5000 and 5002, who may record, talk and are recorded."""
    solo.hear(LegOffered(CALLER_LEG, "5000", "5002"))
    solo.hear(LegRinging(solo.leg_id("5002")))
    solo.hear(LegAnswered(solo.leg_id("5002")))
    solo.accept(StartRecording(asker="5002", call=solo.call("5002").id))
    solo.obey()
    return solo.call("5002").recorded_as
