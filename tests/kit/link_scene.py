"""A scene with an exchange of its own process: the real board, the real driver and the real station, and between them
connections that break at any frame, without loop, clock or network.

It is used like ``tests.kit.scene``. Frames wait until they are delivered, and so do orders while they are written down;
what comes next is ``luck``'s business. A connection that breaks is noticed by either side at its own time, and what was
under way may still arrive, or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.kit.scene import Scene

from cordboard.agents.roster import Roster
from cordboard.agents.rows import TABLE
from cordboard.calls.board import Outcome
from cordboard.calls.events import AnyEvent
from cordboard.calls.model import Number, OrderId
from cordboard.calls.orders import AnyOrder
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport, OrderFailed
from cordboard.switches.virtual import frames
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.frames import Plan
from cordboard.switches.virtual.persons import AnyAction, Cannot
from cordboard.switches.virtual.remote import RemoteSwitch, _LostError
from cordboard.switches.virtual.station import Station

STEPS_MAX = 2_000
"""More than that is a link that never comes to rest."""


class Connection:
    """One WebSocket: ``station.Wire`` at one end, ``wire.Socket`` at the other."""

    def __init__(self) -> None:
        self.to_exchange: deque[str] = deque()
        self.to_server: deque[str] = deque()
        self.code: int | None = None
        """With which the exchange has closed it; that arrives behind all that was said."""
        self.broken = False
        self.known_to_server = self.known_to_exchange = True
        """Whether either end takes it for one that is there."""

    def send(self, text: str) -> None:
        if self.code is None and not self.broken:
            self.to_server.append(text)

    def hang_up(self, code: int, why: str) -> None:
        self.code = self.code or code

    async def send_str(self, data: str) -> None:
        if not self.broken:
            self.to_exchange.append(data)

    def break_(self, to_exchange: int, to_server: int) -> None:
        """Of what is under way so many frames still arrive."""
        self.broken = True
        self.to_exchange = deque(list(self.to_exchange)[:to_exchange])
        self.to_server = deque(list(self.to_server)[:to_server])


class _Loop:
    """As much of a loop as the driver needs."""

    def __init__(self) -> None:
        self.soon: deque[Callable[[], None]] = deque()

    def call_soon(self, then: Callable[[], None]) -> None:
        self.soon.append(then)

    def turn(self) -> None:
        self.soon.popleft()()


class LinkScene(Scene):
    """One site with a few phones. Without ``luck`` things happen in the order of ``_possible``."""

    def __init__(self, rules: Rules | None = None, luck: Random | None = None) -> None:
        self.now = 100.0
        self.luck = luck
        self.reachable = True
        self.connections: list[Connection] = []
        self.obeyed: set[OrderId] = set()
        self.after_input: Callable[[Sequence[AnyEvent]], None] = lambda _: None
        super().__init__(rules, up=False)
        trunks = tuple(trunk.number for trunk in self.directory.trunk_numbers)
        self.plan = Plan(tuple(number for number in self.directory.numbers if number not in trunks), trunks)
        self._exchanges = 0
        self._new_exchange()
        self._new_driver()
        self.run()

    def _new_exchange(self) -> None:
        self._exchanges += 1
        exchange = Exchange(leg_prefix=f"x{self._exchanges}-")
        exchange.furnish(self.plan.numbers, self.plan.trunk_numbers, self.plan.lines_per_phone)
        self.station = Station(exchange, lambda: self.now, lambda _: None)
        self.exchange, self.link = exchange, self.station.link
        carry_out = exchange.carry_out

        def counted(orders: Sequence[AnyOrder], now: float) -> list[AnyReport]:
            again = [order for order in orders if order.order in self.obeyed]
            assert not again, f"done twice: {again}"
            self.obeyed.update(order.order for order in orders)
            return carry_out(orders, now)

        exchange.carry_out = counted  # type: ignore[method-assign]

    def _new_driver(self) -> None:
        self._loop = _Loop()
        driver = self.driver = RemoteSwitch("", self.plan, lambda: self.now)
        driver._loop = self._loop  # type: ignore[assignment]
        driver._hear = self._hear

    # -- inputs ----------------------------------------------------------------------------------------------------

    def act(self, number: Number, action: AnyAction) -> Cannot | None:
        done = self.link.act(number, action)
        if isinstance(done, Cannot):
            return done
        self.station.tell(done)
        return None

    def cut(self) -> None:
        """The lab cuts the link, and the exchange says so."""
        self.station.tell(self.link.cut())

    def mend(self) -> None:
        self.station.tell(self.link.mend())

    def end_faults(self) -> None:
        self.reachable = True
        super().end_faults()

    def _hear(self, report: AnyReport) -> None:
        self._take(self.board.hear(report, self.now))

    def _take(self, outcome: Outcome) -> None:
        self.after_input(outcome.events)
        super()._take(outcome)

    def give(self, orders: Sequence[AnyOrder]) -> None:
        self.unwritten.append((orders, self.board.links))

    def be_slow(self, is_slow: bool) -> None:
        """Being written down is one of the things that happen."""
        self.is_slow = is_slow

    def submit(self, orders: Sequence[AnyOrder], is_current: bool) -> None:
        if is_current:
            self.driver.submit(orders)
        else:
            self._loop.call_soon(lambda: self._give_up(orders))

    def _give_up(self, orders: Sequence[AnyOrder]) -> None:
        for order in orders:
            self._hear(OrderFailed(order.order, "the link broke"))

    # -- harm ------------------------------------------------------------------------------------------------------

    def lose(self, to_exchange: int = 0, to_server: int = 0) -> None:
        """All connections break."""
        for connection in self.connections:
            connection.break_(to_exchange, to_server)

    def die(self, to_exchange: int = 0) -> None:
        """The server is killed, and there again; of what it had said so much arrives."""
        self.dies = False
        self.driver._hear = None
        for connection in self.connections:
            connection.break_(to_exchange, 0)
            connection.known_to_server = False
        self.unwritten.clear()
        self.roster = Roster(self.directory)
        self.roster.restore(self.kept.read(TABLE))
        self.board = self.twin()
        self._new_driver()

    def kill_exchange(self, to_server: int = 0) -> None:
        """It is there again, without calls; of what it had said so much arrives."""
        for connection in self.connections:
            connection.break_(0, to_server)
            connection.known_to_exchange = False
        self._new_exchange()

    # -- what comes next -------------------------------------------------------------------------------------------

    def deliver(self) -> bool:
        """One thing happens. Whether there was one."""
        possible = self._possible()
        if not possible:
            return False
        (self.luck.choice(possible) if self.luck is not None else possible[0])()
        ends = [one for one in self.connections if one.known_to_server or one.known_to_exchange or one.to_exchange]
        self.connections = ends
        return True

    def _possible(self) -> list[Callable[[], None]]:
        found: list[Callable[[], None]] = []
        if self.unwritten and not self.is_slow:
            found.append(self.write_down)
        if self._loop.soon:
            found.append(self._loop.turn)
        for connection in self.connections:
            found += self._possible_at_the_exchange(connection)
            found += self._possible_at_the_server(connection)
        if self.reachable and self.driver._socket is None and not self.driver._fenced:
            found.append(self._connect)
        return found

    def _possible_at_the_exchange(self, connection: Connection) -> list[Callable[[], None]]:
        if not connection.known_to_exchange:
            connection.to_exchange.clear()
            return []
        if connection.to_exchange:
            return [lambda: self._arrive(connection)]
        over = connection.broken or connection.code is not None or not connection.known_to_server
        return [lambda: self._gone(connection)] if over else []

    def _possible_at_the_server(self, connection: Connection) -> list[Callable[[], None]]:
        if not connection.known_to_server:
            return []
        if connection.to_server:
            return [lambda: self._understand(connection)]
        return [lambda: self._over(connection)] if connection.broken or connection.code is not None else []

    def _arrive(self, connection: Connection) -> None:
        text = connection.to_exchange.popleft()
        if connection.code is None:  # whoever is closing listens no more (server.exchange)
            self.station.hear(connection, text)

    def _gone(self, connection: Connection) -> None:
        connection.known_to_exchange = False
        self.station.gone(connection)

    def _understand(self, connection: Connection) -> None:
        try:
            self.driver._understand(connection.to_server.popleft())
        except _LostError:
            self._leave(connection)

    def _over(self, connection: Connection) -> None:
        """What ``remote._listen`` does with the end of a connection."""
        if connection.code == frames.TAKEN_OVER and not connection.broken:
            self.driver._fence()
        self._leave(connection)

    def _leave(self, connection: Connection) -> None:
        connection.known_to_server = False
        if self.driver._socket is connection:
            self.driver._socket = None
            self.driver._lost()

    def _connect(self) -> None:
        connection = Connection()
        self.connections.append(connection)
        socket: Any = connection
        self.driver._socket = socket
        self.station.welcome(connection)

    def run(self) -> None:
        for _ in range(STEPS_MAX):
            if not self.deliver():
                return
        raise AssertionError("it goes on for ever")

    def wait(self, seconds: float, deliver: bool = True) -> None:
        until = self.now + seconds
        while True:
            if deliver:
                self.run()
            due = [at for at in (self.board.next_deadline(), self.link.next_deadline()) if at is not None]
            at = min(due, default=until + 1)
            if at > until:
                break
            self.now = max(self.now, at)
            self.station.tick()
            while (deadline := self.board.next_deadline()) is not None and deadline <= self.now:
                self._take(self.board.tick(self.now))
        self.now = until

    # -- looking ---------------------------------------------------------------------------------------------------

    def check_switch(self) -> None:
        """Both ends know of the same last snapshot, and of no other connection."""
        assert self.station.is_held, "nobody has the exchange"
        assert self.driver._known == self.station._snapshots, "the server does not know the last snapshot"
        assert len(self.connections) == 1, self.connections
        assert not self.driver._fenced, "the server was fenced off by itself"
        assert not self.unwritten, self.unwritten
