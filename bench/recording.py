"""Recordings of what a board is given: every command, report and tick of a scripted day, to be played to other boards.

They are made with a real board and the imitation exchange; played, they cost nothing but a loop, so that only the board
is measured. Time is made up: ``PACE_S`` passes with each input. Deliberately absent: measuring (``board``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import msgspec

from cordboard.calls.board import Board, Outcome
from cordboard.calls.commands import Answer, AnyCommand, CompleteTransfer, InitiateTransfer
from cordboard.calls.events import AnyEvent, CallChanged
from cordboard.calls.model import CallId, CallState, Number, Route
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport
from cordboard.people.directory import Destination
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.persons import AnyAction, Cannot, Dial, Hangup
from cordboard.switches.virtual.phones import Behaviour, OnRing

PACE_S = 0.002
"""Some twenty transfers each second, so that timers are due while transfers are played."""

_QUIET_S = 120.0
_ID_PREFIX, _CONN_PREFIX = "0BENCH0000000000000000000Z", "00be0c11"
AGENTS = 20

Script: TypeAlias = "list[tuple[Callable[..., Outcome], tuple[Any, ...]]]"
"""Functions and their arguments, so that a measured loop only has to call."""


class Input(msgspec.Struct, frozen=True, gc=False):
    """One thing that a board is given; ``kind`` is its method: ask, hear or tick."""

    kind: str
    value: Any
    now: float


class Numbers:
    """A numbering plan of everybody in the recording."""

    def __init__(self, numbers: Iterable[Number]) -> None:
        self._destinations = {number: Destination(number) for number in numbers}

    def find(self, dialled: str, caller: Number) -> Route | None:  # noqa: ARG002  # as in calls.model.Routes
        return self._destinations.get(dialled)


class Recording(msgspec.Struct, frozen=True):
    """``setup`` brings so many calls into progress; ``inputs`` are the transfers after it.

    ``events`` and ``orders`` are what the inputs led to, by which a player can see that it played them right.
    """

    numbers: Numbers
    setup: Sequence[Input]
    inputs: Sequence[Input]
    calls_in_progress: int
    events: int
    orders: int

    def board(self) -> Board:
        """A board like the one that this was recorded with, before the setup."""
        return Board(Rules(), self.numbers, _ID_PREFIX, _CONN_PREFIX)

    @property
    def counted(self) -> int:
        """Commands and reports. Ticks are played and timed but not counted: most find nothing to do."""
        return sum(one.kind != "tick" for one in self.inputs)


def play(board: Board, inputs: Iterable[Input]) -> tuple[int, int]:
    """Give a board these inputs: how many events and orders they led to."""
    events = orders = 0
    for method, arguments in prepared(board, inputs):
        outcome = method(*arguments)
        assert outcome.refusal is None
        events += len(outcome.events)
        orders += len(outcome.orders)
    return events, orders


def prepared(board: Board, inputs: Iterable[Input]) -> Script:
    """The inputs, ready to be given to this board."""
    methods: dict[str, Callable[..., Outcome]] = {"ask": board.ask, "hear": board.hear, "tick": board.tick}
    return [(methods[one.kind], (one.now,) if one.kind == "tick" else (one.value, one.now)) for one in inputs]


def record(in_progress: int, transfers: int) -> Recording:
    """A day with so many calls in progress, each between two phones, and then so many transfers, one by one."""
    recorder = _Recorder(in_progress)
    for pair in range(in_progress):
        recorder.connect(f"1{pair:06d}", f"2{pair:06d}")
    recorder.rest()
    setup, recorder.inputs = recorder.inputs, []
    recorder.events = recorder.orders = 0
    for number in range(transfers):
        recorder.transfer(*_desk(number % AGENTS))
    return Recording(recorder.numbers, setup, recorder.inputs, in_progress, recorder.events, recorder.orders)


def _desk(desk: int) -> tuple[Number, Number, Number]:
    return f"6{desk:03d}", f"5{desk:03d}", f"7{desk:03d}"


class _Recorder:
    """A board and an exchange that work, and a note of every input."""

    def __init__(self, in_progress: int) -> None:
        people = [number for desk in range(AGENTS) for number in _desk(desk)]
        people += [f"{side}{pair:06d}" for pair in range(in_progress) for side in (1, 2)]
        self.numbers = Numbers(people)
        self.inputs: list[Input] = []
        self.events = self.orders = 0
        self._exchange = Exchange(people)
        self._board = Board(Rules(), self.numbers, _ID_PREFIX, _CONN_PREFIX)
        self._now = 1_000.0
        self._told: list[AnyEvent] = []
        self._reports: deque[AnyReport] = deque([self._exchange.snapshot()])
        for desk in range(AGENTS):
            self._exchange.set_behaviour(_desk(desk)[2], Behaviour(OnRing.ANSWER))
        self._run()

    def connect(self, caller: Number, called: Number) -> None:
        """A call that stays."""
        self._act(caller, Dial(to=called))
        self._ask(Answer(asker=called, call=self._call_of(called, CallState.RINGING)))

    def transfer(self, caller: Number, agent: Number, target: Number) -> None:
        """The transfer of ``bench.desks``: dial, Answer, InitiateTransfer, CompleteTransfer, hang up."""
        self._told.clear()
        self._act(caller, Dial(to=agent))
        call = self._call_of(agent, CallState.RINGING)
        self._ask(Answer(asker=agent, call=call))
        self._ask(InitiateTransfer(asker=agent, call=call, to=target))
        self._ask(CompleteTransfer(asker=agent, call=call))
        self._act(caller, Hangup())
        if any(self._board.calls_of(number) for number in (caller, agent, target)):
            raise RuntimeError("a transfer left calls behind")

    def rest(self) -> None:
        """Time passes until no timer is left."""
        self._now += _QUIET_S
        self._tick()
        self._run()

    def _call_of(self, owner: Number, state: CallState) -> CallId:
        for event in reversed(self._told):
            if isinstance(event, CallChanged) and event.call.owner == owner and event.call.state is state:
                return event.call.id
        raise RuntimeError(f"{owner} was not told of a call that is {state.value}")

    def _act(self, number: Number, action: AnyAction) -> None:
        reports = self._exchange.act(number, action)
        if isinstance(reports, Cannot):
            raise RuntimeError(f"{number}: {reports.reason}")
        self._reports += reports
        self._run()

    def _ask(self, command: AnyCommand) -> None:
        self._give("ask", command)
        self._run()

    def _run(self) -> None:
        """Until nobody has anything left to say at this instant."""
        while True:
            self._reports += self._exchange.tick(self._now)
            if not self._reports:
                return
            self._give("hear", self._reports.popleft())

    def _give(self, kind: str, value: Any) -> None:
        self._now += PACE_S
        self._tick()
        self._note(Input(kind, value, self._now))

    def _tick(self) -> None:
        """What is due by now happens, as the desk would let it."""
        while (deadline := self._board.next_deadline()) is not None and deadline <= self._now:
            self._note(Input("tick", None, self._now))

    def _note(self, one: Input) -> None:
        self.inputs.append(one)
        ((method, arguments),) = prepared(self._board, [one])
        outcome = method(*arguments)
        if outcome.refusal is not None:
            raise RuntimeError(f"{one.value} was refused: {outcome.refusal.detail}")
        self.events += len(outcome.events)
        self.orders += len(outcome.orders)
        self._told += outcome.events
        if outcome.orders:
            self._reports += self._exchange.carry_out(outcome.orders, self._now)
