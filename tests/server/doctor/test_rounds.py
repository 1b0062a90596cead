"""Rounds at a likeness of Asterisk: what is found where, and what is left alone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from tests.kit.patient import OPTIONS, Patient, shown

from cordboard.server.config import Config, read
from cordboard.server.doctor import rounds
from cordboard.server.doctor.findings import Finding, Report, Verdict
from cordboard.server.doctor.rounds import Rounds

ALL = [
    "address", "version", "clock", "websocket", "user", "application", "modules", "transfer key", "telephones",
    "settings", "codecs", "trunk", "dialplan", "dialplan", "recordings", "music", "connections", "leftovers", "manager",
]  # fmt: skip


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[Patient]:
    async with Patient() as patient:
        yield patient


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that are turned away are closed within a moment here."""
    monkeypatch.setattr("cordboard.server.doctor.trials._CLOSED_WITHIN_S", 0.01)


def configured(patient: Patient, *numbers: str, trunk_numbers: tuple[str, ...] = (), **settings: Any) -> Config:
    asterisk = {"url": patient.url, "ami": patient.ami, "trunk": "PJSIP/{number}@trunk"}
    passwords = {"password": "cordboard", "ami_password": "cordboard"}
    document = {
        "switch": {"kind": "asterisk", "asterisk": asterisk | passwords | settings},
        "users": [{"name": one, "password": "x", "number": one} for one in numbers or ("15000", "15001")],
        "trunk_numbers": [{"number": number} for number in trunk_numbers],
    }
    config = read(document, {}, "f")
    assert isinstance(config, Config), config
    return config


async def examined(config: Config, timeout_s: float = 5.0) -> Report:
    told: list[Finding] = []
    begun: list[str] = []
    report = await Rounds(config, time.time, timeout_s, told.append, begun.append).make()
    assert tuple(told) == report.findings
    assert (begun[0], begun[-1]) == ("address", "manager")
    return report


def wrong(report: Report) -> dict[str, Finding]:
    return {one.check: one for one in report.findings if one.verdict is not Verdict.OK}


async def test_all_is_looked_at_and_nothing_is_left(patient: Patient) -> None:
    report = await examined(configured(patient))
    assert [one.check for one in report.findings] == ALL
    assert wrong(report) == {}
    assert report.tried == (
        "a call without telephones to 15000 in [cordboard]",
        "a call without telephones to 15000 in [trunk]",
        "a second of music in a conference of nobody, recorded and deleted again",
        "101 connections at once for a moment",
    )
    assert patient.is_clean


async def test_without_an_answer_only_the_manager_is_looked_at(patient: Patient) -> None:
    report = await examined(configured(patient, password="guessed"))
    assert [one.check for one in report.findings] == ["user", "manager"]
    report = await examined(configured(patient, url="http://127.0.0.1:1/ari"))
    assert [one.check for one in report.findings] == ["address", "manager"]
    assert "Connection refused" in wrong(report)["address"].found


async def test_without_events_nothing_can_be_tried(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_: object) -> None:
        raise OSError("no websocket")

    monkeypatch.setattr("cordboard.switches.ari.client.Client.connect", refuse)
    report = await examined(configured(patient))
    assert [one.check for one in report.findings] == ["address", "version", "clock", "websocket", "manager"]
    assert wrong(report)["websocket"].found == "no websocket"


