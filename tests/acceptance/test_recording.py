"""5002 may record: the four operations, what is told of them, and the file that comes of it."""

from __future__ import annotations

import io
import time
import wave
from typing import Any

import pytest
from tests.acceptance.server_process import serving
from tests.acceptance.stage import Stage
from tests.acceptance.telling import DIALING, NOTHING, RINGING, TALKING, Told

pytestmark = pytest.mark.acceptance

ME, CALLER, COLLEAGUE, SUPERVISOR, STRANGER = "5002", "5000", "5003", "5900", "5005"
CHANGE = "CallRecordingStateChange"
MAY_START = TALKING | {"StartCallRecording"}
MAY_PAUSE = TALKING | {"PauseCallRecording", "StopCallRecording"}
MAY_RESUME = TALKING | {"ResumeCallRecording", "StopCallRecording"}


SHOWN = {"Recording": (MAY_PAUSE, "ON"), "Paused": (MAY_RESUME, "PAUSED"), "Stopped": (MAY_START, "OFF")}


def recorded(state: str, name: str, change: str = CHANGE) -> Told:
    """What 5002 is told of call A, which is or was recorded under this name."""
    may, at = SHOWN[state]
    data = {"GSIP_RECORD": at, "GSIP_REC_FN": name}
    return Told("A", "Established", (CALLER,), may, ME, change=change, recording=state, user_data=data)


def test_a_recording_from_its_start_to_its_download(stage: Stage) -> None:
    talk(stage)
    name, before = f"{stage.ids['A']}-1", len(stage.agents[ME].get("/me/recordings")["uris"])
    begins = time.monotonic()
    stage.ask(ME, "A", "StartCallRecording")
    stage.told(ME, recorded("Recording", name))
    stage.ask(ME, "A", "PauseCallRecording")
    stage.told(ME, recorded("Paused", name))
    paused = time.monotonic()
    stage.shows(ME, recorded("Paused", name))
    refused = stage.agents[ME].post(f"/me/calls/{stage.ids['A']}", operationName="PauseCallRecording")
    assert (refused.status_code, refused.json()["statusCode"]) == (400, 2)
    resumes = time.monotonic()
    stage.ask(ME, "A", "ResumeCallRecording")
    stage.told(ME, recorded("Recording", name))
    stage.ask(ME, "A", "StopCallRecording")
    stage.told(ME, recorded("Stopped", name))
    stopped = time.monotonic()

    recording = kept(stage, ME, before + 1)[0]
    assert recording["id"] == name
    assert (recording["phoneNumber"], recording["callId"]) == (ME, stage.ids["A"])
    assert [party["phoneNumber"] for party in recording["participants"]] == [ME, CALLER]
    assert abs(recording["startTimestamp"] / 1000 - time.time()) < 60
    assert recording["durationMs"] <= (paused - begins + stopped - resumes) * 1000 + 1
    is_as_long_as_it_says(stage, recording)
    stage.ask(ME, "A", "Hangup")
    stage.told(ME, released(name))
    stage.told(CALLER, Told("A", "Released", (ME,), NOTHING, ME))
    stage.nobody_is_told_more()


def test_a_call_ends_while_it_is_recorded_and_whose_recording_that_is(stage: Stage) -> None:
    talk(stage)
    name = f"{stage.ids['A']}-1"
    stage.ask(ME, "A", "StartCallRecording")
    stage.told(ME, recorded("Recording", name))
    before = len(stage.agents[ME].get("/me/recordings")["uris"])
    stage.lab.do(CALLER, "hangup")
    stage.told(ME, released(name))
    recording = kept(stage, ME, before + 1)[0]
    path = recording["path"]
    assert recording["id"] == name
    is_as_long_as_it_says(stage, recording)
    for number, status in ((ME, 200), (SUPERVISOR, 200), (CALLER, 404), (COLLEAGUE, 404), (STRANGER, 404)):
        with stage.server.client(number) as client:
            assert client.get(f"/api/v2{path}").status_code == status, number
            assert client.get(f"/api/v2{path}/content").status_code == status, number
            listed = client.get("/api/v2/recordings")
            assert listed.status_code == (200 if number == SUPERVISOR else 403), number
            if number == SUPERVISOR:
                assert recording["uri"] in listed.json()["uris"]


