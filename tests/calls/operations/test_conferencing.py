"""Conferences (call-semantics #60 to #69, #72)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, TARGET_RINGS, Play


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:4]) for line in lines]


def answer(play: Play, line: str) -> str:
    return play.do(line)[0]


# -- in two steps -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letter", ["A", "B", "A consult=B", "B consult=B", "B consult=A"])
def test_it_is_completed_on_either_call(letter: str) -> None:
    play = Play(*CONSULTING)
    told = play.told(f"5005 CompleteConference {letter}")
    assert short(told)[0] == "5005 B StatusChange Released"
    assert short(told)[-1] == "5005 A ParticipantsUpdated Established"
    assert sorted(play.scene.hears("5001")) == ["5000", "5005"]


def test_it_needs_an_answered_consult() -> None:
    """#61"""
    play = Play(*TARGET_RINGS)
    assert answer(play, "5005 CompleteConference B").startswith("answer refused, not permitted now")


def test_a_wrong_consult_is_refused() -> None:
    play = Play(*CONSULTING)
    assert answer(play, "5005 CompleteConference A consult=Z").startswith("answer refused, not permitted now: Z is no")
    assert play.states("5005") == ["Held", "Established"]


def test_a_conference_has_a_limit() -> None:
    """#68: the consult stays, the conference is untouched."""
    play = Play(*CONFERENCE, "5005 InitiateConference A to=5900", "phone 5900 answer", conference_max=3)
    refused = "answer refused, limit reached: a conference has 3 parties at most"
    assert play.do("5005 CompleteConference A") == [refused]
    assert play.states("5005") == ["Held", "Established"]
    assert (
        Play(*CONFERENCE, "5005 InitiateConference A to=5900", "phone 5900 answer", conference_max=4).do(
            "5005 CompleteConference A"
        )[0]
        == "answer accepted"
    )


def test_when_the_switch_cannot_join_everything_is_as_before() -> None:
    """#72: no half conference."""
    play = Play(*CONSULTING, "fault fail JoinLegs")
    told = play.told("5005 CompleteConference B")
    assert told[0].startswith("5005 B CompleteConference failed, switch unavailable")
    assert play.states("5005") == ["Held", "Established"]
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["music"], ["5005"])


# -- in one step --------------------------------------------------------------------------------------------------


def test_the_others_go_on_talking_while_the_new_party_is_rung() -> None:
    play = Play(*TALKING)
    told = play.told("5005 SingleStepConference A to=5001 data=k:v")
    assert short(told)[-1] == "5001 A StatusChange Ringing"
    assert play.scene.hears("5000") == ["5005"]
    assert play.call("5005").participants == ("5000",)
    assert {play.call(number).user_data["k"] for number in ("5000", "5005", "5001")} == {"v"}
    assert play.conversation("5005").owner == "5005"


def test_the_new_party_joins_when_it_answers() -> None:
    play = Play(*TALKING, "5005 SingleStepConference A to=5001", "phone 5001 answer")
    assert play.call("5005").participants == ("5001", "5000")
    assert sorted(play.scene.hears("5001")) == ["5000", "5005"]


def test_one_step_has_the_same_limits() -> None:
    play = Play(*CONFERENCE, conference_max=3)
    assert answer(play, "5005 SingleStepConference A to=5900").startswith("answer refused, limit reached")
    assert answer(play, "5005 SingleStepConference A to=5000").startswith("answer refused, bad destination")


# -- removing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("participant", ["5001", "0003*5001"])
def test_the_owner_removes_a_party_and_the_others_talk_on(participant: str) -> None:
    play = Play(*CONFERENCE)
    told = play.told(f"5005 RemoveParticipant A participant={participant}")
    assert "5001 A StatusChange Released" in short(told)
    assert "5005 A ParticipantsUpdated Established" in short(told)
    assert play.call("5005").participants == ("5000",)
    assert (play.scene.hears("5001"), play.scene.hears("5000")) == ([], ["5005"])


@pytest.mark.parametrize(
    ("participant", "refusal"),
    [
        ("5005", "not permitted now: a party does not remove itself: hang up instead"),
        ("5900", "unknown participant: '5900' is no party of this call"),
        ("9999", "unknown participant: '9999' is no party of this call"),
    ],
)
def test_who_cannot_be_removed(participant: str, refusal: str) -> None:
    """#66"""
    play = Play(*CONFERENCE)
    assert play.do(f"5005 RemoveParticipant A participant={participant}") == [f"answer refused, {refusal}"]


def test_a_party_that_is_still_rung_can_be_removed() -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900")
    play.do("5005 RemoveParticipant A participant=5900")
    assert play.scene.hears("5900") == []
    assert play.states("5900") == []


def test_a_supervisor_is_not_removed_but_removes() -> None:
    """gws-v2 §3."""
    play = Play(*CONFERENCE, "5900 BargeIn 5005")
    refused = "answer refused, not permitted now: a supervisor leaves by itself only"
    assert play.do("5005 RemoveParticipant A participant=5900") == [refused]
    assert answer(play, "5900 RemoveParticipant A participant=5001") == "answer accepted"
    assert play.scene.hears("5000") == ["5005", "5900"]


def test_only_the_owner_removes() -> None:
    play = Play(*CONFERENCE)
    assert answer(play, "5000 RemoveParticipant A participant=5001").startswith("answer refused, not permitted now")


# -- microphones --------------------------------------------------------------------------------------------------


def test_a_muted_member_hears_and_is_not_heard() -> None:
    play = Play(*CONFERENCE)
    told = play.told("5000 MuteCall A")
    assert len(told) == 1
    assert told[0].startswith("5000 A StatusChange Established")
    assert " muted " in told[0]
    assert sorted(play.scene.hears("5000")) == ["5001", "5005"]
    assert play.scene.hears("5005") == ["5001"]
    told = play.told("5000 UnmuteCall A")
    assert " muted " not in told[0]
    assert sorted(play.scene.hears("5005")) == ["5000", "5001"]


def test_muting_twice_is_refused() -> None:
    play = Play(*CONFERENCE, "5000 MuteCall A")
    assert answer(play, "5000 MuteCall A").startswith("answer refused, not permitted now")


def test_what_the_request_adds_to_the_data_has_a_limit() -> None:
    play = Play(*TALKING, user_data_bytes_max=20)
    assert play.do("5005 SingleStepConference A to=5001 data=b:23456789abcdef")[0].startswith("answer refused, limit")
    assert play.states("5001") == []


def test_where_the_target_is_goes_to_the_switch() -> None:
    play = Play(*TALKING)
    assert "DialLeg 5001 for 5005 location=L" in play.ordered("5005 SingleStepConference A to=5001 location=L")
