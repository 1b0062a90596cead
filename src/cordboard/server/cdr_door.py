"""The door to ``/cdr``: who asks, what is asked, and a page of call detail records (docs/cdr.md).

Users with the role admin see what concerns their organisation, and so do accounts of apps that reach so far; accounts
of administrators see everything. Deliberately absent: what a record says (``cordboard.cdr``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec
import structlog

from cordboard.calls.model import Number
from cordboard.cdr import asking
from cordboard.cdr.asking import Problem
from cordboard.cdr.page import HEADERS, as_html
from cordboard.cdr.shown import show
from cordboard.cdr.store import Query, Store
from cordboard.cdr.written import CSV, JSON, Answer, as_csv, as_json
from cordboard.people.directory import Directory
from cordboard.people.model import Account, User
from cordboard.server.auth import RawHeaders
from cordboard.server.auth_types import Authentication
from cordboard.server.book import Book
from cordboard.server.doors import Receive, Send, respond
from cordboard.server.web import Scope

_log = structlog.get_logger()
_JSON = (b"content-type", JSON.encode())
_CLOSE = (b"connection", b"close")
_WHO = ((b"www-authenticate", b'Basic realm="cordboard"'), (b"www-authenticate", b"Bearer"))
_GET_ONLY = (b"allow", b"GET")
_NOBODY = b'{"error":"say who you are: HTTP Basic, or a token"}'
_NOT_YOU = b'{"error":"call detail records are for administrators"}'
_READ_ONLY = b'{"error":"call detail records can only be read: GET"}'
_NOTHING = b'{"error":"there is nothing here; see /cdr"}'
_NO_RECORDS = Answer((), None)
_UNSURE = b'{"error":"not written down yet: try again"}'


class Proves(Protocol):
    """Who knows users by their credentials and cookies."""

    def authenticate(self, headers: RawHeaders) -> Authentication | None: ...


class Bearers(Protocol):
    """Who knows what tokens stand for."""

    def account_of(self, headers: RawHeaders, query_string: bytes) -> Account | None: ...


class Sight(msgspec.Struct, frozen=True):
    """What somebody may see: of one organisation, or (None) everything; short numbers are those of colleagues of
    ``caller``. ``cookie`` goes with the answer."""

    tenant: str | None
    caller: Number
    cookie: tuple[tuple[bytes, bytes], ...] = ()


class CdrDoor:
    """Everything below ``/cdr``, which is one resource."""

    def __init__(
        self,
        store: Store,
        name_of: Callable[[Number], str],
        directory: Directory,
        users: Proves,
        bearers: Bearers,
        book: Book,
    ) -> None:
        self._store = store
        self._name_of = name_of
        self._directory = directory
        self._users = users
        self._bearers = bearers
        self._book = book

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        sight = self._sight(scope["headers"])
        if not isinstance(sight, Sight):
            _log.info("access denied", path=scope["path"], status=sight)
            headers = (_JSON, _CLOSE, *(_WHO if sight == 401 else ()))
            await respond(send, sight, _NOBODY if sight == 401 else _NOT_YOU, *headers)
        elif scope["path"].rstrip("/") != "/cdr":
            await respond(send, 404, _NOTHING, _JSON, *sight.cookie)
        elif scope["method"] != "GET":
            await respond(send, 405, _READ_ONLY, _JSON, _GET_ONLY, *sight.cookie)
        elif not await self._book.safe(self._book.last):
            await respond(send, 503, _UNSURE, _JSON, *sight.cookie)
        else:
            await respond(send, *self._answer(scope, sight), *sight.cookie)

    def _sight(self, headers: RawHeaders) -> Sight | int:
        """Or the status with which somebody is sent away."""
        account = self._bearers.account_of(headers, b"")
        if account is not None:
            if account.level == "administrator":
                return Sight(None, account.user.device.number)
            return self._of(account.user) if account.level == "organization" else 403
        who = self._users.authenticate(headers)
        user = self._directory.user(who.identity) if who is not None else None
        if who is None or user is None:
            return 401
        if "admin" not in user.roles:
            return 403
        cookie = ((b"set-cookie", who.set_cookie),) if who.set_cookie is not None else ()
        return self._of(user, cookie)

    def _of(self, user: User, cookie: tuple[tuple[bytes, bytes], ...] = ()) -> Sight:
        """Where there is one organisation only, everything is its own."""
        tenant = user.tenant.id if len(self._directory.tenants) > 1 else None
        return Sight(tenant, user.device.number, cookie)

    def _answer(self, scope: Scope, sight: Sight) -> tuple[int, bytes, *tuple[tuple[bytes, bytes], ...]]:
        query_string = scope["query_string"].decode("latin-1")
        asked = asking.read(query_string, self._store.limits.page_max)
        given = dict(parse_qsl(query_string))
        is_person = given.get("format", _preferred(scope["headers"])) == "html"
        if isinstance(asked, Problem):
            body = msgspec.json.encode(asked)
            _log.info("refused", path=scope["path"], status=400, answer=body.decode())
            return (400, as_html(_NO_RECORDS, given, asked), *HEADERS) if is_person else (400, body, _JSON)
        page = self._store.find(self._canonical(asked.query, sight), sight.tenant)
        records = [show(number, record, self._name_of) for number, record in page.records]
        following = _following(query_string, page.next) if page.next is not None else None
        links = ((b"link", f'<{following}>; rel="next"'.encode()),) if following is not None else ()
        answer = Answer(records, following)
        match asked.format or _preferred(scope["headers"]):
            case "html":
                return (200, as_html(answer, given), *HEADERS, *links)
            case "csv":
                return (200, as_csv(answer), (b"content-type", CSV.encode()), *links)
            case _:
                return (200, as_json(answer), _JSON, *links)

    def _canonical(self, query: Query, sight: Sight) -> Query:
        """With the number as records have it."""
        found = self._directory.find(query.number, sight.caller) if query.number else None
        return msgspec.structs.replace(query, number=found.number) if found is not None else query


def _following(query_string: str, after: int) -> str:
    pairs = [pair for pair in parse_qsl(query_string, keep_blank_values=True) if pair[0] != "after"]
    return f"/cdr?{urlencode([*pairs, ('after', after)])}"


def _preferred(headers: RawHeaders) -> str:
    """Browsers ask for pages, spreadsheets for CSV; whoever does not care gets JSON."""
    accepted = b",".join(value for name, value in headers if name == b"accept")
    return "html" if b"text/html" in accepted else "csv" if b"text/csv" in accepted else "json"
