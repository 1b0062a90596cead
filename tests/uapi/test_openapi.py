"""The document of the UnifiedAPI is valid, and lists every route and action that the code has."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate
from tests.uapi.front import Front, directory

from cordboard.uapi.actions import Actions
from cordboard.uapi.openapi import document
from cordboard.uapi.paths import CREATES

_IDS = {"userId": "@me", "extension": "0003*210", "phoneCallId": "x", "eventType": "1", "eventId": "x", "agentId": "x"}
_EVENTS = "/extensions/{userId}/{extension}/phoneCallEvents"
_AGENTS = "/extensions/{userId}/{extension}/queue/agents"
_TOLD_OTHERWISE = {(_EVENTS, "put"), (f"{_EVENTS}/{{eventType}}", "put"), (_AGENTS, "put")}
"""Not there, and answered with the code of what the path lacks."""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document("1.2.3")


def _is_served(path: str, method: str) -> bool:
    """Asked of the front end itself, by a request that changes nothing."""
    _, answer = Front().send(method.upper(), "/uapi" + path.format_map(_IDS), {})
    return answer is None or answer.get("error", {}).get("code") != "request_not_implemented"


def test_it_is_valid(made: dict[str, Any]) -> None:
    validate(made)
    assert (made["openapi"], made["info"]["version"]) == ("3.1.0", "1.2.3")


def test_it_lists_every_route(made: dict[str, Any]) -> None:
    begun = {f"/phoneCalls/{{userId}}/{kind}" for kind in CREATES}
    for path, methods in made["paths"].items():
        # On a path that begins a call every other method is about an extension of that name.
        asked = {"post"} if path in begun else {"get", "post", "put", "delete", "patch"}
        served = {method for method in asked if (path, method) not in _TOLD_OTHERWISE and _is_served(path, method)}
        assert served == set(methods), path
    assert begun <= set(made["paths"])


def test_it_lists_every_action(made: dict[str, Any]) -> None:
    put = made["paths"]["/phoneCalls/{userId}/{extension}/{phoneCallId}"]["put"]
    choices = put["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    assert {one["$ref"].rpartition("/")[2] for one in choices} == set(Actions(directory())._makers)


def test_every_path_has_its_parameters(made: dict[str, Any]) -> None:
    for path, methods in made["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == {name for name in _IDS if f"{{{name}}}" in path}, path


def test_what_is_answered_without_a_body(made: dict[str, Any]) -> None:
    answers = made["paths"]["/phoneCalls/{userId}/{extension}"]["delete"]["responses"]
    assert "content" not in answers["204"]
    assert answers["200"]["content"]["application/json"]["schema"]["items"]["$ref"].endswith("/PhoneCallShort")
    assert "409" in made["paths"][_EVENTS]["post"]["responses"]