def test_a_long_recording_is_as_long_as_it_ran(stage: Stage) -> None:
    """One second by the clock, which no machine makes shorter."""
    talk(stage)
    name = f"{stage.ids['A']}-1"
    before = len(stage.agents[ME].get("/me/recordings")["uris"])
    stage.ask(ME, "A", "StartCallRecording")
    stage.told(ME, recorded("Recording", name))
    until = time.monotonic() + 1.0
    stage.wait_for(lambda: time.monotonic() >= until, "a second")
    stage.ask(ME, "A", "StopCallRecording")
    recording = kept(stage, ME, before + 1)[0]
    assert recording["durationMs"] >= 1_000
    is_as_long_as_it_says(stage, recording)
    stage.told(ME, recorded("Stopped", name))


def test_recordings_outlast_the_server_if_they_have_a_folder(tmp_path: Any) -> None:
    """A recording that is being made when the server ends is not lost."""
    settings = {"CORDBOARD_RECORDINGS__PATH": str(tmp_path / "recordings")}
    with serving(tmp_path / "log", settings) as server, server.client(ME) as client, server.client() as lab:
        assert lab.post(f"/lab/v1/phones/{CALLER}", json={"do": "dial", "to": ME}).status_code == 200
        (call,) = client.get("/api/v2/me/calls?fields=*").json()["calls"]
        for operation in ("Answer", "StartCallRecording"):
            wait_until_offered(client, call["path"], operation)
            answer = client.post(f"/api/v2/me{call['path']}", json={"operationName": operation})
            assert answer.json() == {"statusCode": 0}
        wait_until_offered(client, call["path"], "StopCallRecording")
    with serving(tmp_path / "log again", settings) as server, server.client(ME) as client:
        (recording,) = client.get("/api/v2/me/recordings?fields=*").json()["recordings"]
        assert recording["callId"] == call["id"]
        content = client.get(f"/api/v2{recording['path']}/content")
        assert abs(length_of(content.content) - recording["durationMs"] * 8) <= 8


# -- what these stories share -------------------------------------------------------------------------------------


def talk(stage: Stage) -> None:
    """5000 has called 5002, who may record, and they talk on call A."""
    stage.enter(ME, CALLER)
    stage.dial(CALLER, ME)
    stage.told(CALLER, Told("A", "Dialing", (ME,), DIALING, ME))
    stage.told(ME, Told("A", "Ringing", (CALLER,), RINGING, ME, recording="Stopped"))
    stage.ask(ME, "A", "Answer")
    stage.told(ME, Told("A", "Established", (CALLER,), MAY_START, ME, recording="Stopped"))
    stage.told(CALLER, Told("A", "Established", (ME,), TALKING, ME))


def released(name: str) -> Told:
    data = {"GSIP_RECORD": "OFF", "GSIP_REC_FN": name}
    return Told("A", "Released", (CALLER,), NOTHING, ME, recording="Stopped", user_data=data)


def kept(stage: Stage, number: str, count: int) -> list[dict[str, Any]]:
    """This user's recordings, the latest first, once there are so many: a file takes its time."""
    found: list[dict[str, Any]] = []

    def as_many() -> bool:
        found[:] = stage.agents[number].get("/me/recordings?fields=*")["recordings"]
        return len(found) >= count

    stage.wait_for(as_many, f"{count} recordings")
    return found


def is_as_long_as_it_says(stage: Stage, recording: dict[str, Any]) -> None:
    answer = stage.agents[ME].client.get(f"/api/v2{recording['path']}/content")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-disposition"] == f'attachment; filename="{recording["id"]}.wav"'
    assert int(answer.headers["content-length"]) == len(answer.content) == recording["size"]
    assert abs(length_of(answer.content) - recording["durationMs"] * 8) <= 8


def length_of(content: bytes) -> int:
    """In samples, of which a second has 8000."""
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8_000, 2, 1)
        return file.getnframes()


def wait_until_offered(client: Any, path: str, operation: str) -> None:
    deadline = time.monotonic() + 10
    while operation not in client.get(f"/api/v2/me{path}").json()["call"]["capabilities"]:
        assert time.monotonic() < deadline, operation
        time.sleep(0.01)
