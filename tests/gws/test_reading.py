"""The GET resources (gws-v2 §2)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.gws.test_views import CALL, PERMITS
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import ADMIN, AGENT, OLGA, PEOPLE, SUPERVISOR, directory

from cordboard.agents.commands import StartSession
from cordboard.calls.model import CallState, CallView
from cordboard.gws.requests import Request
from cordboard.gws.routes import Gws
from cordboard.gws.views import GwsSettings
from cordboard.people.model import Tenant, User

BASE = "http://h/api/v2"
OTHER = msgspec.structs.replace(CALL, id="C2", owner="5001")
HIDDEN = msgspec.structs.replace(CALL, id="C3", state=CallState.OFFERED)
VIEWS = [CallView(call, PERMITS) for call in (CALL, OTHER, HIDDEN)]
DEVICE = AGENT.device.id


def get(path: str, query: str = "", user: User = AGENT) -> tuple[int, dict[str, Any]]:
    people = directory()
    agents = FakeAgentDesk(people)
    agents.ask(StartSession(asker="5005"))
    gws = Gws(FakeDesk(VIEWS), agents, people, GwsSettings("http://h", version="9.9"))
    response = gws.handle(Request(user, "GET", path, query))
    return response.status, json.loads(response.body)


def content(path: str, query: str = "", user: User = AGENT) -> dict[str, Any]:
    status, answer = get(path, query, user)
    assert (status, answer.pop("statusCode")) == (200, 0)
    assert "statusMessage" not in answer
    return answer


def codes(path: str, query: str = "", user: User = AGENT) -> tuple[int, int]:
    status, answer = get(path, query, user)
    return status, answer["statusCode"]


SUBRESOURCES = {"devices", "calls", "channels", "features", "skills", "settings"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", set()),
        ("subresources=*", SUBRESOURCES),
        ("subresources=devices,calls,interactions,chats", {"devices", "calls"}),
        ("subresources=devices%2Cskills", {"devices", "skills"}),
        ("subresources=nothing", set()),
    ],
)
@pytest.mark.parametrize("path", ["/me", "/me/", f"/users/{AGENT.id}"])
def test_me_with_what_was_asked_for(path: str, query: str, expected: set[str]) -> None:
    user = content(path, query)["user"]
    assert user["userName"] == "5005"
    assert SUBRESOURCES & set(user) == expected


def test_subresources_are_the_resources_themselves() -> None:
    user = content("/me", "subresources=*")["user"]
    assert user["calls"] == content("/me/calls", "fields=*")["calls"]
    assert user["devices"] == content("/me/devices", "fields=*")["devices"]
    assert user["channels"] == content("/me/channels", "fields=*")["channels"]
    assert user["features"] == content("/features", "fields=*")["features"]
    assert user["skills"] == []
    assert user["settings"]["voice"]["wrap-up-time"] == "0"


def test_no_calls_are_an_empty_list() -> None:
    assert content("/me", "subresources=calls", ADMIN)["user"]["calls"] == []


def test_ones_own_calls_that_ring_already() -> None:
    assert content("/me/calls") == {"uris": [f"{BASE}/me/calls/C1"]}
    calls = content("/me/calls", "fields=*")["calls"]
    assert [(call["id"], call["duration"]) for call in calls] == [("C1", "90")]
    assert content("/me/calls/C1")["call"] == calls[0]


@pytest.mark.parametrize("call_id", ["C2", "C3", "C9", "c1"])
def test_other_calls_are_unknown_whatever_they_are(call_id: str) -> None:
    assert get(f"/me/calls/{call_id}") == get("/me/calls/nothing")
    assert codes(f"/me/calls/{call_id}") == (404, 6)


def test_fields_cut_items_down() -> None:
    assert content("/me/calls", "fields=id,state,wings") == {"calls": [{"id": "C1", "state": "Established"}]}


def test_ones_own_device() -> None:
    assert content("/me/devices") == {"uris": [f"{BASE}/devices/{DEVICE}"]}
    device = content(f"/me/devices/{DEVICE}")["device"]
    assert (device["phoneNumber"], device["userState"]["state"]) == ("5005", "Ready")
    assert content(f"/devices/{DEVICE}")["device"] == device


@pytest.mark.parametrize("path", ["/devices/{}", "/me/devices/{}", "/me/devices/{}/settings/tserver"])
def test_other_devices_are_the_administrators(path: str) -> None:
    assert codes(path.format(OLGA.device.id)) == (404, 6)
    assert codes(path.format(OLGA.device.id), user=ADMIN) == (200, 0)
    assert codes(path.format("nothing"), user=ADMIN) == (404, 6)


@pytest.mark.parametrize("path", [f"/me/devices/{DEVICE}/settings/tserver", f"/devices/{DEVICE}/settings/tserver"])
def test_settings_of_the_switch_are_names_and_values(path: str) -> None:
    settings = content(path)
    assert settings["key"] == "name"
    assert {"name": "phone-number", "value": "5005"} in settings["settings"]


def test_all_devices_are_the_administrators() -> None:
    assert codes("/devices") == (403, 5)
    assert codes("/devices", user=SUPERVISOR) == (403, 5)
    assert len(content("/devices", user=ADMIN)["uris"]) == len(PEOPLE)


def test_all_users_are_the_administrators_and_supervisors() -> None:
    assert codes("/users") == (403, 5)
    assert codes(f"/users/{OLGA.id}") == (403, 5)
    for user in (ADMIN, SUPERVISOR):
        assert len(content("/users", "fields=*", user)["users"]) == len(PEOPLE)
        assert content(f"/users/{OLGA.id}", user=user)["user"]["userName"] == "5001"
        assert codes("/users/nobody", user=user) == (404, 6)


def test_a_collection_in_parts() -> None:
    uris = content("/users", user=ADMIN)["uris"]
    assert content("/users", "offset=1&limit=2", ADMIN)["uris"] == uris[1:3]
    assert content("/users", "offset=100", ADMIN)["uris"] == []
    assert content("/users", "limit=0", ADMIN)["uris"] == []


@pytest.mark.parametrize("query", ["limit=-1", "offset=x", "limit=", "limit=1.5", "offset=²", "limit=" + "9" * 5000])
def test_parts_that_can_not_be(query: str) -> None:
    assert codes("/users", query, ADMIN) == (400, 10)


def test_channels() -> None:
    assert content("/me/channels") == {"uris": [f"{BASE}/me/channels/voice"]}
    assert content("/me/channels/voice")["channel"]["userState"]["state"] == "Ready"


def test_settings() -> None:
    sections = content("/me/settings")
    assert sections["key"] == "name"
    assert [section["path"] for section in sections["settings"]] == ["/me/settings/voice"]
    assert {"name": "wrap-up-time", "value": "0"} in content("/me/settings/voice")["settings"]
    assert codes("/me/settings/nothing") == (404, 6)


def test_agent_states() -> None:
    states = content("/settings/agent-states")["settings"]
    assert [state["operationName"] for state in states] == ["Ready", "NotReady", "AfterCallWork", "AuxWork", "Offline"]


def test_services_and_features() -> None:
    service = content("/services", "fields=*")["services"][0]
    assert content(service["path"])["service"] == service
    assert codes("/services/nothing") == (404, 6)
    assert content("/features/api-voice")["feature"]["id"] == "api-voice"
    assert codes("/features/nothing") == (404, 6)


def test_version() -> None:
    assert content("/diagnostics/version") == {"version": "9.9"}


@pytest.mark.parametrize("path", ["/groups", "/me/groups"])
def test_there_are_no_groups(path: str) -> None:
    assert content(path) == {"uris": []}
    assert content(path, "fields=*&type=BusinessUnit") == {"groups": []}


def test_contacts_are_told_without_fields_too_and_how_many_there_are() -> None:
    """C:vue asks like this (gws-v2 §1.5)."""
    query = "type=User&roles=ROLE_AGENT&limit=2&filterName=NamesOrPhoneNumberMatches&filterParameters=*&sortBy=name"
    answer = content("/contacts", f"{query}&order=Descending&includeUsersInBusinessUnits=AG_DEV")
    assert [contact["name"] for contact in answer["contacts"]] == ["5900", "5005"]
    assert answer["totalCount"] == len(PEOPLE) - 1
    assert content("/contacts", "fields=id,uri&name=5001")["contacts"] == [
        {"id": OLGA.id, "uri": f"{BASE}/contacts/{OLGA.id}"}
    ]


def test_a_contact_is_the_same_alone() -> None:
    (listed,) = content("/contacts", "name=5001")["contacts"]
    assert content(f"/contacts/{OLGA.id}", "type=User")["contact"] == listed
    assert codes(f"/contacts/{OLGA.id}", "type=Nothing") == (400, 10)
    assert codes("/contacts/nobody") == (404, 6)


@pytest.mark.parametrize("query", ["sortBy=age", "limit=x", "type=Person"])
def test_contacts_that_can_not_be(query: str) -> None:
    assert codes("/contacts", query) == (400, 10)


def test_users_with_what_was_asked_for() -> None:
    (user,) = content("/users", "fields=*&subresources=devices,features&limit=1", ADMIN)["users"]
    assert user["devices"] == [content(f"/devices/{AGENT.device.id}", user=ADMIN)["device"]]
    assert [feature["id"] for feature in user["features"]] == ["api-voice"]


def test_devices_of_a_user() -> None:
    assert content(f"/users/{OLGA.id}/devices", user=ADMIN) == {"uris": [f"{BASE}/devices/{OLGA.device.id}"]}
    (device,) = content(f"/users/{OLGA.id}/devices", "fields=phoneNumber", ADMIN)["devices"]
    assert device == {"phoneNumber": "5001"}
    assert codes("/users/nobody/devices", user=ADMIN) == (404, 6)


@pytest.mark.parametrize(
    "path", ["/users/{0.id}", "/users/{0.id}/devices", "/devices/{0.device.id}", "/contacts/{0.id}"]
)
def test_other_tenants_are_other_worlds(path: str) -> None:
    """Whoever belongs to another tenant is as unknown as whoever does not exist (call-semantics #47)."""
    alien = msgspec.structs.replace(OLGA, tenant=Tenant("9", "Elsewhere"), roles=("admin", "supervisor"))
    assert codes(path.format(AGENT), user=alien) == (404, 6)
    assert codes("/users/nobody", user=alien) == (404, 6)


ANYBODY, STAFF, ADMINS = (200, 200, 200), (403, 200, 200), (403, 403, 200)
EVERY_RESOURCE = [
    ("/me", ANYBODY),
    ("/me/devices", ANYBODY),
    ("/me/devices/{device}", ANYBODY),
    ("/me/devices/{device}/settings/tserver", ANYBODY),
    ("/devices/{device}", ANYBODY),
    ("/devices/{device}/settings/tserver", ANYBODY),
    ("/me/calls", ANYBODY),
    ("/me/channels", ANYBODY),
    ("/me/channels/voice", ANYBODY),
    ("/me/settings", ANYBODY),
    ("/me/settings/voice", ANYBODY),
    ("/settings/agent-states", ANYBODY),
    ("/devices", ADMINS),
    ("/devices/{other}", (404, 404, 200)),
    ("/users", STAFF),
    ("/users/{me}", ANYBODY),
    ("/users/{somebody}", STAFF),
    ("/users/{me}/devices", ADMINS),
    ("/users/{somebody}/devices", ADMINS),
    ("/contacts", ANYBODY),
    ("/contacts/{somebody}", ANYBODY),
    ("/services", ANYBODY),
    ("/features", ANYBODY),
    ("/features/api-voice", ANYBODY),
    ("/groups", ANYBODY),
    ("/me/groups", ANYBODY),
    ("/diagnostics/version", ANYBODY),
]


@pytest.mark.parametrize(("path", "statuses"), EVERY_RESOURCE)
@pytest.mark.parametrize("query", ["", "fields=*", "fields=*&subresources=*&limit=1&offset=0"])
def test_every_resource_for_every_role(path: str, statuses: tuple[int, int, int], query: str) -> None:
    """gws-v2 §2: who may read what. Where somebody may not, it is 5, or 6 where even that would tell something."""
    for user, status in zip((AGENT, SUPERVISOR, ADMIN), statuses, strict=True):
        asked = path.format(device=user.device.id, other=OLGA.device.id, me=user.id, somebody=OLGA.id)
        found, answer = get(asked, query, user)
        assert found == status, (user.name, answer)
        assert answer["statusCode"] == {200: 0, 403: 5, 404: 6}[status]
        assert ("statusMessage" in answer) is (status != 200)
