import pytest

from cordboard.calls.model import MonitorKind, Reason
from cordboard.calls.records import Spying
from cordboard.calls.reports import (
    AnyReport,
    LegAnswered,
    LegEnded,
    LegHeld,
    LegOffered,
    LegRetrieved,
    LegRinging,
    LegSeen,
)
from cordboard.switches.virtual.phones import (
    MUSIC,
    QUIET,
    RINGBACK,
    Behaviour,
    Line,
    LineState,
    OnRing,
    Phone,
    Stage,
)
from cordboard.switches.virtual.plant import BUSY_TONE_S, Plant


@pytest.fixture
def plant() -> Plant:
    phones = {number: Phone(number) for number in ("10", "20", "30")}
    phones["0900"] = Phone("0900", trunk=True)
    return Plant(phones)


def up(plant: Plant, leg: str, number: str) -> Line:
    """A leg that was called and has answered."""
    plant.call(leg, number, "caller", auto_answer=True, now=0)
    plant.take()
    return plant.lines[leg]


def talking(plant: Plant, mix: str, **numbers: str) -> list[Line]:
    lines = [up(plant, leg, number) for leg, number in numbers.items()]
    for line in lines:
        plant.join(line, mix)
    plant.take()
    return lines


# -- being called


def call(plant: Plant, behaviour: Behaviour, auto_answer: bool = False) -> list[AnyReport]:
    plant.phones["10"].behaviour = behaviour
    plant.call("a", "10", "20", auto_answer, now=100)
    return plant.take()


RINGING, ANSWERED = LegRinging("a"), LegAnswered("a")
BUSY, REJECTED, UNREACHABLE = (LegEnded("a", reason) for reason in (Reason.BUSY, Reason.REJECTED, Reason.UNREACHABLE))


@pytest.mark.parametrize(
    ("on_ring", "first", "then"),
    [
        (OnRing.RING, [], [RINGING]),
        (OnRing.ANSWER, [RINGING], [ANSWERED]),
        (OnRing.BUSY, [], [BUSY]),
        (OnRing.REJECT, [RINGING], [REJECTED]),
        (OnRing.UNREACHABLE, [], [UNREACHABLE]),
    ],
)
def test_a_phone_reacts_as_it_is_told_to(
    on_ring: OnRing, first: list[AnyReport], then: list[AnyReport], plant: Plant
) -> None:
    assert call(plant, Behaviour(on_ring, after_ms=500)) == first
    assert plant.next_deadline() == 100.5
    plant.tick(100.4)
    assert plant.take() == []
    plant.tick(100.5)
    assert plant.take() == then
    assert plant.next_deadline() is None


def test_without_a_delay_a_phone_reacts_at_once(plant: Plant) -> None:
    assert call(plant, Behaviour(OnRing.REJECT)) == [RINGING, REJECTED]
    assert call(plant, Behaviour(OnRing.ANSWER)) == [RINGING, ANSWERED]
    assert plant.next_deadline() is None


@pytest.mark.parametrize("on_ring", [OnRing.RING, OnRing.ANSWER])
def test_auto_answer_goes_off_hook_at_once(on_ring: OnRing, plant: Plant) -> None:
    assert call(plant, Behaviour(on_ring, after_ms=500), auto_answer=True) == [ANSWERED]
    assert plant.next_deadline() is None


@pytest.mark.parametrize(("on_ring", "end"), [(OnRing.BUSY, BUSY), (OnRing.UNREACHABLE, UNREACHABLE)])
def test_auto_answer_does_not_help_a_phone_that_is_not_there(on_ring: OnRing, end: LegEnded, plant: Plant) -> None:
    assert call(plant, Behaviour(on_ring), auto_answer=True) == [end]


def test_calls_that_reach_no_line_tell_why(plant: Plant) -> None:
    plant.call("a", "99", "10", auto_answer=False, now=0)
    plant.phones["10"].plugged = False
    plant.call("b", "10", "20", auto_answer=True, now=0)
    plant.phones["20"].lines_max = 0
    plant.call("c", "20", "30", auto_answer=False, now=0)
    assert plant.take() == [
        LegEnded("a", Reason.INVALID_NUMBER),
        LegEnded("b", Reason.UNREACHABLE),
        LegEnded("c", Reason.BUSY),
    ]
    assert plant.lines == {}


