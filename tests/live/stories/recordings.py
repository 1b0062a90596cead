"""A recording holds who was recorded, and nobody else: what it sounds like is told by the tones in the file."""

from __future__ import annotations

import io
import time
import wave
from typing import Any

from tests.live import ears
from tests.live.stage import LiveStage

CUSTOMER, AGENT, COLLEAGUE, SUPERVISOR = "5000", "5002", "5001", "5900"
"""5002 may record."""


def hears(stage: LiveStage, recording: bytes) -> list[frozenset[str]]:
    """What is in each tenth of a second."""
    with wave.open(io.BytesIO(recording)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (ears.RATE, 2, 1)
        sound = file.readframes(file.getnframes())
    return [ears.names(frame, stage.floor.phones.names) for frame in ears.Ear().feed(sound, 0.0)]


def kept(stage: LiveStage) -> dict[str, Any]:
    """The recording of call A, once it has come from Asterisk."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        everything = stage.agents[AGENT].get("/me/recordings?fields=*")["recordings"]
        found[:] = [one for one in everything if one["callId"] == stage.ids["A"]]
        return bool(found)

    stage.wait_for(is_there, "the recording")
    (recording,) = found
    return recording


def for_a_while(stage: LiveStage, seconds: float) -> None:
    until = time.monotonic() + seconds
    stage.wait_for(lambda: time.monotonic() >= until, "voices to be recorded")


def supervise(stage: LiveStage, operation: str, **parameters: Any) -> None:
    supervisor = stage.agents[SUPERVISOR]
    stage.asked = time.monotonic()
    answer = supervisor.post(f"/me/devices/{supervisor.device_id}", operationName=operation, **parameters)
    assert answer.json() == {"statusCode": 0}


def test_who_is_recorded_and_who_is_not(stage: LiveStage) -> None:
    """The two are, also after a hold. The coach is not, nor the music, nor who came and went during the pause."""
    stage.bring(CUSTOMER, COLLEAGUE)
    stage.enter(AGENT)
    stage.enter(SUPERVISOR, channels=("/v2/me/calls",))
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    begun = time.monotonic()
    stage.ask(AGENT, "A", "StartCallRecording")
    stage.news(AGENT, "A Established recording")

    device = f"{stage.server.url}/api/v2/devices/{stage.agents[AGENT].device_id}"
    supervise(
        stage, "Coach", targetDeviceUri=device, supervisorMonitoringScope="Call", supervisorMonitoringMode="AllCalls"
    )
    stage.news(SUPERVISOR, "A Dialing", "A Established")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER, SUPERVISOR], SUPERVISOR: [AGENT, CUSTOMER]})
    supervise(stage, "CancelSupervisorMonitoring")
    stage.news(SUPERVISOR, "A Released")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})

    stage.ask(AGENT, "A", "PauseCallRecording")
    stage.news(AGENT, "A Established recording")
    paused = time.monotonic()
    stage.ask(AGENT, "A", "SingleStepConference", destination={"phoneNumber": COLLEAGUE})
    stage.lab.do(COLLEAGUE, "answer")
    stage.news(AGENT, "A Established participants")
    stage.hears({CUSTOMER: [AGENT, COLLEAGUE], AGENT: [CUSTOMER, COLLEAGUE], COLLEAGUE: [CUSTOMER, AGENT]})
    stage.lab.do(COLLEAGUE, "hangup")
    stage.news(AGENT, "A Established participants")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    resumed = time.monotonic()
    stage.ask(AGENT, "A", "ResumeCallRecording")
    stage.news(AGENT, "A Established recording")

    stage.ask(AGENT, "A", "Hold")
    stage.news(AGENT, "A Held")
    stage.hears({CUSTOMER: ["music"], AGENT: ["silence"]})
    stage.ask(AGENT, "A", "Retrieve")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    for_a_while(stage, 0.5)
    stage.ask(AGENT, "A", "StopCallRecording")
    stage.news(AGENT, "A Established recording")
    stopped = time.monotonic()

    recording = kept(stage)
    content = stage.agents[AGENT].client.get(f"/api/v2{recording['path']}/content").content
    frames = hears(stage, content)
    assert abs(recording["durationMs"] / 1000 - len(frames) * ears.FRAME_S) <= ears.FRAME_S
    assert recording["durationMs"] / 1000 <= (paused - begun) + (stopped - resumed) + ears.FRAME_S
    both = frozenset({CUSTOMER, AGENT})
    assert frames.count(both) * ears.FRAME_S > 2
    assert both in frames[-3:]  # one of a frame's two voices can be late on a busy machine
    for unwanted in (COLLEAGUE, SUPERVISOR, "music"):
        assert sum(unwanted in frame for frame in frames) == 0, (unwanted, frames)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(AGENT, "A Released")


def test_it_ends_with_the_call(stage: LiveStage) -> None:
    stage.enter(AGENT)
    stage.lab.do(CUSTOMER, "dial", to=AGENT)
    stage.news(AGENT, "A Ringing")
    stage.ask(AGENT, "A", "Answer")
    stage.news(AGENT, "A Established")
    stage.hears({CUSTOMER: [AGENT], AGENT: [CUSTOMER]})
    stage.ask(AGENT, "A", "StartCallRecording")
    stage.news(AGENT, "A Established recording")
    for_a_while(stage, 1.0)
    stage.lab.do(CUSTOMER, "hangup")
    stage.news(AGENT, "A Released")
    content = stage.agents[AGENT].client.get(f"/api/v2{kept(stage)['path']}/content").content
    frames = hears(stage, content)  # a recording begins a moment after it was asked for
    assert frames.count(frozenset({CUSTOMER, AGENT})) >= 5, frames
    assert not {"music", "ringback"} & frozenset().union(*frames)
