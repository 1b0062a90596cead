"""Reading bodies and writing answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from cordboard.server.doors import FILE_PART_BYTES, BodyFault, read_body, respond, respond_with_file


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


async def test_a_file_is_sent_part_by_part(tmp_path: Path) -> None:
    content = bytes(range(256)) * 300
    (tmp_path / "file").write_bytes(content)
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    assert await respond_with_file(send, tmp_path / "file", (b"content-type", b"audio/wav"))
    start, *parts, last = sent
    headers = [(b"content-length", b"76800"), (b"content-type", b"audio/wav")]
    assert start == {"type": "http.response.start", "status": 200, "headers": headers}
    assert [len(part["body"]) for part in parts] == [FILE_PART_BYTES, 76_800 - FILE_PART_BYTES]
    assert all(part["more_body"] for part in parts)
    assert last == {"type": "http.response.body", "body": b""}
    assert b"".join(part["body"] for part in parts) == content


async def test_nothing_is_sent_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    async def send(event: Any) -> None:
        raise AssertionError(event)

    assert not await respond_with_file(send, tmp_path / "gone")


async def test_a_file_is_closed_though_its_client_leaves(tmp_path: Path) -> None:
    """An open file would be a warning, which is an error here."""
    (tmp_path / "file").write_bytes(b"content")

    async def send(_: Any) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await respond_with_file(send, tmp_path / "file")
