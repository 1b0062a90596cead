"""Rules of the board that stories can't wait for, or never come to, as they are by default: a server of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.live.floor import Floor
from tests.live.floor import floor as make_floor
from tests.live.phones import needed
from tests.live.stage import LiveStage

from tools.asterisk import Asterisk

RULES = {
    "CORDBOARD_CALLS__CONFERENCE_MAX": "3",
    "CORDBOARD_CALLS__NO_ANSWER_TIMEOUT_S": "4",
    "CORDBOARD_CALLS__RECALL_INTERVAL_S": "2",
}
RINGING_PAUSE_S = 4.0
"""What is silent between two rings."""
STARTS_S = 0.5
CUSTOMER, AGENT, TARGET, EXPERT = "5000", "5005", "5001", "5002"


@pytest.fixture(scope="module")
def floor(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    needed()
    with make_floor(asterisk, tmp_path_factory.mktemp("floor"), RULES) as floor:
        yield floor


def talk(stage: LiveStage) -> None:
    """Customer and agent, on call A."""
    stage.bring(CUSTOMER, AGENT, TARGET)
    stage.enter(AGENT)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})


def consult(stage: LiveStage, letter: str, operation: str, target: str, *, held: str = "A Held") -> None:
    stage.ask(AGENT, "A", operation, destination={"phoneNumber": target})
    stage.news(AGENT, held, f"{letter} Dialing")
    stage.lab.do(target, "answer")
    stage.news(AGENT, f"{letter} Established")


def test_a_conference_is_full(stage: LiveStage) -> None:
    """call-semantics #68: whoever does not fit in goes on talking with the agent, and the others with each other."""
    talk(stage)
    stage.bring(EXPERT)
    consult(stage, "B", "InitiateConference", TARGET)
    stage.hears({CUSTOMER: ["music"], AGENT: [TARGET], TARGET: [AGENT]})
    stage.ask(AGENT, "B", "CompleteConference")
    stage.news(AGENT, "B Released", "A Established participants")
    three = {CUSTOMER: [AGENT, TARGET], AGENT: [CUSTOMER, TARGET], TARGET: [CUSTOMER, AGENT]}
    stage.hears(three)

    consult(stage, "C", "InitiateConference", EXPERT)
    apart = {CUSTOMER: [TARGET], TARGET: [CUSTOMER], AGENT: [EXPERT], EXPERT: [AGENT]}
    stage.hears(apart)
    refused = stage.agents[AGENT].post(f"/me/calls/{stage.ids['C']}", operationName="CompleteConference")
    assert (refused.status_code, refused.json()["statusCode"]) == (400, 2)
    assert [stage.read(AGENT, call)["state"] for call in "AC"] == ["Held", "Established"]
    stage.hears(apart)

    stage.ask(AGENT, "C", "Hangup")
    stage.news(AGENT, "C Released", "A Held")
    stage.idle(EXPERT)
    stage.ask(AGENT, "A", "Retrieve")
    stage.news(AGENT, "A Established")
    stage.hears(three)
    stage.nobody_is_told_more()


def test_a_target_does_not_answer_and_neither_does_the_agent_at_first(stage: LiveStage) -> None:
    """call-semantics #24: the customer is never in silence, and the agent is rung a second time."""
    talk(stage)
    stage.excused |= {CUSTOMER, AGENT}
    stage.ask(AGENT, "A", "InitiateTransfer", destination={"phoneNumber": TARGET})
    stage.news(AGENT, "A Held", "B Dialing")
    stage.rings(TARGET)
    stage.hears({CUSTOMER: ["music"]})
    stage.ask(AGENT, "B", "CompleteTransfer")
    stage.news(AGENT, "A Released", "B Released")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.idle(AGENT)

    stage.news(AGENT, "C Ringing (TransferRecall)")
    stage.idle(TARGET)
    stage.rings(AGENT)
    stage.hears({CUSTOMER: ["ringback"]})
    stage.news(AGENT, "C Released (NoAnswer)")
    stage.idle(AGENT)
    stage.phone(CUSTOMER).until_hears({"music"})
    stage.news(AGENT, "D Ringing (TransferRecall)")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.ask(AGENT, "D", "Answer")
    stage.news(AGENT, "D Established (TransferRecall)")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.phone(CUSTOMER).never_silent_since(stage.began, RINGING_PAUSE_S + STARTS_S)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(AGENT, "D Released")
    stage.nobody_is_told_more()
