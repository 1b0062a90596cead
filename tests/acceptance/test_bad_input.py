"""Whatever comes in, there is an answer of the contract, one line in the log at most, and the call is as it was."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.acceptance.refused import ON_A_CALL, is_error
from tests.acceptance.server_process import PASSWORD, ServerProcess
from tests.acceptance.stage import Agent, Lab
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.acceptance

DENIED = {"statusCode": 20, "statusMessage": "Access denied"}
NOTIFICATIONS = "/api/v2/notifications"


@pytest.fixture(scope="module")
def talking(server: ServerProcess) -> Iterator[tuple[Agent, str]]:
    """5007, who talks with 5006, and the path of the call. It must go on as if nothing had happened."""
    with server.client("5007") as client, server.client() as anybody:
        agent, lab = Agent("5007", client), Lab(anybody)
        lab.do("5006", "dial", to="5007")
        lab.do("5007", "answer")
        call = agent.get("/me/calls?fields=*")["calls"][0]
        path = f"/me/calls/{call['id']}"
        yield agent, path
        assert agent.post(path, operationName="Hold").json() == {"statusCode": 0}
        assert lab.phone("5006")["hears"] == ["music"]
        assert agent.post(path, operationName="Hangup").json() == {"statusCode": 0}
        assert lab.phone("5006")["hears"] == []


@pytest.mark.parametrize(("body", "status", "code"), ON_A_CALL, ids=[repr(case[0])[:60] for case in ON_A_CALL])
def test_on_a_call(
    server: ServerProcess, talking: tuple[Agent, str], body: bytes | str, status: int, code: int
) -> None:
    agent, path = talking
    before = agent.get(path)["call"]
    server.check_log()
    answer = agent.client.post(f"/api/v2{path}", content=body)
    is_error(answer, status, code)
    assert [line["event"] for line in server.check_log()] == ["refused"]
    after = agent.get(path)["call"]
    assert {**after, "duration": before["duration"]} == before


def test_somebody_elses_call_and_one_that_is_not_there(server: ServerProcess, talking: tuple[Agent, str]) -> None:
    """Both answers are the same, so that nobody can find out which calls there are (gws-v2 §7.3)."""
    _, path = talking
    answers = []
    with server.client("5008") as other:
        for asked in (path, "/me/calls/00000000000000000000000000000000", "/me/calls/%00%ff", "/me/calls/a%2Fb"):
            for operation in ("Hangup", "InitiateTransfer"):
                answer = other.post(
                    f"/api/v2{asked}", json={"operationName": operation, "destination": {"phoneNumber": "5009"}}
                )
                is_error(answer, 404, 6)
                answers.append(answer.content)
            is_error(other.get(f"/api/v2{asked}"), 404, 6)
    assert answers[0:2] == answers[2:4]


def test_on_other_resources(server: ServerProcess, talking: tuple[Agent, str]) -> None:
    agent, path = talking
    mine = f"/me/devices/{agent.device_id}"
    cases: list[tuple[str, str, object, int, int]] = [
        ("POST", f"{mine}/calls", {"operationName": "Dial"}, 400, 1),
        ("POST", f"{mine}/calls", {"operationName": "Dial", "destination": {"phoneNumber": "9999"}}, 400, 10),
        ("POST", f"{mine}/calls", {"operationName": "Hold"}, 400, 2),
        ("POST", "/me/devices/x/calls", {"operationName": "Dial", "destination": {"phoneNumber": "5009"}}, 404, 6),
        ("POST", mine, {"operationName": "DoNotDisturbOff"}, 400, 2),
        ("POST", mine, {"operationName": "ForwardCallsOn"}, 400, 1),
        ("POST", mine, {"operationName": "ForwardCallsOn", "forwardTo": "9999"}, 400, 10),
        ("POST", "/me", {"operationName": "StartContactCenterSession"}, 400, 1),
        ("POST", "/me", {"operationName": "StartContactCenterSession", "channels": "voice"}, 400, 10),
        ("POST", "/me", {"operationName": "StartContactCenterSession", "channels": ["smoke"]}, 400, 10),
        ("POST", "/me", {"operationName": "Ready"}, 400, 2),
        ("POST", "/me", [], 400, 10),
        ("POST", "/me/channels/voice", {"operationName": "Sleepy"}, 400, 2),
        ("GET", "/me/calls?limit=many", None, 400, 10),
        ("GET", "/nothing", None, 404, 6),
        ("GET", "/users", None, 403, 5),
        ("GET", f"{path}/participants", None, 404, 6),
        ("PUT", path, {"state": "Held"}, 405, 2),
        ("DELETE", path, None, 405, 2),
        ("PATCH", "/me", {}, 405, 2),
    ]
    server.check_log()
    for method, resource, body, status, code in cases:
        is_error(agent.client.request(method, f"/api/v2{resource}", json=body), status, code)
    assert [line["event"] for line in server.check_log()] == ["refused"] * len(cases)


def test_without_credentials(server: ServerProcess, talking: tuple[Agent, str]) -> None:
    _, path = talking
    with server.client() as client:
        for asked in ("/me", path, "/nothing", "/notifications", "/notifications/connect"):
            answer = client.post(f"/api/v2{asked}", content=b"{")
            assert (answer.status_code, answer.json()) == (403, DENIED)


BAYEUX: list[tuple[bytes, int, list[str | None]]] = [
    (b"", 400, []),
    (b"{", 400, []),
    (b"nonsense", 400, []),
    (b"\xff", 400, []),
    (b'[{"channel":"/meta/\xff"}]', 400, []),
    (b"[]", 400, []),
    (b"5", 400, []),
    (b"[" * 50_000, 400, []),
    (b'["' + b"x" * 70_000 + b'"]', 413, []),
    (b"[" + b",".join([b"{}"] * 65) + b"]", 413, []),
    (b"[1]", 200, ["400::channel_missing"]),
    (b"{}", 200, ["400::channel_missing"]),
    (b'{"channel":5}', 200, ["402::session_unknown"]),
    (b'{"channel":"/meta/connect"}', 200, ["402::session_unknown"]),
    (b'{"channel":"/meta/connect","clientId":{"a":1}}', 200, ["402::session_unknown"]),
    (b'{"channel":"/v2/me/calls","data":{}}', 200, ["402::session_unknown"]),
    (
        b'{"channel":"/meta/handshake","version":"1.0"}',
        200,
        ["301:websocket,long-polling:connection_type_unsupported"],
    ),
    (b'{"channel":"/meta/handshake","id":"<script>"}', 200, ["405::message_id_invalid"]),
]


@pytest.mark.parametrize(("body", "status", "errors"), BAYEUX, ids=[repr(case[0])[:60] for case in BAYEUX])
def test_broken_bayeux(
    server: ServerProcess, talking: tuple[Agent, str], body: bytes, status: int, errors: list[str | None]
) -> None:
    agent, _ = talking
    server.check_log()
    answer = agent.client.post(NOTIFICATIONS, content=body)
    assert answer.status_code == status
    if errors:
        assert [(reply["successful"], reply["error"]) for reply in answer.json()] == [(False, it) for it in errors]
    else:
        assert set(answer.json()) == {"error"}
    assert len(server.check_log()) <= 1


def websocket(server: ServerProcess, number: str = "") -> ClientConnection:
    credentials = f"{number}:{PASSWORD}@" if number else ""
    return connect(f"ws://{credentials}{urlsplit(server.url).netloc}{NOTIFICATIONS}", proxy=None)


def test_broken_bayeux_over_a_websocket(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus) as refused:
        websocket(server)
    assert refused.value.response.status_code == 403
    with websocket(server, "5008") as open_one:
        open_one.send('[{"channel":"/meta/connect","id":"1"}]')
        reply = json.loads(open_one.recv(5))[0]
        assert (reply["id"], reply["error"], reply["advice"]["reconnect"]) == ("1", "402::session_unknown", "handshake")
    for nonsense, code in (("nonsense", 1011), ("5", 1011), ("[" + '"x",' * 30_000 + "1]", 1009)):
        with websocket(server, "5008") as broken:
            broken.send(nonsense)
            with pytest.raises(ConnectionClosed) as closed:
                broken.recv(5)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == code
    assert len(server.check_log()) <= 4


def test_the_lab(server: ServerProcess) -> None:
    cases: list[tuple[str, str, bytes, int]] = [
        ("POST", "/phones/5009", b"", 400),
        ("POST", "/phones/5009", b"[]", 400),
        ("POST", "/phones/5009", b'{"do":"sing"}', 400),
        ("POST", "/phones/5009", b'{"do":"dial"}', 400),
        ("POST", "/phones/5009", b'{"do":"dial","to":5}', 400),
        ("POST", "/phones/5009", b'{"do":"answer","line":"first"}', 400),
        ("POST", "/phones/5009", b'{"do":"answer"}', 409),
        ("POST", "/phones/5009", b'{"do":"hold","line":99}', 409),
        ("POST", "/phones/9999", b'{"do":"answer"}', 404),
        ("GET", "/phones/%00", b"", 404),
        ("GET", "/nothing", b"", 404),
        ("DELETE", "/phones/5009", b"", 405),
        ("PUT", "/phones/5009/behaviour", b'{"on_ring":"shout"}', 400),
        ("PUT", "/phones/5009/behaviour", b'{"after_ms":-1}', 400),
        ("POST", "/faults", b'{"orders":"lose"}', 400),
        ("POST", "/faults", b'{"switch":"sideways"}', 400),
        ("POST", "/faults", b'{"orders":"fail","count":0}', 400),
        ("POST", "/phones/5009", b'{"do":"dial","to":"' + b"5" * 300_000 + b'"}', 413),
    ]
    server.check_log()
    with server.client() as client:
        for method, path, body, status in cases:
            answer = client.request(method, f"/lab/v1{path}", content=body)
            assert (answer.status_code, set(answer.json())) == (status, {"error"}), (path, body[:60])
            assert answer.json()["error"]
        phone = client.get("/lab/v1/phones/5009").json()
    assert phone == {"number": "5009", "state": "idle", "lines": [], "hears": []}
    assert {line["event"] for line in server.check_log()} == {"lab refused"}


def test_what_is_not_even_http(server: ServerProcess) -> None:
    place = urlsplit(server.url)
    for nonsense in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /api/v2/me HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ):
        with socket.create_connection((place.hostname, place.port), 5) as raw:
            raw.sendall(nonsense)
            assert raw.recv(100).startswith(b"HTTP/1.1 400 ")
    assert len(server.check_log()) <= 3
