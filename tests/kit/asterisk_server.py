"""A likeness of Asterisk on a socket: ARI over HTTP and a websocket, with or without requests over that; and an AMI.

Deliberately absent: what channels and bridges do (``asterisk_likeness``).
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSMsgType, web
from tests.kit.asterisk_likeness import Answer, Likeness

from cordboard.switches.ari.ami import read, written
from cordboard.switches.ari.wire import Request

USER, PASSWORD, APP = "cordboard", "geheim", "cordboard"


class LikenessServer:
    """``over_websocket`` is whether requests are taken there. ``sockets`` are the connections of applications."""

    def __init__(self, phones: dict[str, str], *, over_websocket: bool = True) -> None:
        self.likeness = Likeness(phones)
        self.likeness.serving = False
        self.over_websocket = over_websocket
        self.sockets: list[web.WebSocketResponse] = []
        self.asked: list[str] = []
        self.files: dict[str, bytes] = {}
        self.refuse = 0
        """The status that connections are refused with, 0 if they are not."""
        self.port = 0
        self._news = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ari"

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self.cut()
        await self._runner.cleanup()

    async def cut(self) -> None:
        sockets, self.sockets = self.sockets, []
        self.likeness.serving = False
        for socket in sockets:
            await socket.close()

    async def until(self, so: Callable[[], bool]) -> None:
        """Requests are carried out until it is so."""
        async with asyncio.timeout(5):
            while not so():
                self._news.clear()
                await self._news.wait()

    async def say(self, text: str) -> None:
        """Whatever it is."""
        await self.sockets[-1].send_str(text)

    async def tell(self) -> None:
        """What the likeness has said meanwhile."""
        for event in self.likeness.take() if self.sockets else ():
            await self.say(msgspec.json.encode(event).decode())

    # -- ARI -------------------------------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.StreamResponse:
        proof = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        if self.refuse or proof != f"{USER}:{PASSWORD}":
            return web.Response(status=self.refuse or 401)
        assert request.query["app"] == APP
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.sockets:
            await self.say('{"type":"ApplicationReplaced","application":"cordboard"}')
        self.sockets.append(socket)
        self.likeness.serving = True
        async for frame in socket:
            if frame.type is WSMsgType.TEXT and self.over_websocket:
                await self._answer(socket, msgspec.json.decode(frame.data))
        if socket in self.sockets:
            self.sockets.remove(socket)
        self.likeness.serving = bool(self.sockets)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, asked: dict[str, Any]) -> None:
        body = msgspec.json.decode(asked.get("message_body") or "{}")
        status, found = self._carry_out(asked["method"], asked["uri"], body)
        answer = {"type": "RESTResponse", "request_id": asked["request_id"], "status_code": status}
        if found is not None:
            answer["message_body"] = msgspec.json.encode(found).decode()
        if not socket.closed:
            await socket.send_str(msgspec.json.encode(answer).decode())
            await self.tell()

    async def _http(self, request: web.Request) -> web.Response:
        """Over HTTP events come first: they are sent before the answer is."""
        path = request.match_info["path"]
        if path.startswith("recordings/stored") and path.endswith("/file"):
            content = self.files.get(path.split("/")[2])
            return web.Response(status=404) if content is None else web.Response(body=content)
        body = await request.read()
        status, found = self._carry_out(request.method, path, msgspec.json.decode(body or b"{}"))
        await self.tell()
        return web.Response(status=status, body=b"" if found is None else msgspec.json.encode(found))

    def _carry_out(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        self.asked.append(f"{method} {path}")
        answer = self.likeness.request(Request(method, path, body))
        self._news.set()
        return answer


class Manager:
    """An AMI that sends notices on to a likeness. ``failing`` is what the next notices are refused with."""

    def __init__(self, likeness: Likeness | None = None) -> None:
        self.likeness = likeness
        self.actions: list[dict[str, str]] = []
        self.logins = 0
        self.password = PASSWORD
        self.failing: list[str] = []
        self.mute = False
        """Nothing is answered."""
        self.close_after = 99
        """So many actions are answered on a connection."""
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        for _ in range(self.close_after):
            lines: list[bytes] = []
            while (line := await reader.readline()) not in (b"\r\n", b""):
                lines.append(line)
            if not lines:
                break
            action = read(lines)
            self.actions.append(action)
            if not self.mute:
                writer.write(written({"Event": "FullyBooted"}))
                writer.write(written({"Response": "Success", "ActionID": "0"}))
                writer.write(written({**self._answer(action), "ActionID": action["ActionID"]}))
        writer.close()

    def _answer(self, action: dict[str, str]) -> dict[str, str]:
        if action["Action"] == "Login":
            self.logins += 1
            right = action["Secret"] == self.password
            return {"Response": "Success"} if right else {"Response": "Error", "Message": "Authentication failed"}
        why = self.failing.pop(0) if self.failing else ""
        if not why and self.likeness is not None:
            why = self.likeness.talk(action["Channel"])
        return {"Response": "Error", "Message": why} if why else {"Response": "Success"}
