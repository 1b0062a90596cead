"""PhoneCallEvents: who wants to be told what of an extension, and by which request (voipnow-uapi §3.1). Dry.

Deliberately absent: sending (``server.webhooks``), keeping over a restart (a ``Keeper`` does it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import msgspec

from cordboard.calls.model import Number
from cordboard.uapi import bodies, problems
from cordboard.uapi.bodies import Fields
from cordboard.uapi.chronicle import Happening, Kind
from cordboard.uapi.problems import Problem

NOTE_MAX, URL_MAX = 1_024, 2_048
_GET, _POST = "0", "1"
_FLAGS = ("0", "1")


class Subscription(msgspec.Struct, frozen=True):
    """One PhoneCallEvent. ``modified`` counts seconds since 1970."""

    id: str
    number: Number
    type: str
    url: str
    method: str = _POST
    status: str = "1"
    note: str = ""
    modified: float = 0.0


class Message(msgspec.Struct, frozen=True):
    """A request to be sent: to ``url`` by GET, or with ``form`` by POST. ``lane`` keeps those of one call to one
    receiver in order: users register one address for each type of event (§3.1), so a receiver is a host. ``id`` is the
    same whenever it is sent."""

    subscription: str
    lane: str
    url: str
    form: str = ""
    id: str = ""

    @property
    def method(self) -> str:
        return "POST" if self.form else "GET"


class Keeper(Protocol):
    """Where subscriptions outlast the process."""

    def load(self) -> Iterable[Subscription]: ...

    def save(self, subscriptions: Iterable[Subscription]) -> None: ...


class Forgetful:
    """Keeps nothing."""

    def load(self) -> Iterable[Subscription]:
        return ()

    def save(self, subscriptions: Iterable[Subscription]) -> None:
        pass


class Subscriptions:
    """All of them. ``new_id`` makes ids; ``per_extension_max`` bounds how many one extension has; ``forget`` is told
    the ids of those that want to hear no more."""

    def __init__(
        self,
        keeper: Keeper,
        new_id: Callable[[], str],
        per_extension_max: int = 100,
        forget: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        self._keeper = keeper
        self._new_id = new_id
        self._per_extension_max = per_extension_max
        self._forget = forget
        self._rows: dict[Number, dict[str, Subscription]] = {}
        for row in keeper.load():
            self._rows.setdefault(row.number, {})[row.id] = row

    def has(self, number: Number) -> bool:
        """Whether anybody has ever asked about this number."""
        return number in self._rows

    def of(self, number: Number, kind: str = "", row_id: str = "") -> list[Subscription]:
        rows = self._rows.get(number, {}).values()
        return [row for row in rows if kind in ("", row.type) and row_id in ("", row.id)]

    def add(self, number: Number, fields: Fields, now: float) -> Subscription | Problem:
        kind = bodies.text(fields, "type")
        if kind not in {str(one.value) for one in Kind}:
            return problems.EVENT_TYPE_INVALID_ON_CREATE
        if len(self._rows.get(number, ())) >= self._per_extension_max:
            return problems.TOO_MANY_EVENTS
        row = Subscription(self._new_id(), number, kind or "", "")
        return self._put(row, fields, now)

    def change(self, row: Subscription, fields: Fields, now: float) -> Subscription | Problem:
        return self._put(row, fields, now)

    def _put(self, row: Subscription, fields: Fields, now: float) -> Subscription | Problem:
        changes: dict[str, str] = {}
        for name, is_good, problem in (
            ("url", _is_url, problems.EVENT_URL_INVALID),
            ("method", lambda text: text in _FLAGS, problems.EVENT_METHOD_INVALID),
            ("status", lambda text: text in _FLAGS, problems.EVENT_STATUS_INVALID),
            ("note", lambda text: len(text) <= NOTE_MAX, problems.EVENT_NOTE_INVALID),
        ):
            found = bodies.text(fields, name)
            if found is None or not (is_good(found) or (found == "" and getattr(row, name))):
                return problem
            if found or name == "note":
                changes[name] = found
        if "note" not in fields:
            changes.pop("note", None)
        changed = msgspec.structs.replace(row, **changes, modified=now)
        # What can't be kept has not happened.
        self._keeper.save([one for one in self._all() if one.id != row.id] + [changed])
        self._rows.setdefault(row.number, {})[row.id] = changed
        if changed.status == "0":
            self._forget([row.id])
        return changed

    def remove(self, rows: Iterable[Subscription]) -> None:
        gone = {row.id: row.number for row in rows}
        self._keeper.save([one for one in self._all() if one.id not in gone])
        for row_id, number in gone.items():
            del self._rows[number][row_id]
        self._forget(gone)

    def _all(self) -> Iterable[Subscription]:
        return (row for rows in self._rows.values() for row in rows.values())

    # -- what is sent ----------------------------------------------------------------------------------------------

    def messages(self, happening: Happening, describe: Callable[[Happening], dict[str, str]]) -> list[Message]:
        """The requests that follow from what happened."""
        kind = str(happening.kind.value)
        wanted = [row for row in self.of(happening.number, kind) if row.status == "1"]
        if not wanted:
            return []
        form = urlencode(describe(happening))
        return [_message(row, happening.phone_call, form, self._new_id()) for row in wanted]

    def wants(self, row_id: str) -> bool:
        """Whether there is such a one, and it wants to hear."""
        return any(rows[row_id].status == "1" for rows in self._rows.values() if row_id in rows)


def _message(row: Subscription, phone_call: str, form: str, message_id: str) -> Message:
    lane = f"{phone_call} {urlsplit(row.url).netloc}"
    if row.method == _POST:
        return Message(row.id, lane, row.url, form, message_id)
    address, mark, fragment = row.url.partition("#")
    asked = f"{address}{'&' if '?' in address else '?'}{form}{mark}{fragment}"
    return Message(row.id, lane, asked, id=message_id)


_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.IGNORECASE)
"""What RFC 3986 permits. Others are refused rather than rewritten: an address is sent as it was registered."""


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return len(text) <= URL_MAX and bool(_URL.fullmatch(text)) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
