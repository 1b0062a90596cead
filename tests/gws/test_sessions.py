"""The start of a contact-centre session: place, device, channels, partial success (gws-v2 §1.3, §3)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.kit.desks import FakeAgentDesk
from tests.kit.people import AGENT, OLGA, directory

from cordboard.agents.commands import StartSession
from cordboard.calls.model import Refusal, RefusalKind
from cordboard.gws import answers, sessions
from cordboard.gws.answers import Response
from cordboard.gws.bodies import StartSession as Body
from cordboard.people.model import Device, User

AT_DESK = msgspec.structs.replace(AGENT, device=Device(AGENT.device.id, "5005", "Desk 7"))


@pytest.fixture
def roster() -> FakeAgentDesk:
    return FakeAgentDesk(directory())


def start(roster: FakeAgentDesk, user: User = AT_DESK, **parameters: Any) -> Response:
    body = msgspec.convert({"channels": ["voice"], **parameters}, Body)
    return sessions.start(roster, user, body)


def codes(response: Response) -> tuple[int, int]:
    return response.status, json.loads(response.body)["statusCode"]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"channels": ["voice", "voice"]},
        {"place": "Desk 7"},
        {"place": "5005"},
        {"place": "", "queue": None, "loginCode": None, "devicePath": None},
        {"place": None, "queue": "8001@Switch", "loginCode": "5005"},
        {"loginCode": 5005},
        {"devicePath": f"/devices/{AGENT.device.id}"},
        {"devicePath": f"http://h/api/v2/devices/{AGENT.device.id}", "place": "Desk 7"},
    ],
)
def test_at_ones_own_place(roster: FakeAgentDesk, parameters: dict[str, Any]) -> None:
    assert start(roster, **parameters) == answers.ACCEPTED
    assert roster.asked == [StartSession(asker="5005")]


@pytest.mark.parametrize(
    "parameters",
    [
        {"place": "5001"},
        {"place": "Desk 8"},
        {"devicePath": f"/devices/{OLGA.device.id}"},
        {"devicePath": ""},
        {"devicePath": f"/devices/{AGENT.device.id}", "place": "5001"},
    ],
)
def test_places_and_devices_of_others_are_as_unknown_as_none(roster: FakeAgentDesk, parameters: dict[str, Any]) -> None:
    assert codes(start(roster, **parameters)) == (404, 6)
    assert roster.asked == []


def test_channels_that_are_not_served_are_named(roster: FakeAgentDesk) -> None:
    response = start(roster, channels=["chat", "voice", "chat", "email"])
    answer = json.loads(response.body)
    assert (response.status, answer["statusCode"]) == (200, 7)
    assert answer["succeeded"] == [{"statusCode": 0, "channel": "voice"}]
    assert [(item["statusCode"], item["channel"]) for item in answer["failed"]] == [(4, "chat"), (4, "email")]
    assert all(item["statusMessage"] for item in answer["failed"])
    assert [event.device.agent.presence.value for event in roster.events] == ["LoggedIn", "Ready"]


@pytest.mark.parametrize("channels", [[], ["chat"], ["Voice"]])
def test_if_all_channels_fail_it_is_one_ordinary_error(roster: FakeAgentDesk, channels: list[str]) -> None:
    assert codes(start(roster, channels=channels)) == (400, 10)
    assert roster.asked == []


@pytest.mark.parametrize("channels", [["voice"], ["voice", "chat"]])
def test_without_the_feature_no_channel_is_left(roster: FakeAgentDesk, channels: list[str]) -> None:
    voiceless = msgspec.structs.replace(AT_DESK, features=())
    assert codes(start(roster, voiceless, channels=channels)) == (403, 5)
    assert roster.asked == []


def test_what_is_refused_did_not_start_in_part() -> None:
    roster = FakeAgentDesk(directory(), Refusal(RefusalKind.SWITCH_UNAVAILABLE, "down"))
    assert codes(start(roster, channels=["voice", "chat"])) == (503, 4)
