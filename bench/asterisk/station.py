"""An agent at work over our API: HTTP for requests, one WebSocket with Bayeux for what happens.

Each step waits until the desktop was told what the step leads to. Deliberately absent: figures (``timing``, ``load``).
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Callable

import msgspec

from bench import desks, servers
from bench.asterisk.handsets import HOST, Handsets
from bench.asterisk.site import PASSWORD, People, Site
from bench.asterisk.timing import Transfer
from bench.desks import Desktop, post
from bench.lines import HttpLine, LineError, SocketLine

QUIET_S = 0.02
"""Nothing happens for this long before a step whose time is taken."""
STUCK_S = 10.0


class _Call(msgspec.Struct, frozen=True):
    id: str
    state: str


class _Data(msgspec.Struct, frozen=True):
    call: _Call | None = None


class _Told(msgspec.Struct, frozen=True):
    data: _Data = _Data()


_read = msgspec.json.Decoder(tuple[_Told, ...]).decode


class Station:
    """One agent, with a desktop and telephones around."""

    def __init__(self, site: Site, people: People) -> None:
        self.people = people
        self._handsets: Handsets = site.handsets
        self._exchange = site.asterisk.ports.sip
        self._port = site.product_port
        self.transfers = 0
        self._http, self._target = HttpLine(), HttpLine()
        self._desktop = Desktop(self._told)
        self._lines: list[HttpLine | SocketLine] = []
        self._head = self._target_head = b""
        self._states: dict[str, str] = {}
        self._until: Callable[[], bool] | None = None
        self._reached: asyncio.Future[float]

    async def open(self) -> None:
        self._target_head, _ = await self._log_in(self._target, self.people.target)
        self._head, sent = await self._log_in(self._http, self.people.agent)
        self._desktop.keep(True)
        await self._desktop.open(HOST, self._port, "/api/v2/notifications", sent)
        self._lines.append(self._desktop.line)
        await self._desktop.subscribe()

    async def _log_in(self, line: HttpLine, number: str) -> tuple[bytes, bytes]:
        """The headers of requests, and of a WebSocket."""
        await asyncio.get_running_loop().create_connection(lambda: line, HOST, self._port)
        self._lines.append(line)
        authorization = b"Basic " + base64.b64encode(f"{number}:{PASSWORD}".encode())
        cookie = await servers.log_in(line, authorization)
        sent = b"Authorization: %b\r\nCookie: %b\r\n" % (authorization, cookie)
        return desks.headers(f"{HOST}:{self._port}", authorization, cookie), sent

    def close(self) -> None:
        for line in self._lines:
            line.failure = lambda _error: None
            line.close()

    # -- one step after the other --------------------------------------------------------------------------------------

    async def transfer(self) -> Transfer:
        """A caller is answered, asked to wait, and handed over; then hangs up."""
        caller = self._handsets.call(self.people.caller, self.people.agent, self._exchange)
        call, consult, initiated = await self.consult()
        await asyncio.sleep(QUIET_S)
        hung_up = self._handsets.watch(self.people.agent)
        began = time.perf_counter()
        completed = await self.complete(call, consult)
        over = await asyncio.wait_for(hung_up, STUCK_S)
        target = self._handsets.watch(self.people.target)
        self._handsets.hang_up(caller)
        await asyncio.wait_for(target, STUCK_S)
        return Transfer(initiated, completed - began, over - began)

    async def serve(self) -> None:
        """Whoever calls is answered and handed over, and the target hangs up; for ever."""
        while True:
            call, consult, _ = await self.consult(quiet_s=0.0)
            await self.complete(call, consult)
            status, _, body = await self._target.ask(b"GET /api/v2/me/calls HTTP/1.1\r\n%b\r\n" % self._target_head)
            await _do(self._target, self._target_head, _call_in(status, body), b'{"operationName":"Hangup"}')
            self.transfers += 1

    async def consult(self, quiet_s: float = QUIET_S) -> tuple[str, str, float]:
        """Whoever calls is answered and held, and the target is asked. The two calls, and how long the last took."""
        await self._expect(lambda: "Ringing" in self._states.values())  # whenever that may be
        call = next(one for one, state in self._states.items() if state == "Ringing")
        await _do(self._http, self._head, call, b'{"operationName":"Answer"}')
        await self._wait(lambda: self._states.get(call) == "Established")
        await asyncio.sleep(quiet_s)
        body = b'{"operationName":"InitiateTransfer","destination":{"phoneNumber":"%b"}}' % self.people.target.encode()
        began = time.perf_counter()
        reached = self._expect(lambda: self._states.get(call) == "Held" and "Established" in self._states.values())
        await _do(self._http, self._head, call, body)
        done = await self._arrival(reached)
        consult = next(one for one, state in self._states.items() if state == "Established")
        return call, consult, done - began

    async def complete(self, call: str, consult: str) -> float:
        """Hand the caller over; when both calls were Released."""
        reached = self._expect(lambda: self._states.get(call) == self._states.get(consult) == "Released")
        await _do(self._http, self._head, call, b'{"operationName":"CompleteTransfer"}')
        done = await self._arrival(reached)
        del self._states[call], self._states[consult]
        return done

    # -- what the desktop is told --------------------------------------------------------------------------------------

    def _expect(self, reached: Callable[[], bool]) -> asyncio.Future[float]:
        """Done, with the instant, as soon as the desktop was told what makes this true."""
        self._reached = asyncio.get_running_loop().create_future()
        self._until = reached
        self._look()
        return self._reached

    async def _arrival(self, reached: asyncio.Future[float]) -> float:
        try:
            return await asyncio.wait_for(reached, STUCK_S)
        except TimeoutError:
            raise LineError(f"{self.people.agent} waits with {self._states}") from None

    async def _wait(self, reached: Callable[[], bool]) -> None:
        await self._arrival(self._expect(reached))

    def _told(self) -> None:
        for frame in self._desktop.take():
            for told in _read(frame):
                if told.data.call is not None:
                    self._states[told.data.call.id] = told.data.call.state
        self._look()

    def _look(self) -> None:
        if self._until is not None and self._until():
            self._until = None
            self._reached.set_result(time.perf_counter())


async def _do(line: HttpLine, head: bytes, call: str, body: bytes) -> None:
    status, _, answer = await line.ask(post(f"/api/v2/me/calls/{call}".encode(), head, body))
    if (status, answer) != (200, b'{"statusCode":0}'):
        raise LineError(f"{body!r} was answered {status} {answer!r}")


def _call_in(status: int, body: bytes) -> str:
    """The one call in a list of them."""
    found = re.findall(rb'/me/calls/(\w+)"', body)
    if status != 200 or len(found) != 1:
        raise LineError(f"calls of a target: {status} {body[:500]!r}")
    return str(found[0], "ascii")
