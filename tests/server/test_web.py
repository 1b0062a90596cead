"""The doors: where requests go, who may come in, and that nothing becomes a traceback at the client."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.kit import people
from tests.kit.slow import SlowJournal

from cordboard.calls.ports import Line
from cordboard.gws.answers import FileContent, Response
from cordboard.gws.requests import Request
from cordboard.people.directory import Directory
from cordboard.server import passwords
from cordboard.server.auth import Authenticator
from cordboard.server.book import Book
from cordboard.server.idempotency import Idempotency, Limits, Memory
from cordboard.server.web import Doors, GwsDoor, LabDoor, LabElsewhere, is_loopback

PASSWORD = "cordboard"


class Clock:
    def now(self) -> float:
        return 1.0


class FakeGws:
    """Answers what the test says and notes what came."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.ended: list[str] = []
        self.answer: Response | Exception = Response(200, b'{"statusCode":0}')

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Answered:
    """What came back for one request."""

    def __init__(self, sent: list[Any]) -> None:
        self.sent = sent
        start = sent[0] if sent else {}
        self.status = start.get("status")
        self.headers = dict(start.get("headers", ()))
        self.body = b"".join(event.get("body", b"") for event in sent[1:])

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


App = Callable[[Any, Any, Any], Awaitable[None]]


async def call(app: App, method: str, path: str, body: bytes = b"", **more: Any) -> Answered:
    sent: list[Any] = []
    headers = [(b"authorization", b"Basic " + base64.b64encode(b"5005:cordboard"))]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    scope["client"] = ("127.0.0.1", 1)
    events = [{"type": "http.request", "body": body}]
    events = more.pop("events", events)

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    await app({**scope, **more}, receive, send)
    return Answered(sent)


@pytest.fixture
def gws() -> FakeGws:
    return FakeGws()


@pytest.fixture
def door(gws: FakeGws) -> GwsDoor:
    return door_of(gws)


def door_of(gws: FakeGws, book: Book | None = None) -> GwsDoor:
    known = people.directory()
    users = [msgspec.structs.replace(user, password_hash=passwords.conceal(PASSWORD, b"salt")) for user in known.users]
    directory = Directory(users, known.tenants.values(), known.trunk_numbers)
    front_end: Any = gws
    once = Idempotency(Memory(10), Limits(), lambda: 1.0)
    return GwsDoor(front_end, Authenticator(directory, Clock()), directory, 100, once, gws.ended.append, book)


async def test_a_request_arrives_with_its_user_and_its_path(door: GwsDoor, gws: FakeGws) -> None:
    answer = await call(door, "POST", "/api/v2/me/calls/A", b"{}", query_string=b"fields=*")
    assert (answer.status, answer.body) == (200, b'{"statusCode":0}')
    assert answer.headers[b"content-type"] == b"application/json"
    assert answer.headers[b"set-cookie"].startswith(b"JSESSIONID=")
    (request,) = gws.requests
    assert (request.user.name, request.method, request.path) == ("5005", "POST", "/me/calls/A")
    assert (request.query, request.body) == ("fields=*", b"{}")


async def test_a_session_is_not_announced_again(door: GwsDoor) -> None:
    first = await call(door, "GET", "/api/v2/me")
    cookie = first.headers[b"set-cookie"].split(b";")[0]
    second = await call(door, "GET", "/api/v2/me", headers=[(b"cookie", cookie)])
    assert second.status == 200
    assert b"set-cookie" not in second.headers


async def test_an_ended_session_is_worth_nothing(door: GwsDoor, gws: FakeGws) -> None:
    first = await call(door, "GET", "/api/v2/me")
    cookie = first.headers[b"set-cookie"].split(b";")[0]
    gws.answer = Response(200, b'{"statusCode":0}', end_session=True)
    assert (await call(door, "POST", "/api/v2/me", headers=[(b"cookie", cookie)])).status == 200
    assert (await call(door, "GET", "/api/v2/me", headers=[(b"cookie", cookie)])).status == 403
    assert gws.ended == [cookie.partition(b"=")[2].decode()]


async def test_a_request_that_comes_again_with_its_key_is_done_once(door: GwsDoor, gws: FakeGws) -> None:
    credentials = (b"authorization", b"Basic " + base64.b64encode(b"5005:cordboard"))
    headers = [credentials, (b"idempotency-key", b"k")]
    first = await call(door, "POST", "/api/v2/me/calls/A", b"{}", headers=headers)
    gws.answer = Response(400, b'{"statusCode":2}')
    again = await call(door, "POST", "/api/v2/me/calls/A", b"{}", headers=headers)
    assert (again.status, again.body) == (first.status, first.body)
    other = await call(door, "POST", "/api/v2/me/calls/B", b"{}", headers=headers)
    assert (other.status, other.json()["statusCode"]) == (422, 10)
    assert len(gws.requests) == 1


