"""The load of ``fanout``: Bayeux clients, each on its own channel, that count and time what they are told.

They speak the protocol as raw bytes, over one connection each, with any server: whatever a server answers to a connect,
the next connect follows at once. Deliberately absent: servers, rounds and figures (``fanout``).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence

from bench.desks import post
from bench.lines import HttpLine, LineError, SocketLine

WEBSOCKET, LONG_POLLING = "websocket", "long-polling"
TRANSPORTS = (WEBSOCKET, LONG_POLLING)
_HOST = "127.0.0.1"
_AT_ONCE = 50
_PER_ADDRESS = 5_000
_OPEN_S = 30
_STAMP = re.compile(rb'"n":(\d+),"t":(\d+)')
_CLIENT_ID = re.compile(rb'"clientId":"([^"]+)"')
_COOKIE = re.compile(rb"\r\nset-cookie: ([^;\r]+)", re.IGNORECASE)
_CONNECT = b'"/meta/connect"'
_FAILED = b'"successful":false'


class Tally:
    """What all clients of one server were told; ``told`` is called for each message.

    ``wrong`` counts messages that were lost, came twice, out of order or to the wrong client: each client gets every
    n-th number.
    """

    def __init__(self, told: Callable[[], None] = lambda: None) -> None:
        self.delivered = 0
        self.wrong = 0
        self.latencies_us: list[int] = []
        self.told = told
        self.failures: list[Exception] = []

    def fail(self, error: Exception) -> None:
        self.failures.append(error)


class Client:
    """One client, before its transport. ``number`` is its own, of so many ``clients``."""

    def __init__(self, number: int, clients: int, tally: Tally) -> None:
        self.number = number
        self._clients = clients
        self._due = number
        self._tally = tally

    def hear(self, body: bytes) -> bool:
        """Count the messages in a body; whether it answers a connect."""
        tally = self._tally
        for found in _STAMP.finditer(body):
            number = int(found[1])
            if number != self._due:
                tally.wrong += 1
            self._due = number + self._clients
            tally.delivered += 1
            tally.latencies_us.append(time.monotonic_ns() // 1_000 - int(found[2]))
            tally.told()
        if _FAILED in body:
            tally.fail(LineError(f"refused: {body[:200]!r}"))
            return False
        return _CONNECT in body

    def messages(self, client_id: bytes, transport: str) -> tuple[bytes, bytes]:
        """Subscribe and connect."""
        channel, kind = b"/client/%d" % self.number, transport.encode()
        return (
            b'[{"id":"2","channel":"/meta/subscribe","subscription":"%b","clientId":"%b"}]' % (channel, client_id),
            b'[{"id":"3","channel":"/meta/connect","connectionType":"%b","clientId":"%b"}]' % (kind, client_id),
        )

    def address(self) -> tuple[str, int]:
        """Where it connects from: there are not enough ports for everybody at one address."""
        return (f"127.0.0.{1 + self.number // _PER_ADDRESS}", 0)


_HANDSHAKE = (
    b'[{"id":"1","channel":"/meta/handshake","version":"1.0","supportedConnectionTypes":["websocket","long-polling"]}]'
)


def _client_id(reply: bytes) -> bytes:
    found = _CLIENT_ID.search(reply)
    if found is None or _FAILED in reply:
        raise LineError(f"no handshake: {reply!r}")
    return found[1]


def _check_subscribed(reply: bytes) -> None:
    if b'"successful":true' not in reply:
        raise LineError(f"no subscription: {reply!r}")


class Poller(Client):
    """Long-polling over one connection that is kept: whatever is answered, the next connect follows."""

    def __init__(self, number: int, clients: int, tally: Tally) -> None:
        super().__init__(number, clients, tally)
        self._line = HttpLine()
        self._request = b""

    async def open(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self._line, _HOST, port, local_addr=self.address())
        head = b"Host: 127.0.0.1\r\nContent-Type: application/json\r\nX-Client: %d\r\n" % self.number
        _, answered, body = await self._line.ask(post(b"/", head, _HANDSHAKE))
        cookies = b"; ".join(_COOKIE.findall(answered))
        if cookies:
            head += b"Cookie: %b\r\n" % cookies
        subscribe, connect = self.messages(_client_id(body), LONG_POLLING)
        _check_subscribed((await self._line.ask(post(b"/", head, subscribe)))[2])
        self._request = post(b"/", head, connect)
        self._line.answered, self._line.failure = self._answered, self._tally.fail
        self._line.write(self._request)

    def _answered(self, status: int, _head: bytes, body: bytes) -> None:
        if status != 200:
            self._tally.fail(LineError(f"answered {status} {body[:200]!r}"))
        elif self.hear(body):
            self._line.write(self._request)

    def close(self) -> None:
        self._line.close()


class Listener(Client):
    """A WebSocket, with a connect left at the server."""

    def __init__(self, number: int, clients: int, tally: Tally) -> None:
        super().__init__(number, clients, tally)
        self._line = SocketLine()
        self._connect = b""
        self._reply: asyncio.Future[bytes]

    async def open(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self._line, _HOST, port, local_addr=self.address())
        self._line.upgrade(_HOST, "/", b"X-Client: %d\r\n" % self.number)
        await asyncio.wait_for(self._line.opened, _OPEN_S)
        self._line.heard = self._take_reply
        client_id = _client_id(await self._ask(_HANDSHAKE))
        subscribe, self._connect = self.messages(client_id, WEBSOCKET)
        _check_subscribed(await self._ask(subscribe))
        self._line.heard, self._line.failure = self._heard, self._tally.fail
        self._line.send(self._connect)

    async def _ask(self, message: bytes) -> bytes:
        self._reply = asyncio.get_running_loop().create_future()
        self._line.send(message)
        return await asyncio.wait_for(self._reply, _OPEN_S)

    def _take_reply(self, payload: bytes) -> None:
        self._reply.set_result(payload)

    def _heard(self, payload: bytes) -> None:
        if self.hear(payload):
            self._line.send(self._connect)

    def close(self) -> None:
        self._line.close()


async def gather(port: int, transport: str, numbers: range, clients: int, tally: Tally) -> Sequence[Poller | Listener]:
    """Open these clients, of so many in all, some at a time."""
    kind = Listener if transport == WEBSOCKET else Poller
    waiting = [kind(number, clients, tally) for number in numbers]
    opened: list[Poller | Listener] = []
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        await asyncio.gather(*(client.open(port) for client in some))
        opened += some
    return opened
