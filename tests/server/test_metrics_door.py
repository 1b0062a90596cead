"""Who may see the metrics, and how."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from cordboard.server.config_metrics import Metrics
from cordboard.server.metrics_door import MetricsDoor, among, counted
from cordboard.server.tally import Answered, Requests


async def ask(method: str = "GET", client: tuple[str, int] | None = ("127.0.0.1", 1)) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        raise AssertionError("nobody reads a body")

    async def send(event: Any) -> None:
        sent.append(event)

    door = MetricsDoor(CollectorRegistry(), Metrics().clients)
    with capture_logs() as logs:
        await door({"method": method, "client": client}, receive, send)
    status = sent[0]["status"]
    assert [line["event"] for line in logs] == (["metrics refused"] if status == 403 else [])
    return status, dict(sent[0]["headers"])[b"content-type"]


async def test_whoever_is_on_this_machine_is_told() -> None:
    status, kind = await ask()
    assert status == 200
    assert kind.startswith(b"text/plain; version=")
    assert (await ask("HEAD"))[0] == 200
    assert (await ask("POST"))[0] == 405


async def test_others_are_not() -> None:
    assert (await ask(client=("10.1.2.3", 1)))[0] == 403
    assert (await ask(client=None))[0] == 403


@pytest.mark.parametrize(
    ("address", "is_among_them"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.1.2.3", False),
        ("fd00::1", True),
        ("fe80::1", False),
        ("192.168.0.7", True),
        ("somebody", False),
    ],
)
def test_networks(address: str, is_among_them: bool) -> None:
    assert among(["10.0.0.0/8", "fd00::/8", "192.168.0.7"])(address) is is_among_them


@pytest.mark.parametrize(("method", "is_answered"), [("GET", True), ("PATCH", True), ("GET", False)])
async def test_requests_are_counted_from_outside(method: str, is_answered: bool) -> None:
    requests, sent = Requests(), []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        if is_answered:
            await send({"type": "http.response.start", "status": 404})
            await send({"type": "http.response.body"})

    async def send(event: Any) -> None:
        sent.append(event["type"])

    await counted(app, "cdr", requests)({"method": method}, send, send)
    operation = "read" if method == "GET" else "other"
    assert requests.answered() == ({Answered("cdr", operation, 404, ""): 1} if is_answered else {})
    assert len(sent) == (2 if is_answered else 0)
