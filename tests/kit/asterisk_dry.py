"""The driver and a likeness of Asterisk, without a board: orders in, reports out, at once or by the piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
from tests.kit.asterisk_likeness import Likeness
from tests.kit.asterisk_scene import list_all, read
from tests.kit.asterisk_things import Channel, Event

from cordboard.calls.model import LegId, Number, OrderId
from cordboard.calls.orders import AnyOrder, DialLeg
from cordboard.calls.records import Leg, Place, Remembered, Tape
from cordboard.calls.reports import AnyReport
from cordboard.switches.ari.driver import Driver, DriverSettings
from cordboard.switches.ari.finding import Found
from cordboard.switches.ari.tracker import AnswerMode, Line, Setup

NUMBERS = ("5000", "5001", "5002", "5003")


def row(leg: LegId, number: Number, place: Place, order: OrderId = 1, *, answered: bool = True) -> Leg:
    """A leg as the board's rows have it, ordered to be there by this order."""
    return Leg(leg, number, place=place, order=order, answered=answered, dialled=True)


class Dry:
    """``asked`` are the requests that were carried out, as lines; ``heard`` what was reported."""

    def __init__(self, answer: AnswerMode = AnswerMode.NOTIFY, trunk: str = "", outside: str = "") -> None:
        endpoints = {number: f"PJSIP/{number}" for number in NUMBERS}
        beyond = {outside: trunk.replace("{number}", outside)} if outside else {}
        self.likeness = Likeness(endpoints | beyond)
        phones = tuple(Setup(number, endpoint, answer) for number, endpoint in endpoints.items())
        self.settings = DriverSettings(trunk=trunk, nail="*55", phones=phones)
        self.driver = Driver(self.settings)
        self.now = 0.0
        self.asked: list[str] = []
        self.heard: list[AnyReport] = []
        self.hear: Callable[[AnyReport], None] = lambda _: None
        self._orders = 1000
        self.mend()
        self.heard.clear()

    # -- orders ----------------------------------------------------------------------------------------------------

    def begin(self, *orders: AnyOrder) -> list[AnyReport]:
        """Give orders; nothing of them arrives at Asterisk yet. What is reported at once."""
        before = len(self.heard)
        self.driver.carry_out(orders, self.now)
        self.flush()
        return self.heard[before:]

    def do(self, *orders: AnyOrder) -> list[AnyReport]:
        """Give orders, and let everything that follows happen. What is reported."""
        before = len(self.heard)
        self.asked.clear()
        self.begin(*orders)
        self.pump()
        return self.heard[before:]

    def dial(self, leg: LegId, number: Number, *, auto_answer: bool = False) -> list[AnyReport]:
        self._orders += 1
        return self.do(DialLeg(self._orders, leg, number, "0123", "call", auto_answer))

    def up(self, *legs: LegId) -> None:
        """These are dialled and answered, each at a telephone of its own."""
        for leg, number in zip(legs, NUMBERS, strict=False):
            self.dial(leg, number)
            self.likeness.pick_up(self.channel(leg))
            self.pump()
        self.forget()

    def fail(self, *statuses: int) -> None:
        self.likeness.failing += statuses

    def forget(self) -> None:
        self.asked.clear()
        self.heard.clear()

    # -- the wire --------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        outbox = self.driver.outbox
        while outbox.reports:
            report = outbox.reports.pop(0)
            self.heard.append(report)
            self.hear(report)
            self.driver.heard(report)

    def step(self) -> bool:
        """One request, with its answer, or one notice, or all events."""
        outbox, likeness = self.driver.outbox, self.likeness
        if likeness.said:
            for event in likeness.take():
                self.driver.hear(read(event), self.now)
        elif outbox.requests:
            number, request = outbox.requests.pop(0)
            status, body = likeness.request(request)
            self.asked.append(f"{request.method} {request.path}")
            self.driver.answered(number, status, msgspec.json.encode(body).decode(), self.now)
        elif outbox.notices:
            number, channel, _ = outbox.notices.pop(0)
            self.driver.notified(number, likeness.talk(channel), self.now)
        else:
            return False
        self.flush()
        return True

    def pump(self) -> list[AnyReport]:
        """Until nothing is on its way. What is reported."""
        before = len(self.heard)
        while self.step():
            pass
        return self.heard[before:]

    def wait(self, seconds: float) -> list[AnyReport]:
        """Time passes. What is reported."""
        self.now += seconds
        before = len(self.heard)
        self.driver.tick(self.now)
        self.pump()
        return self.heard[before:]

    def tell(self, kind: str, leg: LegId = "", **fields: object) -> list[AnyReport]:
        """Asterisk says this, of a leg's channel if one is named."""
        event: Event = {"type": kind, **fields}
        if leg:
            event["channel"] = self.channel(leg).shown()
        self.likeness.said.append(event)
        return self.pump()

    def cut(self) -> None:
        self.likeness.serving = False
        self.likeness.said.clear()
        self.driver.lost()
        self.flush()

    def mend(self, *announced: str) -> list[AnyReport]:
        before = len(self.heard)
        self.likeness.serving = True
        self.driver.found(self.found(), announced, self.now)
        self.flush()
        self.pump()
        return self.heard[before:]

    def begin_anew(self, *legs: Leg, tapes: Sequence[Tape] = (), unanswered: Iterable[OrderId] = ()) -> list[AnyReport]:
        """The process is killed; the next one knows from its rows of these, and goes on."""
        self.cut()
        self.forget()
        self.now += 1.0
        self.driver = Driver(self.settings)
        dialing = frozenset(leg.id for leg in legs if leg.order in unanswered and not leg.place)
        self.driver.resume(Remembered(tuple(tapes), legs, dialing, frozenset(unanswered)), self.now)
        return self.mend()

    def found(self) -> Found:
        return list_all(self.likeness, self.driver)

    # -- looking ---------------------------------------------------------------------------------------------------

    def line(self, leg: LegId) -> Line:
        return self.driver._tracker.lines[leg]

    def channel(self, leg: LegId) -> Channel:
        return self.likeness.channels[self.line(leg).channel]

    def hears(self, leg: LegId) -> list[str]:
        return sorted(self.likeness.hears(self.channel(leg))) or ["silence"]
