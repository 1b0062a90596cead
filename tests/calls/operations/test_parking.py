"""Park: who waits where, how long, and what is refused (voipnow-uapi §2.4.3, call-semantics #79)."""

from __future__ import annotations

import pytest
from tests.calls.operations.test_table import ask_in_vain
from tests.calls.play import CONFERENCE, CONSULTING, TALKING, Play

from cordboard.calls import commands
from cordboard.calls.model import Parked, RefusalKind
from cordboard.calls.records import Recall


def park(play: Play, number: str = "5005", for_s: float = 0.0) -> commands.Park:
    return commands.Park(asker=number, call=play.call(number).id, for_s=for_s)


def test_the_other_party_waits_with_music_and_the_parker_is_free() -> None:
    play = Play(*TALKING)
    before = play.call("5000")
    play.do("5005 Park A lot=home for_s=30")
    parked = play.call("5000")
    assert parked.key == before.key
    assert parked.parked == Parked("home", 701, "5005", play.scene.now + 30.0)
    assert (play.scene.hears("5000"), play.scene.hears("5005"), play.states("5005")) == (["music"], [], [])
    reason = play.conversation("5000").recall
    assert reason == Recall("5005", 2, failed=True, reason=reason.reason, until=play.scene.now + 30.0)  # type: ignore[union-attr]


def test_without_a_time_it_is_that_of_the_rules() -> None:
    play = Play(*TALKING, "5005 Park A", park_timeout_s=77.0)
    assert play.call("5000").parked == Parked("", 701, "5005", play.scene.now + 77.0)


def test_the_parker_is_called_back_at_least_once() -> None:
    play = Play(*TALKING, "5005 Park A for_s=20", recall_tries=0)
    assert [line[:28] for line in play.told("wait 20")] == [
        "5000 A StatusChange Establis",
        "5005 B StatusChange Ringing ",
    ]


def test_a_caller_can_be_the_one_who_parks() -> None:
    play = Play(*TALKING, "5000 Park A")
    parked = play.call("5005").parked
    assert parked is not None
    assert parked.by == "5000"


def test_from_hold_nothing_is_ordered_but_the_end_of_the_leg() -> None:
    play = Play(*TALKING, "5005 Hold A")
    assert play.ordered("5005 Park A") == ["DropLeg 5005"]


def test_in_a_full_lot_nobody_is_parked() -> None:
    play = Play(*TALKING, "5005 Park A", "phone 15000 dial to=15001", "phone 15001 answer", park_slots=1)
    assert ask_in_vain(play.scene, park(play, "15001")).kind is RefusalKind.LIMIT_REACHED
    assert play.states("15001") == ["Established"]


def test_a_lot_that_is_full_by_the_time_the_music_plays() -> None:
    """Two park at the same instant, and there is one slot."""
    play = Play(*TALKING, "phone 15000 dial to=15001", "phone 15001 answer", "hold reports", park_slots=1)
    assert play.scene.ask(park(play)) is None
    assert play.scene.ask(park(play, "15001")) is None
    told = play.told("release reports")
    assert "15001 B Park failed, limit reached: the parking lot is full: it has 1 slots" in told
    assert play.states("15001") == play.states("15000") == ["Established"]
    assert play.scene.hears("15000") == ["15001"]


def test_nobody_is_parked_for_less_than_no_time() -> None:
    play = Play(*TALKING)
    assert ask_in_vain(play.scene, park(play, for_s=-1.0)).kind is RefusalKind.BAD_VALUE


@pytest.mark.parametrize("lines", [TALKING[:1], CONSULTING, (*TALKING, "5000 Park A")])
def test_what_can_not_be_parked(lines: tuple[str, ...]) -> None:
    play = Play(*lines)
    refusal = ask_in_vain(play.scene, park(play))
    assert refusal.kind is RefusalKind.NOT_PERMITTED_NOW
    assert refusal.detail.startswith("Park is not possible while ")


def test_the_supervisor_of_the_call_stays_with_whoever_is_parked() -> None:
    play = Play(*TALKING, "5900 BargeIn 5005", "5005 Park A")
    assert play.states("5900") == ["Established"]
    assert play.scene.hears("5900") == ["music"]


# -- voicemail ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mailbox", ["9999", "3235742879", ""])
def test_only_our_numbers_have_mailboxes(mailbox: str) -> None:
    play = Play(*TALKING)
    command = commands.TransferToVoicemail(asker="5005", call=play.call("5005").id, mailbox=mailbox)
    assert ask_in_vain(play.scene, command).kind is RefusalKind.BAD_DESTINATION


def test_from_hold_to_one_s_own_mailbox() -> None:
    play = Play(*TALKING, "5005 Hold A")
    assert play.ordered("5005 TransferToVoicemail A mailbox=5005") == [
        "JoinLegs mixed=5000",
        "DropLeg 5005",
        "StartRecording A-v1 for 5005",
    ]
    assert play.call("5000").mailbox == "5005"


def test_somebody_is_parked_out_of_a_conference() -> None:
    """The others go on; at the end of the time the parker's telephone rings beside it."""
    play = Play(*CONFERENCE)
    conference = play.call("5000").conversation
    told = play.told("5005 Park A whom=5001 for_s=30 lot=home")
    assert "5001 A StatusChange Released" in told[0]
    parked = play.call("5001")
    assert (parked.parked, parked.conversation == conference) == (
        Parked("home", 701, "5005", play.scene.now + 30.0),
        False,
    )
    assert parked.participants == ("5005",)
    assert (play.scene.hears("5001"), play.scene.hears("5000")) == (["music"], ["5005"])
    play.do("wait 30")
    assert play.states("5005") == ["Established", "Ringing"]


@pytest.mark.parametrize("whom", ["", "9999", "5005", "5900"])
def test_of_a_conference_somebody_who_is_there_is_parked(whom: str) -> None:
    play = Play(*CONFERENCE, "5005 SingleStepConference A to=5900")
    command = commands.Park(asker="5005", call=play.call("5005").id, whom=whom)
    assert ask_in_vain(play.scene, command).kind is RefusalKind.UNKNOWN_PARTICIPANT
