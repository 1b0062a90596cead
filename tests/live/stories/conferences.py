"""Conferences: who hears whom as people join, hold, are muted, send digits, are removed and leave."""

from __future__ import annotations

import time

from tests.live.stage import LiveStage

CUSTOMER, OWNER, COLLEAGUE, EXPERT = "5006", "5007", "5008", "0003*210"


def confer(stage: LiveStage) -> None:
    """Three of them, on call A of the owner."""
    stage.bring(CUSTOMER, OWNER, COLLEAGUE, EXPERT)
    stage.enter(OWNER, COLLEAGUE)
    stage.lab.do(CUSTOMER, "dial", to=OWNER)
    stage.news(OWNER, "A Ringing")
    stage.ask(OWNER, "A", "Answer")
    stage.news(OWNER, "A Established")
    stage.hears({CUSTOMER: [OWNER], OWNER: [CUSTOMER]})
    stage.ask(OWNER, "A", "InitiateConference", destination={"phoneNumber": COLLEAGUE})
    stage.news(OWNER, "A Held", "B Dialing")
    stage.news(COLLEAGUE, "B Ringing")
    stage.hears({CUSTOMER: ["music"], OWNER: ["ringback"]})
    stage.ask(COLLEAGUE, "B", "Answer")
    stage.news(COLLEAGUE, "B Established")
    stage.news(OWNER, "B Established")
    stage.hears({CUSTOMER: ["music"], OWNER: [COLLEAGUE], COLLEAGUE: [OWNER]})
    stage.ask(OWNER, "B", "CompleteConference")
    stage.news(OWNER, "B Released", "A Established participants")
    stage.news(COLLEAGUE, "B Released", "A Established")
    together(stage, CUSTOMER, OWNER, COLLEAGUE)


def together(stage: LiveStage, *numbers: str) -> None:
    """All of them hear all others, and not themselves."""
    stage.hears({number: [other for other in numbers if other != number] for number in numbers})


def test_a_fourth_is_added_and_one_is_removed(stage: LiveStage) -> None:
    confer(stage)
    stage.ask(OWNER, "A", "SingleStepConference", destination={"phoneNumber": EXPERT})
    stage.rings(EXPERT)
    together(stage, CUSTOMER, OWNER, COLLEAGUE)
    stage.lab.do(EXPERT, "answer")
    stage.news(OWNER, "A Established participants")
    stage.news(COLLEAGUE, "A Established participants")
    together(stage, CUSTOMER, OWNER, COLLEAGUE, EXPERT)

    stage.ask(OWNER, "A", "RemoveParticipantFromConference", participant=CUSTOMER)
    stage.news(OWNER, "A Established participants")
    stage.news(COLLEAGUE, "A Established participants")
    stage.idle(CUSTOMER)
    together(stage, OWNER, COLLEAGUE, EXPERT)

    stage.ask(OWNER, "A", "Hangup")
    stage.news(OWNER, "A Released")
    stage.news(COLLEAGUE, "A Established participants")
    together(stage, COLLEAGUE, EXPERT)
    stage.lab.do(EXPERT, "hangup")
    stage.news(COLLEAGUE, "A Released")
    stage.idle(COLLEAGUE)
    stage.nobody_is_told_more()


def test_a_member_that_holds_is_deaf_and_its_music_is_heard_by_nobody(stage: LiveStage) -> None:
    """call-semantics #67"""
    confer(stage)
    stage.excused.add(COLLEAGUE)
    mark = time.monotonic()
    stage.ask(COLLEAGUE, "A", "Hold")
    stage.news(COLLEAGUE, "A Held")
    together(stage, CUSTOMER, OWNER)
    stage.hears({COLLEAGUE: ["silence"]})
    stage.ask(COLLEAGUE, "A", "Retrieve")
    stage.news(COLLEAGUE, "A Established")
    together(stage, CUSTOMER, OWNER, COLLEAGUE)

    stage.lab.do(COLLEAGUE, "hold")
    stage.news(COLLEAGUE, "A Held")
    together(stage, CUSTOMER, OWNER)
    for number in (CUSTOMER, OWNER):
        stage.phone(number).never_hears_since(mark, "music")
    stage.lab.do(COLLEAGUE, "hangup")
    stage.news(COLLEAGUE, "A Released")
    stage.news(OWNER, "A Established participants")
    together(stage, CUSTOMER, OWNER)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(OWNER, "A Released")
    stage.nobody_is_told_more()


def test_one_is_muted_and_digits_go_through_the_mix(stage: LiveStage) -> None:
    confer(stage)
    stage.excused |= {CUSTOMER, OWNER, COLLEAGUE}  # while a digit is sent there may be no voice
    stage.ask(OWNER, "A", "MuteCall")
    stage.news(OWNER, "A Established")
    stage.hears({CUSTOMER: [COLLEAGUE], COLLEAGUE: [CUSTOMER], OWNER: [CUSTOMER, COLLEAGUE]})
    stage.ask(OWNER, "A", "UnmuteCall")
    stage.news(OWNER, "A Established")
    together(stage, CUSTOMER, OWNER, COLLEAGUE)

    before = {number: stage.phone(number).digits() for number in (CUSTOMER, COLLEAGUE)}
    stage.phone(OWNER).dtmf("28")
    for number, digits in before.items():
        stage.wait_for(lambda number=number, digits=digits: stage.phone(number).digits() == digits + "28", number)
    stage.asked = time.monotonic()  # the last digit is over when all are heard again
    together(stage, CUSTOMER, OWNER, COLLEAGUE)
    stage.ask(OWNER, "A", "Hangup")
    stage.news(OWNER, "A Released")
    stage.news(COLLEAGUE, "A Established participants")
    together(stage, CUSTOMER, COLLEAGUE)
