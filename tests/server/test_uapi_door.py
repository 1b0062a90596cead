"""The door of the UnifiedAPI: tokens, bodies, waiting for the switch, and that nothing becomes a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit.slow import SlowJournal
from tests.uapi.front import JOHN

from cordboard.calls.commands import AnyCommand, Hold
from cordboard.calls.model import Refusal, RefusalKind
from cordboard.calls.ports import Line
from cordboard.people.model import Account
from cordboard.server.book import Book
from cordboard.server.uapi_door import UapiDoor
from cordboard.uapi.requests import Acting, Outcome, Request, Response, ok

ACCOUNT = Account(JOHN, "user", "desk")
HOLD = Hold(asker="0003*210", call="C1")


class Site:
    """Stands in for the room, the tokens and the desk."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.outcome: Outcome | Exception = ok({"a": 1})
        self.carried_out: list[AnyCommand] = []
        self.refusal: Refusal | None = None
        self.account: Account | None = ACCOUNT
        self.door = UapiDoor(self, self, self.carry_out, body_bytes_max=100)  # type: ignore[arg-type]

    def account_of(self, _headers: Any, _query_string: bytes) -> Account | None:
        return self.account

    def handle(self, request: Request) -> Outcome:
        self.requests.append(request)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def carry_out(self, command: AnyCommand) -> Refusal | None:
        self.carried_out.append(command)
        return self.refusal

    async def ask(
        self,
        body: bytes = b"",
        raw_path: bytes | None = b"/uapi/cdr/%2A",
        left: bool = False,
        path: str = "/uapi/cdr/*",
        method: str = "PUT",
    ) -> Any:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"} if left else {"type": "http.request", "body": body}

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {"method": method, "path": path, "query_string": b"a=1", "headers": []}
        await self.door({**scope, **({"raw_path": raw_path} if raw_path else {})}, receive, send)
        return (sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])) if sent else None


@pytest.fixture
def site() -> Site:
    return Site()


async def test_a_request_is_handed_on_as_it_was_sent(site: Site) -> None:
    status, body, headers = await site.ask(b"{}")
    assert (status, body, headers[b"content-type"]) == (200, b'{"a":1}', b"application/json")
    await site.ask(raw_path=None)
    paths = [(one.account, one.method, one.path, one.query, one.body) for one in site.requests]
    assert paths == [
        (ACCOUNT, "PUT", "/uapi/cdr/%2A", "a=1", b"{}"),
        (ACCOUNT, "PUT", "/uapi/cdr/*", "a=1", b""),
    ]


@pytest.mark.uapi("1.3 403 or 401", "1.7 error body")
async def test_nobody_comes_in_without_a_token(site: Site) -> None:
    site.account = None
    status, body, _ = await site.ask()
    assert (status, msgspec.json.decode(body)["error"]["code"]) == (403, "access_denied")
    site.door = UapiDoor(site, site, site.carry_out, 100, denied_status=401)  # type: ignore[arg-type]
    assert (await site.ask())[0] == 401
    assert site.requests == []


@pytest.mark.uapi("1.7 request_invalid", "3.6 faxes")
async def test_bodies_have_a_limit(site: Site) -> None:
    status, body, _ = await site.ask(b"x" * 101)
    assert (status, msgspec.json.decode(body)["error"]["code"]) == (413, "request_invalid")
    status, body, _ = await site.ask(b"x" * 101, b"/unifiedapi/faxes/%40me/0003*210/")
    assert (status, msgspec.json.decode(body)["error"]["code"]) == (501, "request_not_implemented")
    assert await site.ask(left=True) is None


@pytest.mark.uapi("1.1 discovery")
async def test_which_services_there_are_is_told_to_anybody(site: Site) -> None:
    site.account = None
    site.door = UapiDoor(site, site, site.carry_out, 100, xrds=b"<xrds/>")  # type: ignore[arg-type]
    status, body, headers = await site.ask(path="/uapi/unifiedapi.xrds", method="GET")
    assert (status, body, headers[b"content-type"]) == (200, b"<xrds/>", b"application/xrds+xml")
    assert (await site.ask(path="/uapi/unifiedapi.xrds"))[0] == 403


async def test_what_is_to_be_done_is_done_before_the_answer(site: Site) -> None:
    def then(refusals: Sequence[Refusal | None]) -> Response:
        return Response(204) if refusals == [None, None] else ok({"why": refusals[0].detail if refusals[0] else ""})

    site.outcome = Acting((HOLD, HOLD), then)
    status, body, headers = await site.ask()
    assert (status, body, b"content-type" in headers) == (204, b"", False)
    assert site.carried_out == [HOLD, HOLD]
    site.refusal = Refusal(RefusalKind.NOT_PERMITTED_NOW, "no")
    assert (await site.ask())[1] == b'{"why":"no"}'


@pytest.mark.uapi("1.7 internal_server_error")
async def test_a_bug_is_logged_and_answered(site: Site) -> None:
    site.outcome = RuntimeError("oops")
    with capture_logs() as logs:
        status, body, _ = await site.ask()
    assert (status, msgspec.json.decode(body)["error"]["code"]) == (500, "internal_server_error")
    assert [log["event"] for log in logs] == ["a request failed", "refused"]


async def test_an_answer_waits_for_the_journal_but_not_for_ever() -> None:
    site, journal = Site(), SlowJournal()
    book = Book(journal, patience_s=0.01)
    site.door = UapiDoor(site, site, site.carry_out, 100, book=book)  # type: ignore[arg-type]

    def handle(_: Request) -> Outcome:
        book.add([Line("ask", 1.0, b"")])
        return ok({})

    site.handle = handle  # type: ignore[method-assign]
    with capture_logs():
        assert (await site.ask())[0] == 500
        journal.reach()
    site.handle = lambda _: ok({})  # type: ignore[method-assign]
    assert (await site.ask())[0] == 200


async def test_while_nothing_can_be_written_only_reading_is_answered() -> None:
    site, journal = Site(), SlowJournal()
    site.door = UapiDoor(site, site, site.carry_out, 100, book=Book(journal))  # type: ignore[arg-type]
    journal.why = "no space"
    status, body, _ = await site.ask(method="POST")
    assert (status, msgspec.json.decode(body)["error"]["code"]) == (500, "internal_server_error")
    assert site.requests == []
    assert (await site.ask(method="GET"))[0] == 200
