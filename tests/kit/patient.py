"""A patient: as much of an Asterisk as the doctor looks at, healthy unless a test makes it ill.

ARI over HTTP and over the websocket, on a free port of the loopback; AMI on another. What is answered was seen at
Asterisk 22.10. Deliberately absent: calls (``asterisk_likeness``).
"""

from __future__ import annotations

import asyncio
import io
import struct
import wave
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from cordboard.server.doctor import software

Answer = tuple[int, Any]
DIALPLAN = (("Set", "PJSIP_TRANSFER_HANDLING()=ari-only"), ("Stasis", "cordboard,phone"))
HEALTHY = (*software._ARI, *software._SIP, *software._NOTIFY, "res_timing_timerfd", "codec_opus_open_source")
OPTIONS = {"context": "cordboard", "direct_media": "false", "allow_transfer": "true", "allow": "(ulaw|alaw)"}
_NO = (404, {"message": "Not found"})
_DONE = (204, None)


@asynccontextmanager
async def serving(greet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A server of any kind on a free port; it waits until its clients are gone."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await greet(reader, writer)
        with suppress(OSError):
            await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*tasks)
        await server.wait_closed()


def wav(*samples: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8_000, 0, "NONE", ""))
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


class Patient:
    """Attributes are symptoms, to be set before the doctor comes."""

    def __init__(self) -> None:
        self.version = "22.10.1"
        self.info: Any = None
        self.modules = [f"{name}.so" for name in HEALTHY]
        self.operations = [software.PROGRESS_OPERATION]
        self.applications: list[str] = []
        self.states = {"PJSIP/15000": "offline", "PJSIP/15001": "online", "PJSIP/trunk": "online"}
        self.options = {name: dict(OPTIONS) for name in ("15000", "15001")} | {"trunk": {**OPTIONS, "context": "trunk"}}
        self.dialplans: dict[str, tuple[tuple[str, str], ...]] = {"cordboard": DIALPLAN, "trunk": DIALPLAN}
        self.sound = wav(0, 9_000, -9_000)
        self.recording_ends = "RecordingFinished"
        self.settings: dict[str, str] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.bridges: dict[str, str] = {}
        self.recordings: set[str] = set()
        self.refusing: dict[str, int] = {}
        """The status that requests get which begin so, such as "POST bridges"."""
        self.mute: set[str] = set()
        """Requests that get no answer over the websocket."""
        self.hangs_up_at = ""
        """The request at which the connection is closed."""
        self.asked: list[str] = []
        self.notices = "Channel not found"
        self.url = self.ami = ""
        self._said: list[dict[str, Any]] = []
        self._far_ends: dict[str, str] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/ari/events", self._websocket)
        app.router.add_route("*", "/ari/{path:.*}", self._http)
        server = TestServer(app)
        await self._stack.enter_async_context(server)
        self.url = f"http://127.0.0.1:{server.port}/ari"
        self.ami = f"127.0.0.1:{await self._stack.enter_async_context(serving(self._manager))}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # -- doors -----------------------------------------------------------------------------------------------------

    async def _http(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Basic {b64encode(b'cordboard:cordboard').decode()}":
            return web.json_response({"message": "Authentication required"}, status=401)
        body = await request.read()
        status, answer = self.answer(request.method, request.match_info["path"], msgspec.json.decode(body or b"{}"))
        if isinstance(answer, bytes):
            return web.Response(status=status, body=answer)
        return web.json_response(answer, status=status)

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            assert frame.type is WSMsgType.TEXT
            asked = msgspec.json.decode(frame.data)
            line = f"{asked['method']} {asked['uri']}"
            if self.hangs_up_at and line.startswith(self.hangs_up_at):
                break
            if any(line.startswith(beginning) for beginning in self.mute):
                continue
            body = msgspec.json.decode(asked.get("message_body") or "{}")
            status, answer = self.answer(asked["method"], asked["uri"], body)
            text = msgspec.json.encode(answer).decode() if answer is not None else ""
            told = {
                "type": "RESTResponse",
                "request_id": asked["request_id"],
                "status_code": status,
                "reason_phrase": "",
            }
            said, self._said = self._said, []
            for message in (*said, {**told, "uri": asked["uri"], "message_body": text}):
                await socket.send_str(msgspec.json.encode(message).decode())
        await socket.close()
        return socket

    async def _manager(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        for answer in ("Response: Success", f"Response: Error\r\nMessage: {self.notices}"):
            asked = (await reader.readuntil(b"\r\n\r\n")).decode()
            number = asked.partition("ActionID: ")[2].partition("\r\n")[0]
            writer.write(f"{answer}\r\nActionID: {number}\r\n\r\n".encode())

    # -- what is answered ------------------------------------------------------------------------------------------

    def answer(self, method: str, uri: str, body: dict[str, Any]) -> Answer:
        line = f"{method} {uri}"
        self.asked.append(line)
        for beginning, status in self.refusing.items():
            if line.startswith(beginning):
                return status, {"message": "it is told to refuse"}
        address = urlsplit(uri)
        room, *rest = [unquote(part) for part in address.path.split("/")]
        match room:
            case "asterisk":
                return self._of_asterisk(rest)
            case "api-docs":
                apis = [one.split(" ") for one in self.operations]
                return 200, {"apis": [{"path": path, "operations": [{"httpMethod": verb}]} for verb, path in apis]}
            case "applications":
                return (200, [{"name": name} for name in self.applications]) if method == "GET" else (200, {})
            case "endpoints":
                parts = [(*name.split("/"), state) for name, state in self.states.items()]
                return 200, [{"technology": tech, "resource": name, "state": state} for tech, name, state in parts]
            case "channels":
                return self._of_channels(method, rest, body, address.query)
            case "bridges":
                return self._of_bridges(method, rest, body)
            case _:
                assert room == "recordings"
                return self._of_recordings(method, rest[1])

    def _of_asterisk(self, rest: list[str]) -> Answer:
        match rest:
            case ["info"]:
                return 200, self.info or {"system": {"version": self.version}}
            case ["modules"]:
                return 200, [{"name": name, "status": "Running"} for name in self.modules]
            case _:
                options = self.options.get(rest[-1])
                if options is None:
                    return _NO
                return 200, [{"attribute": name, "value": value} for name, value in options.items()]

    def _of_channels(self, method: str, rest: list[str], body: dict[str, Any], query: str) -> Answer:
        match method, rest:
            case "GET", []:
                return 200, list(self.channels.values())
            case _, ["create"]:
                near, far, target = body["channelId"], body["otherChannelId"], body["endpoint"]
                self._far_ends[near] = far
                for channel in (near, far):
                    self.channels[channel] = shown(channel, target)
                self._said.append({"type": "StasisStart", "channel": self.channels[near]})
                return 200, self.channels[near]
            case _, [near, "dial"]:
                return self._walk(self._far_ends[near])
            case _, [_, "variable"]:
                name = parse_qs(query)["variable"][0]
                return (200, {"value": self.settings[name]}) if name in self.settings else (500, {})
            case _:
                return _DONE if self.channels.pop(rest[0], None) else _NO

    def _walk(self, far: str) -> Answer:
        channel = self.channels[far]
        context = channel["name"].rpartition("@")[2].partition("/")[0]
        for application, data in self.dialplans.get(context, ()):
            step = {"dialplan_app": application, "dialplan_app_data": data}
            self._said.append({"type": "ChannelDialplan", "channel": channel, **step})
        if context not in self.dialplans:
            self._said.append({"type": "ChannelDestroyed", "channel": channel})
        return _DONE

    def _of_bridges(self, method: str, rest: list[str], body: dict[str, Any]) -> Answer:
        match method, rest:
            case "GET", []:
                return 200, [{"id": bridge, "name": name} for bridge, name in self.bridges.items()]
            case "POST", [bridge]:
                self.bridges[bridge] = body["name"]
                return 200, {}
            case "DELETE", [bridge]:
                del self.bridges[bridge]
            case _, [_, "record"]:
                self.recordings.add(body["name"])
                if self.recording_ends:
                    recording = {"name": body["name"], "cause": ""}
                    self._said.append({"type": self.recording_ends, "recording": recording})
            case _:
                assert rest[1] == "moh"
        return _DONE

    def _of_recordings(self, method: str, name: str) -> Answer:
        if name not in self.recordings:
            return _NO
        if method == "DELETE":
            self.recordings.remove(name)
            return _DONE
        return 200, self.sound

    @property
    def is_clean(self) -> bool:
        return not self.channels and not self.bridges and not self.recordings


def shown(channel: str, name: str, application: str = "") -> dict[str, Any]:
    plan = {"app_name": "Stasis", "app_data": application}
    return {"id": channel, "name": name, "caller": {}, "connected": {}, "dialplan": plan}
