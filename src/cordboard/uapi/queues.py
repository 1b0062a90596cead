"""The agents of queues: what they are at, and how that is changed (voipnow-uapi §3.4).

There is one set of agents: what is changed here a Genesys client of the agent is told, and the other way round.
An agent has one state, whichever queues it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from cordboard.agents.commands import AnyAgentCommand, EndSession, StartSession, TakeState
from cordboard.agents.model import NOT_READY, READY, Presence
from cordboard.agents.ports import AgentDesk
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.people.queues import Queue, Queues
from cordboard.uapi import bodies, listing, problems
from cordboard.uapi.paths import SELF, Place
from cordboard.uapi.problems import Problem
from cordboard.uapi.requests import Outcome, Request, ok
from cordboard.uapi.scopes import Scopes

Json: TypeAlias = "dict[str, Any]"

FIELDS = ("agentNumber", "status", "links")
FILTERS = ("agentNumber", "queue", "status")
LOGGED_OUT, ONLINE, PAUSED = "0", "1", "2"


class QueueAgents:
    """``…/{queue}/queue/agents[/{agentId}]``; an agent's id is its number."""

    def __init__(self, directory: Directory, queues: Queues, agents: AgentDesk, scopes: Scopes, base: str) -> None:
        self._directory = directory
        self._queues = queues
        self._agents = agents
        self._scopes = scopes
        self._base = base

    def handle(self, request: Request, place: Place) -> Outcome | Problem:
        """The part of the path after ``queue/agents`` is an agent, or nothing."""
        named = place.rest[2:]
        if len(named) > 1 or request.method not in ("GET", "PUT"):
            return problems.NOT_IMPLEMENTED
        queue = self._queue(request.account, place)
        if isinstance(queue, Problem):
            return queue
        agents = [user for user in queue.agents if not named or user is self._agent(queue, named[0])]
        if request.method == "PUT":
            return self._change(queue, agents[0], request.body) if named and agents else problems.AGENT_INVALID
        return problems.AGENT_INVALID if named and not agents else self._list(request, queue, agents)

    def _queue(self, account: Account, place: Place) -> Queue | Problem:
        if place.extension == SELF:
            return problems.EXTENSION_INVALID_HERE
        found: list[Queue] = []

        def owner_of(text: str, asking: User) -> User | None:
            queue = self._queues.find(text, asking)
            found.extend([queue] if queue is not None else [])
            return queue.owner if queue is not None else None

        owner = self._scopes.owner(account, place, owner_of)
        return owner if isinstance(owner, Problem) else found[0]

    def _agent(self, queue: Queue, text: str) -> User | None:
        route = self._directory.find(text, queue.owner.device.number)
        return self._directory.owner_of(route.number) if route is not None else None

    def _list(self, request: Request, queue: Queue, agents: Sequence[User]) -> Outcome | Problem:
        query = listing.read(request.query, FILTERS, FIELDS)
        if isinstance(query, Problem):
            return query

        def values(row: Json, name: str) -> Sequence[Any]:
            return [queue.number if name == "queue" else row[name]]

        rows = listing.matching([self._shown(queue, agent) for agent in agents], query, "status", values)
        return ok(listing.envelope(rows, query, self._base + request.path.rstrip("/")))

    def _change(self, queue: Queue, agent: User, body: bytes) -> Outcome | Problem:
        fields = bodies.read(body)
        if isinstance(fields, Problem):
            return fields
        wanted = bodies.text(fields, "status")
        if wanted not in (LOGGED_OUT, ONLINE, PAUSED):
            return problems.AGENT_STATUS_INVALID
        if wanted != self._status(agent):  # whoever is paused for a reason of its own stays so
            for command in _commands(wanted, agent.device.number):
                self._agents.ask(command)
        return ok(self._shown(queue, agent))

    def _status(self, agent: User) -> str:
        return _STATUSES[self._agents.device(agent.device.number).agent.presence]

    def _shown(self, queue: Queue, agent: User) -> Json:
        number = agent.device.number
        address = f"{self._base}/uapi/extensions/@me/{queue.number}/queue/agents/{number}"
        return {"agentNumber": number, "status": self._status(agent), "links": {"self": address}}


_STATUSES = {
    Presence.LOGGED_OUT: LOGGED_OUT,
    Presence.LOGGED_IN: PAUSED,
    Presence.READY: ONLINE,
    Presence.NOT_READY: PAUSED,
}


def _commands(status: str, number: str) -> tuple[AnyAgentCommand, ...]:
    """Built-in states can be taken by everybody whose session has begun, so none of these is refused."""
    if status == LOGGED_OUT:
        return (EndSession(asker=number),)
    state = READY if status == ONLINE else NOT_READY
    return StartSession(asker=number), TakeState(asker=number, operation=state.operation)
