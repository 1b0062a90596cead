"""Stories that something happens in between of: ``between`` is called after each step, and nobody may notice."""

from __future__ import annotations

from collections.abc import Callable

from tests.acceptance.stage import Stage
from tests.acceptance.telling import (
    CONFERENCE,
    CONFERENCE_CONSULT_DIALING,
    CONFERENCE_OWNER,
    CONSULT_DIALING,
    CONSULT_TALKING,
    DIALING,
    HELD,
    HELD_CONSULT_TALKING,
    NOTHING,
    RINGING,
    TALKING,
    Told,
)

CUSTOMER, AGENT, COLLEAGUE = "5000", "5005", "5001"
Between = Callable[[], None]


def talk(stage: Stage, between: Between) -> None:
    """The customer calls the agent, and they talk. Call A."""
    stage.enter(CUSTOMER, AGENT, COLLEAGUE, channels=("/v2/me/calls",))
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.told(AGENT, Told("A", "Ringing", (CUSTOMER,), RINGING, dnis=AGENT))
    stage.told(CUSTOMER, Told("A", "Dialing", (AGENT,), DIALING, dnis=AGENT))
    between()
    stage.hears({CUSTOMER: ["ringback"], AGENT: [], COLLEAGUE: []})
    stage.ask(AGENT, "A", "Answer")
    for number, other in ((AGENT, CUSTOMER), (CUSTOMER, AGENT)):
        stage.told(number, Told("A", "Established", (other,), TALKING, dnis=AGENT))
    between()
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER], COLLEAGUE: []})


def consult(stage: Stage, between: Between, operation: str = "InitiateTransfer") -> None:
    """The agent asks the colleague, who rings. Call B."""
    may = CONSULT_DIALING if operation == "InitiateTransfer" else CONFERENCE_CONSULT_DIALING
    stage.ask(AGENT, "A", operation, destination={"phoneNumber": COLLEAGUE})
    stage.told(
        AGENT,
        Told("A", "Held", (CUSTOMER,), HELD, dnis=AGENT),
        Told("B", "Dialing", (COLLEAGUE,), may, dnis=COLLEAGUE, type="Consult", parent="A"),
    )
    stage.told(COLLEAGUE, Told("B", "Ringing", (AGENT,), RINGING, dnis=COLLEAGUE, type="Consult"))
    between()
    stage.hears({CUSTOMER: ["music"], AGENT: ["ringback"], COLLEAGUE: []})


def colleague_talks(stage: Stage, between: Between) -> None:
    """Told of the answer, wherever it was given."""
    stage.told(COLLEAGUE, Told("B", "Established", (AGENT,), TALKING, dnis=COLLEAGUE, type="Consult"))
    told = Told("B", "Established", (COLLEAGUE,), CONSULT_TALKING, dnis=COLLEAGUE, type="Consult", parent="A")
    stage.told(AGENT, told)
    between()
    stage.hears({CUSTOMER: ["music"], AGENT: [COLLEAGUE], COLLEAGUE: [AGENT]})
    stage.shows(AGENT, Told("A", "Held", (CUSTOMER,), HELD_CONSULT_TALKING, dnis=AGENT))


def handed_over(stage: Stage, between: Between) -> None:
    """The agent is out of it; customer and colleague talk, and then hang up."""
    stage.told(
        AGENT,
        Told("A", "Released", (CUSTOMER,), NOTHING, dnis=AGENT),
        Told("B", "Released", (COLLEAGUE,), NOTHING, dnis=COLLEAGUE, type="Consult", parent="A"),
    )
    stage.told(
        COLLEAGUE,
        Told("B", "Released", (AGENT,), NOTHING, dnis=COLLEAGUE, type="Consult"),
        Told("A", "Established", (CUSTOMER,), TALKING, dnis=AGENT),
    )
    stage.told(CUSTOMER, Told("A", "Established", (COLLEAGUE,), TALKING, dnis=AGENT, change="ParticipantsUpdated"))
    between()
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER], AGENT: []})
    stage.lab.do(CUSTOMER, "hangup")
    for number, other in ((CUSTOMER, COLLEAGUE), (COLLEAGUE, CUSTOMER)):
        stage.told(number, Told("A", "Released", (other,), NOTHING, dnis=AGENT))
    stage.hears({CUSTOMER: [], AGENT: [], COLLEAGUE: []})


