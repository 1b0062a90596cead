"""A customer is held while an agent asks somebody, which goes wrong in every way there is, and right in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.live.floor import OUTSIDE
from tests.live.stage import LiveStage

CUSTOMER, AGENT, TARGET = "5003", "5004", "15009"
UNPLUGGED = "5009"


def talk(stage: LiveStage) -> None:
    """Customer and agent, on call A."""
    stage.bring(CUSTOMER, AGENT, TARGET)
    stage.enter(AGENT)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})


def consult(stage: LiveStage, operation: str = "InitiateTransfer", to: str = TARGET, **parameters: Any) -> None:
    stage.ask(AGENT, "A", operation, destination={"phoneNumber": to}, **parameters)
    stage.news(AGENT, "A Held", "B Dialing")
    stage.hears({CUSTOMER: ["music"], AGENT: ["ringback"]})


def answer_consult(stage: LiveStage) -> None:
    stage.lab.do(TARGET, "answer")
    stage.news(AGENT, "B Established")
    stage.hears({CUSTOMER: ["music"], AGENT: [TARGET], TARGET: [AGENT]})


FAILURES: dict[str, tuple[str, Callable[[LiveStage], None]]] = {
    "Busy": (TARGET, lambda stage: stage.phone(TARGET).reject(486)),
    "Rejected": (TARGET, lambda stage: stage.phone(TARGET).reject(603)),
    "NoAnswer": (TARGET, lambda stage: stage.idle(TARGET)),
    "Unreachable": (UNPLUGGED, lambda stage: None),
    "InvalidNumber": (OUTSIDE, lambda stage: stage.phone(OUTSIDE).reject(404)),
}


def test_a_consult_fails_in_every_way_there_is_and_the_next_one_begins_at_once(stage: LiveStage) -> None:
    """call-semantics #1, #2, #3, #4, #5, #9"""
    talk(stage)
    stage.excused.add(AGENT)
    stage.bring(OUTSIDE)
    refused = stage.agents[AGENT].post(
        f"/me/calls/{stage.ids['A']}", operationName="InitiateTransfer", destination={"phoneNumber": "4711"}
    )
    assert (refused.status_code, refused.json()["statusCode"]) == (400, 10)
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})

    held = "A Held"
    for letter, (reason, (target, fail)) in zip("BCDEF", FAILURES.items(), strict=True):
        stage.ask(AGENT, "A", "InitiateTransfer", destination={"phoneNumber": target})
        stage.news(AGENT, *([held] if letter == "B" else []), f"{letter} Dialing")
        if target != UNPLUGGED:
            stage.rings(target)
        stage.hears({CUSTOMER: ["music"]})
        fail(stage)
        *_, call = stage.news(AGENT, f"{letter} Released ({reason})", held)
        assert "Retrieve" in call["capabilities"]
        assert "CompleteTransfer" not in call["capabilities"]

    stage.hears({CUSTOMER: ["music"], AGENT: ["silence"]})
    stage.ask(AGENT, "A", "Retrieve")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(AGENT, "A Released")
    stage.nobody_is_told_more()


