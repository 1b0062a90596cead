"""The floor does as many requests and frames as were recorded, on the product's own server configuration."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest
from bench.floor import Floor, Recording, Step, same_server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cordboard.server import app as product
from cordboard.server.config import Config, read

STEPS = (Step('{"a":1}', (), 0), Step("{}", ("[1]", "[2,3]"), 3))
RECORDING = Recording(STEPS, desks=2, path_lengths=(10, 40))


class Peer:
    """One connection: events for the application, and what it sent."""

    def __init__(self, *events: MutableMapping[str, Any]) -> None:
        self.events = list(events)
        self.sent: list[MutableMapping[str, Any]] = []

    async def receive(self) -> MutableMapping[str, Any]:
        return self.events.pop(0)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.sent.append(message)


async def listen(floor: Floor, desk: int) -> Peer:
    """A WebSocket that stays open: its application is left waiting for its next event."""
    peer = Peer({"type": "websocket.connect"})
    with pytest.raises(IndexError):
        await floor({"type": "websocket", "path": f"/floor/{desk}"}, peer.receive, peer.send)
    peer.sent.clear()
    return peer


async def ask(floor: Floor, path: str) -> Peer:
    peer = Peer({"type": "http.request", "more_body": True}, {"type": "http.request"})
    await floor({"type": "http", "path": path}, peer.receive, peer.send)
    assert not peer.events  # the body was read to its end
    return peer


async def test_every_step_is_answered_and_pushed_to_its_own_desk_as_recorded() -> None:
    floor = Floor(RECORDING)
    first, second, other = await listen(floor, 0), await listen(floor, 0), await listen(floor, 1)
    answers = [(await ask(floor, RECORDING.path(0, step))).sent for step in range(2)]
    assert [sent[1]["body"] for sent in answers] == [b'{"a":1}', b"{}"]
    assert all(sent[0]["status"] == 200 for sent in answers)
    assert [message["text"] for message in first.sent] == ["[1]", "[2,3]"]
    assert second.sent == first.sent
    assert other.sent == []


async def test_nothing_is_pushed_to_a_websocket_that_left() -> None:
    floor = Floor(RECORDING)
    peer = Peer({"type": "websocket.connect"}, {"type": "websocket.receive"}, {"type": "websocket.disconnect"})
    await floor({"type": "websocket", "path": "/floor/0"}, peer.receive, peer.send)
    peer.sent.clear()
    await ask(floor, RECORDING.path(0, 1))
    assert peer.sent == []


def test_a_path_is_as_long_as_the_products() -> None:
    assert len(RECORDING.path(1, 1)) == 40
    assert len({RECORDING.path(desk, step) for desk in range(2) for step in range(2)}) == 4


def test_the_server_beneath_is_configured_as_the_products() -> None:
    config = read({}, {}, "none")
    assert isinstance(config, Config)
    mine, theirs = (vars(found) for found in (same_server(config, None), product._uvicorn(config, None)))  # type: ignore[arg-type]
    assert mine == theirs
    assert issubclass(mine["http"], HttpToolsProtocol)
