"""How calls begin: dialled by a desktop or at a telephone, from outside and to there; and the three ways to answer."""

from __future__ import annotations

import re
from typing import Any

from tests.acceptance.stage import CALLS_AND_DEVICES
from tests.live.floor import AUTO, NAILED, OUTSIDE
from tests.live.phone_settings import answers_itself
from tests.live.stage import LiveStage

AGENT, COLLEAGUE = "15007", "15008"


def invites(stage: LiveStage, number: str) -> list[dict[str, Any]]:
    """Those of this story."""
    events = stage.phone(number).events
    return [event for event in events if event["event"] == "invite" and event["at"] > stage.began]


def talk(stage: LiveStage, *numbers: str) -> None:
    one, other = numbers
    stage.hears({one: [other], other: [one]})


def test_a_desktop_dials_and_its_own_telephone_goes_first(stage: LiveStage) -> None:
    stage.enter(AGENT, COLLEAGUE)
    stage.dial(AGENT, COLLEAGUE)
    stage.news(AGENT, "A Dialing")
    stage.news(COLLEAGUE, "A Ringing")
    stage.hears({AGENT: ["ringback"]})

    (own,), (other,) = invites(stage, AGENT), invites(stage, COLLEAGUE)
    assert own["at"] < other["at"]
    assert answers_itself("headers", own["message"])
    assert not answers_itself("headers", other["message"])
    assert f'"{AGENT}" <sip:{AGENT}@' in other["message"]

    stage.lab.do(COLLEAGUE, "answer")
    stage.news(COLLEAGUE, "A Established")
    stage.news(AGENT, "A Established")
    talk(stage, AGENT, COLLEAGUE)
    stage.lab.do(AGENT, "hangup")
    stage.news(AGENT, "A Released")
    stage.news(COLLEAGUE, "A Released")
    stage.idle(COLLEAGUE)
    stage.nobody_is_told_more()


def test_nobody_takes_the_call_at_ones_own_telephone(stage: LiveStage) -> None:
    """A telephone that refuses: nobody else's rings."""
    stage.enter(AGENT, COLLEAGUE)
    stage.lab.behave(AGENT, "busy")
    stage.dial(AGENT, COLLEAGUE)
    stage.news(AGENT, "A Dialing", "A Released (Busy)")
    assert not invites(stage, COLLEAGUE)
    stage.nobody_is_told_more()


def test_a_customer_calls_over_the_trunk_and_is_called_back(stage: LiveStage) -> None:
    stage.enter(AGENT)
    outside = stage.phone(OUTSIDE)
    outside.call(f"sip:{AGENT}@{stage.floor.asterisk.address}:{stage.floor.asterisk.sip_port}")
    (call,) = stage.news(AGENT, "A Ringing")
    assert (call["callType"], call["ani"], call["dnis"]) == ("Inbound", OUTSIDE, AGENT)
    stage.hears({OUTSIDE: ["ringback"]})
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    talk(stage, AGENT, OUTSIDE)
    outside.hang_up()
    stage.news(AGENT, "A Released")
    stage.idle(AGENT)

    stage.dial(AGENT, OUTSIDE)
    (call,) = stage.news(AGENT, "B Dialing")
    assert (call["callType"], call["dnis"]) == ("Outbound", OUTSIDE)
    stage.hears({AGENT: ["ringback"]})
    stage.lab.do(OUTSIDE, "answer")
    stage.news(AGENT, "B Established")
    talk(stage, AGENT, OUTSIDE)
    stage.ask(AGENT, "B", "Hangup")
    stage.news(AGENT, "B Released")
    stage.idle(AGENT, OUTSIDE)
    stage.nobody_is_told_more()


def test_a_telephone_is_called_anew_to_make_it_answer(stage: LiveStage) -> None:
    stage.enter(AUTO)
    stage.lab.do(COLLEAGUE, "dial", to=AUTO)
    stage.news(AUTO, "A Ringing")
    stage.rings(AUTO)
    stage.hears({COLLEAGUE: ["ringback"]})
    stage.ask(AUTO, "A", "Answer")
    stage.news(AUTO, "A Established")
    talk(stage, AUTO, COLLEAGUE)

    first, second = (invite["message"] for invite in invites(stage, AUTO))
    assert not answers_itself("headers", first)
    assert answers_itself("headers", second)
    assert [line.code for line in stage.phone(AUTO).lines.values()][-2:] == [487, 200]
    stage.lab.do(COLLEAGUE, "hangup")
    stage.news(AUTO, "A Released")
    stage.nobody_is_told_more()


