import re
from collections.abc import Callable
from typing import get_args

import msgspec
import pytest

from cordboard.calls.model import MonitorKind, Reason
from cordboard.calls.records import Spying
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegDigits,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    LegTransferred,
)
from cordboard.switches.virtual.persons import (
    ACTIONS,
    Answer,
    AnyAction,
    Cannot,
    Dial,
    Dtmf,
    Hangup,
    Hold,
    Plug,
    Reject,
    Retrieve,
    Transfer,
    Unplug,
    act,
)
from cordboard.switches.virtual.phones import QUIET, Behaviour, OnRing, Phone
from cordboard.switches.virtual.plant import Plant


def idle(plant: Plant) -> None:
    """Nothing happens at phone 10."""


def rings(plant: Plant) -> None:
    plant.call("r", "10", "20", auto_answer=False, now=0)


def dials(plant: Plant) -> None:
    plant.offer(plant.phones["10"], 0, "20")


def talks(plant: Plant) -> None:
    for leg, number in (("a", "10"), ("b", "20")):
        plant.call(leg, number, "30", auto_answer=True, now=0)
        plant.join(plant.lines[leg], "m")


def holds(plant: Plant) -> None:
    talks(plant)
    plant.hold(plant.lines["a"])


def is_kept_quiet(plant: Plant) -> None:
    talks(plant)
    plant.place(plant.lines["a"], QUIET)


def talks_and_rings(plant: Plant) -> None:
    talks(plant)
    rings(plant)


def hears_busy(plant: Plant) -> None:
    dials(plant)
    plant.refuse(plant.lines["x1"], now=0)


def is_unplugged(plant: Plant) -> None:
    plant.phones["10"].plugged = False


def is_full(plant: Plant) -> None:
    plant.phones["10"].lines_max = 1
    talks(plant)


def waits_to_ring(plant: Plant) -> None:
    plant.phones["10"].behaviour = Behaviour(OnRing.RING, after_ms=500)
    rings(plant)


Situation = Callable[[Plant], None]


def do(situation: Situation, action: AnyAction) -> tuple[Plant, Cannot | None, list[AnyReport]]:
    plant = Plant({number: Phone(number) for number in ("10", "20", "30")})
    situation(plant)
    plant.take()
    return plant, act(plant, plant.phones["10"], action), plant.take()


@pytest.mark.parametrize(
    ("situation", "action", "reports"),
    [
        (idle, Dial(to="0003*20"), [LegOffered("x1", "10", "0003*20")]),
        (talks, Dial(to="30"), [LegHeld("a"), LegOffered("x1", "10", "30")]),
        (hears_busy, Dial(to="30"), [LegOffered("x2", "10", "30")]),
        (rings, Answer(), [LegAnswered("r")]),
        (talks_and_rings, Answer(), [LegHeld("a"), LegAnswered("r")]),
        (talks_and_rings, Answer(line=1), [LegHeld("a"), LegAnswered("r")]),
        (rings, Reject(), [LegEnded("r", Reason.REJECTED)]),
        (talks_and_rings, Reject(), [LegEnded("r", Reason.REJECTED)]),
        (talks, Hangup(), [LegEnded("a")]),
        (dials, Hangup(), [LegEnded("x1")]),
        (holds, Hangup(), [LegEnded("a")]),
        (rings, Hangup(), [LegEnded("r", Reason.REJECTED)]),
        (talks_and_rings, Hangup(), [LegEnded("a")]),
        (talks_and_rings, Hangup(line=1), [LegEnded("r", Reason.REJECTED)]),
        (hears_busy, Hangup(), []),
        (talks, Hold(), [LegHeld("a")]),
        (holds, Retrieve(), [LegRetrieved("a")]),
        (is_kept_quiet, Retrieve(), [LegRetrieved("a")]),
        (talks, Transfer(to="30"), [LegTransferred("a", "30")]),
        (holds, Transfer(to="30"), [LegTransferred("a", "30")]),
        (talks, Dtmf(digits="1#"), [LegDigits("a", "1#")]),
        (talks_and_rings, Unplug(), [LegEnded("a", Reason.UNREACHABLE), LegEnded("r", Reason.UNREACHABLE)]),
        (waits_to_ring, Unplug(), [LegEnded("r", Reason.UNREACHABLE)]),
        (hears_busy, Unplug(), []),
        (is_unplugged, Unplug(), []),
        (is_unplugged, Plug(), []),
        (idle, Plug(), []),
    ],
)
def test_what_a_person_can_do(situation: Situation, action: AnyAction, reports: list[AnyReport]) -> None:
    _, cannot, said = do(situation, action)
    assert (cannot, said) == (None, reports)


