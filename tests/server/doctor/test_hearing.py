"""What was tried, judged."""

from __future__ import annotations

import pytest
from tests.kit.patient import DIALPLAN, wav

from cordboard.server.doctor import hearing
from cordboard.server.doctor.findings import Finding, Verdict
from cordboard.server.doctor.hearing import Music, Start, Step, Walk

MUSIC = wav(0, 8_000, -8_001)


def dialplan(*steps: tuple[str, str], start: Start | None = None, ended: bool = False) -> Finding:
    walked = Walk(start or Start("desks", "15000"), tuple(Step(*step) for step in steps), ended)
    return hearing.judge_dialplan(walked, "cordboard")


def test_a_dialplan_that_leads_to_cordboard() -> None:
    finding = dialplan(("NoOp", "15000"), *DIALPLAN)
    assert (finding.verdict, finding.check) == (Verdict.OK, "dialplan")


def test_the_transfer_key_can_be_set_by_the_endpoint() -> None:
    given = "CHANNEL(language)=de,PJSIP_TRANSFER_HANDLING() = ari-only"
    assert dialplan(DIALPLAN[-1], start=Start("desks", "15000", given)).verdict is Verdict.OK


def test_a_transfer_key_that_bypasses_cordboard() -> None:
    finding = dialplan(DIALPLAN[-1])
    assert finding.verdict is Verdict.PROBLEM
    assert finding.found == "[desks]: calls reach cordboard, presses of the transfer key don't"
    assert finding.change == "extensions.conf, [desks]: Set(PJSIP_TRANSFER_HANDLING()=ari-only) before Stasis"
    assert dialplan(DIALPLAN[-1], start=Start("in", "1", of_trunk=True)).verdict is Verdict.WARNING


def test_a_hold_key_that_would_be_told_of_both_parties() -> None:
    finding = dialplan(("Set", "HOLD_INTERCEPT(set)="), *DIALPLAN)
    assert (finding.verdict, finding.change) == (Verdict.PROBLEM, "extensions.conf, [desks]: no HOLD_INTERCEPT(set)")


@pytest.mark.parametrize(
    ("steps", "ended", "told"),
    [
        ((), True, "[desks]: there is nothing for 15000"),
        ((("Answer", ""), ("Hangup", "16")), True, "[desks]: a call to 15000 ends in Hangup(16)"),
        ((("Playback", "long"),), False, "[desks]: a call to 15000 goes no further than Playback(long)"),
        ((("Stasis", "other,x"),), False, "[desks]: calls go to Stasis(other), not to Stasis(cordboard)"),
    ],
)
def test_dialplans_that_lead_elsewhere(steps: tuple[tuple[str, str], ...], ended: bool, told: str) -> None:
    finding = dialplan(*steps, ended=ended)
    assert (finding.verdict, finding.found) == (Verdict.PROBLEM, told)
    assert "Stasis(cordboard)" in finding.change


def test_a_number_of_nobody_s_that_leads_nowhere_says_nothing_about_others() -> None:
    finding = dialplan(start=Start("desks", "15099", is_nobodys=True))
    assert (finding.verdict, "there is nothing for 15099" in finding.found) == (Verdict.UNSEEN, True)


@pytest.mark.parametrize(
    ("music", "name", "verdict", "told"),
    [
        (Music(MUSIC), "default", Verdict.OK, '"default" is heard'),
        (Music(MUSIC, mode="files"), "jazz", Verdict.OK, 'music is heard, and musiconhold.conf has a class "jazz"'),
        (Music(MUSIC), "jazz", Verdict.UNSEEN, "music is heard, but whether it is that of"),
        (Music(MUSIC, mode=""), "jazz", Verdict.PROBLEM, 'musiconhold.conf has no class "jazz"'),
        (Music(wav(0, 3, -3)), "default", Verdict.PROBLEM, 'the class "default" is silent'),
        (Music(failure="500"), "default", Verdict.UNSEEN, "nobody can listen without recordings"),
    ],
)
def test_music(music: Music, name: str, verdict: Verdict, told: str) -> None:
    finding = hearing.judge_music(music, name)
    assert (finding.verdict, finding.found.startswith(told)) == (verdict, True)


def test_recordings() -> None:
    assert hearing.judge_recordings(Music(MUSIC)).verdict is Verdict.OK
    finding = hearing.judge_recordings(Music(failure="500 Internal Server Error"))
    assert (finding.verdict, finding.found) == (Verdict.PROBLEM, "nothing can be recorded: 500 Internal Server Error")


@pytest.mark.parametrize(
    ("sound", "loudest"), [(MUSIC, 8_001), (wav(), 0), (b"", 0), (b"no sound", 0), (MUSIC[:-1], 0)]
)
def test_the_loudest_sample(sound: bytes, loudest: int) -> None:
    assert hearing.peak(sound) == loudest


@pytest.mark.parametrize(
    ("answer", "needing", "verdict", "told"),
    [
        (None, [], Verdict.OK, "not needed"),
        (None, ["1", "2"], Verdict.PROBLEM, "2 telephones answer by a notice, and the configuration names no manager"),
        ("Channel not found", ["1"], Verdict.OK, "it takes notices"),
        ("", ["1"], Verdict.OK, "it takes notices"),
        ("Permission denied", ["1"], Verdict.PROBLEM, "it lets us in, but forbids PJSIPNotify"),
        ("Invalid/unknown command: PJSIPNotify", ["1"], Verdict.PROBLEM, "it does not know PJSIPNotify"),
        ("the manager at h:1: no answer", ["1"], Verdict.PROBLEM, "the manager at h:1: no answer"),
    ],
)
def test_the_manager(answer: str | None, needing: list[str], verdict: Verdict, told: str) -> None:
    finding = hearing.judge_manager(answer, needing)
    assert (finding.verdict, finding.found.startswith(told)) == (verdict, True)
