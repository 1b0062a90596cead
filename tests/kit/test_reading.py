"""Readers of stories find what reads otherwise, and let pass what may."""

from __future__ import annotations

import pytest
from tests.kit.reading import differences, without_time

STORY = """# A comment.

phone 5000 dial to=5005
----
told 5005 A Ringing
told 5000 A Dialing
order DialLeg 5005 for 5000
hears 5000 ringback

5005 Answer A
----
answer accepted
told 5005 A Established
told 5000 A Established
kept A-1 by 5002: 7 s of 5002
hears 5000 5005
hears 5005 5000

phone 5005 hangup
----
told 5000 A Released reason=Busy after 0 s: nothing
hears 5000 busy
hears 5005 nothing: it is on hook
"""


def test_the_same_story_reads_the_same() -> None:
    assert differences(STORY, STORY) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("told 5000 A Established\n", ""),
        ("told 5000 A Established\n", "told 5000 A Established\ntold 5000 A Established\n"),
        ("told 5005 A Established", "told 5005 A Held"),
        ("answer accepted", "answer refused"),
        ("5002: 7 s of 5002", "5002: 7 s of 5002 5000"),
        ("hears 5000 5005", "hears 5000 silence"),
        ("hears 5000 ringback\n", ""),
        ("reason=Busy", "reason=NoAnswer"),
        ("reason=Busy after 0 s", "reason=SwitchLost after 1 s"),
        ("\nphone 5005 hangup\n----\n", "\nphone 5005 hangup\n----\ntold 5000 A SendDtmf\n"),
    ],
)
def test_what_reads_otherwise_is_found(one: str, other: str) -> None:
    assert one in STORY
    assert differences(STORY, STORY.replace(one, other)) != []
    assert differences(STORY.replace(one, other), STORY) != []


def test_a_part_that_is_missing_is_found() -> None:
    whole = STORY + "\nwait 1\n----\ntold 5000 B Ringing\n"
    assert differences(whole, STORY) != []
    assert differences(STORY, whole) != []


def test_who_is_told_first_does_not_matter_but_for_each_the_order_does() -> None:
    lines = "told 5005 A Ringing\ntold 5000 A Dialing\n"
    assert differences(STORY, STORY.replace(lines, "told 5000 A Dialing\ntold 5005 A Ringing\n")) == []
    twice = STORY.replace(lines, "told 5005 A Ringing\ntold 5005 B Ringing\n")
    turned = STORY.replace(lines, "told 5005 B Ringing\ntold 5005 A Ringing\n")
    assert differences(twice, turned) != []


def test_what_may_read_otherwise_is_let_pass() -> None:
    told = STORY.replace("reason=Busy", "reason=SwitchLost").replace("hears 5000 busy\n", "")
    told = told.replace(
        "hears 5005 nothing: it is on hook\n", "hears 5000 nothing: it is on hook\nhears 5005 nothing: it is on hook\n"
    )
    told = told.replace("order DialLeg", "order DialLeg 5005 for 5000\norder DialLeg")
    told = told.replace(
        "told 5000 A Dialing", "told 5000 A Dialing\ntold 5005 A SendDtmf failed, switch unavailable: perhaps"
    )
    assert differences(STORY, told) == []


def test_times_can_be_left_out() -> None:
    assert without_time("told 5005 A Held [5000] after 12.03 s: Hangup") == "told 5005 A Held [5000]: Hangup"
    assert without_time("record A ring 2.02 talk 30.03 hold 3 s") == "record A ring 2 talk 30 hold 3 s"
