"""DTMF digits (gws-v2 §3, SendDtmf)."""

from __future__ import annotations

import pytest
from tests.calls.play import CONFERENCE, TALKING, Play

from cordboard.calls.commands import SendDtmf
from cordboard.calls.model import RefusalKind


@pytest.mark.parametrize("digits", ["1", "0123456789*#ABCDabcd", "1" * 64])
def test_the_other_party_hears_the_digits_and_nobody_is_told(digits: str) -> None:
    play = Play(*TALKING)
    assert play.do(f"5005 SendDtmf A digits={digits}") == ["answer accepted", f"order SendDigits 5000 {digits}"]


@pytest.mark.parametrize("digits", ["", "x", "12 ", "1" * 65, "E", "\u0661"])
def test_what_no_telephone_can_send_is_refused(digits: str) -> None:
    play = Play(*TALKING)
    refusal = play.scene.ask(SendDtmf(asker="5005", call=play.call("5005").id, digits=digits))
    assert refusal is not None
    assert (refusal.kind, refusal.detail) == (RefusalKind.BAD_VALUE, "digits must be 1 to 64 of 0-9, *, # and A-D")


def test_every_member_of_a_conference_hears_them() -> None:
    play = Play(*CONFERENCE)
    assert sorted(play.ordered("5005 SendDtmf A digits=1")) == ["SendDigits 5000 1", "SendDigits 5001 1"]


def test_a_trunk_that_is_being_rung_may_listen_already() -> None:
    play = Play("phone 5005 dial to=3235742879")
    assert play.ordered("5005 SendDtmf A digits=1") == ["SendDigits 3235742879 1"]


def test_a_phone_that_is_not_dialled_yet_does_not() -> None:
    play = Play("hold reports", "5000 Dial to=5005")
    assert play.do("5000 SendDtmf A digits=1") == ["answer accepted"]


def test_the_phone_that_dialled_hears_them_too() -> None:
    assert Play(*TALKING).ordered("5005 SendDtmf A digits=1") == ["SendDigits 5000 1"]


def test_a_call_on_hold_sends_none() -> None:
    (answer,) = Play(*TALKING, "5005 Hold A").do("5005 SendDtmf A digits=1")
    assert answer.startswith("answer refused, not permitted now")
