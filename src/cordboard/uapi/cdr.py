"""Call detail records: what is left of phone calls that are over (voipnow-uapi §3.5). Dry.

One record for each phone call, with a view for each extension that was in it. The latest are in memory, so many and no
more. Deliberately absent: records that outlast the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from cordboard.people.accounts import may_act_for
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.uapi import listing, problems
from cordboard.uapi.chronicle import Ended
from cordboard.uapi.listing import Query
from cordboard.uapi.paths import Place
from cordboard.uapi.problems import Problem, parameter
from cordboard.uapi.requests import Outcome, Request, ok
from cordboard.uapi.scopes import ME
from cordboard.uapi.views import Views

Json: TypeAlias = "dict[str, Any]"

ANSWERED, BUSY, FAILED, NO_ANSWER, UNKNOWN, NOT_ALLOWED = range(6)
FILTERS = ("source", "destination", "published", "answered")
FIELDS = ("id", "extension", "ownerId", "ownerName", "published", "answered", "phoneCallView")


class Record(msgspec.Struct, frozen=True):
    """One phone call that is over. ``owners`` are the ids of the users who were in it; instants are seconds since 1970,
    ``answered`` 0 if nobody did."""

    id: str
    owners: tuple[str, ...]
    saved: float
    answered: float
    shown: Json


class Span(msgspec.Struct, frozen=True):
    """What records are asked for."""

    source: str
    destination: str
    start: float
    end: float
    save_start: float
    save_end: float
    disposition: int | None
    flow: int | None


class Cdr:
    """The service ``cdr``. ``wall`` makes seconds since 1970 of an instant of the board's."""

    def __init__(
        self,
        directory: Directory,
        views: Views,
        wall: Callable[[float], float],
        now: Callable[[], float],
        kept_max: int,
    ) -> None:
        self._directory = directory
        self._views = views
        self._wall = wall
        self._now = now
        self._records: deque[Record] = deque(maxlen=kept_max)

    def keep(self, ended: Iterable[Ended], now: float) -> None:
        """Phone calls that are over since ``now``."""
        for one in ended:
            users = [self._directory.owner_of(party.number) for party in one.parties]
            owners = tuple(user.id for user in users if user is not None)
            if owners:
                answered = self._wall(one.answered) if one.answered else 0.0
                self._records.append(Record(one.id, owners, self._wall(now), answered, self._views.record(one, now)))

    # -- requests --------------------------------------------------------------------------------------------------

    def handle(self, request: Request, place: Place) -> Outcome | Problem:
        if request.method != "GET" or place.extension or place.rest:
            return problems.NOT_IMPLEMENTED
        query = listing.read(request.query, FILTERS, FIELDS)
        span = self._span(dict(parse_qsl(request.query)))
        owner = self._owner(request.account, place.user)
        for problem in (query, span, owner):
            if isinstance(problem, Problem):
                return problem
        assert isinstance(query, Query)
        assert isinstance(span, Span)
        rows = [
            record.shown
            for record in self._records
            if self._is_seen(request.account, owner, record) and _is_within(span, record)
        ]
        envelope = listing.collection(rows, query, "published", self._views.address(request.path))
        # Here, and here alone, entries are named by their ids (§1.4).
        envelope["entry"] = {row.get("id", str(place)): row for place, row in enumerate(envelope["entry"])}
        return ok({**envelope, "PhoneCallStat": _statistics(rows)})

    def _owner(self, account: Account, segment: str) -> User | Problem | None:
        if not segment:
            return None
        if segment in ME:
            return account.user
        user = self._directory.user(segment)
        if user is None:
            return problems.USER_INVALID
        return user if may_act_for(account, user) else problems.ACCESS_DENIED

    def _is_seen(self, account: Account, owner: object, record: Record) -> bool:
        if isinstance(owner, User):
            return owner.id in record.owners
        users = [self._directory.user(user_id) for user_id in record.owners]
        return any(user is not None and may_act_for(account, user) for user in users)

    def _span(self, given: dict[str, str]) -> Span | Problem:
        now = self._wall(self._now())
        month = datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        dates: dict[str, float] = {}
        for name, code, default in (
            ("startDate", "cdr_start_date_invalid", month.timestamp()),
            ("endDate", "cdr_end_date_invalid", now),
            ("saveStartDate", "cdr_save_start_date_invalid", 0.0),
            ("saveEndDate", "cdr_save_end_date_invalid", now),
        ):
            found = _date(given[name]) if name in given else default
            if found is None:
                return parameter(code, name, "a date such as 2012-06-27T16:08:55")
            dates[name] = found
        if dates["startDate"] > dates["endDate"] or dates["saveStartDate"] > dates["saveEndDate"]:
            return problems.invalid("cdr_invalid_date_parameters", "The start date must be before the end date.")
        disposition, flow = _one_of(given, "disposition", range(6)), _one_of(given, "flow", (2, 4, 8))
        if disposition is False:
            return parameter("cdr_disposition_invalid", "disposition", "a number from 0 to 5")
        if flow is False:
            return parameter("cdr_flow_invalid", "flow", "2, 4 or 8")
        source, destination = given.get("source", ""), given.get("destination", "")
        return Span(
            source,
            destination,
            dates["startDate"],
            dates["endDate"],
            dates["saveStartDate"],
            dates["saveEndDate"],
            disposition,
            flow,
        )


def _one_of(given: dict[str, str], name: str, accepted: Iterable[int]) -> int | bool | None:
    """The number; None if there is none, False if it is another."""
    text = given.get(name)
    if text is None:
        return None
    return int(text) if text in {str(one) for one in accepted} else False


def _date(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
    except ValueError:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _is_within(span: Span, record: Record) -> bool:
    views = record.shown["phoneCallView"]
    began = record.answered or record.saved
    return (
        span.start <= began <= span.end
        and span.save_start <= record.saved <= span.save_end
        and any(_matches(span, view) for view in views)
    )


def _matches(span: Span, view: Json) -> bool:
    return (
        span.source in ("", *view["source"])
        and span.destination in ("", *view["destination"])
        and span.disposition in (None, view["disposition"])
        and span.flow in (None, view["flow"])
    )


def _statistics(rows: Iterable[Json]) -> list[Json]:
    """PhoneCallStat: how calls ended, for those that came and those that went (§3.5)."""
    names = {ANSWERED: "answered", BUSY: "busy", FAILED: "failed", NO_ANSWER: "unanswered", UNKNOWN: "unknown"}
    found: list[Json] = []
    for kind in (0, 1):
        views = [row["phoneCallView"][0] for row in rows]
        views = [view for view in views if (view["flow"] == 8) is (kind == 0)]
        counts = {name: sum(view["disposition"] == code for view in views) for code, name in names.items()}
        found.append({"type": kind, "total": len(views), **counts, "unallowed": 0})
    return found
