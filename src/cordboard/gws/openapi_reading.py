"""What can be read, for the OpenAPI document: each GET path with what it is, its answer and its parameters.

Deliberately absent: what is asked by POST, and everything that answers have in common (``openapi``).
"""

from __future__ import annotations

from typing import Any, TypeAlias

Json: TypeAlias = "dict[str, Any]"
Reading: TypeAlias = "tuple[str, Json, tuple[str, ...]]"
"""A summary, the content of the answer, the names of parameters in the query."""

_PAGES = ("fields", "limit", "offset")
_SUBRESOURCES = ("subresources",)
_CONTACTS = (
    *("type", "filterName", "filterParameters", "name", "phoneNumber", "roles"),
    *("sortBy", "order"),
    *_PAGES,
)


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: Json) -> Json:
    """An object all of whose members are required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _content(properties: Json) -> Json:
    return {"application/json": {"schema": _whole(properties)}}


def _whole(properties: Json) -> Json:
    return {**object_of({"statusCode": {"const": 0}, **properties}), "additionalProperties": False}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _many(plural: str, schema: str = "") -> Json:
    """Uris, or what ``fields`` leaves of the items."""
    items = ref(f"{schema}Part") if schema else {"type": "object"}
    choice = [_whole({"uris": _list({"type": "string"})}), _whole({plural: _list(items)})]
    return {"application/json": {"schema": {"anyOf": choice}}}


def _one(singular: str, schema: str) -> Json:
    return _content({singular: ref(schema)})


def _settings(items: Json) -> Json:
    return _content({"settings": _list(items), "key": {"const": "name"}})


_WAV: Json = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}
_PAIR = object_of({"name": {"type": "string"}, "value": {"type": "string"}})
_SECTION = object_of({"name": {"type": "string"}, "value": {"type": "object"}})
_CONTACT_LIST = {"contacts": _list(ref("ContactResourcePart")), "totalCount": {"type": "integer"}}
_DEVICE: Reading = ("One device, the same as in notifications", _one("device", "DeviceResource"), ())
_SWITCH: Reading = ("What the switch knows of a device", _settings(_PAIR), ())

READINGS: dict[str, Reading] = {
    "/me": ("Who one is", _one("user", "UserResource"), _SUBRESOURCES),
    "/me/devices": ("One's devices", _many("devices", "DeviceResource"), _PAGES),
    "/me/devices/{id}": _DEVICE,
    "/me/devices/{id}/settings/tserver": _SWITCH,
    "/me/calls": ("One's calls, oldest first", _many("calls", "CallResource"), _PAGES),
    "/me/calls/{id}": ("One call, the same as in notifications", _one("call", "CallResource"), ()),
    "/me/channels": ("The media one works in", _many("channels", "ChannelResource"), _PAGES),
    "/me/channels/voice": ("The voice channel and the agent's state", _one("channel", "ChannelResource"), ()),
    "/me/settings": ("The sections of one's settings", _settings(_SECTION), ()),
    "/me/settings/{id}": ("One section", _settings(_PAIR), ()),
    "/me/groups": ("One's groups", _many("groups"), _PAGES),
    "/me/recordings": ("The recordings that one has begun", _many("recordings", "RecordingResource"), _PAGES),
    "/me/voicemails": ("The messages that were left for one", _many("voicemails", "VoicemailResource"), _PAGES),
    "/me/voicemails/{id}": ("One message", _one("voicemail", "VoicemailResource"), ()),
    "/me/voicemails/{id}/content": ("The sound of a message", _WAV, ()),
    "/settings/agent-states": ("The agent states that may be taken", _settings(ref("AgentStateResource")), ()),
    "/services": ("The parts of the system and their state", _many("services", "ServiceResource"), _PAGES),
    "/services/{id}": ("One part of the system", _one("service", "ServiceResource"), ()),
    "/features": ("The features that one has", _many("features", "FeatureResource"), _PAGES),
    "/features/{id}": ("One feature", _one("feature", "FeatureResource"), ()),
    "/groups": ("All groups", _many("groups"), _PAGES),
    "/recordings": ("The recordings of one's tenant", _many("recordings", "RecordingResource"), _PAGES),
    "/recordings/{id}": ("One recording", _one("recording", "RecordingResource"), ()),
    "/recordings/{id}/content": ("The sound of a recording", _WAV, ()),
    "/users": ("All users of the tenant", _many("users", "UserResource"), (*_SUBRESOURCES, *_PAGES)),
    "/users/{id}": ("One user", _one("user", "UserResource"), _SUBRESOURCES),
    "/users/{id}/devices": ("A user's devices", _many("devices", "DeviceResource"), _PAGES),
    "/contacts": ("Whom one can call", _content(_CONTACT_LIST), _CONTACTS),
    "/contacts/{id}": ("One contact", _one("contact", "ContactResource"), ("type",)),
    "/devices": ("All devices of the tenant", _many("devices", "DeviceResource"), _PAGES),
    "/devices/{id}": _DEVICE,
    "/devices/{id}/settings/tserver": _SWITCH,
    "/diagnostics/version": ("The release that the server speaks like", _content({"version": {"type": "string"}}), ()),
}