async def test_strangers_are_denied_without_reading_their_body(door: GwsDoor, gws: FakeGws) -> None:
    with capture_logs() as logs:
        answer = await call(door, "POST", "/api/v2/me", headers=[], events=[], client=None)
    assert answer.status == 403
    assert answer.json() == {"statusCode": 20, "statusMessage": "Access denied"}
    assert answer.headers[b"connection"] == b"close"
    assert gws.requests == []
    assert len(logs) == 1


async def test_a_body_over_the_limit(door: GwsDoor, gws: FakeGws) -> None:
    with capture_logs() as logs:
        answer = await call(door, "POST", "/api/v2/me", b"x" * 101)
    assert answer.status == 413
    assert answer.json()["statusCode"] == 10
    assert gws.requests == []
    assert len(logs) == 1


async def test_a_client_that_left_gets_nothing(door: GwsDoor, gws: FakeGws) -> None:
    answer = await call(door, "POST", "/api/v2/me", events=[{"type": "http.disconnect"}])
    assert answer.sent == []
    assert gws.requests == []


async def test_a_refusal_is_one_log_line(door: GwsDoor, gws: FakeGws) -> None:
    gws.answer = Response(404, b'{"statusCode":6}')
    with capture_logs() as logs:
        await call(door, "GET", "/api/v2/me/calls/X")
    assert [(line["event"], line["status"], line["user"]) for line in logs] == [("refused", 404, "5005")]


async def test_a_bug_is_answered_and_logged(door: GwsDoor, gws: FakeGws) -> None:
    gws.answer = ZeroDivisionError()
    with capture_logs() as logs:
        answer = await call(door, "GET", "/api/v2/me")
    assert (answer.status, answer.json()["statusCode"]) == (500, 4)
    assert [line["event"] for line in logs] == ["a request failed"]


async def test_the_lab_answers_its_own_machine() -> None:
    lab = LabDoor(lambda method, path, body: (200, f"{method} {path} {body.decode()}".encode()), 100, anybody=False)
    answer = await call(lab, "POST", "/lab/v1/reset", b"x")
    assert (answer.status, answer.body) == (200, b"POST /lab/v1/reset x")
    foreign = await call(lab, "POST", "/lab/v1/reset", client=("192.0.2.1", 1))
    assert foreign.status == 403
    assert "lab_clients" in foreign.json()["error"]


async def test_a_lab_elsewhere_is_pointed_to() -> None:
    answer = await call(LabElsewhere("127.0.0.1:8090"), "POST", "/lab/v1/phones/0003*21%", b"x")
    assert (answer.status, answer.headers[b"location"]) == (307, b"http://127.0.0.1:8090/lab/v1/phones/0003%2A21%25")
    assert answer.json() == {
        "error": "the lab is served by the exchange: http://127.0.0.1:8090/lab/v1/phones/0003%2A21%25"
    }


async def test_the_lab_answers_anybody_if_told_to() -> None:
    lab = LabDoor(lambda *_: (409, b'{"error":"no"}'), 10, anybody=True)
    with capture_logs() as logs:
        answer = await call(lab, "POST", "/lab/v1/reset", client=("192.0.2.1", 1))
    assert answer.status == 409
    assert [line["event"] for line in logs] == ["lab refused"]
    assert (await call(lab, "POST", "/lab/v1/reset", b"x" * 11)).status == 413
    assert (await call(lab, "POST", "/lab/v1/reset", events=[{"type": "http.disconnect"}])).sent == []


def naming(name: str) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": name.encode()})

    return app


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v2", "gws"),
        ("/api/v2/me", "gws"),
        ("/api/v2/notificationsX", "gws"),
        ("/api/v2/notifications", "cometd"),
        ("/api/v2/notifications/connect", "cometd"),
        ("/lab/v1/phones", "lab"),
        ("/oauth/token.php", "oauth"),
        ("/oauths", "pages"),
        ("/lab/v10", "pages"),
        ("/api/v20/me", "pages"),
        ("/", "pages"),
    ],
)
async def test_each_path_has_its_door(path: str, name: str) -> None:
    doors = Doors(naming("gws"), naming("cometd"), naming("lab"), naming("pages"), naming("oauth"))
    assert (await call(doors, "GET", path)).body == name.encode()


async def test_without_a_lab_its_path_is_a_page_like_others() -> None:
    doors = Doors(naming("gws"), naming("cometd"), None, naming("pages"))
    assert (await call(doors, "GET", "/lab/v1/phones")).body == b"pages"
    assert (await call(doors, "GET", "/oauth/token.php")).body == b"pages"


