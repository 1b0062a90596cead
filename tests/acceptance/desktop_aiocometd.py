"""A desktop with aiocometd-ng; commands and events are those of desktop.js. Run as a script."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from aiocometd_ng import Client, ConnectionType
from aiocometd_ng.exceptions import AiocometdException
from aiocometd_ng.extensions import Extension


def tell(event: str, **details: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **details}) + "\n")
    sys.stdout.flush()


class Observer(Extension):
    """Tells what goes by; adds what every request of ours has."""

    def __init__(self, headers: dict[str, str], transport: str) -> None:
        self._headers = headers
        self._transport = transport

    async def outgoing(self, payload: Any, headers: dict[str, str]) -> None:
        headers.update(self._headers)

    async def incoming(self, payload: Any, headers: Any = None) -> None:
        for message in payload:
            successful, error = message.get("successful"), message.get("error")
            match message["channel"]:
                case "/meta/handshake":
                    details = {"clientId": message.get("clientId"), "transport": self._transport}
                    tell("handshake", successful=successful, error=error, **details)
                case "/meta/connect":
                    tell("connect", successful=successful, error=error, advice=message.get("advice"))
                case "/meta/subscribe":
                    tell("subscribed", channel=message.get("subscription"), successful=successful, error=error)


async def listen(command: dict[str, Any], stopping: asyncio.Event) -> None:
    kind = ConnectionType(command["transport"])
    # With a time limit its receive() fails at the first lost connection: it uses what Python 3.10 has removed.
    observer = Observer(command["headers"], command["transport"])
    async with Client(command["url"], kind, extensions=[observer], connection_timeout=0) as client:
        for channel in command["channels"]:
            await client.subscribe(channel)
        receiving = asyncio.create_task(receive(client))
        await stopping.wait()
        receiving.cancel()
    tell("stopped", successful=True)


async def receive(client: Client) -> None:
    while True:
        try:
            message = await client.receive()
        except AiocometdException as error:
            tell("failed", error=repr(error))
            return
        tell("message", message={"channel": message["channel"], "data": message["data"]})


async def main() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    stopping, listening = asyncio.Event(), None
    while line := await reader.readline():
        command = json.loads(line)
        if command["do"] == "start":
            stopping = asyncio.Event()
            listening = asyncio.create_task(listen(command, stopping))
        else:
            stopping.set()
    if listening is not None:
        listening.cancel()


if __name__ == "__main__":
    asyncio.run(main())
