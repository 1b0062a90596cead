"""Findings as lines and as JSON."""

from __future__ import annotations

import json

from cordboard.server.doctor.findings import Report, as_json, as_line, as_summary, listed, ok, problem, unseen, warning

REPORT = Report(
    (ok("music", "it is heard"), problem("trunk", "there is none", "trunk in [switch.asterisk]")), ("a call",)
)


def test_a_finding_is_one_line_whatever_is_in_it() -> None:
    assert as_line(ok("music", "it is\nheard")) == "ok       music         it is heard"
    assert as_line(warning("a", "b", "c")) == "warning  a             b; change: c"
    assert as_line(unseen("a", "b")) == "unseen   a             b"


def test_a_report_has_problems_if_one_finding_is_one() -> None:
    assert REPORT.has_problems
    assert not Report((ok("a", "b"), warning("a", "b", "c"), unseen("a", "b"))).has_problems


def test_the_summary_counts() -> None:
    assert as_summary(REPORT) == "tried: a call\n1 ok, 1 problem"
    assert as_summary(Report((ok("a", "b"),))) == "1 ok"


def test_json_has_everything() -> None:
    assert json.loads(as_json(REPORT)) == {
        "findings": [
            {"check": "music", "verdict": "ok", "found": "it is heard", "change": ""},
            {"check": "trunk", "verdict": "problem", "found": "there is none", "change": "trunk in [switch.asterisk]"},
        ],
        "tried": ["a call"],
    }


def test_of_many_names_the_first_are_listed() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