@pytest.mark.parametrize("path", ["/api/v2/me", "/lab/v1/phones", "/"])
async def test_only_notifications_take_websockets(path: str) -> None:
    doors = Doors(naming("gws"), naming("cometd"), naming("lab"), naming("pages"))
    answer = await call(doors, "GET", path, type="websocket", events=[{"type": "websocket.connect"}])
    assert answer.sent == [{"type": "websocket.close"}]
    socket = await call(doors, "GET", "/api/v2/notifications", type="websocket")
    assert socket.body == b"cometd"


@pytest.mark.parametrize(
    ("address", "own"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.1", False),
        ("", False),
    ],
)
def test_loopback(address: str, own: bool) -> None:
    assert is_loopback(address) is own


async def test_an_answer_can_be_a_file(door: GwsDoor, gws: FakeGws, tmp_path: Path) -> None:
    path = tmp_path / "A-1.wav"
    path.write_bytes(b"RIFF")
    gws.answer = Response(200, b"", file=FileContent(path, "audio/wav", "A-1.wav"))
    answer = await call(door, "GET", "/api/v2/recordings/A-1/content")
    assert (answer.status, answer.body) == (200, b"RIFF")
    assert answer.headers[b"content-type"] == b"audio/wav"
    assert answer.headers[b"content-disposition"] == b'attachment; filename="A-1.wav"'
    assert answer.headers[b"content-length"] == b"4"
    assert b"set-cookie" in answer.headers


async def test_a_file_that_is_gone_is_not_found(door: GwsDoor, gws: FakeGws, tmp_path: Path) -> None:
    gws.answer = Response(200, b"", file=FileContent(tmp_path / "gone.wav", "audio/wav", "gone.wav"))
    with capture_logs() as logs:
        answer = await call(door, "GET", "/api/v2/recordings/A-1/content")
    assert (answer.status, answer.json()["statusCode"]) == (404, 6)
    assert [line["event"] for line in logs] == ["a file is missing"]


async def test_an_answer_waits_for_the_journal_but_not_for_ever(gws: FakeGws) -> None:
    journal = SlowJournal()
    door = door_of(gws, Book(journal, patience_s=0.01))
    assert (await call(door, "GET", "/api/v2/me")).status == 200
    journal.append([Line("ask", 1.0, b"")])
    with capture_logs() as logs:
        answer = await call(door, "POST", "/api/v2/me")
        assert (answer.status, answer.json()["statusCode"]) == (503, 4)
        assert (await call(door, "GET", "/api/v2/me")).status == 200
        journal.reach()
    assert [line["event"] for line in logs] == [
        "the journal can't be written: commands are refused, and nothing leaves",
        "an answer had to wait too long for the journal",
        "the journal can be written again",
    ]
    assert (await call(door, "POST", "/api/v2/me")).status == 200


async def test_what_is_repeated_is_not_said_to_be_done_before_it_is_sure(gws: FakeGws) -> None:
    """A disk that fills up between a request and its repetition."""
    journal = SlowJournal()
    book = Book(journal, patience_s=0.01)
    door = door_of(gws, book)
    credentials = (b"authorization", b"Basic " + base64.b64encode(b"5005:cordboard"))
    headers = [credentials, (b"idempotency-key", b"k")]
    journal.append([Line("ask", 1.0, b"")])
    with capture_logs():
        book.in_trouble("no space")
        for _ in range(2):
            assert (await call(door, "POST", "/api/v2/me", b"{}", headers=headers)).status == 503
        assert len(gws.requests) == 1
        assert (await call(door, "GET", "/api/v2/me")).status == 200
        journal.reach()
        assert (await call(door, "POST", "/api/v2/me", b"{}", headers=headers)).status == 200


async def test_the_lab_waits_for_what_comes_of_it() -> None:
    journal = SlowJournal()
    book = Book(journal, patience_s=0.01)
    lab = LabDoor(lambda *_: (200, b"{}"), 10, anybody=True, book=book)
    assert (await call(lab, "POST", "/lab/v1/reset")).status == 200
    journal.append([Line("hear", 1.0, b"")])
    assert (await call(lab, "POST", "/lab/v1/reset")).status == 200  # it is only the lab
    book._patience_s = 60.0
    at_once = await call(lab, "POST", "/lab/v1/reset", headers=[(b"prefer", b"respond-async")])
    assert at_once.status == 200


async def test_requests_are_counted(door: GwsDoor, gws: FakeGws) -> None:
    gws.answer = Response(404, b'{"statusCode":6}')
    await call(door, "POST", "/api/v2/me/calls/A", b'{"operationName":"Hold"}')
    await call(door, "GET", "/api/v2/me", headers=[])
    counted = [(one.operation, one.status, one.code) for one in sorted(door._tally.answered())]
    assert counted == [("Hold", 404, "6"), ("other", 403, "20")]
