"""What the UnifiedAPI costs: a list among few and among many calls, and a transfer beside the Genesys one.

Everything but the sockets: requests go to the rooms, commands to the board, orders to the imitation exchange, and all
that follows is dealt with before the answer. Both APIs take turns on one site, a chunk at a time.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from bench import measuring
from bench.board import FEW, MANY
from bench.measuring import Machine
from cordboard.agents.roster import Roster
from cordboard.calls.board import Board, Outcome
from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import CallId, CallView, Number, Refusal
from cordboard.calls.records import Rules
from cordboard.calls.reports import AnyReport
from cordboard.gws.notifications import Renderer
from cordboard.gws.requests import Request as GwsRequest
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings
from cordboard.people.directory import Directory
from cordboard.people.model import Account, Device, Tenant, User
from cordboard.switches.virtual.exchange import Exchange
from cordboard.switches.virtual.persons import Answer, AnyAction, Dial, Hangup
from cordboard.uapi.chronicle import Chronicle
from cordboard.uapi.requests import Acting, Request
from cordboard.uapi.routes import Uapi, UapiSettings

AIM_GROWTH = 1.3
AIM_TRANSFER = 1.3
_HOME = Tenant("3", "Home", "0003")
_AGENT, _CALLER, _TARGET = "1", "2", "3"
_OTHERS = ("4", "5", "6")
_CHUNK = 20


class Report(msgspec.Struct, frozen=True):
    """What ``uapi`` found: microseconds of CPU, medians over chunks."""

    machine: Machine
    few_us: float
    many_us: float
    genesys_us: float
    uapi_us: float

    @property
    def growth(self) -> float:
        return self.many_us / self.few_us

    @property
    def transfer(self) -> float:
        return self.uapi_us / self.genesys_us

    def __str__(self) -> str:
        growth, transfer = _met(self.growth < AIM_GROWTH), _met(self.transfer <= AIM_TRANSFER)
        return "\n".join(
            (
                "uapi: lists and transfers through the rooms, without sockets",
                str(self.machine),
                "",
                f"list of 3 calls: {self.few_us:.0f} µs among {FEW} calls, {self.many_us:.0f} µs among {MANY:,}",
                f"  ratio {self.growth:.2f} (aim: below {AIM_GROWTH}; {growth})",
                f"transfer: {self.uapi_us:.0f} µs; Genesys SingleStepTransfer: {self.genesys_us:.0f} µs",
                f"  ratio {self.transfer:.2f} (aim: at most {AIM_TRANSFER}; {transfer})",
            )
        )


def _met(is_met: bool) -> str:
    return "met" if is_met else "not met"


class Site:
    """A board with ``calls`` in progress, an exchange, and both rooms; ``clock`` stands still."""

    def __init__(self, calls: int) -> None:
        numbers = [_AGENT, _CALLER, _TARGET, *_OTHERS]
        numbers += [str(10_000 + index) for index in range(2 * calls)]
        self.users = [_user(number) for number in numbers]
        directory = Directory(self.users, [_HOME], [])
        roster = Roster(directory)
        self._exchange = Exchange(numbers)
        self._board = Board(Rules(), directory, "0" * 26, "0" * 8, roster, directory)
        self._chronicle = Chronicle()
        self._reports: deque[AnyReport] = deque([self._exchange.snapshot()])
        self._uapi = Uapi(directory, self._chronicle, UapiSettings("http://x"), lambda instant: instant)
        self._renderer = Renderer(directory, GwsSettings("http://x"))
        self._gws = Gws(self, roster, directory, GwsSettings("http://x"))  # type: ignore[arg-type]  # asked of no agent
        self._run()
        for caller, called in zip(numbers[6::2], numbers[7::2], strict=True):
            self.talk(caller, called)

    # -- what the rooms need of a desk -----------------------------------------------------------------------------

    def now(self) -> float:
        return 0.0

    def ask(self, command: AnyCommand) -> Refusal | None:
        outcome = self._board.ask(command, 0.0)
        self._take(outcome)
        return outcome.refusal

    def call(self, call_id: CallId, owner: Number) -> CallView | None:
        return self._board.call(call_id, owner)

    def calls_of(self, owner: Number) -> list[CallView]:
        return self._board.calls_of(owner)

    def is_linked(self) -> bool:
        return True

    # -- people ----------------------------------------------------------------------------------------------------

    def act(self, number: Number, action: AnyAction) -> None:
        done = self._exchange.act(number, action)
        assert isinstance(done, list), done
        self._reports += done
        self._run()

    def talk(self, caller: Number, called: Number) -> None:
        self.act(caller, Dial(to=called))
        self.act(called, Answer())

    def end(self, *numbers: Number) -> None:
        for number in numbers:
            if self._exchange.phone(number).lines:
                self.act(number, Hangup())

    # -- requests --------------------------------------------------------------------------------------------------

    def list(self) -> None:
        account = Account(self.users[0], "user")
        response = self._uapi.handle(Request(account, "GET", "/uapi/phoneCalls/@me/@self"))
        assert not isinstance(response, Acting)
        assert b'"totalResults":3' in response.body

    def transfer(self) -> None:
        """By the UnifiedAPI: the agent hands its caller to the target."""
        call = self._chronicle.of(_AGENT)[0].id
        body = msgspec.json.encode({"action": "Transfer", "sendCallTo": _TARGET, "transferFromNumber": _AGENT})
        acting = self._uapi.handle(
            Request(Account(self.users[0], "user"), "PUT", f"/uapi/phoneCalls/@me/@self/{call}", "", body)
        )
        assert isinstance(acting, Acting)
        refusals = [self.ask(command) for command in acting.commands]
        self._run()
        assert acting.then(refusals).status == 200

    def single_step_transfer(self) -> None:
        """The same by the Genesys API."""
        call = self._board.calls_of(_AGENT)[0].call.id
        body = msgspec.json.encode({"operationName": "SingleStepTransfer", "destination": {"phoneNumber": _TARGET}})
        response = self._gws.handle(GwsRequest(self.users[0], "POST", f"/me/calls/{call}", "", body))
        assert response.status == 200, response.body
        self._run()

    def _take(self, outcome: Outcome) -> None:
        self._chronicle.heed(outcome.events, 0.0)
        self._chronicle.take_ended()
        for event in outcome.events:  # whoever asked, desktops are told
            self._renderer.render(event, 0.0)
        self._reports += self._exchange.carry_out(outcome.orders, 0.0)

    def _run(self) -> None:
        while self._reports:
            self._take(self._board.hear(self._reports.popleft(), 0.0))


def _user(number: Number) -> User:
    return User(number, number, "", Device(number, number), _HOME, first_name="Ann", last_name=number)


def run(count: int) -> Report:
    """Measure with so many lists and transfers."""
    few, many = Site(FEW), Site(MANY)
    for site in (few, many):
        for other in _OTHERS:
            site.talk(_AGENT, other)
    gc.collect()
    gc.freeze()
    try:
        lists = _in_turns(count, [_timed(few.list), _timed(many.list)])
        for site in (few, many):
            site.end(*_OTHERS)
        transfers = _in_turns(
            count, [lambda: _transfer_us(few, few.single_step_transfer), lambda: _transfer_us(few, few.transfer)]
        )
    finally:
        gc.unfreeze()
    return Report(measuring.machine(), *lists, *transfers)


def _in_turns(count: int, measured: Sequence[Callable[[], float]]) -> list[float]:
    """The median of the chunks of each."""
    found: list[list[float]] = [[] for _ in measured]
    for _ in range(max(1, count // _CHUNK)):
        for costs, measure in zip(found, measured, strict=True):
            costs.append(sum(measure() for _ in range(_CHUNK)) / _CHUNK)
    return [statistics.median(costs) for costs in found]


def _timed(act: Callable[[], None]) -> Callable[[], float]:
    def measure() -> float:
        began = time.thread_time_ns()
        act()
        return (time.thread_time_ns() - began) / 1_000

    return measure


def _transfer_us(site: Site, act: Callable[[], None]) -> float:
    """Only the transfer itself counts."""
    site.talk(_CALLER, _AGENT)
    spent = _timed(act)()
    site.end(_CALLER, _TARGET, _AGENT)
    return spent