def test_swapped_while_the_target_rings_and_completed_with_data(stage: LiveStage) -> None:
    """call-semantics #42; the consult's data win."""
    talk(stage)
    consult(stage, userData={"case": "4711", "asked": "by agent"})
    stage.ask(AGENT, "A", "SwapCalls", otherCallUri=f"/calls/{stage.ids['B']}")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.lab.do(TARGET, "answer")
    stage.news(AGENT, "B Held")
    stage.hears({TARGET: ["music"], CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.ask(AGENT, "B", "SwapCalls", otherCallUri=f"/calls/{stage.ids['A']}")
    stage.news(AGENT, "B Established", "A Held")
    stage.hears({TARGET: [AGENT], CUSTOMER: ["music"], AGENT: [TARGET]})

    stage.ask(AGENT, "B", "UpdateUserData", userData={"asked": "target"})
    stage.news(AGENT, "B Established data")
    stage.enter(TARGET)
    stage.ask(AGENT, "B", "CompleteTransfer")
    stage.news(AGENT, "A Released", "B Released")
    *_, call = stage.news(TARGET, "B Released", "A Established")
    assert call["userData"] == {"case": "4711", "asked": "target"}
    stage.hears({TARGET: [CUSTOMER], CUSTOMER: [TARGET], AGENT: []})
    stage.idle(AGENT)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(TARGET, "A Released")
    stage.idle(TARGET)
    stage.nobody_is_told_more()


def test_completed_before_the_answer_and_the_target_rejects(stage: LiveStage) -> None:
    """call-semantics #23, #24: the agent is called back."""
    talk(stage)
    consult(stage)
    stage.ask(AGENT, "B", "CompleteTransfer")
    stage.news(AGENT, "A Released", "B Released")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.phone(TARGET).reject(486)
    stage.news(AGENT, "C Ringing (TransferRecall)")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.ask(AGENT, "C", "Answer")
    stage.news(AGENT, "C Established (TransferRecall)")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.ask(AGENT, "C", "Hangup")
    stage.news(AGENT, "C Released")
    stage.idle(CUSTOMER)
    stage.nobody_is_told_more()


def test_a_single_step_from_hold_to_somebody_who_is_busy_and_then_to_one_who_answers(stage: LiveStage) -> None:
    """call-semantics #51, #52, #54"""
    talk(stage)
    stage.ask(AGENT, "A", "Hold")
    stage.news(AGENT, "A Held")
    stage.hears({CUSTOMER: ["music"], AGENT: ["silence"]})
    stage.lab.behave(TARGET, "busy")
    stage.ask(AGENT, "A", "SingleStepTransfer", destination={"phoneNumber": TARGET})
    stage.news(AGENT, "A Released", "B Ringing (TransferRecall)")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.ask(AGENT, "B", "Answer")
    stage.news(AGENT, "B Established (TransferRecall)")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})

    stage.phone(TARGET).set(refuse=0)
    stage.ask(AGENT, "B", "SingleStepTransfer", destination={"phoneNumber": TARGET})
    stage.news(AGENT, "B Released")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.lab.do(TARGET, "answer")
    stage.hears({CUSTOMER: [TARGET], TARGET: [CUSTOMER]})
    stage.lab.do(CUSTOMER, "hangup")
    stage.idle(TARGET)
    stage.nobody_is_told_more()


def test_the_customer_leaves_while_the_target_rings(stage: LiveStage) -> None:
    """call-semantics #10, #13"""
    talk(stage)
    consult(stage)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(AGENT, "A Released", "B Dialing")
    stage.lab.do(TARGET, "answer")
    *_, call = stage.news(AGENT, "B Established")
    assert "CompleteTransfer" not in call["capabilities"]
    stage.hears({AGENT: [TARGET], TARGET: [AGENT]})
    stage.lab.do(TARGET, "hangup")
    stage.news(AGENT, "B Released")
    stage.idle(AGENT)
    stage.nobody_is_told_more()


def test_the_customer_leaves_while_a_single_step_rings(stage: LiveStage) -> None:
    """call-semantics #53"""
    talk(stage)
    stage.ask(AGENT, "A", "SingleStepTransfer", destination={"phoneNumber": TARGET})
    stage.news(AGENT, "A Released")
    stage.rings(TARGET)
    stage.lab.do(CUSTOMER, "hangup")
    stage.phone(TARGET).until_idle(within_s=1.0)
    stage.nobody_is_told_more()


def test_the_customer_is_beyond_the_trunk_and_so_is_the_target(stage: LiveStage) -> None:
    stage.enter(AGENT)
    stage.phone(OUTSIDE).call(f"sip:{AGENT}@{stage.floor.asterisk.address}:{stage.floor.asterisk.sip_port}")
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({OUTSIDE: [AGENT], AGENT: [OUTSIDE]})
    stage.ask(AGENT, "A", "SingleStepTransfer", destination={"phoneNumber": "4940123456"})
    stage.news(AGENT, "A Released")
    stage.hears({OUTSIDE: ["ringback"]})
    stage.lab.do(OUTSIDE, "answer")
    # It talks with itself, which is what a loop sounds like: the first line is put aside by its own telephone.
    stage.phone(OUTSIDE).until_line("talking")
    stage.excused.add(OUTSIDE)
    stage.idle(AGENT)
