"""A site: a real cordboard process on an Asterisk, and agents with desktops; its telephones are in phones.py.

Agents ask by HTTP and are told over CometD (a WebSocket). What they are told is compared as short lines, calls named by
letters in the order in which they were first told to anybody:

    A Ringing [5000]            a change of state, with the other parties
    A Established [5001] +      the parties changed (ParticipantsUpdated)
    A Released [5000] Busy      with a reason that is not the usual one
    ! 4 A                       an ErrorMessage about the call

Deliberately absent: whole notifications, which the acceptance tests compare.
"""

from __future__ import annotations

import asyncio
import itertools
import string
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.acceptance.server_process import PASSWORD, ServerProcess
from tests.live import floor
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tools.asterisk import Asterisk

WITHIN_S = 5.0
_PAUSE_S = 0.02
CALLS = "/v2/me/calls"


class Site:
    """One server. ``ari_url`` is another way to the Asterisk; ``settings`` are environment variables."""

    def __init__(
        self, asterisk: Asterisk, log: Path, *, ari_url: str = "", settings: Mapping[str, str] | None = None
    ) -> None:
        self.asterisk = asterisk
        self.agents: dict[str, Agent] = {}
        self.letters: dict[str, str] = {}
        self._log = log
        self._settings = {**floor.settings(asterisk), **(settings or {})}
        if ari_url:
            self._settings["CORDBOARD_SWITCH__ASTERISK__URL"] = ari_url
        self.server: ServerProcess

    async def start(self) -> None:
        self.server = await asyncio.to_thread(ServerProcess, self._log, self._settings, floor.EXAMPLE)
        await self.until_linked()

    async def until_linked(self, linked: bool = True, within_s: float = WITHIN_S) -> None:
        async with httpx.AsyncClient(base_url=self.server.url, trust_env=False) as client, asyncio.timeout(within_s):
            while (await client.get("/readyz")).is_success is not linked:  # noqa: ASYNC110 - another process
                await asyncio.sleep(_PAUSE_S)

    def log_lines(self) -> list[dict[str, Any]]:
        whole, _, _ = self.server.log_text().rpartition("\n")
        return [msgspec.json.decode(line) for line in whole.splitlines()]

    async def enter(self, *numbers: str) -> list[Agent]:
        """Agents come to work."""
        entered = [Agent(self, number) for number in numbers]
        await asyncio.gather(*(agent.start() for agent in entered))
        self.agents |= {agent.number: agent for agent in entered}
        self.letters.clear()
        return entered

    async def leave(self) -> None:
        """Agents go home."""
        await asyncio.gather(*(agent.close() for agent in self.agents.values()))
        self.agents.clear()
        self.letters.clear()

    async def nothing_left(self, within_s: float = 2.0) -> None:
        """No channel and no bridge is left, nobody was told more than was expected, and nothing was logged as an
        error. A channel is taken down a moment after its telephone has been told."""
        left = ""
        deadline = time.monotonic() + within_s
        while left := await self._left():
            assert time.monotonic() < deadline, left
            await asyncio.sleep(0.05)
        for agent in self.agents.values():
            await agent.told_no_more()
        self.server.check_log()

    async def _left(self) -> str:
        shown = await asyncio.to_thread(self.asterisk.cli, "core show channels concise")
        bridges = await asyncio.to_thread(self.asterisk.cli, "bridge show all")
        return "\n".join([*shown.splitlines(), *bridges.splitlines()[1:]])

    def letter(self, call: str) -> str:
        return self.letters.setdefault(call, string.ascii_uppercase[len(self.letters)])

    def call(self, letter: str) -> str:
        return next(call for call, known in self.letters.items() if known == letter)

    async def channel(self, number: str) -> str:
        """The name of the channel of this telephone's, the one begun last."""
        shown = await asyncio.to_thread(self.asterisk.cli, "core show channels concise")
        names = [line.partition("!")[0] for line in shown.splitlines()]
        return max(name for name in names if f"/{number}-" in name)

    async def until_gone(self, number: str, within_s: float = WITHIN_S) -> None:
        """Until Asterisk has no channel of this telephone any more, a moment after the telephone has hung up."""
        deadline = time.monotonic() + within_s
        while f"/{number}-" in (shown := await asyncio.to_thread(self.asterisk.cli, "core show channels concise")):
            assert time.monotonic() < deadline, shown
            await asyncio.sleep(_PAUSE_S)

    async def end(self) -> None:
        await self.leave()
        await asyncio.to_thread(self.server.close)


