"""A front end of the UnifiedAPI on a real board and the imitation exchange, for its tests.

John (0003*210), Jane (0003*024) and Jim (0003*025) of organisation 3, Ann (0004*100) of organisation 4, and numbers
outside. The wall's clock began at 1340802530 when the board's was 100: then it was 2012-06-27T13:08:50Z.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from tests.kit.scene import Scene

from cordboard.agents.commands import AnyAgentCommand
from cordboard.agents.events import DeviceChanged
from cordboard.agents.model import DeviceState
from cordboard.calls.board import Outcome
from cordboard.calls.commands import AnyCommand, CallCommand
from cordboard.calls.events import CallFailed
from cordboard.calls.model import Refusal
from cordboard.calls.records import Rules
from cordboard.people.directory import Directory
from cordboard.people.model import RECORDING_FEATURE, Account, Device, Tenant, TrunkNumber, User
from cordboard.people.queues import Queue, Queues
from cordboard.people.services import Callback, Conference
from cordboard.switches.virtual.persons import Answer, Dial
from cordboard.uapi.cdr import Cdr
from cordboard.uapi.chronicle import Chronicle
from cordboard.uapi.extensions import Extensions
from cordboard.uapi.forms import Forms
from cordboard.uapi.presence import Presence
from cordboard.uapi.queues import QueueAgents
from cordboard.uapi.requests import Acting, Request
from cordboard.uapi.routes import Uapi, UapiSettings
from cordboard.uapi.scopes import Scopes
from cordboard.uapi.subscriptions import Forgetful, Message, Subscriptions
from cordboard.uapi.views import Views

HOME, AWAY = Tenant("3", "Default Organization", "0003"), Tenant("4", "Another Organization", "0004")
OUTSIDE, OTHER_OUTSIDE = "3235742879", "3334444"
BASE = "https://host"
CALLS = "/uapi/phoneCalls"


def user(user_id: str, number: str, first: str, last: str, tenant: Tenant = HOME) -> User:
    return User(
        id=user_id,
        name=number,
        password_hash="",
        device=Device(f"00000000-0000-0000-0000-{user_id:0>12}", number),
        tenant=tenant,
        first_name=first,
        last_name=last,
        features=("api-voice", RECORDING_FEATURE),
    )


JOHN = user("12", "0003*210", "John", "Doe")
JANE = user("13", "0003*024", "Jane", "Roe")
JIM = user("14", "0003*025", "Jim", "Poe")
ANN = user("15", "0004*100", "Ann", "Loe", AWAY)
PEOPLE = (JOHN, JANE, JIM, ANN)


SERVICES = (
    Callback("0003*400", JOHN),
    Conference("0003*500", JOHN, "4711", {"77": ""}),
    Conference("0004*500", ANN),
)


def directory() -> Directory:
    outside = [TrunkNumber(OUTSIDE, "John Doe"), TrunkNumber(OTHER_OUTSIDE)]
    return Directory(PEOPLE, [HOME, AWAY], outside, services=SERVICES)


QUEUES = (Queue("0003*300", JOHN, (JANE, JIM)), Queue("0004*300", ANN, (ANN,)))


class Agents:
    """Their desk."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def ask(self, command: AnyAgentCommand) -> Refusal | None:
        answer = self._front.roster.ask(command, self._front.now)
        if isinstance(answer, Refusal):
            return answer
        self._front.told_of_agents += answer
        return None

    def device(self, number: str) -> DeviceState:
        return self._front.roster.device(number)


class Front(Scene):
    """``ask_for`` is a request and all that it takes to answer it."""

    def __init__(self, settings: UapiSettings | None = None, rules: Rules | None = None) -> None:
        self.chronicle = Chronicle()
        self.subscriptions = Subscriptions(Forgetful(), self._new_id, per_extension_max=3)
        self.messages: list[Message] = []
        self._ids = 0
        super().__init__(rules, directory())
        self.told_of_agents: list[DeviceChanged] = []
        scopes = Scopes(self.directory, self.chronicle)
        self.presence = Presence(self.directory, self.chronicle, scopes, BASE, self.board.is_linked)
        queue_agents = QueueAgents(self.directory, Queues(QUEUES), Agents(self), scopes, BASE)
        wall_now = lambda: 1340802430.0 + self.now  # noqa: E731
        self.extensions = Extensions(self.subscriptions, scopes, self.presence, queue_agents, BASE, wall_now)
        self.forms = Forms(self.directory)
        settings = settings or UapiSettings(BASE)
        wall = (1340802430.0).__add__
        self.cdr = Cdr(self.directory, Views(self.directory, BASE, wall), wall, lambda: self.now, kept_max=5)
        self.uapi = Uapi(self.directory, self.chronicle, settings, wall, self.extensions, self.cdr)
        self.account = Account(JOHN, "organization", "an app")

    def _take(self, outcome: Outcome) -> None:
        for happening in self.chronicle.heed(outcome.events, self.now):
            self.messages += self.subscriptions.messages(happening, self.forms.describe)
        ended = self.chronicle.take_ended()
        if ended:
            self.cdr.keep(ended, self.now)
        super()._take(outcome)

    def _new_id(self) -> str:
        self._ids += 1
        return f"event{self._ids}"

    # -- what the room needs of a desk -----------------------------------------------------------------------------

    def carry_out(self, command: AnyCommand) -> Refusal | None:
        refusal, before = self.ask(command), len(self.told)
        self.run()
        for event in self.told[before:]:
            if isinstance(event, CallFailed) and isinstance(command, CallCommand) and event.call == command.call:
                return event.refusal
        return refusal

    # -- what tests do ---------------------------------------------------------------------------------------------

    def send(
        self, method: str, path: str, body: object = None, query: str = "", account: Account | None = None
    ) -> tuple[int, Any]:
        """Status and decoded body."""
        raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        outcome = self.uapi.handle(Request(account or self.account, method, path, query, raw))
        if isinstance(outcome, Acting):
            outcome = outcome.then([self.carry_out(command) for command in outcome.commands])
        return outcome.status, msgspec.json.decode(outcome.body) if outcome.body else None

    def get(self, path: str, query: str = "", account: Account | None = None) -> Any:
        status, body = self.send("GET", path, query=query, account=account)
        assert status == 200, body
        return body

    def listed(self, path: str) -> Any:
        """The one phone call in a list."""
        body = self.get(path)
        assert body["totalResults"] == 1, body
        return body["entry"][0]

    def code(self, method: str, path: str, body: object = None, query: str = "", account: Account | None = None) -> Any:
        """Status and code of a refusal."""
        status, answer = self.send(method, path, body, query, account)
        assert set(answer) == {"error"}, answer
        assert answer["error"]["message"]
        return status, answer["error"]["code"]

    def talk(self, caller: str, called: str) -> str:
        """Two people talk; the id of their phone call."""
        self.act(caller, Dial(to=called))
        self.run()
        self.act(called, Answer())
        self.run()
        return self.chronicle.of(called)[-1].id

    def parties(self, call_id: str) -> Sequence[str]:
        call = self.chronicle.find(call_id)
        return list(call.parties) if call is not None else []