def test_a_leg_that_ends_takes_its_alarm_with_it(plant: Plant) -> None:
    call(plant, Behaviour(OnRing.ANSWER, after_ms=500))
    plant.end(plant.lines["a"], Reason.NO_ANSWER)
    assert plant.take() == [LegEnded("a", Reason.NO_ANSWER)]
    assert plant.next_deadline() is None
    plant.tick(200)
    assert (plant.take(), plant.lines, plant.phones["10"].lines) == ([], {}, {})


def test_a_person_who_has_answered_does_not_reject_any_more(plant: Plant) -> None:
    call(plant, Behaviour(OnRing.REJECT, after_ms=500))
    plant.answer(plant.lines["a"])
    assert plant.next_deadline() is None
    plant.tick(200)
    assert plant.take() == [LegAnswered("a")]


def test_alarms_go_off_in_the_order_of_their_time(plant: Plant) -> None:
    plant.phones["10"].behaviour = Behaviour(OnRing.ANSWER, after_ms=900)
    plant.phones["20"].behaviour = Behaviour(OnRing.REJECT, after_ms=300)
    plant.call("a", "10", "30", auto_answer=False, now=0)
    plant.call("b", "20", "30", auto_answer=False, now=0)
    plant.take()
    assert plant.next_deadline() == 0.3
    plant.tick(5)
    assert plant.take() == [LegEnded("b", Reason.REJECTED), LegAnswered("a")]


# -- dialling


def test_a_person_dials_on_a_fresh_leg(plant: Plant) -> None:
    up(plant, "x1", "30")
    plant.offer(plant.phones["10"], 0, "20")
    plant.offer(plant.phones["0900"], 2, "20")
    assert plant.take() == [LegOffered("x2", "10", "20"), LegOffered("x3", "0900", "20", external=True)]
    assert plant.hears(plant.lines["x2"]) == ["silence"]
    assert plant.lines["x2"].state is LineState.DIALING
    assert plant.peer(plant.lines["x2"]) == "20"


def test_a_busy_tone_ends_by_itself(plant: Plant) -> None:
    plant.offer(plant.phones["10"], 0, "20")
    line = plant.lines["x1"]
    plant.refuse(line, now=50)
    assert plant.take()[1:] == [LegEnded("x1", Reason.BUSY)]
    assert plant.lines == {}
    assert plant.hears(line) == ["busy"]
    plant.tick(50 + BUSY_TONE_S)
    assert plant.phones["10"].lines == {}
    assert plant.take() == []


def test_a_person_who_listens_to_another_line_hears_no_busy_tone(plant: Plant) -> None:
    plant.offer(plant.phones["10"], 0, "20")
    up(plant, "a", "10")
    plant.refuse(plant.lines["x1"], now=0)
    assert set(plant.phones["10"].lines) == {1}


def test_dialling_again_hangs_the_busy_tone_up(plant: Plant) -> None:
    plant.offer(plant.phones["10"], 0, "20")
    plant.refuse(plant.lines["x1"], now=0)
    plant.take()
    plant.offer(plant.phones["10"], 1, "30")
    assert plant.take() == [LegOffered("x2", "10", "30")]
    assert set(plant.phones["10"].lines) == {1}


# -- one ear


def test_answering_holds_the_line_that_was_listened_to(plant: Plant) -> None:
    talking(plant, "m", a="10", b="20")
    plant.call("c", "10", "30", auto_answer=True, now=0)
    assert plant.take() == [LegHeld("a"), LegAnswered("c")]
    assert plant.hears(plant.lines["a"]) == ["silence"]
    assert plant.hears(plant.lines["b"]) == ["silence"]


