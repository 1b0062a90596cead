"""Clients of other makers, each over WebSocket and long-polling: a thousand messages, a cut network, a restart.

The network between them and the server is cut as networks are: what is sent is lost, and nobody is told. Without the
extension ack a message may come once more than it was sent, where nobody can know whether it had arrived; never less.
"""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance import browser, npm_packages
from tests.acceptance.desktops import DEADLINE_S, Desktop, Driver, Drivers, Event, ProcessDriver
from tests.acceptance.network import Network, network
from tests.acceptance.server_process import PASSWORD, ServerProcess, serving
from tests.acceptance.stage import Agent, Lab

pytestmark = [pytest.mark.acceptance, pytest.mark.clients]

KINDS = ("cometd", "faye", "aiocometd", "browser")
TRANSPORTS = ("websocket", "long-polling")
SETTLED = {"handshake", "subscribed", "connect"}
AGENT, OTHER = "5009", "5008"
FORGETFUL = {"TIMEOUT_S": "0.5", "MAX_INTERVAL_S": "0.6", "SESSIONS_PER_USER_MAX": "2"}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def site(kind: str) -> Iterator[browser.Site]:
    """Where browsers find their pages."""
    site = browser.Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def clients(kind: str, site: browser.Site) -> Iterator[Drivers]:
    """What runs clients of this kind."""
    clients = Drivers(_start(kind, site))
    yield clients
    clients.close()


@pytest.fixture(scope="module")
def settings(site: browser.Site) -> dict[str, str]:
    """The server allows the pages of the site to use it."""
    return {"CORDBOARD_GWS__ALLOWED_ORIGINS": site.origin}