def test_whoever_lifts_the_receiver_answers_in_any_case(stage: LiveStage) -> None:
    stage.enter(AUTO)
    stage.lab.do(COLLEAGUE, "dial", to=AUTO)
    stage.news(AUTO, "A Ringing")
    stage.lab.do(AUTO, "answer")
    stage.news(AUTO, "A Established")
    talk(stage, AUTO, COLLEAGUE)
    stage.ask(AUTO, "A", "Hangup")
    stage.news(AUTO, "A Released")
    stage.idle(COLLEAGUE, AUTO)


def test_a_line_is_nailed_up_by_the_first_call(stage: LiveStage) -> None:
    stage.excused.add(NAILED)
    stage.enter(NAILED)
    stage.lab.do(COLLEAGUE, "dial", to=NAILED)
    stage.news(NAILED, "A Ringing")
    stage.ask(NAILED, "A", "Answer")
    stage.news(NAILED, "A Established")
    talk(stage, NAILED, COLLEAGUE)
    stage.lab.do(COLLEAGUE, "hangup")
    stage.news(NAILED, "A Released")
    stage.hears({NAILED: ["silence"]})
    stage.phone(NAILED).until_line("talking")

    stage.lab.do(COLLEAGUE, "dial", to=NAILED)
    stage.news(NAILED, "B Ringing")
    stage.hears({NAILED: ["ringback"], COLLEAGUE: ["ringback"]})
    ask_while_it_rings_in_the_ear(stage, "B")
    talk(stage, NAILED, COLLEAGUE)
    stage.ask(NAILED, "B", "Hangup")
    stage.news(NAILED, "B Released")
    stage.idle(COLLEAGUE)
    stage.hears({NAILED: ["silence"]})
    stage.nobody_is_told_more()


def test_a_line_is_nailed_up_by_a_call_of_its_own(stage: LiveStage) -> None:
    stage.excused.add(NAILED)
    stage.bring(COLLEAGUE)
    stage.enter(NAILED)
    stage.lab.do(NAILED, "dial", to=COLLEAGUE)
    stage.news(NAILED, "A Dialing")
    stage.lab.do(COLLEAGUE, "answer")
    stage.news(NAILED, "A Established")
    talk(stage, NAILED, COLLEAGUE)
    stage.ask(NAILED, "A", "Hangup")
    stage.news(NAILED, "A Released")
    stage.idle(COLLEAGUE)
    stage.hears({NAILED: ["silence"]})
    stage.phone(NAILED).until_line("talking")

    stage.lab.do(COLLEAGUE, "dial", to=NAILED)
    stage.news(NAILED, "B Ringing")
    stage.hears({NAILED: ["ringback"]})
    ask_while_it_rings_in_the_ear(stage, "B")
    talk(stage, NAILED, COLLEAGUE)
    stage.lab.do(NAILED, "hangup")
    stage.news(NAILED, "B Released")
    stage.idle(COLLEAGUE)
    stage.nobody_is_told_more()


def test_a_line_is_nailed_up_by_dialling_for_it(stage: LiveStage) -> None:
    stage.excused.add(NAILED)
    stage.enter(NAILED, AGENT)
    stage.lab.do(NAILED, "dial", to="*55")
    stage.phone(NAILED).until_line("talking")
    stage.hears({NAILED: ["silence"]})

    stage.lab.do(COLLEAGUE, "dial", to=NAILED)
    stage.news(NAILED, "A Ringing")
    stage.hears({NAILED: ["ringback"]})
    ask_while_it_rings_in_the_ear(stage, "A")
    talk(stage, NAILED, COLLEAGUE)

    stage.dial(AGENT, NAILED)
    stage.news(AGENT, "B Dialing", "B Released (Busy)")
    talk(stage, NAILED, COLLEAGUE)

    stage.lab.do(NAILED, "hangup")
    stage.news(NAILED, "A Released")
    stage.idle(COLLEAGUE)
    stage.nobody_is_told_more()


