"""What the UnifiedAPI answers and takes, as JSON schemas (voipnow-uapi §2.1, §2.2, §3): the shapes that ``views`` and
``extensions`` write, and the bodies that ``actions``, ``creating`` and ``subscriptions`` read.

Deliberately absent: paths (``openapi``).
"""

from __future__ import annotations

from typing import Any, TypeAlias

from cordboard.uapi.subscriptions import NOTE_MAX, URL_MAX

Json: TypeAlias = "dict[str, Any]"

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer"}
_DATE: Json = {"type": "string", "format": "date-time"}
_TEXTS: Json = {"type": "array", "items": TEXT}
_SELF: Json = {"type": "object", "properties": {"self": TEXT}, "required": ["self"]}
_FLOW: Json = {"enum": [2, 4, 8]}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Json, optional: Json | None = None) -> Json:
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _part(schema: Json) -> Json:
    """What ``fields`` leaves: nothing is sure to be there."""
    return {key: value for key, value in schema.items() if key != "required"}


# -- answers -----------------------------------------------------------------------------------------------------------

_VIEW = _object(
    {"id": TEXT, "extension": TEXT, "status": {"enum": list("012345")}, "source": _TEXTS, "destination": _TEXTS}
    | {"flow": _FLOW},
    {"ringing": _DATE, "answered": _DATE, "callerId": TEXT, "recording": _DATE, "onHold": _DATE, "holder": WHOLE}
    | {"parked": _DATE, "parkedPos": {"type": ["integer", "string"]}, "parkedBy": TEXT},
)
_OWNED = {"ownerId": TEXT, "ownerName": TEXT}
_CALL = _object(
    {"id": TEXT, "extension": TEXT, "published": _DATE, "phoneCallView": _list(ref("PhoneCallView"))}
    | {"links": _SELF, "link": _SELF},
    {**_OWNED, "answered": _DATE, "nonce": TEXT},
)
_EVENT = _object(
    {"type": {"enum": list("01234")}, "id": TEXT, "url": TEXT, "method": {"enum": ["0", "1"]}}
    | {"status": {"enum": ["0", "1"]}, "note": TEXT, "modified": _DATE, "links": _SELF}
)
_AGENT = _object({"agentNumber": TEXT, "status": {"enum": list("012")}, "links": _SELF})
_PRESENT = {"enum": list("0123")}
_TELEPHONE = _object({"agent": TEXT, "registration": {"enum": ["0", "1", "2", "-1"]}, "status": _PRESENT})
_PRESENCE = _object({"extension": TEXT, "status": _PRESENT, "registration": _list(_TELEPHONE)})
_RECORD_VIEW = _object(
    {"id": TEXT, "extension": TEXT, "source": _TEXTS, "destination": _TEXTS, "flow": _FLOW}
    | {"disposition": {"enum": [0, 1, 2, 3, 4, 5]}, "duration": WHOLE},
    {"answered": _DATE},
)
_RECORD = _object(
    {"id": TEXT, "extension": TEXT, "published": _DATE, "phoneCallView": _list(_RECORD_VIEW)},
    {**_OWNED, "answered": _DATE},
)
_STATISTICS = _object(
    dict.fromkeys(("type", "total", "answered", "busy", "failed", "unanswered", "unknown", "unallowed"), WHOLE)
)


def _collection(entry: Json, further: Json | None = None) -> Json:
    """The envelope (§1.4)."""
    return _object(
        {"entry": entry, "startIndex": WHOLE, "itemsPerPage": WHOLE, "totalResults": WHOLE, **(further or {})},
        {"paging": _object({}, {"next": TEXT, "prev": TEXT})},
    )


