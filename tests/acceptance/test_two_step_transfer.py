"""The main job: 5000 calls 5005, who consults 5001 and hands over. All three are told all of it and no more."""

from __future__ import annotations

import pytest
from tests.acceptance import samples
from tests.acceptance.desktops import Event
from tests.acceptance.stage import CALLS_AND_DEVICES, Stage
from tests.acceptance.telling import (
    CONSULT_DIALING,
    CONSULT_TALKING,
    DIALING,
    HELD,
    HELD_CONSULT_DIALING,
    HELD_CONSULT_TALKING,
    NOTHING,
    RINGING,
    TALKING,
    Told,
)

pytestmark = pytest.mark.acceptance


def reach_consult(stage: Stage) -> list[Event]:
    """Up to the consult call that rings at 5001; returns what 5005 heard (gws-v2 §6.2)."""
    stage.enter("5000", "5001")
    stage.enter("5005", channels=CALLS_AND_DEVICES)
    stage.lab.do("5000", "dial", to="5005")
    heard = stage.told("5005", Told("A", "Ringing", ("5000",), RINGING, dnis="5005"))
    stage.told("5000", Told("A", "Dialing", ("5005",), DIALING, dnis="5005"))
    stage.hears({"5000": ["ringback"], "5005": []})

    stage.ask("5005", "A", "Answer")
    heard += stage.told("5005", Told("A", "Established", ("5000",), TALKING, dnis="5005"))
    stage.told("5000", Told("A", "Established", ("5005",), TALKING, dnis="5005"))
    stage.hears({"5000": ["5005"], "5005": ["5000"]})

    stage.ask("5005", "A", "InitiateTransfer", destination={"phoneNumber": "5001"})
    heard += stage.told(
        "5005",
        Told("A", "Held", ("5000",), HELD, dnis="5005"),
        Told("B", "Dialing", ("5001",), CONSULT_DIALING, dnis="5001", type="Consult", parent="A"),
    )
    stage.told("5001", Told("B", "Ringing", ("5005",), RINGING, dnis="5001", type="Consult"))
    stage.shows("5005", Told("A", "Held", ("5000",), HELD_CONSULT_DIALING, dnis="5005"))
    stage.hears({"5000": ["music"], "5005": ["ringback"], "5001": []})
    return heard


def both_are_released(stage: Stage) -> list[Event]:
    return stage.told(
        "5005",
        Told("A", "Released", ("5000",), NOTHING, dnis="5005"),
        Told("B", "Released", ("5001",), NOTHING, dnis="5001", type="Consult", parent="A"),
    )


def customer_and_colleague_talk(stage: Stage) -> None:
    stage.hears({"5000": ["5001"], "5001": ["5000"], "5005": []})
    assert stage.agents["5005"].get("/me/calls") == {"uris": []}
    for number in ("5000", "5001"):
        uri = f"{stage.server.url}/api/v2/me/calls/{stage.ids['A']}"
        assert stage.agents[number].get("/me/calls") == {"uris": [uri]}
    stage.nobody_is_told_more()


def test_completed_while_the_colleagues_phone_rings(stage: Stage) -> None:
    heard = reach_consult(stage)
    stage.ask("5005", "B", "CompleteTransfer")
    heard += both_are_released(stage)
    samples.agree("complete_transfer_2", heard)
    stage.told(
        "5001",
        Told("B", "Released", ("5005",), NOTHING, dnis="5001", type="Consult"),
        Told("A", "Ringing", ("5000",), RINGING, dnis="5005"),
    )
    stage.told("5000", Told("A", "Established", ("5001",), TALKING, dnis="5005", change="ParticipantsUpdated"))
    stage.hears({"5000": ["ringback"], "5001": [], "5005": []})

    stage.ask("5001", "A", "Answer")
    stage.told("5001", Told("A", "Established", ("5000",), TALKING, dnis="5005"))
    stage.told("5000", Told("A", "Established", ("5001",), TALKING, dnis="5005"))
    customer_and_colleague_talk(stage)


def test_completed_after_the_colleague_answered(stage: Stage) -> None:
    heard = reach_consult(stage)
    stage.ask("5001", "B", "Answer")
    stage.told("5001", Told("B", "Established", ("5005",), TALKING, dnis="5001", type="Consult"))
    stage.told("5005", Told("B", "Established", ("5001",), CONSULT_TALKING, dnis="5001", type="Consult", parent="A"))
    stage.shows("5005", Told("A", "Held", ("5000",), HELD_CONSULT_TALKING, dnis="5005"))
    stage.hears({"5000": ["music"], "5001": ["5005"], "5005": ["5001"]})

    stage.ask("5005", "B", "CompleteTransfer")
    heard += both_are_released(stage)
    samples.agree("complete_transfer_2", heard)
    stage.told(
        "5001",
        Told("B", "Released", ("5005",), NOTHING, dnis="5001", type="Consult"),
        Told("A", "Established", ("5000",), TALKING, dnis="5005"),
    )
    stage.told("5000", Told("A", "Established", ("5001",), TALKING, dnis="5005", change="ParticipantsUpdated"))
    customer_and_colleague_talk(stage)
