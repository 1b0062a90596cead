"""UnPark and PickUp: who gets the call, and who does not (voipnow-uapi §2.4.3, call-semantics #76)."""

from __future__ import annotations

import pytest
from tests.calls.operations.test_table import ask_in_vain
from tests.calls.play import CONFERENCE, TALKING, Play

from cordboard.calls import commands
from cordboard.calls.commands import AnyTakingCommand
from cordboard.calls.model import RefusalKind
from cordboard.calls.orders import DialLeg

PARKED = (*TALKING, "5005 Park A")
RINGING = TALKING[:1]
IN_USE = ("phone 15000 dial to=15001", "phone 15001 answer")


def taking(play: Play, kind: type[AnyTakingCommand], whose: str, asker: str = "5900") -> AnyTakingCommand:
    return kind(asker=asker, whose=whose, call=play.call(whose).id)


def dialled(play: Play) -> DialLeg:
    return next(order for order in reversed(play.scene.orders) if isinstance(order, DialLeg))


@pytest.mark.parametrize(
    ("lines", "line", "whose"), [(PARKED, "5900 UnPark 5000 A", "5000"), (RINGING, "5900 PickUp 5005 A", "5005")]
)
def test_a_telephone_that_is_free_answers_by_itself(lines: tuple[str, ...], line: str, whose: str) -> None:
    play = Play(*lines)
    play.do(line)
    assert (play.scene.hears("5000"), play.scene.hears("5900"), play.scene.hears("5005")) == (["5900"], ["5000"], [])
    assert dialled(play).auto_answer
    assert (play.call("5000").parked, play.conversation("5000").recall) == (None, None)
    assert play.ledger.slots == {}


@pytest.mark.parametrize("lines", [(*PARKED, "15000 UnPark 5000 A"), (*RINGING, "15000 PickUp 5005 A")])
def test_a_telephone_that_is_in_use_rings(lines: tuple[str, ...]) -> None:
    play = Play(*lines[:-1], *IN_USE, lines[-1])
    assert play.states("15000") == ["Established", "Ringing"]
    assert not dialled(play).auto_answer


def test_how_long_and_what_it_shows_can_be_asked_for() -> None:
    play = Play(*PARKED, *IN_USE, "15000 UnPark 5000 A ring_s=7 caller_id=4711")
    assert dialled(play).caller == "4711"
    assert play.leg("15000").deadline == play.scene.now + 7
    play.do("wait 7")
    assert play.states("15000") == ["Established"]
    assert play.scene.hears("5000") == ["music"]


def test_it_shows_what_the_caller_wants_to_be_shown_as() -> None:
    play = Play("5000 behaves answer", "5000 Dial to=5005 caller_id=4711", "5900 PickUp 5005 A")
    assert dialled(play).caller == "4711"


@pytest.mark.parametrize(("lines", "kind", "whose"), [(PARKED, "UnPark", "5000"), (RINGING, "PickUp", "5005")])
def test_of_two_who_want_it_one_gets_it(lines: tuple[str, ...], kind: str, whose: str) -> None:
    play = Play(*lines, "hold reports")
    second = taking(play, getattr(commands, kind), whose, "5001")
    play.do(f"5900 {kind} {whose} A")
    assert ask_in_vain(play.scene, second).kind in (RefusalKind.NOT_PERMITTED_NOW, RefusalKind.UNKNOWN_CALL)
    assert play.scene.hears("5001") == []


def test_what_is_not_parked_and_what_does_not_ring() -> None:
    play = Play(*TALKING)
    for kind in (commands.UnPark, commands.PickUp):
        assert ask_in_vain(play.scene, taking(play, kind, "5005")).kind is RefusalKind.NOT_PERMITTED_NOW
        unknown = kind(asker="5900", whose="5005", call="unheard of")
        assert ask_in_vain(play.scene, unknown).kind is RefusalKind.UNKNOWN_CALL


def test_parties_have_it_already() -> None:
    play = Play(*RINGING)
    assert ask_in_vain(play.scene, taking(play, commands.PickUp, "5005", "5000")).kind is RefusalKind.BAD_DESTINATION


def test_no_telephone_rings_for_less_than_no_time() -> None:
    play = Play(*PARKED)
    command = commands.UnPark(asker="5900", whose="5000", call=play.call("5000").id, ring_s=-1.0)
    assert ask_in_vain(play.scene, command).kind is RefusalKind.BAD_VALUE


@pytest.mark.parametrize("setting", ["15000 do-not-disturb on", "15000 forwards to=5001"])
def test_a_telephone_in_use_does_not_ring_against_the_will_of_its_owner(setting: str) -> None:
    play = Play(*PARKED, *IN_USE, setting)
    assert ask_in_vain(play.scene, taking(play, commands.UnPark, "5000", "15000")).kind is RefusalKind.IN_USE
    play.do("phone 15000 hangup")
    assert play.do("15000 UnPark 5000 A")[0] == "answer accepted"


def test_nothing_is_taken_while_the_link_is_down() -> None:
    play = Play(*PARKED, "switch down")
    refusal = ask_in_vain(play.scene, taking(play, commands.UnPark, "5000"))
    assert refusal.kind is RefusalKind.SWITCH_UNAVAILABLE


# -- in vain ------------------------------------------------------------------------------------------------------


def test_a_call_that_was_picked_up_in_vain_rings_where_it_rang() -> None:
    play = Play(*RINGING, *IN_USE, "15000 PickUp 5005 A ring_s=5", "wait 5")
    assert play.states("5005") == ["Ringing"]
    play.do("phone 5005 answer")
    assert play.scene.hears("5000") == ["5005"]


def test_one_that_comes_back_already_keeps_its_recall() -> None:
    """5005 is called back for a transfer that failed; 15000 takes that call and does not answer."""
    play = Play("5001 behaves busy", *TALKING, "5005 SingleStepTransfer A to=5001", *IN_USE)
    recall = play.conversation("5000").recall
    assert play.states("5005") == ["Ringing"]
    play.do("15000 PickUp 5005 B")
    assert play.conversation("5000").recall == recall


def test_whoever_asked_for_a_third_party_is_told_that_nobody_comes() -> None:
    play = Play(*TALKING, "5005 SingleStepConference A to=5001", *IN_USE, "15000 PickUp 5001 A ring_s=5")
    assert play.conversation("5005").recall is None
    told = play.told("wait 5")
    assert "5005 A SingleStepConference failed, bad destination: 15000 did not come: NoAnswer" in told
    assert play.scene.hears("5000") == ["5005"]


def test_a_supervisor_s_call_is_nobody_else_s() -> None:
    play = Play("phone 5900 dial to=15000", "phone 15000 answer", "5900 ListenIn 5005", *TALKING[:1], "5005 Answer B")
    assert play.states("5900") == ["Established", "Ringing"]
    call = play.call("5900")
    command = commands.PickUp(asker="5001", whose="5900", call=call.id)
    assert ask_in_vain(play.scene, command).kind is RefusalKind.NOT_PERMITTED_NOW


def test_the_consult_of_a_conference_can_be_picked_up() -> None:
    play = Play(*CONFERENCE, "5005 InitiateConference A to=5900", "5003 PickUp 5900 C", "5005 CompleteConference C")
    assert play.scene.hears("5000") == ["5001", "5005", "5003"]
