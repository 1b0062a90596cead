"""PhoneCallEvents of an extension: who is told what of its calls (voipnow-uapi §3.1), and where to find what else an
extension has.

Deliberately absent: presence (``presence``), the agents of queues (``queues``), what is told (``forms``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cordboard.people.model import User
from cordboard.uapi import bodies, listing, problems
from cordboard.uapi.chronicle import Kind
from cordboard.uapi.paths import SELF, Place
from cordboard.uapi.presence import Presence
from cordboard.uapi.problems import Problem
from cordboard.uapi.queues import QueueAgents
from cordboard.uapi.requests import NO_CONTENT, Outcome, Request, ok
from cordboard.uapi.scopes import Scopes
from cordboard.uapi.subscriptions import Subscription, Subscriptions
from cordboard.uapi.views import date

Json: TypeAlias = "dict[str, Any]"
Handler: TypeAlias = "Callable[[Request, Place], Outcome | Problem]"

EVENT_FIELDS = ("type", "id", "url", "method", "status", "note", "modified", "links")
_TYPES = frozenset(str(kind.value) for kind in Kind)


class Extensions:
    """The service ``extensions``. ``wall`` is the time in seconds since 1970."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        scopes: Scopes,
        presence: Presence,
        queue_agents: QueueAgents,
        base: str,
        wall: Callable[[], float],
    ) -> None:
        self._subscriptions = subscriptions
        self._scopes = scopes
        self._presence = presence
        self._queue_agents = queue_agents
        self._base = base
        self._wall = wall
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
                return self._presence.handle(request, place)
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
