import pytest

from cordboard.calls.model import MonitorKind
from cordboard.calls.records import Spying
from cordboard.switches.virtual.phones import (
    DIGITS_KEPT_MAX,
    MUSIC,
    NOWHERE,
    QUIET,
    RINGBACK,
    Line,
    LineState,
    Phone,
    Stage,
)


def line(phone: Phone, slot: int, stage: Stage, place: str = NOWHERE, held: bool = False) -> Line:
    made = Line(phone, slot, f"leg{slot}", "9", stage, place, held)
    phone.lines[slot] = made
    return made


@pytest.mark.parametrize(
    ("stage", "place", "held", "state", "live", "audible"),
    [
        (Stage.WAITING, NOWHERE, False, LineState.IDLE, False, False),
        (Stage.RINGING, NOWHERE, False, LineState.RINGING, False, False),
        (Stage.RINGING, "mix", False, LineState.RINGING, False, False),
        (Stage.CALLING, NOWHERE, False, LineState.DIALING, True, True),
        (Stage.CALLING, RINGBACK, False, LineState.DIALING, True, True),
        (Stage.CALLING, RINGBACK, True, LineState.HELD, False, False),
        (Stage.UP, NOWHERE, False, LineState.TALKING, True, True),
        (Stage.UP, "mix", False, LineState.TALKING, True, True),
        (Stage.UP, MUSIC, False, LineState.TALKING, True, True),
        (Stage.UP, RINGBACK, False, LineState.DIALING, True, True),
        (Stage.UP, QUIET, False, LineState.HELD, False, True),
        (Stage.UP, "mix", True, LineState.HELD, False, False),
        (Stage.BUSY_TONE, NOWHERE, False, LineState.DIALING, True, False),
    ],
)
def test_what_the_display_shows(
    stage: Stage, place: str, held: bool, state: LineState, live: bool, audible: bool
) -> None:
    shown = line(Phone("1"), 0, stage, place, held)
    assert (shown.state, shown.live, shown.audible) == (state, live, audible)


def test_a_muted_line_is_live_but_not_audible() -> None:
    muted = line(Phone("1"), 0, Stage.UP, "mix")
    muted.muted = True
    assert muted.live
    assert not muted.audible


def test_a_phone_is_what_its_most_important_line_is() -> None:
    phone = Phone("1")
    states = [phone.state]
    for slot, stage, place in (
        (3, Stage.UP, QUIET),
        (2, Stage.RINGING, NOWHERE),
        (1, Stage.CALLING, NOWHERE),
        (0, Stage.UP, "mix"),
    ):
        line(phone, slot, stage, place)
        states.append(phone.state)
    assert states == [LineState.IDLE, LineState.HELD, LineState.RINGING, LineState.DIALING, LineState.TALKING]


def test_the_live_line_is_the_one_listened_to() -> None:
    phone = Phone("1")
    line(phone, 0, Stage.UP, "mix", held=True)
    assert phone.live_line is None
    talking = line(phone, 1, Stage.UP, "mix")
    assert phone.live_line is talking


def test_the_lowest_free_slot_is_taken_first() -> None:
    phone = Phone("1", lines_max=2)
    assert phone.free_slot == 0
    line(phone, 0, Stage.UP)
    assert phone.free_slot == 1
    line(phone, 1, Stage.UP)
    assert phone.free_slot is None
    del phone.lines[0]
    assert phone.free_slot == 0


def test_the_lowest_line_in_the_first_state_is_found() -> None:
    phone = Phone("1")
    line(phone, 2, Stage.RINGING)
    lower = line(phone, 1, Stage.RINGING)
    line(phone, 0, Stage.UP, QUIET)
    assert phone.line_in(LineState.TALKING, LineState.RINGING, LineState.HELD) is lower
    assert phone.line_in(LineState.TALKING) is None


def test_only_the_last_digits_are_kept() -> None:
    heard = line(Phone("1"), 0, Stage.UP)
    heard.keep("1" * DIGITS_KEPT_MAX)
    heard.keep("23")
    assert len(heard.digits) == DIGITS_KEPT_MAX
    assert heard.digits.endswith("123")


@pytest.mark.parametrize(
    ("spying", "known", "public"),
    [
        (None, [True, True], True),
        (Spying(MonitorKind.LISTEN_IN, "agent"), [False, False], False),
        (Spying(MonitorKind.COACH, "agent"), [True, False], False),
        (Spying(MonitorKind.COACH, ""), [False, False], False),
        (Spying(MonitorKind.BARGE_IN, "agent"), [True, True], True),
    ],
)
def test_a_supervisors_line_is_kept_from_some_or_from_all(
    spying: Spying | None, known: list[bool], public: bool
) -> None:
    made = line(Phone("10"), 0, Stage.UP, "mix")
    made.spying = spying
    assert [made.is_known_to(leg) for leg in ("agent", "other")] == known
    assert made.is_public is public
