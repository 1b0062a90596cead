"""The script: the same transfer as ARI requests, by a program that knows nothing else.

It sends the very requests that the product sends, over the event websocket, as soon as what they depend on is answered;
or else it makes a bridge for caller and target, as one would who thinks of nothing better. It checks nothing but
statuses, looks after one call at a time and tells nobody: what is measured with it is Asterisk.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import msgspec

from bench.asterisk.handsets import Handsets
from bench.asterisk.site import RAW_APP, RAW_PREFIX, People, Site
from bench.asterisk.station import QUIET_S, STUCK_S
from bench.asterisk.timing import Transfer
from bench.lines import LineError

_UNHEARD = ("ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "ChannelCallerId", "ChannelCreated")
_Json = dict[str, Any]


class Script:
    """One program on ARI, at one desk."""

    def __init__(self, site: Site, people: People) -> None:
        self.people = People(people.caller, RAW_PREFIX + people.agent, RAW_PREFIX + people.target)
        self._site = site
        self._handsets: Handsets = site.handsets
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse
        self._reading: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[None]] = {}
        self._awaited: dict[tuple[str, str], asyncio.Future[_Json]] = {}

    async def open(self) -> None:
        asterisk = self._site.asterisk
        proof = b64encode(f"{asterisk.user}:{asterisk.password}".encode()).decode()
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Basic {proof}"})
        self._socket = await self._session.ws_connect(f"{asterisk.ari_url}/events?app={RAW_APP}")
        self._reading = asyncio.create_task(self._read())
        kinds = [{"type": kind} for kind in _UNHEARD]
        await self._ask(("PUT", f"applications/{RAW_APP}/eventFilter", {"disallowed": kinds}))

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})
            await self._socket.close()
        if self._session is not None:
            await self._session.close()

    # -- the transfer --------------------------------------------------------------------------------------------------

    async def transfer(self, *, anew: bool = False) -> Transfer:
        """``anew``: caller and target get a bridge of their own."""
        number = next(self._ids)
        agent, target, first, second = (f"{word}-{number}" for word in ("agent", "target", "first", "second"))
        start = self._event("StasisStart", "")
        call = self._handsets.call(self.people.caller, self.people.agent, self._site.asterisk.ports.sip)
        caller = (await _in_time(start))["channel"]["id"]
        await self._dial(agent, self.people.agent, lambda: self._handsets.answer(self.people.agent))
        await self._ask(
            _post(f"bridges/{first}", type="mixing,proxy_media"),
            _post(f"channels/{caller}/answer"),
            _add(first, caller, agent),
        )
        await asyncio.sleep(QUIET_S)
        began = time.perf_counter()
        await self._ask(
            _remove(first, caller),
            _post(f"channels/{caller}/moh", mohClass="default"),
            _remove(first, agent),
            _post(f"channels/{agent}/ring"),
            ("DELETE", f"bridges/{first}", None),
        )
        await self._dial(target, self.people.target)
        entered = self._event("ChannelEnteredBridge", target)
        await self._ask(
            _post(f"bridges/{second}", type="mixing,proxy_media"),
            ("DELETE", f"channels/{agent}/ring", None),
            _add(second, agent, target),
        )
        await _in_time(entered)
        initiated = time.perf_counter() - began
        await asyncio.sleep(QUIET_S)
        hung_up = self._handsets.watch(self.people.agent)
        gone = self._event("ChannelDestroyed", agent)
        began = time.perf_counter()
        await (self._move(caller, target, first) if anew else self._let_in(caller, second))
        completed = time.perf_counter() - began
        await self._ask(("DELETE", f"channels/{agent}", None))
        over = await asyncio.wait_for(hung_up, STUCK_S) - began
        await _in_time(gone)
        await self._end(target, (first, second) if anew else (second,), call)
        return Transfer(initiated, completed, over)

    async def _let_in(self, caller: str, bridge: str) -> None:
        """The caller comes to where the target is."""
        entered = self._event("ChannelEnteredBridge", "")
        await self._ask(("DELETE", f"channels/{caller}/moh", None), _add(bridge, caller))
        await _in_time(entered)

    async def _move(self, caller: str, target: str, bridge: str) -> None:
        entered = self._event("ChannelEnteredBridge", target)
        await self._ask(
            _post(f"bridges/{bridge}", type="mixing,proxy_media"),
            ("DELETE", f"channels/{caller}/moh", None),
            _add(bridge, caller, target),
        )
        await _in_time(entered)

    async def _end(self, target: str, bridges: Sequence[str], call: Any) -> None:
        """The caller hangs up."""
        gone = self._event("ChannelDestroyed", target)
        self._handsets.hang_up(call)
        await self._ask(("DELETE", f"channels/{target}", None))
        await _in_time(gone)
        await self._ask(*(("DELETE", f"bridges/{bridge}", None) for bridge in bridges))

    async def _dial(self, channel: str, number: str, rings: Callable[[], None] | None = None) -> None:
        start = self._event("StasisStart", channel)
        await self._ask(_post("channels/create", endpoint=f"PJSIP/{number}@trunk", app=RAW_APP, channelId=channel))
        await _in_time(start)
        ringing, up = self._event("Ringing", channel), self._event("Up", channel)
        await self._ask(_post(f"channels/{channel}/dial"))
        if rings is not None:
            await _in_time(ringing)
            rings()
        await _in_time(up)

    # -- the link ------------------------------------------------------------------------------------------------------

    async def _ask(self, *requests: tuple[str, str, _Json | None]) -> None:
        """Send them one after the other and wait for all answers."""
        waiting = []
        for method, uri, body in requests:
            number = str(next(self._ids))
            self._answers[number] = asyncio.get_running_loop().create_future()
            waiting.append(self._answers[number])
            request = {"type": "RESTRequest", "transaction_id": "", "request_id": number, "method": method, "uri": uri}
            if body is not None:
                request |= {"content_type": "application/json", "message_body": msgspec.json.encode(body).decode()}
            await self._socket.send_str(msgspec.json.encode(request).decode())
        async with asyncio.timeout(STUCK_S):
            for answer in waiting:
                await answer

    def _event(self, kind: str, channel: str) -> asyncio.Future[_Json]:
        """The next event of this kind, or that leads to this state, on a channel; on any that came in, if ""."""
        found: asyncio.Future[_Json] = asyncio.get_running_loop().create_future()
        self._awaited[kind, channel] = found
        return found

    async def _read(self) -> None:
        async for frame in self._socket:
            message = msgspec.json.decode(frame.data)
            if message["type"] == "RESTResponse":
                self._answered(message)
                continue
            channel = message.get("channel", {}).get("id", "")
            if channel.partition("-")[0] not in ("agent", "target"):
                channel = ""
            kind = message["type"] if message["type"] != "ChannelStateChange" else message["channel"]["state"]
            waiting = self._awaited.pop((kind, channel), None)
            if waiting is not None:
                waiting.set_result(message)

    def _answered(self, message: _Json) -> None:
        answer = self._answers.pop(message["request_id"])
        if 200 <= message["status_code"] < 300:
            answer.set_result(None)
        else:
            answer.set_exception(LineError(f"{message['uri']}: {message['status_code']} {message.get('message_body')}"))


def _post(uri: str, **body: Any) -> tuple[str, str, _Json | None]:
    return "POST", uri, body or None


def _add(bridge: str, *channels: str) -> tuple[str, str, _Json | None]:
    return _post(f"bridges/{bridge}/addChannel", channel=list(channels))


def _remove(bridge: str, channel: str) -> tuple[str, str, _Json | None]:
    return _post(f"bridges/{bridge}/removeChannel", channel=channel)


async def _in_time(event: asyncio.Future[_Json]) -> _Json:
    return await asyncio.wait_for(event, STUCK_S)
