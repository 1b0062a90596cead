"""The shapes are those that the front end writes."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.uapi.front import Front

from cordboard.uapi.openapi_schemas import ACTIONS, ANSWERS, BODIES

CALLS, EXTENSION = "/uapi/phoneCalls/@me/0003*210", "/uapi/extensions/@me/0003*210"


def fits(name: str, value: Any, *, among: dict[str, Any] = ANSWERS) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": among}}
    return bool(Draft202012Validator(schema).is_valid(value))


def test_phone_calls() -> None:
    front = Front()
    call = front.talk("0003*210", "0003*024")
    assert fits("PhoneCalls", front.get(CALLS))
    assert fits("PhoneCalls", front.get(CALLS, "fields=id"))
    _, held = front.send("PUT", f"{CALLS}/{call}", {"action": "OnHold", "phoneCallViewId": "01"})
    assert fits("PhoneCall", held)
    _, parked = front.send("PUT", f"{CALLS}/{call}", {"action": "Park", "phoneCallViewId": "00"})
    assert all(fits("PhoneCall", one) for one in parked)
    _, ended = front.send("DELETE", f"{CALLS}/{call}")
    assert all(fits("PhoneCallShort", one) for one in ended)
    records = front.get("/uapi/cdr")
    assert records["totalResults"] == 1
    assert fits("Records", records)
    assert fits("Records", front.get("/uapi/cdr", "fields=extension"))


def test_what_belongs_to_an_extension() -> None:
    front = Front()
    _, (event,) = front.send("POST", f"{EXTENSION}/phoneCallEvents", {"type": 1, "url": "http://here/"})
    assert fits("Event", event)
    assert fits("Events", front.get(f"{EXTENSION}/phoneCallEvents"))
    assert fits("Presence", front.get(f"{EXTENSION}/presence"))


def test_refusals() -> None:
    _, refused = Front().send("GET", "/uapi/phoneCalls/@me/9999")
    assert fits("Error", refused)
    assert not fits("Error", {"error": "invalid_client"})


@pytest.mark.parametrize("action", ACTIONS)
def test_bodies_of_actions(action: str) -> None:
    needed, _ = ACTIONS[action]
    assert fits(action, {"action": action, **dict.fromkeys(needed, "210"), "anything": 1}, among=BODIES)
    assert not fits(action, {"action": "Dance", **dict.fromkeys(needed, "210")}, among=BODIES)


def test_other_bodies() -> None:
    assert fits(
        "Create", {"extension": "210", "phoneCallView": {"source": "210", "destination": ["024"]}}, among=BODIES
    )
    assert not fits("EventAdded", {"type": 5, "url": "http://here/"}, among=BODIES)
