"""The call detail records that are kept, in the order in which they were completed, and who may see which.

They are in memory, so many and so long and no more. Each has a number, which grows and is never given twice; that its
thread became part of another changes a record, and nothing else does. Deliberately absent: where they are kept besides
(``keeping``), what they look like (``shown``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cordboard.calls.model import CallId, Number
from cordboard.calls.segments import AnyRecord, Segment, ThreadId, Transfer
from cordboard.people.directory import Directory

replace = msgspec.structs.replace
_DAY_S = 86_400.0


class Limits(msgspec.Struct, frozen=True):
    """``looked_at_max`` records are looked at for one page, ``page_max`` are on it."""

    keep_days: float = 90.0
    kept_max: int = 50_000
    page_max: int = 1_000
    looked_at_max: int = 10_000


class Query(msgspec.Struct, frozen=True):
    """What is asked for. Instants are seconds since 1970, and are those of the end. ``kind`` is segment, transfer, or
    one of the kinds of transfers; ``after`` is the number behind which a page begins, None for the first page."""

    start: float = 0.0
    end: float = float("inf")
    number: Number = ""
    thread: ThreadId = ""
    call: CallId = ""
    kind: str = ""
    limit: int = 100
    newest_first: bool = False
    after: int | None = None


class Page(msgspec.Struct, frozen=True):
    """``next`` is what to ask for as ``after``, None if this was the last page."""

    records: list[tuple[int, AnyRecord]]
    next: int | None


class Store:
    """``directory`` says whose a number is."""

    def __init__(self, directory: Directory, limits: Limits) -> None:
        self.limits = limits
        self._directory = directory
        self._records: dict[int, AnyRecord] = {}
        self._first = 1
        self._last = 0
        self._of_thread: dict[ThreadId, list[int]] = {}
        self._of_call: dict[CallId, int] = {}

    @property
    def last(self) -> int:
        """The number that was given last, 0 before the first."""
        return self._last

    # -- keeping ---------------------------------------------------------------------------------------------------

    def restore(self, numbered: Iterable[tuple[int, AnyRecord]]) -> None:
        """Go on with these, the oldest first."""
        for number, record in numbered:
            if not self._records:
                self._first = number
            self._enter(number, record)

    def keep(self, records: Iterable[AnyRecord]) -> list[tuple[int, AnyRecord | None]]:
        """What is complete now. What has changed by that, with numbers: what is new, what belongs to another thread
        now, and None for what has to go."""
        changed: dict[int, AnyRecord | None] = {}
        for record in records:
            if isinstance(record, Transfer) and record.joined:
                changed |= self._join(record.joined, record.thread)
            self._enter(self._last + 1, record)
            changed[self._last] = record
        over = list(self._over())
        for number in over:
            self._forget(number)
        return [*changed.items(), *((number, None) for number in over)]

    def _enter(self, number: int, record: AnyRecord) -> None:
        self._records[number] = record
        self._last = number
        self._of_thread.setdefault(record.thread, []).append(number)
        for call in calls_of(record):
            self._of_call[call] = number

    def _join(self, joined: ThreadId, into: ThreadId) -> dict[int, AnyRecord | None]:
        moved = self._of_thread.pop(joined, [])
        for number in moved:
            self._records[number] = replace(self._records[number], thread=into)
        if moved:
            self._of_thread[into] = sorted([*self._of_thread.get(into, ()), *moved])
        return {number: self._records[number] for number in moved}

    def _over(self) -> Iterator[int]:
        """Those that are too many or too old, by the end of the latest."""
        oldest = self._records[self._last].ended - self.limits.keep_days * _DAY_S if self._records else 0.0
        for number in range(self._first, self._last):
            kept = self._last - number + 1
            if kept <= self.limits.kept_max and self._records[number].ended >= oldest:
                return
            yield number

    def _forget(self, number: int) -> None:
        record = self._records.pop(number)
        self._first = number + 1
        numbers = self._of_thread[record.thread]
        numbers.remove(number)
        if not numbers:
            del self._of_thread[record.thread]
        for call in calls_of(record):
            if self._of_call[call] == number:
                del self._of_call[call]

    # -- looking ---------------------------------------------------------------------------------------------------

    def find(self, query: Query, tenant: str | None) -> Page:
        """One page of what ``tenant`` may see; None: of everything."""
        found: list[tuple[int, AnyRecord]] = []
        for looked_at, number in enumerate(self._numbers(query), 1):
            record = self._records[number]
            if _matches(query, record) and (tenant is None or tenant in self._tenants(record)):
                found.append((number, record))
            if len(found) == query.limit or looked_at == self.limits.looked_at_max:
                return Page(found, number)
        return Page(found, None)

    def _numbers(self, query: Query) -> Iterable[int]:
        first, last = self._first, self._last
        if query.after is not None and query.newest_first:
            last = min(last, query.after - 1)
        elif query.after is not None:
            first = max(first, query.after + 1)
        numbers: Sequence[int] = range(first, last + 1)
        thread = query.thread
        if query.call:
            known = self._of_call.get(query.call)
            thread = self._records[known].thread if known is not None else ""
            if thread == "" or query.thread not in ("", thread):
                return ()
        if thread:
            numbers = [one for one in self._of_thread.get(thread, ()) if first <= one <= last]
        return reversed(numbers) if query.newest_first else numbers

    def _tenants(self, record: AnyRecord) -> set[str]:
        """Those whom it concerns: of a number beyond the trunk, those who spoke with it."""
        own = self._directory.owner_of(record.by if isinstance(record, Transfer) else record.number)
        if own is not None:
            return {own.tenant.id}
        owners = (self._directory.owner_of(number) for number in numbers_of(record))
        return {owner.tenant.id for owner in owners if owner is not None}


def _matches(query: Query, record: AnyRecord) -> bool:
    return (
        query.start <= record.ended < query.end
        and (not query.number or query.number in numbers_of(record))
        and (not query.kind or query.kind in _kinds(record))
    )


def _kinds(record: AnyRecord) -> tuple[str, ...]:
    return ("transfer", record.kind.value) if isinstance(record, Transfer) else ("segment",)


def numbers_of(record: AnyRecord) -> set[Number]:
    """Everybody who is named."""
    if isinstance(record, Segment):
        return {record.number, record.by, record.wanted, *(peer for view in record.views for peer in view.peers)}
    return {record.by, record.to, record.reached, *record.whom}


def calls_of(record: AnyRecord) -> Iterable[CallId]:
    """By which clients may ask for its thread. A call that was never there has no id."""
    if isinstance(record, Segment):
        return [view.call for view in record.views]
    return [call for call in (record.call, record.consult) if call]
