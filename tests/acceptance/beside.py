"""What else has to outlive a server while stories are told: an agent's state, webhooks, recordings and messages."""

from __future__ import annotations

from typing import Any

from tests.acceptance.desktops import Drivers
from tests.acceptance.lockstep import Person, Story, real
from tests.acceptance.server_process import ServerProcess
from tests.acceptance.stage import ACCEPTED
from tests.acceptance.uapi_app import App, Receiver

_INCOMING, _OVER, _ANSWERED = 0, 2, 3


class Worker:
    """An agent who works, has lunch, and goes home; ``states`` are what is shown after each step."""

    _STEPS = (
        ("/me", {"operationName": "StartContactCenterSession", "channels": ["voice"]}, ("LoggedIn", "Ready")),
        ("/me/channels/voice", {"operationName": "Lunch"}, ("NotReady",)),
        ("/me/channels/voice", {"operationName": "Ready"}, ("Ready",)),
        ("/me", {"operationName": "EndContactCenterSession"}, ("LoggedOut",)),
    )

    def __init__(self, server: ServerProcess, drivers: Drivers) -> None:
        self.person = Person(server, drivers, real(0, "15000"), "websocket")
        self._shown = ""

    def work(self, step: int) -> None:
        if step < len(self._STEPS):
            path, body, states = self._STEPS[step]
            assert self.person.http.post(f"/api/v2{path}", json=body).json() == ACCEPTED
            for state in states:
                assert self.person.desktop.message()["data"]["devices"][0]["userState"]["state"] == state
            self._shown = states[-1]

    def check_read(self) -> None:
        (device,) = self.person.http.get("/api/v2/me/devices?fields=*").json()["devices"]
        assert device["userState"]["state"] == self._shown


def subscribe(app: App, number: str, receiver: Receiver) -> None:
    """An address for each type of event of an extension."""
    path = f"/uapi/extensions/{number}/{number}/phoneCallEvents/"
    for kind in (_INCOMING, _OVER, _ANSWERED):
        app.call("POST", path, {"type": kind, "url": f"{receiver.url}/{kind}", "method": "1", "status": "1"})


def check_webhooks(receiver: Receiver) -> None:
    """Each has arrived, perhaps twice, in order."""
    arrived = [one.path for one in receiver.until(3)]
    assert list(dict.fromkeys(arrived)) == [f"/{kind}" for kind in (_INCOMING, _ANSWERED, _OVER)], arrived


def check_sounds(story: Story, who: str, kind: str, parties: set[str]) -> None:
    """There is one recording, or one message, of these."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        found[:] = story.people[who].http.get(f"/api/v2/me/{kind}?fields=*").json()[kind]
        return bool(found)

    story.until(is_there, kind)
    (sound,) = found
    others = {sound["caller"]} if kind == "voicemails" else {one["phoneNumber"] for one in sound["participants"]}
    assert others == {story.real(party) for party in parties}, sound
