"""Reading bodies and writing answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cordboard.server.doors import BodyFault, read_body, respond


def receiving(*events: dict[str, Any]) -> Callable[[], Awaitable[dict[str, Any]]]:
    waiting = iter(events)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    return receive


def part(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


async def test_a_body_in_one_part() -> None:
    assert await read_body(receiving(part(b"abc")), 3) == b"abc"


async def test_a_body_in_several_parts() -> None:
    assert await read_body(receiving(part(b"a", True), part(b"", True), part(b"bc")), 3) == b"abc"


async def test_a_request_without_a_body() -> None:
    assert await read_body(receiving({"type": "http.request"}), 3) == b""


async def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    assert await read_body(receiving(part(b"abcd")), 3) is BodyFault.TOO_LARGE
    assert await read_body(receiving(part(b"ab", True), part(b"cd", True)), 3) is BodyFault.TOO_LARGE


async def test_a_client_that_leaves_has_no_body() -> None:
    assert await read_body(receiving(GONE), 3) is None
    assert await read_body(receiving(part(b"a", True), GONE), 3) is None


async def test_an_answer_tells_its_length() -> None:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    await respond(send, 404, b"{}", (b"content-type", b"application/json"))
    assert sent == [
        {
            "type": "http.response.start",
            "status": 404,
            "headers": [(b"content-length", b"2"), (b"content-type", b"application/json")],
        },
        {"type": "http.response.body", "body": b"{}"},
    ]
