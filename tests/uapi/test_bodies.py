"""What clients write is understood, and what is not is told apart from what is missing."""

from __future__ import annotations

import pytest

from cordboard.uapi import bodies, problems


def test_a_body_is_an_object() -> None:
    assert bodies.read(b'{"a":1}') == {"a": 1}
    assert bodies.read(b" ") == {}
    for wrong in (b"[]", b"{", b"\xff", b"1", b"[" * 100_000):
        assert bodies.read(wrong) == problems.UNREADABLE


@pytest.mark.uapi("0.6 numbers and texts")
def test_texts_and_numbers() -> None:
    assert bodies.text({"a": " x "}, "a") == "x"
    assert bodies.text({"a": 7}, "b", "a") == "7"
    assert bodies.text({"a": None}, "a") == ""
    assert bodies.text({"a": True}, "a") is None
    assert bodies.text({"a": {}}, "a") is None
    limits = {"least": 1, "most": 9, "default": 5}
    assert bodies.number({}, "n", **limits) == 5
    assert bodies.number({"n": "3"}, "n", **limits) == 3
    for wrong in ("0", 10, "x", "1234567890", [], -1):
        assert bodies.number({"n": wrong}, "n", **limits) is None


@pytest.mark.uapi("0.7 one or a list")
def test_one_or_several() -> None:
    assert bodies.texts({"a": "x"}, "a") == ("x",)
    assert bodies.texts({"a": ["x", 7]}, "a") == ("x", "7")
    assert bodies.texts({}, "a") == ()
    assert bodies.texts({"a": ["x", {}]}, "a") is None
    assert bodies.texts({"a": ["x", ""]}, "a") is None


def test_the_view_of_a_call_to_be() -> None:
    assert bodies.view_of({"phoneCallView": {"a": 1}}) == {"a": 1}
    assert bodies.view_of({"phoneCallView": [{"a": 1}]}) == {"a": 1}
    for wrong in ({}, {"phoneCallView": []}, {"phoneCallView": ["x"]}, {"phoneCallView": "x"}):
        assert bodies.view_of(wrong) == problems.CREATE_VIEW_INVALID


@pytest.mark.uapi("1.2 caller ids")
def test_callers_are_shown_by_their_number() -> None:
    for said in ("4711", "<4711>", "John Doe <4711>", 4711):
        assert bodies.caller_id(({}, {"callerId": said}), "callerId") == "4711"
    assert bodies.caller_id(({},), "callerId") == ""
    for wrong in ("<", "John", [], "a <b>"):
        assert bodies.caller_id(({"callerId": wrong},), "callerId") == problems.CALLER_ID_INVALID


def test_numbers_are_plain_without_what_people_write_between_digits() -> None:
    assert bodies.plain("(323) 574-28.79") == "3235742879"
    assert bodies.plain("+0003*210") == "+0003*210"
