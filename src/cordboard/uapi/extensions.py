"""What belongs to an extension beside its calls: events that are told to others, and presence (voipnow-uapi §3).

Deliberately absent: the agents of queues (``queues``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cordboard.agents.ports import AgentDesk
from cordboard.calls.model import CallState, Number
from cordboard.people.accounts import may_act_for
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.people.queues import Queues
from cordboard.uapi import bodies, listing, problems
from cordboard.uapi.chronicle import Chronicle, Happening, Kind
from cordboard.uapi.paths import SELF, Place
from cordboard.uapi.problems import Problem
from cordboard.uapi.queues import QueueAgents
from cordboard.uapi.requests import NO_CONTENT, Outcome, Request, ok
from cordboard.uapi.scopes import ME, Scopes
from cordboard.uapi.subscriptions import Subscription, Subscriptions
from cordboard.uapi.views import date

Json: TypeAlias = "dict[str, Any]"
Handler: TypeAlias = "Callable[[Request, Place], Outcome | Problem]"

EVENT_FIELDS = ("type", "id", "url", "method", "status", "note", "modified", "links")
PRESENCE_FIELDS = ("extension", "status", "registration")
_TYPES = frozenset(str(kind.value) for kind in Kind)
ONLINE, RINGING, BUSY = "1", "2", "3"


class Extensions:
    """The service ``extensions``. ``wall`` is the time in seconds since 1970."""

    def __init__(
        self,
        directory: Directory,
        chronicle: Chronicle,
        subscriptions: Subscriptions,
        base: str,
        wall: Callable[[], float],
        queues: Queues,
        agents: AgentDesk,
    ) -> None:
        self._directory = directory
        self._chronicle = chronicle
        self._subscriptions = subscriptions
        self._base = base
        self._wall = wall
        self._scopes = Scopes(directory, chronicle)
        self._queue_agents = QueueAgents(directory, queues, agents, self._scopes, base)
        self._events: dict[str, Handler] = {
            "GET": self._list_events,
            "POST": self._add_event,
            "PUT": self._change_event,
            "DELETE": self._remove_events,
        }

    def handle(self, request: Request, place: Place) -> Outcome | Problem:
        match place.rest:
            case ("phoneCallEvents", *rest) if len(rest) <= 2 and request.method in self._events:
                if place.extension == SELF:
                    return problems.EXTENSION_INVALID_HERE
                return self._events[request.method](request, place)
            case ("queue", "agents", *_):
                return self._queue_agents.handle(request, place)
            case ("presence",) if request.method == "GET":
                return self._presence(request, place)
            case _:
                return problems.NOT_IMPLEMENTED

    # -- events ----------------------------------------------------------------------------------------------------

    def _rows(self, request: Request, place: Place) -> tuple[User, list[Subscription]] | Problem:
        """Those that a path means; a type or id that is none of this extension's is an error."""
        user = self._scopes.owner(request.account, place)
        if isinstance(user, Problem):
            return user
        kind, row_id = (*place.rest[1:], "", "")[:2]
        if kind and kind not in _TYPES:
            return problems.EVENT_TYPE_INVALID
        rows = self._subscriptions.of(user.device.number, kind, row_id)
        return problems.EVENT_ID_INVALID if row_id and not rows else (user, rows)

    def _list_events(self, request: Request, place: Place) -> Outcome | Problem:
        query = listing.read(request.query, EVENT_FIELDS[:-1], EVENT_FIELDS)
        found = self._rows(request, place)
        if isinstance(query, Problem) or isinstance(found, Problem):
            return query if isinstance(query, Problem) else found  # type: ignore[return-value]
        rows = [self._event(row) for row in found[1]]
        return ok(listing.collection(rows, query, "url", self._base + request.path.rstrip("/")))

    def _add_event(self, request: Request, place: Place) -> Outcome | Problem:
        if len(place.rest) > 1:
            return problems.NOT_IMPLEMENTED
        user = self._scopes.owner(request.account, place)
        fields = bodies.read(request.body)
        if isinstance(user, Problem) or isinstance(fields, Problem):
            return user if isinstance(user, Problem) else fields  # type: ignore[return-value]
        added = self._subscriptions.add(user.device.number, fields, self._wall())
        return added if isinstance(added, Problem) else ok([self._event(added)])

    def _change_event(self, request: Request, place: Place) -> Outcome | Problem:
        if len(place.rest) < 3:
            return problems.EVENT_ID_INVALID
        found = self._rows(request, place)
        fields = bodies.read(request.body)
        if isinstance(found, Problem) or isinstance(fields, Problem):
            return found if isinstance(found, Problem) else fields  # type: ignore[return-value]
        changed = self._subscriptions.change(found[1][0], fields, self._wall())
        return changed if isinstance(changed, Problem) else ok(self._event(changed))

    def _remove_events(self, request: Request, place: Place) -> Outcome | Problem:
        found = self._rows(request, place)
        if isinstance(found, Problem):
            return found
        self._subscriptions.remove(found[1])
        return ok([self._event(row) for row in found[1]]) if found[1] else NO_CONTENT

    def _event(self, row: Subscription) -> Json:
        address = f"{self._base}/uapi/extensions/@me/{row.number}/phoneCallEvents/{row.type}/{row.id}"
        return {
            "type": row.type,
            "id": row.id,
            "url": row.url,
            "method": row.method,
            "status": row.status,
            "note": row.note,
            "modified": date(int(row.modified)),
            "links": {"self": address},
        }

    # -- presence --------------------------------------------------------------------------------------------------

    def _presence(self, request: Request, place: Place) -> Outcome | Problem:
        query = listing.read(request.query, ("extension",), PRESENCE_FIELDS)
        users = self._present(request.account, place)
        if isinstance(query, Problem) or isinstance(users, Problem):
            return query if isinstance(query, Problem) else users  # type: ignore[return-value]
        rows: list[Json] = [
            {"extension": user.device.number, "status": self._status(user.device.number), "registration": []}
            for user in users
        ]
        return ok(listing.collection(rows, query, "extension", self._base + request.path.rstrip("/")))

    def _present(self, account: Account, place: Place) -> list[User] | Problem:
        """One extension, or all that are within reach of a user's account."""
        if place.extension != SELF:
            user = self._scopes.owner(account, place)
            return user if isinstance(user, Problem) else [user]
        if place.user in ME:
            return [user for user in self._directory.users if may_act_for(account, user)]
        named = self._directory.user(place.user)
        if named is None:
            return problems.USER_INVALID
        return [named] if may_act_for(account, named) else problems.ACCESS_DENIED

    def _status(self, number: Number) -> str:
        calls = [call for call in self._chronicle.of(number) if number in call.parties]  # what it parked keeps it free
        if any(call.parties[number].call.state is CallState.RINGING for call in calls):
            return RINGING
        return BUSY if calls else ONLINE

    # -- what is told ----------------------------------------------------------------------------------------------

    def describe(self, happening: Happening) -> dict[str, str]:
        """The parameters of a request that tells what happened (§3.1)."""
        caller, called = self._directory.owner_of(happening.caller), self._directory.owner_of(happening.called)
        name = f"{caller.first_name} {caller.last_name}".strip() if caller is not None else ""
        ended = "ANSWER" if happening.answered else "UNKNOWN"
        return {
            "CallID": happening.phone_call,
            "CallAPIID": happening.phone_call,
            "CallerIDNum": happening.caller,
            "CallerIDName": name or self._directory.name_of(happening.caller) or happening.caller,
            "CallerExtension": happening.caller if caller is not None else "",
            "CalledExtension": happening.called if called is not None else "",
            "CalledNumber": happening.dnis or happening.called,
            "CalledDID": "" if called is not None else happening.called,
            "CallStatus": _STATUSES.get(happening.kind, ended),
            "CallFlow": "OUT" if happening.number == happening.caller else "IN",
        }


_STATUSES = {
    Kind.DIAL_IN: "CALLING",
    Kind.DIAL_OUT: "CALLING",
    Kind.ANSWERED: "ANSWER",
    Kind.ANSWERED_THERE: "ANSWER",
}
