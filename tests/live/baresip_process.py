"""A telephone on baresip as a process: what arrives in the pipe is done, what happens is told.

python -m tests.live.baresip_process '{"number": "5001", "tone_hz": 1000, "registrar": "127.0.0.1:5060"}'
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

import msgspec
from tests.live.baresip_telephone import Telephone
from tests.live.phone_settings import Settings
from tests.live.pipe import STDIN, Pipe


async def _obey(phone: Telephone, pipe: Pipe, number: int, what: str, asked: dict[str, object]) -> None:
    try:
        pipe.answer(number, await phone.do(what, asked))
    except Exception as error:  # noqa: BLE001 - baresip's errors and wrong commands alike are the test's to see
        pipe.refuse(number, f"{what}: {type(error).__name__}: {error}")


async def _serve(settings: Settings, pipe: Pipe) -> None:
    phone = Telephone(settings, pipe.tell)
    await phone.start()
    pipe.tell("ready", sip_port=settings.sip_port)
    if settings.registrar and settings.registers:
        await phone.register()
    ended = asyncio.Event()

    def arrived() -> None:
        for number, what, asked in pipe.arrived():
            phone.soon(_obey(phone, pipe, number, what, asked))
        if not pipe.open:
            ended.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(STDIN, arrived)
    sound = asyncio.create_task(phone.speak_and_listen())
    await ended.wait()
    loop.remove_reader(STDIN)
    sound.cancel()
    await phone.close()


def _free_port() -> int:
    """baresip does not say which port it was given, so one is chosen for it; it takes TCP's and the next, too."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket() as tcp,
            socket.socket() as tls,
        ):
            udp.bind(("127.0.0.1", 0))
            port = int(udp.getsockname()[1])
            try:
                tcp.bind(("127.0.0.1", port))
                tls.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def main() -> None:
    pipe = Pipe()
    settings = msgspec.json.decode(sys.argv[1], type=Settings)
    asyncio.run(_serve(msgspec.structs.replace(settings, sip_port=settings.sip_port or _free_port()), pipe))
    os._exit(0)


if __name__ == "__main__":
    main()