def transfer(stage: Stage, between: Between) -> None:
    talk(stage, between)
    consult(stage, between)
    stage.ask(COLLEAGUE, "B", "Answer")
    colleague_talks(stage, between)
    stage.ask(AGENT, "A", "CompleteTransfer")
    handed_over(stage, between)


def nothing() -> None:
    """Nothing happens in between."""


def answered_meanwhile(stage: Stage, away: Between, back: Between) -> None:
    """The colleague answers while there is no server (call-semantics #80)."""
    talk(stage, nothing)
    consult(stage, nothing)
    away()
    stage.lab.do(COLLEAGUE, "answer")
    back()
    colleague_talks(stage, nothing)
    stage.ask(AGENT, "B", "CompleteTransfer")
    handed_over(stage, nothing)


def completed_by_another(stage: Stage, replace: Between, before: Between = nothing) -> None:
    """A server accepts the completion, and another one finishes it (call-semantics #83)."""
    talk(stage, nothing)
    consult(stage, nothing)
    stage.ask(COLLEAGUE, "B", "Answer")
    colleague_talks(stage, nothing)
    before()
    stage.ask(AGENT, "A", "CompleteTransfer")
    replace()
    handed_over(stage, nothing)


def conference(stage: Stage, between: Between) -> None:
    talk(stage, between)
    consult(stage, between, "InitiateConference")
    stage.ask(COLLEAGUE, "B", "Answer")
    colleague_talks(stage, between)
    stage.ask(AGENT, "A", "CompleteConference")
    stage.told(
        AGENT,
        Told("B", "Released", (COLLEAGUE,), NOTHING, dnis=COLLEAGUE, type="Consult", parent="A"),
        _joined((COLLEAGUE, CUSTOMER), CONFERENCE_OWNER),
    )
    stage.told(
        COLLEAGUE,
        Told("B", "Released", (AGENT,), NOTHING, dnis=COLLEAGUE, type="Consult"),
        Told("A", "Established", (AGENT, CUSTOMER), CONFERENCE, dnis=AGENT),
    )
    stage.told(CUSTOMER, _joined((COLLEAGUE, AGENT), CONFERENCE))
    between()
    heard = {CUSTOMER: [AGENT, COLLEAGUE], AGENT: [CUSTOMER, COLLEAGUE], COLLEAGUE: [AGENT, CUSTOMER]}
    stage.wait_for(
        lambda: all(sorted(stage.lab.phone(who)["hears"]) == sorted(heard[who]) for who in heard), "all hear each other"
    )
    stage.ask(AGENT, "A", "Hangup")
    stage.told(AGENT, Told("A", "Released", (COLLEAGUE, CUSTOMER), NOTHING, dnis=AGENT))
    stage.told(COLLEAGUE, _joined((CUSTOMER,), TALKING))
    stage.told(CUSTOMER, _joined((COLLEAGUE,), TALKING))
    between()
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER], AGENT: []})
    stage.lab.do(CUSTOMER, "hangup")
    for number, other in ((CUSTOMER, COLLEAGUE), (COLLEAGUE, CUSTOMER)):
        stage.told(number, Told("A", "Released", (other,), NOTHING, dnis=AGENT))
    stage.hears({CUSTOMER: [], AGENT: [], COLLEAGUE: []})


def _joined(others: tuple[str, ...], may: frozenset[str]) -> Told:
    return Told("A", "Established", others, may, dnis=AGENT, change="ParticipantsUpdated")
