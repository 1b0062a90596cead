"""Webhooks of the real process: what they say, and that they arrive whatever happens to either side."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.server_process import ServerProcess, serving
from tests.acceptance.uapi_app import App, Receiver, receiving

pytestmark = pytest.mark.acceptance

EVENTS = "/uapi/extensions/@me/0003*210/phoneCallEvents/"
SETTINGS = {"CORDBOARD_UAPI__WEBHOOK_PAUSE_S": "0.1", "CORDBOARD_UAPI__WEBHOOK_PAUSE_MAX_S": "0.2"}
IN, OUT, HANGUP, ANSWERED, ANSWERED_THERE = range(5)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("server") / "log", SETTINGS) as server:
        yield server


@contextlib.contextmanager
def using(server: ServerProcess) -> Iterator[App]:
    app = App(server)
    yield app
    app.http.delete(EVENTS)
    app.lab.reset()
    app.http.close()


@pytest.fixture
def app(server: ServerProcess) -> Iterator[App]:
    with using(server) as app:
        yield app


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def subscribe(app: App, url: str, *kinds: int, method: str = "1") -> list[dict[str, Any]]:
    """An address for each type of event, as its users register them: what is told does not say which it is."""
    body = {"method": method, "status": "1", "note": "by a test"}
    return [app.call("POST", EVENTS, {"type": kind, "url": f"{url}/{kind}", **body})[0] for kind in kinds]


def a_call_comes_in(app: App) -> None:
    app.lab.do("0003*024", "dial", to="0003*210")
    app.lab.do("0003*210", "answer")
    app.lab.do("0003*024", "hangup")


@pytest.mark.uapi("3.1 by POST", "3.1 five types", "3.1 order of a call", "3.1 create", "3.1 event resource")
def test_a_call_that_comes_in_is_told_in_order(app: App, receiver: Receiver) -> None:
    events = subscribe(app, receiver.url, IN, ANSWERED, HANGUP)
    a_call_comes_in(app)
    told = receiver.until(3)
    assert [(one.method, one.path, one.said["CallStatus"], one.said["CallFlow"]) for one in told] == [
        ("POST", "/0", "CALLING", "IN"),
        ("POST", "/3", "ANSWER", "IN"),
        ("POST", "/2", "ANSWER", "IN"),
    ]
    assert {one.content_type for one in told} == {"application/x-www-form-urlencoded"}
    assert {(one.said["CallerExtension"], one.said["CalledExtension"]) for one in told} == {("0003*024", "0003*210")}
    for event in events:
        assert app.call("GET", event["links"]["self"])["entry"] == [event]


@pytest.mark.uapi("3.1 by GET", "3.1 five types", "3.1 CallAPIID", "3.1 CallFlow")
def test_a_call_that_is_created_is_told_by_the_id_of_the_answer(app: App, receiver: Receiver) -> None:
    """As a sample of 2015 has it, which looks its call up by CallAPIID (voipnow-uapi §3.1)."""
    subscribe(app, f"{receiver.url}/hook?customer=7&", OUT, ANSWERED_THERE, HANGUP, method="0")
    body = {"extension": "0003*210", "phoneCallView": [{"source": ["0003*210"], "destination": ["0003*024"]}]}
    (created,) = app.call("POST", "/unifiedapi/phoneCalls/@me/simple", body)
    app.until(created["links"]["self"], ["3", "4"])
    app.lab.do("0003*024", "answer")
    app.until(created["links"]["self"], ["5", "5"])
    assert app.call("DELETE", created["links"]["self"])[0]["id"] == created["id"]
    told = receiver.until(3)
    assert [(one.method, one.path, one.said["CallStatus"]) for one in told] == [
        ("GET", "/hook", "CALLING"),
        ("GET", "/hook", "ANSWER"),
        ("GET", "/hook", "ANSWER"),
    ]
    assert {(one.said["CallAPIID"], one.said["customer"], one.said["CallFlow"]) for one in told} == {
        (created["id"], "7", "OUT")
    }


@pytest.mark.uapi("3.1 tries", "3.1 order of a call", "3.1 redirects")
def test_what_is_not_taken_is_sent_again_before_what_follows(app: App, receiver: Receiver) -> None:
    receiver.answers = [500, 302, 200]
    subscribe(app, receiver.url, IN, ANSWERED, HANGUP)
    a_call_comes_in(app)
    assert [one.path for one in receiver.until(5)] == ["/0", "/0", "/0", "/3", "/2"]


@pytest.mark.uapi("3.1 a receiver that hangs")
def test_a_receiver_that_hangs_delays_neither_others_nor_calls(app: App, receiver: Receiver) -> None:
    with receiving() as hangs:
        subscribe(app, f"{hangs.url}/hang", IN, ANSWERED, HANGUP)
        subscribe(app, receiver.url, IN, ANSWERED, HANGUP)
        began = time.monotonic()
        for _ in range(3):
            a_call_comes_in(app)
        calls: dict[str, list[str]] = {}
        for one in receiver.until(9):
            calls.setdefault(one.said["CallID"], []).append(one.path)
        assert list(calls.values()) == [["/0", "/3", "/2"]] * 3
        assert time.monotonic() - began < 4.0  # a receiver may take five seconds
        assert hangs.told == []


@pytest.mark.uapi("3.1 restart", "3.1 order of a call")
def test_what_waits_outlasts_a_process_that_is_killed(tmp_path: Path) -> None:
    settings = {**SETTINGS, "CORDBOARD_JOURNAL__PATH": str(tmp_path / "calls.db")}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    first = ServerProcess(tmp_path / "first.log", settings)
    app = App(first)
    events = subscribe(app, f"http://127.0.0.1:{port}", IN, ANSWERED, HANGUP)
    a_call_comes_in(app)
    app.http.close()
    first.kill()
    assert (tmp_path / "calls-webhooks.db").stat().st_mode & 0o077 == 0
    with receiving(port) as receiver, serving(tmp_path / "second.log", settings) as second, using(second) as again:
        assert [one.path for one in receiver.until(3)] == ["/0", "/3", "/2"]
        assert len({one.said["CallAPIID"] for one in receiver.told}) == 1
        listed = {one["id"]: one["url"] for one in again.call("GET", EVENTS)["entry"]}
        assert listed == {one["id"]: one["url"] for one in events}
        a_call_comes_in(again)
        assert [one.path for one in receiver.until(6)[3:]] == ["/0", "/3", "/2"]


@pytest.mark.uapi("3.1 disabled", "3.1 update", "3.1 delete", "3.1 list")
def test_events_are_switched_off_and_on_and_deleted(app: App, receiver: Receiver) -> None:
    (event,) = subscribe(app, receiver.url, HANGUP)
    own = event["links"]["self"]
    assert app.call("PUT", own, {"status": "0"})["status"] == "0"
    a_call_comes_in(app)
    assert app.call("PUT", own, {"status": 1, "note": "again"})["note"] == "again"
    a_call_comes_in(app)
    (told,) = receiver.until(1)
    assert told.path == "/2"
    (gone,) = app.call("DELETE", f"{EVENTS}2/")
    assert (gone["id"], gone["note"]) == (event["id"], "again")
    assert app.http.delete(f"{EVENTS}2/").status_code == 204
    assert app.call("GET", EVENTS)["totalResults"] == 0
