"""A network between clients and the server, which can be cut: a small TCP proxy in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tests.kit.shutting import shut

_T = TypeVar("_T")
_WAIT_S = 5
_CHUNK = 65_536
_TURNS_UNTIL_OPENING = 3
"""From a connection's arrival until somebody opens the one behind it."""


class Network:
    """Forwards connections to the server at ``url``; ``self.url`` is the way through it."""

    def __init__(self, url: str) -> None:
        self._host, _, port = url.rpartition("/")[2].rpartition(":")
        self._port = int(port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[Any]] = set()
        self._opening: set[asyncio.Task[Any]] = set()
        self._is_cut = False
        self._own_port = 0
        self._run(self._listen())
        self.url = f"http://127.0.0.1:{self._own_port}"

    def cut(self) -> None:
        """Nobody can connect any more, and whatever is sent is lost without anybody being told."""
        self._run(self._cut())

    def mend(self) -> None:
        """Old connections are found to be dead, new ones are possible."""
        self._run(self._mend())

    def drop(self) -> None:
        """Every connection ends at once; new ones are possible."""
        self._run(self._drop())

    def close(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_S)
        self._loop.close()

    def _run(self, what: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(_WAIT_S)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self._own_port)
        self._own_port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        assert self._server is not None
        shut(self._server)
        self._is_cut = True

    async def _mend(self) -> None:
        self._abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        self._is_cut = False
        await self._listen()

    async def _drop(self) -> None:
        self._abort()

    async def _close(self) -> None:
        assert self._server is not None
        shut(self._server)
        for _ in range(_TURNS_UNTIL_OPENING):
            await asyncio.sleep(0)
        for opening in self._opening:
            opening.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        self._abort()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        await asyncio.sleep(0)  # aborted connections are closed on the next turn

    def _abort(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opening = asyncio.current_task()
        assert opening is not None
        self._opening.add(opening)
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            return
        finally:
            self._opening.discard(opening)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            self._writers.add(target)
            pump = self._loop.create_task(self._pump(source, target))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(_CHUNK):
                if not self._is_cut:
                    target.write(data)
                    await target.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(target)
            target.close()


@contextmanager
def network(url: str) -> Iterator[Network]:
    between = Network(url)
    try:
        yield between
    finally:
        between.close()
