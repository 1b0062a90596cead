"""Rooms: people are called into them, stay while they are alone, and leave (voipnow-uapi §2.3.3)."""

from __future__ import annotations

import pytest
from tests.calls.play import TALKING, Play

from cordboard.calls.commands import Invite
from cordboard.calls.model import CallState, Errand, RefusalKind

ROOM = ("500 Invite to=5000 room=500", "phone 5000 answer")
"""5000 is alone in the room: call A."""
MEETING = (*ROOM, "500 Invite to=5001 room=500", "phone 5001 answer")


def short(lines: list[str]) -> list[str]:
    return [" ".join(line.split()[:5]) for line in lines]


def test_who_is_called_first_waits_with_music() -> None:
    play = Play()
    told = play.told("500 Invite to=5000 room=500 caller_id=4711")
    assert short(told) == ["5000 A StatusChange Ringing Internal"]
    assert play.call("5000").participants == ("500",)
    assert play.ordered("phone 5000 answer") == ["HoldLeg music=5000"]
    assert (play.states("5000"), play.scene.hears("5000")) == (["Established"], ["music"])
    assert play.ledger.rooms == {"500": play.call("5000").conversation}


def test_who_comes_next_meets_those_who_are_there() -> None:
    play = Play(*MEETING)
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["5001"], ["5000"])
    play.do("500 Invite to=5900 room=500")
    play.do("phone 5900 answer")
    assert play.scene.hears("5000") == ["5001", "5900"]
    assert len(play.ledger.conversations) == 1


def test_whoever_is_left_stays_and_the_last_closes_the_room() -> None:
    play = Play(*MEETING)
    told = play.told("phone 5001 hangup")
    assert short(told)[1] == "5000 A ParticipantsUpdated Established Internal"
    assert "SingleStepTransfer" not in told[1]
    assert (play.scene.hears("5000"), play.call("5000").participants) == (["music"], ("500",))
    play.do("5000 Hangup A")
    assert (play.ledger.calls, play.ledger.rooms, play.ledger.conversations) == ({}, {}, {})


def test_who_does_not_come_leaves_the_others_where_they_are() -> None:
    play = Play(*ROOM, "500 Invite to=5001 room=500", "phone 5001 reject")
    assert (play.states("5000"), play.scene.hears("5000")) == (["Established"], ["music"])
    play = Play("500 Invite to=5000 room=500 ring_s=10")
    assert short(play.told("wait 10")) == ["5000 A StatusChange Released Internal"]
    assert (play.ledger.rooms, play.ledger.calls) == ({}, {})


def test_each_room_is_one_conversation() -> None:
    play = Play(*ROOM, "500 Invite to=5001 room=500#77", "phone 5001 answer")
    assert set(play.ledger.rooms) == {"500", "500#77"}
    assert (play.scene.hears("5000"), play.scene.hears("5001")) == (["music"], ["music"])


def test_whom_it_is_for_stays_with_it() -> None:
    play = Play()
    errand = Errand("500", "n")
    assert play.scene.ask(Invite(asker="500", to="5000", room="500", errand=errand)) is None
    play.scene.run()
    assert play.call("5000").errand == errand
    play.do("500 Invite to=5001 room=500")
    assert play.call("5001").errand == errand
    assert play.call("5001").state is CallState.RINGING


def test_the_last_in_a_room_may_go_on_to_others() -> None:
    play = Play(*ROOM, "5000 SingleStepConference A to=5001", "phone 5001 answer")
    assert play.scene.hears("5000") == ["5001"]
    play.do("5000 SingleStepTransfer A to=5900")
    play.do("phone 5900 answer")
    assert play.scene.hears("5001") == ["5900"]


@pytest.mark.parametrize(
    ("lines", "command", "kind"),
    [
        ((), Invite(asker="500", to="9999", room="500"), RefusalKind.BAD_DESTINATION),
        (ROOM, Invite(asker="500", to="5000", room="500"), RefusalKind.BAD_DESTINATION),
        (ROOM, Invite(asker="500", to="5001", room="500", ring_s=-1.0), RefusalKind.BAD_VALUE),
        (
            (*MEETING, "500 Invite to=5900 room=500"),
            Invite(asker="500", to="5005", room="500"),
            RefusalKind.LIMIT_REACHED,
        ),
        (("5001 do-not-disturb on",), Invite(asker="500", to="5001", room="500"), RefusalKind.IN_USE),
        (("5001 forwards to=5900",), Invite(asker="500", to="5001", room="500"), RefusalKind.IN_USE),
        (("switch down",), Invite(asker="500", to="5001", room="500"), RefusalKind.SWITCH_UNAVAILABLE),
    ],
)
def test_who_can_not_be_called_into_a_room(lines: tuple[str, ...], command: Invite, kind: RefusalKind) -> None:
    play = Play(*lines, conference_max=3)
    before = dict(play.ledger.calls)
    refusal = play.scene.ask(command)
    assert refusal is not None
    assert refusal.kind is kind
    assert play.ledger.calls == before


def test_a_telephone_that_is_in_use_rings() -> None:
    play = Play(*TALKING, "500 Invite to=5005 room=500")
    assert play.states("5005") == ["Established", "Ringing"]
