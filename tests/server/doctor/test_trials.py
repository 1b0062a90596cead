"""What is tried, and that nothing is left of it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from tests.kit.patient import DIALPLAN, Patient, serving

from cordboard.server.doctor import trials
from cordboard.server.doctor.hearing import Music, Start, Step
from cordboard.server.doctor.visit import RefusedError, Visit
from cordboard.switches.ari.ami import AmiSettings
from cordboard.switches.ari.client import AriSettings

NAME = "cordboard-doctor-1"


@pytest_asyncio.fixture
async def patient() -> AsyncIterator[Patient]:
    async with Patient() as patient:
        yield patient


@pytest_asyncio.fixture
async def visit(patient: Patient) -> AsyncIterator[Visit]:
    visit = Visit(AriSettings(patient.url, "cordboard", "cordboard", "cordboard"), NAME, 5.0, lambda: 0.0)
    await visit.open()
    yield visit
    await visit.close()


async def test_a_call_walks_up_to_stasis(patient: Patient, visit: Visit) -> None:
    walked = await trials.walk(visit, Start("cordboard", "15000"))
    assert walked.steps == tuple(Step(*step) for step in DIALPLAN)
    assert not walked.ended
    assert f"POST applications/{NAME}/subscription" in patient.asked
    assert patient.is_clean


async def test_a_call_ends_where_nothing_is(patient: Patient, visit: Visit) -> None:
    walked = await trials.walk(visit, Start("nowhere", "15000"))
    assert (walked.steps, walked.ended) == ((), True)
    assert patient.is_clean
    patient.refusing = {f"POST channels/{NAME}-near-4/dial": 500}
    assert (await trials.walk(visit, Start("cordboard", "15000"))).ended
    assert patient.is_clean


async def test_a_call_that_goes_on_elsewhere_is_not_waited_for(patient: Patient, visit: Visit) -> None:
    patient.dialplans["cordboard"] = (("Playback", "long"),)
    visit.timeout_s = 0.5
    walked = await trials.walk(visit, Start("cordboard", "15000"))
    assert (walked.steps, walked.ended) == ((Step("Playback", "long"),), False)
    assert patient.is_clean


async def test_what_was_made_is_taken_away_when_the_rest_is_refused(patient: Patient, visit: Visit) -> None:
    patient.refusing = {"POST applications": 403}
    with pytest.raises(RefusedError):
        await trials.walk(visit, Start("cordboard", "15000"))
    with pytest.raises(RefusedError):
        await trials.listen(visit, "default")
    assert patient.is_clean


async def test_lines_of_asterisk_s_configuration(patient: Patient, visit: Visit) -> None:
    patient.settings["AST_CONFIG(http.conf,general,sessionlimit)"] = "50"
    assert await trials.setting(visit, "http.conf", "general", "sessionlimit") == "50"
    assert await trials.setting(visit, "http.conf", "general", "prefix") == ""
    assert patient.is_clean


async def test_music_is_recorded_fetched_and_deleted(patient: Patient, visit: Visit) -> None:
    assert await trials.listen(visit, "default") == Music(patient.sound)
    assert patient.is_clean


@pytest.mark.parametrize(
    ("ending", "refusing", "told"),
    [
        ("RecordingFailed", {}, "Asterisk does not tell why"),
        ("RecordingFinished", {f"GET recordings/stored/{NAME}-recording-2/file": 404}, "404"),
        ("RecordingFinished", {f"POST bridges/{NAME}-bridge-1/record": 500}, "record: 500 it is told to refuse"),
    ],
)
async def test_recordings_that_fail(
    patient: Patient, visit: Visit, ending: str, refusing: dict[str, int], told: str
) -> None:
    patient.recording_ends, patient.refusing = ending, refusing
    assert told in (await trials.listen(visit, "default")).failure
    assert patient.is_clean


async def test_a_recording_that_does_not_end_is_fetched_as_it_is(patient: Patient, visit: Visit) -> None:
    patient.recording_ends = ""
    visit.timeout_s = 0.5
    assert await trials.listen(visit, "default") == Music(patient.sound)


async def test_many_connections_at_once(patient: Patient) -> None:
    assert await trials.crowd(patient.url) == trials.CONNECTIONS


def _reset(writer: asyncio.StreamWriter) -> None:
    """As if the other side had never known the connection."""
    kept = writer.get_extra_info("socket")
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@pytest.mark.parametrize("turn_away", [_reset, asyncio.StreamWriter.close])
async def test_connections_that_are_turned_away(turn_away: Callable[[asyncio.StreamWriter], None]) -> None:
    taken: list[asyncio.StreamWriter] = []

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(taken) == 50:
            turn_away(writer)
        else:
            taken.append(writer)

    async with serving(greet) as port:
        assert await trials.crowd(f"http://127.0.0.1:{port}/ari") == 50


@pytest.mark.parametrize(
    ("url", "port"), [("http://pbx/ari", 80), ("https://pbx/ari", 443), ("http://pbx:8088/ari", 8088)]
)
async def test_the_usual_ports_are_known(url: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def open_connection(*asked: object) -> Awaitable[None]:
        raise OSError(asked)

    monkeypatch.setattr(asyncio, "open_connection", open_connection)
    with pytest.raises(OSError, match=rf"'pbx', {port}"):
        await trials.crowd(url)


async def test_a_notice_to_a_channel_that_does_not_exist(patient: Patient) -> None:
    host, _, port = patient.ami.partition(":")
    settings = AmiSettings(host, int(port), "cordboard", "cordboard")
    assert await trials.notice(settings, NAME) == "Channel not found"
