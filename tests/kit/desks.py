"""Doubles of the desks: they note what they are asked and answer what the test says."""

from __future__ import annotations

from collections.abc import Iterable

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.events import DeviceChanged
from cordboard.agents.model import DeviceState
from cordboard.agents.roster import Roster
from cordboard.calls.commands import AnyCommand
from cordboard.calls.model import CallId, CallView, Number, Refusal, Routes


class FakeDesk:
    """A calls' desk with a fixed clock. ``refusal`` is the answer to every command; ``asked`` are the commands."""

    def __init__(self, views: Iterable[CallView] = (), refusal: Refusal | None = None, now: float = 100.0) -> None:
        self.views = {view.call.key: view for view in views}
        self.refusal = refusal
        self.instant = now
        self.asked: list[AnyCommand] = []
        self.linked = True

    def now(self) -> float:
        return self.instant

    def ask(self, command: AnyCommand) -> Refusal | None:
        self.asked.append(command)
        return self.refusal

    def call(self, call_id: CallId, owner: Number) -> CallView | None:
        return self.views.get((call_id, owner))

    def calls_of(self, owner: Number) -> list[CallView]:
        return [view for (_, number), view in self.views.items() if number == owner]

    def is_linked(self) -> bool:
        return self.linked


class FakeAgentDesk:
    """An agents' desk: a real roster without a server around it; ``events`` are what it would have posted."""

    def __init__(self, routes: Routes, refusal: Refusal | None = None) -> None:
        self.roster = Roster(routes)
        self.refusal = refusal
        self.asked: list[AnyAgentCommand] = []
        self.events: list[DeviceChanged] = []

    def ask(self, command: AnyAgentCommand) -> Refusal | None:
        self.asked.append(command)
        if self.refusal is not None:
            return self.refusal
        answer = self.roster.ask(command, now=100.0)
        if isinstance(answer, Refusal):
            return answer
        self.events += answer
        return None

    def device(self, number: Number) -> DeviceState:
        return self.roster.device(number)
