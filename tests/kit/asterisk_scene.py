"""A scene with Asterisk: the real board, the real driver and a likeness of Asterisk, without loop, clock or network.

It is used like ``tests.kit.scene``. What is on its way waits until it is delivered: requests to Asterisk, and from
there answers and events, each in their order; which of these comes next is ``luck``'s business. A cut loses all of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random

import msgspec
from tests.kit import people
from tests.kit.asterisk_checks import Checked
from tests.kit.asterisk_ears import Ears
from tests.kit.asterisk_likeness import Likeness
from tests.kit.asterisk_things import Channel, Event
from tests.kit.keeping import Rows
from tests.kit.scene import CONN_PREFIX, ID_PREFIX
from tests.kit.unwritten import Unwritten

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.roster import Roster
from cordboard.calls.board import Board, Outcome
from cordboard.calls.commands import AnyCommand
from cordboard.calls.events import AnyEvent
from cordboard.calls.model import CallView, LegId, Number, OrderId, Permits, Refusal
from cordboard.calls.orders import AnyOrder
from cordboard.calls.permits import unlisted
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport, OrderDone, OrderFailed
from cordboard.calls.resuming import remembered
from cordboard.calls.segments import AnyRecord
from cordboard.people.directory import Directory
from cordboard.switches.ari import events, wire
from cordboard.switches.ari.driver import Driver, DriverSettings
from cordboard.switches.ari.finding import Found
from cordboard.switches.ari.taping import part_of
from cordboard.switches.ari.tracker import AnswerMode, Setup
from cordboard.switches.ari.wire import Request
from cordboard.switches.virtual import persons
from cordboard.switches.virtual.persons import AnyAction, Cannot

TRUNK = "PJSIP/{number}@trunk"


def read(said: Event) -> events.AnyMessage:
    message = wire.read(msgspec.json.encode(said))
    assert message is not None, said
    return message


def list_all(likeness: Likeness, driver: Driver) -> Found:
    """What a driver asks for when the link is there."""
    parts = [part_of(name, number) for name in driver.remembered for number in range(1, 9)]
    recordings = [likeness.recordings.get(name) for name in (*driver.recordings, *parts)]
    stored = frozenset(part for part in parts if part in likeness.stored)
    return Found(
        msgspec.convert(likeness.request(wire.list_channels())[1], tuple[events.Channel, ...]),
        msgspec.convert(likeness.request(wire.list_bridges())[1], tuple[events.Bridge, ...]),
        tuple(msgspec.convert(one.shown(), events.LiveRecording) for one in recordings if one is not None),
        stored,
        frozenset(one.id for one in likeness.channels.values() if one.held),
    )


class AsteriskScene(Checked, Unwritten):
    """One site with a few phones. Instants are seconds from 100 on."""

    def __init__(
        self,
        rules: Rules | None = None,
        directory: Directory | None = None,
        luck: Random | None = None,
        answer: AnswerMode = AnswerMode.NOTIFY,
    ) -> None:
        super().__init__()
        self.directory = directory or people.directory()
        trunks = [trunk.number for trunk in self.directory.trunk_numbers]
        numbers = [number for number in self.directory.numbers if number not in trunks]
        endpoints = {number: f"PJSIP/{number}" for number in numbers}
        self.likeness = Likeness(endpoints | {number: TRUNK.replace("{number}", number) for number in trunks})
        phones = tuple(Setup(number, endpoint, answer) for number, endpoint in endpoints.items())
        self._settings = DriverSettings(trunk=TRUNK if trunks else "", nail="*55", phones=phones)
        self.driver = Driver(self._settings)
        self.exchange = Ears(self.likeness, self.driver)
        self.roster = Roster(self.directory)
        self.rules = rules or Rules()
        self.board = self._new_board()
        self.kept = Rows()
        self.dies = False
        self.luck = luck
        self.now = 100.0
        self.linked = False
        self.reports: deque[AnyReport] = deque()
        self.told: list[AnyEvent] = []
        self.records: list[AnyRecord] = []
        self.accepted: list[AnyCommand] = []
        self.after_input: Callable[[Sequence[AnyEvent]], None] = lambda _: None
        """Called with what one input of the board led to: what arrives may be several."""
        self.orders: list[AnyOrder] = []
        self.requests: deque[tuple[int, Request]] = deque()
        self.answers: deque[tuple[int, int, str]] = deque()
        self.events: deque[Event] = deque()
        self.notices: deque[tuple[int, str, str]] = deque()
        self.answered: set[OrderId] = set()
        self.log: list[str] = []
        """What was on the wire, for whoever looks for what went wrong."""
        self.mend()

    # -- inputs ----------------------------------------------------------------------------------------------------

    def ask(self, command: AnyCommand) -> Refusal | None:
        outcome = self.board.ask(command, self.now)
        if outcome.refusal is None:
            self.accepted.append(command)
        self._take(outcome)
        self._flush()
        return outcome.refusal

    def set_device(self, command: AnyAgentCommand) -> bool:
        return not isinstance(self.roster.ask(command, self.now), Refusal)

    def behave(self, number: Number, on_ring: str, after_ms: int = 0) -> None:
        self.likeness.phones[number].on_ring = on_ring

    def act(self, number: Number, action: AnyAction) -> Cannot | None:
        """Somebody at a telephone."""
        done = self._act(number, action)
        self._hear()
        return None if done else Cannot(f"{number} can't {action}")

    def _act(self, number: Number, action: AnyAction) -> bool:
        likeness = self.likeness
        match action:
            case persons.Plug():
                likeness.phones[number].plugged = True
                return True
            case persons.Unplug():
                likeness.unplug(number)
                return True
            case persons.Dial(to=to):
                return likeness.dial(number, to) is not None
        channel = self.line(number, action)
        if channel is not None:
            self._press(channel, action)
        return channel is not None

    def _press(self, channel: Channel, action: AnyAction) -> None:
        likeness = self.likeness
        match action:
            case persons.Answer():
                likeness.pick_up(channel)
            case persons.Reject():
                likeness.hang_up(channel, 21)
            case persons.Hangup():
                likeness.hang_up(channel)
            case persons.Hold():
                likeness.hold(channel)
            case persons.Retrieve():
                likeness.retrieve(channel)
            case persons.Dtmf(digits=digits):
                likeness.press(channel, digits)
            case persons.Transfer(to=to):
                likeness.refer(channel, to)

    def line(self, number: Number, action: AnyAction) -> Channel | None:
        """The line that a person means."""
        lines = self.likeness.lines(number)
        if action.line is not None:
            return next((channel for channel in lines if channel.slot == action.line), None)
        states = ["Ringing"] if isinstance(action, persons.Answer | persons.Reject) else ["Up", "Ring", "Ringing"]
        fits = [channel for state in states for channel in lines if channel.state == state]
        held = isinstance(action, persons.Retrieve)
        return next((channel for channel in fits if channel.held is held), fits[0] if fits and not held else None)

    # -- the wire --------------------------------------------------------------------------------------------------

    def deliver(self) -> bool:
        """One thing that is on its way arrives. Whether there was one."""
        waiting: list[tuple[Sequence[object], Callable[[], None]]] = [
            (self.answers, self._answer),
            (self.events, self._event),
            (self.notices, self._notice),
            (self.requests, self._request),
        ]
        ready = [arrive for queue, arrive in waiting if queue]
        if not ready:
            return False
        (self.luck.choice(ready) if self.luck is not None else ready[0])()
        self._flush()
        return True

    def _request(self) -> None:
        number, request = self.requests.popleft()
        status, body = self.likeness.request(request)
        self.log.append(f"{request.method} {request.path} {request.body or ''}: {status}")
        self.answers.append((number, status, msgspec.json.encode(body).decode() if body is not None else ""))
        self._hear()

    def _answer(self) -> None:
        self.driver.answered(*self.answers.popleft(), self.now)

    def _event(self) -> None:
        said = self.events.popleft()
        self.log.append(f"-- {said['type']} {said.get('channel', {}).get('id', '')}")
        self.driver.hear(read(said), self.now)

    def _notice(self) -> None:
        number, channel, _ = self.notices.popleft()
        failure = self.likeness.talk(channel)
        self._hear()
        self.driver.notified(number, failure, self.now)

    def _hear(self) -> None:
        self.events += self.likeness.take()

    def _flush(self) -> None:
        """What ``switches.ari.switch`` does after each input."""
        while True:
            outbox, driver = self.driver.outbox, self.driver
            self.requests += outbox.requests
            self.notices += outbox.notices
            self.reports += outbox.reports
            outbox.requests.clear()
            outbox.notices.clear()
            outbox.reports.clear()
            self.driver.take_recordings()
            if not self.reports:
                return
            report = self.reports.popleft()
            self.log.append(f"   {report}")
            if isinstance(report, OrderDone | OrderFailed):
                assert report.order not in self.answered, f"order {report.order} is answered again"
                self.answered.add(report.order)
            self._take(self.board.hear(report, self.now))
            if self.driver is driver:
                driver.heard(report)

    def die(self) -> None:
        """The process is killed and there again; Asterisk went on. What was on the way to and fro is lost."""
        self.log.append("== died")
        was_linked, self.dies, self.linked = self.linked, False, False
        self.likeness.serving = False
        for queue in (self.requests, self.answers, self.events, self.notices, self.reports, self.unwritten):
            queue.clear()
        self.driver = Driver(self._settings)
        self.exchange = Ears(self.likeness, self.driver)
        self.board = self.twin()
        self.driver.resume(remembered(self.board.ledger), self.now)
        if was_linked:
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

    def _take(self, outcome: Outcome) -> None:
        self.kept.note(self.board.take_rows())
        self.told += outcome.events
        self.records += self.board.take_records() if outcome.refusal is None else ()
        self.after_input(outcome.events)
        self.orders += outcome.orders
        self.log += [f"   {order}" for order in outcome.orders]
        if self.dies and outcome.orders:
            self.die()
        else:
            self.give(outcome.orders)

    def submit(self, orders: Sequence[AnyOrder], is_current: bool) -> None:
        if self.linked and is_current:
            self.driver.carry_out(orders, self.now)
        else:
            self.reports += [OrderFailed(order.order, "the link to Asterisk is down") for order in orders]

    def write_down(self) -> None:
        super().write_down()
        self._flush()

    # -- the link --------------------------------------------------------------------------------------------------

    def cut(self) -> None:
        """The connection breaks; what was on its way is lost."""
        if not self.linked:
            return
        self.log.append("== cut")
        self.linked = self.likeness.serving = False
        for queue in (self.requests, self.answers, self.events, self.notices):
            queue.clear()
        self.driver.lost()
        self._flush()

    def mend(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """The connection is there again; ``meanwhile`` happens between that and the lists."""
        if self.linked:
            return
        self.log.append("== mended")
        self.likeness.serving = True
        self.likeness.failing.clear()
        meanwhile()
        self._hear()
        held_back, self.events = list(self.events), deque()
        found = list_all(self.likeness, self.driver)
        announced = {event["channel"]["id"] for event in held_back if event["type"] == "StasisStart"}
        self.linked = True
        self.driver.found(found, announced, self.now)
        for event in held_back:
            self.driver.hear(read(event), self.now)
        self._flush()

    def restart(self) -> None:
        """Asterisk dies and is there again."""
        self.cut()
        self.likeness.restart()
        self.mend()

    def fail(self, *statuses: int) -> None:
        """The next requests fail so; 0 lets one through."""
        self.likeness.failing += statuses

    def kick(self, choice: int) -> None:
        """Somebody at Asterisk's console takes a channel out of its bridge, or ends a bridge."""
        likeness = self.likeness
        there = [one for one in likeness.channels.values() if one.bridge]
        for one in [there[choice % len(there)]] if there else ():
            self.log.append(f"== {one.id} is taken out of {one.bridge}{' with all others' if choice % 4 == 0 else ''}")
            likeness.destroy(one.bridge) if choice % 4 == 0 else likeness.kick(one)
        self._hear()

    def end_faults(self) -> None:
        self.be_slow(False)
        self.likeness.failing.clear()
        self.mend()

    # -- time ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        while self.deliver():
            pass

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while True:
            self.run()
            deadlines = (self.board.next_deadline(), self.driver.next_deadline())
            at = min((at for at in deadlines if at is not None), default=until + 1)
            if at > until:
                break
            self.now = max(self.now, at)
            self.driver.tick(self.now)
            self._flush()
            while (deadline := self.board.next_deadline()) is not None and deadline <= self.now:
                self._take(self.board.tick(self.now))
                self._flush()
        self.now = until

    # -- looking ---------------------------------------------------------------------------------------------------

    def calls(self, number: Number) -> Sequence[CallView]:
        return self.board.calls_of(number)

    def offered(self, view: CallView) -> Permits:
        return view.permits | unlisted(self.board.ledger, view.call)

    def news(self) -> list[AnyEvent]:
        told, self.told = self.told, []
        return told

    def may_speak(self, leg: LegId) -> bool:
        channel = self.channel(leg)
        return not (channel.muted or channel.held)

    def may_listen(self, leg: LegId) -> bool:
        return not self.channel(leg).held

    def channel(self, leg: LegId) -> Channel:
        return self.likeness.channels[self.driver._tracker.lines[leg].channel]

    def hang_up_all(self) -> None:
        """Everybody goes home."""
        for number in self.likeness.phones:
            for channel in self.likeness.lines(number):
                self.likeness.hang_up(channel)
        self._hear()