@pytest.fixture(scope="module")
def house(
    kind: str, clients: Drivers, settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    log = tmp_path_factory.mktemp("server") / "log"
    with (
        serving(log, settings) as server,
        network(server.url) as between,
        opened(kind, server, between.url, clients) as house,
    ):
        house.between = between
        house.talk()
        yield house


def _start(kind: str, site: browser.Site) -> Callable[[], Driver]:
    node = npm_packages.node()
    match kind:
        case "cometd":
            return lambda: ProcessDriver([node, "desktop.js"])
        case "faye":
            return lambda: ProcessDriver([node, "desktop_faye.js"])
        case "aiocometd":
            return lambda: ProcessDriver([sys.executable, "desktop_aiocometd.py"])
        case _:
            path = browser.program()
            return lambda: browser.BrowserDriver(path, site)


class House:
    """A server behind a network, an agent with a call, and one desktop of the agent for each transport."""

    between: Network

    def __init__(self, kind: str, server: ServerProcess, url: str, clients: Drivers, *extensions: str) -> None:
        self.url = url
        self.client = server.client(AGENT)
        self._anybody = server.client()
        self.lab = Lab(self._anybody)
        self.agent = Agent(AGENT, self.client)
        self.desktops = {transport: self._desktop(kind, transport, clients, extensions) for transport in TRANSPORTS}
        self.call = ""
        self._number = 0

    def _desktop(self, kind: str, transport: str, clients: Drivers, more: tuple[str, ...]) -> Desktop:
        headers = {"Authorization": "Basic " + base64.b64encode(f"{AGENT}:{PASSWORD}".encode()).decode()}
        url = f"{self.url}/api/v2/notifications"
        if kind == "aiocometd":
            url = url.replace("127.0.0.1", "localhost")  # its cookie jar keeps no cookies of numeric hosts
        elif transport == "websocket" and kind == "cometd":
            url = url.replace("://", f"://{AGENT}:{PASSWORD}@")  # the only place for credentials
        extensions = ["ack", "timesync", "reload"] if kind in ("cometd", "browser") else []
        start = {"url": url, "transport": transport, "headers": headers, "channels": ["/v2/me/calls"]}
        if kind == "cometd":
            extensions.remove("reload")  # keeps its state where only pages have room
        desktop = Desktop(clients, {**start, "extensions": [*extensions, *more]})
        answers = _begun(desktop)
        assert all(answers[name]["successful"] for name in SETTLED), answers
        assert transport in (answers["handshake"].get("transport"), answers["subscribed"].get("transport")), answers
        return desktop

    def talk(self) -> None:
        """A call that data can be attached to; every desktop is told of it."""
        self.lab.do(OTHER, "dial", to=AGENT)
        for desktop in self.desktops.values():
            self.call = desktop.message()["data"]["call"]["id"]

    def attach(self, count: int) -> range:
        """So many messages, numbered; which numbers they have."""
        numbers = range(self._number + 1, self._number + count + 1)
        self._number += count
        for number in numbers:
            body = {"operationName": "AttachUserData", "userData": {"n": number}}
            answer = self.client.post(f"/api/v2/me/calls/{self.call}", json=body)
            assert answer.json() == {"statusCode": 0}
        return numbers

    def heard(self, transport: str, last: int) -> list[int]:
        """The numbers that a desktop was told, up to the last."""
        numbers: list[int] = []
        while not numbers or numbers[-1] != last:
            numbers.append(_number(self.desktops[transport].message()))
        return numbers

    def wait_until_forgotten(self) -> None:
        """Until none of the desktops' sessions is left: as many others find room."""
        deadline = time.monotonic() + DEADLINE_S
        found = 0
        while found < len(self.desktops):
            assert time.monotonic() < deadline, "sessions live on"
            time.sleep(0.2)
            replies = [
                self._reply("handshake", version="1.0", supportedConnectionTypes=["long-polling"])
                for _ in self.desktops
            ]
            sessions = [reply["clientId"] for reply in replies if reply["successful"]]
            found = len(sessions)
            for client_id in sessions:
                assert self._reply("disconnect", clientId=client_id)["successful"]

    def _reply(self, what: str, **members: Any) -> Event:
        message = {"channel": f"/meta/{what}", **members}
        reply: Event = self.client.post("/api/v2/notifications", json=[message]).json()[-1]
        return reply

    def close(self) -> None:
        """Everybody says goodbye, once."""
        if not self.client.is_closed:
            for desktop in self.desktops.values():
                desktop.disconnect()
            self.lab.reset()
            self.leave()

    def leave(self) -> None:
        """Close what needs no server to be closed."""
        self.client.close()
        self._anybody.close()


@contextmanager
def opened(kind: str, server: ServerProcess, url: str, clients: Drivers, *extensions: str) -> Iterator[House]:
    """A house that is closed well if all went well."""
    house = House(kind, server, url, clients, *extensions)
    try:
        yield house
    except BaseException:
        for desktop in house.desktops.values():
            desktop.abandon()
        house.leave()
        raise
    house.close()


def _begun(desktop: Desktop) -> dict[str, Event]:
    """What was answered until the client is settled; the order is the client's."""
    answers: dict[str, Event] = {}
    while not answers.keys() >= SETTLED:
        event = desktop.any_event()
        answers[event["event"]] = event
    return answers


def _number(message: Event) -> int:
    return int(message["data"]["call"]["userData"]["n"])


def without_repeats(numbers: list[int]) -> list[int]:
    """Each number where it was told first."""
    return list(dict.fromkeys(numbers))


def test_a_thousand_messages_come_once_and_in_order(house: House) -> None:
    numbers = list(house.attach(1_000))
    for transport in TRANSPORTS:
        assert house.heard(transport, numbers[-1]) == numbers, transport


def test_nothing_is_lost_when_the_network_is_cut(house: House, kind: str) -> None:
    house.between.cut()
    numbers = list(house.attach(20))
    house.between.mend()
    numbers += house.attach(5)
    for transport in TRANSPORTS:
        heard = house.heard(transport, numbers[-1])
        news = [number for number in heard if number >= numbers[0]]
        assert without_repeats(news) == numbers, (transport, heard)
        if kind in ("cometd", "browser"):  # which have the extension ack
            assert heard == numbers, transport


@pytest.mark.parametrize("kind", ["browser"], indirect=True, scope="module")
def test_a_page_that_is_loaded_anew_goes_on_with_its_session(house: House) -> None:
    for transport, desktop in house.desktops.items():
        before = desktop.event("connect")
        desktop.reload()
        again = desktop.event("handshake")
        assert (again["successful"], again["reload"], before["successful"]) == (True, True, True), transport
        assert desktop.event("subscribed")["successful"]
    numbers = list(house.attach(3))
    for transport in TRANSPORTS:
        assert house.heard(transport, numbers[-1]) == numbers, transport


def test_who_was_away_for_too_long_begins_anew(
    kind: str, clients: Drivers, settings: dict[str, str], log: Path
) -> None:
    """As after 20 s offline with the usual settings: the session is over, the client is told so and begins another."""
    forgetful = {f"CORDBOARD_COMETD__{name}": value for name, value in FORGETFUL.items()}
    with (
        serving(log, settings | forgetful) as server,
        network(server.url) as between,
        opened(kind, server, between.url, clients) as house,
    ):
        house.talk()
        between.cut()
        missed = house.attach(3)
        house.wait_until_forgotten()
        between.mend()
        for desktop in house.desktops.values():
            for name in ("handshake", "subscribed"):
                assert desktop.event(name, lambda event: bool(event["successful"]))
        numbers = list(house.attach(3))
        for transport in TRANSPORTS:
            heard = house.heard(transport, numbers[-1])
            assert [number for number in heard if number not in missed] == numbers, (transport, heard)


def test_everybody_comes_back_when_a_server_without_a_journal_was_restarted(
    kind: str, clients: Drivers, settings: dict[str, str], log: Path
) -> None:
    settings = {**settings, "CORDBOARD_JOURNAL__PATH": ":memory:"}
    with ExitStack() as stack:
        with serving(log, settings) as first:
            house = stack.enter_context(opened(kind, first, first.url, clients))
        again = {"CORDBOARD_SERVER__LISTEN": first.url.removeprefix("http://")}
        stack.enter_context(serving(log.with_suffix(".second"), settings | again))
        for desktop in house.desktops.values():
            for name in ("handshake", "subscribed"):
                assert desktop.event(name, lambda event: bool(event["successful"]))
        house.talk()
        numbers = list(house.attach(5))
        for transport in TRANSPORTS:
            assert house.heard(transport, numbers[-1]) == numbers, transport
        house.close()
