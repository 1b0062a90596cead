"""Questions about what was heard, on frames as a telephone tells them."""

from __future__ import annotations

import pytest
from tests.live import ears
from tests.live.hearing import Hearing, either

TABLE = {1000: "5001", 1270: "5002", 700: "music"}
LOUD = 2800


def hearing(*stretches: tuple[float, tuple[int, ...]], lines: tuple[tuple[float, str], ...] = ()) -> Hearing:
    """One that began at 100 s and heard these tones for so many seconds each; ``lines``: states of its line 1."""
    hearing = Hearing(TABLE, started=100.0)
    tones = [tones for seconds, tones in stretches for _ in range(round(seconds / ears.FRAME_S))]
    for number, heard in enumerate(tones, start=1):
        hearing.frames.append(ears.Frame(100 + number * ears.FRAME_S, heard, LOUD if heard else 0))
    hearing.events += [{"event": "line", "at": at, "line": 1, "state": state} for at, state in lines]
    return hearing


def test_what_is_heard_now_is_what_was_steady_of_late() -> None:
    assert hearing((1, (1000,)), (0.4, (700,))).now() == {"music"}
    assert hearing((1, (1000,)), (0.2, (700,))).now() == frozenset()
    assert hearing().now() == frozenset()


def test_when_something_began() -> None:
    changed = hearing((1, (1000,)), (0.5, (1000, 1270)))

    assert changed.begun(frozenset({"5001", "5002"})) == pytest.approx(101.0)
    assert changed.begun(frozenset({"5001"})) is None
    assert hearing((0.3, (1000,))).begun(frozenset({"5001"})) is None


def test_coming_and_going_is_no_silence() -> None:
    shreds = hearing(*[(0.1, (1000,)), (0.1, ())] * 5)

    assert shreds.now() == frozenset()
    assert shreds.begun(frozenset()) is None
    assert hearing((1, (1000,)), (0.4, ())).begun(frozenset()) == pytest.approx(101.0)


def test_what_was_heard_before_does_not_count() -> None:
    steady = hearing((1.5, (1000,)))

    assert steady.begun(frozenset({"5001"}), since=100.7) == pytest.approx(101.0)
    assert steady.begun(frozenset({"5001"}), since=100.9) is None


def test_when_something_was_heard_first() -> None:
    held = hearing((1, (1000,)), (0.1, (700,)), (0.1, ()), (1, (700,)), (1, (1000,)))

    assert held.first(frozenset({"music"}), 100.5) == pytest.approx(101.2)
    assert held.first(frozenset({"music"}), 102.15) is None
    assert held.first(frozenset({"5002"}), 100.0) is None


def test_what_was_heard_since() -> None:
    mixed = hearing((1, (700,)), (0.2, (1000,)), (1.8, (1000, 1270)))

    assert mixed.steadily_since(100.8, 0.7) == {"5001", "5002"}
    assert mixed.steadily_since(100.0, 0.95) == frozenset()
    assert [round(frame.at, 1) for frame in mixed.since(102.5)] == [102.8, 102.9, 103.0]


def test_two_frames_on_end_are_overheard_and_one_is_not() -> None:
    assert hearing((1, (1000,)), (0.2, (1270,)), (1, (1000,))).overheard_since(100.0, ["5002"]) == {"5002"}
    assert hearing((1, (1000,)), (0.1, (1270,)), (1, (1000,))).overheard_since(100.0, ["5002"]) == frozenset()
    assert hearing((1, (1000,))).overheard_since(100.0, ["5002", "music"]) == frozenset()


def test_silence_counts_while_a_line_talks() -> None:
    silent = hearing((1, (1000,)), (0.6, ()), (0.4, (1000,)), lines=((100.0, "talking"),))

    assert silent.silence_since(100.0) == pytest.approx(0.6)
    assert silent.silence_since(101.0) == pytest.approx(0.4)


@pytest.mark.parametrize("state", ["held", "ended", "ringing", "calling"])
def test_silence_does_not_count_where_there_is_nothing_to_hear(state: str) -> None:
    silent = hearing((1, (1000,)), (2, ()), lines=((100.0, "talking"), (101.0, state)))

    assert silent.silence_since(100.0) == 0


def test_silence_after_a_hold_counts_once_there_was_time_to_hear() -> None:
    silent = hearing((3, ()), lines=((100.0, "held"), (101.0, "talking")))

    # 0.2 s for the way, and the frame in which it changed.
    assert silent.silence_since(100.0) == pytest.approx(1.8)


def test_a_second_line_that_is_taken_has_time_to_be_heard_too() -> None:
    swapped = hearing((1, (1000,)), (0.3, ()), (1, (1270,)), lines=((100.0, "talking"), (101.0, "held")))
    swapped.events.append({"event": "line", "at": 101.0, "line": 2, "state": "talking"})

    assert swapped.silence_since(100.0) <= 0.1


def test_it_is_told_for_people() -> None:
    told = hearing((0.5, (1000,)), (0.5, ()), lines=((100.4, "talking"),))
    told.events.append({"event": "dtmf", "at": 100.6, "line": 1, "digit": "5"})
    told.events.append({"event": "invite", "at": 100.7, "line": 1, "message": "INVITE sip:"})

    assert told.told() == (
        "  it heard\n"
        "     0.0 s  5001\n"
        "     0.5 s  (silence)\n"
        "  what happened\n"
        "     0.4 s  line line=1 state=talking\n"
        "     0.6 s  dtmf line=1 digit=5\n"
        "     0.7 s  invite line=1"
    )
    assert "5001" not in told.told(since=101.6)


def test_names_in_words() -> None:
    assert either({"5002", "5001"}) == "5001 + 5002"
    assert either(()) == "silence"
