"""Whatever breaks in between, the server as well: what ``test_delivery`` says of one process is true of many.

The journal becomes durable when it likes, and a kill loses what was not: that was never told to anybody, as if it had
not happened. What was written to a WebSocket may arrive after the death of its server, or not.
"""

from __future__ import annotations

from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule
from tests.kit.slow_journal import SlowJournal
from tests.properties.test_delivery import Delivery

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.server.cometd_keeper import TOLD, JournalKeeper


class Restart(Delivery):
    """One session, its client, and one server after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.journal = SlowJournal()

    def new_broker(self) -> Broker:
        ids = count(1)
        keeper = JournalKeeper(self.journal, lambda: 0.0)
        return Broker(BayeuxLimits(), lambda: f"c{next(ids)}", lambda who, name: True, lambda: 0, keeper=keeper)

    def settle(self) -> None:
        self.journal.flush()

    @rule(entries=st.integers(1, 5))
    def become_durable(self, entries: int) -> None:
        self.journal.flush(entries)

    @rule()
    def sweep(self) -> None:
        assert self.broker.sweep(self.now) == 0

    @rule(still_arrive=st.integers(0, 5))
    def kill(self, still_arrive: int) -> None:
        for frame in self.pipe[:still_arrive]:
            self.take(frame)
        self.pipe, self.socket, self.connect, self.slow = [], None, None, None
        self.failed = True
        self.line.lost = True
        self.journal = self.journal.crash()
        self.published = sum(1 for _, line in self.journal.lines() if line.kind == TOLD)
        self.broker = self.new_broker()
        assert self.broker.restore(self.now) == 1

    def teardown(self) -> None:
        self.journal.flush()
        super().teardown()


TestRestart = Restart.TestCase
TestRestart.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
