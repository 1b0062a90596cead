import pytest

from cordboard.switches.ari.numbering import Numbering
from cordboard.switches.ari.tracker import AnswerMode, Setup

PHONES = (Setup("5000", "PJSIP/anna", AnswerMode.AUTO), Setup("5001", "PJSIP/5001"))
NUMBERING = Numbering(PHONES, "PJSIP/{number}@trunk")


def test_telephones_are_reached_at_their_endpoint() -> None:
    assert NUMBERING.phone("5000") == NUMBERING.reach("5000") == PHONES[0]
    assert NUMBERING.phone("5002") is None


def test_everything_else_is_reached_through_the_trunk_if_there_is_one() -> None:
    assert NUMBERING.reach("0123") == Setup("0123", "PJSIP/0123@trunk")
    assert Numbering(PHONES, "").reach("0123") is None


@pytest.mark.parametrize(
    ("channel", "shown", "caller"),
    [
        ("PJSIP/anna-0000002a", "whatever", ("5000", False)),
        ("PJSIP/trunk-0000002a", "0123", ("0123", True)),
        ("PJSIP/trunk-0000002a", "", ("anonymous", True)),
        ("PJSIP/anna", "0123", ("0123", True)),
    ],
)
def test_who_calls_is_known_by_the_endpoint(channel: str, shown: str, caller: tuple[str, bool]) -> None:
    assert NUMBERING.caller(channel, shown) == caller


def test_whose_line_stays_open() -> None:
    numbering = Numbering([Setup("1", "PJSIP/1", AnswerMode.NAILED_UP), Setup("2", "PJSIP/2")], "")
    assert [numbering.is_nailed_up(number) for number in ("1", "2", "3")] == [True, False, False]
