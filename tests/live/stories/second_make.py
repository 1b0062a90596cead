"""The main job once more, with telephones of another make on the customer's and the colleague's desks."""

from __future__ import annotations

from tests.live.phones import needed
from tests.live.stage import LiveStage

CUSTOMER, AGENT, TARGET = "15005", "15001", "15006"


def test_a_two_step_transfer_between_makes(stage: LiveStage) -> None:
    needed("baresip")
    stage.bring(CUSTOMER, TARGET, make="baresip")
    stage.enter(AGENT)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.news(AGENT, "A Ringing")
    stage.hears({CUSTOMER: ["ringback"]})
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})

    stage.ask(AGENT, "A", "InitiateTransfer", destination={"phoneNumber": TARGET})
    stage.news(AGENT, "A Held", "B Dialing")
    stage.hears({CUSTOMER: ["music"], AGENT: ["ringback"]})
    stage.lab.do(TARGET, "answer")
    stage.news(AGENT, "B Established")
    stage.hears({CUSTOMER: ["music"], AGENT: [TARGET], TARGET: [AGENT]})
    stage.ask(AGENT, "B", "CompleteTransfer")
    stage.news(AGENT, "A Released", "B Released")
    stage.hears({CUSTOMER: [TARGET], TARGET: [CUSTOMER], AGENT: []})
    stage.idle(AGENT)

    stage.lab.do(TARGET, "hold")
    stage.hears({CUSTOMER: ["music"]})
    stage.lab.do(TARGET, "retrieve")
    stage.hears({CUSTOMER: [TARGET], TARGET: [CUSTOMER]})
    stage.lab.do(CUSTOMER, "hangup")
    stage.idle(TARGET)
    stage.nobody_is_told_more()
