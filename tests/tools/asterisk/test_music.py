"""The tone is the one that ears look for."""

from __future__ import annotations

import array
import itertools
import wave
from pathlib import Path

from tools.asterisk import music


def test_the_file_holds_whole_waves_of_one_tone(tmp_path: Path) -> None:
    music.write_tone(tmp_path / "new" / "tone.wav", hz=700, seconds=1)

    with wave.open(str(tmp_path / "new" / "tone.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8_000)
        samples = array.array("h", file.readframes(8_000))
    assert len(samples) == 8_000
    rising = sum(before < 0 <= after for before, after in itertools.pairwise(samples))
    assert rising == 699
    assert (samples[0], samples[-1]) == (0, -samples[1])
