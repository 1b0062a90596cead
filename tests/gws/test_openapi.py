"""The document of Web Services is valid, and lists every route and operation that the code has."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate
from tests.kit.desks import FakeAgentDesk, FakeDesk
from tests.kit.people import directory

from cordboard.gws.openapi import document
from cordboard.gws.requests import CALL_BODIES
from cordboard.gws.routes import DEVICE_OPERATIONS, DIAL, SESSION_OPERATIONS, Gws
from cordboard.gws.views import GwsSettings

STATES = ("Ready", "AtLunch")


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document("1.2.3", STATES)


def _routes() -> set[tuple[str, str]]:
    """Every path and method in the tables of the front end."""
    people = directory()
    gws = Gws(FakeDesk(), FakeAgentDesk(people), people, GwsSettings("http://h"))
    found = {(path, method) for path, table in gws._plain.items() for method in table}
    found |= {(f"{path}/{{id}}", method) for path, table in gws._with_id.items() for method in table}
    below = [(above, path, table) for above, tables in gws._below.items() for path, table in tables.items()]
    return found | {(f"{above}{{id}}/{path}", method) for above, path, table in below for method in table}


def _operations(made: dict[str, Any], path: str) -> set[str]:
    schema = made["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    names = [choice["$ref"].rpartition("/")[2] for choice in schema["anyOf"]]
    schemas = made["components"]["schemas"]
    return {value for name in names for value in schemas[name]["properties"]["operationName"]["enum"]}


def test_it_is_valid(made: dict[str, Any]) -> None:
    validate(made)
    assert msgspec.json.decode(msgspec.json.encode(made)) == made
    assert (made["openapi"], made["info"]["version"]) == ("3.1.0", "1.2.3")


def test_it_lists_every_route(made: dict[str, Any]) -> None:
    assert {(path, method.upper()) for path, methods in made["paths"].items() for method in methods} == _routes()


def test_it_lists_every_operation(made: dict[str, Any]) -> None:
    assert _operations(made, "/me/calls/{id}") == set(CALL_BODIES)
    assert _operations(made, "/me/devices/{id}") == set(DEVICE_OPERATIONS)
    assert _operations(made, "/devices/{id}/calls") == set(DIAL)
    assert _operations(made, "/me/channels/voice") == set(STATES)
    assert _operations(made, "/me") == {*STATES, *SESSION_OPERATIONS}


def test_every_path_has_its_parameter(made: dict[str, Any]) -> None:
    for path, methods in made["paths"].items():
        for operation in methods.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == ({"id"} if "{id}" in path else set()), path


def test_bodies_are_those_of_the_structs(made: dict[str, Any]) -> None:
    schemas = made["components"]["schemas"]
    dial = schemas["Dial"]
    assert dial["required"] == ["operationName", "destination"]
    assert dial["properties"]["location"]["pattern"] == r"^[^\x00-\x1f\x7f]*$"
    assert schemas["DoNotDisturbOn"]["required"] == ["operationName"]
    assert "required" not in schemas["CallResourcePart"]


def test_readers_are_told_nothing_of_the_contract(made: dict[str, Any]) -> None:
    assert "§" not in json.dumps(made, ensure_ascii=False)
