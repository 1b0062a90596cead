"""What a recording sounds like, and that its length is the recorded time."""

from __future__ import annotations

import math
import sys
import wave
from array import array
from pathlib import Path

import pytest

from cordboard.calls.recordings import Recorded
from cordboard.switches.virtual import wav


def recorded(seconds: float, *parties: str) -> Recorded:
    return Recorded("A-1", "A", "A", "10", parties, 100.0, seconds)


def read(path: Path) -> array[int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8_000)
        samples = array("h", file.readframes(file.getnframes()))
        assert len(samples) == file.getnframes()
    return samples


def loudness(samples: array[int], hz: int) -> float:
    """Of one tone in one second."""
    at = [math.tau * hz * i / wav.RATE for i in range(wav.RATE)]
    sine = sum(sample * math.sin(x) for sample, x in zip(samples, at, strict=False))
    cosine = sum(sample * math.cos(x) for sample, x in zip(samples, at, strict=False))
    return 2 * math.hypot(sine, cosine) / wav.RATE


@pytest.mark.parametrize(("seconds", "samples"), [(0.0, 0), (0.000125, 1), (1.0, 8_000), (2.5, 20_000)])
def test_it_is_as_long_as_was_recorded(tmp_path: Path, seconds: float, samples: int) -> None:
    path = tmp_path / "A-1.wav"
    wav.write(path, recorded(seconds, "10", "20"))
    assert len(read(path)) == samples
    assert path.stat().st_size == 44 + 2 * samples
    assert list(tmp_path.iterdir()) == [path]


def test_each_party_is_a_tone(tmp_path: Path) -> None:
    wav.write(tmp_path / "A-1.wav", recorded(1.0, "10", "20"))
    samples = read(tmp_path / "A-1.wav")
    heard = [hz for hz in wav.TONES_HZ if loudness(samples, hz) > wav.LOUDNESS / 2]
    assert heard == list(wav.TONES_HZ[:2])


def test_nobody_is_silence_and_a_crowd_is_not_too_loud(tmp_path: Path) -> None:
    wav.write(tmp_path / "nobody.wav", recorded(1.0))
    wav.write(tmp_path / "crowd.wav", recorded(1.0, *map(str, range(20))))
    assert set(read(tmp_path / "nobody.wav")) == {0}
    assert 0 < max(read(tmp_path / "crowd.wav")) < 32_767


def test_the_sound_is_the_same_on_every_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    little = wav._second(1)
    monkeypatch.setattr(sys, "byteorder", "big" if sys.byteorder == "little" else "little")
    swapped = array("h", little)
    swapped.byteswap()
    assert wav._second(1) == swapped.tobytes()


def test_a_file_that_can_not_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "A-1.wav"
    path.mkdir()
    (path / "in the way").touch()
    with pytest.raises(OSError, match="director"):
        wav.write(path, recorded(0.1))
    assert list(tmp_path.iterdir()) == [path]
