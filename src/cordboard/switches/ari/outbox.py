"""The outbox: what the driver wants sent, what it has to say to the board, and who waits for which answer. Dry.

A request is sent at once, in the order in which it was asked; Asterisk carries out those of one connection in that
order. So nothing here waits: what follows an answer is a function that is called with it. What clears away, and what no
order stands for, is asked again if it fails, ever more slowly, until it is done: nobody else would notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

import msgspec

from cordboard.calls.model import OrderId
from cordboard.calls.reports import AnyReport, OrderDone, OrderFailed
from cordboard.switches.ari.wire import Request, Status, explained

Answered: TypeAlias = Callable[[Status, str], None]
"""Called with the status and the body of the answer."""
Notified: TypeAlias = Callable[[str], None]
"""Called with why the telephone could not be notified, "" if it was."""
Failed: TypeAlias = Callable[[str], None]
_PAUSE_S = 0.2
_PAUSE_MAX_S = 30.0


class _Again(msgspec.Struct, eq=False):
    """A request that failed, and when it is asked again."""

    at: float
    request: Request
    wanted: Callable[[], bool]
    pause_s: float


class Outbox:
    """What leaves the driver; whoever drives it takes it after every input."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, Request]] = []
        self.notices: list[tuple[int, str, str]] = []
        """Number, channel and SIP event of NOTIFYs to telephones (asterisk §2: ARI has none, AMI does)."""
        self.reports: list[AnyReport] = []
        self._waiting: dict[int, tuple[Request, Answered]] = {}
        self._noticed: dict[int, Notified] = {}
        self._open: dict[OrderId, Job] = {}
        self._again: list[_Again] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._count = 0
        self.now = 0.0

    def say(self, report: AnyReport) -> None:
        self.reports.append(report)

    def ask(self, request: Request, then: Answered | None = None) -> None:
        self._count += 1
        self.requests.append((self._count, request))
        if then is not None:
            self._waiting[self._count] = (request, then)

    def insist(self, request: Request, wanted: Callable[[], bool] = lambda: True, pause_s: float = _PAUSE_S) -> None:
        """Ask it, again and again if need be, while it is ``wanted``: that it is done late must do no harm."""

        def answered(status: Status, _: str) -> None:
            if not request.is_done_by(status):
                self._again.append(_Again(self.now + pause_s, request, wanted, min(pause_s * 2, _PAUSE_MAX_S)))

        self.ask(request, answered)

    def later(self, pause_s: float, do: Callable[[], None]) -> None:
        """Do it then; unless the link is lost until then."""
        self._later.append((self.now + pause_s, do))

    def next_deadline(self) -> float | None:
        return min([*(again.at for again in self._again), *(at for at, _ in self._later)], default=None)

    def tick(self) -> None:
        ripe = [do for at, do in self._later if at <= self.now]
        self._later = [(at, do) for at, do in self._later if at > self.now]
        for do in ripe:
            do()
        due = [again for again in self._again if again.at <= self.now]
        self._again = [again for again in self._again if again.at > self.now]
        for again in due:
            if again.wanted():
                self.insist(again.request, again.wanted, again.pause_s)

    def notify(self, channel: str, event: str, then: Notified) -> None:
        self._count += 1
        self.notices.append((self._count, channel, event))
        self._noticed[self._count] = then

    def answered(self, number: int, status: Status, body: str) -> None:
        """The answer to a request; of one that nobody waits for nothing comes."""
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            waiting[1](status, body)

    def notified(self, number: int, failure: str) -> None:
        then = self._noticed.pop(number, None)
        if then is not None:
            then(failure)

    def forget(self) -> frozenset[OrderId]:
        """The link is lost: what was asked may or may not have been done, and no answer comes. Returns the orders that
        were under way."""
        orders = frozenset(self._open)
        self._open.clear()
        self.requests.clear()
        self.notices.clear()
        self._waiting.clear()
        self._noticed.clear()
        self._again.clear()
        self._later.clear()
        return orders

    def job(self, order: OrderId) -> Job | None:
        """The job of an order that is under way."""
        return self._open.get(order)

    def begun(self, job: Job) -> None:
        self._open[job.order] = job

    def over(self, job: Job) -> None:
        self._open.pop(job.order, None)

    def carry_out(self, order: OrderId, requests: Iterable[Request], failed: Failed | None = None) -> Job:
        """Ask all of these for an order, which is done when all are."""
        job = Job(self, order, failed)
        job.ask(*requests)
        job.close()
        return job


class Job:
    """An order that takes several steps: done when all are, failed when one did, answered once. ``failed`` is told
    before the board is."""

    def __init__(self, outbox: Outbox, order: OrderId, failed: Failed | None = None) -> None:
        self.order = order
        self._outbox = outbox
        self._failed = failed
        self._left = 1
        self._failure = ""
        self._followers: list[Job] = []
        outbox.begun(self)

    def after(self, orders: Iterable[OrderId]) -> None:
        """This one builds on these: it is answered after them, and fails if one of them does."""
        for order in dict.fromkeys(orders):
            earlier = self._outbox.job(order)
            if earlier is not None:
                self.wait()
                earlier._followers.append(self)

    def ask(self, *requests: Request) -> None:
        for request in requests:
            self._left += 1
            self._outbox.ask(request, partial(self._step, request))

    def wait(self) -> None:
        """One more step, which ``step_done`` or ``fail`` ends."""
        self._left += 1

    def step_done(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._finish()

    def fail(self, why: str) -> None:
        """A step failed; the first failure is the one that is told."""
        self._failure = self._failure or why
        self.step_done()

    def close(self) -> None:
        """Nothing more will be asked."""
        self.step_done()

    def _step(self, request: Request, status: Status, body: str) -> None:
        if request.is_done_by(status):
            self.step_done()
        else:
            self.fail(explained(request, status, body))

    def _finish(self) -> None:
        self._outbox.over(self)
        if not self._failure:
            self._outbox.say(OrderDone(self.order))
        else:
            if self._failed is not None:
                self._failed(self._failure)
            self._outbox.say(OrderFailed(self.order, self._failure))
        for follower in self._followers:
            follower.fail(self._failure) if self._failure else follower.step_done()
