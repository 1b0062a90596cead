"""Whatever breaks in between, the server as well: what ``test_delivery`` says of one process is true of many.

The journal becomes durable when it likes, and a kill loses what was not: that was never told to anybody, as if it had
not happened. What was written to a WebSocket may arrive after the death of its server, or not.
"""

from __future__ import annotations

import json
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.kit.slow_journal import SlowJournal
from tests.properties.test_delivery import Delivery

from cordboard.bayeux.broker import Broker
from cordboard.bayeux.extensions import ALL_RETAINED
from cordboard.bayeux.keeping import Keeper, Unkept
from cordboard.bayeux.limits import BayeuxLimits
from cordboard.bayeux.messages import decode_batch
from cordboard.bayeux.replay import RecentMessages, Retention
from cordboard.bayeux.session import Transport
from cordboard.bayeux.visits import Caller
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


class Replay(RuleBasedStateMachine):
    """What is retained, of a server that is killed now and then, beside one that never is and hears the same."""

    LIMITS = BayeuxLimits(
        replay_messages_max=3, replay_age_max_s=10.0, identity_handshakes_burst=1_000, sessions_per_identity_max=1_000
    )
    IDENTITIES = ("anna", "bert")
    CHANNELS = ("/a", "/b", "/c/d")

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0
        self.journal = SlowJournal()
        self.had: dict[str, list[int]] = {}
        """The numbers that clients of each may have."""
        self.model = self.broker_with(Unkept(), RecentMessages(self.LIMITS))
        self.restart()

    def broker_with(self, keeper: Keeper, retention: RecentMessages) -> Broker:
        ids = count(self.journal.last)
        return Broker(
            self.LIMITS,
            lambda: f"c{next(ids)}",
            lambda who, name: True,
            lambda: 0,
            retention=retention,
            keeper=keeper,
        )

    def restart(self) -> None:
        self.retention = RecentMessages(self.LIMITS)
        self.broker = self.broker_with(JournalKeeper(self.journal, lambda: self.now), self.retention)
        self.broker.restore(self.now)
        self.broker.open(self.now)

    @rule(who=st.sampled_from(IDENTITIES))
    def shake_hands(self, who: str) -> None:
        message = {"channel": "/meta/handshake", "supportedConnectionTypes": ["websocket"], "ext": {"replay": True}}
        batch = decode_batch(json.dumps(message), self.LIMITS)
        assert isinstance(batch, list)
        for broker in (self.model, self.broker):
            broker.receive(Caller(who, Transport.WEBSOCKET), batch, self.now)
        self.journal.flush()

    @rule(who=st.sampled_from(IDENTITIES), channel=st.sampled_from(CHANNELS))
    def tell(self, who: str, channel: str) -> None:
        self.broker.publish(who, channel, b"{}")
        self.journal.flush()
        self.had.setdefault(who, []).append(self.journal.last)
        self.model.publish(who, channel, b"{}", self.journal.last)

    @rule(seconds=st.sampled_from([0.0, 1.0, 6.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for broker in (self.model, self.broker):
            broker.sweep(self.now)
        self.journal.flush()

    @rule()
    def kill(self) -> None:
        self.journal = self.journal.crash()
        self.restart()
        self.broker.sweep(self.now)
        self.model.sweep(self.now)

    @invariant()
    def the_same_can_be_had_again(self) -> None:
        model = self.model._retention
        assert model is not None
        for who in self.IDENTITIES:
            if not model.retains(who):
                self.had.pop(who, None)  # too old; the other may remember for longer, as its time began anew
                continue
            for name in (*self.CHANNELS, "/**"):
                everything = ids_of(model, who, name, ALL_RETAINED)
                assert everything is not None
                # What was told just before somebody asked for replay may be there as well: the journal has it.
                found = ids_of(self.retention, who, name, ALL_RETAINED) or []
                assert found[len(found) - len(everything) :] == everything
                for after in self.had.get(who, [])[-6:]:
                    expected = ids_of(model, who, name, after)
                    assert expected is None or ids_of(self.retention, who, name, after) == expected


def ids_of(retention: Retention, who: str, name: str, after: int) -> list[int] | None:
    found = retention.since(who, name, after)
    return None if found is None else [one.replay_id for one in found]


TestReplay = Replay.TestCase
TestReplay.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

TestRestart = Restart.TestCase
TestRestart.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
