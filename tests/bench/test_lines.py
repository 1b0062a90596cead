"""The load's connections: what they read, in whatever pieces it comes."""

from __future__ import annotations

import asyncio

import pytest
from bench.lines import HttpLine, LineError, SocketLine, client_frame, read_frame

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhello"


class Wire(asyncio.Transport):
    """Takes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True


def server_frame(opcode: int, payload: bytes) -> bytes:
    head = bytes((0x80 | opcode,))
    if len(payload) < 126:
        return head + bytes((len(payload),)) + payload
    if len(payload) < 65_536:
        return head + b"\x7e" + len(payload).to_bytes(2, "big") + payload
    return head + b"\x7f" + len(payload).to_bytes(8, "big") + payload


@pytest.mark.parametrize("piece", [1, 7, 1_000])
def test_responses_are_read_in_any_pieces(piece: int) -> None:
    line, answers = HttpLine(), []
    line.answered = lambda status, _head, body: answers.append((status, body))
    text = RESPONSE * 2
    for start in range(0, len(RESPONSE), piece):
        line.data_received(text[start : start + piece][: len(RESPONSE) - start])
    assert answers == [(200, b"hello")]
    line.data_received(RESPONSE)
    assert answers == [(200, b"hello")] * 2


def test_a_response_without_a_length_is_a_failure() -> None:
    line, failures = HttpLine(), []
    line.failure = failures.append
    line.data_received(b"HTTP/1.1 200 OK\r\n\r\n")
    assert isinstance(failures[0], LineError)


async def test_one_request_can_be_asked_by_itself() -> None:
    line, wire, others = HttpLine(), Wire(), []
    line.answered = lambda status, _head, _body: others.append(status)
    line.connection_made(wire)
    asking = asyncio.create_task(line.ask(b"GET"))
    await asyncio.sleep(0)
    line.data_received(RESPONSE)
    status, _, body = await asking
    assert (status, body, wire.written, others) == (200, b"hello", b"GET", [])
    line.data_received(RESPONSE)
    assert others == [200]


def test_the_end_of_a_connection_is_told_unless_it_was_wished() -> None:
    failures: list[Exception] = []
    for wished in (True, False):
        line, wire = HttpLine(), Wire()
        line.failure = failures.append
        line.connection_made(wire)
        if wished:
            line.close()
        line.connection_lost(None)
        assert wire.closed is wished
        with pytest.raises(LineError):
            line.write(b"x")
    assert len(failures) == 1


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_frames_of_any_length_are_read_when_they_are_whole(length: int) -> None:
    payload = b"x" * length
    whole = server_frame(1, payload)
    assert read_frame(whole + b"rest") == (1, payload, len(whole))
    for short in (0, 1, 2, len(whole) - 1):
        assert read_frame(whole[:short]) is None or short == len(whole)


@pytest.mark.parametrize("length", [0, 125, 126, 65_536])
def test_frames_of_a_client_are_masked(length: int) -> None:
    frame = client_frame(1, b"x" * length)
    assert frame[0] == 0x81
    assert frame[1] & 0x80
    assert frame.endswith(bytes(4) + b"x" * length)


async def test_a_websocket_opens_hears_answers_pings_and_fails_when_it_is_closed() -> None:
    line, wire = SocketLine(), Wire()
    heard: list[bytes] = []
    failures: list[Exception] = []
    line.heard, line.failure = heard.append, failures.append
    line.connection_made(wire)
    line.upgrade("h:1", "/p", b"A: b\r\n")
    assert wire.written.startswith(b"GET /p HTTP/1.1\r\nHost: h:1\r\n")
    assert wire.written.endswith(b"\r\nA: b\r\n\r\n")
    line.data_received(b"HTTP/1.1 101 Switching")
    assert not line.opened.done()
    line.data_received(b" Protocols\r\n\r\n" + server_frame(1, b"one")[:2])
    await line.opened
    line.data_received(server_frame(1, b"one")[2:] + server_frame(1, b"two"))
    assert heard == [b"one", b"two"]
    wire.written = b""
    line.data_received(server_frame(9, b"!"))
    assert wire.written == client_frame(10, b"!")
    line.data_received(server_frame(8, b""))
    assert len(failures) == 1


async def test_a_refused_websocket_says_why() -> None:
    line = SocketLine()
    line.data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(LineError, match="403"):
        await line.opened
