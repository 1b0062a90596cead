"""Who is registered, as far as Asterisk says."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from cordboard.switches.ari.client import AriSettings
from cordboard.switches.ari.registrations import Registrations

NAMES = {"5000": "PJSIP/5000", "5001": "PJSIP/desk-7", "5002": "PJSIP/5002"}
ONLINE = {"technology": "PJSIP", "resource": "5000", "state": "online", "channel_ids": []}
OFFLINE = {"technology": "PJSIP", "resource": "desk-7", "state": "offline", "channel_ids": []}


class Asterisk:
    """Tells of endpoints, or fails. ``asked`` counts how often it was asked."""

    def __init__(self) -> None:
        self.endpoints: Any = [ONLINE, OFFLINE]
        self.status = 200
        self.asked = 0
        self.proofs: set[str] = set()
        self._news = asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        self.proofs.add(b64decode(request.headers["Authorization"].partition(" ")[2]).decode())
        self._news.set()
        return web.json_response(self.endpoints, status=self.status)

    async def until_asked(self, more: int) -> None:
        wanted = self.asked + more
        async with asyncio.timeout(5):
            while self.asked < wanted:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
async def asterisk() -> AsyncIterator[tuple[Asterisk, str]]:
    made, app = Asterisk(), web.Application()
    app.router.add_get("/ari/endpoints", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}/ari/"
    await runner.cleanup()


async def test_what_asterisk_says_is_known_until_it_says_something_else(asterisk: tuple[Asterisk, str]) -> None:
    here, url = asterisk
    made = Registrations(AriSettings(url, "us", "secret", "cordboard"), NAMES, refresh_s=0.001)
    assert [made.is_registered(number) for number in NAMES] == [None, None, None]
    await made.start()
    await here.until_asked(2)
    assert [made.is_registered(number) for number in (*NAMES, "9999")] == [True, False, None, None]
    assert here.proofs == {"us:secret"}
    here.endpoints = [{**ONLINE, "state": "offline"}, {**OFFLINE, "state": "unknown"}]
    await here.until_asked(2)
    assert [made.is_registered(number) for number in NAMES] == [False, None, None]
    await made.stop()


async def test_nothing_is_known_while_asterisk_does_not_answer(asterisk: tuple[Asterisk, str]) -> None:
    here, url = asterisk
    made = Registrations(AriSettings(url, "us", "secret", "cordboard"), NAMES, refresh_s=0.001)
    await made.start()
    for trouble in ({"status": 500}, {"status": 200, "endpoints": "nonsense"}):
        await here.until_asked(2)
        assert made.is_registered("5000") is True
        for name, value in trouble.items():
            setattr(here, name, value)
        await here.until_asked(2)
        assert made.is_registered("5000") is None
        here.status, here.endpoints = 200, [ONLINE]
    await made.stop()
    await Registrations(AriSettings(url, "us", "secret", "cordboard"), NAMES, 1.0).stop()