def test_being_mixed_or_rung_turns_the_phone_to_that_line(plant: Plant) -> None:
    first, _ = talking(plant, "m", a="10", b="20")
    second = up(plant, "c", "10")
    plant.join(first, "m")
    plant.attend(["a"], [])
    assert plant.take() == [LegHeld("c")]
    assert (first.held, second.held) == (False, True)
    plant.place(second, RINGBACK)
    plant.attend(["c"], [])
    assert plant.take() == [LegHeld("a")]
    assert plant.hears(second) == ["ringback"]


def test_a_phone_turns_to_the_last_of_its_lines_that_are_wanted(plant: Plant) -> None:
    first, second = up(plant, "a", "10"), up(plant, "b", "10")
    plant.join(first, "m")
    plant.join(second, "m")
    plant.attend(["a", "b"], [])
    assert (plant.take(), first.held, second.held) == ([], True, False)
    plant.attend(["b", "a"], [])
    assert (plant.take(), first.held, second.held) == ([LegHeld("b")], False, True)


def test_music_does_not_turn_the_phone_away_from_another_line(plant: Plant) -> None:
    first = up(plant, "a", "10")
    plant.place(first, QUIET)
    up(plant, "b", "10")
    plant.place(first, MUSIC)
    plant.attend([], ["a"])
    assert plant.take() == [LegHeld("a")]
    assert plant.hears(first) == ["silence"]


def test_a_line_that_is_quiet_need_not_be_held(plant: Plant) -> None:
    plant.place(up(plant, "a", "10"), QUIET)
    plant.call("b", "10", "20", auto_answer=True, now=0)
    assert plant.take() == [LegAnswered("b")]


def test_retrieving_holds_the_other_line(plant: Plant) -> None:
    first = up(plant, "a", "10")
    up(plant, "b", "10")
    plant.retrieve(first)
    assert plant.take() == [LegHeld("b"), LegRetrieved("a")]


# -- mixes


def test_everybody_in_a_mix_hears_the_others_in_the_order_of_joining(plant: Plant) -> None:
    first, second, third = talking(plant, "m", a="30", b="10", c="20")
    assert [plant.hears(line) for line in (first, second, third)] == [["10", "20"], ["30", "20"], ["30", "10"]]
    second.muted = True
    assert plant.hears(first) == ["20"]
    assert plant.hears(second) == ["30", "20"]
    plant.hold(third)
    assert plant.hears(first) == ["silence"]
    assert plant.peer(first) == "10"


def test_a_mix_lives_as_long_as_a_leg_is_in_it(plant: Plant) -> None:
    first, second = talking(plant, "m", a="10", b="20")
    plant.join(first, "n")
    assert plant.hears(second) == ["silence"]
    assert set(plant.mixes) == {"m", "n"}
    plant.place(second, MUSIC)
    plant.end(first, Reason.NORMAL)
    assert plant.mixes == {}
    assert plant.hears(second) == ["music"]


def test_joining_the_same_mix_again_changes_nothing(plant: Plant) -> None:
    first, second, third = talking(plant, "m", a="10", b="20", c="30")
    plant.join(first, "m")
    assert plant.hears(third) == ["10", "20"]
    assert plant.hears(second) == ["10", "30"]


def test_a_leg_that_dialled_is_answered_by_being_mixed(plant: Plant) -> None:
    plant.offer(plant.phones["10"], 0, "20")
    line = plant.lines["x1"]
    plant.place(line, RINGBACK)
    assert (plant.hears(line), line.stage) == (["ringback"], Stage.CALLING)
    plant.take()
    plant.join(line, "m")
    assert (line.stage, line.state, plant.take()) == (Stage.UP, LineState.TALKING, [])


@pytest.mark.parametrize("place", ["m", RINGBACK, MUSIC])
def test_a_phone_that_rings_hears_nothing_and_is_not_heard(place: str, plant: Plant) -> None:
    other, _ = talking(plant, "m", b="20", c="30")
    plant.call("a", "10", "20", auto_answer=False, now=0)
    up(plant, "d", "10")
    ringing = plant.lines["a"]
    plant.take()
    if place == "m":
        plant.join(ringing, place)
    else:
        plant.place(ringing, place)
    plant.attend(["a"], ["a"])
    assert (plant.hears(ringing), ringing.state, plant.take()) == ([], LineState.RINGING, [])
    assert plant.hears(other) == ["30"]


