"""15000 has called 15001 and brings in 15002, in each way there is: as the samples print it, as the others see it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.acceptance import samples
from tests.acceptance.desktops import Event
from tests.acceptance.stage import Stage
from tests.acceptance.telling import (
    CONFERENCE,
    CONFERENCE_CONSULT_DIALING,
    CONFERENCE_OWNER,
    CONSULT_DIALING,
    CONSULT_TALKING,
    DIALING,
    HELD,
    HELD_CONSULT_DIALING,
    NOTHING,
    RINGING,
    TALKING,
    Told,
)

pytestmark = pytest.mark.acceptance

ME, CUSTOMER, COLLEAGUE = "15000", "15001", "15002"
TO_COLLEAGUE = {"phoneNumber": COLLEAGUE}


def talk(stage: Stage) -> None:
    """15000 and 15001 talk on call A, which 15000 has dialled."""
    stage.enter(ME, CUSTOMER, COLLEAGUE)
    stage.dial(ME, CUSTOMER)
    stage.told(ME, Told("A", "Dialing", (CUSTOMER,), DIALING, dnis=CUSTOMER))
    stage.told(CUSTOMER, Told("A", "Ringing", (ME,), RINGING, dnis=CUSTOMER))
    stage.ask(CUSTOMER, "A", "Answer")
    stage.told(CUSTOMER, Told("A", "Established", (ME,), TALKING, dnis=CUSTOMER))
    stage.told(ME, Told("A", "Established", (CUSTOMER,), TALKING, dnis=CUSTOMER))
    stage.hears({ME: [CUSTOMER], CUSTOMER: [ME]})


def consult(stage: Stage, operation: str, may: frozenset[str]) -> list[Event]:
    """15000 has asked 15002, whose phone rings on call B; returns what 15000 heard."""
    talk(stage)
    stage.ask(ME, "A", operation, destination=TO_COLLEAGUE)
    heard = stage.told(
        ME,
        Told("A", "Held", (CUSTOMER,), HELD, dnis=CUSTOMER),
        Told("B", "Dialing", (COLLEAGUE,), may, dnis=COLLEAGUE, type="Consult", parent="A"),
    )
    stage.told(COLLEAGUE, Told("B", "Ringing", (ME,), RINGING, dnis=COLLEAGUE, type="Consult"))
    return heard


def answer_consult(stage: Stage) -> None:
    stage.ask(COLLEAGUE, "B", "Answer")
    stage.told(COLLEAGUE, Told("B", "Established", (ME,), TALKING, dnis=COLLEAGUE, type="Consult"))
    stage.told(ME, Told("B", "Established", (COLLEAGUE,), CONSULT_TALKING, dnis=COLLEAGUE, type="Consult", parent="A"))
    stage.hears({ME: [COLLEAGUE], COLLEAGUE: [ME], CUSTOMER: ["music"]})


@pytest.mark.parametrize(
    ("vector", "user_data"),
    [
        ("single_step_transfer_1", {}),
        ("single_step_transfer_2", {"TransferReason": "Escalation", "TransferAgent": "WillardC"}),
    ],
)
def test_single_step_transfer(stage: Stage, vector: str, user_data: dict[str, Any]) -> None:
    talk(stage)
    parameters = {"userData": user_data} if user_data else {}
    stage.ask(ME, "A", "SingleStepTransfer", destination=TO_COLLEAGUE, **parameters)
    heard = stage.told(ME, Told("A", "Released", (CUSTOMER,), NOTHING, dnis=CUSTOMER, user_data=user_data))
    samples.agree(vector, heard)
    stage.told(
        CUSTOMER,
        Told(
            "A",
            "Established",
            (COLLEAGUE,),
            TALKING,
            dnis=CUSTOMER,
            change="ParticipantsUpdated",
            user_data=user_data,
        ),
    )
    stage.told(COLLEAGUE, Told("A", "Ringing", (CUSTOMER,), RINGING, dnis=CUSTOMER, user_data=user_data))
    stage.hears({ME: [], CUSTOMER: ["ringback"], COLLEAGUE: []})

    stage.ask(COLLEAGUE, "A", "Answer")
    stage.told(COLLEAGUE, Told("A", "Established", (CUSTOMER,), TALKING, dnis=CUSTOMER, user_data=user_data))
    stage.told(CUSTOMER, Told("A", "Established", (COLLEAGUE,), TALKING, dnis=CUSTOMER, user_data=user_data))
    stage.hears({ME: [], CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    stage.nobody_is_told_more()


def test_two_step_transfer_by_the_one_who_dialled(stage: Stage) -> None:
    heard = consult(stage, "InitiateTransfer", CONSULT_DIALING)
    held_as_read = {"call": stage.read(ME, "A")}
    held, dialing = samples.notifications("initiate_transfer_1")
    # The sample's Held event prints the capabilities that the call has from the next event on.
    held_as_printed = {"call": held["data"]["call"]}
    samples.are_alike([held_as_printed, dialing], [held_as_read, heard[1]])
    stage.shows(ME, Told("A", "Held", (CUSTOMER,), HELD_CONSULT_DIALING, dnis=CUSTOMER))

    answer_consult(stage)
    stage.ask(ME, "A", "CompleteTransfer")
    heard = stage.told(
        ME,
        Told("A", "Released", (CUSTOMER,), NOTHING, dnis=CUSTOMER),
        Told("B", "Released", (COLLEAGUE,), NOTHING, dnis=COLLEAGUE, type="Consult", parent="A"),
    )
    samples.agree("complete_transfer_1", heard)
    stage.told(
        COLLEAGUE,
        Told("B", "Released", (ME,), NOTHING, dnis=COLLEAGUE, type="Consult"),
        Told("A", "Established", (CUSTOMER,), TALKING, dnis=CUSTOMER),
    )
    stage.told(CUSTOMER, Told("A", "Established", (COLLEAGUE,), TALKING, dnis=CUSTOMER, change="ParticipantsUpdated"))
    stage.hears({ME: [], CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    stage.nobody_is_told_more()


def test_conference(stage: Stage) -> None:
    consult(stage, "InitiateConference", CONFERENCE_CONSULT_DIALING)
    answer_consult(stage)
    stage.ask(ME, "B", "CompleteConference")
    heard = stage.told(
        ME,
        Told("B", "Released", (COLLEAGUE,), NOTHING, dnis=COLLEAGUE, type="Consult", parent="A"),
        joined((COLLEAGUE, CUSTOMER), CONFERENCE_OWNER),
    )
    samples.agree("complete_conference_1", heard)
    stage.told(
        COLLEAGUE,
        Told("B", "Released", (ME,), NOTHING, dnis=COLLEAGUE, type="Consult"),
        Told("A", "Established", (CUSTOMER, ME), CONFERENCE, dnis=CUSTOMER),
    )
    stage.told(CUSTOMER, joined((COLLEAGUE, ME), CONFERENCE))
    stage.hears({ME: [CUSTOMER, COLLEAGUE], CUSTOMER: [ME, COLLEAGUE], COLLEAGUE: [ME, CUSTOMER]})

    stage.ask(ME, "A", "RemoveParticipantFromConference", participant=CUSTOMER)
    stage.told(ME, joined((COLLEAGUE,), TALKING))
    stage.told(COLLEAGUE, joined((ME,), TALKING))
    stage.told(CUSTOMER, Told("A", "Released", (COLLEAGUE, ME), NOTHING, dnis=CUSTOMER))
    stage.hears({ME: [COLLEAGUE], CUSTOMER: [], COLLEAGUE: [ME]})
    stage.nobody_is_told_more()


def test_a_conference_is_muted_and_goes_on_without_its_owner(stage: Stage) -> None:
    consult(stage, "InitiateConference", CONFERENCE_CONSULT_DIALING)
    answer_consult(stage)
    stage.ask(ME, "A", "CompleteConference")
    for number, count in ((ME, 2), (COLLEAGUE, 2), (CUSTOMER, 1)):
        for _ in range(count):
            stage.agents[number].desktop.message()

    stage.ask(ME, "A", "MuteCall")
    others = (COLLEAGUE, CUSTOMER)
    muted = CONFERENCE_OWNER - {"MuteCall"} | {"UnmuteCall"}
    stage.told(ME, Told("A", "Established", others, muted, dnis=CUSTOMER, mute="On"))
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    stage.ask(ME, "A", "UnmuteCall")
    stage.told(ME, Told("A", "Established", others, CONFERENCE_OWNER, dnis=CUSTOMER))

    stage.ask(ME, "A", "Hangup")
    stage.told(ME, Told("A", "Released", others, NOTHING, dnis=CUSTOMER))
    stage.told(COLLEAGUE, joined((CUSTOMER,), TALKING))
    stage.told(CUSTOMER, joined((COLLEAGUE,), TALKING))
    stage.hears({ME: [], CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER]})
    stage.nobody_is_told_more()


def joined(others: tuple[str, ...], may: frozenset[str]) -> Told:
    return Told("A", "Established", others, may, dnis=CUSTOMER, change="ParticipantsUpdated")