class Agent:
    """One user: requests by HTTP, a desktop over CometD."""

    def __init__(self, site: Site, number: str) -> None:
        self.number = number
        self.told: list[str] = []
        self._site = site
        self._read = 0
        self._ids = itertools.count(1)
        self._news = asyncio.Event()
        self._http = httpx.AsyncClient(
            base_url=f"{site.server.url}/api/v2", auth=(number, PASSWORD), timeout=10, trust_env=False
        )
        self._socket: ClientConnection
        self._reader: asyncio.Task[None]
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}

    # -- requests --------------------------------------------------------------------------------------------------

    async def ask(self, letter: str, operation: str, **parameters: Any) -> tuple[int, int]:
        """An operation on a call: HTTP status and statusCode."""
        answer = await self._http.post(
            f"/me/calls/{self._site.call(letter)}", json={"operationName": operation, **parameters}
        )
        return answer.status_code, answer.json()["statusCode"]

    async def do(self, letter: str, operation: str, **parameters: Any) -> None:
        """The same, which must be accepted."""
        assert await self.ask(letter, operation, **parameters) == (200, 0), operation

    async def start_transfer(self, letter: str, to: str) -> None:
        await self.do(letter, "InitiateTransfer", destination={"phoneNumber": to})

    async def calls(self) -> list[str]:
        """Calls as they are read, as lines."""
        answer = await self._http.get("/me/calls?fields=*")
        assert answer.json()["statusCode"] == 0, answer.text
        return [self._line(call) for call in answer.json()["calls"]]

    async def until_no_calls(self, within_s: float = 2.0) -> None:
        """Until all are over, and it was told so."""
        deadline = time.monotonic() + within_s
        while left := await self.calls():
            assert time.monotonic() < deadline, left
            await asyncio.sleep(_PAUSE_S)
        await self._send("/meta/subscribe", subscription=CALLS)

    # -- what it is told -------------------------------------------------------------------------------------------

    async def until_told(self, *lines: str, within_s: float = WITHIN_S) -> None:
        """What is told next is exactly this, in this order."""
        try:
            async with asyncio.timeout(within_s):
                while len(self.told) - self._read < len(lines):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass
        told = self.told[self._read : self._read + len(lines)]
        assert told == list(lines), f"{self.number} was told {told}, not {list(lines)}; all: {self.told}"
        self._read += len(lines)

    def forget(self) -> None:
        """What was told until now need not be expected."""
        self._read = len(self.told)

    async def told_no_more(self) -> None:
        """What is told comes in order: after the answer to something else, nothing is on its way any more."""
        await self._send("/meta/subscribe", subscription=CALLS)
        assert self.told[self._read :] == [], f"{self.number} was told more, after {self.told[: self._read]}"

    def _line(self, call: dict[str, Any]) -> str:
        parties = " ".join(party["phoneNumber"] for party in call["participants"])
        return f"{self._site.letter(call['id'])} {call['state']} [{parties}]"

    def _hear(self, data: dict[str, Any]) -> None:
        if data["messageType"] == "ErrorMessage":
            self.told.append(f"! {data['errorCode']} {self._site.letter(data['callPath'].rpartition('/')[2])}")
            return
        line = self._line(data["call"])
        if data["notificationType"] == "ParticipantsUpdated":
            line += " +"
        self.told.append(" ".join([line, *filter(None, [data["extensions"].get("Reason")])]))

    # -- CometD ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        url = self._site.server.url.replace("http://", f"ws://{self.number}:{PASSWORD}@")
        self._socket = await connect(f"{url}/api/v2/notifications", proxy=None, ping_interval=None)
        self._reader = asyncio.create_task(self._listen())
        self._client = ""
        shaken = await self._send("/meta/handshake", version="1.0", supportedConnectionTypes=["websocket"])
        self._client = shaken["clientId"]
        await self._send("/meta/subscribe", subscription=CALLS)
        await self._post("/meta/connect", connectionType="websocket")

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self._socket.close()
        await self._http.aclose()

    async def _post(self, channel: str, **fields: Any) -> str:
        number = str(next(self._ids))
        client = {"clientId": self._client} if self._client else {}
        await self._socket.send(msgspec.json.encode([{"channel": channel, "id": number, **client, **fields}]).decode())
        return number

    async def _send(self, channel: str, **fields: Any) -> dict[str, Any]:
        number = await self._post(channel, **fields)
        waiting = self._replies[number] = asyncio.get_running_loop().create_future()
        reply = await asyncio.wait_for(waiting, WITHIN_S)
        assert reply["successful"], reply
        return reply

    async def _listen(self) -> None:
        try:
            async for frame in self._socket:
                for message in msgspec.json.decode(frame):
                    await self._take(message)
        except ConnectionClosed:
            pass

    async def _take(self, message: dict[str, Any]) -> None:
        if message["channel"] == CALLS:
            self._hear(message["data"])
            self._news.set()
        elif message["channel"] == "/meta/connect":
            await self._post("/meta/connect", connectionType="websocket")
        elif message.get("id") in self._replies:
            self._replies.pop(message["id"]).set_result(message)
