"""Call detail records: what is left of phone calls that are over (voipnow-uapi §3.5). Dry.

One record for each phone call, with a view for each extension that was in it. The latest are in memory, so many and no
more. Deliberately absent: where they are kept besides (``keeping``).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from msgspec.structs import replace

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
from cordboard.uapi.views import Views, date

Json: TypeAlias = "dict[str, Any]"

ANSWERED, BUSY, FAILED, NO_ANSWER, UNKNOWN, NOT_ALLOWED = range(6)
FILTERS = ("source", "destination", "published", "answered")
_NUMBERS = ("source", "destination")
_PARTIAL = ("contains", "startsWith")
"""Operators that are given parts of what there is."""
_NUMBER = re.compile(r"^\+?[0-9*]+$")
_NUMBER_WANTED = "an extended extension number or a public phone number"
_YEAR_9999 = 253_370_764_800
_DATE_WANTED = "a date such as 2012-06-27T16:08:55"
FIELDS = ("id", "extension", "ownerId", "ownerName", "published", "answered", "phoneCallView")


class Record(msgspec.Struct, frozen=True):
    """One phone call that is over. ``owners`` are the ids of the users who were in it; instants are seconds since 1970,
    ``answered`` 0 if nobody did."""

    id: str
    owners: tuple[str, ...]
    saved: float
    answered: float
    shown: Json


def _concerned(ended: Ended) -> list[str]:
    """Those who were in it, and for whom it was begun."""
    return list(dict.fromkeys([*(party.number for party in ended.parties), ended.charged]))


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
        self._kept_max = kept_max
        self._records: deque[Record] = deque(maxlen=kept_max)
        self._counted = 0

    def restore(self, numbered: Iterable[tuple[int, Record]]) -> None:
        """Go on with these records, the oldest first."""
        for number, record in numbered:
            self._records.append(record)
            self._counted = number

    def keep(self, ended: Iterable[Ended], now: float) -> list[tuple[int, Record | None]]:
        """Phone calls that are over since ``now``. The records made of them, with their numbers; then None for
        those that have to go."""
        before, first = len(self._records), self._counted + 1 - len(self._records)
        made = self._keep(ended, now)
        numbered = [(self._counted + place, record) for place, record in enumerate(made, 1)]
        self._counted += len(made)
        over = max(0, before + len(made) - self._kept_max)
        return [*numbered, *((number, None) for number in range(first, first + over))]

    def _keep(self, ended: Iterable[Ended], now: float) -> list[Record]:
        made: list[Record] = []
        for one in ended:
            users = [self._directory.charged_to(number) for number in _concerned(one)]
            owners = tuple(user.id for user in users if user is not None)
            if owners:
                answered = self._wall(one.answered) if one.answered else 0.0
                made.append(Record(one.id, owners, self._wall(now), answered, self._views.record(one, now)))
        self._records.extend(made)
        return made

    # -- requests --------------------------------------------------------------------------------------------------

    def handle(self, request: Request, place: Place) -> Outcome | Problem:
        if request.method != "GET" or place.extension or place.rest:
            return problems.NOT_IMPLEMENTED
        query = self._query(request)
        span = self._span(request.account, dict(parse_qsl(request.query, keep_blank_values=True)))
        owner = self._owner(request.account, place.user)
        for problem in (query, span, owner):
            if isinstance(problem, Problem):
                return problem
        assert isinstance(query, Query)
        assert isinstance(span, Span)
        seen = (
            record.shown
            for record in self._records
            if self._is_seen(request.account, owner, record) and _is_within(span, record)
        )
        rows = listing.matching(seen, query, "published", _values)
        envelope = listing.envelope(rows, query, self._views.address(request.path))
        # Here, and here alone, entries are named by their ids (§1.4).
        ids = (row["id"] for row in listing.page(rows, query))
        envelope["entry"] = dict(zip(ids, envelope["entry"], strict=True))
        return ok({**envelope, "PhoneCallStat": _statistics(rows)})

    def _query(self, request: Request) -> Query | Problem:
        """Filters have codes of their own here (§1.7); dates are compared as they are shown."""
        query = listing.read(request.query, FILTERS, FIELDS)
        if isinstance(query, Problem) or not query.filter_by or query.filter_op == "present":
            return query
        by, parts = query.filter_by, [one.strip() for one in query.filter_value.split(",")]
        if by in _NUMBERS:
            if any(not _NUMBER.match(one) for one in parts):
                return parameter(f"cdr_invalid_filter_by_{by}", "filterValue", _NUMBER_WANTED)
            canonical = [self._canonical(request.account, one) for one in parts]
            return query if query.filter_op in _PARTIAL else replace(query, filter_value=",".join(canonical))
        if query.filter_op in _PARTIAL:
            return query
        dates = [_date(one) for one in parts]
        if None in dates:
            return parameter(f"cdr_invalid_filter_by_{by}", "filterValue", _DATE_WANTED)
        return replace(query, filter_value=",".join(date(int(one or 0)) for one in dates))

    def _canonical(self, account: Account, number: str) -> str:
        """As records have it: short numbers are those of the account's organisation."""
        found = self._directory.find(number, account.user.device.number)
        return found.number if found is not None else number

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

    def _span(self, account: Account, given: dict[str, str]) -> Span | Problem:
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
                return parameter(code, name, _DATE_WANTED)
            dates[name] = found
        if dates["startDate"] > dates["endDate"] or dates["saveStartDate"] > dates["saveEndDate"]:
            return problems.invalid("cdr_invalid_date_parameters", "The start date must be before the end date.")
        disposition, flow = _one_of(given, "disposition", range(6)), _one_of(given, "flow", (2, 4, 8))
        if disposition is False:
            return parameter("cdr_disposition_invalid", "disposition", "a number from 0 to 5")
        if flow is False:
            return parameter("cdr_flow_invalid", "flow", "2, 4 or 8")
        for name in _NUMBERS:
            if name in given and not _NUMBER.match(given[name]):
                return parameter(f"cdr_{name}_invalid", name, _NUMBER_WANTED)
        source, destination = (self._canonical(account, given[name]) if name in given else "" for name in _NUMBERS)
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
    """Seconds since 1970; without a zone it is a date of UTC."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
    except ValueError:
        return None
    seconds = (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()
    return seconds if 0 <= seconds < _YEAR_9999 else None


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


def _values(row: Json, name: str) -> Sequence[Any]:
    """What a record has by a name; who called and who was called, its views say."""
    if name not in _NUMBERS:
        return [row.get(name)]
    return [number for view in row["phoneCallView"] for number in view[name]]


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