async def test_a_date_that_is_missing_is_not_judged(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.server.doctor.visit._skew", lambda *_: None)
    assert "clock" not in [one.check for one in (await examined(configured(patient))).findings]


async def test_a_user_who_may_only_read(patient: Patient) -> None:
    patient.refusing = dict.fromkeys(("POST", "PUT", "DELETE"), 403)
    found = wrong(await examined(configured(patient)))
    assert found.keys() == {"user", "dialplan", "music"}
    assert found["user"].change == "ari.conf, [cordboard]: read_only = no"
    assert found["music"].verdict is Verdict.UNSEEN


async def test_requests_that_fail_are_findings_and_the_rounds_go_on(patient: Patient) -> None:
    patient.refusing = {"PUT": 500, "GET endpoints": 500}
    patient.operations = []
    patient.mute = {"GET asterisk/modules"}
    patient.info = {"system": {"version": "22.10.1"}, "more": True}
    report = await examined(configured(patient, trunk=""), timeout_s=1.0)
    found = wrong(report)
    assert found["user"].found.startswith("PUT applications/cordboard-doctor-")
    assert found["telephones"].found == "GET endpoints: 500 it is told to refuse"
    assert found["modules"].found == "no answer within 1 s"
    assert found["dialplan"].verdict is Verdict.UNSEEN
    assert [one.check for one in report.findings][-1] == "manager"


async def test_answers_that_are_not_understood(patient: Patient) -> None:
    patient.channels["odd"] = {"id": 7}
    found = wrong(await examined(configured(patient)))
    assert found.keys() == {"connections"}
    assert found["connections"].found.startswith("its answer is not understood")


async def test_a_connection_that_ends_on_the_way(patient: Patient) -> None:
    patient.hangs_up_at = "GET asterisk/modules"
    found = wrong(await examined(configured(patient), timeout_s=1.0))
    assert found["modules"].found == "no answer within 1 s"
    assert found["telephones"].found == "Asterisk closed the connection"


async def test_while_a_program_drives_the_application_a_number_of_nobody_s_is_dialled(patient: Patient) -> None:
    patient.applications = ["cordboard"]
    report = await examined(configured(patient, trunk_numbers=("3334444",)))
    assert wrong(report).keys() == {"connections"}
    assert report.tried[:2] == (
        "a call without telephones to 15002 in [cordboard]",
        "a call without telephones to 15002 in [trunk]",
    )


async def test_where_every_number_is_somebody_s_nothing_is_dialled(patient: Patient) -> None:
    patient.applications = ["cordboard"]
    numbers = [str(number) for number in range(10)]
    patient.states |= {f"PJSIP/{number}": "online" for number in numbers}
    patient.options |= {number: dict(OPTIONS) for number in numbers}
    found = wrong(await examined(configured(patient, *numbers)))
    assert found.keys() == {"dialplan", "connections"}
    assert found["dialplan"].found == "a trial call would reach the program that drives the application"
    assert rounds._number_of_nobody(configured(patient, "desk").directory) == ""


async def test_calls_over_the_trunk_are_tried_with_a_number_from_outside(patient: Patient) -> None:
    report = await examined(configured(patient, trunk_numbers=("3334444",)))
    assert "a call without telephones to 3334444 in [trunk]" in report.tried


async def test_telephones_that_asterisk_does_not_show(patient: Patient) -> None:
    patient.states["SIP/15000"] = "online"
    del patient.options["trunk"]
    found = wrong(await examined(configured(patient, "15000", endpoint="SIP/{number}")))
    assert found.keys() == {"settings", "codecs", "dialplan"}
    assert found["dialplan"].verdict is Verdict.UNSEEN


async def test_a_trunk_alone_is_tried_too(patient: Patient) -> None:
    report = await examined(configured(patient, "9"))
    assert wrong(report).keys() == {"telephones", "settings", "codecs"}
    assert report.tried[0] == "a call without telephones to 0 in [trunk]"


async def test_settings_that_asterisk_tells_are_not_tried(patient: Patient) -> None:
    patient.modules.append("func_config.so")
    patient.settings = {
        "AST_CONFIG(http.conf,general,sessionlimit)": "50",
        "AST_CONFIG(musiconhold.conf,jazz,mode)": "files",
    }
    report = await examined(configured(patient, music="jazz"))
    assert wrong(report).keys() == {"connections"}
    assert wrong(report)["connections"].verdict is Verdict.WARNING
    assert not any("at once" in tried for tried in report.tried)
    found = wrong(await examined(configured(patient, music="rock")))
    assert found["music"].found.startswith('musiconhold.conf has no class "rock"')


async def test_recordings_that_are_not_possible(patient: Patient) -> None:
    patient.recording_ends = "RecordingFailed"
    found = wrong(await examined(configured(patient)))
    assert found.keys() == {"recordings", "music"}


async def test_calls_that_are_up_are_left_alone_and_those_of_nobody_are_told(patient: Patient) -> None:
    patient.channels = {"a": shown("a", "PJSIP/15000-1", "cordboard,phone"), "b": shown("b", "PJSIP/9-2", "other")}
    patient.bridges = {"m": "cordboard", "n": "else"}
    report = await examined(configured(patient))
    found = wrong(report)
    assert found.keys() == {"connections", "leftovers"}
    assert found["leftovers"].found == "1 channels and 1 bridges of a former run"
    assert (set(patient.channels), set(patient.bridges)) == ({"a", "b"}, {"m", "n"})


async def test_what_an_interrupted_doctor_left_is_taken_away(patient: Patient) -> None:
    patient.channels = {"cordboard-doctor-x-near-1": shown("cordboard-doctor-x-near-1", "Local/1")}
    patient.bridges = {"cordboard-doctor-x-bridge-1": "cordboard-doctor-x"}
    report = await examined(configured(patient))
    assert "what an interrupted doctor had left was taken away" in report.tried
    assert patient.is_clean


@pytest.mark.parametrize(("answer", "verdict"), [("notify", Verdict.PROBLEM), ("auto", Verdict.OK)])
async def test_a_manager_is_needed_for_notices_only(patient: Patient, answer: str, verdict: Verdict) -> None:
    report = await examined(configured(patient, ami="", answer=answer))
    assert report.findings[-1].verdict is verdict
