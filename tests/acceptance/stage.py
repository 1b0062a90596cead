"""The stage: a server, agents with their desktops, and the phones of the lab. Stories are told on it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tests.acceptance.desktops import DEADLINE_S, Desktop, Drivers, Event
from tests.acceptance.server_process import PASSWORD, ServerProcess
from tests.acceptance.telling import Expectations, Ids, Told

EVERYTHING = ("/v2/me/*",)
CALLS_AND_DEVICES = ("/v2/me/calls", "/v2/me/devices")
ACCEPTED = {"statusCode": 0}


class Lab:
    """The people at the phones, and who hears whom."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def do(self, number: str, what: str, **details: Any) -> dict[str, Any]:
        answer = self._client.post(f"/lab/v1/phones/{number}", json={"do": what, **details})
        assert answer.status_code == 200, answer.text
        phone: dict[str, Any] = answer.json()
        return phone

    def phone(self, number: str) -> dict[str, Any]:
        answer = self._client.get(f"/lab/v1/phones/{number}")
        assert answer.status_code == 200, answer.text
        phone: dict[str, Any] = answer.json()
        return phone

    def behave(self, number: str, on_ring: str) -> None:
        answer = self._client.put(f"/lab/v1/phones/{number}/behaviour", json={"on_ring": on_ring, "after_ms": 0})
        assert answer.status_code == 200, answer.text

    def fault(self, **fault: Any) -> None:
        answer = self._client.post("/lab/v1/faults", json=fault)
        assert answer.status_code == 200, answer.text

    def reset(self) -> None:
        assert self._client.post("/lab/v1/reset").status_code == 200


class Agent:
    """One user: requests by HTTP, and the desktops of this user."""

    def __init__(self, number: str, client: httpx.Client) -> None:
        self.number = number
        self.client = client
        self.desktops: list[Desktop] = []
        self.device_id: str = client.get("/api/v2/me/devices?fields=*").json()["devices"][0]["id"]

    @property
    def desktop(self) -> Desktop:
        return self.desktops[0]

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(f"/api/v2{path}", json=body)

    def get(self, path: str) -> dict[str, Any]:
        answer = self.client.get(f"/api/v2{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
        body: dict[str, Any] = answer.json()
        assert body.pop("statusCode") == 0
        return body


class Stage:
    """Who takes part in a test. Each message that a desktop gets must be expected by ``told``, in order.

    ``nobody_is_told_more`` makes sure that this was all.
    """

    def __init__(
        self,
        server: ServerProcess,
        drivers: Drivers,
        transport: str,
        lab: httpx.Client | None = None,
        extensions: tuple[str, ...] = (),
    ) -> None:
        """``lab`` is the way to a lab that the server does not serve; ``extensions`` are those of desktops."""
        self.server = server
        self.transport = transport
        self.ids = Ids()
        self.agents: dict[str, Agent] = {}
        self._drivers = drivers
        self._extensions = list(extensions)
        self._began = time.monotonic()
        self._anybody = server.client()
        self.lab = Lab(lab or self._anybody)

    def enter(self, *numbers: str, channels: tuple[str, ...] = EVERYTHING) -> None:
        """Agents come to work: each with an HTTP client and a desktop that is subscribed."""
        for number in numbers:
            agent = self.agents[number] = Agent(number, self.server.client(number))
            agent.desktops.append(self.desktop(number, channels=channels))

    def desktop(self, number: str, *, channels: tuple[str, ...] = EVERYTHING, cookie: str = "") -> Desktop:
        """A connected desktop with the user's password, or with the cookie of a session. Whoever opens it closes it."""
        url, headers = f"{self.server.url}/api/v2/notifications", {}
        if not cookie and self.transport == "websocket":
            # A WebSocket client has no other place for credentials than its address.
            url = url.replace("://", f"://{number}:{PASSWORD}@")
        elif not cookie:
            headers = {"Authorization": "Basic " + base64.b64encode(f"{number}:{PASSWORD}".encode()).decode()}
        return Desktop.connected(
            self._drivers,
            url=url,
            transport=self.transport,
            headers=headers,
            cookie=cookie,
            channels=channels,
            extensions=self._extensions,
        )

    def ask(self, number: str, call: str, operation: str, **parameters: Any) -> None:
        """An operation on a call, which must be accepted."""
        answer = self.agents[number].post(f"/me/calls/{self.ids[call]}", operationName=operation, **parameters)
        assert (answer.status_code, answer.json()) == (200, ACCEPTED), (number, operation)

    def dial(self, number: str, to: str, **parameters: Any) -> None:
        """An agent dials; the answer has no call id, it comes with the first notification (gws-v2 §7.2)."""
        agent = self.agents[number]
        answer = agent.post(
            f"/me/devices/{agent.device_id}/calls", operationName="Dial", destination={"phoneNumber": to}, **parameters
        )
        assert (answer.status_code, answer.json()) == (200, ACCEPTED)

    def read(self, number: str, call: str) -> dict[str, Any]:
        """A call as it is read."""
        found: dict[str, Any] = self.agents[number].get(f"/me/calls/{self.ids[call]}")["call"]
        return found

    def shows(self, number: str, told: Told) -> None:
        """A call that is read is the same as it would be told now."""
        self._expectations().check_call(number, told, self.read(number, told.call), self._age_s())

    def told(self, number: str, *expected: Told) -> list[Event]:
        """What every desktop of the user was told next: exactly this, in this order. Returns it."""
        heard: list[Event] = []
        for desktop in self.agents[number].desktops:
            heard = []
            for told in expected:
                heard.append(message := desktop.message())
                self._expectations().check(number, told, message, self._age_s())
        return heard

    def hears(self, expected: Mapping[str, list[str]]) -> None:
        """Wait until these phones hear this."""
        heard: dict[str, list[str]] = {}

        def as_expected() -> bool:
            heard.update({number: self.lab.phone(number)["hears"] for number in expected})
            return heard == expected

        self.wait_for(as_expected, ("expected", expected, "heard", heard))

    def wait_for(self, condition: Callable[[], bool], why: object, within_s: float = DEADLINE_S) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"still not: {why}"
            time.sleep(0.01)

    def nobody_is_told_more(self) -> None:
        """Asks for one thing that is told on the same sessions: it must be the very next that they hear."""
        for agent in self.agents.values():
            for wanted in ("On", "Off"):
                answer = agent.post(f"/me/devices/{agent.device_id}", operationName=f"DoNotDisturb{wanted}")
                assert answer.json() == ACCEPTED
                for desktop in agent.desktops:
                    data = desktop.message()["data"]
                    assert data["messageType"] == "DeviceStateChangeMessage", (agent.number, "was told", data)
                    assert data["devices"][0]["doNotDisturb"] == wanted

    def close(self) -> None:
        """Everybody goes home; the phones are as they were, and the server had nothing to complain of."""
        self.go_home()
        self.server.check_log()

    def go_home(self) -> None:
        try:
            for agent in self.agents.values():
                for desktop in agent.desktops:
                    desktop.disconnect()
        finally:
            try:
                self.lab.reset()
            finally:
                self.leave()

    def leave(self) -> None:
        """Close what needs no server to be closed."""
        for agent in self.agents.values():
            agent.client.close()
        self._anybody.close()

    def _expectations(self) -> Expectations:
        devices = {number: agent.device_id for number, agent in self.agents.items()}
        return Expectations(f"{self.server.url}/api/v2", devices, self.ids)

    def _age_s(self) -> float:
        return time.monotonic() - self._began