def test_a_display_remembers_whom_it_talked_to(plant: Plant) -> None:
    first, second, third = talking(plant, "m", a="10", b="20", c="30")
    plant.end(second, Reason.NORMAL)
    plant.place(first, QUIET)
    assert (plant.peer(first), plant.peer(third)) == ("30", "10")


def test_a_snapshot_shows_all_legs(plant: Plant) -> None:
    talking(plant, "m", a="10")
    plant.place(up(plant, "b", "20"), MUSIC)
    plant.call("c", "30", "10", auto_answer=False, now=0)
    plant.offer(plant.phones["0900"], 0, "10")
    assert plant.snapshot().legs == (
        LegSeen("a", "10", answered=True, place="m"),
        LegSeen("b", "20", answered=True, place="music"),
        LegSeen("c", "30", answered=False, ringing=True),
        LegSeen("x1", "0900", answered=False, dialled="10", external=True),
    )
    plant.place(plant.lines["x1"], RINGBACK)
    assert plant.snapshot().legs[-1].dialled == ""
    plant.hold(plant.lines["a"])
    assert [seen.leg for seen in plant.snapshot().legs if seen.held] == ["a"]


# -- supervisors


@pytest.mark.parametrize(
    ("spying", "hears"),
    [
        (Spying(MonitorKind.LISTEN_IN, "a"), [["20"], ["10"], ["10", "20"]]),
        (Spying(MonitorKind.COACH, "a"), [["20", "30"], ["10"], ["10", "20"]]),
        (Spying(MonitorKind.BARGE_IN, "a"), [["20", "30"], ["10", "30"], ["10", "20"]]),
    ],
)
def test_who_hears_a_supervisor(spying: Spying, hears: list[list[str]], plant: Plant) -> None:
    agent, customer = talking(plant, "m", a="10", b="20")
    supervisor = up(plant, "s", "30")
    plant.join(supervisor, "m", spying)
    assert [plant.hears(line) for line in (agent, customer, supervisor)] == hears


def test_a_supervisor_who_is_placed_as_anybody_is_heard_as_anybody(plant: Plant) -> None:
    agent, customer = talking(plant, "m", a="10", b="20")
    supervisor = up(plant, "s", "30")
    plant.join(supervisor, "m", Spying(MonitorKind.LISTEN_IN, "a"))
    plant.join(supervisor, "m")
    assert (plant.hears(agent), plant.hears(customer)) == (["20", "30"], ["10", "30"])
    plant.join(supervisor, "m", Spying(MonitorKind.LISTEN_IN, "a"))
    plant.place(supervisor, MUSIC)
    assert (supervisor.spying, plant.hears(supervisor)) == (None, ["music"])


def test_a_display_shows_no_supervisor_that_is_silent(plant: Plant) -> None:
    customer, supervisor = up(plant, "b", "20"), up(plant, "s", "30")
    plant.join(customer, "m")
    plant.join(supervisor, "m", Spying(MonitorKind.LISTEN_IN, ""))
    agent = up(plant, "a", "10")
    plant.join(agent, "m")
    assert (plant.peer(customer), plant.peer(supervisor)) == ("10", "20")
    plant.place(agent, MUSIC)
    assert (plant.peer(agent), plant.peer(customer)) == ("20", "caller")
    plant.place(supervisor, MUSIC)
    assert (plant.peer(customer), plant.peer(supervisor)) == ("caller", "20")


def test_a_recording_knows_those_whom_everybody_hears(plant: Plant) -> None:
    told: list[str] = []
    plant.recorder.joined = lambda mix, number: told.append(number)  # type: ignore[method-assign]
    supervisor = up(plant, "s", "30")
    plant.join(supervisor, "m", Spying(MonitorKind.COACH, "a"))
    assert told == []
    plant.join(supervisor, "m", Spying(MonitorKind.BARGE_IN, "a"))
    assert told == ["30"]
