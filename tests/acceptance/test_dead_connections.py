"""Connections that die unnoticed: what the server wrote into them is told again where the client turns up next."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.acceptance.cut_line import Line
from tests.acceptance.server_process import PASSWORD, ServerProcess
from tests.acceptance.stage import Lab
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.acceptance

NOTIFICATIONS = "/api/v2/notifications"
DEADLINE_S = 8.0
AGENT = "5009"


Post = Callable[..., list[Any]]


@pytest.fixture
def until_the_end() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def lab(server: ServerProcess) -> Iterator[Lab]:
    with server.client() as client:
        lab = Lab(client)
        yield lab
        lab.reset()


@pytest.fixture
def line(server: ServerProcess) -> Iterator[Line]:
    line = Line(server.url)
    yield line
    line.close()


def told(messages: list[Any]) -> list[str]:
    """The states of the calls that were told."""
    return [message["data"]["call"]["state"] for message in messages if message["channel"] == "/v2/me/calls"]


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not what():
        assert time.monotonic() < end


# ---------------------------------------------------------------------------------------------------- HTTP


def poster(url: str, until: contextlib.ExitStack) -> Post:
    """A way to post one message through ``url``."""
    client = until.enter_context(httpx.Client(base_url=url, auth=(AGENT, PASSWORD), timeout=2.0, trust_env=False))

    def post(channel: str, **members: Any) -> list[Any]:
        return list(client.post(NOTIFICATIONS, json=[{"channel": channel, **members}]).json())

    return post


def shake_hands(post: Post, kind: str) -> str:
    client = str(post("/meta/handshake", version="1.0", supportedConnectionTypes=[kind])[0]["clientId"])
    assert post("/meta/subscribe", clientId=client, subscription="/v2/me/calls")[0]["successful"]
    return client


@pytest.mark.parametrize("like", ["npm cometd", "faye"])
def test_a_long_poll_that_was_answered_into_nothing(
    server: ServerProcess, lab: Lab, line: Line, until_the_end: contextlib.ExitStack, like: str
) -> None:
    post, over_the_line = (poster(url, until_the_end) for url in (server.url, line.url))
    members = {"clientId": shake_hands(post, "long-polling"), "connectionType": "long-polling"}
    post("/meta/connect", id="1", advice={"timeout": 0}, **members)

    def happen() -> None:
        line.cut()
        lab.do("5000", "dial", to=AGENT)

    timer = threading.Timer(0.3, happen)
    timer.start()
    with pytest.raises(httpx.ReadTimeout):
        over_the_line("/meta/connect", id="2", **members)
    timer.join()
    missed = {"id": "3", "advice": {"timeout": 0}} if like == "npm cometd" else {"id": "2"}
    assert told(post("/meta/connect", **missed, **members)) == ["Ringing"]
    lab.do("5000", "hangup")
    assert told(post("/meta/connect", id="4", **members)) == ["Released"]


# ---------------------------------------------------------------------------------------------------- WebSocket


class Socket:
    """A WebSocket that posts messages and hears frames."""

    def __init__(self, url: str, until: contextlib.ExitStack) -> None:
        address = f"ws://{AGENT}:{PASSWORD}@{urlsplit(url).netloc}{NOTIFICATIONS}"
        self._connection: ClientConnection = until.enter_context(connect(address, proxy=None, close_timeout=0.1))

    def send(self, channel: str, **members: Any) -> None:
        self._connection.send(json.dumps([{"channel": channel, **members}]))

    def post(self, channel: str, **members: Any) -> list[Any]:
        self.send(channel, **members)
        return self.hear()

    def hear(self) -> list[Any]:
        """The next frame."""
        return list(json.loads(self._connection.recv(DEADLINE_S)))

    def settle(self) -> None:
        """When the first pong is here, so is any ping before it; when the second is, so is the answer to that."""
        for _ in range(2):
            assert self._connection.ping().wait(DEADLINE_S)


@pytest.mark.parametrize("back", ["websocket", "long-polling"])
def test_a_websocket_that_was_written_into_nothing(
    server: ServerProcess, lab: Lab, line: Line, until_the_end: contextlib.ExitStack, back: str
) -> None:
    dead = Socket(line.url, until_the_end)
    client = shake_hands(dead.post, "websocket")
    assert dead.post("/meta/connect", clientId=client, connectionType="websocket")[0]["successful"]
    dead.send("/meta/connect", clientId=client, connectionType="websocket")
    lab.do("5000", "dial", to=AGENT)
    assert told(dead.hear()) == ["Ringing"]
    dead.settle()

    line.cut()
    lab.do("5000", "hangup")
    wait_for(lambda: lab.phone(AGENT)["state"] == "idle")
    post = Socket(server.url, until_the_end).post if back == "websocket" else poster(server.url, until_the_end)
    assert told(post("/meta/connect", clientId=client, connectionType=back)) == ["Released"]