def test_a_desktop_dials_on_a_line_that_is_nailed_up(stage: LiveStage) -> None:
    stage.excused.add(NAILED)
    stage.bring(COLLEAGUE)
    stage.enter(NAILED)
    stage.lab.do(NAILED, "dial", to="*55")
    stage.phone(NAILED).until_line("talking")
    stage.dial(NAILED, COLLEAGUE)
    stage.news(NAILED, "A Dialing")
    stage.hears({NAILED: ["ringback"]})
    stage.lab.do(COLLEAGUE, "answer")
    stage.news(NAILED, "A Established")
    talk(stage, NAILED, COLLEAGUE)
    assert not invites(stage, NAILED)
    stage.lab.do(COLLEAGUE, "hangup")
    stage.news(NAILED, "A Released")
    stage.hears({NAILED: ["silence"]})


def ask_while_it_rings_in_the_ear(stage: LiveStage, call: str) -> None:
    """Its telephone does not ring: its line is open."""
    answer = stage.agents[NAILED].post(f"/me/calls/{stage.ids[call]}", operationName="Answer")
    assert answer.json() == {"statusCode": 0}
    stage.news(NAILED, f"{call} Established")


def test_a_call_to_a_telephone_that_nobody_has_plugged_in(stage: LiveStage) -> None:
    stage.enter(AGENT)
    stage.dial(AGENT, "5009")
    stage.news(AGENT, "A Dialing", "A Released (Unreachable)")
    stage.idle(AGENT)
    stage.nobody_is_told_more()


def test_calls_are_forwarded_and_somebody_is_not_to_be_disturbed(stage: LiveStage) -> None:
    stage.enter(AGENT, channels=CALLS_AND_DEVICES)
    stage.enter(COLLEAGUE)
    device = f"/me/devices/{stage.agents[AGENT].device_id}"
    forward = stage.agents[AGENT].post(device, operationName="ForwardCallsOn", forwardTo=COLLEAGUE)
    assert forward.json() == {"statusCode": 0}
    stage.news(AGENT, "DeviceStateChangeMessage")
    stage.phone(OUTSIDE).call(f"sip:{AGENT}@{stage.floor.asterisk.address}:{stage.floor.asterisk.sip_port}")
    (call,) = stage.news(COLLEAGUE, "A Ringing")
    assert call["dnis"] == AGENT
    stage.ask(COLLEAGUE, "A", "Answer")
    stage.news(COLLEAGUE, "A Established")
    talk(stage, COLLEAGUE, OUTSIDE)
    assert not invites(stage, AGENT)
    stage.lab.do(OUTSIDE, "hangup")
    stage.news(COLLEAGUE, "A Released")

    for operation in ("ForwardCallsOff", "DoNotDisturbOn"):
        assert stage.agents[AGENT].post(device, operationName=operation).json() == {"statusCode": 0}
        stage.news(AGENT, "DeviceStateChangeMessage")
    line = stage.phone(OUTSIDE).call(f"sip:{AGENT}@{stage.floor.asterisk.address}:{stage.floor.asterisk.sip_port}")
    assert stage.phone(OUTSIDE).until_line("ended", line=line).code == 486
    assert not invites(stage, AGENT)
    stage.agents[AGENT].post(device, operationName="DoNotDisturbOff")
    stage.news(AGENT, "DeviceStateChangeMessage")
    stage.nobody_is_told_more()


def test_digits_are_sent_by_desktops_and_telephones(stage: LiveStage) -> None:
    stage.enter(AGENT)
    stage.phone(OUTSIDE).call(f"sip:{AGENT}@{stage.floor.asterisk.address}:{stage.floor.asterisk.sip_port}")
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    talk(stage, AGENT, OUTSIDE)
    stage.excused |= {AGENT, OUTSIDE}  # while a digit is sent there is no voice
    before = stage.phone(OUTSIDE).digits()
    stage.ask(AGENT, "A", "SendDtmf", digits="*42#")
    stage.wait_for(lambda: stage.phone(OUTSIDE).digits() == before + "*42#", "digits of the desktop")
    before = stage.phone(AGENT).digits()
    stage.phone(OUTSIDE).dtmf("17")
    stage.wait_for(lambda: stage.phone(AGENT).digits() == before + "17", "digits of the telephone")
    assert re.fullmatch(r"[0-9]*", stage.phone(AGENT).digits())
