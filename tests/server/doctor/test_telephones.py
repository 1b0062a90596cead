"""Telephones and trunk, judged."""

from __future__ import annotations

import pytest

from cordboard.server.doctor import telephones
from cordboard.server.doctor.findings import Verdict
from cordboard.server.doctor.telephones import Phone

PHONES = [Phone("15000", "PJSIP/15000"), Phone("15001", "PJSIP/15001")]
STATES = {"PJSIP/15000": "offline", "PJSIP/15001": "online", "PJSIP/trunk": "online", "PJSIP/lost": "offline"}


@pytest.mark.parametrize(
    ("dial_string", "endpoint"),
    [
        ("PJSIP/15000", "PJSIP/15000"),
        ("PJSIP/{number}@trunk", "PJSIP/trunk"),
        ("PJSIP/trunk/sip:{number}@192.0.2.1", "PJSIP/trunk"),
    ],
)
def test_the_endpoint_in_a_dial_string(dial_string: str, endpoint: str) -> None:
    assert telephones.endpoint_of(dial_string) == endpoint


def test_telephones_are_known_or_missing() -> None:
    assert telephones.judge_telephones(PHONES, STATES).found == "all 2 are known, 1 of them registered now"
    finding = telephones.judge_telephones([*PHONES, Phone("9", "PJSIP/desk")], STATES)
    assert (finding.verdict, finding.found) == (
        Verdict.PROBLEM,
        "1 of 3 are unknown to Asterisk: PJSIP/desk (9)",
    )
    assert telephones.judge_telephones([], STATES).verdict is Verdict.WARNING


def test_settings_that_operations_need() -> None:
    assert telephones.judge_settings({}).verdict is Verdict.UNSEEN
    assert telephones.judge_settings({"1": {}, "2": {"direct_media": "false"}}).verdict is Verdict.OK
    finding = telephones.judge_settings({"1": {"direct_media": "true"}, "2": {"allow_transfer": "false"}})
    assert (finding.verdict, finding.change) == (Verdict.PROBLEM, "pjsip.conf or pjsip_wizard.conf: direct_media = no")
    finding = telephones.judge_settings({"1": {}, "2": {"allow_transfer": "false"}})
    assert (finding.verdict, finding.found) == (Verdict.WARNING, "the transfer key of 2 is refused")


def test_codecs_that_can_be_mixed() -> None:
    running = ["codec_ulaw.so", "codec_opus_open_source.so"]
    assert telephones.judge_codecs({}, running).verdict is Verdict.UNSEEN
    finding = telephones.judge_codecs({"1": {"allow": "(ulaw|opus|slin16)"}}, running)
    assert (finding.verdict, finding.found) == (Verdict.OK, "ulaw, opus, slin16: all can be mixed")
    finding = telephones.judge_codecs({"1": {"allow": "(ulaw|g729)"}}, running)
    assert finding.verdict is Verdict.WARNING
    assert finding.change == "modules.conf: load = codec_g729.so; or leave it out of allow"
    finding = telephones.judge_codecs({"1": {"allow": "(ulaw)"}, "2": {"allow": "(g729)"}}, running)
    assert finding.verdict is Verdict.PROBLEM
    assert finding.found == "2 may speak only what Asterisk can't mix (g729)"


@pytest.mark.parametrize(
    ("trunk", "wanted", "verdict", "told"),
    [
        ("", False, Verdict.OK, "none is configured"),
        ("", True, Verdict.PROBLEM, "there are numbers outside, and no trunk to dial them"),
        ("PJSIP/{number}@trunk", True, Verdict.OK, "PJSIP/trunk is there"),
        ("PJSIP/{number}@lost", True, Verdict.WARNING, "PJSIP/lost is offline"),
        ("PJSIP/{number}@none", True, Verdict.PROBLEM, "PJSIP/none is unknown to Asterisk"),
    ],
)
def test_the_trunk(trunk: str, wanted: bool, verdict: Verdict, told: str) -> None:
    finding = telephones.judge_trunk(trunk, STATES, wanted=wanted)
    assert (finding.verdict, finding.found) == (verdict, told)
