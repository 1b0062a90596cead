"""Laws of the exchange that hold whatever is ordered and whatever people do, in any order."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

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
from cordboard.calls.reports import (
    AnyReport,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    OrderDone,
    OrderFailed,
    SwitchDown,
    SwitchSnapshot,
)
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
lines = st.none() | st.integers(0, 2)
some_legs = st.lists(st.integers(0, 5), max_size=3)
mixes = st.sampled_from(["m", "m", "n", "n", "n", ""])
on_line = st.one_of(
    *(st.builds(kind, line=lines) for kind in (Answer, Answer, Reject, Hangup, Hold, Retrieve, Retrieve))
)


class ExchangeLaws(RuleBasedStateMachine):
    """Legs are chosen by a number among those that exist, so that most orders can be carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.exchange = Exchange(NUMBERS[:3], NUMBERS[3:], lines_max=3)
        self.now = 0.0
        self.order_count = 0
        self.leg_count = 0
        self.known: dict[str, None] = {}
        self.ended: set[str] = set()
        self.muted: set[str] = set()
        self.held: set[str] = set()
        self.offered: set[str] = set()

    # -- orders

    def leg(self, choice: int) -> str:
        return [*self.known, "gone"][choice % (len(self.known) + 1)]

    def legs(self, choices: list[int]) -> tuple[str, ...]:
        """None of them may be missing, or the whole order fails."""
        return tuple(list(self.known)[choice % len(self.known)] for choice in choices if self.known)

    def carry_out(self, *orders: AnyOrder) -> None:
        given = {}
        for one in orders:
            self.order_count += 1
            given[self.order_count] = msgspec.structs.replace(one, order=self.order_count)
        reports = self.exchange.carry_out(tuple(given.values()), self.now)
        answered = [report.order for report in reports if isinstance(report, OrderDone | OrderFailed)]
        assert answered == list(given)
        self.see(reports, given)

    @initialize()
    def everybody_talks(self) -> None:
        for number in NUMBERS:
            self.dial(number, auto_answer=True)
        self.carry_out(JoinLegs(0, "m", mixed=tuple(self.known)))

    @rule(number=st.sampled_from([*NUMBERS, *NUMBERS, "99"]), auto_answer=st.booleans())
    def dial(self, number: str, auto_answer: bool) -> None:
        self.leg_count += 1
        # Some legs are named as the exchange names those that it makes itself.
        leg = f"x{self.leg_count}" if self.leg_count % 3 == 0 else f"leg{self.leg_count}"
        self.carry_out(DialLeg(0, leg, number, "10", "c", auto_answer))

    @rule(mix=mixes, mixed=some_legs, music=some_legs, quiet=some_legs)
    def join(self, mix: str, mixed: list[int], music: list[int], quiet: list[int]) -> None:
        self.carry_out(JoinLegs(0, mix, self.legs(mixed), self.legs(music), quiet=self.legs(quiet)))

    @rule(mix=mixes, mixed=some_legs)
    def only_join(self, mix: str, mixed: list[int]) -> None:
        self.carry_out(JoinLegs(0, mix, self.legs(mixed)))

    @rule(music=some_legs, ringback=some_legs)
    def part(self, music: list[int], ringback: list[int]) -> None:
        self.carry_out(HoldLeg(0, music=self.legs(music)), RingLeg(0, ringback=self.legs(ringback)))

    @rule(choice=st.integers(0, 9), reason=st.sampled_from(Reason))
    def drop(self, choice: int, reason: Reason) -> None:
        leg = self.leg(choice)
        self.carry_out(DropLeg(0, leg, reason), MuteLeg(0, leg, True))

    @rule(choice=st.integers(0, 9), muted=st.booleans())
    def signal(self, choice: int, muted: bool) -> None:
        leg = self.leg(choice)
        self.carry_out(AnswerLeg(0, leg), MuteLeg(0, leg, muted), SendDigits(0, leg, "1"))

    # -- people

    @rule(phone=numbers, action=on_line)
    def press(self, phone: str, action: AnyAction) -> None:
        self.act(phone, action)

    @rule(phone=numbers, line=lines)
    def lift(self, phone: str, line: int | None) -> None:
        self.act(phone, Dial(to="10", line=line))
        self.act(phone, Dtmf(digits="1"))
        self.act(phone, Transfer(to="20", line=line))

    @rule(phone=numbers, plugged=st.sampled_from([True, True, False]))
    def plug(self, phone: str, plugged: bool) -> None:
        self.act(phone, Plug() if plugged else Unplug())

    def act(self, phone: str, action: AnyAction) -> None:
        before = self.seen()
        done = self.exchange.act(phone, action)
        if isinstance(done, Cannot):
            assert self.seen() == before
        else:
            self.see(done)

    @rule(phone=numbers, on_ring=st.sampled_from([*OnRing, OnRing.RING]), after_ms=st.sampled_from([0, 50, 2000]))
    def behave(self, phone: str, on_ring: OnRing, after_ms: int) -> None:
        self.exchange.set_behaviour(phone, Behaviour(on_ring, after_ms))

    # -- the rest

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.see(self.exchange.tick(self.now))
        deadline = self.exchange.next_deadline()
        assert deadline is None or deadline > self.now

    @rule(really=st.integers(0, 4))
    def reset(self, really: int) -> None:
        if really == 4:
            self.see(self.exchange.reset())
            assert self.known == {}
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
                self.offered.add(report.leg)
            if report == LegEnded(report.leg) and report.leg not in self.known:
                continue  # the answer to dropping what is not there
            assert report.leg in self.known
            if isinstance(report, LegHeld):
                assert report.leg not in self.held
                self.held.add(report.leg)
            elif isinstance(report, LegRetrieved):
                self.held.discard(report.leg)
            elif isinstance(report, LegEnded):
                del self.known[report.leg]
                self.ended.add(report.leg)

    def note(self, done: AnyOrder) -> None:
        if isinstance(done, DialLeg):
            self.begin(done.leg)
        elif isinstance(done, JoinLegs | RingLeg):
            # Of several lines of one phone it turns to the last.
            seen = {leg.leg: leg for leg in self.exchange.snapshot().legs}
            off_hook = [leg for leg in (*done.ringback, *done.mixed) if seen[leg].answered or leg in self.offered]
            self.held.difference_update({seen[leg].number: leg for leg in off_hook}.values())
        elif isinstance(done, MuteLeg):
            (self.muted.add if done.muted else self.muted.discard)(done.leg)

    def begin(self, leg: str) -> None:
        assert leg not in self.known
        self.known[leg] = None
        self.ended.discard(leg)
        self.muted.discard(leg)
        self.held.discard(leg)
        self.offered.discard(leg)

    def seen(self) -> list[PhoneView]:
        return [self.exchange.phone(phone) for phone in NUMBERS]

    @invariant()
    def the_legs_are_those_that_were_reported(self) -> None:
        snapshot = [seen.leg for seen in self.exchange.snapshot().legs]
        assert set(snapshot) == set(self.known)
        assert len(snapshot) == len(self.known)
        assert sum(len(view.lines) for view in self.seen()) <= 3 * len(NUMBERS)

    @invariant()
    def ended_legs_hear_nothing(self) -> None:
        for leg in self.ended:
            assert self.exchange.hears(leg) == []

    @invariant()
    def those_in_a_mix_hear_each_other(self) -> None:
        """All that are answered, unless they were reported held or are muted; and nobody hears anything else."""
        legs = [leg for leg in self.exchange.snapshot().legs if leg.answered and leg.leg not in self.held]
        for leg in legs:
            mates = [one for one in legs if one.place == leg.place and one is not leg and one.place in ("m", "n")]
            speaking = [one.number for one in mates if one.leg not in self.muted]
            heard = [one for one in self.exchange.hears(leg.leg) if one not in TONES]
            assert sorted(heard) == sorted(speaking)

    @invariant()
    def who_is_held_or_not_answered_hears_nobody(self) -> None:
        for leg in self.exchange.snapshot().legs:
            if leg.leg in self.held:
                assert self.exchange.hears(leg.leg) == ["silence"]
            elif not leg.answered:
                assert set(self.exchange.hears(leg.leg)) <= TONES

    @invariant()
    def a_person_listens_to_one_line_at_most(self) -> None:
        for view in self.seen():
            assert sum(line.state.value in ("talking", "dialing") for line in view.lines) <= 1
            assert set(view.hears) <= TONES or not set(view.hears) & TONES


ExchangeLaws.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestExchangeLaws = ExchangeLaws.TestCase
