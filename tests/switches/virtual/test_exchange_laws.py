"""Laws of the exchange that hold whatever is ordered and whatever people do, in any order."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cordboard.calls.model import Reason
from cordboard.calls.orders import (
    AnswerLeg,
    AnyOrder,
    DialLeg,
    DropLeg,
    HoldLeg,
    JoinLegs,
    MuteLeg,
    RingLeg,
    SendDigits,
)
from cordboard.calls.reports import AnyReport, LegEnded, LegOffered, OrderDone, OrderFailed, SwitchDown, SwitchSnapshot
from cordboard.switches.virtual.exchange import Exchange, PhoneView
from cordboard.switches.virtual.persons import (
    Answer,
    AnyAction,
    Cannot,
    Dial,
    Dtmf,
    Hangup,
    Hold,
    Plug,
    Reject,
    Retrieve,
    Transfer,
    Unplug,
)
from cordboard.switches.virtual.phones import Behaviour, OnRing

NUMBERS = ("10", "20", "30", "0900")
TONES = {"music", "ringback", "busy", "silence"}

numbers = st.sampled_from(NUMBERS)
legs = st.sampled_from(["a", "b", "c", "d", "x1", "x2", "x3"])
some_legs = st.lists(legs, max_size=2).map(tuple)
mixes = st.sampled_from(["m", "n", ""])
reasons = st.sampled_from(Reason)
lines = st.none() | st.integers(0, 3)
number = st.just(0)

orders: st.SearchStrategy[AnyOrder] = st.one_of(
    st.builds(DialLeg, number, legs, st.sampled_from([*NUMBERS, "99"]), numbers, st.just("c"), st.booleans()),
    st.builds(AnswerLeg, number, legs),
    st.builds(DropLeg, number, legs, reasons),
    st.builds(JoinLegs, number, mixes, some_legs, some_legs, some_legs, some_legs),
    st.builds(HoldLeg, number, music=some_legs, quiet=some_legs),
    st.builds(RingLeg, number, ringback=some_legs),
    st.builds(SendDigits, number, legs, st.just("1")),
    st.builds(MuteLeg, number, legs, st.booleans()),
)
actions: st.SearchStrategy[AnyAction] = st.one_of(
    st.builds(Dial, to=numbers, line=lines),
    *(st.builds(kind, line=lines) for kind in (Answer, Reject, Hangup, Hold, Retrieve, Plug, Unplug)),
    st.builds(Transfer, to=numbers, line=lines),
    st.builds(Dtmf, digits=st.just("1"), line=lines),
)


class ExchangeLaws(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange(NUMBERS[:3], NUMBERS[3:], lines_max=2)
        self.now = 0.0
        self.order_count = 0
        self.known: set[str] = set()
        self.muted: set[str] = set()

    @rule(given=st.lists(orders, min_size=1, max_size=4))
    def order(self, given: list[AnyOrder]) -> None:
        numbered = []
        for one in given:
            self.order_count += 1
            numbered.append(msgspec.structs.replace(one, order=self.order_count))
        reports = self.exchange.carry_out(numbered, self.now)
        answered = [report.order for report in reports if isinstance(report, OrderDone | OrderFailed)]
        assert answered == [one.order for one in numbered]
        self.see(reports, {one.order: one for one in numbered})

    @rule(phone=numbers, action=actions)
    def act(self, phone: str, action: AnyAction) -> None:
        before = self.seen()
        done = self.exchange.act(phone, action)
        if isinstance(done, Cannot):
            assert self.seen() == before
        else:
            self.see(done)

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.see(self.exchange.tick(self.now))
        deadline = self.exchange.next_deadline()
        assert deadline is None or deadline > self.now

    @rule(phone=numbers, on_ring=st.sampled_from(OnRing), after_ms=st.sampled_from([0, 50, 2000]))
    def behave(self, phone: str, on_ring: OnRing, after_ms: int) -> None:
        self.exchange.set_behaviour(phone, Behaviour(on_ring, after_ms))

    @rule()
    def reset(self) -> None:
        self.see(self.exchange.reset())
        assert self.known == set()
        assert all(view.lines == () and view.hears == () for view in self.seen())

    def see(self, reports: list[AnyReport], given: dict[int, AnyOrder] | None = None) -> None:
        """Nothing is reported of a leg before it is dialled or offered, or after it has ended."""
        for report in reports:
            if isinstance(report, OrderDone | OrderFailed):
                assert given is not None
                if isinstance(report, OrderDone):
                    self.note(given[report.order])
                continue
            assert not isinstance(report, SwitchDown | SwitchSnapshot)
            if isinstance(report, LegOffered):
                self.begin(report.leg)
            assert report.leg in self.known
            if isinstance(report, LegEnded):
                self.known.remove(report.leg)

    def note(self, done: AnyOrder) -> None:
        if isinstance(done, DialLeg):
            self.begin(done.leg)
        elif isinstance(done, MuteLeg):
            (self.muted.add if done.muted else self.muted.discard)(done.leg)

    def begin(self, leg: str) -> None:
        assert leg not in self.known
        self.known.add(leg)
        self.muted.discard(leg)

    def seen(self) -> list[PhoneView]:
        return [self.exchange.phone(phone) for phone in NUMBERS]

    @invariant()
    def the_legs_are_those_that_were_reported(self) -> None:
        snapshot = [seen.leg for seen in self.exchange.snapshot().legs]
        assert set(snapshot) == self.known
        assert len(snapshot) == len(self.known)

    @invariant()
    def ended_legs_hear_nothing(self) -> None:
        for leg in {"a", "b", "c", "d", "x1", "x2", "x3"} - self.known:
            assert self.exchange.hears(leg) == []

    @invariant()
    def who_is_heard_hears(self) -> None:
        """Between two unmuted legs of one mix hearing is mutual, and nobody hears anything from outside the mix."""
        legs = self.exchange.snapshot().legs
        for leg in legs:
            mates = [other for other in legs if other.place == leg.place and other is not leg]
            for heard in set(self.exchange.hears(leg.leg)) - TONES:
                assert leg.place in ("m", "n")
                speakers = [mate for mate in mates if mate.number == heard and mate.leg not in self.muted]
                assert speakers
                if leg.leg not in self.muted:
                    assert any(leg.number in self.exchange.hears(speaker.leg) for speaker in speakers)

    @invariant()
    def a_person_listens_to_one_line_at_most(self) -> None:
        for view in self.seen():
            assert sum(line.state.value in ("talking", "dialing") for line in view.lines) <= 1
            assert set(view.hears) <= TONES or not set(view.hears) & TONES


ExchangeLaws.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestExchangeLaws = ExchangeLaws.TestCase