@pytest.mark.parametrize(
    ("situation", "action", "reason"),
    [
        (idle, Answer(), "the phone is idle; answer needs a line that is ringing"),
        (talks, Reject(), "the phone is talking; reject needs a line that is ringing"),
        (talks_and_rings, Answer(line=0), "line 0 is talking; answer needs one that is ringing"),
        (talks, Answer(line=3), "line 3 is not in use"),
        (idle, Hangup(), "the phone is idle; hangup needs a line that is talking or dialing or ringing or held"),
        (waits_to_ring, Hangup(line=0), "line 0 is idle; hangup needs one that is talking"),
        (idle, Hold(), "the phone is idle; hold needs a line that is talking or dialing"),
        (dials, Hold(), "line 0 is not answered"),
        (hears_busy, Hold(), "line 0 is not answered"),
        (holds, Hold(), "the phone is held; hold needs a line that is talking or dialing"),
        (is_kept_quiet, Hold(), "the phone is held"),
        (talks, Retrieve(), "the phone is talking; retrieve needs a line that is held"),
        (rings, Transfer(to="30"), "the phone is ringing; transfer needs a line that is talking or dialing or held"),
        (dials, Transfer(to="30"), "line 0 is not answered"),
        (holds, Dtmf(digits="1"), "the phone is held; dtmf needs a line that is talking or dialing"),
        (is_full, Dial(to="20"), "all 1 lines are in use"),
        (talks, Dial(to="20", line=0), "line 0 is in use"),
        (idle, Dial(to="20", line=4), "the phone has no line 4"),
        (is_unplugged, Dial(to="20"), "the phone is unplugged"),
        (is_unplugged, Hangup(), "the phone is unplugged"),
    ],
)
def test_what_a_person_cannot_do(situation: Situation, action: AnyAction, reason: str) -> None:
    before = Plant({number: Phone(number) for number in ("10", "20", "30")})
    situation(before)
    plant, cannot, said = do(situation, action)
    assert cannot is not None
    assert re.match(re.escape(reason), cannot.reason)
    assert (said, plant.snapshot()) == ([], before.snapshot())


def test_a_line_can_be_chosen_to_dial() -> None:
    plant, _, _ = do(idle, Dial(to="20", line=2))
    assert set(plant.phones["10"].lines) == {2}


def test_a_phone_is_there_again_when_it_is_plugged_in() -> None:
    plant, _, _ = do(talks, Unplug())
    assert not plant.phones["10"].plugged
    act(plant, plant.phones["10"], Plug())
    assert plant.phones["10"].plugged


def test_digits_are_heard_by_those_who_hear_the_person() -> None:
    plant, _, _ = do(talks, Dtmf(digits="12"))
    assert [plant.lines[leg].digits for leg in ("a", "b")] == ["", "12"]
    plant.lines["a"].muted = True
    act(plant, plant.phones["10"], Dtmf(digits="3"))
    assert plant.lines["b"].digits == "12"
    plant.lines["a"].muted = False
    plant.hold(plant.lines["b"])
    act(plant, plant.phones["10"], Dtmf(digits="4"))
    assert plant.lines["b"].digits == "12"


def test_actions_are_told_by_their_names() -> None:
    assert [action.__struct_config__.tag for action in get_args(AnyAction)] == list(ACTIONS)
    assert msgspec.json.decode(b'{"do":"dial","to":"5005","line":1}', type=AnyAction) == Dial(to="5005", line=1)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"do":"sing"}',
        b'{"do":"dial"}',
        b'{"do":"dial","to":""}',
        b'{"do":"dial","to":5005}',
        b'{"do":"answer","to":"5005"}',
        b'{"do":"answer","line":-1}',
        b'{"do":"answer","line":"0"}',
        b'{"do":"dtmf","digits":"x"}',
        b'{"do":"dtmf","digits":""}',
        b'{"do":"dtmf","digits":"1\\n"}',
    ],
)
def test_actions_that_are_none(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=AnyAction)


def test_digits_of_a_silent_supervisor_are_not_heard() -> None:
    plant = Plant({number: Phone(number) for number in ("10", "20", "30")})
    talks(plant)
    plant.call("s", "30", "10", auto_answer=True, now=0)
    plant.join(plant.lines["s"], "m", Spying(MonitorKind.COACH, "a"))
    act(plant, plant.phones["30"], Dtmf(digits="7"))
    assert (plant.lines["a"].digits, plant.lines["b"].digits) == ("7", "")
