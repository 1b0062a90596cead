"""A scene: the real board and the imitation exchange, driven together without an event loop or a clock.

Reports wait in ``reports`` until they are delivered, so that a test decides who is first. ``run`` delivers until
nothing moves any more. What users were told is in ``told``, what the switch was told in ``orders``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tests.kit import people
from tests.kit.keeping import Rows
from tests.kit.unwritten import Unwritten

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.roster import Roster
from cordboard.agents.rows import TABLE
from cordboard.calls.board import Board, Outcome
from cordboard.calls.commands import AnyCommand
from cordboard.calls.events import AnyEvent
from cordboard.calls.model import CallView, LegId, Number, Permits, Refusal
from cordboard.calls.orders import AnyOrder
from cordboard.calls.permits import unlisted
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.calls.segments import AnyRecord
from cordboard.people.directory import Directory
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.faults import Link
from cordboard.switches.virtual.persons import AnyAction, Cannot
from cordboard.switches.virtual.phones import Behaviour, OnRing

ID_PREFIX = "01ABCDEFGHJKMNPQRSTVWXYZ00"
CONN_PREFIX = "00aa00bb"


class Scene(Unwritten):
    """One site with a few phones. Instants are seconds from 100 on."""

    def __init__(self, rules: Rules | None = None, directory: Directory | None = None, up: bool = True) -> None:
        super().__init__()
        self.directory = directory or people.directory()
        trunks = [trunk.number for trunk in self.directory.trunk_numbers]
        phones = [number for number in self.directory.numbers if number not in trunks]
        self.exchange = Exchange(phones, trunks)
        self.link = Link(self.exchange)
        self.roster = Roster(self.directory)
        self.rules = rules or Rules()
        self.board = self._new_board()
        self.kept = Rows()
        self.keeps = True
        """Whoever puts states back by hand needs no rows."""
        self.dies = False
        self.now = 100.0
        self.reports: deque[AnyReport] = deque()
        self.told: list[AnyEvent] = []
        self.orders: list[AnyOrder] = []
        self.records: list[AnyRecord] = []
        self.accepted: list[AnyCommand] = []
        self._linked = True
        if up:
            self.reports.append(self.exchange.snapshot())
            self.run()

    # -- inputs ----------------------------------------------------------------------------------------------------

    def ask(self, command: AnyCommand) -> Refusal | None:
        """A client asks; what the switch reports on it waits."""
        outcome = self.board.ask(command, self.now)
        if outcome.refusal is None:
            self.accepted.append(command)
        self._take(outcome)
        return outcome.refusal

    def act(self, number: Number, action: AnyAction) -> Cannot | None:
        """A person acts at a phone; the report waits."""
        done = self.link.act(number, action)
        if isinstance(done, Cannot):
            return done
        self.reports += done
        return None

    def set_device(self, command: AnyAgentCommand) -> bool:
        """Somebody sets something at their device. Whether the roster accepts it."""
        accepted = not isinstance(self.roster.ask(command, self.now), Refusal)
        self.kept.note(self.roster.take_rows())
        return accepted

    def behave(self, number: Number, on_ring: str, after_ms: int = 0) -> None:
        self.exchange.set_behaviour(number, Behaviour(OnRing(on_ring), after_ms))

    def deliver(self) -> bool:
        """Let the board hear the oldest report. Whether there was one."""
        if not self.reports:
            return False
        report = self.reports.popleft()
        if isinstance(report, SwitchSnapshot) and not any(isinstance(later, SwitchDown) for later in self.reports):
            self._linked = True
        self._take(self.board.hear(report, self.now))
        return True

    def cut(self) -> None:
        """The link to the switch breaks."""
        self._linked = False
        self.reports += self.link.cut()

    def mend(self) -> None:
        self.reports += self.link.mend()

    def end_faults(self) -> None:
        """From now on the switch does as it is told, and the disk as well."""
        self.be_slow(False)
        self.link._faults.clear()
        if self.link.down:
            self.mend()

    def die(self) -> None:
        """The process is killed and there again; the exchange went on. What was on the way to and fro is lost."""
        was_down = self.link.down
        self.dies = self._linked = False
        self.link.cut()
        self.reports.clear()
        self.unwritten.clear()
        self.roster = Roster(self.directory)
        self.roster.restore(self.kept.read(TABLE))
        self.board = self.twin()
        if not was_down:
            self.mend()

    def die_before_ordering(self) -> None:
        """The next time that something is ordered it has been written down, but the orders never leave."""
        self.dies = True

    def twin(self) -> Board:
        """The board that there would be after a restart."""
        board = self._new_board()
        board.restore(self.kept.read, self.now)
        return board

    def _new_board(self) -> Board:
        return Board(self.rules, self.directory, ID_PREFIX, CONN_PREFIX, self.roster, self.directory)

    def run(self) -> None:
        """Deliver until nothing more happens at this instant."""
        while self.deliver():
            pass

    def wait(self, seconds: float, deliver: bool = True) -> None:
        """Time passes: everything that is due happens at its own instant. What the switch reports is delivered, too,
        unless it is to come late."""
        until = self.now + seconds
        while True:
            due = [at for at in (self.board.next_deadline(), self.link.next_deadline()) if at is not None]
            at = min(due, default=until)
            if at > until:
                break
            self.now = max(self.now, at)
            self.reports += self.link.tick(self.now)
            if deliver:
                self.run()
            while (deadline := self.board.next_deadline()) is not None and deadline <= self.now:
                self._take(self.board.tick(self.now))
            if deliver:
                self.run()
            if at == until and not due:
                break
        self.now = until

    def _take(self, outcome: Outcome) -> None:
        if self.keeps:
            self.kept.note(self.board.take_rows())
        self.told += outcome.events
        self.orders += outcome.orders
        self.records += self.board.take_records() if outcome.refusal is None else ()
        if self.dies and outcome.orders:
            self.die()
        elif outcome.orders:
            self.give(outcome.orders)

    def submit(self, orders: Sequence[AnyOrder], is_current: bool) -> None:
        if self._linked and is_current:
            self.reports += self.link.submit(orders, self.now)
        else:  # a driver carries out nothing that was ordered before the board has heard the snapshot
            self.reports += [OrderFailed(order.order, "the link broke") for order in orders]

    # -- looking ---------------------------------------------------------------------------------------------------

    def hears(self, number: Number) -> list[str]:
        return list(self.exchange.phone(number).hears)

    def calls(self, number: Number) -> Sequence[CallView]:
        return self.board.calls_of(number)

    def may_speak(self, leg: LegId) -> bool:
        return self.exchange._plant.lines[leg].audible

    def may_listen(self, leg: LegId) -> bool:
        return not self.exchange._plant.lines[leg].held

    def check_switch(self) -> None:
        """The exchange has nothing beside legs, mixes and recordings, which the law looks at."""

    def offered(self, view: CallView) -> Permits:
        """What may be asked of a call: what its owner sees listed, and what no list names."""
        return view.permits | unlisted(self.board.ledger, view.call)

    def news(self) -> list[AnyEvent]:
        """What was told since this was called last."""
        told, self.told = self.told, []
        return told
