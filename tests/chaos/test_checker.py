"""The checker finds what is planted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.chaos import records
from tests.chaos.checker import judge
from tests.chaos.records import Acted, AnyLine, Asked, Began, Ended, Failed, Handshook, Heard, Phone, Trouble

LANE = ("5000", "5001", "5002")
BEGAN = Began(7, (), (LANE,))
IDLE = tuple(Phone(99.0, number, "idle", ()) for number in LANE)
END = Ended(99.0, IDLE, {"5001": 0, "5002": 0})


def heard(sequence: int, call: str, state: str, desktop: str = "5001/ws", at: float = 0.0, **more: Any) -> Heard:
    error, kind = more.get("error", ""), more.get("kind", "Internal")
    reason = b',"call":{"extensions":{"WrapUpTime":0,"Reason":"SwitchLost"}}' if more.get("lost") else b""
    data = msgspec.Raw(b'{"n":%d%b}' % (sequence, reason))
    return Heard(at or float(sequence), desktop[:4], desktop, sequence, call, state, "StatusChange", kind, error, data)


def both(sequence: int, call: str, state: str, user: str = "5001", **more: Any) -> list[AnyLine]:
    return [heard(sequence, call, state, f"{user}/{way}", **more) for way in ("ws", "lp")]


def asked(at: float, operation: str, call: str = "A", code: int = 0, user: str = "5001") -> Asked:
    return Asked(at, at + 0.1, user, call, operation, "k", 200, code, 1)


GOOD: list[AnyLine] = [
    BEGAN,
    Handshook(0.0, "5001", "5001/ws", "x"),
    Handshook(0.0, "5001", "5001/lp", "y"),
    *both(1, "A", "Ringing"),
    asked(1.5, "Answer"),
    *both(2, "A", "Established"),
    Phone(2.0, "5000", "talking", ("5001",)),
    Phone(2.0, "5001", "talking", ("5000",)),
    asked(2.5, "InitiateTransfer"),
    *both(3, "A", "Held"),
    *both(4, "B", "Dialing", kind="Consult"),
    asked(4.5, "CompleteTransfer"),
    *both(5, "A", "", error="it failed"),
    *both(6, "A", "Released"),
    *both(7, "B", "Released", kind="Consult"),
    Phone(7.0, "5000", "idle", ()),
    Phone(7.0, "5001", "idle", ()),
    END,
]


def test_a_good_run_is_good() -> None:
    verdict = judge(GOOD)
    assert verdict.wrong == ()
    assert (verdict.notifications, verdict.calls, verdict.accepted, verdict.refused) == (14, 2, 3, 0)


def without(*lost: AnyLine) -> list[AnyLine]:
    assert all(line in GOOD for line in lost)
    return [line for line in GOOD if line not in lost]


def before_the_end(*lines: AnyLine) -> list[AnyLine]:
    return [*GOOD[:-1], *lines, END]


TALK = [*both(10, "C", "Ringing"), *both(11, "C", "Established")]


PLANTED: dict[str, tuple[list[AnyLine], str]] = {
    "one client is not told": (without(heard(3, "A", "Held", "5001/lp")), "5001/lp was not told 3: A Held"),
    "nobody is told the end": (
        without(*both(6, "A", "Released")),
        "was never told that A is Released; the last was Held",
    ),
    "nobody is told the middle": (without(*both(2, "A", "Established")), "was told that A is Held after Ringing (3)"),
    "told twice": (
        [*GOOD[:4], heard(1, "A", "Ringing"), *GOOD[4:]],
        "5001/ws was told 1 twice: A Ringing",
    ),
    "told again later": (before_the_end(heard(2, "A", "Established")), "5001/ws was told 2 after 7: A Established"),
    "Released again": (before_the_end(*both(8, "A", "Released")), "was told that A is Released after Released (8)"),
    "alive again": (before_the_end(*both(8, "A", "Ringing")), "was told that A is Ringing after Released (8)"),
    "not the same for all": (
        [line if line is not GOOD[3] else msgspec.structs.replace(GOOD[3], data=msgspec.Raw(b"{}")) for line in GOOD],
        "1 is not the same for all",
    ),
    "a session is lost": (
        before_the_end(Handshook(8.0, "5001", "5001/ws", "z")),
        "5001/ws had to handshake again at 8.00 s",
    ),
    "accepted and forgotten": (
        before_the_end(asked(8.0, "CompleteTransfer")),
        "CompleteTransfer on A was accepted at 8.10 s, and 5001 was told nothing of it",
    ),
    "done twice": (
        before_the_end(*both(8, "C", "Dialing", kind="Consult"), *both(9, "C", "Released", kind="Consult")),
        "5001 has 2 consults and asked for 1: something was done twice",
    ),
    "a call that ends by itself": (
        before_the_end(*TALK, *both(12, "C", "Released")),
        "5001 was told at 12.00 s that C is Released after Established: nobody hung up",
    ),
    "a call that ends by itself when the server is killed": (
        before_the_end(*TALK, Trouble(11.5, 12.5, "kill-server"), *both(12, "C", "Released")),
        "5001 was told at 12.00 s that C is Released after Established: nobody hung up",
    ),
    "a call that is said to be lost while nothing is wrong": (
        before_the_end(*TALK, Acted(11.5, "5000", "hangup"), *both(12, "C", "Released", lost=True)),
        "5001 was told at 12.00 s that C is Released after Established: SwitchLost, and nothing was wrong",
    ),
    "a call that is not said to be lost": (
        before_the_end(*TALK, Trouble(11.5, 12.5, "kill-exchange"), *both(12, "C", "Released")),
        "C is Released after Established: the exchange was gone, and the reason is ''",
    ),
    "a telephone that stops ringing by itself": (
        before_the_end(*TALK[:2], *both(12, "C", "Released")),
        "5001 was told at 12.00 s that C is Released after Ringing: nobody hung up",
    ),
    "silence": (
        before_the_end(Phone(8.0, "5000", "talking", ("silence",)), Phone(10.0, "5000", "idle", ())),
        "5000 heard nothing from 8.00 to 10.00 s, talking",
    ),
    "silence after a trouble that is long over": (
        before_the_end(
            Trouble(8.0, 9.0, "cut link"), Phone(8.5, "5000", "held", ("silence",)), Phone(20.0, "5000", "idle", ())
        ),
        "5000 heard nothing from 8.50 to 20.00 s, held",
    ),
    "a phone rings for nobody": (
        before_the_end(Phone(8.0, "5002", "ringing", ()), Phone(10.0, "5002", "idle", ())),
        "5002 rang for nobody from 8.00 to 10.00 s",
    ),
    "a leg is leaked": (
        [*GOOD[:-1], Ended(99.0, (*IDLE[:2], Phone(99.0, "5002", "talking", ("music",))), {})],
        "5002 is talking after all have hung up",
    ),
    "a call is leaked": ([*GOOD[:-1], Ended(99.0, IDLE, {"5001": 1})], "5001 still has 1 calls after all have hung up"),
    "a story that got stuck": (before_the_end(Failed(8.0, "stuck: transfer")), "stuck: transfer"),
    "no end": (GOOD[:-1], "the run did not end"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(name: str) -> None:
    lines, expected = PLANTED[name]
    wrong = judge(lines).wrong
    assert any(expected in one for one in wrong), wrong


EXCUSED: dict[str, list[AnyLine]] = {
    "silence for a moment": before_the_end(Phone(8.0, "5000", "talking", ("silence",)), Phone(9.0, "5000", "idle", ())),
    "silence while something is wrong": before_the_end(
        Trouble(8.0, 9.0, "kill server"), Phone(8.5, "5000", "talking", ("silence",)), Phone(13.0, "5000", "idle", ())
    ),
    "ringing for somebody": before_the_end(
        Phone(8.0, "5000", "dialing", ("ringback",)),
        Phone(8.0, "5002", "ringing", ()),
        Phone(20.0, "5000", "idle", ()),
        Phone(20.1, "5002", "idle", ()),
    ),
    "somebody has hung up": before_the_end(*TALK, Acted(11.9, "5000", "hangup"), *both(12, "C", "Released")),
    "somebody hung up before the last news": before_the_end(
        *TALK[:2], Acted(10.5, "5000", "hangup"), *TALK[2:], *both(12, "C", "Released")
    ),
    "somebody hung up before the trouble": before_the_end(
        *TALK, Acted(11.2, "5000", "hangup"), Trouble(12.0, 20.0, "kill-server"), *both(22, "C", "Released")
    ),
    "a transfer that may have been done": before_the_end(
        *TALK, asked(11.5, "SingleStepTransfer", "C", code=4), *both(12, "C", "Released")
    ),
    "the exchange is killed": before_the_end(
        *TALK, Trouble(11.5, 12.5, "kill-exchange"), *both(12, "C", "Released", lost=True)
    ),
    "a telephone that rang while something was wrong": before_the_end(
        *TALK[:2], Trouble(11.5, 12.5, "cut-link"), *both(12, "C", "Released", lost=True)
    ),
    "a refusal": before_the_end(asked(8.0, "CompleteTransfer", code=2)),
    "sessions that may be lost": [
        Began(7, (), (LANE,), sessions_survive=False),
        *GOOD[1:-1],
        Handshook(8.0, "5001", "5001/ws", "z"),
        END,
    ],
}


@pytest.mark.parametrize("name", EXCUSED)
def test_what_is_no_fault_is_not_found(name: str) -> None:
    assert judge(EXCUSED[name]).wrong == ()


def test_a_record_can_be_kept_and_judged_again(tmp_path: Path) -> None:
    records.save(GOOD, tmp_path / "run.jsonl")
    assert judge(records.load(tmp_path / "run.jsonl")) == judge(GOOD)
