"""A server that ends amid a stream of notifications, and starts again: clients notice nothing but a slow answer.

They have the same session as before, by the same client id, and each message in order: with the extension ack once,
without it at least once. The calls live on in an exchange that is a process of its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.acceptance import browser
from tests.acceptance.desktops import Drivers
from tests.acceptance.server_process import ExchangeProcess, ServerProcess
from tests.acceptance.test_other_clients import (
    AGENT,
    FORGETFUL,
    KINDS,
    TRANSPORTS,
    House,
    _start,
    opened,
    without_repeats,
)

pytestmark = [pytest.mark.acceptance, pytest.mark.clients]

COUNT = 240
ENDS = ((60, True), (150, False))
"""After how many messages the server is ended, and whether it is killed."""
HANDSHAKE = [{"channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["long-polling"]}]
PATIENCE_S = 20.0


class Site:
    """An exchange, a journal, and one server after the other at the same address."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._count = 0
        self.exchange = ExchangeProcess(folder / "exchange.log")
        self._settings = {
            **settings,
            "CORDBOARD_SWITCH__VIRTUAL__EXCHANGE": self.exchange.address,
            "CORDBOARD_JOURNAL__PATH": str(folder / "journal.db"),
        }
        self.server = self._begin()

    def _begin(self) -> ServerProcess:
        self._count += 1
        return ServerProcess(self._folder / f"server{self._count}.log", self._settings)

    def begin_again(self, *, kill: bool) -> None:
        """The server is killed, or ended as operators do; the next one has its address."""
        if kill:
            self.server.kill()
        else:
            self.server.close()
        self._settings["CORDBOARD_SERVER__LISTEN"] = self.server.url.removeprefix("http://")
        self.server = self._begin()


@contextmanager
def site_in(folder: Path, settings: dict[str, str]) -> Iterator[Site]:
    site = Site(folder, settings)
    try:
        yield site
    except BaseException:
        site.server.kill()
        site.exchange.kill()
        raise
    site.server.close()
    site.exchange.close()


class Talk(threading.Thread):
    """Attaches one number after the other to a call, and asks again with the same key until there is an answer."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house
        self.said = 0
        self.failed = ""

    def run(self) -> None:
        while self.said < COUNT and not self.failed:
            self._say(self.said + 1)
            self.said += 1

    def _say(self, number: int) -> None:
        end = time.monotonic() + PATIENCE_S
        body = {"operationName": "AttachUserData", "userData": {"n": number}}
        path, key = f"/api/v2/me/calls/{self._house.call}", {"Idempotency-Key": f"n{number}"}
        while time.monotonic() < end:
            try:
                answer = self._house.client.post(path, json=body, headers=key)
            except httpx.TransportError:
                time.sleep(0.02)
                continue
            if answer.status_code == 503:
                time.sleep(0.02)
            elif answer.json() == {"statusCode": 0}:
                return
            else:
                self.failed = f"{number}: {answer.text}"
                return
        self.failed = f"{number}: no answer"

    def wait_until_said(self, number: int) -> None:
        while self.said < number:
            assert not self.failed, self.failed
            assert self.is_alive()
            time.sleep(0.005)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_killed_and_one_that_is_stopped_keep_their_sessions(kind: str, tmp_path: Path) -> None:
    pages = browser.Site()
    clients = Drivers(_start(kind, pages))
    settings = {"CORDBOARD_GWS__ALLOWED_ORIGINS": pages.origin}
    try:
        with site_in(tmp_path, settings) as site, opened(kind, site.server, site.server.url, clients) as house:
            _talk_through_the_ends(kind, site, house)
    finally:
        clients.close()
        pages.close()


def _talk_through_the_ends(kind: str, site: Site, house: House) -> None:
    house.talk()
    talk = Talk(house)
    talk.start()
    for number, kill in ENDS:
        talk.wait_until_said(number)
        site.begin_again(kill=kill)
    talk.join()
    assert not talk.failed, talk.failed
    numbers = list(range(COUNT + 1))
    for transport in TRANSPORTS:
        heard = _heard(house, transport)
        assert without_repeats(heard) == numbers, (transport, heard)
        if kind in ("cometd", "browser"):  # which have the extension ack
            assert heard == numbers, transport
        assert not house.desktops[transport].seen("handshake"), transport


def _heard(house: House, transport: str) -> list[int]:
    """The numbers that a desktop was told, up to the last; 0 for the beginning of the call."""
    heard = [0]
    while heard[-1] != COUNT:
        call = house.desktops[transport].message()["data"]["call"]
        heard.append(int(call.get("userData", {}).get("n", 0)))
    return heard


def test_with_replay_nothing_is_missed_by_who_was_away_for_too_long(tmp_path: Path, drivers: Drivers) -> None:
    """The session is over when its client comes back, to another server than the one that it knew."""
    limits = {**FORGETFUL, "RESTART_INTERVAL_S": "0"}
    forgetful = {f"CORDBOARD_COMETD__{name}": value for name, value in limits.items()}
    with (
        site_in(tmp_path, forgetful) as site,
        opened("cometd", site.server, site.server.url, drivers, "replay") as house,
    ):
        house.talk()
        numbers = list(house.attach(3))
        before = {transport: house.heard(transport, 3) for transport in TRANSPORTS}
        for desktop in house.desktops.values():
            desktop.suspend()
        house.attach(3)
        site.begin_again(kill=True)
        house.attach(3)
        house.wait_until_forgotten()
        for transport, desktop in house.desktops.items():
            desktop.resume()
            assert desktop.event("handshake", lambda event: bool(event["successful"]))
            assert before[transport] + house.heard(transport, 9) == [*numbers, 4, 5, 6, 7, 8, 9], transport


def test_who_was_logged_in_still_is(tmp_path: Path) -> None:
    with site_in(tmp_path, {}) as site:
        with site.server.client(AGENT) as client:
            assert client.get("/api/v2/me").status_code == 200
            cookies = dict(client.cookies)
        site.begin_again(kill=True)
        with site.server.client() as client:
            assert client.get("/api/v2/me").status_code == 403
            client.cookies.update(cookies)
            assert client.get("/api/v2/me").json()["user"]["userName"] == AGENT
            assert client.post("/api/v2/notifications", json=HANDSHAKE).json()[0]["successful"]
            assert client.post("/api/v2/me", json={"operationName": "EndContactCenterSession"}).status_code == 200
        site.begin_again(kill=True)
        with site.server.client() as client:
            client.cookies.update(cookies)
            assert client.get("/api/v2/me").status_code == 403, "who has logged out stays so"
