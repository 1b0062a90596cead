"""What agents do with calls besides handing them over: dial, attach data, hold, alternate between two callers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.acceptance import refused
from tests.acceptance.desktops import Event
from tests.acceptance.stage import ACCEPTED, Stage
from tests.acceptance.telling import (
    CONSULT_HELD,
    CONSULT_TALKING,
    DIALING,
    HELD,
    HELD_CONSULT_TALKING,
    NOTHING,
    RINGING,
    TALKING,
    TALKING_CONSULT_HELD,
    Told,
)

pytestmark = pytest.mark.acceptance


def talk(stage: Stage, caller: str, called: str) -> None:
    """Two agents talk on call A."""
    stage.enter(caller, called)
    stage.dial(caller, called)
    stage.told(caller, Told("A", "Dialing", (called,), DIALING, dnis=called))
    stage.told(called, Told("A", "Ringing", (caller,), RINGING, dnis=called))
    stage.ask(called, "A", "Answer")
    stage.told(called, Told("A", "Established", (caller,), TALKING, dnis=called))
    stage.told(caller, Told("A", "Established", (called,), TALKING, dnis=called))


def test_dial_with_data_and_hang_up(stage: Stage) -> None:
    data = {"Customer": "4711", "Visits": 3, "Address": {"City": "Gent"}}
    stage.enter("5006", "5007")
    stage.dial("5006", "5007", userData=data, location="anywhere")
    stage.told("5006", Told("A", "Dialing", ("5007",), DIALING, dnis="5007", user_data=data))
    stage.told("5007", Told("A", "Ringing", ("5006",), RINGING, dnis="5007", user_data=data))
    stage.hears({"5006": ["ringback"], "5007": []})
    stage.ask("5006", "A", "Hangup")
    stage.told("5006", Told("A", "Released", ("5007",), NOTHING, dnis="5007", user_data=data))
    stage.told("5007", Told("A", "Released", ("5006",), NOTHING, dnis="5007", user_data=data))
    stage.hears({"5006": [], "5007": []})
    answer = stage.agents["5006"].client.get(f"/api/v2/me/calls/{stage.ids['A']}")
    assert (answer.status_code, answer.json()["statusCode"]) == (404, 6)
    stage.nobody_is_told_more()


def test_dial_a_busy_number(stage: Stage) -> None:
    stage.enter("5006", "5007")
    stage.lab.behave("5007", "busy")
    stage.dial("5006", "5007")
    assert states(stage, "5006", 2) == ["Dialing", "Released"]
    stage.hears({"5006": [], "5007": []})
    stage.nobody_is_told_more()


def test_a_call_from_outside_and_one_to_there(stage: Stage) -> None:
    stage.enter("5006")
    stage.lab.do("3235742879", "dial", to="5006")
    inbound = {"dnis": "5006", "type": "Inbound", "ani": "3235742879"}
    stage.told("5006", Told("A", "Ringing", ("3235742879",), RINGING, **inbound))  # type: ignore[arg-type]
    stage.ask("5006", "A", "Answer")
    stage.told("5006", Told("A", "Established", ("3235742879",), TALKING, **inbound))  # type: ignore[arg-type]
    stage.lab.do("3235742879", "hangup")
    stage.told("5006", Told("A", "Released", ("3235742879",), NOTHING, **inbound))  # type: ignore[arg-type]

    stage.dial("5006", "3334444")
    stage.told("5006", Told("B", "Dialing", ("3334444",), DIALING, dnis="3334444", type="Outbound"))
    stage.lab.do("3334444", "answer")
    stage.told("5006", Told("B", "Established", ("3334444",), TALKING, dnis="3334444", type="Outbound"))
    stage.hears({"5006": ["3334444"], "3334444": ["5006"]})
    stage.nobody_is_told_more()


def test_user_data_are_told_to_both(stage: Stage) -> None:
    talk(stage, "5006", "5007")
    changes: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("5006", "AttachUserData", {"userData": {"a": "1", "b": {"c": "2"}}}, {"a": "1", "b": {"c": "2"}}),
        ("5007", "UpdateUserData", {"userData": {"b": 3, "d": "ü"}}, {"a": "1", "b": 3, "d": "ü"}),
        ("5006", "DeleteUserDataPair", {"key": "a"}, {"b": 3, "d": "ü"}),
        ("5007", "DeleteUserData", {}, {}),
    ]
    for asker, operation, parameters, data in changes:
        stage.ask(asker, "A", operation, **parameters)
        for number, other in (("5006", "5007"), ("5007", "5006")):
            told = Told(
                "A", "Established", (other,), TALKING, dnis="5007", change="AttachedDataChanged", user_data=data
            )
            stage.told(number, told)
            stage.shows(number, told)
    stage.nobody_is_told_more()


def test_hold_retrieve_and_digits(stage: Stage) -> None:
    talk(stage, "5006", "5007")
    stage.ask("5007", "A", "Hold")
    stage.told("5007", Told("A", "Held", ("5006",), HELD, dnis="5007"))
    stage.hears({"5006": ["music"]})
    stage.ask("5007", "A", "Retrieve")
    stage.told("5007", Told("A", "Established", ("5006",), TALKING, dnis="5007"))
    stage.hears({"5006": ["5007"], "5007": ["5006"]})
    stage.ask("5006", "A", "SendDtmf", digits="12*#")
    stage.wait_for(lambda: stage.lab.phone("5007")["lines"][0].get("digits") == "12*#", "digits arrive")
    stage.nobody_is_told_more()


def test_swap_and_give_the_consult_up(stage: Stage) -> None:
    talk(stage, "5006", "5007")
    stage.ask("5007", "A", "InitiateTransfer", destination={"phoneNumber": "5008"})
    assert states(stage, "5007", 2) == ["Held", "Dialing"]
    consult = stage.agents["5007"].get("/me/calls?fields=*")["calls"]
    stage.ids.bind("B", next(call for call in consult if call["id"] != stage.ids["A"]))
    stage.lab.do("5008", "answer")
    talking = consult_call("Established", CONSULT_TALKING)
    stage.told("5007", talking)

    stage.ask("5007", "B", "SwapCalls", otherCallUri=f"{stage.server.url}/api/v2/me/calls/{stage.ids['A']}")
    stage.told(
        "5007",
        Told("A", "Established", ("5006",), TALKING_CONSULT_HELD, dnis="5007"),
        consult_call("Held", CONSULT_HELD),
    )
    stage.hears({"5006": ["5007"], "5007": ["5006"], "5008": ["music"]})
    stage.ask("5007", "A", "SwapCalls", otherCallUri=f"/calls/{stage.ids['B']}")
    stage.told("5007", talking, Told("A", "Held", ("5006",), HELD_CONSULT_TALKING, dnis="5007"))
    stage.hears({"5006": ["music"], "5007": ["5008"], "5008": ["5007"]})

    stage.ask("5007", "B", "Hangup")
    stage.told("5007", consult_call("Released", NOTHING), Told("A", "Held", ("5006",), HELD, dnis="5007"))
    stage.hears({"5006": ["music"], "5007": ["silence"], "5008": []})
    stage.ask("5007", "A", "Retrieve")
    stage.told("5007", Told("A", "Established", ("5006",), TALKING, dnis="5007"))
    stage.hears({"5006": ["5007"], "5007": ["5006"]})
    stage.nobody_is_told_more()


def consult_call(state: str, may: frozenset[str]) -> Told:
    return Told("B", state, ("5008",), may, dnis="5008", type="Consult", parent="A")


def states(stage: Stage, number: str, count: int) -> list[str]:
    messages: list[Event] = [stage.agents[number].desktop.message() for _ in range(count)]
    return [message["data"]["call"]["state"] for message in messages]


def test_extended_numbers(stage: Stage) -> None:
    """A number with an asterisk is one like any other, in addresses and in credentials."""
    stage.enter("0003*210", "0003*024")
    stage.dial("0003*210", "0003*024")
    stage.told("0003*210", Told("A", "Dialing", ("0003*024",), DIALING, dnis="0003*024"))
    stage.told("0003*024", Told("A", "Ringing", ("0003*210",), RINGING, dnis="0003*024"))
    assert stage.lab.phone("0003%2A024")["state"] == "ringing"
    assert stage.agents["0003*210"].get("/me")["user"]["id"] == "12"
    assert stage.agents["0003*024"].post(f"/me/calls/{stage.ids['A']}", operationName="Answer").json() == ACCEPTED
    assert states(stage, "0003*024", 1) == ["Established"]
    assert states(stage, "0003*210", 1) == ["Established"]
    stage.nobody_is_told_more()


def test_what_is_refused_is_told_to_nobody(stage: Stage) -> None:
    talk(stage, "5006", "5007")
    for body, status, code in refused.ON_A_CALL:
        answer = stage.agents["5007"].client.post(f"/api/v2/me/calls/{stage.ids['A']}", content=body)
        refused.is_error(answer, status, code)
    stage.nobody_is_told_more()
    stage.hears({"5006": ["5007"], "5007": ["5006"]})
    stage.ask("5007", "A", "Hold")
    stage.told("5007", Told("A", "Held", ("5006",), HELD, dnis="5007"))
