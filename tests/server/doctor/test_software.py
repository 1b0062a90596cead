"""What an Asterisk is, judged."""

from __future__ import annotations

import pytest
from tests.kit.patient import HEALTHY

from cordboard.server.doctor import software
from cordboard.server.doctor.findings import Verdict


@pytest.mark.parametrize(
    ("status", "check", "told"),
    [
        (401, "user", 'there is no user "desk", or its password is another'),
        (404, "address", "a web server answers at U, but it has no ARI there"),
        (503, "address", "U: Asterisk is still starting"),
        (500, "address", "U answers 500"),
    ],
)
def test_refusals(status: int, check: str, told: str) -> None:
    finding = software.judge_refusal(status, "U", "desk")
    assert (finding.check, finding.verdict, finding.found) == (check, Verdict.PROBLEM, told)
    assert finding.change


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("22.10.1+dfsg", Verdict.OK),
        ("23.0.0", Verdict.OK),
        ("22.9.0", Verdict.WARNING),
        ("certified/20.7-cert4", Verdict.WARNING),
        ("18.10.0", Verdict.PROBLEM),
        ("GIT-master-1234", Verdict.UNSEEN),
    ],
)
def test_versions(version: str, verdict: Verdict) -> None:
    finding = software.judge_version(version)
    assert finding.verdict is verdict
    assert version in finding.found


@pytest.mark.parametrize(("skew_s", "told"), [(3.2, "3 s ahead of"), (-60.0, "60 s behind")])
def test_clocks_that_differ(skew_s: float, told: str) -> None:
    finding = software.judge_clock(skew_s)
    assert finding.verdict is Verdict.WARNING
    assert finding.found.startswith(told)
    assert software.judge_clock(-2.0).verdict is Verdict.OK


def test_modules_that_are_missing_are_named_with_their_use() -> None:
    running = [f"{name}.so" for name in HEALTHY if name not in ("res_pjsip_refer", "res_timing_timerfd")]
    finding = software.judge_modules(running, sip=True, notify=True)
    assert finding.verdict is Verdict.PROBLEM
    assert finding.found == (
        "not running: res_pjsip_refer (the transfer key), res_timing_* (the beat of conferences and music)"
    )
    assert finding.change == "modules.conf: load = res_pjsip_refer.so, load = res_timing_timerfd.so"


def test_only_modules_are_needed_that_telephones_use() -> None:
    running = [name for name in HEALTHY if "pjsip" not in name and name != "res_rtp_asterisk"]
    assert software.judge_modules(running, sip=False, notify=False).verdict is Verdict.OK
    assert "res_pjsip_notify" in software.judge_modules(running, sip=False, notify=True).found
    assert "chan_pjsip (telephones)" in software.judge_modules(running, sip=True, notify=False).found


def test_transfers_and_link_are_better_in_newer_releases() -> None:
    operations = software.operations_of([("/channels/{channelId}/transfer_progress", "POST")])
    assert software.judge_transfers(operations).verdict is Verdict.OK
    assert software.judge_transfers(frozenset()).verdict is Verdict.WARNING
    assert software.judge_link(over_http=False).verdict is Verdict.OK
    assert software.judge_link(over_http=True).verdict is Verdict.WARNING


def test_an_application_in_use_is_no_problem_but_is_told() -> None:
    assert software.judge_application("c", in_use=False).found == '"c" is free'
    finding = software.judge_application("c", in_use=True)
    assert (finding.verdict, "drives" in finding.found) == (Verdict.OK, True)


def test_leftovers_are_those_that_nobody_drives() -> None:
    assert software.judge_leftovers(0, 0, in_use=False).found == "none"
    assert software.judge_leftovers(2, 1, in_use=True).verdict is Verdict.OK
    assert software.judge_leftovers(2, 1, in_use=False).found == "2 channels and 1 bridges of a former run"


def test_connections() -> None:
    assert software.judge_connections(101, enough=True).verdict is Verdict.OK
    finding = software.judge_connections(100, enough=False)
    assert (finding.verdict, finding.change) == (Verdict.WARNING, "http.conf, [general]: sessionlimit = 1000")
