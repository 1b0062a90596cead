"""Writing to a WebSocket: at once, without waiting for whoever reads."""

from __future__ import annotations

import asyncio

from cordboard.switches.virtual.wire import write


class Socket:
    """Takes texts; then is as the test wants it."""

    def __init__(self, *, full: bool = False, gone: bool = False) -> None:
        self.taken: list[str] = []
        self.waited = False
        self._full, self._gone = full, gone

    async def send_str(self, data: str) -> None:
        if self._gone:
            raise ConnectionResetError("closing")
        self.taken.append(data)
        if self._full:
            await asyncio.sleep(0)
            self.waited = True


def test_a_text_is_written_at_once() -> None:
    socket = Socket()
    write(socket, "a")
    assert socket.taken == ["a"]


def test_nobody_waits_until_it_is_read() -> None:
    socket = Socket(full=True)
    write(socket, "a")
    write(socket, "b")
    assert (socket.taken, socket.waited) == (["a", "b"], False)


def test_a_connection_at_its_end_takes_nothing() -> None:
    socket = Socket(gone=True)
    write(socket, "a")
    assert socket.taken == []
