"""What is told of each resource that can be read."""

from __future__ import annotations

from cordboard.gws.openapi_reading import READINGS


def test_collections_are_uris_or_items() -> None:
    _, content, parameters = READINGS["/me/calls"]
    uris, items = content["application/json"]["schema"]["anyOf"]
    assert uris["required"] == ["statusCode", "uris"]
    assert items["properties"]["calls"]["items"] == {"$ref": "#/components/schemas/CallResourcePart"}
    assert parameters == ("fields", "limit", "offset")


def test_single_things_are_whole() -> None:
    _, content, parameters = READINGS["/me/calls/{id}"]
    schema = content["application/json"]["schema"]
    assert schema["properties"] == {"statusCode": {"const": 0}, "call": {"$ref": "#/components/schemas/CallResource"}}
    assert parameters == ()


def test_nobody_is_in_a_group() -> None:
    _, content, _ = READINGS["/groups"]
    assert content["application/json"]["schema"]["anyOf"][1]["properties"]["groups"]["items"] == {"type": "object"}