ANSWERS: Json = {
    "PhoneCallView": _VIEW,
    "PhoneCall": _CALL,
    "PhoneCallShort": _object({"id": TEXT, "extension": TEXT, "links": _SELF, "link": _SELF}, {"nonce": TEXT}),
    "PhoneCalls": _collection(_list(_part(_CALL))),
    "Event": _EVENT,
    "Events": _collection(_list(_part(_EVENT))),
    "Agent": _AGENT,
    "Agents": _collection(_list(_part(_AGENT))),
    "Presence": _collection(_list(_part(_PRESENCE))),
    # Here, and here alone, entries are named by their ids.
    "Records": _collection(
        {"type": "object", "additionalProperties": _part(_RECORD)}, {"PhoneCallStat": _list(_STATISTICS)}
    ),
    "Error": _object({"error": _object({"code": TEXT, "message": TEXT})}),
}

# -- bodies ------------------------------------------------------------------------------------------------------------

_FLAG: Json = {"enum": ["0", "1", 0, 1]}
_NUMBER: Json = {"type": ["string", "integer"]}


def _seconds(least: int, most: int) -> Json:
    return {
        "anyOf": [{"type": "integer", "minimum": least, "maximum": most}, {"type": "string", "pattern": "^[0-9]+$"}]
    }


_SEND = {"sendCallTo": _NUMBER}
_VIEWED = {"phoneCallViewId": _NUMBER}
_RUNG = {"waitForPickup": _seconds(1, 3_600), "waitForPickUp": _seconds(1, 3_600), "callerId": TEXT, "callerID": TEXT}

ACTIONS: dict[str, tuple[Json, Json]] = {
    "OnHold": ({}, _VIEWED),
    "OffHold": ({}, _VIEWED),
    "StartRecording": ({}, {**_VIEWED, "format": {"enum": ["wav", "wav49"]}}),
    "StopRecording": ({}, _VIEWED),
    "Transfer": (_SEND, {"transferFromNumber": _NUMBER, "transferNumber": _NUMBER, **_VIEWED}),
    "TransferToVoicemail": ({**_SEND, "transferNumber": _NUMBER}, {"transferFromNumber": _NUMBER}),
    "Park": ({}, {**_VIEWED, "maxInParking": _seconds(10, 3_600)}),
    "UnPark": (_SEND, {**_VIEWED, **_RUNG}),
    "PickUp": (_SEND, {**_VIEWED, **_RUNG}),
    "BargeIn": (_SEND, {**_VIEWED, **_RUNG}),
    "Monitor": (_SEND, {**_VIEWED, **_RUNG}),
    "Whisper": (_SEND, {**_VIEWED, **_RUNG, "private": _FLAG}),
}
"""The parameters of each action: those that it needs, and those that may be left out."""


def _body(required: Json, optional: Json) -> Json:
    """What a request may have: members that are not known are ignored."""
    return {key: value for key, value in _object(required, optional).items() if key != "additionalProperties"}


_PARTIES: Json = {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 1}]}
_PARTY: Json = {"anyOf": [_NUMBER, {"type": "array", "items": _NUMBER, "minItems": 1, "maxItems": 1}]}
_BEGUN = _body({"source": _PARTIES, "destination": _PARTY}, {"callerId": TEXT, "callerID": TEXT})
_URL: Json = {"type": "string", "format": "uri", "pattern": "^https?://", "maxLength": URL_MAX}
_EVENT_MEMBERS = {"method": _FLAG, "status": _FLAG, "note": {"type": "string", "maxLength": NOTE_MAX}}
_KIND: Json = {"enum": [*"01234", 0, 1, 2, 3, 4]}

BODIES: Json = {
    "Create": _body(
        {"extension": _NUMBER, "phoneCallView": {"anyOf": [_BEGUN, {"type": "array", "items": _BEGUN, "maxItems": 1}]}},
        {"callerDestination": TEXT, "callerId": TEXT, "nonce": TEXT},
    ),
    "EventAdded": _body({"type": _KIND, "url": _URL}, _EVENT_MEMBERS),
    "AgentChanged": _body({"status": {"enum": ["0", "1", "2", 0, 1, 2]}}, {}),
    "EventChanged": _body({}, {"url": _URL, **_EVENT_MEMBERS}),
    **{name: _body({"action": {"const": name}, **needed}, optional) for name, (needed, optional) in ACTIONS.items()},
}
